"""Power: which effect an experiment can detect, and how many units that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["detectable_effect", "units_needed"]


def detectable_effect(
    error: ArrayLike, alpha: ArrayLike = 0.05, power: ArrayLike = 0.8
) -> NDArray[np.float64]:
    """Return the smallest true effect that a two-sided test finds with the stated probability.

    (z₁₋α/₂ + z_power) · error, by the normal distribution. The chance of a significant effect of
    the wrong sign, below 10⁻⁶ for the usual .05 and .8, is left out.

    Parameters
    ----------
    error : array-like
        Standard error of the difference; broadcast against all others.
    alpha : array-like
        In (0, 1).
    power : array-like
        In (α, 1).

    Returns
    -------
    effect : ndarray, float64
        Absolute, in the units of the metric.
    """
    with np.errstate(all="ignore"):
        return _distance(alpha, power) * np.asarray(error, dtype=np.float64)


def units_needed(
    variance: ArrayLike, effect: ArrayLike, alpha: ArrayLike = 0.05, power: ArrayLike = 0.8
) -> NDArray[np.float64]:
    """Return the units that each of two equal arms needs to find an effect.

    2 (z₁₋α/₂ + z_power)² σ² / δ², by the normal distribution, not rounded.

    Parameters
    ----------
    variance : array-like
        Of a unit, alike in both arms; broadcast against all others.
    effect : array-like
        Absolute, in the units of the metric.
    alpha, power : array-like
        As in `detectable_effect`.

    Returns
    -------
    n : ndarray, float64
        Per arm; inf for an effect of 0.
    """
    with np.errstate(all="ignore"):
        return 2 * _distance(alpha, power) ** 2 * _relative(variance, effect)


def _relative(variance: ArrayLike, effect: ArrayLike) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return np.asarray(
            np.asarray(variance, dtype=np.float64) / np.square(np.asarray(effect, dtype=np.float64))
        )


def _distance(alpha: ArrayLike, power: ArrayLike) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(
        ndtri(1 - np.asarray(alpha, dtype=np.float64) / 2)
        + ndtri(np.asarray(power, dtype=np.float64))
    )
