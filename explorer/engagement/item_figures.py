"""Rates or means of many items with their intervals, shrunk, and as if always shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.engagement.group_quantiles import group_quantiles
from explorer.stats.estimate import Estimate
from explorer.stats.intervals.shrinkage import shrink_effects
from explorer.stats.intervals.student import critical_value
from explorer.stats.monitoring.beta_binomial import shrunk_rates
from explorer.stats.ranking.position_curve import rate_curve
from explorer.stats.ranking.propensity import (
    FEWEST_CARRYING,
    FEWEST_EFFECTIVE,
    LARGEST_SHARE,
    doubly_robust,
    item_values,
    policy_value,
    policy_weights,
)
from explorer.stats.weighted_sums import WeightedSums, weighted_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.engagement.reward_model import RewardModel
    from explorer.stats.ranking.propensity import PolicyValue

__all__ = ["MOST_MODELLED", "QUANTILES", "ItemLog", "item_figures", "policy_figures"]

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
MOST_MODELLED = 100_000_000
"""Rows × items beyond which no item has a doubly robust value: each takes a pass over all rows."""

Columns = dict[str, Any]


@dataclass(frozen=True, eq=False)
class ItemLog:
    """Rows that show an item and have an outcome; arrays of shape (n,).

    Parameters
    ----------
    item : ndarray, integer
        In [0, items).
    items : int
    outcome : ndarray, float64
        Without NaN.
    share : bool
        Outcomes are 0 and 1.
    propensity, target : ndarray, float64, optional
        Probability with which the row's item was shown, in (0, 1], and with which the target policy
        would have; without the latter the target shows every item that was shown equally often.
    unit : ndarray, integer, optional
        From 0.
    clip : float, optional
        Largest weight allowed.
    model : RewardModel, optional
    """

    item: NDArray[Any]
    items: int
    outcome: NDArray[np.float64]
    share: bool
    propensity: NDArray[np.float64] | None = None
    target: NDArray[np.float64] | None = None
    unit: NDArray[Any] | None = None
    clip: float | None = None
    model: RewardModel | None = None

    def taken(self, rows: NDArray[Any]) -> ItemLog:
        """Return some of the rows."""
        shown, target, unit = (
            None if values is None else values[rows]
            for values in (self.propensity, self.target, self.unit)
        )
        model = None if self.model is None else self.model.taken(rows)
        return ItemLog(
            self.item[rows],
            self.items,
            self.outcome[rows],
            self.share,
            shown,
            target,
            unit,
            self.clip,
            model,
        )

    def together(self) -> ItemLog:
        """Return the same rows as rows of one item."""
        return ItemLog(
            np.zeros(self.item.size, np.int8), 1, self.outcome, self.share, unit=self.unit
        )


def item_figures(log: ItemLog) -> Columns:
    """Return the figures of every item as columns of `ItemRow`, each of shape (items,)."""
    figures = _own(log)
    figures |= _shrunk(log, figures.pop("sums"), figures["mean"])
    if log.propensity is not None:
        values = item_values(log.outcome, log.propensity, log.item, log.items, log.unit, log.clip)
        figures |= _weighted(values, log.share) | _modelled(log, log.propensity)
    return figures


def policy_figures(log: ItemLog) -> Columns:
    """Return the figures of all items together, and under the target policy.

    As columns of `ItemRow` of shape (1,).

    With them `clipped` and `clipped_share`: how many rows had a weight beyond the limit, and what
    share of all weight was cut off.
    """
    figures = _own(log.together())
    del figures["sums"]
    if log.propensity is None:
        return figures
    shown = np.bincount(log.item, minlength=log.items) > 0
    target: Any = 1 / max(int(shown.sum()), 1) if log.target is None else log.target
    values = policy_value(log.outcome, log.propensity, target, unit=log.unit, clip=log.clip)
    figures |= _weighted(values, log.share) | {
        "clipped": values.clipped,
        "clipped_share": values.clipped_share,
    }
    if log.model is not None and log.target is None:
        weight = _clipped(policy_weights(log.propensity, target), log.clip)
        figures |= _ends(
            "dr",
            doubly_robust(
                log.outcome, weight, log.model.of(log.item), log.model.uniform(shown), log.unit
            ),
        )
    return figures


def _own(log: ItemLog) -> Columns:
    """Return rows, totals and means with their intervals, and the sums that they follow from."""
    ones = np.ones(log.item.size)
    sums = weighted_sums(log.outcome, ones, log.item, log.items, log.unit)
    with np.errstate(all="ignore"):
        mean = sums.wy / sums.rows
    figures: Columns = {
        "n": sums.rows.astype(np.int64),
        "total": sums.wy,
        "mean": mean,
        "sums": sums,
    }
    if log.share:
        _, _, low, high = rate_curve(log.outcome, log.item, log.items, log.unit)
        return figures | {"rate": mean, "low": low, "high": high}
    low, high = _means(sums).interval()
    quantiles = group_quantiles(log.outcome, log.item, log.items, tuple(QUANTILES.values()))
    return figures | {"low": low, "high": high} | dict(zip(QUANTILES, quantiles.T, strict=True))


def _means(sums: WeightedSums) -> Estimate:
    """Return means with their error between units."""
    with np.errstate(all="ignore"):
        mean = sums.wy / sums.rows
        return Estimate.of(
            mean, np.sqrt(_spread(sums, mean)), np.where(sums.units > 1, sums.units - 1, np.nan)
        )


def _spread(sums: WeightedSums, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared errors of means between units; NaN with fewer than two."""
    with np.errstate(all="ignore"):
        squares = sums.wy_wy_u - 2 * mean * sums.wy_n_u + mean**2 * sums.n_n_u
        some = np.where(sums.units > 1, sums.units / (sums.units - 1), np.nan)
        return np.asarray(np.maximum(squares, 0.0) * some / sums.rows**2)


def _shrunk(log: ItemLog, sums: WeightedSums, mean: NDArray[np.float64]) -> Columns:
    if log.share:
        n = sums.rows if log.unit is None else _effective(sums, mean)
        rates = shrunk_rates(np.where(n > 0, mean * n, 0.0), n)
        return {"shrunk": rates.value, "shrunk_low": rates.low, "shrunk_high": rates.high}
    pooled = float(sums.wy.sum() / max(float(sums.rows.sum()), 1.0))
    shrunk = shrink_effects(mean - pooled, np.sqrt(_spread(sums, mean)))
    # an item of one unit says nothing of its own error
    value = np.where(np.isnan(shrunk.mean), pooled, pooled + shrunk.mean)
    half = critical_value(0.95) * shrunk.sd
    return {"shrunk": value, "shrunk_low": value - half, "shrunk_high": value + half}


def _effective(sums: WeightedSums, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many rows that stand alone would have the error that there is between units."""
    with np.errstate(all="ignore"):
        chance = rate * (1 - rate) / sums.rows
        alike = (
            sums.n_n_u / sums.rows
        )  # rows of a unit all went the same way, for all that is known
        design = np.where(
            (chance > 0) & (sums.units > 1), np.maximum(_spread(sums, rate) / chance, 1.0), alike
        )
        return np.asarray(np.where(sums.rows > 0, sums.rows / design, 0.0))


def _weighted(values: PolicyValue, share: bool) -> Columns:
    """Return estimates from weights, and whether they bear an order."""
    ranked = values.sure_enough
    reasons = [
        "" if sure else _why(*figures)
        for sure, *figures in zip(
            ranked,
            values.effective,
            values.largest_share,
            values.carrying,
            values.largest_square,
            strict=True,
        )
    ]
    columns = {**_ends("ips", values.ips), **_ends("snips", values.snips)}
    if share:
        columns["ips_low"], columns["ips_high"] = values.ips_interval()
        columns["snips_low"], columns["snips_high"] = values.snips_interval()
    return columns | {
        "ess": values.effective,
        "max_weight": values.largest,
        "largest_share": values.largest_share,
        "carrying": values.carrying,
        "ranked": ranked,
        "words": reasons,
    }


def _why(effective: float, share: float, carrying: float, square: float) -> str:
    said = []
    if not effective >= FEWEST_EFFECTIVE:
        said.append(
            _(
                "{effective:,.0f} effective rows of the {fewest_effective:,.0f} that an order needs"
            ).format(effective=effective, fewest_effective=FEWEST_EFFECTIVE)
        )
    if share > LARGEST_SHARE:
        said.append(
            _("one row has {share:.1%} of the weight, more than {largest_share:.0%}").format(
                share=share, largest_share=LARGEST_SHARE
            )
        )
    elif effective >= FEWEST_EFFECTIVE and not carrying >= FEWEST_CARRYING:
        said.append(
            _(
                "by squared weights the error rests on {carrying:,.0f} rows of the "
                "{fewest_carrying:.0f} that an order needs (the largest weight has "
                "{square:.0%} of them)"
            ).format(carrying=carrying, fewest_carrying=FEWEST_CARRYING, square=square)
        )
    return "; ".join(said)


def _modelled(log: ItemLog, propensity: NDArray[np.float64]) -> Columns:
    """Return the doubly robust value of each item."""
    if log.model is None or log.item.size * log.items > MOST_MODELLED:
        return {}
    weight = _clipped(policy_weights(propensity), log.clip)
    shown = log.model.of(log.item)
    estimates = [
        doubly_robust(
            log.outcome,
            np.where(log.item == item, weight, 0.0),
            shown,
            log.model.of(item),
            log.unit,
        )
        for item in range(log.items)
    ]
    ends = [(estimate.value, *estimate.interval()) for estimate in estimates]
    return dict(zip(("dr", "dr_low", "dr_high"), np.array(ends).reshape(-1, 3).T, strict=True))


def _clipped(weight: NDArray[np.float64], clip: float | None) -> NDArray[np.float64]:
    return weight if clip is None else np.minimum(weight, clip)


def _ends(name: str, estimate: Estimate) -> Columns:
    low, high = estimate.interval()
    return {
        name: np.atleast_1d(estimate.value),
        f"{name}_low": np.atleast_1d(low),
        f"{name}_high": np.atleast_1d(high),
    }
