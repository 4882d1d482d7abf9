"""The ratio of two means over the same units, and the difference of two such ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ratio_moments"]


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
        np.asarray(argument, dtype=np.float64) for argument in (n, num, den, var_num, var_den, cov)
    )
    with np.errstate(all="ignore"):
        ratio = np.where((size > 0) & (bottom != 0), top / bottom, np.nan)
        spread = (spread_top - 2 * ratio * together + ratio**2 * spread_bottom) / bottom**2
        # a numerator in exact proportion to its denominator leaves nothing but rounding, on either
        # side of 0
        variance = np.where(size >= 2, np.maximum(spread, 0.0) / size, np.nan)
    return ratio, variance
