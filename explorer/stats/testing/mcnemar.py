"""McNemar's test: whether two models are right equally often, from the rows they differ on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["FEWEST_FOR_CHI_SQUARED", "McNemar", "mcnemar"]

FEWEST_FOR_CHI_SQUARED = 25
"""Rows that differ from which the χ² test is as good as the exact one, by convention."""


@dataclass(frozen=True, eq=False)
class McNemar:
    """McNemar's test in its three forms; all arrays have the same shape.

    Parameters
    ----------
    p_value : ndarray, float64
        The exact one below 25 differing rows, else that of χ². NaN where no row differs.
    exact : ndarray, bool
        Which of the two it is.
    exact_p_value : ndarray, float64
        Binomial, two-sided: never too small, and somewhat too large for few rows.
    mid_p_value : ndarray, float64
        The same with what was seen counted half: nearer to the level, in rare cases above it
        (Fagerland, Lydersen & Laake 2013, doi:10.1186/1471-2288-13-91).
    chi_squared, chi_squared_p_value : ndarray, float64
        (|b − c| − 1)² / (b + c), one degree of freedom, continuity corrected (Edwards 1948,
        doi:10.1007/BF02289261).
    """

    p_value: NDArray[np.float64]
    exact: NDArray[np.bool_]
    exact_p_value: NDArray[np.float64]
    mid_p_value: NDArray[np.float64]
    chi_squared: NDArray[np.float64]
    chi_squared_p_value: NDArray[np.float64]


def mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> McNemar:
    """Test whether two shares of the same rows are equal (McNemar 1947, doi:10.1007/BF02295996).

    For rows that stand alone; where they repeat a unit, use the mean of the differences by unit
    (`explorer.stats.contributions`).

    Parameters
    ----------
    only_first, only_second : array-like
        Rows on which only the first, and only the second, is right; broadcast against each other.

    Returns
    -------
    test : McNemar
    """
    from scipy.special import bdtr, chdtrc
    from scipy.stats import binom

    b, c = np.broadcast_arrays(
        np.asarray(only_first, dtype=np.float64), np.asarray(only_second, dtype=np.float64)
    )
    n, fewer = b + c, np.minimum(b, c)
    differ = n > 0
    with np.errstate(all="ignore"):
        exact = np.minimum(2 * bdtr(fewer, np.maximum(n, 1).astype(np.int64), 0.5), 1.0)
        seen = binom.pmf(fewer, n, 0.5)
        mid = np.where(b == c, 1.0 - seen / 2, exact - seen)
        # a table that is even to within a row says nothing, and must not fall on the other side of
        # even
        chi = np.maximum(np.abs(b - c) - 1, 0.0) ** 2 / n
        tail = chdtrc(1, chi)
    exact, mid, chi, tail = (np.where(differ, figure, np.nan) for figure in (exact, mid, chi, tail))
    few = n < FEWEST_FOR_CHI_SQUARED
    return McNemar(np.where(few, exact, tail), few, exact, mid, chi, tail)
