"""How often what stood at each position, or in each row and column of a page, was played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.stats.ranking.position_curve import rate_curve, rates_of_lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MOST_GRID",
    "PageCell",
    "Position",
    "Recall",
    "page_places",
    "played_positions",
    "position_rows",
    "recall_grid",
]

MOST_GRID = 40
"""Rows and columns of a page up to which recall is given for every one."""


class Position(NamedTuple):
    """One position.

    Parameters
    ----------
    by, segment : str
        "" and "all" for the whole.
    position : int
        From 1 at the top.
    n, hits : int
        Rows there, and those with the outcome; all lists, where the log has only what was played.
    rate, low, high : float
        Share of `n` with the outcome, and its interval at 95 %.
    share : float
        Of all rows with the outcome, those at this position: where the played title was.
    """

    by: str
    segment: str
    position: int
    n: int
    hits: int
    rate: float
    low: float
    high: float
    share: float


class PageCell(NamedTuple):
    """One cell of the page: as `Position`, by row and column from 1."""

    row: int
    column: int
    n: int
    hits: int
    rate: float
    low: float
    high: float
    share: float


class Recall(NamedTuple):
    """Hits in the first rows and columns.

    Parameters
    ----------
    rows, columns : int
        How many, from the top and from the left.
    hits : int
    value : float
        Of all hits: Recall@m-by-n (Alvino & Basilico 2015, Learning a personalized homepage).
    """

    rows: int
    columns: int
    hits: int
    value: float


def position_rows(
    position: NDArray[np.int64],
    hit: NDArray[np.float64],
    unit: NDArray[Any] | None,
    codes: NDArray[Any] | None = None,
    labels: tuple[tuple[str, str], ...] = (("", "all"),),
) -> list[Position]:
    """Count what was played at each position, in the whole or by segment.

    Parameters
    ----------
    position : ndarray of shape (n,), int64
        From 1.
    hit : ndarray of shape (n,), float64
        0 and 1.
    unit : ndarray of shape (n,), integer, optional
    codes : ndarray of shape (n,), integer, optional
        Segment of each row, negative in none.
    labels : tuple of (by, segment)
    """
    place, levels = _numbered(position)
    size = levels.size
    cell = (
        place if codes is None else np.where(codes < 0, -1, codes.astype(np.int64) * size + place)
    )
    n, hits, low, high = rate_curve(hit, cell, size * len(labels), unit)
    table = [counts.reshape(len(labels), size) for counts in (n, hits, low, high)]
    return [
        Position(
            by,
            segment,
            int(levels[at]),
            *_rate([counts[row, at] for counts in table], table[1][row].sum()),
        )
        for row, (by, segment) in enumerate(labels)
        for at in range(size)
        if table[0][row, at]
    ]


def played_positions(
    position: NDArray[np.int64],
    unit: NDArray[Any] | None,
    lists: int,
    unit_of_list: NDArray[Any] | None,
    by: str = "",
    segment: str = "all",
) -> list[Position]:
    """Count how many of all lists have their played title at each position.

    For a log that has what was played and not what was shown.

    Parameters
    ----------
    position : ndarray of shape (hits,), int64
        From 1; once at most in a list.
    unit : ndarray of shape (hits,), integer, optional
    lists : int
        All lists.
    unit_of_list : ndarray of shape (lists,), integer, optional
    by, segment : str
        What these lists are.
    """
    place, levels = _numbered(position)
    n, hits, low, high = rates_of_lists(place, levels.size, lists, unit, unit_of_list)
    return [
        Position(
            by, segment, int(levels[at]), *_rate([n[at], hits[at], low[at], high[at]], hits.sum())
        )
        for at in range(levels.size)
    ]


def page_places(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    hit: NDArray[np.float64],
    unit: NDArray[Any] | None,
) -> list[PageCell]:
    """Count what was played in each row and column; as `position_rows`.

    Cells in which nothing was shown are left out.
    """
    (row_at, rows), (column_at, columns) = _numbered(row), _numbered(column)
    size = rows.size * columns.size
    n, hits, low, high = rate_curve(hit, row_at * columns.size + column_at, size, unit)
    return [
        PageCell(
            int(rows[cell // columns.size]),
            int(columns[cell % columns.size]),
            *_rate([n[cell], hits[cell], low[cell], high[cell]], hits.sum()),
        )
        for cell in np.flatnonzero(n)
    ]


def recall_grid(
    row: NDArray[np.int64], column: NDArray[np.int64], hit: NDArray[np.float64]
) -> list[Recall]:
    """Return which share of all hits lies in the first rows and columns.

    For each of up to 40 × 40; empty without a hit.
    """
    there = hit > 0
    total = int(there.sum())
    if not total:
        return []
    height, width = min(int(row.max()), MOST_GRID), min(int(column.max()), MOST_GRID)
    inside = there & (row <= height) & (column <= width)
    counts = np.zeros((height, width), np.int64)
    np.add.at(counts, (row[inside] - 1, column[inside] - 1), 1)
    within = counts.cumsum(axis=0).cumsum(axis=1)
    return [
        Recall(m + 1, n + 1, int(within[m, n]), int(within[m, n]) / total)
        for m in range(height)
        for n in range(width)
    ]


def _numbered(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each value among those that occur, and these, ascending."""
    if values.size and int(values.max()) < 1 << 20:
        there = np.bincount(values) > 0
        return (np.cumsum(there) - 1)[values], np.flatnonzero(there)
    levels, place = np.unique(values, return_inverse=True)
    return place, levels


def _rate(cell: list[float], total: float) -> tuple[int, int, float, float, float, float]:
    """Return rows, hits, rate, both ends, and the share of all hits."""
    n, hits, low, high = map(float, cell)
    return int(n), int(hits), hits / n, low, high, hits / float(total) if total else float("nan")
