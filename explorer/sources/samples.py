"""Random rows of a table, and scattered rows read without decoding more than their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.sources.formats import reader_errors
from explorer.sources.schemas import conform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.sources.formats import Part

__all__ = ["gather", "random_rows"]

_BATCH_ROWS = 1 << 17
_CELLS = 20_000_000  # decoded at once at most: 160 MB of float64


def random_rows(num_rows: int, n_rows: int, seed: int) -> NDArray[np.int64]:
    """Draw ``n_rows`` different rows of ``num_rows`` at random, each set of rows equally likely.

    Returns
    -------
    ndarray of shape (min(n_rows, num_rows),), int64, ascending
    """
    if n_rows >= num_rows:
        return np.arange(num_rows, dtype=np.int64)
    drawn = np.random.default_rng(seed).choice(num_rows, size=n_rows, replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64, copy=False)


def gather(parts: Sequence[Part], schema: pa.Schema, rows: NDArray[np.int64]) -> pa.Table:
    """Read scattered rows.

    Only the groups that hold them are decoded, and only some columns at once.

    Parameters
    ----------
    parts : sequence of Part
        The pieces of the table, in order.
    schema : pa.Schema
        The columns to read.
    rows : ndarray of shape (k,), int64, ascending
        Positions in the table.

    Returns
    -------
    pa.Table of k rows
    """
    pieces: dict[str, list[pa.Array]] = {name: [] for name in schema.names}
    start = 0
    for part in parts:
        end = start + sum(part.group_rows)
        lo, hi = np.searchsorted(rows, [start, end])
        for fields in _column_blocks(schema, end - start) if hi > lo else []:
            for batch in _gather_part(part, fields, rows[lo:hi] - start):
                for name, array in zip(fields.names, batch.columns, strict=True):
                    pieces[name].append(array)
        start = end
    columns = [pa.chunked_array(pieces[field.name], type=field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema).unify_dictionaries().combine_chunks()


def _column_blocks(schema: pa.Schema, num_rows: int) -> list[pa.Schema]:
    width = max(1, _CELLS // max(1, min(num_rows, _BATCH_ROWS)))
    fields = list(schema)
    return [pa.schema(fields[i : i + width]) for i in range(0, len(fields), width)]


def _gather_part(part: Part, schema: pa.Schema, rows: NDArray[np.int64]) -> list[pa.RecordBatch]:
    sizes = np.asarray(part.group_rows, dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    group = np.searchsorted(starts + sizes, rows, side="right")
    wanted, which = np.unique(group, return_inverse=True)
    # where the rows lie in the wanted groups put end to end
    skipped = starts[wanted] - (np.cumsum(sizes[wanted]) - sizes[wanted])
    positions = rows - skipped[which]
    taken = []
    offset = 0
    for batch in part.read(schema.names, _BATCH_ROWS, wanted.tolist()):
        lo, hi = np.searchsorted(positions, [offset, offset + batch.num_rows])
        if hi > lo:
            with reader_errors(part.label):
                taken.append(conform(batch.take(pa.array(positions[lo:hi] - offset)), schema))
        offset += batch.num_rows
    return taken
