"""Shares of rows: intervals of one share and of the difference of two, and tests of equality."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.student import critical_value, two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "margin_p_value",
    "newcombe",
    "newcombe_intervals",
    "pooled_z",
    "share_margin_p_value",
    "wilson_intervals",
]


def wilson_intervals(
    hits: ArrayLike, n: ArrayLike, confidence: ArrayLike = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the intervals of shares by Wilson 1927 (doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    hits, n : array-like
        Rows with the outcome, and all rows; broadcast against each other.
    confidence : array-like
        In (0, 1), broadcast too.

    Returns
    -------
    low, high : ndarray, float64
        (0, 1) where n is 0: nothing is known of that share.
    """
    successes, rows = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    z2 = critical_value(confidence) ** 2
    with np.errstate(all="ignore"):
        middle = (successes + z2 / 2) / (rows + z2)
        half = np.sqrt(z2 * (successes * (rows - successes) / rows + z2 / 4)) / (rows + z2)
        low = np.where(successes == 0, 0.0, np.maximum(middle - half, 0.0))
        high = np.where(successes == rows, 1.0, np.minimum(middle + half, 1.0))
    return np.where(rows == 0, 0.0, low), np.where(rows == 0, 1.0, high)


def newcombe(
    hits: int, n: int, other_hits: int, other_n: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the difference of two independent shares; see `newcombe_intervals`."""
    low, high = newcombe_intervals(hits, n, other_hits, other_n, confidence)
    return float(low), float(high)


def newcombe_intervals(
    hits: ArrayLike,
    n: ArrayLike,
    other_hits: ArrayLike,
    other_n: ArrayLike,
    confidence: ArrayLike = 0.95,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the intervals of differences of two independent shares, the first less the second.

    Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), method 10:
    from the two Wilson intervals.

    Parameters
    ----------
    hits, n, other_hits, other_n : array-like
        As in `wilson_intervals`, first of one group, then of the other; broadcast against each
        other.
    confidence : array-like
        In (0, 1), broadcast too.

    Returns
    -------
    low, high : ndarray, float64
        (−1, 1) where one group is empty.
    """
    (share, low, high), (other_share, other_low, other_high) = (
        _share(hits, n, confidence),
        _share(other_hits, other_n, confidence),
    )
    with np.errstate(all="ignore"):
        lower = np.maximum(
            share - other_share - np.hypot(share - low, other_high - other_share), -1.0
        )
        upper = np.minimum(
            share - other_share + np.hypot(high - share, other_share - other_low), 1.0
        )
    empty = (np.asarray(n) == 0) | (np.asarray(other_n) == 0)
    return np.where(empty, -1.0, lower), np.where(empty, 1.0, upper)


def pooled_z(
    hits: ArrayLike, n: ArrayLike, other_hits: ArrayLike, other_n: ArrayLike
) -> NDArray[np.float64]:
    """Return the two-sided p-value of the equality of two independent shares (score test).

    Its square is Pearson's χ² of the 2 × 2 table without continuity correction (Pearson 1900,
    doi:10.1080/14786440009463897).

    Parameters
    ----------
    hits, n, other_hits, other_n : array-like
        As in `newcombe_intervals`.

    Returns
    -------
    p_value : ndarray, float64
        NaN where a group is empty, and where no row of either group has the outcome, or all have.
    """
    successes, rows, other_successes, other_rows = (
        np.asarray(argument, dtype=np.float64) for argument in (hits, n, other_hits, other_n)
    )
    with np.errstate(all="ignore"):
        pooled = (successes + other_successes) / (rows + other_rows)
        error = np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / other_rows))
        return two_sided(
            np.where(error > 0, (successes / rows - other_successes / other_rows) / error, np.nan)
        )


def share_margin_p_value(hits: int, n: int, other_hits: int, other_n: int, margin: float) -> float:
    """Return the p-value of the hypothesis that two shares differ by no more than a margin.

    By the normal distribution, with one hit and one miss added to each group (Agresti & Caffo 2000,
    doi:10.1080/00031305.2000.10474560). NaN where a group is empty. With a margin of 0 this is the
    two-sided test of equality.
    """
    if n == 0 or other_n == 0:
        return math.nan
    share, other_share = (hits + 1) / (n + 2), (other_hits + 1) / (other_n + 2)
    error = math.sqrt(
        share * (1 - share) / (n + 2) + other_share * (1 - other_share) / (other_n + 2)
    )
    return margin_p_value(abs(share - other_share), margin, error)


def margin_p_value(size: float, margin: float, error: float) -> float:
    """Return the p-value that a normal estimate of this size is within the margin, sign unknown."""
    return _tail((size - margin) / error) + _tail((size + margin) / error)


def _share(
    hits: ArrayLike, n: ArrayLike, confidence: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    with np.errstate(all="ignore"):
        share = np.asarray(hits, dtype=np.float64) / np.asarray(n, dtype=np.float64)
    return share, *wilson_intervals(hits, n, confidence)


def _tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2
