"""Position curve: the rate of an outcome at each position, and how often it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.intervals.mover import share_ratio
from explorer.stats.intervals.proportions import wilson_intervals
from explorer.stats.intervals.student import critical_value
from explorer.stats.weighted_sums import weighted_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PositionCurve", "examination", "rate_curve", "rates_of_lists"]


@dataclass(frozen=True, eq=False)
class PositionCurve:
    """Rate of an outcome at each position; all arrays of shape (positions,).

    Parameters
    ----------
    position : ndarray, int64
        Those that occur, ascending.
    n, hits : ndarray, float64
        Rows, and those with the outcome.
    rate, low, high : ndarray, float64
        Share and its interval.
    """

    position: NDArray[np.int64]
    n: NDArray[np.float64]
    hits: NDArray[np.float64]
    rate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def rate_curve(
    outcome: NDArray[Any],
    cell: NDArray[Any],
    cells: int,
    unit: NDArray[Any] | None = None,
    confidence: float = 0.95,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return rows, hits and the ends of the interval of each cell's rate.

    Cells are positions, items, or places of a page.

    Wilson's interval. Where rows repeat units, for as many rows as would have the error that there
    is between units: n over the design effect, which is taken as 1 at least, and with Student's t
    of the units (Korn & Graubard 1998, Survey Methodology 24, 193–201).

    Parameters
    ----------
    outcome : ndarray of shape (n,), bool or 0 and 1
    cell : ndarray of shape (n,), integer
        In [0, cells); negative ones are left out.
    cells : int
    unit : ndarray of shape (n,), integer, optional
    confidence : float
        In (0, 1).

    Returns
    -------
    n, hits, low, high : ndarray of shape (cells,), float64
        (0, 1) as ends where there is no row, and where one unit has them all.
    """
    sums = weighted_sums(outcome, np.ones(cell.size), cell, cells, unit)
    if unit is None:
        return sums.rows, sums.wy, *wilson_intervals(sums.wy, sums.rows, confidence)
    with np.errstate(all="ignore"):
        rate = sums.wy / sums.rows
        spread = (sums.wy_wy_u - 2 * rate * sums.wy_n_u + rate**2 * sums.n_n_u) / sums.rows**2
    low, high = _between(rate, sums.rows, spread, sums.n_n_u, sums.units, confidence)
    return sums.rows, sums.wy, low, high


def rates_of_lists(
    cell: NDArray[Any],
    cells: int,
    lists: int,
    unit: NDArray[Any] | None = None,
    unit_of_list: NDArray[Any] | None = None,
    confidence: float = 0.95,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each cell's share of all lists with a hit there, from the hits alone.

    The intervals are those of `rate_curve`.

    Parameters
    ----------
    cell : ndarray of shape (hits,), integer
        In [0, cells); a list has one hit at most in a cell.
    cells, lists : int
        Lists are all lists, with a hit or without.
    unit : ndarray of shape (hits,), integer, optional
    unit_of_list : ndarray of shape (lists,), integer, optional
        With ``unit``: from the same codes.
    confidence : float
        In (0, 1).

    Returns
    -------
    n, hits, low, high : ndarray of shape (cells,), float64
    """
    n = np.full(cells, float(lists))
    if unit is None or unit_of_list is None:
        hits = np.bincount(cell, minlength=cells).astype(np.float64)
        return n, hits, *wilson_intervals(hits, n, confidence)
    own = np.bincount(unit_of_list).astype(np.float64)
    ones = np.ones(cell.size)
    sums = weighted_sums(ones, ones, cell, cells, unit, own)
    squares, units = np.full(cells, own @ own), np.full(cells, float(np.count_nonzero(own)))
    with np.errstate(all="ignore"):
        rate = sums.wy / n
        spread = (sums.wy_wy_u - 2 * rate * sums.wy_n_u + rate**2 * squares) / n**2
    return n, sums.wy, *_between(rate, n, spread, squares, units, confidence)


def _between(
    rate: NDArray[np.float64],
    n: NDArray[np.float64],
    spread: NDArray[np.float64],
    squares: NDArray[np.float64],
    units: NDArray[np.float64],
    confidence: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Wilson's interval for as many rows as have the spread between units.

    ``squares`` are the summed squares of the rows of units.
    """
    with np.errstate(all="ignore"):
        chance = rate * (1 - rate) / n
        # no hit, or all hits: the rows of a unit may all have gone the same way
        repeated = np.where(
            chance > 0, np.maximum(spread * units / (units - 1) / chance, 1.0), squares / n
        )
        wider = critical_value(confidence, units - 1) / critical_value(confidence)
        effective = n / (repeated * wider**2)
    enough = units > 1
    effective = np.where(enough, effective, 0.0)
    return wilson_intervals(np.where(enough, rate * effective, 0.0), effective, confidence)


def examination(
    curve: PositionCurve, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return how often each position is looked at, over the first, where positions were random.

    CTRₖ / CTR₁ (Joachims, Swaminathan & Schnabel 2017, doi:10.1145/3018661.3018699): with random
    positions the items are alike at each, and what is left is whether somebody looked. Otherwise it
    is no examination.

    Parameters
    ----------
    curve : PositionCurve
        Its first position is the reference.
    confidence : float
        In (0, 1).

    Returns
    -------
    share, low, high : ndarray of shape (positions,), float64
        1 at the reference. NaN where it has no hit. Intervals are of rows that stand alone, as
        `explorer.stats.intervals.mover` has them.
    """
    if not curve.position.size:
        return np.empty(0), np.empty(0), np.empty(0)
    ratio, low, high = share_ratio(curve.hits, curve.n, curve.hits[0], curve.n[0], confidence)
    ends = np.stack([ratio, low, high]) + 1
    ends[:, 0] = np.where(curve.hits[0] > 0, 1.0, np.nan)
    return ends[0], ends[1], ends[2]
