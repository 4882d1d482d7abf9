"""Tally: how many rows of each group have each value, and the figures that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from explorer.profile.counting.cell_order import scratch, sort_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["Tally", "split_groups", "tally_of_values"]


class _Sums(NamedTuple):
    auc: float
    spread_a: float
    spread_b: float
    ks: float
    wasserstein: float
    wasserstein_variance: float
    wasserstein_by_chance: float


@dataclass(frozen=True, eq=False)
class Tally:
    """Rows of both groups by value.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
        Ascending, all different, without NaN; a value may have no row.
    a, b : ndarray of shape (k,), integer
        Rows of each group with that value.
    """

    values: NDArray[np.float64]
    a: NDArray[Any]
    b: NDArray[Any]

    @cached_property
    def finite(self) -> Tally:
        """The same without infinite values; itself where there are none."""
        ends = self.values[:1], self.values[-1:]
        if np.isfinite(ends).all():
            return self
        finite = np.isfinite(self.values)
        return Tally(self.values[finite], self.a[finite], self.b[finite])

    def moments(self) -> tuple[float, float, float, float]:
        """Return mean and standard deviation (ddof=1) of A, then of B; NaN for too few rows."""
        return *_mean_and_std(self.values, self.a), *_mean_and_std(self.values, self.b)

    def medians(self) -> tuple[float, float]:
        """Return the medians of A and of B, halfway between middle values; NaN without rows."""
        return _median(self.values, self.a), _median(self.values, self.b)

    @cached_property
    def sums(self) -> _Sums:
        """The figures that need one pass through the values.

        auc : float
            Chance that a row of A has the larger value, ties half.
        spread_a, spread_b : float
            DeLong's variance (ddof=1) of the placements of A and of B.
        ks : float
            Largest difference of the distribution functions (Kolmogorov).
        wasserstein : float
            Integral of their absolute difference (W₁), in the unit of the values.
        wasserstein_variance : float
            Its variance by the delta method: from where each row lies on the integral of the sign
            of the difference.
        wasserstein_by_chance : float
            What it is on average where both groups are of one distribution, that of all rows:
            √(2/π) ∫ √(H (1 − H)) of a Brownian bridge, times √(1/n_a + 1/n_b).
        """
        return _Sums(*_passed(self.values, self.a, self.b))

    def ratio_variances(self, spread: float) -> tuple[float, float]:
        """Return variances of the standardised difference of means and W₁, by the delta method.

        The spread is estimated, too.

        Each row's influence on √((s_a² + s_b²)/2) goes in with its influence on the numerator, so
        any shape and any two deviations are allowed for (Serfling 1980, doi:10.1002/9780470316481).
        """
        mean_a, _, mean_b, _ = self.moments()
        distance = self.sums.wasserstein / spread
        means, distances = _ratio_variances(
            self.values, self.a, self.b, mean_a, mean_b, spread, distance
        )
        return float(means), float(distances)


def tally_of_values(a: NDArray[np.float64], b: NDArray[np.float64]) -> Tally:
    """Count two groups of values, without NaN, in buffers of the thread."""
    sorted_a, sorted_b = _ordered(a).copy(), _ordered(b)
    size = len(sorted_a) + len(sorted_b)
    values = scratch.take("tally values", size, np.float64)
    counts = [scratch.take(f"tally {side}", size, np.int32) for side in "ab"]
    k = _merge(sorted_a, sorted_b, values, *counts)
    return Tally(values[:k], counts[0][:k], counts[1][:k])


def split_groups(
    blocks: Iterable[NDArray[np.float64]], a: NDArray[np.bool_], b: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Part a column (n,) into the present cells of two groups, in buffers of the thread."""
    a_cells, b_cells = (
        scratch.take(f"cells {side}", int(np.count_nonzero(mask)), np.float64)
        for side, mask in (("a", a), ("b", b))
    )
    start, i, j = 0, 0, 0
    for block in blocks:
        rows = slice(start, start + len(block))
        i, j = _split(_fixed(block), _fixed(a[rows]), _fixed(b[rows]), a_cells, b_cells, i, j)
        start += len(block)
    return a_cells[:i], b_cells[:j]


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only array, as most are that come here, so that kernels compile once."""
    view = array.view()
    view.flags.writeable = False
    return view


def _ordered(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return values in ascending order; as 32 bits where exact, which is twice as fast."""
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return sort_cells(short if np.array_equal(short, values) else np.ascontiguousarray(values))


@njit(cache=True, nogil=True)
def _split(values, a, b, a_cells, b_cells, i, j):  # type: ignore[no-untyped-def]
    """Write the cells of a block to the ends of both groups; return where these end then."""
    for row in range(len(values)):
        value = values[row]
        if value != value:
            continue
        if a[row]:
            a_cells[i] = value
            i += 1
        elif b[row]:
            b_cells[j] = value
            j += 1
    return i, j


@njit(cache=True, nogil=True)
def _merge(sorted_a, sorted_b, values, a, b):  # type: ignore[no-untyped-def]
    """Merge two ascending arrays into different values and counts; return how many."""
    i, j, k = 0, 0, 0
    while i < len(sorted_a) or j < len(sorted_b):
        first = j == len(sorted_b) or (i < len(sorted_a) and sorted_a[i] <= sorted_b[j])
        value = np.float64(sorted_a[i]) if first else np.float64(sorted_b[j])
        begin_i, begin_j = i, j
        while i < len(sorted_a) and sorted_a[i] == value:
            i += 1
        while j < len(sorted_b) and sorted_b[j] == value:
            j += 1
        values[k], a[k], b[k] = value, i - begin_i, j - begin_j
        k += 1
    return k


@njit(cache=True, nogil=True)
def _passed(values, a, b):  # type: ignore[no-untyped-def]
    n_a, n_b = float(a.sum()), float(b.sum())
    below_a, below_b = 0.0, 0.0
    auc, sum_b, square_a, square_b, ks, distance, bridge = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
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
            below = (below_a + below_b) / (n_a + n_b)
            bridge += np.sqrt(max(below * (1.0 - below), 0.0)) * step
            place += np.sign(gap) * step
    variance = _variance(first_a, second_a, n_a) / n_a + _variance(first_b, second_b, n_b) / n_b
    by_chance = np.sqrt(2.0 / np.pi * (1.0 / n_a + 1.0 / n_b)) * bridge
    return (
        auc / n_a,
        _variance(auc, square_a, n_a),
        _variance(sum_b, square_b, n_b),
        ks,
        distance,
        variance,
        by_chance,
    )


@njit(cache=True, nogil=True)
def _ratio_variances(values, a, b, mean_a, mean_b, spread, distance):  # type: ignore[no-untyped-def]
    n_a, n_b = float(a.sum()), float(b.sum())
    difference = (mean_a - mean_b) / spread
    below_a, below_b, place = 0.0, 0.0, 0.0
    mean, mean_square, apart, apart_square = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    for i in range(len(values)):
        for group in range(2):
            count = a[i] if group == 0 else b[i]
            sign = 1.0 if group == 0 else -1.0
            z = (values[i] - (mean_a if group == 0 else mean_b)) / spread
            influence = sign * z - difference * z * z / 4
            other = -sign * place / spread - distance * z * z / 4
            mean[group] += count * influence
            mean_square[group] += count * influence * influence
            apart[group] += count * other
            apart_square[group] += count * other * other
        below_a += a[i]
        below_b += b[i]
        if i + 1 < len(values):
            place += np.sign(below_a / n_a - below_b / n_b) * (values[i + 1] - values[i])
    return (
        _variance(mean[0], mean_square[0], n_a) / n_a
        + _variance(mean[1], mean_square[1], n_b) / n_b,
        _variance(apart[0], apart_square[0], n_a) / n_a
        + _variance(apart[1], apart_square[1], n_b) / n_b,
    )


@njit(cache=True, nogil=True)
def _variance(total, square, n):  # type: ignore[no-untyped-def]
    if n < 2:
        return np.nan
    return max(square - total * total / n, 0.0) / (n - 1)


@njit(cache=True, nogil=True)
def _mean_and_std(values, counts):  # type: ignore[no-untyped-def]
    n = counts.sum()
    if n == 0:
        return np.nan, np.nan
    # around a value of the middle, so that large numbers close together keep their digits
    middle = values[len(values) // 2]
    total, square = 0.0, 0.0
    for i in range(len(values)):
        total += counts[i] * (values[i] - middle)
    mean = total / n
    for i in range(len(values)):
        square += counts[i] * (values[i] - middle - mean) ** 2
    return middle + mean, np.sqrt(square / (n - 1)) if n > 1 else np.nan


@njit(cache=True, nogil=True)
def _median(values, counts):  # type: ignore[no-untyped-def]
    n = counts.sum()
    if n == 0:
        return np.nan
    upto, low, at = 0, np.nan, 0
    while upto + counts[at] <= (n - 1) // 2:
        upto += counts[at]
        at += 1
    low = values[at]
    while upto + counts[at] <= n // 2:
        upto += counts[at]
        at += 1
    return low + (values[at] - low) / 2
