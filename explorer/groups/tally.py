"""Tally: how many rows of each group have each value, and the figures that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from explorer.profiles.order import order

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tally", "tally_of_values"]


class _Sums(NamedTuple):
    auc: float
    spread_a: float
    spread_b: float
    ks: float
    wasserstein: float
    wasserstein_variance: float


@dataclass(frozen=True, eq=False)
class Tally:
    """Rows of both groups by value.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
        Ascending, all different, without NaN.
    a, b : ndarray of shape (k,), int64
        Rows of each group with that value.
    """

    values: NDArray[np.float64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]

    def finite(self) -> Tally:
        """Return the same without infinite values."""
        kept = np.isfinite(self.values)
        return self if kept.all() else Tally(self.values[kept], self.a[kept], self.b[kept])

    def moments(self) -> tuple[float, float, float, float]:
        """Return mean and standard deviation (ddof=1) of A, then of B; NaN where there are too few rows."""
        return (*_mean_and_std(self.values, self.a), *_mean_and_std(self.values, self.b))

    def medians(self) -> tuple[float, float]:
        """Return the median of A and of B, halfway between the two middle values; NaN without rows."""
        return _median(self.values, self.a), _median(self.values, self.b)

    def sums(self) -> _Sums:
        """Return the figures that need one pass through the values.

        Returns
        -------
        auc : float
            Chance that a row of A has the larger value, ties half.
        spread_a, spread_b : float
            DeLong's variance (ddof=1) of the placements of A and of B.
        ks : float
            Largest difference of the distribution functions (Kolmogorov).
        wasserstein : float
            Integral of their absolute difference (W₁), in the unit of the values.
        wasserstein_variance : float
            Its variance by the delta method: from where each row lies on the integral of the sign of the difference.
        """
        return _Sums(*_passed(self.values, self.a, self.b))


def tally_of_values(a: NDArray[np.float64], b: NDArray[np.float64]) -> Tally:
    """Count two groups of values, none of them NaN."""
    one, other = order(np.ascontiguousarray(a)).copy(), order(np.ascontiguousarray(b))
    return Tally(*_merged(one, other))


@njit(cache=True, nogil=True)
def _merged(one, other):  # type: ignore[no-untyped-def]
    """Merge two ascending arrays into different values and how often each side has them."""
    size = len(one) + len(other)
    values = np.empty(size)
    counts = np.empty((2, size), dtype=np.int64)
    i, j, k = 0, 0, 0
    while i < len(one) or j < len(other):
        first = j == len(other) or (i < len(one) and one[i] <= other[j])
        value = one[i] if first else other[j]
        begin_i, begin_j = i, j
        while i < len(one) and one[i] == value:
            i += 1
        while j < len(other) and other[j] == value:
            j += 1
        values[k], counts[0, k], counts[1, k] = value, i - begin_i, j - begin_j
        k += 1
    return values[:k].copy(), counts[0, :k].copy(), counts[1, :k].copy()


@njit(cache=True, nogil=True)
def _passed(values, a, b):  # type: ignore[no-untyped-def]
    n_a, n_b = float(a.sum()), float(b.sum())
    below_a, below_b = 0.0, 0.0
    auc, sum_b, square_a, square_b, ks, distance = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    place, first_a, second_a, first_b, second_b = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(values)):
        beaten = (below_b + b[i] / 2) / n_b
        beating = 1.0 - (below_a + a[i] / 2) / n_a
        auc += a[i] * beaten
        square_a += a[i] * beaten * beaten
        sum_b += b[i] * beating
        square_b += b[i] * beating * beating
        first_a += a[i] * place
        second_a += a[i] * place * place
        first_b += b[i] * place
        second_b += b[i] * place * place
        below_a += a[i]
        below_b += b[i]
        gap = below_a / n_a - below_b / n_b
        ks = max(ks, abs(gap))
        if i + 1 < len(values):
            step = values[i + 1] - values[i]
            distance += abs(gap) * step
            place += np.sign(gap) * step
    variance = _variance(first_a, second_a, n_a) / n_a + _variance(first_b, second_b, n_b) / n_b
    return auc / n_a, _variance(auc, square_a, n_a), _variance(sum_b, square_b, n_b), ks, distance, variance


@njit(cache=True, nogil=True)
def _variance(total, square, n):  # type: ignore[no-untyped-def]
    if n < 2:
        return np.nan
    return max(square - total * total / n, 0.0) / (n - 1)


def _mean_and_std(values: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[float, float]:
    n = int(counts.sum())
    if n == 0:
        return math.nan, math.nan
    # around a value of the middle, so that large numbers close together keep their digits
    shifted = values - values[len(values) // 2]
    mean = float(counts @ shifted) / n
    std = math.sqrt(float(counts @ (shifted - mean) ** 2) / (n - 1)) if n > 1 else math.nan
    return mean + float(values[len(values) // 2]), std


def _median(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    n = int(counts.sum())
    if n == 0:
        return math.nan
    upto = np.cumsum(counts)
    low, high = values[np.searchsorted(upto, [(n - 1) // 2, n // 2], side="right")]
    return float(low + (high - low) / 2)
