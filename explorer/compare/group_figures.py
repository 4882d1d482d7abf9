"""The figures of one feature in two groups, from rows by value, with intervals and a test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.compare.feature_comparison import LevelShare
from explorer.stats.association import cramers_v
from explorer.stats.classification.auc import auc_interval, auc_margin_p_value
from explorer.stats.intervals.proportions import newcombe, share_margin_p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.profile.counting.tally import Tally

__all__ = ["delta_figures", "level_figures", "missing_figures", "number_figures"]

_Z = 1.959963984540054  # the normal distribution's 97.5 % point
_SIDE = 0.025
_NO_SPREAD = 1e-15
_BAND = (
    math.log(80.0) / 2
)  # of a band that each of two distribution functions leaves with probability 1/40
# Times its mean is the 97.5 % point of W₁ between samples of one continuous distribution at most:
# simulated 1.8 (normal, log-normal) to
# 2.05 (uniform). With two values it is 2.8, but there the interval by the delta method holds 0 as
# often as it should.
_CHANCE = 2.1
_LEVELS_KEPT = 30
_FEWEST_EXPECTED = (
    1.0  # rows of a level in the smaller group; rarer ones are tested together (Cochran 1954)
)


def number_figures(tally: Tally, margin: float) -> dict[str, Any]:
    """Return the figures of a number that has a value in both groups, else of the one that has."""
    finite = tally.finite
    n_a, n_b = int(tally.a.sum()), int(tally.b.sum())
    mean_a, std_a, mean_b, std_b = finite.moments()
    median_a, median_b = tally.medians()
    figures = {
        "n_a": n_a,
        "n_b": n_b,
        "infinite_a": n_a - int(finite.a.sum()),
        "infinite_b": n_b - int(finite.b.sum()),
        "mean_a": mean_a,
        "mean_b": mean_b,
        "std_a": std_a,
        "std_b": std_b,
        "median_a": median_a,
        "median_b": median_b,
    }
    if n_a and n_b:
        figures |= _scaled(finite, (mean_a, std_a, mean_b, std_b)) | _rank_figures(
            tally, n_a, n_b, margin
        )
    return figures


def _scaled(finite: Tally, moments: tuple[float, float, float, float]) -> dict[str, float]:
    """Return the difference of the means and W₁ over √((s_a² + s_b²)/2), with intervals.

    The variance is that of normal groups (Bonett 2008, doi:10.1037/1082-989X.13.2.99) or that of
    the delta method for any shape, the larger: few rows of a long tail seldom show its kurtosis.
    That is not enough for the longest tails: of lognormal samples of 100 rows against 900 the
    interval held the truth in .8 to .9 (tests/benchmarks/rates_compare.py).
    """
    mean_a, std_a, mean_b, std_b = moments
    n_a, n_b = int(finite.a.sum()), int(finite.b.sum())
    spread = math.sqrt((std_a**2 + std_b**2) / 2)
    if not spread > 0 or n_a < 2 or n_b < 2:
        return {}
    share_a, share_b = (std_a / spread) ** 2, (std_b / spread) ** 2
    of_spread = (share_a**2 / (n_a - 1) + share_b**2 / (n_b - 1)) / 8
    any_mean, any_distance = finite.ratio_variances(spread)
    d, distance = (mean_a - mean_b) / spread, finite.sums.wasserstein / spread
    mean = _Z * math.sqrt(
        max(share_a / (n_a - 1) + share_b / (n_b - 1) + d**2 * of_spread, any_mean)
    )
    apart = finite.sums.wasserstein_variance / spread**2 + distance**2 * of_spread
    half = _Z * math.sqrt(max(apart, any_distance))
    equal = finite.sums.wasserstein <= _CHANCE * finite.sums.wasserstein_by_chance
    return {
        "standardized_difference": d,
        "standardized_low": d - mean,
        "standardized_high": d + mean,
        "wasserstein": distance,
        "wasserstein_low": 0.0 if equal else max(distance - half, 0.0),
        "wasserstein_high": distance + half,
    }


def _rank_figures(tally: Tally, n_a: int, n_b: int, margin: float) -> dict[str, float]:
    sums = tally.sums
    error = math.sqrt(sums.spread_a / n_a + sums.spread_b / n_b)
    low, high = auc_interval(sums.auc, error, min(n_a, n_b))
    p_value = auc_margin_p_value(sums.auc, error, min(n_a, n_b), margin)
    for spread, count in ((sums.spread_a, n_a), (sums.spread_b, n_b)):
        if spread <= _NO_SPREAD and count > 1 and 0 < low < high < 1:
            low, high, p_value = _with_constant_group(sums.auc, low, high, p_value, count, margin)
    band = math.sqrt(_BAND / n_a) + math.sqrt(_BAND / n_b)
    return {
        "auc": sums.auc,
        "auc_low": low,
        "auc_high": high,
        **delta_figures(sums.auc, low, high),
        "p_value": p_value,
        "ks": sums.ks,
        "ks_low": max(sums.ks - band, 0.0),
        "ks_high": min(sums.ks + band, 1.0),
    }


def _with_constant_group(
    auc: float, low: float, high: float, p_value: float, count: int, margin: float
) -> tuple[float, float, float]:
    """Widen an interval where all rows of a group have one place among the others.

    Their variance is then 0 and says nothing, as in three rows that all say yes. A share m of such
    rows may lie elsewhere, and none of `count` does with probability (1 − m)^count (Clopper and
    Pearson 1934, doi:10.1093/biomet/26.4.404); it moves δ by at most m (1 + |δ|) towards 0.
    """
    share = 1 - _SIDE ** (1 / count)
    ends = (1 - share) * (2 * low - 1) - share, (1 - share) * (2 * high - 1) + share
    delta = abs(2 * auc - 1)
    beyond = max(delta - margin, 0.0) / (1 + delta)
    return (ends[0] + 1) / 2, (ends[1] + 1) / 2, max(p_value, (1 - beyond) ** count)


def delta_figures(auc: float, low: float, high: float) -> dict[str, float]:
    """Return Cliff's delta with its interval, and the effect that a feature is ordered by."""
    delta, ends = 2 * auc - 1, (2 * low - 1, 2 * high - 1)
    return {
        "cliffs_delta": delta,
        "cliffs_low": ends[0],
        "cliffs_high": ends[1],
        "effect": abs(delta),
        "effect_low": max(ends[0], -ends[1], 0.0),
    }


def level_figures(
    a: NDArray[np.int64], b: NDArray[np.int64], labels: Sequence[str], margin: float
) -> dict[str, Any]:
    """Return the figures of a category from the rows of each level in both groups."""
    n_a, n_b = int(a.sum()), int(b.sum())
    figures: dict[str, Any] = {"n_a": n_a, "n_b": n_b, "levels": _shares(a, b, labels)}
    if not n_a or not n_b:
        return figures
    whole = cramers_v(np.stack([a, b]))
    if math.isnan(whole.value):
        return figures
    table = _pooled(a, b)
    return {
        **figures,
        "cramers_v": whole.value,
        "cramers_low": whole.low,
        "cramers_high": whole.high,
        "effect": whole.value,
        "effect_low": whole.low,
        "p_value": _v_beyond(table, margin),
    }


def _pooled(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the table with its rare levels as one: with them apart, χ² does not hold."""
    both = a + b
    share = min(a.sum(), b.sum()) / both.sum()
    rare = (both > 0) & (both * share < _FEWEST_EXPECTED)
    frequent = (both > 0) & ~rare
    rest = [a[rare].sum()], [b[rare].sum()]
    return np.stack([np.append(a[frequent], rest[0]), np.append(b[frequent], rest[1])])


def _v_beyond(table: NDArray[np.int64], margin: float) -> float:
    """Return the p-value that V is no more than a margin.

    χ² at V is non-central, its centre n V² (two rows).
    """
    from scipy.stats import chi2, ncx2

    table = table[:, table.sum(axis=0) > 0].astype(np.float64)
    n, df = table.sum(), table.shape[1] - 1
    if df < 1:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n
    statistic = float(((table - expected) ** 2 / expected).sum())
    centre = float(n) * margin**2
    return float(ncx2.sf(statistic, df, centre) if centre > 0 else chi2.sf(statistic, df))


def _shares(
    a: NDArray[np.int64], b: NDArray[np.int64], labels: Sequence[str]
) -> tuple[LevelShare, ...]:
    n_a, n_b = int(a.sum()), int(b.sum())
    n = n_a + n_b
    if n == 0:
        return ()
    both = a + b
    expected = both * (n_a / n)
    scale = np.sqrt(expected * (n_b / n) * (1 - both / n))
    residuals = np.divide(a - expected, scale, out=np.zeros(len(a)), where=scale > 0)
    order = np.argsort(-np.abs(residuals), kind="stable")[:_LEVELS_KEPT]
    return tuple(
        LevelShare(
            level=labels[i],
            a=int(a[i]),
            b=int(b[i]),
            share_a=float(a[i] / n_a) if n_a else math.nan,
            share_b=float(b[i] / n_b) if n_b else math.nan,
            residual=float(residuals[i]),
        )
        for i in order
        if both[i]
    )


def missing_figures(
    missing_a: int, rows_a: int, missing_b: int, rows_b: int, margin: float
) -> dict[str, Any]:
    """Return the difference of the shares missing; nothing but counts where no cell is missing."""
    figures: dict[str, Any] = {"missing_a": missing_a, "missing_b": missing_b}
    if not missing_a and not missing_b:
        return figures
    low, high = newcombe(missing_a, rows_a, missing_b, rows_b)
    return {
        **figures,
        "missing_difference": missing_a / rows_a - missing_b / rows_b,
        "missing_low": low,
        "missing_high": high,
        "missing_p": share_margin_p_value(missing_a, rows_a, missing_b, rows_b, margin),
    }
