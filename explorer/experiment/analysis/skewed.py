"""Means and ratios whose values are too skewed for Student's t: tested by permutation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.effects import FEWEST_HITS
from explorer.experiment.analysis.order_statistics import values_by_cell
from explorer.stats.intervals.fieller import lift as fieller_lift
from explorer.stats.skewness import central_sums, near_normal, shape_of_difference
from explorer.stats.testing.permutation import permutation_test, units_per_draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effects import Effects
    from explorer.experiment.analysis.sums import CellSums
    from explorer.stats.testing.permutation import PermutationTest

    Floats = NDArray[np.float64]

__all__ = ["DRAWS", "PermutedDifference", "SkewedValues", "linearised", "residuals"]

# Units of both arms from which a group's own shape is known well enough: the error of its skewness
# is then below an eighth.
_KNOWN = 710
DRAWS = ((19_999, 200_000_000), (4_999, 200_000_000), (1_999, 400_000_000))
"""Draws, and the units that so many may shuffle for all groups of a metric and arm.

The first that is allowed; some two seconds at most.
"""

_LEAST_SIZE = 0.04  # of a test at .05: where too few values differ, it can hardly reject


@dataclass(frozen=True, eq=False)
class PermutedDifference:
    """The effect in one cell, with t under arms that are shuffled at random.

    Parameters
    ----------
    value, other, variance, other_variance : float
        Of the treatment and of the control.
    permuted : PermutationTest
    """

    value: float
    other: float
    variance: float
    other_variance: float
    permuted: PermutationTest

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return float(np.sqrt(self.variance + self.other_variance))

    @property
    def p_value(self) -> float:
        """Two-sided: twice the smaller tail."""
        return self.permuted.p_value((self.value - self.other) / self.error)

    @property
    def method(self) -> str:
        """The method in words."""
        return _(
            "permutation test ({size:,} random reassignments of the arms, Welch's t of "
            "each): {why} at these sizes of the arms"
        ).format(size=self.permuted.t.size, why=self.why)

    @property
    def short(self) -> str:
        """The method in two words."""
        return _("permutation test")

    @property
    def why(self) -> str:
        """Why Student's t does not hold."""
        return _("values too skewed for Student's t")

    @property
    def sentence(self) -> str:
        """The method for the methods section."""
        return _(
            "Where the skewness or the excess kurtosis of a difference was too large for "
            "Student's t, the arms were reassigned at random and "
            "Welch's t of each reassignment gave p-value and interval "
            "(Janssen 1997; Chung and Romano 2013)."
        )

    def ends(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the interval of the difference.

        It leaves out 0 just when p is 1 − confidence or less.
        """
        low, high = self.permuted.critical(confidence)
        difference = self.value - self.other
        return _finite(difference - high * self.error), _finite(difference - low * self.error)

    def lift(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the lift: Fieller's interval at the same critical values."""
        low, high = self.permuted.critical(confidence)
        sides = self.value, self.variance, self.other, self.other_variance
        down, up = (fieller_lift(*sides, critical=max(t, 0.0)) for t in (high, -low))
        return _finite(float(down[1])), _finite(float(up[2]))


def _finite(end: float) -> float:
    return end if np.isfinite(end) else float("nan")


@dataclass(frozen=True, eq=False)
class SkewedValues:
    """The values of a metric by cell, of which the mean is compared.

    Those of the units, or to first order those that a ratio is the mean of.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Of each unit.
    cells : ndarray of shape (n,), int32
        Group × arms + arm of each unit, negative in none.
    sums : CellSums
        `VALUES` of the values, of shape (groups, arms).
    """

    values: Floats
    cells: NDArray[np.int32]
    sums: CellSums

    def near_normal(self, treatment: int) -> NDArray[np.bool_]:
        """Tell of each group whether its difference is near enough to normal, (groups,)."""
        both = [0, treatment]
        n = self.sums["n"][:, both]
        central = central_sums(
            *(self.sums[name][:, both] for name in ("n", "y", "yy", "yyy", "yyyy"))
        ).sum(axis=1)
        size = n.sum(axis=1)
        if len(n) > 1:
            few = size < _KNOWN
            central = np.where(few[:, None], central.sum(axis=0), central)
            size = np.where(few, size.sum(), size)
        with np.errstate(all="ignore"):
            m2, m3, m4 = (central / size[:, None]).T
            shape = shape_of_difference(n[:, 1], n[:, 0], m3 / m2**1.5, m4 / m2**2 - 3)
        return near_normal(*shape)

    def tested(self, effects: Effects, running: bool = False) -> Effects:
        """Give the cells that are too skewed a test by permutation, or say why they have none.

        Parameters
        ----------
        effects : Effects
            Of these values, by Student's t.
        running : bool
            Verdicts hold at every moment: no permutation does.
        """
        t, arms = effects.treatment, effects.arms
        with np.errstate(invalid="ignore"):
            skewed = ~self.near_normal(t) & ~effects.few & ~effects.still & (effects.error > 0)
        skewed_cells = np.flatnonzero(skewed).tolist()
        if not skewed_cells:
            return effects
        if running:
            return replace(effects, refused=dict.fromkeys(skewed_cells, _RUNNING))
        n_arms = arms.n.shape[1]
        units = sum(units_per_draw(*arms.n[i, [0, t]].astype(int).tolist()) for i in skewed_cells)
        draws = next((some for some, most in DRAWS if some * units <= most), 0)
        if not draws:
            return replace(effects, refused=dict.fromkeys(skewed_cells, _MANY))
        order = values_by_cell(self.values, self.cells, arms.n.size)
        own, refused, p_value = {}, {}, effects.estimate.p_value.copy()
        for i in skewed_cells:
            control, treated = order[i * n_arms], order[i * n_arms + t]
            values = np.concatenate([control, treated])
            reference = permutation_test(values, np.arange(values.size) >= control.size, draws)
            if reference.size < _LEAST_SIZE:
                refused[i] = _alike(values, min(control.size, treated.size))
                continue
            value, variance = arms.value[i].tolist(), arms.variance[i].tolist()
            own[i] = PermutedDifference(value[t], value[0], variance[t], variance[0], reference)
            p_value[i] = own[i].p_value
        return replace(
            effects, own=own, refused=refused, estimate=replace(effects.estimate, p_value=p_value)
        )


_RUNNING = _(
    "still running, and values too skewed for a confidence sequence: the verdict is given "
    "at the end"
)
_MANY = _(
    "values too skewed for Student's t, and too many units in too many groups for a permutation "
    "test of each: compare fewer groups"
)


def _alike(values: Floats, smaller: int) -> str:
    """Say that too few values differ for a test of means, and what can be done instead."""
    level, counts = np.unique(values, return_counts=True)
    most = level[counts.argmax()]
    text = _(
        "too few units differ to compare means: {max:,} of {size:,} have the value {most:g}"
    ).format(max=int(counts.max()), size=values.size, most=most)
    if (values.size - counts.max()) * smaller >= FEWEST_HITS * values.size:
        return _(
            "{text}; compare the share of units that have another one, as a proportion"
        ).format(text=text)
    return _("{text}; more units are needed").format(text=text)


def linearised(
    cells: NDArray[np.int32], n_arms: int, sums: CellSums, a: Floats, b: Floats
) -> Floats:
    """Return a − R b of each unit, R the ratio of its group.

    To first order a ratio's estimate is the mean of these, over that of b.

    Parameters
    ----------
    cells : ndarray of shape (n,), int32
    n_arms : int
    sums : CellSums
        `PAIR` of a and b, of shape (groups, arms).
    a, b : ndarray of shape (n,), float64
        Numerator and denominator.
    """
    n = sums["n"].sum(axis=1)
    with np.errstate(all="ignore"):
        ratio = (sums.shifts[0] + sums["a"].sum(axis=1) / n) / (
            sums.shifts[1] + sums["b"].sum(axis=1) / n
        )
        return np.asarray(a - _of_group(ratio, cells, n_arms) * b)


def residuals(
    cells: NDArray[np.int32], n_arms: int, sums: CellSums, y: Floats, x: Floats
) -> Floats:
    """Return y less what x says of it in its group.

    Of these an adjusted mean is the mean. Units without x keep their y.

    Parameters
    ----------
    cells : ndarray of shape (n,), int32
    n_arms : int
    sums : CellSums
        `PRE` of x and y, of shape (groups, arms).
    y, x : ndarray of shape (n,), float64
    """
    n, sx, sy, sxx, sxy = (sums[name].sum(axis=1) for name in ("n", "x", "y", "xx", "xy"))
    with np.errstate(all="ignore"):
        slope, spread = sxy - sx * sy / n, sxx - sx**2 / n
        slope = np.where(spread > 1e-12 * sxx, slope / spread, 0.0)
        centre = sums.shifts[0] + sx / n
        moved = _of_group(slope, cells, n_arms) * (x - _of_group(centre, cells, n_arms))
    return y - np.where(np.isnan(moved), 0.0, moved)


def _of_group(figure: Floats, cells: NDArray[np.int32], n_arms: int) -> Floats:
    groups = np.zeros(1, np.int32) if len(figure) == 1 else np.maximum(cells, 0) // n_arms
    return np.asarray(figure[groups])
