"""Periods: a timetable by stretches of time, in one pass over the times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _, ngettext
from explorer.drift.analysis.timetable import MOST_CHUNKS, Chunk, RowBlock, assign_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from explorer.drift.analysis.chunks import Chunking

__all__ = ["Periods", "periods_of"]


class Periods:
    """Hours, days, weeks, months, quarters or years; those without rows are chunks too.

    Where a reference was named by rows, a stretch may be two chunks: rows of the reference, and the
    others.

    Parameters
    ----------
    chunking : Chunking
    chunks : tuple of Chunk
    first : int
        Number of the first stretch.
    table : ndarray of shape (2 × stretches,), int32
        Chunk of the stretch's other rows, and of its rows of the reference; −1 for none.
    notes : list of str
    """

    def __init__(
        self,
        chunking: Chunking,
        chunks: tuple[Chunk, ...],
        first: int,
        table: NDArray[np.int32],
        notes: list[str],
    ) -> None:
        self.chunking, self.chunks, self.notes = chunking, chunks, notes
        self._first, self._table = first, table

    def codes(self, block: RowBlock) -> NDArray[np.int32]:
        """Return the chunk of each row, (n,) int32; −1 for rows left out or without a time."""
        codes = np.full(len(block.times), -1, np.int32)
        there = block.kept & np.isfinite(block.times)
        whole = bool(there.all())
        numbers = self.chunking.numbers(block.times if whole else block.times[there])
        reference = block.reference if whole else block.reference[there]
        codes[slice(None) if whole else there] = self._table[
            2 * (numbers - self._first) + reference
        ]
        return codes


def periods_of(blocks: Iterable[RowBlock], chunking: Chunking, named: bool) -> Periods:
    """Count the rows of each stretch of time.

    Parameters
    ----------
    blocks : iterable of RowBlock
        All rows of the table, in order.
    chunking : Chunking
        By period.
    named : bool
        Whether the blocks name the rows of the reference.

    Raises
    ------
    ModelError
        Without times, or with more stretches than can be shown.
    """
    counts: Counter[int] = Counter()
    without = 0
    for block in blocks:
        there = block.kept & np.isfinite(block.times)
        without += int(block.kept.sum() - there.sum())
        keys, sizes = np.unique(
            2 * chunking.numbers(block.times[there]) + block.reference[there], return_counts=True
        )
        counts.update(dict(zip(keys.tolist(), sizes.tolist(), strict=True)))
    if not counts:
        raise ModelError(
            "no row that is read has a time: name another column of times, or other rows"
        )
    first, last = min(counts) // 2, max(counts) // 2
    if last - first >= MOST_CHUNKS:
        raise ModelError(
            f"from {chunking.label(first)} to {chunking.label(last)} there are more than "
            f"{MOST_CHUNKS:,} {chunking.words}s: choose a longer chunk"
        )
    notes = (
        [_("{without:,} rows without a time are left out").format(without=without)]
        if without
        else []
    )
    return _timetable(counts, chunking, named, first, last, notes)


def _timetable(
    counts: Counter[int], chunking: Chunking, named: bool, first: int, last: int, notes: list[str]
) -> Periods:
    table = np.full(2 * (last - first + 1), -1, np.int32)
    chunks: list[Chunk] = []
    for number in range(first, last + 1):
        # of the reference first; an empty stretch is one chunk
        for key in [half for half in (2 * number + 1, 2 * number) if counts[half]] or [2 * number]:
            table[key - 2 * first] = len(chunks)
            chunks.append(_chunk(chunking, number, counts[key], bool(key & 1)))
    empty = sum(not chunk.rows for chunk in chunks)
    if empty:
        notes = [
            *notes,
            ngettext(
                "{empty:,} {words} without rows", "{empty:,} {words}s without rows", empty
            ).format(empty=empty, words=chunking.words),
        ]
    return Periods(chunking, assign_reference(chunks, named, cut=True), first, table, notes)


def _chunk(chunking: Chunking, number: int, rows: int, reference: bool) -> Chunk:
    season = number % chunking.season
    return Chunk(
        chunking.label(number),
        chunking.start(number),
        chunking.start(number + 1),
        rows,
        reference,
        season=season,
    )
