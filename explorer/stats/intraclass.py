"""Intraclass correlation: how alike the rows of a unit are, and rows that follow each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Intraclass",
    "compact_codes",
    "design_effect",
    "dummy_columns",
    "intraclass",
    "serial_correlation",
]

_CONFIDENCE = 0.95
_MOST_CLASSES = 20  # further classes of an outcome are rare, and say little of how alike rows are
_FAR = 20  # a lag of one in so many rows: what is alike over so far is a trend of a sorted table


class Intraclass(NamedTuple):
    """The intraclass correlation of an outcome within units.

    Parameters
    ----------
    value : float
        From 0 (rows of a unit are no more alike than others) to 1 (they are the same); NaN where it
        is not defined.
    low : float
        Lower end of its one-sided 95 % interval.
    p_value : float
        Of no correlation, by the F test.
    units, rows : int
        Units with a row, and rows.
    """

    value: float
    low: float
    p_value: float
    units: int
    rows: int


def intraclass(
    values: NDArray[np.float64], units: NDArray[Any], ordered: bool = False
) -> Intraclass:
    """Estimate the intraclass correlation by a one-way analysis of variance, for units of any size.

    The estimate is Fisher's with the mean size of unequal units (Donner 1986, doi:10.2307/1403259),
    the interval Searle's with that size. Several columns, such as indicators of classes, are taken
    together: their sums of squares are added.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, k), float64
        Without NaN.
    units : ndarray of shape (n,), integer
        Code of the unit of each row, from 0.
    ordered : bool
        The codes are sizes, such as years: what changes smoothly with them is no likeness within a
        unit. The variance between units is then that of means that follow each other (von
        Neumann's, 1941, doi:10.1214/aoms/1177731677).
    """
    from scipy.special import (
        fdtrc,
        fdtri,
    )  # as scipy.stats.f has them, which takes a second to import

    cells = values.reshape(len(values), -1)
    codes, sizes = compact_codes(units)
    sizes = sizes.astype(np.float64)
    n, k = len(cells), len(sizes)
    undefined = Intraclass(math.nan, math.nan, math.nan, k, n)
    if k < 3 or n - k < 2:
        return undefined
    cells = cells - cells.mean(axis=0)
    sums = np.stack([np.bincount(codes, weights=column) for column in cells.T], axis=1)
    between, whole = float((sums**2 / sizes[:, None]).sum()), float((cells**2).sum())
    if not whole > 0:
        return undefined
    within = max(whole - between, 0.0) / (n - k)
    size = (n - float((sizes**2).sum()) / n) / (k - 1)
    degrees = k - 1
    spread = between / degrees
    if ordered:
        means = sums / sizes[:, None]
        weights = 1 / (1 / sizes[1:] + 1 / sizes[:-1])
        spread = float((weights[:, None] * np.diff(means, axis=0) ** 2).sum()) / degrees
        degrees = max(round(2 * degrees / 3), 1)  # differences that share a mean count two thirds
    least = spread / float(fdtri(degrees, n - k, _CONFIDENCE))
    variance = whole / (
        n - 1
    )  # a trend along ordered codes is no likeness, and is variance all the same
    value, low = (
        _share(
            (mean_square - within) / size,
            variance if ordered else within + max((mean_square - within) / size, 0.0),
        )
        for mean_square in (spread, least)
    )
    p = float(fdtrc(degrees, n - k, spread / within)) if within > 0 else float(spread <= 0)
    return Intraclass(value, low, p, k, n)


def compact_codes(codes: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return codes from 0 of those that occur, not sorted, and how often each does."""
    sizes = np.bincount(codes)
    occurs = sizes > 0
    if occurs.all():
        return np.asarray(codes, np.int64), sizes
    return (np.cumsum(occurs) - 1)[codes], sizes[occurs]


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def design_effect(sizes: NDArray[Any], correlation: float) -> float:
    """Return how many rows that belong together say as much as one that stands alone.

    It is 1 + (m − 1) ρ (Kish 1965, *Survey Sampling*), with m the size of the unit of a row that is
    drawn at random, Σ mᵢ² / Σ mᵢ.
    """
    sizes = np.asarray(sizes, np.float64)
    return 1 + (float((sizes**2).sum() / sizes.sum()) - 1) * correlation


def dummy_columns(codes: NDArray[Any]) -> NDArray[np.float64]:
    """Return a column of 0 and 1 for each class but one, at most the 20 most frequent, (n, k)."""
    classes, counts = np.unique(codes, return_counts=True)
    if len(classes) == 2:
        return np.asarray(codes == classes[1], np.float64)[:, None]
    frequent = classes[np.argsort(-counts, kind="stable")[:_MOST_CLASSES]]
    return np.asarray(codes[:, None] == frequent, np.float64)


def serial_correlation(values: NDArray[np.float64]) -> float:
    """Return how much more alike neighbouring rows are than rows a twentieth of the table apart.

    Both are correlations of ranks. A trend, as of a table that is sorted by something else, is in
    both and cancels.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        In the order of the table, without NaN.
    """
    far = len(values) // _FAR
    if far < 2 or np.ptp(values) == 0:
        return 0.0
    ranks = average_ranks(values)
    ranks -= ranks.mean()
    total = float(ranks @ ranks)
    return float(ranks[1:] @ ranks[:-1] - ranks[far:] @ ranks[:-far]) / total
