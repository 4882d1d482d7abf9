"""What another policy would have earned, from rows logged with their propensities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.contributions import mean_contributions
from explorer.stats.estimate import Estimate
from explorer.stats.intervals.proportions import wilson_intervals
from explorer.stats.intervals.student import critical_value
from explorer.stats.weighted_sums import WeightedSums, weighted_sums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "FEWEST_CARRYING",
    "FEWEST_EFFECTIVE",
    "LARGEST_SHARE",
    "PolicyValue",
    "doubly_robust",
    "item_values",
    "policy_value",
    "policy_weights",
]

FEWEST_EFFECTIVE = 100.0
"""Effective rows below which no values are ranked."""

LARGEST_SHARE = 0.05
"""Share of all weight beyond which a single row decides."""

FEWEST_CARRYING = 30.0
"""Effective rows of the error below which values are not ranked, by convention.

By their squared weights. Student's t is then 4 % wider than the normal distribution.
"""


@dataclass(frozen=True, eq=False)
class PolicyValue:
    """Mean reward under the target policy, for each cell; all arrays of shape (cells,).

    Intervals of the estimates are Student's, with as many degrees of freedom as `carrying` less 1;
    where rewards are 0 and 1, `snips_interval` and `ips_interval` keep within what such a mean can
    be, and cover where few rows with a reward have large weights.

    Parameters
    ----------
    ips : Estimate
        Inverse propensity score Σwr / n (Horvitz & Thompson 1952,
        doi:10.1080/01621459.1952.10483446): unbiased, and wide.
    snips : Estimate
        Self-normalised Σwr / Σw (Swaminathan & Joachims 2015, NeurIPS 28): a bias of order 1/n,
        less spread; error by the delta method.
    n, units : ndarray, float64
        Rows of the cell, and units that have any.
    effective : ndarray, float64
        Rows of equal weight that would say as much: (Σw)² / Σw² (Kish 1965).
    largest : ndarray, float64
        The largest weight, after clipping.
    largest_share : ndarray, float64
        What it is of Σw.
    carrying : ndarray, float64
        Rows that the error rests on, units where there are any: (Σw²)² / Σw⁴, the effective number
        for the variance (Owen 2013, Monte Carlo theory, methods and examples, §9.3), which by
        Satterthwaite (1946, doi:10.2307/3002019) is the degrees of freedom of a sum of squares so
        weighted. A few large weights make it small where `effective` is not.
    largest_square : ndarray, float64
        Share of Σw² that the largest weight has, or the largest unit.
    together : ndarray, float64
        Effective rows if all rows of a unit go the same way.
    ips_squares, ips_largest : ndarray, float64
        Σ(wr)² / n² over units, and the largest weight of a unit over n.
    clipped : int
        Rows, of all cells, whose weight was cut to the limit.
    clipped_share : float
        Share of all weight that was cut off: the estimates are too low by up to as much where
        rewards are not negative.
    unusable : int
        Rows left out: propensity missing, 0 or less, or above 1.
    """

    ips: Estimate
    snips: Estimate
    n: NDArray[np.float64]
    units: NDArray[np.float64]
    effective: NDArray[np.float64]
    largest: NDArray[np.float64]
    largest_share: NDArray[np.float64]
    carrying: NDArray[np.float64]
    largest_square: NDArray[np.float64]
    together: NDArray[np.float64]
    ips_squares: NDArray[np.float64]
    ips_largest: NDArray[np.float64]
    clipped: int
    clipped_share: float
    unusable: int

    @property
    def sure_enough(self) -> NDArray[np.bool_]:
        """Where values may be ranked: 100 effective rows, 30 for the error, no row above 5 %."""
        enough = (self.effective >= FEWEST_EFFECTIVE) & (self.carrying >= FEWEST_CARRYING)
        return enough & (self.largest_share <= LARGEST_SHARE)

    def rate_rows(self, confidence: float = 0.95) -> NDArray[np.float64]:
        """Return the rows of equal weight with Wilson's interval for `snips`, for rewards 0 and 1.

        As many as have its error (Korn & Graubard 1998, Survey Methodology 24, 193–201), though not
        more than are effective: where no row with a large weight has a reward, the error by itself
        is too small. Student's t makes them fewer. 0 with one unit alone.
        """
        rate, error = self.snips.value, self.snips.error
        with np.errstate(all="ignore"):
            chance = rate * (1 - rate)
            n = np.where(chance > 0, np.minimum(chance / error**2, self.effective), self.together)
            wider = critical_value(confidence, self.snips.df) / critical_value(confidence)
            return np.where(self.units > 1, n / wider**2, 0.0)

    def snips_interval(
        self, confidence: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the interval of `snips` for rewards 0 and 1, within [0, 1]; see `rate_rows`."""
        rows = self.rate_rows(confidence)
        defined = (rows > 0) & ~np.isnan(self.snips.value)
        rows = np.where(defined, rows, 0.0)
        return wilson_intervals(np.where(defined, self.snips.value * rows, 0.0), rows, confidence)

    def ips_interval(
        self, confidence: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the interval of `ips` for rewards 0 and 1: gamma, of a weighted sum of counts.

        Fay & Feuer 1997 (doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#). It
        is wider than need be where rewards are not rare. It ends at 1, or at the estimate, which
        may be above.
        """
        from scipy.special import gammaincinv

        tail = (1 - confidence) / 2
        value, squares = self.ips.value, self.ips_squares
        with np.errstate(all="ignore"):
            low = squares / value * gammaincinv(value**2 / squares, tail)
            above, more = value + self.ips_largest, squares + self.ips_largest**2
            high = more / above * gammaincinv(above**2 / more, 1 - tail)
            low = np.where(value > 0, low, 0.0)
        enough = self.units > 1
        return np.where(enough, low, 0.0), np.fmax(np.where(enough, np.fmin(high, 1.0), 1.0), value)


def policy_weights(propensity: NDArray[Any], target: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Return target / propensity, (n,); NaN where the propensity is missing or not in (0, 1].

    A row that was shown with probability 0 contradicts its own log, and nothing can be said from
    it.
    """
    shown = np.asarray(propensity, dtype=np.float64)
    with np.errstate(all="ignore"):
        weight = np.asarray(target, dtype=np.float64) / shown
        return np.where((shown > 0) & (shown <= 1) & (weight >= 0), weight, np.nan)


def policy_value(
    reward: NDArray[Any],
    propensity: NDArray[Any],
    target: ArrayLike,
    cell: NDArray[Any] | None = None,
    cells: int = 1,
    unit: NDArray[Any] | None = None,
    clip: float | None = None,
) -> PolicyValue:
    """Estimate the mean reward of a target policy.

    Parameters
    ----------
    reward : ndarray of shape (n,), real numbers
        Without NaN.
    propensity : ndarray of shape (n,), float
        Probability with which the logging policy showed what each row shows.
    target : array-like, broadcast to (n,)
        Probability with which the target policy would have shown it.
    cell : ndarray of shape (n,), integer, optional
        Slice of each row in [0, cells); negative ones are left out.
    cells : int
        With ``cell`` only.
    unit : ndarray of shape (n,), integer, optional
        Code of each row's unit, from 0: errors are then between units.
    clip : float, optional
        Largest weight allowed (Ionides 2008, doi:10.1198/106186008X320456): less spread, for a bias
        that ``clipped_share`` bounds.
    """
    weight, cut = _clipped(policy_weights(propensity, target), clip)
    sums = weighted_sums(reward, weight, cell, cells, unit)
    return _value(sums, sums.rows, sums.units, sums.n_n_u, cut, int(np.isnan(weight).sum()))


def item_values(
    reward: NDArray[Any],
    propensity: NDArray[Any],
    item: NDArray[Any],
    items: int,
    unit: NDArray[Any] | None = None,
    clip: float | None = None,
) -> PolicyValue:
    """Estimate the mean reward of each item if it were always shown.

    IPS divides by all rows, whatever they show: of each item it is the value of the policy that
    shows it everywhere.

    Parameters
    ----------
    reward, propensity, unit, clip
        As in `policy_value`.
    item : ndarray of shape (n,), integer
        Code in [0, items) of what the row shows; rows with a negative one are left out.
    items : int
    """
    weight, cut = _clipped(policy_weights(propensity), clip)
    usable = ~np.isnan(weight) & (item >= 0)
    per_unit = None if unit is None else np.bincount(unit, weights=usable).astype(np.float64)
    sums = weighted_sums(reward, weight, item, items, unit, per_unit)
    n = float(np.count_nonzero(usable))
    units, squares = (
        (n, n) if per_unit is None else (float((per_unit > 0).sum()), float(per_unit @ per_unit))
    )
    all_rows, all_units, all_squares = (np.full(items, total) for total in (n, units, squares))
    return _value(sums, all_rows, all_units, all_squares, cut, int(np.isnan(weight).sum()))


def doubly_robust(
    reward: NDArray[Any],
    weight: NDArray[np.float64],
    expected: NDArray[Any],
    expected_under_target: NDArray[Any],
    unit: NDArray[np.int64] | None = None,
) -> Estimate:
    """Estimate the mean reward of a policy, doubly robust: with propensities and a reward model.

    Right if either the model or the propensities are.

    Dudík, Langford & Li 2011 (arXiv:1103.4601): the mean of q(x, π) + w (r − q(x, a)).

    Parameters
    ----------
    reward : ndarray of shape (n,), real numbers
    weight : ndarray of shape (n,), float64
        Of `policy_weights`; rows without one are left out.
    expected : ndarray of shape (n,), float
        The model's reward q(x, a) of what was shown; made from other rows, such as other folds.
    expected_under_target : ndarray of shape (n,), float
        The model's mean reward Σ π(a | x) q(x, a) under the target policy.
    unit : ndarray of shape (n,), integer, optional
        As in `policy_value`.

    Returns
    -------
    estimate : Estimate
        Of shape (); the model is taken as given.
    """
    usable = ~np.isnan(weight)
    rows = expected_under_target[usable] + weight[usable] * (reward[usable] - expected[usable])
    return mean_contributions(rows).estimate(None if unit is None else unit[usable])


def _clipped(
    weight: NDArray[np.float64], clip: float | None
) -> tuple[NDArray[np.float64], tuple[int, float]]:
    if clip is None:
        return weight, (0, 0.0)
    with np.errstate(all="ignore"):
        over = weight > clip
    cut = np.where(over, clip, weight)
    total = float(np.nansum(weight))
    return cut, (int(over.sum()), (total - float(np.nansum(cut))) / total if total else 0.0)


def _value(
    sums: WeightedSums,
    n: NDArray[np.float64],
    units: NDArray[np.float64],
    squares: NDArray[np.float64],
    cut: tuple[int, float],
    unusable: int,
) -> PolicyValue:
    """Return estimates of sums over n rows of units; ``squares`` sums the squares of their rows."""
    with np.errstate(all="ignore"):
        ips, snips = sums.wy / n, sums.wy / sums.w
        spread = (sums.wy_wy_u - 2 * ips * sums.wy_n_u + ips**2 * squares) / n**2
        own = (sums.wy_wy_u - 2 * snips * sums.wy_w_u + snips**2 * sums.ww_u) / sums.w**2
        of_all, of_units = units / (units - 1), sums.units / (sums.units - 1)
        carrying = np.where(sums.ww_u > 0, np.nan_to_num(sums.ww_u**2 / sums.w4_u, nan=1.0), 0.0)
        df = np.maximum(carrying - 1, 1.0)
        errors = [np.sqrt(np.maximum(square, 0.0)) for square in (spread * of_all, own * of_units)]
        return PolicyValue(
            Estimate.of(ips, np.where(units > 1, errors[0], np.nan), df),
            Estimate.of(snips, np.where(sums.units > 1, errors[1], np.nan), df),
            sums.rows,
            sums.units,
            # squares of weights beyond 1e154 overflow: at least as many as the largest weight goes
            # into the sum
            np.where(
                np.isinf(sums.ww),
                sums.w / sums.largest,
                np.where(sums.ww > 0, sums.w**2 / sums.ww, 0.0),
            ),
            sums.largest,
            sums.largest / sums.w,
            carrying,
            sums.largest_u**2 / sums.ww_u,
            np.where(sums.ww_u > 0, np.nan_to_num(sums.w**2 / sums.ww_u, nan=1.0), 0.0),
            sums.wy_wy_u / n**2,
            sums.largest_u / n,
            *cut,
            unusable,
        )
