"""Permutation test: the distribution of Student's t where arms are assigned at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PermutationTest", "permutation_test", "units_per_draw", "warm_permutation"]

# units up to which each is dealt; of more, the farthest from the mean, the others together
_WHOLE = 8_192
_FAR = 2_048  # units that are dealt one by one where there are more
_TIES = 1e-9  # relative: values of t nearer to each other differ by rounding only


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Values of t under random assignment.

    Parameters
    ----------
    t : ndarray of shape (draws,), float64
        Ascending.
    """

    t: NDArray[np.float64]

    def p_value(self, t: float) -> float:
        """Return the two-sided p-value of a t: twice the smaller tail, itself counted as a draw."""
        slack = _TIES * max(1.0, abs(t))
        below = int(np.searchsorted(self.t, t + slack, side="right"))
        above = self.t.size - int(np.searchsorted(self.t, t - slack, side="left"))
        return min(2 * (1 + min(below, above)) / (self.t.size + 1), 1.0)

    def critical(self, confidence: float) -> tuple[float, float]:
        """Return the smallest and largest t, included, with p-values above 1 − confidence."""
        tail = int(np.floor((1 - confidence) * (self.t.size + 1) / 2 + 1e-9)) - 1
        if tail < 0:
            return -np.inf, np.inf
        low, high = float(self.t[tail]), float(self.t[-1 - tail])
        return low - _TIES * max(1.0, abs(low)), high + _TIES * max(1.0, abs(high))

    @property
    def size(self) -> float:
        """How often the test at .05 rejects without a difference; few values: less than .05."""
        low, high = self.critical(0.95)
        return float(((self.t < low) | (self.t > high)).mean())


def permutation_test(
    values: NDArray[np.float64], treated: NDArray[np.bool_], draws: int = 9_999, seed: int = 0
) -> PermutationTest:
    """Deal the arms out again and again, and compute Welch's t of each deal.

    Where an assignment at random had no effect at all, t is one of these draws, whatever the
    distribution of the values and the sizes of the arms: the test is exact. Since t is studentised,
    it also holds for many units where only the means are equal (Janssen 1997,
    doi:10.1016/S0167-7152(97)00043-6; Chung & Romano 2013, doi:10.1214/13-AOS1090).

    A bootstrap of t, and Hall's transformation, take the skewness of each arm from its own units,
    which have not seen the tail: both call skewed arms of unequal size different about as often as
    t itself (tests/benchmarks/rates_skewness.py).

    Of more than 8,192 units the 2,048 farthest from the mean are dealt one by one; the sum, and the
    sum of squares, of the others are drawn from the normal distribution that they have where as
    many of them are drawn without replacement: what makes t skewed is among the far ones.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    treated : ndarray of shape (n,), bool
        Two units at least in either arm.
    draws, seed : int
        The same seed gives the same draws.

    Returns
    -------
    permuted : PermutationTest
    """
    n, k = values.size, int(treated.sum())
    centred = values - values.mean()
    scale = float(np.abs(centred).max(initial=0.0))
    centred = centred / scale if scale > 0 else centred
    smaller = min(k, n - k)
    rng = np.random.default_rng(seed)
    if n <= _WHOLE:
        first, second = np.empty(draws), np.empty(draws)
        _deal(np.sort(centred), smaller, rng, first, second)
    else:
        first, second = _deal_far(centred, smaller, draws, rng)
    t = _student(first, second, smaller, n, float(centred.sum()), float(centred @ centred))
    return PermutationTest(np.sort(t if smaller == k else -t))


def units_per_draw(n: int, other_n: int) -> int:
    """Return how many units a draw of `permutation_test` costs for arms of these sizes."""
    return min(n, other_n) if n + other_n <= _WHOLE else _FAR


def _student(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    k: int,
    n: int,
    total: float,
    squares: float,
) -> NDArray[np.float64]:
    """Return Welch's t from the sum and the sum of squares of the k dealt ones."""
    mean, other = first / k, (total - first) / (n - k)
    variance = np.maximum(second - k * mean**2, 0.0) / (k - 1) / k
    variance += np.maximum(squares - second - (n - k) * other**2, 0.0) / (n - k - 1) / (n - k)
    difference = mean - other
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / np.sqrt(variance)
    # where neither arm varies, what rounding leaves of its variance is none
    flat = variance <= 1e-14 * squares / n
    return np.where(
        flat, np.where(np.abs(difference) <= 1e-12, 0.0, np.copysign(np.inf, difference)), t
    )


def _deal_far(
    values: NDArray[np.float64], k: int, draws: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = values.size
    apart = np.argpartition(np.abs(values), n - _FAR)
    far, near = np.sort(values[apart[n - _FAR :]]), values[apart[: n - _FAR]]
    first, second, dealt = np.empty(draws), np.empty(draws), np.empty(draws)
    _deal_some(far, k, n, rng, first, second, dealt)
    rest, left = k - dealt, near.size
    both = np.stack([near, near**2])
    mean = both.mean(axis=1)
    # of a sum of values drawn without replacement: Cochran 1977, section 2.6
    root = np.linalg.svd(np.cov(both))
    half = root.U * np.sqrt(root.S)
    drawn = rng.standard_normal((draws, 2)) @ half.T * np.sqrt(rest * (1 - rest / left))[:, None]
    return first + rest * mean[0] + drawn[:, 0], second + rest * mean[1] + drawn[:, 1]


def warm_permutation() -> None:
    """Compile, or load from disk, every kernel here."""
    rng, numbers = np.random.default_rng(0), np.arange(4.0)
    _deal(numbers, 2, rng, np.empty(1), np.empty(1))
    _deal_some(numbers, 2, 8, rng, np.empty(1), np.empty(1), np.empty(1))


@numba.njit(nogil=True, cache=True)
def _deal(values: Any, k: int, rng: Any, first: Any, second: Any) -> None:
    n = values.size
    for draw in range(first.size):
        a, b = 0.0, 0.0
        for i in range(k):
            j = i + int(rng.random() * (n - i))
            v = values[j]
            values[j] = values[i]
            values[i] = v
            a += v
            b += v * v
        first[draw], second[draw] = a, b


@numba.njit(nogil=True, cache=True)
def _deal_some(far: Any, k: int, n: int, rng: Any, first: Any, second: Any, dealt: Any) -> None:
    for draw in range(first.size):
        a, b, here = 0.0, 0.0, 0
        for i in range(far.size):
            if rng.random() * (n - i) < k - here:
                here += 1
                a += far[i]
                b += far[i] * far[i]
        first[draw], second[draw], dealt[draw] = a, b, here
