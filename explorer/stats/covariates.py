"""Means adjusted for what was measured before the experiment (CUPED), from sums alone.

The sums of an arm are an array whose last axis is, in this order, those over the units with a value
x before and y since:

====  ===  ===  ===  ===  ===  ====  ====  ====  =====  =====  =====
n     Σx   Σy   Σx²  Σxy  Σy²  Σx³   Σx²y  Σxy²  Σx⁴    Σx³y   Σx²y²
====  ===  ===  ===  ===  ===  ====  ====  ====  =====  =====  =====

and, for the units whose x is missing, n, Σy, Σy². Both x and y are taken less a constant near their
mean, the same in all arms: raw fourth powers of values far from 0 lose all digits. Adjusted means
are then of y less its constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PRESENT_SUMS",
    "AdjustedMeans",
    "adjusted_means",
    "without_indicator",
]

# The powers (of x, of y) of each sum, in the order of the arrays.
PRESENT_SUMS = (
    (0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (4, 0), (3, 1), (2, 2),
)  # fmt: skip

# The least of an arm's units of a kind by which a mean of theirs has an error.
_FEWEST = 2


class AdjustedMeans(NamedTuple):
    """The adjusted means of arms; all of the leading shape of the sums.

    Parameters
    ----------
    mean : ndarray, float64
        What the arm's mean would be, had it the overall mean of x, and the overall share of missing
        x.
    variance : ndarray, float64
        Of that mean (a squared standard error).
    slope : ndarray, float64
        Of y on x within the arm; 0 where x does not vary there.
    n : ndarray, float64
        Units, those with a missing x included.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    slope: NDArray[np.float64]
    n: NDArray[np.float64]


def adjusted_means(
    present: ArrayLike, missing: ArrayLike, centre: ArrayLike, missing_share: ArrayLike
) -> AdjustedMeans:
    """Fit each arm's mean at the overall mean of a covariate, by a line of its own.

    Lin 2013 (doi:10.1214/12-AOAS583): the difference of two such means is the coefficient of the
    arm in a regression on arm × (x − centre), which never loses precision asymptotically. The
    variance is the heteroscedasticity-robust one (HC0, White 1980, doi:10.2307/1912934) times n/(n
    − 2) in each arm; that of the mean of units without x is times n/(n − 1). Covariates count as
    given, as in Lin's finite population.

    Units without x are a group of their own (mean and indicator of the regression): the mean is
    (1 − m) · line(centre) + m · their mean, with m the overall share of such units.

    Parameters
    ----------
    present : array-like of shape (..., 12)
        Sums of the units with x; see the head of this module.
    missing : array-like of shape (..., 3)
        Sums of the units without.
    centre : array-like of shape (...)
        The mean of x over the units of all arms that have one.
    missing_share : array-like of shape (...)
        The share m of units without x over all arms. Where it is 0, ``missing`` is not looked at.

    Returns
    -------
    adjusted : AdjustedMeans
        NaN where an arm has fewer than three units with x, or m > 0 and fewer than two without.
    """
    present_sums, missing_sums = (
        np.asarray(present, dtype=np.float64),
        np.asarray(missing, dtype=np.float64),
    )
    share = np.asarray(missing_share, dtype=np.float64)
    with np.errstate(all="ignore"):
        line, of_line, slope = _line(present_sums, np.asarray(centre, dtype=np.float64))
        n, mean = missing_sums[..., 0], missing_sums[..., 1] / missing_sums[..., 0]
        spread = np.maximum(missing_sums[..., 2] / n - mean**2, 0.0)
        of_mean = np.where(n >= _FEWEST, spread / (n - 1), np.nan)
        both = share > 0
        value = np.where(both, (1 - share) * line + share * mean, line)
        variance = np.where(both, (1 - share) ** 2 * of_line + share**2 * of_mean, of_line)
        value = np.where(np.isnan(variance), np.nan, value)
        return AdjustedMeans(value, variance, slope, present_sums[..., 0] + np.where(both, n, 0.0))


def without_indicator(
    present: ArrayLike, missing: ArrayLike, centre: ArrayLike
) -> NDArray[np.float64]:
    """Return the sums of all units of an arm, those without x taken to have the mean of x.

    Parameters
    ----------
    present : array-like of shape (..., 12)
    missing : array-like of shape (..., 3)
    centre : array-like of shape (...)

    Returns
    -------
    sums : ndarray of shape (..., 12), float64
    """
    absent, x = np.asarray(missing, dtype=np.float64), np.asarray(centre, dtype=np.float64)
    # of an arm in which no unit has x there is no centre, and nothing to add at it
    x = np.where(np.isnan(x), 0.0, x)
    with np.errstate(all="ignore"):
        added = [x**of_x * absent[..., of_y] for of_x, of_y in PRESENT_SUMS]
        sums: NDArray[np.float64] = np.asarray(present) + np.stack(
            np.broadcast_arrays(*added), axis=-1
        )
    return sums


def _second_order(sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return n, the means of x and y, and the sums of squares and products about them."""
    n, sx, sy, sxx, sxy, syy = np.moveaxis(sums[..., :6], -1, 0)
    x, y = sx / n, sy / n
    suu, svv = np.maximum(sxx - n * x**2, 0.0), np.maximum(syy - n * y**2, 0.0)
    # what is left of a constant is the rounding of its square
    suu = np.where(suu > 1e-12 * sxx, suu, 0.0)
    return n, x, y, suu, np.where(suu > 0, sxy - n * x * y, 0.0), svv


def _line(
    sums: NDArray[np.float64], centre: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return an arm's regression line at ``centre``, its robust variance, and the slope.

    With u and v the values less the arm's means, e = v − b u the residuals and d = centre − x̄,
    unit i has the influence e (1/n + d u / Σu²) on the value: the variance is the sum of the
    squares of these.
    """
    n, x, y, suu, suv, svv = _second_order(sums)
    slope = np.where(suu > 0, suv / suu, 0.0)
    third, fourth = _residual_moments(sums, x, y, slope)
    squares = np.maximum(svv - slope * suv, 0.0)
    reach = np.where(suu > 0, (centre - x) / suu, 0.0)
    robust = squares / n**2 + 2 * reach * third / n + reach**2 * fourth
    variance = np.where(n > _FEWEST, np.maximum(robust, 0.0) * n / (n - 2), np.nan)
    return y + slope * np.where(suu > 0, centre - x, 0.0), variance, slope


def _residual_moments(
    sums: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Σ e² u and Σ e² u² of the residuals e = v − b u, from raw sums about 0."""
    n = sums[..., 0]
    sxx, sxy, syy, s30, s21, s12, s40, s31, s22 = np.moveaxis(sums[..., 3:], -1, 0)
    uuu = s30 - 3 * x * sxx + 2 * n * x**3
    uuv = s21 - 2 * x * sxy - y * sxx + 2 * n * x**2 * y
    uvv = s12 - 2 * y * sxy - x * syy + 2 * n * x * y**2
    uuuu = s40 - 4 * x * s30 + 6 * x**2 * sxx - 3 * n * x**4
    uuuv = s31 - y * s30 - 3 * x * s21 + 3 * x * y * sxx + 3 * x**2 * sxy - 3 * n * x**3 * y
    uuvv = (
        s22
        - 2 * y * s21
        - 2 * x * s12
        + y**2 * sxx
        + x**2 * syy
        + 4 * x * y * sxy
        - 3 * n * x**2 * y**2
    )
    return uvv - 2 * slope * uuv + slope**2 * uuu, uuvv - 2 * slope * uuuv + slope**2 * uuuu
