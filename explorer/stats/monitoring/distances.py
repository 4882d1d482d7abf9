"""Distances between distributions, from counts in the same bins: many chunks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ChiSquared",
    "chi_squared",
    "jensen_shannon",
    "kolmogorov",
    "shares",
]


class ChiSquared(NamedTuple):
    """Pearson's χ² of each chunk against the reference; all arrays of shape (...).

    Parameters
    ----------
    statistic, df, p_value : ndarray, float64
        Of the hypothesis that both are samples of the same distribution. NaN where either has no
        row, or fewer than two levels occur.
    cramers_v : ndarray, float64
        √(χ² / n), the effect whatever the number of rows; in [0, 1] where both are samples, n the
        rows of both.
    """

    statistic: NDArray[np.float64]
    df: NDArray[np.float64]
    p_value: NDArray[np.float64]
    cramers_v: NDArray[np.float64]


def shares(counts: ArrayLike) -> NDArray[np.float64]:
    """Return counts (..., bins) over their sum; NaN where it is 0."""
    rows = np.asarray(counts, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


def jensen_shannon(counts: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Return the Jensen–Shannon distance with logarithms of base 2, from 0 to 1.

    Endres & Schindelin 2003, doi:10.1109/TIT.2003.813506.

    Parameters
    ----------
    counts, reference : array-like of shape (..., bins)
        Broadcast against each other.

    Returns
    -------
    distance : ndarray of shape (...), float64
        The root of the divergence, which is a metric. NaN where either has no row.
    """
    p, q = shares(counts), shares(reference)
    with np.errstate(all="ignore"):
        middle = (p + q) / 2
        parts = [
            np.where(distribution > 0, distribution * np.log2(distribution / middle), 0.0)
            for distribution in (p, q)
        ]
        divergence = (parts[0] + parts[1]).sum(axis=-1) / 2
    empty = np.isnan(p).any(axis=-1) | np.isnan(q).any(axis=-1)
    return np.where(empty, np.nan, np.sqrt(np.clip(divergence, 0.0, 1.0)))


def kolmogorov(counts: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Return the largest difference of the distribution functions at the upper ends of bins.

    That of the values themselves is larger by the share of the fullest bin at most, and equal where
    each value has its own bin.

    Parameters
    ----------
    counts, reference : array-like of shape (..., bins)
        Bins in ascending order; broadcast against each other.
    """
    gap = np.cumsum(shares(counts), axis=-1) - np.cumsum(shares(reference), axis=-1)
    return np.asarray(np.abs(gap).max(axis=-1))


def chi_squared(
    counts: ArrayLike, reference: ArrayLike, exact_reference: bool = False
) -> ChiSquared:
    """Test whether counts of levels come from the same distribution.

    Parameters
    ----------
    counts, reference : array-like of shape (..., levels)
        Broadcast against each other; levels that occur in neither are left out.
    exact_reference : bool
        Whether the shares of the reference are taken as free of error; otherwise it is a sample as
        well. A level that a known reference lacks makes the statistic infinite.
    """
    from scipy.special import chdtrc

    a, b = np.broadcast_arrays(
        np.asarray(counts, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    )
    n, other = a.sum(axis=-1), b.sum(axis=-1)
    both = a + b
    with np.errstate(all="ignore"):
        total = n + other
        # of two rows: Σ (a m − b n)² / (n m (a + b)), m and n the sums; of one: Σ (a m − b n)² / (n
        # m b)
        parts = np.where(
            both > 0,
            (a * other[..., None] - b * n[..., None]) ** 2 / (b if exact_reference else both),
            0.0,
        )
        statistic = parts.sum(axis=-1) / (n * other)
        df = (both > 0).sum(axis=-1) - 1.0
        tested = (n > 0) & (other > 0) & (df > 0)
        statistic, df = np.where(tested, statistic, np.nan), np.where(tested, df, np.nan)
        return ChiSquared(
            statistic,
            df,
            chdtrc(df, statistic),
            np.sqrt(statistic / (n if exact_reference else total)),
        )
