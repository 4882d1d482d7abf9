"""Shares of rows: intervals of one share and of the difference of two."""

from __future__ import annotations

import math

__all__ = ["beyond", "difference_beyond", "newcombe", "wilson"]


def wilson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share by Wilson 1927 (doi:10.1080/01621459.1927.10502953); (0, 1) where n is 0."""
    if n == 0:
        return 0.0, 1.0
    z2 = _z(confidence) ** 2
    middle = (hits + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (hits * (n - hits) / n + z2 / 4)) / (n + z2)
    return max(middle - half, 0.0) if hits else 0.0, min(middle + half, 1.0) if hits < n else 1.0


def newcombe(
    hits: int, n: int, other_hits: int, other_n: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the difference of two independent shares, the first less the second.

    Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), method 10: from the two Wilson
    intervals. (−1, 1) where one group is empty.
    """
    if n == 0 or other_n == 0:
        return -1.0, 1.0
    one, other = hits / n, other_hits / other_n
    (low, high), (other_low, other_high) = (
        wilson(hits, n, confidence),
        wilson(other_hits, other_n, confidence),
    )
    down = math.hypot(one - low, other_high - other)
    up = math.hypot(high - one, other - other_low)
    return max(one - other - down, -1.0), min(one - other + up, 1.0)


def difference_beyond(hits: int, n: int, other_hits: int, other_n: int, margin: float) -> float:
    """Return the p-value of the hypothesis that two shares differ by no more than a margin.

    By the normal distribution, with one hit and one miss added to each group (Agresti & Caffo 2000,
    doi:10.1080/00031305.2000.10474560). NaN where a group is empty. With a margin of 0 this is the two-sided test of equality.
    """
    if n == 0 or other_n == 0:
        return math.nan
    one, other = (hits + 1) / (n + 2), (other_hits + 1) / (other_n + 2)
    error = math.sqrt(one * (1 - one) / (n + 2) + other * (1 - other) / (other_n + 2))
    return beyond(abs(one - other), margin, error)


def beyond(size: float, margin: float, error: float) -> float:
    """Return the p-value that a normal estimate of this size is at the margin or inside, its sign unknown."""
    return _tail((size - margin) / error) + _tail((size + margin) / error)


def _tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def _z(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))
