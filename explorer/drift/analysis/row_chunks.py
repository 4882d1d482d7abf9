"""RowChunks: a timetable of so many rows at a time, in the order of their times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.drift.analysis.timetable import MOST_CHUNKS, Chunk, RowBlock, assign_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["RowChunks", "runs_of"]


class RowChunks:
    """So many rows at a time; the rows of a named reference are counted by themselves.

    Parameters
    ----------
    rows : int
        Of a chunk.
    chunks : tuple of Chunk
    bases, sizes : tuple of 2 int
        First chunk, and chunks, of the other rows and of the reference.
    ranks : ndarray of shape (rows of the table,), int64, or None
        Place of each row in time within its group, −1 for rows left out; None where rows lie in the
        order of their times.
    notes : list of str
    """

    def __init__(
        self,
        rows: int,
        chunks: tuple[Chunk, ...],
        bases: tuple[int, int],
        sizes: tuple[int, int],
        ranks: NDArray[np.int64] | None,
        notes: list[str],
    ) -> None:
        self.rows, self.chunks, self.notes = rows, chunks, notes
        self._bases, self._sizes, self._ranks = bases, sizes, ranks
        self._passed = [0, 0]

    def codes(self, block: RowBlock) -> NDArray[np.int32]:
        """Return the chunk of each row, (n,) int32; −1 for rows left out or without a time."""
        codes = np.full(len(block.times), -1, np.int32)
        if block.first == 0:
            self._passed = [0, 0]
        for group, there in enumerate(_groups(block)):
            count = int(there.sum())
            if self._ranks is None:
                ranks = self._passed[group] + np.arange(count)
                self._passed[group] += count
            else:
                ranks = self._ranks[block.first : block.first + len(block.times)][there]
            codes[there] = self._bases[group] + np.minimum(
                ranks // self.rows, self._sizes[group] - 1
            )
        return codes


def _groups(block: RowBlock) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    there = block.kept & np.isfinite(block.times)
    return there & ~block.reference, there & block.reference


def runs_of(blocks: Callable[[], Iterable[RowBlock]], rows: int, named: bool) -> RowChunks:
    """Count the rows, and rank them where they do not lie in the order of their times.

    Parameters
    ----------
    blocks : callable
        Returns an iterator over all rows of the table, in order; may be called twice.
    rows : int
        Of a chunk.
    named : bool
        Whether the blocks name the rows of the reference.
    """
    seen = _OrderOfTimes()
    for block in blocks():
        seen.add(block)
    notes = (
        [_("{without:,} rows without a time are left out").format(without=seen.without)]
        if seen.without
        else []
    )
    sizes = (_size(seen.counts[0], rows), _size(seen.counts[1], rows))
    if sum(sizes) > MOST_CHUNKS:
        raise ModelError(
            f"chunks of {rows:,} rows would be more than {MOST_CHUNKS:,}: choose more rows a chunk"
        )
    if not sum(sizes):
        raise ModelError(
            "no row that is read has a time: name another column of times, or other rows"
        )
    ranks = None
    if not seen.ordered:
        ranks = _ranks(blocks())
        notes.append(
            _(
                "rows are not in the order of their times: they are sorted by time, and "
                "rows of equal time keep their order"
            )
        )
    bases = (sizes[1], 0)  # the reference comes first
    runs = RowChunks(rows, (), bases, sizes, ranks, notes)
    ends, counts, places = _ends(blocks(), runs, sum(sizes))
    chunks = []
    for i in range(sum(sizes)):
        ours = i < sizes[1]
        before = (i if ours else i - sizes[1]) * rows
        what = (
            _label(*places[i], int(counts[i]))
            if seen.ordered
            else _by_time(before, int(counts[i]), ours)
        )
        chunks.append(Chunk(what, *ends[i], int(counts[i]), ours))
    runs.chunks = assign_reference(chunks, named, cut=False)
    for group, what in ((1, (" " + _("of the reference"))), (0, "")):
        left = seen.counts[group] % rows
        if left and sizes[group] and left < rows / 2 and sizes[group] * rows < seen.counts[group]:
            notes.append(
                _("the last {left:,} rows{what} are part of the chunk before them").format(
                    left=left, what=what if named else ""
                )
            )
    return runs


class _OrderOfTimes:
    """Rows of either group, and whether each lies in the order of its times."""

    def __init__(self) -> None:
        self.counts, self.without, self.ordered = [0, 0], 0, True
        self._last = [-np.inf, -np.inf]

    def add(self, block: RowBlock) -> None:
        self.without += int((block.kept & ~np.isfinite(block.times)).sum())
        for group, there in enumerate(_groups(block)):
            times = block.times[there]
            if len(times):
                self.ordered &= bool(
                    times[0] >= self._last[group] and (times[1:] >= times[:-1]).all()
                )
                self._last[group] = times[-1]
                self.counts[group] += len(times)


def _size(count: int, rows: int) -> int:
    """Return how many chunks so many rows make.

    What is left over is one where it has half the rows, and joins the last otherwise.
    """
    whole, left = divmod(count, rows)
    return whole + int(2 * left >= rows or (left > 0 and not whole))


def _ranks(blocks: Iterable[RowBlock]) -> NDArray[np.int64]:
    every = list(blocks)
    times = np.concatenate([block.times for block in every])
    groups = [np.concatenate(parts) for parts in zip(*map(_groups, every), strict=True)]
    ranks = np.full(len(times), -1, np.int64)
    for there in groups:
        rows = np.flatnonzero(there)
        ranks[rows[np.argsort(times[rows], kind="stable")]] = np.arange(len(rows))
    return ranks


def _label(first: int, last: int, rows: int) -> str:
    """Name a chunk by its rows of the table, counted from 1.

    And by how many they are where others lie between them.
    """
    between = _("rows {first:,} to {last:,}").format(first=first + 1, last=last + 1)
    return (
        between
        if last - first + 1 == rows
        else _("{rows:,} of {between}").format(rows=rows, between=between)
    )


def _by_time(before: int, rows: int, reference: bool) -> str:
    """Name a chunk of a table that does not lie in the order of its times."""
    text = (
        _("reference rows {first:,} to {last:,} by time")
        if reference
        else _("rows {first:,} to {last:,} by time")
    )
    return text.format(first=before + 1, last=before + rows)


def _ends(
    blocks: Iterable[RowBlock], runs: RowChunks, size: int
) -> tuple[list[tuple[float, float]], NDArray[np.int64], list[tuple[int, int]]]:
    """Return the first and last time of each chunk, its rows, and its first and last row."""
    low, high, counts = np.full(size, np.inf), np.full(size, -np.inf), np.zeros(size, np.int64)
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    for block in blocks:
        codes = runs.codes(block)
        there = np.flatnonzero(codes >= 0)
        own = codes[there]
        np.minimum.at(low, own, block.times[there])
        np.maximum.at(high, own, block.times[there])
        np.minimum.at(first, own, block.first + there)
        np.maximum.at(last, own, block.first + there)
        counts += np.bincount(own, minlength=size)
    return (
        list(zip(low.tolist(), high.tolist(), strict=True)),
        counts,
        list(zip(first.tolist(), last.tolist(), strict=True)),
    )
