"""What another policy would have earned, from rows that were logged with the probability of what was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.inference.contributions import mean_contributions
from explorer.inference.estimate import Estimate
from explorer.inference.weighted_sums import WeightedSums, weighted_sums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
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


@dataclass(frozen=True, eq=False)
class PolicyValue:
    """Mean reward under the target policy, for each cell; all arrays of shape (cells,).

    Parameters
    ----------
    ips : Estimate
        Inverse propensity score Σwr / n (Horvitz & Thompson 1952, doi:10.1080/01621459.1952.10483446): unbiased, and wide.
    snips : Estimate
        Self-normalised Σwr / Σw (Swaminathan & Joachims 2015, NeurIPS 28): a bias of order 1/n, less spread; error by the delta method.
    n, units : ndarray, float64
        Rows of the cell, and units that have any.
    effective : ndarray, float64
        Rows of equal weight that would say as much: (Σw)² / Σw² (Kish 1965).
    largest : ndarray, float64
        The largest weight, after clipping.
    largest_share : ndarray, float64
        What it is of Σw.
    clipped : int
        Rows, of all cells, whose weight was cut to the limit.
    clipped_share : float
        Share of all weight that was cut off: the estimates are too low by up to as much where rewards are not negative.
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
    clipped: int
    clipped_share: float
    unusable: int

    @property
    def sure_enough(self) -> NDArray[np.bool_]:
        """Where values may be ranked: 100 effective rows at least, and no row with more than 5 % of the weight."""
        return (self.effective >= FEWEST_EFFECTIVE) & (self.largest_share <= LARGEST_SHARE)


def policy_weights(propensity: NDArray[Any], target: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Return target / propensity for rows (n,); NaN where the propensity is missing or not in (0, 1].

    A row that was shown with probability 0 contradicts its own log, and nothing can be said from it.
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
        Largest weight allowed (Ionides 2008, doi:10.1198/106186008X320456): less spread, for a bias that ``clipped_share`` bounds.
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

    IPS divides by all rows, whatever they show: of each item it is the value of the policy that shows it everywhere.

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
    units, squares = (n, n) if per_unit is None else (float((per_unit > 0).sum()), float(per_unit @ per_unit))
    all_rows, all_units, all_squares = (np.full(items, each) for each in (n, units, squares))
    return _value(sums, all_rows, all_units, all_squares, cut, int(np.isnan(weight).sum()))


def doubly_robust(
    reward: NDArray[Any],
    weight: NDArray[np.float64],
    expected: NDArray[Any],
    expected_under_target: NDArray[Any],
    unit: NDArray[np.int64] | None = None,
) -> Estimate:
    """Estimate the mean reward of a target policy with a model of the reward, right if either the model or the propensities are.

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
    kept = ~np.isnan(weight)
    rows = expected_under_target[kept] + weight[kept] * (reward[kept] - expected[kept])
    return mean_contributions(rows).estimate(None if unit is None else unit[kept])


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
    """Return the estimates of sums over n rows of so many units, squares the sum of squares of their rows."""
    with np.errstate(all="ignore"):
        ips, snips = sums.wy / n, sums.wy / sums.w
        spread = (sums.wy_wy_u - 2 * ips * sums.wy_n_u + ips**2 * squares) / n**2
        own = (sums.wy_wy_u - 2 * snips * sums.wy_w_u + snips**2 * sums.ww_u) / sums.w**2
        many, some = units / (units - 1), sums.units / (sums.units - 1)
        errors = [np.sqrt(np.maximum(each, 0.0)) for each in (spread * many, own * some)]
        return PolicyValue(
            Estimate.of(ips, np.where(units > 1, errors[0], np.nan)),
            Estimate.of(snips, np.where(sums.units > 1, errors[1], np.nan)),
            sums.rows,
            sums.units,
            # squares of weights beyond 1e154 overflow: at least as many as the largest weight goes into the sum
            np.where(
                np.isinf(sums.ww), sums.w / sums.largest, np.where(sums.ww > 0, sums.w**2 / sums.ww, 0.0)
            ),
            sums.largest,
            sums.largest / sums.w,
            *cut,
            unusable,
        )
