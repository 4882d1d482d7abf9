"""Interval and test of a correlation coefficient."""

from __future__ import annotations

import math
from typing import Literal

__all__ = ["correlation_interval", "correlation_p_value"]


def correlation_interval(
    r: float,
    n: int,
    method: Literal["pearson", "spearman"] = "spearman",
    confidence: float = 0.95,
    fixed: int = 0,
) -> tuple[float, float]:
    """Return the interval of a correlation by Fisher's transformation.

    Standard error of artanh r: 1 / √(n − 3) for Pearson's (Fisher 1921), √((1 + r²/2) / (n − 3))
    for Spearman's (Bonett & Wright 2000, doi:10.1007/BF02294183).

    Parameters
    ----------
    r : float
        In [−1, 1].
    n : int
        Rows.
    method : {"pearson", "spearman"}
    confidence : float
        In (0, 1).
    fixed : int
        Further means that were estimated (groups less one, for a correlation within groups).

    Returns
    -------
    low, high : float
        (−1, 1) when there are too few rows to say; NaN when r is.
    """
    if math.isnan(r):
        return math.nan, math.nan
    free = n - fixed - 3
    if free <= 0:
        return -1.0, 1.0
    if abs(r) >= 1:
        return r, r
    from scipy.special import ndtri

    variance = (1 + r * r / 2 if method == "spearman" else 1.0) / free
    half = float(ndtri((1 + confidence) / 2)) * math.sqrt(variance)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def correlation_p_value(r: float, n: int) -> float:
    """Return the two-sided p-value of no correlation, by Student's t with n − 2 degrees of freedom.

    Exact for Pearson's r of normal data; the usual approximation for Spearman's.
    """
    if math.isnan(r) or n < 3:
        return math.nan
    if abs(r) >= 1:
        return 0.0
    from scipy.special import stdtr

    return float(2 * stdtr(n - 2, -abs(r) * math.sqrt((n - 2) / (1 - r * r))))
