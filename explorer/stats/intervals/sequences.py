"""Asymptotic confidence sequences: intervals and p-values valid at any number of looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ConfidenceSequence",
    "narrowest_rho",
    "sequence_chi_squared_p",
    "sequence_p_value",
    "sequence_width",
]


@dataclass(frozen=True, eq=False)
class ConfidenceSequence:
    """How far an experiment with repeated looks has come; arrays of shape (cells,), or broadcast.

    Parameters
    ----------
    n : ndarray, float64
        Units so far, of all arms that are compared together.
    planned : ndarray, float64
        Units for which the sequences are narrowest; chosen before the first look.
    alpha : float
        Level for which they are.
    """

    n: NDArray[np.float64]
    planned: NDArray[np.float64]
    alpha: float

    def p_value(self, value: ArrayLike, error: ArrayLike) -> NDArray[np.float64]:
        """Return p-values of no effect that hold at every look (`sequence_p_value`)."""
        return sequence_p_value(value, error, self.n, self._rho)

    def width(self, error: ArrayLike, confidence: ArrayLike = 0.95) -> NDArray[np.float64]:
        """Return the half widths of intervals that hold at every look (`sequence_width`)."""
        return sequence_width(
            error, self.n, self._rho, 1 - np.asarray(confidence, dtype=np.float64)
        )

    def p_value_of_q(self, statistic: ArrayLike, df: ArrayLike) -> NDArray[np.float64]:
        """Return p-values of χ² statistics that hold at every look (`sequence_chi_squared_p`)."""
        return sequence_chi_squared_p(
            statistic, df, self.n, narrowest_rho(self.alpha, self.planned, df)
        )

    @property
    def _rho(self) -> NDArray[np.float64]:
        return narrowest_rho(self.alpha, self.planned)


def narrowest_rho(alpha: ArrayLike, planned_n: ArrayLike, df: ArrayLike = 1) -> NDArray[np.float64]:
    """Return the ρ for which a sequence is narrowest about the planned number of units.

    Waudby-Smith et al. 2021 (arXiv:2103.06476), appendix on the choice of ρ: √((−2 ln α + ln(−2 ln
    α + 1)) / n). It is to be chosen before the first look. With k degrees of freedom, g = nρ²
    minimises the statistic at which `sequence_chi_squared_p` reaches α: g − ln(1 + g) = −2 ln α /
    k, which Lambert's W solves; the formula above is the first step towards it for k = 1.

    Parameters
    ----------
    alpha : array-like
        In (0, 1); broadcast against ``planned_n``.
    planned_n : array-like
        Units in all arms together.
    df : array-like
        Degrees of freedom of the statistic: 1 for a single effect.

    Returns
    -------
    rho : ndarray, float64
        NaN where nothing is planned.
    """
    from scipy.special import lambertw

    level, planned, free = (
        np.asarray(argument, dtype=np.float64) for argument in (alpha, planned_n, df)
    )
    with np.errstate(all="ignore"):
        odds = -2 * np.log(level)
        exact = -np.real(lambertw(-np.exp(-1 - odds / np.maximum(free, 1)), -1)) - 1
        grown = np.where(free <= 1, odds + np.log(odds + 1), exact)
        return np.where(planned > 0, np.sqrt(grown / planned), np.nan)


def sequence_width(
    error: ArrayLike, n: ArrayLike, rho: ArrayLike, alpha: ArrayLike = 0.05
) -> NDArray[np.float64]:
    """Return how far a confidence sequence reaches to either side of an estimate.

    Waudby-Smith et al. 2021 (arXiv:2103.06476): e √n · √(2 (nρ² + 1) ln(√(nρ² + 1) / α) / (nρ)²).
    With probability 1 − α all of these intervals, over time, hold the effect; asymptotically, so
    that looks at the first few dozen units are not covered by the promise.

    Parameters
    ----------
    error : array-like
        Standard error of the estimate after n units; broadcast against all others.
    n : array-like
        Units so far, of all arms together.
    rho : array-like
        From `narrowest_rho`.
    alpha : array-like
        In (0, 1).

    Returns
    -------
    half_width : ndarray, float64
        NaN where there is no unit.
    """
    with np.errstate(all="ignore"):
        grown = np.asarray(n, dtype=np.float64) * np.square(np.asarray(rho, dtype=np.float64))
        level = np.asarray(alpha, dtype=np.float64)
        # e² n · 2 (g + 1) L / (n² ρ²) is e² · 2 (g + 1) L / g with g = nρ²
        squared = 2 * (grown + 1) * (np.log1p(grown) / 2 - np.log(level)) / grown
        return np.where(grown > 0, np.asarray(error, dtype=np.float64) * np.sqrt(squared), np.nan)


def sequence_p_value(
    value: ArrayLike, error: ArrayLike, n: ArrayLike, rho: ArrayLike
) -> NDArray[np.float64]:
    """Return the smallest α whose sequence, of this ρ, leaves out 0 after n units.

    The width equals the value at z² = 2 (g + 1) (ln √(g + 1) − ln α) / g, with z the value over its
    error and g = nρ²; solved for α: √(g + 1) · exp(−z² g / (2 (g + 1))), 1 at most.

    Parameters
    ----------
    value, error, n, rho : array-like
        As in `sequence_width`.

    Returns
    -------
    p_value : ndarray, float64
        NaN where there is no unit, or the error is not above 0. The least of all looks so far is a
        p-value too.
    """
    with np.errstate(all="ignore"):
        grown = np.asarray(n, dtype=np.float64) * np.square(np.asarray(rho, dtype=np.float64))
        errors = np.asarray(error, dtype=np.float64)
        z = np.asarray(value, dtype=np.float64) / errors
        log_p = np.log1p(grown) / 2 - z**2 * grown / (2 * (grown + 1))
        return np.where((grown > 0) & (errors > 0), np.exp(np.minimum(log_p, 0.0)), np.nan)


def sequence_chi_squared_p(
    statistic: ArrayLike, df: ArrayLike, n: ArrayLike, rho: ArrayLike
) -> NDArray[np.float64]:
    """Return p-values of χ² statistics of several effects that stay valid at every look.

    Lindon, Ham, Tingley & Bojinov 2022 (arXiv:2210.08589), for many units: under the null the
    effects' estimates are mixed over a normal distribution with the covariance ρ² n times their
    own, and the likelihood ratio is (1 + g)^(−k/2) · exp(Q g / (2 (1 + g))) with g = nρ². One over
    it, 1 at most; for k = 1 this is `sequence_p_value`.

    Parameters
    ----------
    statistic : array-like
        Q, a sum of k squares of independent standard normal values under the null: Cochran's, or a
        Wald statistic.
    df : array-like
        k.
    n, rho : array-like
        As in `sequence_width`.

    Returns
    -------
    p_value : ndarray, float64
        NaN where there is no unit, no degree of freedom or no statistic.
    """
    q, free = np.asarray(statistic, dtype=np.float64), np.asarray(df, dtype=np.float64)
    with np.errstate(all="ignore"):
        grown = np.asarray(n, dtype=np.float64) * np.square(np.asarray(rho, dtype=np.float64))
        log_p = free * np.log1p(grown) / 2 - q * grown / (2 * (grown + 1))
        return np.where(
            (grown > 0) & (free > 0) & ~np.isnan(q), np.exp(np.minimum(log_p, 0.0)), np.nan
        )
