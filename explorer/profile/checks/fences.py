"""Fences: the range outside which a cell is far from the middle, by median or by quartiles."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.profile.counting.distribution import Distribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "FAR",
    "MAD_LIMIT",
    "QUARTILE",
    "TUKEY",
    "CenterAndSpread",
    "Quartiles",
    "cells_outside",
    "center_and_spread",
    "median_and_spread",
    "mostly_repeated",
    "quartiles",
    "without_values",
]

MAD_LIMIT = 3.5  # Iglewicz & Hoaglin 1993
TUKEY, FAR = 1.5, 3.0  # Tukey 1977
QUARTILE = NormalDist().inv_cdf(
    0.75
)  # of a standard normal: .6745, also its median absolute deviation
# A convention: so many cells besides a spike are enough for quartiles of their own.
_ENOUGH = 20
_MEDIAN_DEVIATION = gettext_noop("median absolute deviation")
_MEAN_DEVIATION = gettext_noop("mean absolute deviation")
_UNDEFINED = gettext_noop("undefined")
_FEW_VALUES = 4_096  # sorting them costs nothing


@dataclass(frozen=True)
class CenterAndSpread:
    """Centre and spread of a feature that far cells do not move.

    Parameters
    ----------
    center : float
        The median.
    spread : float
        In units of the standard deviation of a Gaussian; 0 where it is undefined.
    scale : str
        "median absolute deviation", "mean absolute deviation" or "undefined".
    """

    center: float
    spread: float
    scale: str

    @property
    def fence(self) -> tuple[float, float] | None:
        """3.5 spreads either side of the median, ends included; None for an undefined spread."""
        if self.scale == "undefined":
            return None
        return self.center - MAD_LIMIT * self.spread, self.center + MAD_LIMIT * self.spread


@dataclass(frozen=True)
class Quartiles:
    """Quartiles, of all cells or of those besides a spike, and the fences they give.

    Parameters
    ----------
    low, high : float
        First and third quartile.
    spike : float or None
        A value that holds so many cells that the quartiles are of the others; fences are widened to
        hold it.
    """

    low: float
    high: float
    spike: float | None = None

    def fence(self, steps: float, below: float = 1.0, above: float = 1.0) -> tuple[float, float]:
        """Return the quartiles less and more ``steps`` times their distance, the ends inside.

        ``below`` and ``above`` stretch one side, as the adjusted boxplot does.
        """
        length = self.high - self.low
        low, high = self.low - below * steps * length, self.high + above * steps * length
        if self.spike is None:
            return low, high
        return min(low, self.spike), max(high, self.spike)


def cells_outside(distribution: Distribution, fence: tuple[float, float]) -> int:
    """Count the cells strictly outside a range; exact where the distribution is."""
    below = distribution.below(np.array([fence[0]]))
    inside = distribution.below(np.array([fence[1]]), inclusive=True)
    return int(below[0]) + distribution.n - int(inside[0])


def without_values(distribution: Distribution, taken: NDArray[np.bool_]) -> Distribution:
    """Return the distribution without the kept values marked in ``taken``, shape (k,)."""
    removed = np.cumsum(np.where(taken, distribution.equal, 0))
    remaining = ~taken
    return Distribution(
        distribution.values[remaining],
        (distribution.cumulative - removed)[remaining],
        distribution.equal[remaining],
        distribution.exact,
        distribution.rank_error,
    )


def mostly_repeated(distribution: Distribution) -> bool:
    """Tell whether most cells besides the commonest value are repeated, as counts are."""
    equal = distribution.equal
    if equal.size < 2:
        return False
    if distribution.exact:
        spike = int(equal.max())
        return int(equal[equal > 1].sum()) - spike > (distribution.n - spike) / 2
    # the kept values are at even ranks: a sample of the cells
    return int(np.count_nonzero(equal > 1)) - 1 > (equal.size - 1) / 2


def center_and_spread(
    distribution: Distribution, median: CenterAndSpread | None = None
) -> CenterAndSpread:
    """Return median and robust spread.

    Iglewicz & Hoaglin 1993, *How to Detect and Handle Outliers*.

    The spread is the median absolute deviation from the median, over .6745; where most cells have
    one value and it is 0, the mean absolute deviation times √(π/2). That of one or two values is
    undefined.

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    median : CenterAndSpread, optional
        What `median_and_spread` found, where it is known.
    """
    median = median or median_and_spread(distribution)
    if median.fence:
        return median
    # of two values the rarer one is an event, not far from anything
    return _middle_by_mean(distribution, median.center) if distribution.values.size > 2 else median


def median_and_spread(distribution: Distribution, *, spread_ties: bool = False) -> CenterAndSpread:
    """Return median and median absolute deviation, over .6745; undefined where that is 0.

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    spread_ties : bool
        Of rounded values, take one of them for the median and spread ties among deviations as in
        the mid-distribution (Ma, Genton & Parzen 2011, doi:10.1007/s10463-009-0257-5): a Gaussian
        of sd 2.2 in whole numbers otherwise has a spread of 1.5, for what asks how far away a value
        lies and not which rows the rule flags.
    """
    ties = spread_ties and mostly_repeated(distribution)
    center = float(distribution.quantile(0.5))
    if ties:
        center = float(
            distribution.values[
                np.abs(distribution.values - distribution.mid_quantile(0.5)).argmin()
            ]
        )
    cells = np.diff(distribution.cumulative, prepend=0)
    before, places = _near_the_median(distribution, center)
    with np.errstate(over="ignore"):
        deviations = np.abs(distribution.values[places] - center)
    order = np.argsort(deviations)
    upto = before + np.cumsum(cells[places][order])
    if ties:
        median = _median_of_ties(deviations[order], upto, before, distribution.n)
    else:
        first, second = deviations[order][
            np.searchsorted(upto, [(distribution.n - 1) // 2, distribution.n // 2], side="right")
        ]
        median = float(first / 2 + second / 2)
    if not 0 < median < np.inf:
        return CenterAndSpread(center, 0.0, _UNDEFINED)
    return CenterAndSpread(center, median / QUARTILE, _MEDIAN_DEVIATION)


def _near_the_median(distribution: Distribution, center: float) -> tuple[int, NDArray[np.int64]]:
    """Return places around the median deviation, and how many cells deviate less than these."""
    values = distribution.values
    if values.size <= _FEW_VALUES:
        return 0, np.arange(values.size)
    reach = float(np.abs(distribution.quantile(np.array([0.25, 0.75])) - center).max())
    steps = np.linspace(0, reach, 65)
    inside = distribution.below(center + steps, inclusive=True) - distribution.below(center - steps)
    at = int(np.searchsorted(inside, distribution.n / 2))
    # one step of margin on each side, for rounding and for cells between kept values
    near, far = steps[max(at - 2, 0)], steps[min(at + 1, 64)]
    left, inner_left, inner_right, right = np.searchsorted(
        values, [center - far, center - near, center + near, center + far]
    )
    last, first = int(inner_right), min(int(inner_left), int(inner_right))
    before = int(distribution.cumulative[last - 1]) if last else 0
    before -= int(distribution.cumulative[first - 1]) if first else 0
    places = np.concatenate(
        [np.arange(max(left - 1, 0), first), np.arange(last, min(right + 2, values.size))]
    )
    return before, places


def _median_of_ties(
    ordered: NDArray[np.float64], upto: NDArray[np.int64], before: int, n: int
) -> float:
    """Return the mid-quantile at ½ of deviations on both sides, equal ones joined."""
    # decimals such as .1 are not exact: neither are the ties of their deviations
    least = 1e-9 * float(ordered[min(int(np.searchsorted(upto, 0.75 * n)), ordered.size - 1)])
    last = np.append(np.flatnonzero(np.diff(ordered) > least), ordered.size - 1)
    cells = np.diff(upto[last], prepend=before)
    return float(np.interp(0.5, (upto[last] - cells / 2) / n, ordered[last]))


def _middle_by_mean(distribution: Distribution, center: float) -> CenterAndSpread:
    cells = np.diff(distribution.cumulative, prepend=0)
    with np.errstate(over="ignore"):
        mean = float((np.abs(distribution.values - center) * (cells / distribution.n)).sum())
    if not 0 < mean < np.inf:
        return CenterAndSpread(center, 0.0, _UNDEFINED)
    return CenterAndSpread(center, mean * sqrt(pi / 2), _MEAN_DEVIATION)


def quartiles(distribution: Distribution) -> Quartiles | None:
    """Return the quartiles for Tukey's fences, as ``numpy.quantile``.

    Where they coincide, the commonest value is a spike: quartiles are then of the other cells (own
    convention, from 20 cells on). None where these coincide too.

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    """
    of_all = Quartiles(*_two(distribution))
    at = int(distribution.equal.argmax())
    if of_all.high > of_all.low:
        return of_all
    others = without_values(distribution, np.arange(distribution.values.size) == at)
    if others.n < _ENOUGH:
        return None
    low, high = _two(others)
    return Quartiles(low, high, float(distribution.values[at])) if high > low else None


def _two(distribution: Distribution) -> tuple[float, float]:
    low, high = distribution.quantile(np.array([0.25, 0.75])).tolist()
    return float(low), float(high)
