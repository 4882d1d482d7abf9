"""Means and ratios adjusted by what the same units showed before the assignment (CUPED)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.experiment.analysis.sums import PRE
from explorer.stats.covariates import adjusted_means, without_indicator
from explorer.stats.intervals.means import welch
from explorer.stats.intervals.paired_ratios import paired_ratio

if TYPE_CHECKING:
    from explorer.experiment.analysis.effects import ArmSummaries
    from explorer.experiment.analysis.sums import CellSums
    from explorer.stats.estimate import Estimate

__all__ = ["UNBALANCED", "adjusted_mean_arms", "adjusted_ratio_arms", "balance_of"]

_FEWEST = 2
UNBALANCED = 0.001
"""A convention, as for the sample ratio: arms so unlike before were not drawn at random."""


def adjusted_mean_arms(sums: CellSums, plain: ArmSummaries) -> ArmSummaries:
    """Adjust means by Lin 2013 (doi:10.1214/12-AOAS583).

    A slope for each arm, at the mean of all arms, with a robust variance.

    Parameters
    ----------
    sums : CellSums
        Of `PRE` and `MISSING_PRE`, shape (cells, arms).
    plain : ArmSummaries
        The same means without the adjustment: of these come the sizes, and whether they are enough.
    """
    present, missing = sums.table[..., : len(PRE)], sums.table[..., len(PRE) :]
    without = missing[..., 0].sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = sums["x"].sum(axis=-1, keepdims=True) / sums["n"].sum(axis=-1, keepdims=True)
        share = without / (sums["n"].sum(axis=-1, keepdims=True) + without)
    # a group of units without a value from before needs some in every arm; else they count as
    # having the mean
    alone = (without > 0) & (missing[..., 0].min(axis=-1, keepdims=True) < _FEWEST)
    present = np.where(alone[..., None], without_indicator(present, missing, centre), present)
    share = np.where(alone, 0.0, share)
    adjusted = adjusted_means(present, missing, centre, share)
    df = np.maximum(adjusted.n - 2 - (share > 0), 0)
    return replace(
        plain, value=sums.shifts[1] + adjusted.mean, variance=adjusted.variance, hits=None, df=df
    )


def adjusted_ratio_arms(sums: CellSums, plain: ArmSummaries) -> ArmSummaries:
    """Adjust ratios by the value from before.

    It explains the linearised ratio of each unit, within each arm.

    Parameters
    ----------
    sums : CellSums
        Of `PAIR_PRE`, shape (cells, arms).
    plain : ArmSummaries
        The same ratios without the adjustment.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = sums.shifts[2] + sums["x"].sum(axis=-1) / sums["n"].sum(axis=-1)
    pairs = [
        paired_ratio(sums.table[:, arm], sums.table[:, 0], centre, sums.shifts)
        for arm in range(1, sums.table.shape[1])
    ]
    arms = [pairs[0].second, *(pair.first for pair in pairs)]
    value, variance = (
        np.stack([getattr(arm, name) for arm in arms], axis=-1) for name in ("mean", "variance")
    )
    return replace(plain, value=value, variance=variance)


def balance_of(sums: CellSums, treatment: int) -> Estimate:
    """Compare the arms in what was measured before, from sums of shape (cells, arms).

    Treatment less control.
    """
    n, x, xx = sums["n"], sums["x"], sums["xx"]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, spread = x / n, np.maximum(xx - x * x / n, 0) / (n - 1)
    t = treatment
    return welch(mean[:, t], spread[:, t], n[:, t], mean[:, 0], spread[:, 0], n[:, 0])
