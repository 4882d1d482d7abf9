"""Ranks: exact order statistics of many numbers in two passes over their bits, on all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from explorer.map.raster import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["at_ranks", "n_finite"]

_HALF = 1 << 16


def n_finite(values: NDArray[np.float32]) -> int:
    """Return how many numbers are neither NaN nor infinite."""
    return int(_by_high_bits(values).sum())


def at_ranks(values: NDArray[np.float32], ranks: Callable[[int], Sequence[int]]) -> list[float]:
    """Return the numbers that stand at places of the sorted finite values.

    The bits of a float32, the sign turned, run in the order of the numbers: one pass counts them by
    their upper half, another by the lower half those in the few upper halves where a rank lies (a
    most significant digit radix selection).

    Parameters
    ----------
    values : ndarray of shape (n,), float32
    ranks : callable
        From the number of finite values, at least 1, to the places, from 0 to one below it.

    Returns
    -------
    list of float
        One for each place; empty without a finite value.
    """
    values = np.ascontiguousarray(values, np.float32)
    counts = np.cumsum(_by_high_bits(values))
    if counts[-1] == 0:
        return []
    result = []
    low: dict[int, NDArray[np.int64]] = {}
    for rank in ranks(int(counts[-1])):
        high = int(np.searchsorted(counts, rank, side="right"))
        if high not in low:
            low[high] = np.cumsum(_by_low_bits(values, high))
        before = int(counts[high - 1]) if high else 0
        bits = high * _HALF + int(np.searchsorted(low[high], rank - before, side="right"))
        result.append(_number(bits))
    return result


def _by_high_bits(values: NDArray[np.float32]) -> NDArray[np.int64]:
    return _counted(values, lambda part, counts: _count_high(values[part].view(np.uint32), counts))


def _by_low_bits(values: NDArray[np.float32], high: int) -> NDArray[np.int64]:
    return _counted(
        values,
        lambda part, counts: _count_low(values[part].view(np.uint32), np.uint32(high), counts),
    )


def _counted(
    values: NDArray[np.float32], count: Callable[[slice, NDArray[np.int64]], None]
) -> NDArray[np.int64]:
    parts: list[NDArray[np.int64]] = []

    def work(part: slice) -> None:
        counts = np.zeros(_HALF, np.int64)
        count(part, counts)
        parts.append(counts)

    pool.share(len(values), work)
    return np.sum(parts, axis=0) if parts else np.zeros(_HALF, np.int64)


def _number(key: int) -> float:
    bits = key ^ 0x80000000 if key & 0x80000000 else key ^ 0xFFFFFFFF
    return float(np.array([bits], np.uint32).view(np.float32)[0])


@numba.njit(nogil=True, cache=True, inline="always")
def _key(bits: np.uint32) -> np.uint32:
    """Turn the bits so that they ascend with the number."""
    if bits & np.uint32(0x80000000):
        return ~bits
    return bits | np.uint32(0x80000000)


@numba.njit(nogil=True, cache=True)
def _count_high(bits: NDArray[np.uint32], counts: NDArray[np.int64]) -> None:
    for i in range(bits.size):
        if bits[i] & np.uint32(0x7F800000) != np.uint32(0x7F800000):  # else NaN or infinite
            counts[_key(bits[i]) >> np.uint32(16)] += 1


@numba.njit(nogil=True, cache=True)
def _count_low(bits: NDArray[np.uint32], high: np.uint32, counts: NDArray[np.int64]) -> None:
    for i in range(bits.size):
        if bits[i] & np.uint32(0x7F800000) != np.uint32(0x7F800000):
            key = _key(bits[i])
            if key >> np.uint32(16) == high:
                counts[key & np.uint32(0xFFFF)] += 1
