"""Whether the difference of two means is normal enough for Student's t, by its skewness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["MOST_KURTOSIS", "MOST_SKEWNESS", "central_sums", "near_normal", "shape_of_difference"]

MOST_SKEWNESS = 355**-0.5
"""Of a difference that is tested by t. Each tail beyond a 95 % interval is then within .005 of
its .025, by the first term of Edgeworth's series, (2z² + 1) φ(z) · skewness / 6 (Hall 1992,
doi:10.1007/978-1-4612-4384-7): the same as the rule n ≥ 355 · skewness² for the mean of one sample
of Kohavi et al. 2014 (doi:10.1145/2623330.2623341)."""

MOST_KURTOSIS = 0.1
"""Excess, of a difference that is tested by t: beyond, so few units decide that t rejects
too rarely. Held against simulation: tests/benchmarks/rates_skewness.py."""


def shape_of_difference(
    n: ArrayLike, other_n: ArrayLike, skewness: ArrayLike, kurtosis: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return skewness and excess kurtosis of the first mean less the second, of two arms.

    Of (κ₃/n² − κ₃'/n'²) / SE³ and (κ₄/n³ + κ₄'/n'³) / SE⁴ with the same distribution in both arms,
    as it is where the treatment does nothing: skewness cancels between arms of equal size. What is
    known of both arms together does not depend on who is in which, so that arms are not judged by
    the very units by which they happen to differ.

    Parameters
    ----------
    n, other_n : array-like
        Units of either arm; broadcast against all others.
    skewness, kurtosis : array-like
        Of the values, in both arms together; the kurtosis in excess of 3.

    Returns
    -------
    skewness, kurtosis : ndarray, float64
    """
    first, second, skew, excess = (
        np.asarray(argument, dtype=np.float64) for argument in (n, other_n, skewness, kurtosis)
    )
    with np.errstate(all="ignore"):
        square = 1 / first + 1 / second
        return (
            np.asarray(skew * (first**-2 - second**-2) / square**1.5),
            np.asarray(excess * (first**-3 + second**-3) / square**2),
        )


def near_normal(skewness: ArrayLike, kurtosis: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether an estimate of these moments may be tested by Student's t; not if NaN."""
    with np.errstate(all="ignore"):
        return np.asarray(
            (np.abs(skewness) <= MOST_SKEWNESS) & (np.asarray(kurtosis) <= MOST_KURTOSIS)
        )


def central_sums(
    n: ArrayLike, s1: ArrayLike, s2: ArrayLike, s3: ArrayLike, s4: ArrayLike
) -> NDArray[np.float64]:
    """Return central sums of second, third and fourth powers, on a last axis, from raw sums.

    Parameters
    ----------
    n, s1, s2, s3, s4 : array-like
        Number of values, Σv … Σv⁴, of values less a constant near their mean: raw sums of values
        far from 0 lose all digits. Broadcast against each other.

    Returns
    -------
    sums : ndarray of shape (..., 3), float64
        0 where nothing varies beyond the rounding of the sums, or there is no value.
    """
    size, first, second, third, fourth = (
        np.asarray(argument, dtype=np.float64) for argument in (n, s1, s2, s3, s4)
    )
    with np.errstate(all="ignore"):
        mean = np.where(size > 0, first / size, 0.0)
        m2 = second - size * mean**2
        m3 = third - 3 * mean * second + 2 * size * mean**3
        m4 = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * size * mean**4
        varies = (m2 > 1e-12 * second) & (size > 0)
    return np.stack([np.where(varies, moment, 0.0) for moment in (m2, m3, m4)], axis=-1)
