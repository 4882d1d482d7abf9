"""Isolated values: few cells far out, beyond a gap that the tail does not explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.json_values import fields_document
from explorer.profile.checks.fences import (
    QUARTILE,
    median_and_spread,
    mostly_repeated,
    without_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.profile.checks.fences import CenterAndSpread
    from explorer.profile.counting.distribution import Distribution

__all__ = [
    "FEWEST",
    "IsolatedGroup",
    "isolated_groups",
    "isolated_range",
    "most_isolated",
    "range_inside",
]

# Conventions. A feature of fewer cells has no tail to compare with.
FEWEST = 20
_SHARE = 0.001  # more cells than this, and more than three, are a mode of their own
_ALARM = 0.01  # clean samples in which a side shows an isolated value all the same
_KEPT = 1_000  # values looked at on each side
_TAIL = 200  # cells inside a gap that say how the tail falls, or fewer of short features
_WIDEST = 1e300  # JSON holds no infinity
_FEWEST_TAIL, _FEWEST_VALUES = 5, 4


@dataclass(frozen=True, kw_only=True)
class IsolatedGroup:
    """A group of isolated values.

    Parameters
    ----------
    low, high : float
        Smallest and largest of them, both included; in the feature's units.
    count : int
        Cells.
    gap : float
        Empty space between the group and its neighbours towards the middle, in robust standard
        deviations.
    side : str
        "low" or "high".
    """

    low: float
    high: float
    count: int
    gap: float
    side: str

    def counted(self, values: Sequence[tuple[float, int]]) -> int:
        """Count the cells of the group that are at one of some values, given as (value, cells)."""
        return sum(cells for value, cells in values if self.low <= value <= self.high)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> IsolatedGroup:
        """Build it from `document`."""
        return cls(**document)


@dataclass(frozen=True, eq=False)
class _Tail:
    """One side from the outside in; cells count those between a kept value and the next inwards."""

    values: NDArray[np.float64]
    distances: NDArray[np.float64]
    cells: NDArray[np.int64]
    between: NDArray[np.int64]


def most_isolated(n: int) -> int:
    """Return how many of n cells may be isolated: .1 %, or up to three within a twentieth."""
    return max(int(n * _SHARE), min(3, n // FEWEST))


def isolated_groups(
    distribution: Distribution, by_median: CenterAndSpread | None = None
) -> tuple[IsolatedGroup, ...]:
    """Return the groups of isolated values, from the outermost low to the outermost high one.

    Where a tail falls as a power or faster, i·log(x_i / x_(i+1)) of its i-th outermost distances
    from the median are about exponential variables whose mean does not rise outwards (spacings:
    Rényi 1953; their mean: Hill 1975, doi:10.1214/aos/1176343247). So the gap outside which c cells
    lie is compared with the mean over the next 200 cells inwards. It isolates them where it is so
    large that one clean sample in 100 shows such a gap on this side, spent as 6/(π c)² over c;
    where it is also at least one robust standard deviation wide; and where c is at most .1 % of the
    cells, or three. All these are conventions. A lognormal's or Cauchy's largest values are not
    isolated for being far. Rounded values stand for half a step to either side.

    Gaps are only seen between values kept next to each other: of a thinned distribution, in the
    outermost part that is kept whole.

    Parameters
    ----------
    distribution : Distribution
    by_median : CenterAndSpread, optional
        What `median_and_spread` found, where it is known.
    """
    if distribution.n < FEWEST or distribution.values.size < 3:
        return ()
    by_median = by_median or median_and_spread(distribution)
    spread = by_median.spread or _spread_off_spike(distribution)
    # of whole numbers and rounded values; two values alone have no step
    step = float(np.diff(distribution.values).min()) if mostly_repeated(distribution) else 0.0
    if not 0 < spread < np.inf:
        return ()
    low = _groups(distribution, by_median.center, spread, step, -1)
    return (*low, *reversed(_groups(distribution, by_median.center, spread, step, 1)))


def _spread_off_spike(distribution: Distribution) -> float:
    """Spread of the cells besides the most frequent value, by the median of deviations."""
    spike = np.arange(distribution.values.size) == distribution.equal.argmax()
    return median_and_spread(without_values(distribution, spike)).spread


def isolated_range(distribution: Distribution) -> tuple[float, float] | None:
    """Return the smallest and largest value that are not isolated; None where none is."""
    return range_inside(distribution, isolated_groups(distribution))


def range_inside(
    distribution: Distribution, groups: tuple[IsolatedGroup, ...]
) -> tuple[float, float] | None:
    """Return smallest and largest value between the groups of each side; None without groups."""
    if not groups:
        return None
    inner_low = max((group.high for group in groups if group.side == "low"), default=-np.inf)
    inner_high = min((group.low for group in groups if group.side == "high"), default=np.inf)
    inside = distribution.values[
        (distribution.values > inner_low) & (distribution.values < inner_high)
    ]
    return float(inside[0]), float(inside[-1])


def _groups(
    distribution: Distribution, center: float, spread: float, step: float, sign: int
) -> list[IsolatedGroup]:
    """Return the groups of one side, the outermost first."""
    tail = _tail(distribution, center, max(step / 2, QUARTILE * spread), sign)
    if tail.values.size < _FEWEST_VALUES:
        return []
    outer = np.cumsum(tail.cells) - tail.between
    gap = tail.distances[:-1] - tail.distances[1:] - step
    few = outer[:-1] <= most_isolated(distribution.n)
    wide = np.flatnonzero((gap >= spread) & (tail.between[:-1] == 0) & few)
    groups, start = [], 0
    for j in (
        int(j) for j in wide if _unexplained(tail, int(j), int(outer[j]), step, distribution.n)
    ):
        low, high = sorted((float(tail.values[start]), float(tail.values[j])))
        count = int(outer[j]) - (int(outer[start - 1]) if start else 0)
        side, width = "high" if sign > 0 else "low", min(float(gap[j]) / spread, _WIDEST)
        groups.append(IsolatedGroup(low=low, high=high, count=count, gap=width, side=side))
        start = j + 1
    return groups


def _tail(distribution: Distribution, center: float, nearest: float, sign: int) -> _Tail:
    values = distribution.values
    between = distribution.cumulative[1:] - distribution.equal[1:] - distribution.cumulative[:-1]
    # cells not kept count as if they were at the next kept value outwards: the tail then looks
    # longer, not shorter
    if sign > 0:
        outermost = slice(-1, max(values.size - _KEPT, 1) - 1, -1)
        hidden = between[::-1][: values[outermost].size]
    else:
        outermost = slice(0, min(values.size - 1, _KEPT))
        hidden = between[: values[outermost].size]
    with np.errstate(over="ignore"):
        distances = sign * (values[outermost] - center)
    inside = int(np.searchsorted(-distances, -nearest))
    return _Tail(
        values[outermost][:inside],
        distances[:inside],
        (distribution.equal[outermost] + hidden)[:inside],
        hidden[:inside],
    )


def _unexplained(tail: _Tail, j: int, outer: int, step: float, n: int) -> bool:
    """Tell whether the gap inside the j-th value from the outside exceeds that of the tail."""
    upto = np.cumsum(tail.cells[j + 1 :])
    wanted = min(max(n // 10, 2 * _FEWEST_TAIL), _TAIL)
    # the first value that is not counted, only measured from
    end = j + 1 + max(int(np.searchsorted(upto, wanted)) + 1, _FEWEST_VALUES)
    end = min(end, tail.distances.size - 1)
    inside = int(upto[end - j - 2]) if end > j + 1 else 0
    if inside < _FEWEST_TAIL:
        return False
    logs = np.log(tail.distances[j + 1 : end + 1])
    excess = logs[:-1] - logs[-1]
    mean = (outer * excess[0] + float((excess * tail.cells[j + 1 : end]).sum())) / inside
    log_gap = np.log(tail.distances[j] - step / 2) - np.log(tail.distances[j + 1] + step / 2)
    ratio = outer * float(log_gap) / mean
    # an exponential variable over the mean of `inside` others of its kind exceeds t in a share (1 +
    # t/k)^−k
    share = -inside * np.log1p(ratio / inside)
    return bool(share <= np.log(_ALARM * 6 / (np.pi * outer) ** 2))
