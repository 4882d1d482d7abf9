"""Tables that are in memory already: pandas, Polars, and whatever exports an Arrow stream."""

from __future__ import annotations

import numbers
from typing import Any

import pyarrow as pa

from explorer.core.errors import TableError
from explorer.sources.schemas import canonical_schema, conform

__all__ = ["table_of"]

# what stands for a table without holding its rows, and the method that reads them
_LAZY = {
    ("polars", "LazyFrame"): "collect",
    ("pyarrow", "Dataset"): "to_table",
    ("pyarrow", "Scanner"): "to_table",
}


def table_of(source: Any) -> tuple[pa.Table, list[str]]:
    """Bring an object to a `pa.Table` of canonical types, and say what a user should know of that.

    Values are shared where the types allow; the caller's data are never written to. The NaN of
    pandas arrives as null.

    Raises
    ------
    TableError
        When it is no table, or has a column that Arrow cannot hold.
    """
    notes: list[str] = []
    _refuse_lazy(source)
    try:
        if _is_pandas(source):
            table = pa.Table.from_pandas(source, preserve_index=False)
            notes = _index_notes(source)
        elif hasattr(source, "__arrow_c_stream__"):
            table = pa.table(source)
        else:
            raise TableError(
                f"a table cannot be made of a {type(source).__name__}: expected a path, several "
                "paths, a pandas or "
                "Polars DataFrame, or an Arrow table"
            )
    except (pa.ArrowException, TypeError, ValueError, KeyError) as error:
        if isinstance(error, TableError):
            raise
        if _is_pandas(source) and (refused := _refused_column(source, error)):
            raise TableError(refused) from error
        reason = str(error).strip().split("\n", 1)[0]
        raise TableError(
            f"the {type(source).__name__} cannot be read as a table: {reason}"
        ) from error
    return _canonical(table), notes


def _refuse_lazy(source: Any) -> None:
    for kind in type(source).__mro__:
        package = kind.__module__.split(".")[0]
        method = _LAZY.get((package, kind.__name__))
        if method:
            raise TableError(
                f"a {package} {kind.__name__} is not read yet: expected a table, pass its "
                f".{method}() or the files' "
                "paths"
            )


def _is_pandas(source: Any) -> bool:
    kind = type(source)
    return kind.__module__.split(".")[0] == "pandas" and kind.__name__ == "DataFrame"


def _index_notes(frame: Any) -> list[str]:
    names = [str(name) for name in frame.index.names if name is not None]
    if not names:
        return []
    return [f"the index ({', '.join(names)}) is not read as a column: reset_index() makes it one"]


def _refused_column(frame: Any, error: Exception) -> str:
    """Say which column Arrow refused, of which types its cells are, and what to do.

    "" when it does not tell.
    """
    # Arrow adds a second argument to the error, with the name of the column
    message = " ".join(str(part) for part in error.args)
    named = (
        i
        for i, name in enumerate(frame.columns)
        if f"failed for column {name!s} with type" in message
    )
    place = next(named, None)
    if place is None:
        return ""
    column, name = frame.iloc[:, place], frame.columns[place]
    if column.dtype.kind == "c":
        return (
            f"the column {str(name)!r} holds complex numbers, which are not read: pass parts of "
            "them as columns, "
            f"np.real(df[{name!r}]) and np.imag(df[{name!r}])"
        )
    kinds = {type(cell) for cell in column[column.notna()]}
    result = ", ".join(sorted(kind.__name__ for kind in kinds))
    mixed = str in kinds and all(issubclass(kind, (str, numbers.Number)) for kind in kinds)
    column_text = (
        f"mixes text and numbers ({result})"
        if mixed
        else f"holds cells that are not of one type ({result})"
    )
    if len(kinds) == 1:
        column_text = f"holds cells of a type that is not read ({result})"
    as_numbers = f', pd.to_numeric(df[{name!r}], errors="coerce") numbers' if mixed else ""
    return (
        f"the column {str(name)!r} {column_text}: "
        f"df[{name!r}].astype(str) makes it text{as_numbers}"
    )


def _canonical(table: pa.Table) -> pa.Table:
    schema = canonical_schema(table.schema, "the table")
    if schema.equals(table.schema):
        return table.unify_dictionaries().replace_schema_metadata(None)
    batches = [conform(batch, schema) for batch in table.to_batches()]
    return pa.Table.from_batches(batches, schema).unify_dictionaries()
