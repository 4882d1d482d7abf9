"""RowSample: random rows of a table with all their cells, drawn once and kept.

They give first answers about long tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.core.cache import key_of
from explorer.sources.columns import open_columns, write_columns
from explorer.sources.samples import random_rows
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["RowSample", "cached_sample", "read_rows"]

_CELLS = 40_000_000  # 320 MB of float64: 50,000 rows of 800 columns
_MOST_ROWS, _FEWEST_ROWS = 100_000, 4_000
_AT_ONCE = 16  # columns between two reports
_VERSION = 1


@dataclass(frozen=True, eq=False)
class RowSample:
    """Random rows of a table, each set of rows equally likely.

    Parameters
    ----------
    rows : ndarray of shape (k,), int64
        Ascending.
    cells : pa.Table
        All columns of these rows.
    """

    rows: NDArray[np.int64]
    cells: pa.Table


def cached_sample(
    source: ArrowSource, progress: Progress | None = None, seed: int = 0
) -> RowSample:
    """Draw the sample of a table, or open it from the cache.

    The first time costs a pass through the files.

    Parameters
    ----------
    source : ArrowSource
    progress : callable, optional
        ``progress("sample", done, total)`` in columns; returning False cancels.
    seed : int
    """
    wanted = min(max(_CELLS // max(len(source.column_names), 1), _FEWEST_ROWS), _MOST_ROWS)
    rows = random_rows(source.num_rows, wanted, seed)
    if not source.files:
        return RowSample(rows, read_rows(source, rows, source.column_names, progress))
    key = key_of([_VERSION, source.identity(), len(rows), seed])
    folder = source.cache.get("samples", key)
    if folder is None:
        cells = read_rows(source, rows, source.column_names, progress)
        with source.cache.put("samples", key) as draft:
            write_columns(draft / "rows.arrow", cells.schema, cells.to_batches())
        folder = source.cache.get("samples", key)
    return RowSample(rows, cells if folder is None else open_columns(folder / "rows.arrow"))


def read_rows(
    source: ArrowSource,
    rows: NDArray[np.int64],
    names: Sequence[str],
    progress: Progress | None = None,
) -> pa.Table:
    """Read scattered rows, ascending, without keeping anything decoded.

    Reports as `cached_sample` does.
    """
    columns: list[pa.ChunkedArray] = []
    for start in range(0, len(names), _AT_ONCE):
        report(progress, "sample", start, len(names))
        columns += source.lookup(rows, names[start : start + _AT_ONCE]).columns
    report(progress, "sample", len(names), len(names))
    return pa.table(dict(zip(names, columns, strict=True)))
