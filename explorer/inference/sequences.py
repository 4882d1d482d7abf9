"""Asymptotic confidence sequences: intervals and p-values that stay valid however often one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["sequence_p", "sequence_width", "tuning"]


def tuning(alpha: ArrayLike, planned_n: ArrayLike) -> NDArray[np.float64]:
    """Return the ρ for which a sequence is narrowest about the planned number of units.

    Waudby-Smith et al. 2021 (arXiv:2103.06476), appendix on the choice of ρ: √((−2 ln α + ln(−2 ln α + 1)) / n). It is
    to be chosen before the first look.

    Parameters
    ----------
    alpha : array-like
        In (0, 1); broadcast against ``planned_n``.
    planned_n : array-like
        Units in all arms together.

    Returns
    -------
    rho : ndarray, float64
        NaN where nothing is planned.
    """
    level, planned = np.asarray(alpha, dtype=np.float64), np.asarray(planned_n, dtype=np.float64)
    with np.errstate(all="ignore"):
        odds = -2 * np.log(level)
        return np.where(planned > 0, np.sqrt((odds + np.log(odds + 1)) / planned), np.nan)


def sequence_width(
    error: ArrayLike, n: ArrayLike, rho: ArrayLike, alpha: ArrayLike = 0.05
) -> NDArray[np.float64]:
    """Return how far a confidence sequence reaches to either side of an estimate.

    Waudby-Smith et al. 2021 (arXiv:2103.06476): e √n · √(2 (nρ² + 1) ln(√(nρ² + 1) / α) / (nρ)²). With
    probability 1 − α all of these intervals, over time, hold the effect; asymptotically, so that looks at the first few
    dozen units are not covered by the promise.

    Parameters
    ----------
    error : array-like
        Standard error of the estimate after n units; broadcast against all others.
    n : array-like
        Units so far, of all arms together.
    rho : array-like
        From `tuning`.
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


def sequence_p(value: ArrayLike, error: ArrayLike, n: ArrayLike, rho: ArrayLike) -> NDArray[np.float64]:
    """Return the smallest α whose sequence, of this ρ, leaves out 0 after n units.

    The width equals the value at z² = 2 (g + 1) (ln √(g + 1) − ln α) / g, with z the value over its error and g = nρ²;
    solved for α: √(g + 1) · exp(−z² g / (2 (g + 1))), 1 at most.

    Parameters
    ----------
    value, error, n, rho : array-like
        As in `sequence_width`.

    Returns
    -------
    p_value : ndarray, float64
        NaN where there is no unit, or the error is not above 0. The least of all looks so far is a p-value too.
    """
    with np.errstate(all="ignore"):
        grown = np.asarray(n, dtype=np.float64) * np.square(np.asarray(rho, dtype=np.float64))
        errors = np.asarray(error, dtype=np.float64)
        z = np.asarray(value, dtype=np.float64) / errors
        log_p = np.log1p(grown) / 2 - z**2 * grown / (2 * (grown + 1))
        return np.where((grown > 0) & (errors > 0), np.exp(np.minimum(log_p, 0.0)), np.nan)
