"""FeatureComparison: one feature, rows A against rows B, as plain values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["EffectSize", "FeatureComparison", "LevelShare"]

_NAN = math.nan


class EffectSize(NamedTuple):
    """An effect as it is shown, with its interval; NaN where there is none.

    Parameters
    ----------
    symbol : {"δ", "δ within", "V", ""}
        Cliff's delta, the same within strata, Cramér's V, or none.
    value, low, high : float
    """

    symbol: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class LevelShare:
    """One level of a category in both groups.

    Parameters
    ----------
    level : str
    a, b : int
        Rows.
    share_a, share_b : float
        Of the rows of the group that have a level.
    residual : float
        Standardised Pearson residual of A (Haberman 1973, doi:10.2307/2529686): beyond ±2 the level
        is more or less frequent in A than the same distribution in both groups would give.
    """

    level: str
    a: int
    b: int
    share_a: float
    share_b: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class FeatureComparison:
    """One feature in both groups.

    Figures that do not apply are NaN; those of numbers are A less B, or larger where A is larger.

    Parameters
    ----------
    feature, kind : str
    n_a, n_b : int
        Rows with a value; infinite ones are values, and are left out of means, deviations and the
        Wasserstein distance.
    missing_a, missing_b : int
        Rows without one.
    infinite_a, infinite_b : int
    mean_a, mean_b, std_a, std_b, median_a, median_b : float
        Of numbers; times in seconds since 1970.
    standardized_difference, standardized_low, standardized_high : float
        Difference of the means over √((s_a² + s_b²)/2) (Austin 2009, doi:10.1002/sim.3697),
        interval for any two deviations and shapes, by Bonett 2008 or the delta method, the wider.
        Too narrow where a group has a long tail and few rows: it held the truth in about .8 to .9
        of lognormal samples of 100 rows (tests/benchmarks/rates_compare.py).
    auc, auc_low, auc_high : float
        Chance that a row of A has the larger value, ties half; interval by DeLong, or by Obuchowski
        with a unit.
    cliffs_delta, cliffs_low, cliffs_high : float
        2 AUC − 1 (Cliff 1993, doi:10.1037/0033-2909.114.3.494).
    ks, ks_low, ks_high : float
        Largest difference of the distribution functions, with the band of Dvoretzky, Kiefer and
        Wolfowitz (Massart 1990, doi:10.1214/aop/1176990746) around each.
    wasserstein, wasserstein_low, wasserstein_high : float
        W₁ over √((s_a² + s_b²)/2), interval by the delta method, the error of the deviations in it;
        from 0 on where two samples of one distribution are as far apart. Too narrow with a long
        tail and few rows, as that of the standardised difference.
    cramers_v, cramers_low, cramers_high : float
        Of categories, with Bergsma's correction.
    levels : tuple of LevelShare
        The largest residuals first, at most 30.
    adjusted_auc, adjusted_low, adjusted_high : float
        AUC within strata of the column that is adjusted for (van Elteren).
    missing_difference, missing_low, missing_high : float
        Share missing in A less that in B (Newcombe 1998): an effect of its own.
    effect, effect_low : float
        |δ| or V, and the lower end of its interval: what the rows are ordered by.
    tested : bool
        Whether p-values are given: not where the feature took part in making the groups, or follows
        mostly from those that did.
    seen : str
        How it took part, or follows from features that did; empty where neither is so.
    follows : str
        How far a tested feature follows from those that took part, where that is R² .05 or more.
    p_value, p_adjusted : float
        That |δ|, or V, is no more than the margin; Benjamini–Hochberg over all tests of the
        comparison.
    missing_p, missing_p_adjusted : float
        The same of the share missing.
    exact : bool
        False where values were ranked in 65,535 steps, or rows were sampled.
    sampled : bool
        Whether all figures, counts too, are those of a random sample of the rows; see
        `Comparison.sample`.
    note : str
    """

    feature: str
    kind: str
    n_a: int
    n_b: int
    missing_a: int
    missing_b: int
    infinite_a: int = 0
    infinite_b: int = 0
    mean_a: float = _NAN
    mean_b: float = _NAN
    std_a: float = _NAN
    std_b: float = _NAN
    median_a: float = _NAN
    median_b: float = _NAN
    standardized_difference: float = _NAN
    standardized_low: float = _NAN
    standardized_high: float = _NAN
    auc: float = _NAN
    auc_low: float = _NAN
    auc_high: float = _NAN
    cliffs_delta: float = _NAN
    cliffs_low: float = _NAN
    cliffs_high: float = _NAN
    ks: float = _NAN
    ks_low: float = _NAN
    ks_high: float = _NAN
    wasserstein: float = _NAN
    wasserstein_low: float = _NAN
    wasserstein_high: float = _NAN
    cramers_v: float = _NAN
    cramers_low: float = _NAN
    cramers_high: float = _NAN
    levels: tuple[LevelShare, ...] = ()
    adjusted_auc: float = _NAN
    adjusted_low: float = _NAN
    adjusted_high: float = _NAN
    missing_difference: float = _NAN
    missing_low: float = _NAN
    missing_high: float = _NAN
    effect: float = _NAN
    effect_low: float = _NAN
    tested: bool = True
    seen: str = ""
    follows: str = ""
    p_value: float = _NAN
    p_adjusted: float = _NAN
    missing_p: float = _NAN
    missing_p_adjusted: float = _NAN
    exact: bool = True
    sampled: bool = False
    note: str = ""

    @property
    def shown(self) -> EffectSize:
        """The effect that the feature is ordered by, signed where it can be.

        Within strata where these are adjusted for.
        """
        if self.effect != self.effect:  # such as in strata none of which has rows of both groups
            return EffectSize("", _NAN, _NAN, _NAN)
        if self.adjusted_auc == self.adjusted_auc:
            ends = 2 * self.adjusted_low - 1, 2 * self.adjusted_high - 1
            return EffectSize("δ within", 2 * self.adjusted_auc - 1, *ends)
        if self.cliffs_delta == self.cliffs_delta:
            return EffectSize("δ", self.cliffs_delta, self.cliffs_low, self.cliffs_high)
        return EffectSize("V", self.cramers_v, self.cramers_low, self.cramers_high)

    @property
    def missing_effect(self) -> float:
        """Lower end of the interval of the difference in missing shares, unsigned, or 0."""
        return (
            max(self.missing_low, -self.missing_high, 0.0)
            if self.missing_low == self.missing_low
            else 0.0
        )
