"""Derived columns: an expression over the columns of a table, as one more column of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.core.cache import key_of
from explorer.core.errors import ExpressionError
from explorer.expressions.expression import parse_expression
from explorer.expressions.sentinels import without_sentinels
from explorer.features.catalogue.catalogue import Catalogue
from explorer.sources.widened import WidenedSource, cached_column, check_new_name
from explorer.table.table_columns import TableColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from explorer.expressions.expression import Expression
    from explorer.sources.source import ArrowSource
    from explorer.sources.widened import AddedColumn

__all__ = ["derive_column"]


def derive_column(columns: TableColumns, name: str, text: str) -> TableColumns:
    """Return the columns of a table and one more, computed by an expression; see `Table.derive`."""
    check_new_name(columns.source, name)
    expression = parse_expression(text)
    features = {column: columns.features[column] for column in expression.columns}
    _refuse(expression, columns.source.mutable_columns)
    sentinels = {
        column: feature.sentinels for column, feature in features.items() if feature.sentinels
    }
    source = columns.lasting_source
    added = _column(source, name, expression, sentinels)
    description = Catalogue(
        features={name: {"description": f"Derived: {text.strip()}", "source": "derived"}}
    )
    return TableColumns(
        WidenedSource(source, [added]), columns.catalogue.merged(description), columns.cache
    )


def _refuse(expression: Expression, passing: frozenset[str]) -> None:
    if not expression.columns:
        raise ExpressionError(
            f"{expression.text!r} names no column, so that all rows would have the same: expected, "
            "say, log1p(gross)"
        )
    changing = [column for column in expression.columns if column in passing]
    if changing:
        raise ExpressionError(
            f"{expression.text!r} uses the row label {changing[0]!r}, which may change at any "
            "time: export the labels "
            "and join them first"
        )


def _column(
    source: ArrowSource,
    name: str,
    expression: Expression,
    sentinels: Mapping[str, tuple[float | str, ...]],
) -> AddedColumn:
    field = pa.field(name, _type(source, expression))
    used = {column: [str(value) for value in values] for column, values in sentinels.items()}
    key = key_of(["derived", 1, expression.text.strip(), used])
    batches = _batches(source, field, expression, sentinels)
    return cached_column(source.cache, source.identity(), field, key, batches, expression.columns)


def _type(source: ArrowSource, expression: Expression) -> pa.DataType:
    """Return the type of the values.

    What cannot be computed is refused here, before a row is read.
    """
    fields = [source.schema.field(column) for column in expression.columns]
    none = pa.RecordBatch.from_arrays(
        [pa.nulls(0, field.type) for field in fields], schema=pa.schema(fields)
    )
    kind = expression.values(none).type
    if pa.types.is_null(kind):
        raise ExpressionError(
            f"{expression.text!r} is missing in every row: expected a number, text or condition"
        )
    # names of ranges and cases are few and repeat
    return pa.dictionary(pa.int32(), kind) if pa.types.is_large_string(kind) else kind


def _batches(
    source: ArrowSource,
    field: pa.Field,
    expression: Expression,
    sentinels: Mapping[str, tuple[float | str, ...]],
) -> Iterator[pa.RecordBatch]:
    encoded = pa.types.is_dictionary(field.type)
    for batch in source.batches(expression.columns):
        values = expression.values(without_sentinels(batch, sentinels))
        cells = values.dictionary_encode() if encoded else values
        yield pa.RecordBatch.from_arrays([cells.cast(field.type)], schema=pa.schema([field]))
