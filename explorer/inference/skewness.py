"""Skewness, and how many units a skewed mean needs before its interval can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["UNITS_PER_SQUARED_SKEWNESS", "skewness_from_sums", "too_few", "units_for"]

# The rule of thumb of Kohavi et al. 2014 (doi:10.1145/2623330.2623341). With as many, each tail beyond a 95 % interval by t is
# within .005 of its .025, by the first term of Edgeworth's series: (2z² + 1) φ(z) · skewness / 6√n.
UNITS_PER_SQUARED_SKEWNESS = 355


def units_for(skewness: ArrayLike) -> NDArray[np.float64]:
    """Return the units an arm needs for the mean of values of this skewness: 355 · skewness²; NaN where that is NaN."""
    with np.errstate(all="ignore"):
        return np.asarray(UNITS_PER_SQUARED_SKEWNESS * np.asarray(skewness, dtype=np.float64) ** 2)


def too_few(n: ArrayLike, skewness: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether an arm has too few units for the mean of values of this skewness: n < 355 · skewness².

    Parameters
    ----------
    n : array-like
        Units of the arm; broadcast against ``skewness``.
    skewness : array-like
        Of the values.

    Returns
    -------
    too_few : ndarray, bool
        True where the skewness is NaN, and where there is no unit.
    """
    size, skew = np.asarray(n, dtype=np.float64), np.asarray(skewness, dtype=np.float64)
    with np.errstate(all="ignore"):
        # asked this way round, what cannot be known is too few
        return ~((size >= units_for(skew)) & (size > 0))


def skewness_from_sums(n: ArrayLike, s1: ArrayLike, s2: ArrayLike, s3: ArrayLike) -> NDArray[np.float64]:
    """Return the biased skewness g₁ = m₃ / m₂^1.5 from sums of powers.

    Parameters
    ----------
    n, s1, s2, s3 : array-like
        Number of values, Σv, Σv², Σv³, of values less a constant near their mean: raw sums of values far from 0 lose
        all digits. Broadcast against each other.

    Returns
    -------
    skewness : ndarray, float64
        NaN where nothing varies, beyond the rounding of the sums, or there is no value.
    """
    size, first, second, third = (np.asarray(each, dtype=np.float64) for each in (n, s1, s2, s3))
    with np.errstate(all="ignore"):
        mean, square, cube = first / size, second / size, third / size
        m2 = square - mean**2
        m3 = cube - 3 * mean * square + 2 * mean**3
        return np.where(m2 > 1e-12 * square, m3 / m2**1.5, np.nan)
