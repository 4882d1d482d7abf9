"""Moments: number, mean and central sums of cells, merged without losing digits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moments"]

_PIECE = 4096  # cells whose two passes stay in the first-level cache
_SAMPLE = 1001
# Fourth powers of what lies between these, times 10⁹ cells, neither overflow nor vanish in float64.
_SMALL, _LARGE = 1e-60, 1e60


@dataclass(frozen=True)
class Moments:
    """Number, mean and sums of powers of the distances from the mean.

    Parameters
    ----------
    n : int
        Cells.
    mean : float
        In units of the data; NaN without cells.
    m2, m3, m4 : float
        Sums of the 2nd, 3rd and 4th powers of ``(x - mean) / scale``.
    scale : float
        A power of two; other than 1 only where the powers would overflow or vanish.
    low : float
        What rounding took from ``mean``, so that blocks far from zero merge exactly.
    """

    n: int = 0
    mean: float = math.nan
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    scale: float = 1.0
    low: float = 0.0

    @classmethod
    def of(cls, cells: NDArray[Any], largest: float | None = None) -> Moments:
        """Take the moments of finite numbers in two passes over pieces that stay in the cache.

        Pieces are joined by the formulas of Pébay (2008, Sandia report SAND2008-6212). Distances
        are taken from a cell in the middle first, so that a mean far larger than the spread costs
        no digits.

        Parameters
        ----------
        cells : ndarray of shape (n,), float or integer
        largest : float, optional
            No cell is further from zero; looked for when left out.
        """
        if cells.size == 0:
            return cls()
        if largest is None:
            largest = max(abs(float(cells.min())), abs(float(cells.max())))
        origin = _middle(cells)
        scale = _scale(largest, origin)
        inverse = 1.0 / scale
        mean, m2, m3, m4 = _sums(cells, inverse, origin * inverse, np.empty(_PIECE))
        return cls._around(cells.size, origin, mean, (m2, m3, m4), scale)

    @classmethod
    def weighted(cls, values: NDArray[np.float64], counts: NDArray[np.int64]) -> Moments:
        """Take the moments of values that occur ``counts`` times each; both of shape (k,)."""
        if values.size == 0:
            return cls()
        origin = _middle(values)
        scale = _scale(float(np.abs(values).max()), origin)
        n = int(counts.sum())
        apart = values / scale - origin / scale
        mean = float(apart @ counts) / n
        apart = apart - mean
        mean += float(apart @ counts) / n
        weighted = apart * apart * counts
        return cls._around(
            n,
            origin,
            mean,
            (float(weighted.sum()), float(weighted @ apart), float(weighted @ apart**2)),
            scale,
        )

    @classmethod
    def _around(
        cls, n: int, origin: float, mean: float, sums: tuple[float, float, float], scale: float
    ) -> Moments:
        high, low = _two_sum(origin, mean * scale)
        m2, m3, m4 = sums
        return cls(n, high, m2, m3, m4, scale, low)

    def merged(self, other: Moments) -> Moments:
        """Join the moments of two sets of cells (Pébay 2008); associative up to rounding."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        scale = max(self.scale, other.scale)
        apart = (other.mean / scale - self.mean / scale) + (other.low / scale - self.low / scale)
        n = self.n + other.n
        m2, m3, m4 = _joined(self.n, self._sums_in(scale), other.n, other._sums_in(scale), apart)
        high, low = _two_sum(self.mean, apart * (other.n / n) * scale)
        return Moments(n, high, m2, m3, m4, scale, low + self.low)

    def rescaled(self, factor: float) -> Moments:
        """Return the moments of the cells times ``factor``, above 0."""
        if factor == 1.0:
            return self
        square = factor * factor
        m2, m3, m4 = self.m2 * square, self.m3 * square * factor, self.m4 * square * square
        return Moments(self.n, self.mean * factor, m2, m3, m4, self.scale, self.low * factor)

    def _sums_in(self, scale: float) -> tuple[float, float, float]:
        ratio = self.scale / scale
        return (
            self.m2 * ratio * ratio,
            self.m3 * ratio * ratio * ratio,
            self.m4 * ratio * ratio * ratio * ratio,
        )

    @property
    def variance(self) -> float:
        """Sample variance (ddof=1); NaN with fewer than two cells, inf beyond float64."""
        return self.m2 / (self.n - 1) * self.scale * self.scale if self.n > 1 else math.nan

    @property
    def std(self) -> float:
        """Sample standard deviation (ddof=1), data units; NaN with fewer than two cells."""
        return math.sqrt(self.m2 / (self.n - 1)) * self.scale if self.n > 1 else math.nan

    @property
    def skewness(self) -> float:
        """Third standardised moment g1 (biased, as ``scipy.stats.skew``); NaN for a constant."""
        return (
            math.sqrt(self.n) * self.m3 / (self.m2 * math.sqrt(self.m2))
            if self.m2 > 0
            else math.nan
        )

    @property
    def excess_kurtosis(self) -> float:
        """Fourth standardised moment less 3, g2 (biased, as in SciPy); NaN for a constant."""
        return self.n * self.m4 / (self.m2 * self.m2) - 3.0 if self.m2 > 0 else math.nan


def _middle(cells: NDArray[Any]) -> float:
    """Return the median of about a thousand cells; about an outlier others would lose digits."""
    step = max(1, cells.size // _SAMPLE)
    sampled = cells[::step]
    return float(np.partition(sampled, sampled.size // 2)[sampled.size // 2])


def _scale(largest: float, origin: float) -> float:
    """Return a power of two to divide distances from ``origin`` by; 1 for ordinary values."""
    reach = largest / 2 + abs(origin) / 2  # half of what a distance can be: the whole may overflow
    if reach == 0 or _SMALL < reach < _LARGE:
        return 1.0
    return math.ldexp(1.0, min(max(math.frexp(reach)[1], -1000), 1000))


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Return a + b and what its rounding lost (Knuth 1969)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@numba.njit(nogil=True, cache=True)
def _joined(
    a: int, of_a: tuple[float, float, float], b: int, of_b: tuple[float, float, float], apart: float
) -> tuple[float, float, float]:
    a2, a3, a4 = of_a
    b2, b3, b4 = of_b
    left, right = float(a), float(b)
    n = left + right
    step = apart / n
    m2 = a2 + b2 + apart * step * left * right
    m3 = (
        a3
        + b3
        + apart * step * step * left * right * (left - right)
        + 3.0 * step * (left * b2 - right * a2)
    )
    m4 = a4 + b4 + 4.0 * step * (left * b3 - right * a3)
    m4 += 6.0 * step * step * (left * left * b2 + right * right * a2)
    m4 += apart * step * step * step * left * right * (left * left - left * right + right * right)
    return m2, m3, m4


# Sums may be reordered to use the processor's vectors; differences before them may not, or the
# origin is lost.
@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _sum(piece: NDArray[np.float64]) -> float:
    total = 0.0
    for i in range(piece.size):
        total += piece[i]
    return total


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _powers(piece: NDArray[np.float64], mean: float) -> tuple[float, float, float, float]:
    s1, s2, s3, s4 = 0.0, 0.0, 0.0, 0.0
    for i in range(piece.size):
        d = piece[i] - mean
        square = d * d
        s1 += d
        s2 += square
        s3 += square * d
        s4 += square * square
    return s1, s2, s3, s4


@numba.njit(nogil=True, cache=True)
def _sums(
    cells: NDArray[Any], inverse: float, origin: float, room: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return the mean and the central sums of ``cells * inverse - origin``."""
    done, mean = 0, 0.0
    sums = (0.0, 0.0, 0.0)
    for start in range(0, cells.size, room.size):
        k = min(room.size, cells.size - start)
        piece = room[:k]
        taken = cells[start : start + k]
        for i in range(k):
            piece[i] = taken[i] * inverse - origin
        middle = _sum(piece) / k
        s1, s2, s3, s4 = _powers(piece, middle)
        c = s1 / k  # what rounding left of the mean of the piece
        block_sums = (
            s2 - c * s1,
            s3 - 3.0 * c * s2 + 2.0 * c * c * s1,
            s4 - 4.0 * c * s3 + 6.0 * c * c * s2,
        )
        apart = middle + c - mean
        sums = _joined(done, sums, k, block_sums, apart)
        done += k
        mean += apart * k / done
    return mean, sums[0], sums[1], sums[2]
