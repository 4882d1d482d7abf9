"""Several arms: whether any differ at all, and which pairs with the control then differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.testing.fdr import adjusted, holm
from explorer.stats.testing.heterogeneity import cochran_q

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["closed_pairs", "equal_means", "equal_shares", "holm_over_families", "selected_families"]


def equal_means(values: ArrayLike, variances: ArrayLike, df: ArrayLike = np.inf) -> Floats:
    """Return p-values of the hypothesis that all arms have the same mean, their variances unequal.

    Welch 1951 (doi:10.1093/biomet/38.3-4.330). With infinite degrees of freedom this is Cochran's
    Q; with two arms, Welch's t.

    Parameters
    ----------
    values, variances, df : array-like of shape (..., k)
        Estimates, their squared standard errors, and the degrees of freedom of these. An arm with a
        NaN is left out.

    Returns
    -------
    p_value : ndarray of shape (...), float64
        NaN with fewer than two arms.
    """
    from scipy.special import chdtrc, fdtrc

    value, variance, free = np.broadcast_arrays(
        *(np.asarray(argument, dtype=np.float64) for argument in (values, variances, df))
    )
    with np.errstate(all="ignore"):
        usable = np.isfinite(value) & (variance > 0) & (free > 0)
        statistic, between, _ = cochran_q(np.where(usable, value, np.nan), np.sqrt(variance))
        weight = np.where(
            usable,
            variance.min(axis=-1, keepdims=True, initial=np.inf, where=usable) / variance,
            0.0,
        )
        share = weight / weight.sum(axis=-1, keepdims=True)
        unsure = np.where(usable, (1 - share) ** 2 / free, 0.0).sum(axis=-1)
        k = between + 1.0
        f = statistic / between / (1 + 2 * (k - 2) / (k**2 - 1) * unsure)
        divisor = np.where(unsure > 0, unsure, 1.0)
        p_value = np.where(
            unsure > 0,
            fdtrc(between, (k**2 - 1) / (3 * divisor), f),
            chdtrc(np.maximum(between, 1), statistic),
        )
    return np.where(between > 0, p_value, np.nan)


def equal_shares(hits: ArrayLike, n: ArrayLike) -> Floats:
    """Return p-values that all arms have the same share, by Pearson's χ² of the k × 2 table.

    Pearson 1900 (doi:10.1080/14786440009463897), without continuity correction.

    Parameters
    ----------
    hits, n : array-like of shape (..., k)
        An arm with a NaN, or without units, is left out.

    Returns
    -------
    p_value : ndarray of shape (...), float64
        NaN with fewer than two arms, and where no unit has the outcome, or all have.
    """
    from scipy.special import chdtrc

    successes, units = np.broadcast_arrays(
        *(np.asarray(argument, dtype=np.float64) for argument in (hits, n))
    )
    usable = np.isfinite(successes) & (units > 0)
    successes, units = np.where(usable, successes, 0.0), np.where(usable, units, 0.0)
    with np.errstate(all="ignore"):
        pooled = successes.sum(axis=-1, keepdims=True) / units.sum(axis=-1, keepdims=True)
        parts = np.where(
            usable, (successes - units * pooled) ** 2 / (units * pooled * (1 - pooled)), 0.0
        )
        df = usable.sum(axis=-1) - 1
        return np.where(df > 0, chdtrc(np.maximum(df, 1), parts.sum(axis=-1)), np.nan)


def closed_pairs(p_values: ArrayLike, omnibus: ArrayLike) -> Floats:
    """Adjust p-values of pairs, tested where the arms differ at all; familywise error at most α.

    The closed test (Marcus, Peritz & Gabriel 1976, doi:10.1093/biomet/63.3.655): the hypothesis
    that no pair differs is that all arms are the same, and has the omnibus test; any fewer pairs
    together have Bonferroni's. Holm's steps from the second on, as Shaffer 1986
    (doi:10.1080/01621459.1986.10478341) has them after an F test: the smallest of m p-values counts
    m − 1 times, not m.

    Parameters
    ----------
    p_values : array-like of shape (..., m)
        Of each pair; NaN is no member.
    omnibus : array-like of shape (...)
        p-value that all arms are the same; that of the pair where there is one.

    Returns
    -------
    adjusted : ndarray of shape (..., m), float64
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, axis=-1, kind="stable")  # NaN last
    sorted_values = np.take_along_axis(values, order, axis=-1)
    members = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    times = np.maximum(np.minimum(members - 1, members - np.arange(values.shape[-1])), 1)
    stepped = np.fmax.accumulate(np.minimum(sorted_values * times, 1.0), axis=-1)
    p_adjusted = np.empty_like(values)
    np.put_along_axis(p_adjusted, order, stepped, axis=-1)
    p_adjusted = np.maximum(p_adjusted, np.asarray(omnibus, dtype=np.float64)[..., None])
    return np.where(np.isnan(values), np.nan, p_adjusted)


def holm_over_families(families: Sequence[Floats]) -> list[Floats]:
    """Adjust over families what is adjusted within each; familywise error at most α.

    The closed test with Bonferroni's over the families that a hypothesis has members in: for a
    member of one family, each other counts with its largest p-value. With one member each this is
    Holm's method.

    Parameters
    ----------
    families : sequence of ndarray of shape (m,), float64
        p-values adjusted within the family (`closed_pairs`); NaN is no member.

    Returns
    -------
    adjusted : list of ndarray of shape (m,), float64
    """
    largest = np.array(
        [np.nan if np.isnan(family).all() else np.nanmax(family) for family in families]
    )
    results = []
    for place, family in enumerate(families):
        others = np.delete(largest, place)
        results.append(np.array([holm(np.append(others, p))[-1] for p in family]))
    return results


def selected_families(p_values: ArrayLike, omnibus: ArrayLike) -> Floats:
    """Adjust within families that are selected by the false discovery rate of omnibus tests.

    Benjamini & Bogomolov 2014 (doi:10.1111/rssb.12028): at level q, the R of m families are opened
    that Benjamini–Hochberg selects, and their members are rejected at q·R/m. The adjusted p-value
    is the smallest q at which a member is. Where every family has one member it is
    Benjamini–Hochberg's.

    Parameters
    ----------
    p_values : array-like of any shape
        Adjusted within their family, and no smaller than its omnibus p-value (`closed_pairs`); NaN
        is no member.
    omnibus : array-like of shape (m,)
        Of each family; NaN is none.

    Returns
    -------
    adjusted : ndarray of the shape of ``p_values``, float64
    """
    values = np.asarray(p_values, dtype=np.float64)
    chosen = np.sort(adjusted(omnibus))
    chosen = chosen[~np.isnan(chosen)]
    m = len(chosen)
    if not m:
        return np.full(values.shape, np.nan)
    rank = np.arange(1, m + 1)
    # with r families selected a member needs q ≥ m p / r, and r are selected from their adjusted
    # p-value on
    first = np.minimum(np.searchsorted(chosen * rank / m, values), m - 1)
    bound = np.maximum(chosen[first], m * values / rank[first])
    before = np.where(first > 0, m * values / rank[np.maximum(first - 1, 0)], np.inf)
    return np.where(np.isnan(values), np.nan, np.minimum(np.minimum(bound, before), 1.0))
