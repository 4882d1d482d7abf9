"""One canonical schema for a table of several files, and batches brought to it."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from explorer.core.errors import TableError

__all__ = [
    "canonical_schema",
    "canonical_type",
    "common_schema",
    "conform",
    "value_type",
    "without_views",
]


def canonical_type(kind: pa.DataType) -> pa.DataType:
    """Return the one type that stands for a family.

    Views become plain, dictionaries have int32 indices.
    """
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), canonical_type(kind.value_type))
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    return kind


def canonical_schema(schema: pa.Schema, label: str) -> pa.Schema:
    """Bring a schema to canonical types, without metadata.

    Parameters
    ----------
    schema : pa.Schema
        As the file or object declares it.
    label : str
        What the table is called in errors.

    Raises
    ------
    TableError
        When there is no column, or two of the same name.
    """
    if not schema.names:
        raise TableError(f"{label} has no columns: expected at least one")
    twice = [name for name, times in Counter(schema.names).items() if times > 1]
    if twice:
        raise TableError(f"{label} has two columns named {twice[0]!r}: rename one of them")
    return pa.schema([pa.field(field.name, canonical_type(field.type)) for field in schema])


def value_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values; for a dictionary type, that of the dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def common_schema(schemas: list[tuple[str, pa.Schema]]) -> pa.Schema:
    """Return the schema that all files can be read as.

    Columns are in the order of the first file; numbers are widened where needed.

    Parameters
    ----------
    schemas : list of (str, pa.Schema)
        Name and canonical schema of every file, in reading order.

    Raises
    ------
    TableError
        When a file lacks a column, has one more, or has one of a type that does not fit; names the
        file and column.
    """
    first_name, merged = schemas[0]
    for name, schema in schemas[1:]:
        if schema.equals(merged):
            continue
        _require_same_names(first_name, merged, name, schema)
        fields = [
            field.with_type(
                _common_type(field, schema.field(field.name).type, f"{first_name!r} and {name!r}")
            )
            for field in merged
        ]
        merged = pa.schema(fields)
    return merged


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Bring a batch to the columns, order and types of a schema; the values stay the same."""
    arrays = [
        _as_type(batch.column(batch.schema.get_field_index(field.name)), field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Bring views of strings and bytes to plain types.

    Rows of a view cannot be taken by position.
    """
    fields = [
        field.with_type(canonical_type(field.type)) if _is_view(value_type(field.type)) else field
        for field in batch.schema
    ]
    schema = pa.schema(fields, metadata=batch.schema.metadata)
    if schema.equals(batch.schema):
        return batch
    arrays = [
        _as_type(array, field.type) for array, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _as_type(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        if not pa.types.is_dictionary(array.type):
            return _as_type(array.dictionary_encode(), kind)
        if array.dictionary.null_count:  # a missing value is to have no code
            return _as_type(array.dictionary.take(array.indices).dictionary_encode(), kind)
        if array.type == kind:
            return array
        values = array.dictionary.cast(kind.value_type)
        return pa.DictionaryArray.from_arrays(array.indices.cast(kind.index_type), values)
    if array.type == kind:
        return array
    if pa.types.is_dictionary(array.type):
        array = array.dictionary.take(array.indices)
    return array.cast(kind)


def _require_same_names(first_name: str, first: pa.Schema, name: str, schema: pa.Schema) -> None:
    for own, other, has, lacks in (
        (first, schema, first_name, name),
        (schema, first, name, first_name),
    ):
        others = frozenset(other.names)
        missing = [n for n in own.names if n not in others]
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise TableError(
                f"the files differ in their columns: {has!r} has {missing[0]!r}{more}, {lacks!r} "
                "has not; "
                "open files of the same columns"
            )


def _common_type(field: pa.Field, other: pa.DataType, files: str) -> pa.DataType:
    if field.type == other:
        return other
    values = [pa.field(field.name, value_type(kind)) for kind in (field.type, other)]
    try:
        merged = (
            pa.unify_schemas([pa.schema([type_]) for type_ in values], promote_options="permissive")
            .field(0)
            .type
        )
    except pa.ArrowException as error:
        raise TableError(
            f"the files differ in the type of the column {field.name!r}: {values[0].type} and "
            f"{values[1].type} "
            f"in {files}; convert one of them"
        ) from error
    encoded = pa.types.is_dictionary(field.type) and merged == value_type(field.type)
    return pa.dictionary(pa.int32(), merged) if encoded else merged
