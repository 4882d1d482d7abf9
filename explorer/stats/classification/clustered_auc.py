"""AUC of rows that belong to units, in one group or in both, and of rows in strata."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.classification.auc import auc_interval
from explorer.stats.classification.delong import paired_auc
from explorer.stats.classification.placements import placements
from explorer.stats.ranks import tie_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GroupedAuc", "clustered_auc", "stratified_auc"]


@dataclass(frozen=True, kw_only=True)
class GroupedAuc:
    """AUC with an interval that knows which rows belong together.

    Parameters
    ----------
    value, low, high : float
        NaN, 0 and 1 where it cannot be said.
    standard_error : float
        NaN with fewer than two units on a side.
    pairs : int
        Disjoint pairs of units, or of rows, one of each group.
    """

    value: float
    low: float
    high: float
    standard_error: float
    pairs: int


def clustered_auc(
    values: NDArray[np.float64],
    positive: NDArray[np.bool_],
    unit: NDArray[np.int64],
    confidence: float = 0.95,
) -> GroupedAuc:
    """Compute the AUC of rows, with the variance between units in one group or in both.

    Obuchowski 1997 (doi:10.2307/2533958). Where each unit has one row this is DeLong's.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    positive : ndarray of shape (n,), bool
    unit : ndarray of shape (n,), int64
        Code of each row's unit, from 0.
    confidence : float
        In (0, 1).
    """
    result = paired_auc(positive, [values], unit)
    value, error = float(result.values[0]), float(result.errors[0])
    if math.isnan(value):
        return _unknown()
    low, high = auc_interval(value, error, result.pairs, confidence)
    return GroupedAuc(value=value, low=low, high=high, standard_error=error, pairs=result.pairs)


def stratified_auc(
    values: NDArray[np.float64],
    positive: NDArray[np.bool_],
    stratum: NDArray[np.int64],
    confidence: float = 0.95,
) -> GroupedAuc:
    """Compute the AUC within strata: the difference that is left when the strata are held fixed.

    The mean of the strata's AUC weighted by n₁n₀/(n + 1), the weights of van Elteren 1960 (Bulletin
    de l'Institut International de Statistique 37, 351–361), with DeLong's variance in each. Strata
    without rows of both groups say nothing and have no weight.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    positive : ndarray of shape (n,), bool
    stratum : ndarray of shape (n,), int64
        Code of each row's stratum, from 0.
    confidence : float
        In (0, 1).
    """
    order = np.argsort(stratum, kind="stable")
    total, sums, pairs = 0.0, np.zeros(2), 0
    for rows in np.split(order, tie_starts(stratum[order].astype(np.float64))[1:]):
        hits = positive[rows]
        n1 = int(hits.sum())
        n0 = hits.size - n1
        if n1 == 0 or n0 == 0:
            continue
        placed = placements(hits, values[rows])
        beaten, beating = placed[hits], placed[~hits]
        weight = n1 * n0 / (n1 + n0 + 1)
        total, pairs = total + weight, pairs + min(n1, n0)
        spread = beaten.var() / max(n1 - 1, 1) + beating.var() / max(n0 - 1, 1)
        sums += weight * float(beaten.mean()), weight**2 * float(spread)
    if total == 0:
        return _unknown()
    value, error = float(sums[0]) / total, math.sqrt(sums[1]) / total if pairs > 1 else math.nan
    low, high = auc_interval(value, error, pairs, confidence)
    return GroupedAuc(value=value, low=low, high=high, standard_error=error, pairs=pairs)


def _unknown() -> GroupedAuc:
    return GroupedAuc(value=math.nan, low=0.0, high=1.0, standard_error=math.nan, pairs=0)
