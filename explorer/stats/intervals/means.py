"""The difference of two means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["satterthwaite", "welch"]


def welch(
    mean: ArrayLike,
    variance: ArrayLike,
    n: ArrayLike,
    other_mean: ArrayLike,
    other_variance: ArrayLike,
    other_n: ArrayLike,
) -> Estimate:
    """Estimate the first of two independent means less the second, variances unequal.

    Welch 1947 (doi:10.1093/biomet/34.1-2.28): the variances are not pooled, so that arms of unequal
    size and spread keep the stated error.

    Parameters
    ----------
    mean, other_mean : array-like
        Broadcast against all others, as are the following.
    variance, other_variance : array-like
        Of the values, ddof = 1.
    n, other_n : array-like
        Units in each arm.

    Returns
    -------
    estimate : Estimate
        Error 0 and no p-value where nothing varies in both arms; NaN where an arm has fewer than
        two units.
    """
    first, spread, size, second, other_spread, other_size = (
        np.asarray(argument, dtype=np.float64)
        for argument in (mean, variance, n, other_mean, other_variance, other_n)
    )
    with np.errstate(all="ignore"):
        of_mean = np.where(size >= 2, spread / size, np.nan)
        of_other = np.where(other_size >= 2, other_spread / other_size, np.nan)
        df = satterthwaite(of_mean, size - 1, of_other, other_size - 1)
        return Estimate.of(first - second, np.sqrt(of_mean + of_other), df)


def satterthwaite(
    variance: ArrayLike, df: ArrayLike, other_variance: ArrayLike, other_df: ArrayLike
) -> NDArray[np.float64]:
    """Return the degrees of freedom of a sum of two independent estimated variances.

    Satterthwaite 1946 (doi:10.2307/3002019): (v₁ + v₂)² / (v₁²/f₁ + v₂²/f₂).

    Parameters
    ----------
    variance, other_variance : array-like
        Of the two estimates (squared standard errors).
    df, other_df : array-like
        Degrees of freedom of each.

    Returns
    -------
    df : ndarray, float64
        NaN where both variances are 0 or one is unknown.
    """
    first, free, second, other_free = (
        np.asarray(argument, dtype=np.float64)
        for argument in (variance, df, other_variance, other_df)
    )
    with np.errstate(all="ignore"):
        # shares of the sum rather than the sums themselves: the squares of tiny variances would
        # underflow
        share = first / (first + second)
        return 1 / (share**2 / free + (1 - share) ** 2 / other_free)
