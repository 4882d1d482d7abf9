"""Rows as files: some rows of a table, written as they are read, as Parquet or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.atomic_write import atomic_path
from explorer.core.csv_text import CsvWriter
from explorer.core.errors import TableError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["FORMS", "read_rows", "row_schema", "write_rows"]

FORMS = (".parquet", ".csv")
ROW = "row"
"""The column that says which row of the table it is.

Left out where the table has a column of this name.
"""

_FEW = 100_000  # rows that are looked up where they lie instead of reading the table through
_BATCH_ROWS = 131_072


def row_schema(
    source: ArrowSource, columns: Sequence[str] | None, numbered: bool = True
) -> pa.Schema:
    """Return the schema of rows with these columns, by default all, after the row's number."""
    names = source.column_names if columns is None else list(dict.fromkeys(columns))
    fields = [source.schema.field(name) for name in names]
    return pa.schema(
        [pa.field(ROW, pa.int64()), *fields] if numbered and ROW not in names else fields
    )


def read_rows(
    source: ArrowSource,
    mask: NDArray[np.bool_],
    columns: Sequence[str] | None = None,
    numbered: bool = True,
) -> Iterator[pa.RecordBatch]:
    """Read the rows of a mask in batches, in table order and constant memory.

    Parameters
    ----------
    source : ArrowSource
    mask : ndarray of shape (num_rows,), bool
    columns : sequence of str, optional
        In the order wanted; default: all.
    numbered : bool
        Whether the row's number comes first, as ``row``.
    """
    schema = row_schema(source, columns, numbered)
    own = [name for name in schema.names if name != ROW or name in source.column_names]
    if (count := int(np.count_nonzero(mask))) <= _FEW and count < mask.size:
        rows = np.flatnonzero(mask)
        result = source.lookup(rows, own) if count else None
        yield from (
            [] if result is None else _numbered(result.combine_chunks().to_batches(), rows, schema)
        )
        return
    start = 0
    for batch in source.batches(own, _BATCH_ROWS):
        chosen = mask[start : start + batch.num_rows]
        rows = np.flatnonzero(chosen) + start
        start += batch.num_rows
        if len(rows):
            yield from _numbered([batch.filter(pa.array(chosen))], rows, schema)


def write_rows(
    source: ArrowSource,
    mask: NDArray[np.bool_],
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    numbered: bool = True,
    safe: bool = True,
) -> None:
    """Write the rows of a mask as the name of the file says, .parquet or .csv; whole or not at all.

    ``safe`` as in `explorer.core.csv_text.CsvWriter`.

    Raises
    ------
    TableError
        Another kind of file, lists in CSV, or a file that cannot be written.
    """
    target = Path(path)
    schema = row_schema(source, columns, numbered)
    _check(schema, target)
    try:
        with atomic_path(target) as draft, _writer(draft, target.suffix, schema, safe) as writer:
            for batch in read_rows(source, mask, columns, numbered):
                writer.write_batch(batch)
    except (OSError, pa.ArrowException) as error:
        raise TableError(
            f"the rows cannot be written to {str(target)!r}: {' '.join(str(error).split())}"
        ) from error


def _check(schema: pa.Schema, target: Path) -> None:
    if target.suffix not in FORMS:
        raise TableError(
            f"rows are written as .parquet or .csv, not {target.suffix or 'without an ending'!r}"
        )
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if target.suffix == ".csv" and nested:
        raise TableError(
            f"{nested[0]!r} holds lists, which CSV has no form for: name the other columns, or "
            "write .parquet"
        )


def _writer(path: Path, suffix: str, schema: pa.Schema, safe: bool) -> Any:
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.ParquetWriter(path, schema, compression="zstd")
    return CsvWriter(path, schema, safe)


def _numbered(
    batches: Sequence[pa.RecordBatch], rows: NDArray[np.int64], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in batches:
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        arrays.setdefault(ROW, pa.array(rows[start : start + batch.num_rows], pa.int64()))
        start += batch.num_rows
        yield pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
