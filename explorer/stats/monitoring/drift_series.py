"""Drift series: the figures of each feature by chunk, from counts by bin or by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.monitoring.distances import jensen_shannon, shares
from explorer.stats.ranking.rank_scores import rank_scores
from explorer.stats.wasserstein import BinnedDistance, wasserstein_of_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray


__all__ = [
    "SD_PER_JENSEN_SHANNON",
    "DriftSeries",
    "expected_counts",
    "level_series",
    "missing_by_chance",
    "missing_series",
    "number_series",
]

SD_PER_JENSEN_SHANNON = float(np.sqrt(8 * np.log(2)))
"""A small shift of a normal distribution, in sd, over its Jensen–Shannon distance of base 2."""

_MOST_LEVELS = 20  # whose rates are followed one by one, the most frequent of the reference
# in a typical chunk with and without a level, so that its rate is nearly normal in the tails
_FEWEST_ROWS = 50


@dataclass(frozen=True, eq=False)
class DriftSeries:
    """One feature, chunk by chunk; arrays of shape (chunks,), float64, unless said otherwise.

    Parameters
    ----------
    rows : ndarray
        Rows that have a value.
    distance : ndarray
        From the reference chunks of the same season, a reference chunk from the others. Of a number
        on the scale of ranks, so that what it does by chance is known; of levels Jensen–Shannon's.
        NaN without rows on either side.
    effect : ndarray
        How large the change is, in standard deviations of the reference: what is shown and held
        against the floor.
    levels : ndarray of shape (chunks, s), float64
        Signed figures that may creep: the mean score of a number; the rates of frequent levels on
        the scale 2 arcsin √rate. There may be none.
    sampled, excess, parts : float
        What one row does to the squared distance by chance, as in
        `explorer.stats.monitoring.distance_reference`.
    level_variance : float
        What it does to the variance of ``levels``.
    number : bool
        Whether it is a number, and not levels.
    shapes : ndarray of shape (chunks, s), float64
        What else may jump: of a number the spread of its scores; the share of values, or of levels,
        that the reference lacks, on the scale 2 arcsin √share.
    shape_variance : ndarray of shape (s,), float64
        What one row does to the variance of ``shapes``.
    """

    rows: NDArray[np.float64]
    distance: NDArray[np.float64]
    effect: NDArray[np.float64]
    levels: NDArray[np.float64]
    sampled: float
    excess: float
    parts: float
    level_variance: float
    number: bool
    shapes: NDArray[np.float64]
    shape_variance: NDArray[np.float64]


def number_series(
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
    edges: NDArray[np.float64],
    reference: NDArray[np.bool_],
    season: NDArray[np.int64],
    sd: float,
) -> DriftSeries:
    """Return the series of a number.

    Parameters
    ----------
    counts, sums : ndarray of shape (chunks, e + 1), int64 and float64
        Rows, and sum of values, by bin: below the first edge, between edges, above the last; chunks
        by rising time.
    edges : ndarray of shape (e,), float64
        Of `explorer.stats.bins`, from the origin of the sums.
    reference : ndarray of shape (chunks,), bool
    season : ndarray of shape (chunks,), int64
        From 0; all 0 without seasons.
    sd : float
        Of the reference. The effect is the Wasserstein distance in such units; where the feature
        was constant any change is infinite.
    """
    scores = rank_scores(counts[reference].sum(axis=0))
    others = expected_counts(counts, reference, season)
    moved = wasserstein_of_bins(
        counts, sums, others, expected_counts(sums, reference, season), edges
    )
    chance = scores.by_chance()
    square, usual = scores.scores**2, np.nan_to_num(shares(scores.reference))
    spread = shares(counts) @ square
    outside = 2 * np.arcsin(np.sqrt(shares(counts)[:, [0, -1]].sum(axis=1).clip(0, 1)))
    return DriftSeries(
        counts.sum(axis=1).astype(np.float64),
        scores.distances(counts, others),
        _in_sd(moved, sd),
        scores.means(counts)[:, None],
        # a constant has no variance: half a row of another value is what chance can hide
        max(chance.variance, 1e-9),
        max(chance.squared_distance - chance.variance, 0.0),
        1.0,
        max(chance.variance, 1e-9),
        True,
        np.column_stack([spread, outside]),
        np.array([max(float(usual @ square**2 - (usual @ square) ** 2), 1e-9), 1.0]),
    )


def level_series(
    counts: NDArray[np.int64], reference: NDArray[np.bool_], season: NDArray[np.int64]
) -> DriftSeries:
    """Return the series of a feature with levels.

    Parameters
    ----------
    counts : ndarray of shape (chunks, levels), int64
        New levels are columns like others.
    reference, season
        As in `number_series`.
    """
    reference_counts = counts[reference].sum(axis=0)
    others = expected_counts(counts, reference, season)
    distance = jensen_shannon(counts, others)
    rows = counts.sum(axis=1).astype(np.float64)
    share = np.nan_to_num(shares(reference_counts))
    # a level that few chunks have adds less than one that all have
    typical = float(np.median(rows[reference])) if reference.any() else 0.0
    parts = max(float(np.minimum(share * typical, 1.0).sum()) - 1, 1.0)
    frequent = np.argsort(-reference_counts, kind="stable")[:_MOST_LEVELS]
    frequent = frequent[typical * np.minimum(share, 1 - share)[frequent] >= _FEWEST_ROWS]
    rates = 2 * np.arcsin(np.sqrt(shares(counts)[:, frequent]))
    fresh = 2 * np.arcsin(np.sqrt(shares(counts)[:, reference_counts == 0].sum(axis=1).clip(0, 1)))
    effect = distance * SD_PER_JENSEN_SHANNON
    return DriftSeries(
        rows,
        distance,
        effect,
        rates,
        parts / SD_PER_JENSEN_SHANNON**2,
        0.0,
        parts,
        1.0,
        False,
        fresh[:, None],
        np.ones(1),
    )


def missing_series(missing: NDArray[np.int64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return missing rates (chunks, m) as 2 arcsin √rate, with standard deviation 1 / √rows.

    Cohen 1988.
    """
    with np.errstate(all="ignore"):
        return np.asarray(2 * np.arcsin(np.sqrt(np.asarray(missing, dtype=np.float64) / rows)))


def missing_by_chance(
    missing: NDArray[np.int64],
    rows: NDArray[np.float64],
    reference: NDArray[np.bool_],
    season: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return two-sided p-values of counts of missing cells against the reference.

    As if all cells were independent.

    Of both together the chunk's are binomial (Przyborowski & Wilenski 1940, doi:10.2307/2332612):
    exact for rare ones, where no scale makes them normal, and too large for frequent ones.

    Parameters
    ----------
    missing, rows : ndarray of shape (chunks, m)
        Missing cells, and all.
    reference, season
        As in `number_series`.

    Returns
    -------
    p_value : ndarray of shape (chunks, m), float64
        1 where no cell is missing on either side.
    """
    from scipy.special import bdtr, bdtrc

    whole = np.asarray(rows, dtype=np.float64)
    other, other_rows = (
        expected_counts(counts, reference, season).astype(np.float64) for counts in (missing, whole)
    )
    both = (missing + other).astype(np.int64)
    with np.errstate(all="ignore"):
        share = whole / (whole + other_rows)
        fewer = bdtr(missing.astype(np.float64), both, share)
        more = np.where(missing > 0, bdtrc(np.maximum(missing - 1.0, 0.0), both, share), 1.0)
        p_value = np.minimum(2 * np.minimum(fewer, more), 1.0)
    return np.where(both == 0, np.where(np.isnan(share), np.nan, 1.0), p_value)


def expected_counts(
    counts: NDArray[Any], reference: NDArray[np.bool_], season: NDArray[np.int64]
) -> NDArray[Any]:
    """Return what each chunk is held against: all reference chunks of its season but itself."""
    pools = np.zeros((int(season.max(initial=0)) + 1, counts.shape[1]), counts.dtype)
    np.add.at(pools, season[reference], counts[reference])
    others = pools[season]
    others[reference] -= counts[reference]
    return others


def _in_sd(moved: BinnedDistance, sd: float) -> NDArray[np.float64]:
    if sd > 0:
        return np.asarray(moved.value / sd)
    return np.where(moved.value > 0, np.inf, moved.value)
