"""Effects: treatment minus control in many cells at once, from their sums, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from explorer.stats.estimate import Estimate
from explorer.stats.intervals.fieller import lift as fieller_lift
from explorer.stats.intervals.means import satterthwaite
from explorer.stats.intervals.mover import share_ratio
from explorer.stats.intervals.proportions import newcombe_intervals, pooled_z
from explorer.stats.intervals.ratios import ratio_moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.experiment.analysis.sums import CellSums

    Floats = NDArray[np.float64]
    Level = float | NDArray[np.float64]

__all__ = [
    "FEWEST_HITS",
    "LEAST_OF_GROUP",
    "ArmSummaries",
    "CellTest",
    "Effects",
    "effects_of",
    "mean_arms",
    "ratio_arms",
    "share_arms",
]

LEAST_OF_GROUP = 30  # a convention, held against simulation: tests/benchmarks/bench_experiments.py
# Of a sum of squares: a standard deviation of a millionth of the distance from the shift is none.
_ROUNDING = 1e-12
# Degrees of freedom from which Fieller's interval is that of the normal distribution, as printed.
_MANY = 1_000
# Expected hits, and misses, of an arm from which the test of shares holds: Cochran 1954,
# doi:10.2307/3001616.
FEWEST_HITS = 5


@dataclass(frozen=True, eq=False)
class ArmSummaries:
    """What each arm of each cell says of a metric.

    Parameters
    ----------
    n : ndarray of shape (cells, arms), float64
        Units with a value.
    value : ndarray of shape (cells, arms), float64
        Mean, share, ratio or quantile.
    variance : ndarray of shape (cells, arms), float64
        Of `value` as an estimate: a squared standard error.
    needed : ndarray of shape (cells, arms), float64
        Units from which the arm can be judged; NaN where that is not known.
    hits : ndarray of shape (cells, arms), float64, optional
        Of shares.
    df : ndarray of shape (cells, arms), float64, optional
        Degrees of freedom of `variance`; n − 1 when left out, infinite for ratios and quantiles.
    """

    n: Floats
    value: Floats
    variance: Floats
    needed: Floats
    hits: Floats | None = None
    df: Floats | None = None


class CellTest(Protocol):
    """The test of one cell by a method of its own, where that of the other cells does not hold."""

    @property
    def p_value(self) -> float:
        """Two-sided, of no difference."""

    @property
    def method(self) -> str:
        """The method in words."""

    @property
    def short(self) -> str:
        """The method in two or three words."""

    @property
    def why(self) -> str:
        """Why that of the other cells does not hold."""

    @property
    def sentence(self) -> str:
        """The method for the methods section."""

    def ends(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the difference's interval; NaN where it has none."""

    def lift(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the lift's interval; NaN where it has none."""


@dataclass(frozen=True, eq=False)
class Effects:
    """Treatment less control of one metric in some cells.

    Parameters
    ----------
    arms : ArmSummaries
    treatment : int
        Which arm; 0 is the control.
    estimate : Estimate
        Arrays of shape (cells,).
    own : mapping of int to CellTest
        By cell. Its p-values are those of the estimate too.
    refused : mapping of int to str
        Why a cell cannot be tested, by cell.
    """

    arms: ArmSummaries
    treatment: int
    estimate: Estimate
    own: Mapping[int, CellTest] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)

    @property
    def normal(self) -> NDArray[np.bool_]:
        """Cells whose estimate over its error is near enough to a normal distribution."""
        normal = np.ones(self.arms.n.shape[0], np.bool_)
        normal[[*self.own, *self.refused]] = False
        return normal

    @property
    def needed(self) -> Floats:
        """Units that each of the two arms needs, by cell: the larger of the two; NaN unknown."""
        return np.maximum(self.arms.needed[:, 0], self.arms.needed[:, self.treatment])

    @property
    def smaller(self) -> Floats:
        """Units of the smaller of the two arms, by cell."""
        return np.minimum(self.arms.n[:, 0], self.arms.n[:, self.treatment])

    @property
    def few(self) -> NDArray[np.bool_]:
        """Cells where one of the two arms has too few units."""
        both = [0, self.treatment]
        # asked this way round, what cannot be known is too few
        return np.asarray(~(self.arms.n[:, both] >= self.arms.needed[:, both]).all(axis=1))

    @property
    def still(self) -> NDArray[np.bool_]:
        """Cells where neither arm varies."""
        flat: NDArray[np.bool_] = (self.arms.variance[:, 0] <= 0) & (
            self.arms.variance[:, self.treatment] <= 0
        )
        return flat

    @cached_property
    def error(self) -> Floats:
        """Standard error of the difference.

        Of shares with a hit and a miss more in each arm, so that it is never 0.
        """
        if self.arms.hits is None:
            return self.estimate.error
        share = (self.arms.hits + 1) / (self.arms.n + 2)
        variance = share * (1 - share) / (self.arms.n + 2)
        return np.asarray(np.sqrt(variance[:, 0] + variance[:, self.treatment]))

    def interval(self, confidence: Level = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of the difference's interval, each (cells,), at one level or many."""
        if self.arms.hits is None:
            low, high = self.estimate.interval(confidence)
        else:
            hits, n, t = self.arms.hits, self.arms.n, self.treatment
            low, high = newcombe_intervals(hits[:, t], n[:, t], hits[:, 0], n[:, 0], confidence)
        levels = np.nan_to_num(np.broadcast_to(confidence, low.shape), nan=1.0)
        for cell, test in self.own.items():
            low[cell], high[cell] = test.ends(float(levels[cell]))
        return low, high

    def lift(self, confidence: Level = 0.95) -> tuple[Floats, Floats, Floats]:
        """Return treatment / control − 1 with the ends of its interval.

        An interval that has no end is NaN.

        0 lies in it just when 0 lies in the interval of the difference: Fieller's interval at the
        same critical value, and for shares the limits of Donner & Zou 2012 from the Wilson
        intervals that Newcombe's difference is made of.
        """
        t = self.treatment
        if self.arms.hits is not None:
            hits, n = self.arms.hits, self.arms.n
            return share_ratio(hits[:, t], n[:, t], hits[:, 0], n[:, 0], confidence)
        value, variance, df = self.arms.value, self.arms.variance, self.estimate.df
        sides = value[:, t], variance[:, t], value[:, 0], variance[:, 0], confidence
        by_normal = fieller_lift(*sides, np.where(df >= _MANY, np.inf, df))
        low, high = self.estimate.interval(confidence)
        doubt = ((low <= 0) & (high >= 0)) != ((by_normal[1] <= 0) & (by_normal[2] >= 0))
        by_t = fieller_lift(*sides, df)
        ratio, lift_low, lift_high = (
            np.where(doubt, t, normal) for t, normal in zip(by_t, by_normal, strict=True)
        )
        levels = np.nan_to_num(np.broadcast_to(confidence, low.shape), nan=1.0)
        for cell, test in self.own.items():
            lift_low[cell], lift_high[cell] = test.lift(float(levels[cell]))
        return ratio, lift_low, lift_high


def effects_of(arms: ArmSummaries, treatment: int) -> Effects:
    """Compare a treatment with the control, cell by cell."""
    n, value = arms.n, arms.value
    if arms.hits is not None:
        p_value = pooled_z(arms.hits[:, treatment], n[:, treatment], arms.hits[:, 0], n[:, 0])
        error = np.sqrt(arms.variance[:, treatment] + arms.variance[:, 0])
        estimate = Estimate(
            value[:, treatment] - value[:, 0], error, np.full(len(n), np.inf), p_value
        )
        return Effects(arms, treatment, estimate)
    df = np.maximum(n - 1, 0) if arms.df is None else arms.df
    variance, other = arms.variance[:, treatment], arms.variance[:, 0]
    free = satterthwaite(variance, df[:, treatment], other, df[:, 0])
    with np.errstate(invalid="ignore"):
        estimate = Estimate.of(value[:, treatment] - value[:, 0], np.sqrt(variance + other), free)
    return Effects(arms, treatment, estimate)


def mean_arms(sums: CellSums) -> ArmSummaries:
    """Return the means of each arm, from sums of shape (cells, arms)."""
    n, y, yy = sums["n"], sums["y"], sums["yy"]
    with np.errstate(invalid="ignore", divide="ignore"):
        value = sums.shifts[0] + y / n
        # what rounding leaves of zeros is zero
        rounding = np.finfo(np.float64).eps * (n + 3) * abs(sums.shifts[0])
        value = np.where(np.abs(value) <= rounding, 0.0, value)
        variance = np.where(n > 1, np.maximum(yy - y * y / n, 0) / (n - 1), np.nan) / n
    # what rounding leaves of a constant is no variance
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = variance * n <= _ROUNDING * yy / n
    return ArmSummaries(n, value, np.where(flat, 0.0, variance), _needed(n))


def share_arms(sums: CellSums) -> ArmSummaries:
    """Return the shares of each arm, from sums of values 0 and 1 of shape (cells, arms)."""
    n = sums["n"]
    hits = np.rint(n * sums.shifts[0] + sums["y"])
    with np.errstate(invalid="ignore", divide="ignore"):
        value = hits / n
        variance = value * (1 - value) / n
        pooled = hits.sum(axis=1, keepdims=True) / n.sum(axis=1, keepdims=True)
        needed = np.broadcast_to(FEWEST_HITS / np.minimum(pooled, 1 - pooled), n.shape)
    return ArmSummaries(n, value, variance, needed, hits)


def ratio_arms(sums: CellSums) -> ArmSummaries:
    """Return the ratios of each arm, from sums of pairs of shape (cells, arms)."""
    n = sums["n"]
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = sums.shifts[0] + sums["a"] / n, sums.shifts[1] + sums["b"] / n
        aa, ab, bb = (
            np.where(n > 1, (sums[x + y] - sums[x] * sums[y] / n) / (n - 1), np.nan)
            for x, y in (("a", "a"), ("a", "b"), ("b", "b"))
        )
    value, variance = ratio_moments(n, a, b, aa, bb, ab)
    usable = b > 0
    needed = np.where(usable, _needed(n), np.nan)
    return ArmSummaries(
        n,
        np.where(usable, value, np.nan),
        np.maximum(variance, 0),
        needed,
        df=np.full(n.shape, np.inf),
    )


def _needed(n: Floats) -> Floats:
    """Return the units an arm needs: two, and 30 in groups.

    With fewer, variances are so uncertain that groups seem to differ.
    """
    return np.full(n.shape, 2.0 if len(n) == 1 else float(LEAST_OF_GROUP))
