"""Distribution: the finite values of a feature, sorted, with how many cells are at or below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.profile.counting.sorted_cells import SortedCells

__all__ = ["OUTER", "POINTS", "Distribution"]

# Kept values of a long column: the rank of a cell between two of them is known to 1/65,536 of the
# cells.
POINTS = 65_536
# Values kept at each end whatever their rank: what lies far out is seen one by one.
OUTER = 500


@dataclass(frozen=True, eq=False)
class Distribution:
    """Sorted values with their ranks.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
        Strictly ascending, finite.
    cumulative : ndarray of shape (k,), int64
        How many cells are at or below each value; the last is the number of finite cells.
    equal : ndarray of shape (k,), int64
        How many cells have exactly this value, from 1.
    exact : bool
        True: every different value is there. False: they are order statistics, and cells between
        two kept values are only known to lie between them.
    rank_error : float
        Share of the cells by which ``cumulative`` may be off; 0 where the kept ranks are exact.
    ordered : SortedCells or None
        All cells, while they are in memory: `below` and `quantile` are then exact whatever is kept.
    """

    values: NDArray[np.float64]
    cumulative: NDArray[np.int64]
    equal: NDArray[np.int64]
    exact: bool = True
    rank_error: float = 0.0
    ordered: SortedCells | None = None

    @classmethod
    def of(
        cls, cells: NDArray[np.floating], weights: NDArray[np.int64] | None = None
    ) -> Distribution:
        """Count finite cells, each once or ``weights`` times, in any order; for short arrays."""
        numbers = np.asarray(cells, dtype=np.float64)
        if weights is None:
            values, equal = np.unique(numbers, return_counts=True)
        else:
            values, place = np.unique(numbers, return_inverse=True)
            equal = np.bincount(place, weights=weights, minlength=values.size).astype(np.int64)
        return cls(values, np.cumsum(equal), equal)

    @property
    def n(self) -> int:
        """How many cells there are."""
        return int(self.cumulative[-1]) if self.values.size else 0

    @property
    def quantile_error(self) -> float:
        """How far the rank of a quantile may be off, 0 to 1: ``rank_error`` and the largest gap."""
        return 0.0 if self.ordered is not None else self._slack() / max(self.n, 1)

    @cached_property
    def mid(self) -> NDArray[np.float64]:
        """Mid-distribution function at each value, (k,): share below plus half the share at it."""
        return (self.cumulative - self.equal / 2) / max(self.n, 1)

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """First and last rank (from 0) of each value, and the values, for interpolation."""
        ranks = np.stack([self.cumulative - self.equal, self.cumulative - 1], axis=1).ravel()
        return ranks.astype(np.float64), np.repeat(self.values, 2)

    def quantile(self, share: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return quantiles, linear between order statistics as ``numpy.quantile``.

        Between two kept values of a distribution that is not exact, ranks are spread evenly.

        Parameters
        ----------
        share : float or ndarray of shape (q,)
            From 0 to 1.

        Returns
        -------
        ndarray of the shape of ``share``, float64; NaN without cells
        """
        shares = np.asarray(share, dtype=np.float64)
        if self.n == 0:
            return np.full(shares.shape, np.nan)
        if self.ordered is not None:
            place = shares * (self.n - 1)
            low = np.floor(place).astype(np.int64)
            lower, upper = self.ordered.at(low), self.ordered.at(np.minimum(low + 1, self.n - 1))
            return np.asarray(
                np.where(lower == upper, lower, lower + (upper - lower) * (place - low))
            )
        ranks, values = self._knots
        return np.asarray(np.interp(shares * (self.n - 1), ranks, values))

    def mid_quantile(self, share: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the inverse of the mid-distribution function, linear between values.

        Ma, Genton & Parzen 2011, doi:10.1007/s10463-009-0257-5. Unlike order statistics it does not
        jump where values are rounded.

        Parameters
        ----------
        share : float or ndarray of shape (q,)
            From 0 to 1.
        """
        shares = np.asarray(share, dtype=np.float64)
        if self.n == 0:
            return np.full(shares.shape, np.nan)
        return np.asarray(np.interp(shares, self.mid, self.values))

    def below(self, edges: NDArray[np.float64], *, inclusive: bool = False) -> NDArray[np.int64]:
        """Count the cells below each edge, or at and below it.

        Where the distribution is not exact, cells between two kept values are spread evenly.

        Parameters
        ----------
        edges : ndarray of shape (e,), float64

        Returns
        -------
        ndarray of shape (e,), int64
        """
        edges = np.asarray(edges, dtype=np.float64)
        if self.ordered is not None:
            return self.ordered.below(edges, inclusive=inclusive)
        place = np.searchsorted(self.values, edges, side="right" if inclusive else "left")
        counted = np.concatenate([[0], self.cumulative])[place]
        if self.exact or self.values.size < 2:
            return counted
        inside = (place > 0) & (place < self.values.size)
        low = np.clip(place - 1, 0, self.values.size - 2)
        gap = self.cumulative[low + 1] - self.equal[low + 1] - self.cumulative[low]
        share = (edges - self.values[low]) / (self.values[low + 1] - self.values[low])
        extra = np.floor(np.clip(share, 0, 1) * gap).astype(np.int64)
        return np.where(inside, counted + extra, counted)

    def between(self, low: float, high: float) -> Distribution:
        """Return the distribution of the cells in [low, high], both ends closed."""
        first = int(np.searchsorted(self.values, low, side="left"))
        last = int(np.searchsorted(self.values, high, side="right"))
        before = int(self.cumulative[first] - self.equal[first]) if first < last else 0
        inside = slice(first, last)
        return Distribution(
            self.values[inside],
            self.cumulative[inside] - before,
            self.equal[inside],
            self.exact,
            self.rank_error,
        )

    def transformed(
        self, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> Distribution:
        """Return the distribution of an increasing function of the cells; ties are joined."""
        values = np.asarray(function(self.values), dtype=np.float64)
        if values.size and not np.isfinite(values).all():
            raise ValueError("a transform must be finite on every value")
        last = (
            np.append(np.flatnonzero(np.diff(values) > 0), values.size - 1)
            if values.size
            else np.empty(0, int)
        )
        first = np.concatenate([[0], last[:-1] + 1])
        equal = np.add.reduceat(self.equal, first) if values.size else self.equal
        return Distribution(values[last], self.cumulative[last], equal, self.exact, self.rank_error)

    def thinned(self, points: int) -> Distribution:
        """Return about ``points`` values at evenly spaced ranks, and the 500 outermost of each end.

        Kept ranks stay what they are. A value that holds at least 1/``points`` of the cells has
        such a rank, so that spikes and rounded values are not smeared.
        """
        if self.values.size <= points:
            return self
        wanted = (np.arange(1, points + 1) * self.n) // points
        at = np.searchsorted(self.cumulative, wanted, side="left")
        keep = np.zeros(self.values.size, dtype=np.bool_)
        keep[:OUTER] = keep[-OUTER:] = True
        keep[at] = True
        return Distribution(
            self.values[keep],
            self.cumulative[keep],
            self.equal[keep],
            False,
            self.rank_error,
            self.ordered,
        )

    def merged(self, other: Distribution, points: int = POINTS) -> Distribution:
        """Join two distributions of different cells, thinned to ``points`` values.

        Where one of them is not exact, its cells between two kept values are spread evenly; as they
        may all lie at one end, its largest gap is added to ``rank_error``.
        """
        if self.n == 0 or other.n == 0:
            return (other if self.n == 0 else self).thinned(points)
        values = np.sort(
            np.concatenate([self.values, other.values]), kind="stable"
        )  # two runs: merged, not sorted
        values = values[np.append(True, values[1:] != values[:-1])]
        cumulative = self.below(values, inclusive=True) + other.below(values, inclusive=True)
        equal = self._equal_at(values) + other._equal_at(values)
        error = (self._slack() + other._slack()) / (self.n + other.n)
        return Distribution(values, cumulative, equal, self.exact and other.exact, error).thinned(
            points
        )

    def _equal_at(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        place = np.minimum(np.searchsorted(self.values, values), self.values.size - 1)
        return np.where(self.values[place] == values, self.equal[place], 0)

    def _slack(self) -> float:
        """How many cells a count between kept values may be off, at most."""
        stated = self.rank_error * self.n
        if self.exact or self.values.size < 2:
            return stated
        return stated + float((self.cumulative[1:] - self.equal[1:] - self.cumulative[:-1]).max())
