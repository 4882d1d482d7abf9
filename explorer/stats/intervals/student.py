"""Critical values and two-sided tests by Student's t and the normal distribution, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["critical_value", "two_sided"]


def critical_value(confidence: ArrayLike, df: ArrayLike = np.inf) -> NDArray[np.float64]:
    """Return how many standard errors an interval of this confidence reaches to either side.

    Parameters
    ----------
    confidence : array-like
        In (0, 1), broadcast against ``df``.
    df : array-like
        Degrees of freedom; inf is the normal distribution.

    Returns
    -------
    critical : ndarray, float64
        NaN where ``df`` is NaN or not above 0, or ``confidence`` is not in (0, 1).
    """
    from scipy.special import ndtri, stdtrit

    level, free = np.broadcast_arrays(
        np.asarray(confidence, dtype=np.float64), np.asarray(df, dtype=np.float64)
    )
    with np.errstate(all="ignore"):
        upper = (1 + level) / 2
        # which value the library gives at infinite degrees of freedom has changed between releases
        finite = np.where(np.isinf(free), 1.0, free)
        critical = np.where(np.isposinf(free), ndtri(upper), stdtrit(finite, upper))
        return np.where((free > 0) & (level > 0) & (level < 1), critical, np.nan)


def two_sided(statistic: ArrayLike, df: ArrayLike = np.inf) -> NDArray[np.float64]:
    """Return the probability of a statistic at least as far from 0, on either side.

    Parameters
    ----------
    statistic : array-like
        An estimate over its standard error; broadcast against ``df``.
    df : array-like
        Degrees of freedom; inf is the normal distribution.

    Returns
    -------
    p_value : ndarray, float64
        In [0, 1]; NaN where the statistic is NaN or ``df`` is NaN or not above 0.
    """
    from scipy.special import ndtr, stdtr

    t, free = np.broadcast_arrays(
        np.asarray(statistic, dtype=np.float64), np.asarray(df, dtype=np.float64)
    )
    with np.errstate(all="ignore"):
        finite = np.where(np.isinf(free), 1.0, free)
        tail = np.where(np.isposinf(free), ndtr(-np.abs(t)), stdtr(finite, -np.abs(t)))
        return np.where(free > 0, 2 * tail, np.nan)
