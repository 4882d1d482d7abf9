"""Columns read once, in the order of the table, while the blocks before are being counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.drift.analysis.timetable import RowBlock
from explorer.features.cells import without_sentinels
from explorer.features.kind import is_text
from explorer.table.blocks import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.drift.analysis.tallies import LevelTally, NumberTally
    from explorer.features.kind import Feature
    from explorer.table.table import Table

__all__ = ["LevelReader", "NumberReader", "Stream", "drawn_rows"]

_BATCH_ROWS = 131_072


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows of a table with their times.

    Parameters
    ----------
    table : Table
    time : str
        Column of times, or of numbers that rise.
    kept, reference : ndarray of shape (num_rows,), bool, or None
        Rows that are read, None for all; rows of a reference that was named, None where none was.
    """

    table: Table
    time: str
    kept: NDArray[np.bool_] | None = None
    reference: NDArray[np.bool_] | None = None

    def times(self) -> Iterator[RowBlock]:
        """Go through the times alone."""
        for block, _ in self.blocks(()):
            yield block

    def blocks(self, columns: Sequence[str]) -> Iterator[tuple[RowBlock, pa.RecordBatch]]:
        """Go through the times and other columns; the next block is read while one is worked on.

        Parameters
        ----------
        columns : sequence of str
            The batch holds these, and the times.
        """
        wanted = [self.time, *(name for name in columns if name != self.time)]
        feature, first = self.table.features[self.time], 0
        for batch in _ahead(iter(self.table.source.batches(wanted, _BATCH_ROWS))):
            rows = slice(first, first + batch.num_rows)
            times = numbers_in(feature, pa.chunked_array([batch.column(0)]))
            yield (
                RowBlock(
                    first,
                    times,
                    self._part(self.kept, rows, True),
                    self._part(self.reference, rows, False),
                ),
                batch,
            )
            first += batch.num_rows

    @staticmethod
    def _part(mask: NDArray[np.bool_] | None, rows: slice, whole: bool) -> NDArray[np.bool_]:
        return np.full(rows.stop - rows.start, whole) if mask is None else mask[rows]


def _ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


class NumberReader:
    """Reads cells of a number, and counts them."""

    def __init__(self, feature: Feature, tally: NumberTally) -> None:
        self.feature, self.tally = feature, tally

    def read(self, cells: pa.Array, chunk: NDArray[np.int32]) -> None:
        """Count cells (n,) in their chunks (n,)."""
        self.tally.add(numbers_in(self.feature, pa.chunked_array([cells])), chunk)


class LevelReader:
    """Reads cells of anything else as levels, and counts them.

    What is no text is written as Arrow writes it.
    """

    def __init__(self, feature: Feature, tally: LevelTally) -> None:
        self.feature, self.tally = feature, tally
        self._dictionary: pa.Array | None = None
        self._labels: list[str | None] = []

    def read(self, cells: pa.Array, chunk: NDArray[np.int32]) -> None:
        """Count cells (n,) in their chunks (n,)."""
        encoded = _encoded(self.feature, cells)
        if self._dictionary is None or not encoded.dictionary.equals(self._dictionary):
            self._dictionary, self._labels = encoded.dictionary, encoded.dictionary.to_pylist()
        self.tally.add(self._labels, _codes(encoded), chunk)

    @staticmethod
    def labels_of(feature: Feature, cells: pa.Array) -> tuple[list[str | None], NDArray[np.int64]]:
        """Return labels, and the place of each cell's among them, −1 where it is missing."""
        encoded = _encoded(feature, cells)
        return encoded.dictionary.to_pylist(), _codes(encoded)


def _codes(encoded: Any) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(
        zero_copy_only=False
    )
    return codes


def _encoded(feature: Feature, cells: pa.Array) -> Any:
    if feature.sentinels:
        cleaned = without_sentinels(pa.chunked_array([cells]), feature.sentinels).combine_chunks()
        cells = cleaned.chunk(0) if isinstance(cleaned, pa.ChunkedArray) else cleaned
    if pa.types.is_dictionary(cells.type):
        if is_text(cells.type):
            return cells
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), None, cells)
    return cells.cast(pa.large_string()).dictionary_encode()


def drawn_rows(
    codes: Iterator[tuple[int, NDArray[np.int32]]],
    wanted: NDArray[np.int64],
    rows: NDArray[np.int64],
    seed: int,
) -> list[NDArray[np.int64]]:
    """Draw random rows of each group in one pass, without keeping the groups.

    Parameters
    ----------
    codes : iterator of (int, ndarray of shape (n,), int32)
        First row and groups of each block; −1 for none.
    wanted, rows : ndarray of shape (groups,), int64
        How many rows are wanted of each group, and how many it has.
    seed : int

    Returns
    -------
    list of ndarray, int64, ascending
        Rows of the table for each group: as many as wanted, or all.
    """
    random = np.random.default_rng(seed)
    # a little more than wanted passes, so that too few do not: a mean of twice as many and ten more
    share = np.minimum((2 * wanted + 10) / np.maximum(rows, 1), 1.0)
    drawn: list[list[NDArray[np.int64]]] = [[] for _ in wanted]
    for first, some in codes:
        passing = np.flatnonzero((random.random(len(some)) < share[some]) & (some >= 0))
        for group in np.unique(some[passing]):
            drawn[group].append(first + passing[some[passing] == group])
    every = [np.concatenate(parts) if parts else np.empty(0, np.int64) for parts in drawn]
    return [
        np.sort(random.choice(rows, int(k), replace=False)) if len(rows) > k else rows
        for rows, k in zip(every, wanted, strict=True)
    ]
