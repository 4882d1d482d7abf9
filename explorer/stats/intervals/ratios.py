"""The ratio of two means over the same units, and the difference of two such ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ratio_difference", "ratio_moments"]


def ratio_moments(
    n: ArrayLike,
    num: ArrayLike,
    den: ArrayLike,
    var_num: ArrayLike,
    var_den: ArrayLike,
    cov: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ratio of two means and the variance of that estimate, by the delta method.

    var(M/D) = (s²_M / D² − 2 M s_MD / D³ + M² s²_D / D⁴) / n, at the unit of randomisation (Deng,
    Knoblich & Lu 2018, doi:10.1145/3219819.3219919).

    Parameters
    ----------
    n : array-like
        Units; broadcast against all others.
    num, den : array-like
        Means per unit of numerator and denominator.
    var_num, var_den, cov : array-like
        Variances and covariance over units, ddof = 1.

    Returns
    -------
    ratio : ndarray, float64
        NaN where the denominator's mean is 0 or there is no unit.
    variance : ndarray, float64
        Of the ratio, not of a unit; NaN also where there are fewer than two units.
    """
    size, top, bottom, spread_top, spread_bottom, together = (
        np.asarray(each, dtype=np.float64) for each in (n, num, den, var_num, var_den, cov)
    )
    with np.errstate(all="ignore"):
        ratio = np.where((size > 0) & (bottom != 0), top / bottom, np.nan)
        spread = (spread_top - 2 * ratio * together + ratio**2 * spread_bottom) / bottom**2
        # a numerator in exact proportion to its denominator leaves nothing but rounding, on either
        # side of 0
        variance = np.where(size >= 2, np.maximum(spread, 0.0) / size, np.nan)
    return ratio, variance


def ratio_difference(
    n: ArrayLike,
    num: ArrayLike,
    den: ArrayLike,
    var_num: ArrayLike,
    var_den: ArrayLike,
    cov: ArrayLike,
    other_n: ArrayLike,
    other_num: ArrayLike,
    other_den: ArrayLike,
    other_var_num: ArrayLike,
    other_var_den: ArrayLike,
    other_cov: ArrayLike,
) -> Estimate:
    """Estimate the difference of the ratios of two independent arms, the first less the second.

    Tested by the normal distribution: the delta method holds for many units only, so that Student's
    t would promise a precision that it does not have.

    Parameters
    ----------
    n, num, den, var_num, var_den, cov, other_n, other_num, other_den, other_var_num, other_var_den,
    other_cov : array-like
        As in `ratio_moments`, first of one arm, then of the other.

    Returns
    -------
    estimate : Estimate
    """
    ratio, variance = ratio_moments(n, num, den, var_num, var_den, cov)
    other, other_variance = ratio_moments(
        other_n, other_num, other_den, other_var_num, other_var_den, other_cov
    )
    with np.errstate(all="ignore"):
        return Estimate.of(ratio - other, np.sqrt(variance + other_variance))
