"""Level counts: how often each level of a categorical feature occurs in a block of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.cells import without_sentinels
from explorer.profile.counting.distinct_values import Sketch, hash_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["LEVELS", "LIMIT", "LevelCounts", "count_levels"]

LEVELS = 1000
LIMIT = 2_000_000  # levels kept with their counts
_CANDIDATES = 10_000  # levels kept beyond


@dataclass(frozen=True, eq=False, kw_only=True)
class LevelCounts:
    """What was counted of a block of rows.

    Parameters
    ----------
    rows : int
    missing : int
        Null, NaN or a sentinel.
    distinct : int
        Different levels.
    distinct_exact : bool
        False: an estimate, ±.81 % (one standard error), where merged blocks have more than
        2,000,000 levels.
    levels : tuple of (str, int)
        The largest 1,000 levels with their counts, falling, equal counts by name (by the bytes of
        UTF-8).
    levels_exact : bool
        False: counts are lower bounds, and a level may be left out.
    others : int
        Cells in further levels.
    longest : int
        Characters of the longest level.
    names : pyarrow.LargeStringArray of length k
        Levels kept for merging: all, or the largest 10,000.
    counts : ndarray of shape (k,), int64
    sketch : Sketch or None
        None while all levels are kept.
    """

    rows: int
    missing: int
    distinct: int
    distinct_exact: bool
    levels: tuple[tuple[str, int], ...]
    levels_exact: bool
    others: int
    longest: int
    names: pa.LargeStringArray
    counts: NDArray[np.int64]
    sketch: Sketch | None = None

    def merged(self, other: LevelCounts) -> LevelCounts:
        """Join the counts of two blocks of rows of one column, counted with the same sentinels."""
        names, counts = _summed(
            [self.names, other.names], np.concatenate([self.counts, other.counts])
        )
        sketch = None
        if self.sketch is not None or other.sketch is not None or len(names) > LIMIT:
            sketch = _sketched(self).merged(_sketched(other))
        return _put_together(
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            longest=max(self.longest, other.longest),
            names=names,
            counts=counts,
            sketch=sketch,
            complete=self.sketch is None and other.sketch is None,
        )


def count_levels(column: pa.ChunkedArray, sentinels: Sequence[float | str] = ()) -> LevelCounts:
    """Count the levels of a block of rows.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
        Text, dictionary, numbers, booleans or times; what is not text is named as Arrow writes it.
    sentinels : sequence of float or str
        Levels that mean missing: texts are compared with all of them as they are written, others
        with the numbers.
    """
    values, counts = _counted(column)
    present_values = without_sentinels(values, sentinels) if sentinels else values
    if pa.types.is_floating(present_values.type):
        present_values = pc.if_else(pc.is_nan(present_values), None, present_values)
    present = present_values.is_valid().to_numpy()
    names, counts = _summed(
        present_values.drop_null().cast(pa.large_string()).chunks, counts[present]
    )
    longest = pc.max(pc.utf8_length(names)).as_py() if len(names) else 0
    sketch = Sketch.of(_hashes(names)) if len(names) > LIMIT else None
    missing = len(column) - int(counts.sum())
    return _put_together(
        rows=len(column),
        missing=missing,
        longest=longest,
        names=names,
        counts=counts,
        sketch=sketch,
        complete=True,
    )


def _counted(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
    """Return values and how often each came; a value may be listed more than once."""
    if not pa.types.is_dictionary(column.type):
        value_counts = column.value_counts()
        return pa.chunked_array([value_counts.field("values")], column.type), value_counts.field(
            "counts"
        ).to_numpy()
    values, counts = [pa.array([], column.type.value_type)], [np.empty(0, dtype=np.int64)]
    for dictionary, chunks in _by_dictionary(column):
        occurring = np.zeros(len(dictionary), dtype=np.int64)
        for chunk in chunks:
            codes = chunk.indices.drop_null() if chunk.indices.null_count else chunk.indices
            occurring += np.bincount(codes.to_numpy(), minlength=len(dictionary))
        used = np.flatnonzero(occurring)
        values.append(dictionary.take(pa.array(used)))
        counts.append(occurring[used])
    return pa.chunked_array(values), np.concatenate(counts)


def _by_dictionary(column: pa.ChunkedArray) -> Iterator[tuple[pa.Array, list[pa.DictionaryArray]]]:
    """Group chunks with the same dictionary; unlike Arrow's unification, with nulls in them."""
    group: list[pa.DictionaryArray] = []
    for chunk in column.chunks:
        if group and not chunk.dictionary.equals(group[0].dictionary):
            yield group[0].dictionary, group
            group = []
        group.append(chunk)
    if group:
        yield group[0].dictionary, group


def _summed(
    parts: list[pa.Array], counts: NDArray[np.int64]
) -> tuple[pa.LargeStringArray, NDArray[np.int64]]:
    """Join names that are the same."""
    names = pa.chunked_array(parts, pa.large_string())
    table = (
        pa.table({"name": names, "count": counts}).group_by("name").aggregate([("count", "sum")])
    )
    if len(table) == len(names):
        return names.combine_chunks(), counts
    return table["name"].combine_chunks(), table["count_sum"].to_numpy()


def _hashes(names: pa.LargeStringArray) -> NDArray[np.uint64]:
    if len(names) == 0:
        return np.empty(0, dtype=np.uint64)
    _, offsets, data = names.buffers()
    places = np.frombuffer(offsets, np.int64, len(names) + 1, 8 * names.offset)
    return hash_texts(places, np.frombuffer(data or b"", np.uint8))


def _sketched(counts: LevelCounts) -> Sketch:
    return counts.sketch or Sketch.of(_hashes(counts.names))


def _put_together(
    *,
    rows: int,
    missing: int,
    longest: int,
    names: pa.LargeStringArray,
    counts: NDArray[np.int64],
    sketch: Sketch | None,
    complete: bool,
) -> LevelCounts:
    """Make the result; ``complete`` says that the names are all there are, in spite of a sketch."""
    distinct = len(names) if complete or sketch is None else sketch.estimate
    top = _largest(names, counts, LEVELS)
    levels = tuple(zip(names.take(pa.array(top)).to_pylist(), counts[top].tolist(), strict=True))
    if sketch is not None:
        candidates = np.sort(_largest(names, counts, _CANDIDATES))
        names, counts = names.take(pa.array(candidates)), counts[candidates]
    return LevelCounts(
        rows=rows,
        missing=missing,
        distinct=distinct,
        distinct_exact=complete or sketch is None,
        levels=levels,
        levels_exact=complete or sketch is None,
        others=rows - missing - sum(count for _, count in levels),
        longest=longest,
        names=names,
        counts=counts,
        sketch=sketch,
    )


def _largest(
    names: pa.LargeStringArray, counts: NDArray[np.int64], limit: int
) -> NDArray[np.int64]:
    """Return the positions of the largest counts, falling, equal ones by name."""
    at = np.arange(counts.size)
    if counts.size > limit:
        # of those with the last count that fits, only the first by name are looked for
        least = np.sort(counts)[counts.size - limit]
        above, equal = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
        table = pa.table({"name": names.take(pa.array(equal))})
        first = pc.select_k_unstable(table, limit - above.size, [("name", "ascending")]).to_numpy()
        at = np.concatenate([above, equal[first]])
    by_name = pc.sort_indices(names.take(pa.array(at))).to_numpy().astype(np.int64)
    at = at[by_name]
    falling: NDArray[np.int64] = at[np.argsort(-counts[at], kind="stable")]
    return falling
