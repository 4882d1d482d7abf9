"""Cells in ascending order, sorted by their bits instead of by comparisons.

Cells become *keys*, signed integers of the same width and order (floats by their bits, −0.0 as
0.0). Keys of 32 bits are sorted digit by digit. Keys of 64 bits are spread over buckets by a
distribution function drawn through a sample, then within each bucket in the same way, and put right
by insertion; buckets where that would take long start again with a sample of their own, and are
compared at last.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.profile.counting.keys import KeyCode, key_of, write_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["ScratchBuffers", "sample_keys", "scratch", "sort_cells", "sorted_keys"]

# Measured on one core with 2 MB of second-level cache: fewer cells cost more to spread than to
# compare, larger buckets leave the cache, more buckets than pages the processor remembers are slow
# to write to.
_COMPARED = {4: 1024, 8: 4096}  # by the bytes of a key
_BUCKET = 2048
_BUCKETS = 1024
_DIGITS_AT_ONCE = 131_072
_DIGITS_BUCKET = 32_768
_SAMPLE = 8192
_EDGE = 400  # one in so many of the sample lies beyond the drawn function at each end
_GOLDEN = (
    0.6180339887498949  # multiples of the golden ratio fall evenly whatever the period of the data
)
_SHIFTS = 8  # moves of an insertion a cell, on average, beyond which a bucket is given up
_DEPTH = 3
_KEPT_BYTES = 64_000_000  # what a thread holds on to between columns


class ScratchBuffers(threading.local):
    """Arrays of one thread, used again for each column: new memory costs as much as a pass."""

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[np.uint8]] = {}

    def take(self, name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of ``size``, not initialised, valid until the same name is asked for."""
        wanted = size * np.dtype(dtype).itemsize
        held = self._arrays.get(name)
        if held is None or held.size < wanted:
            held = self._arrays[name] = np.empty(wanted, dtype=np.uint8)
        return held[:wanted].view(dtype)

    def shrink(self) -> None:
        """Give large arrays back."""
        self._arrays = {
            name: array for name, array in self._arrays.items() if array.size <= _KEPT_BYTES
        }


scratch = ScratchBuffers()


def sort_cells(cells: NDArray[Any]) -> NDArray[Any]:
    """Return the cells in ascending order.

    Parameters
    ----------
    cells : ndarray of shape (n,), float32, float64, or integers of 4 or 8 bytes
        Without NaN.

    Returns
    -------
    ndarray of shape (n,), of the same dtype; −0.0 comes back as 0.0
    """
    return KeyCode(cells.dtype).values(sorted_keys([cells]))


def sorted_keys(arrays: Sequence[NDArray[Any]], sample: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return the sorted keys of all cells, in buffers of the thread (see `ScratchBuffers`).

    Parameters
    ----------
    arrays : sequence of ndarray, of one dtype
        At least one; fewer than 2³² cells in all, none of them NaN.
    sample : ndarray of keys, ascending, optional
        From `sample_keys`, when it is at hand.
    """
    code = KeyCode(arrays[0].dtype)
    parts = [np.ascontiguousarray(array).view(code.whole) for array in arrays]
    n = sum(part.size for part in parts)
    out = scratch.take("sorted", n, code.whole)
    if n <= _COMPARED[code.whole.itemsize]:
        _copy_keys(parts, code, out)
        out.sort()
    elif code.whole.itemsize == 4:
        many = n > _DIGITS_AT_ONCE
        _sort_digits(parts, code, out, sample_keys(arrays) if many and sample is None else sample)
    else:
        _sort_spread(parts, code, out, sample_keys(arrays) if sample is None else sample)
    return out


def sample_keys(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the sorted keys of a sample of all arrays: one in 64, from 256 to 8,192 cells."""
    code = KeyCode(arrays[0].dtype)
    n = sum(array.size for array in arrays)
    wanted = min(max(n // 64, 256), _SAMPLE, n)
    drawn = []
    for array in arrays:
        size = -(-wanted * array.size // n)
        at = (np.arange(1, size + 1) * _GOLDEN % 1.0 * array.size).astype(np.int64)
        drawn.append(array[at].view(code.whole))
    out = np.empty(sum(part.size for part in drawn), dtype=code.whole)
    _copy_keys(drawn, code, out)
    out.sort()
    return out


def _copy_keys(parts: Sequence[NDArray[Any]], code: KeyCode, out: NDArray[Any]) -> None:
    start = 0
    for part in parts:
        write_keys(part, *code.parameters, out[start : start + part.size])
        start += part.size


def _sort_digits(
    parts: Sequence[NDArray[Any]], code: KeyCode, out: NDArray[Any], sample: NDArray[Any] | None
) -> None:
    """Sort keys of 32 bits by their digits, part by part of their range where they are many.

    The lowest digit first (Knuth 1998, 5.2.5).
    """
    edges = np.array([0, out.size])
    if sample is None or out.size <= _DIGITS_AT_ONCE:
        _copy_keys(parts, code, out)
    else:
        buckets = min(max(out.size // _DIGITS_BUCKET, 16), _BUCKETS)
        edges = _spread_over(parts, code, out, sample, buckets, "index")
    _refine_digits(out, edges, scratch.take("half", int(np.diff(edges).max()), code.whole))


def _sort_spread(
    parts: Sequence[NDArray[Any]],
    code: KeyCode,
    out: NDArray[Any],
    sample: NDArray[Any],
    depth: int = 0,
) -> None:
    """Sort keys of 64 bits; ``parts`` may not overlap ``out``."""
    buckets = min(max(out.size // _BUCKET, 16), _BUCKETS)
    edges = _spread_over(parts, code, out, sample, buckets, f"index {depth}")
    for first, last in _refine_all(out, edges):
        _sort_again(out[first:last], depth)


def _spread_over(
    parts: Sequence[NDArray[Any]],
    code: KeyCode,
    out: NDArray[Any],
    sample: NDArray[Any],
    buckets: int,
    name: str,
) -> NDArray[np.int64]:
    """Write the keys bucket after bucket; return where buckets start, and the end."""
    plan = _draw(sample, buckets, 4096 if out.size < 500_000 else 16_384)
    index = scratch.take(name, out.size, np.uint16)
    counts = np.zeros(buckets, dtype=np.uint32)
    start = 0
    for part in parts:
        _find_buckets(part, *code.parameters, *plan, index[start : start + part.size], counts)
        start += part.size
    edges = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    place = edges[:-1].astype(np.uint32)
    start = 0
    for part in parts:
        _scatter(part, *code.parameters, index[start : start + part.size], place, out)
        start += part.size
    return edges


def _draw(sample: NDArray[np.int64], buckets: int, cells: int) -> tuple[Any, ...]:
    """Return ends, shift and the two tables of a distribution function through the sample."""
    edge = sample.size // _EDGE
    low, high = int(sample[edge]), int(sample[-1 - edge])
    shift = max((high - low).bit_length() - (cells.bit_length() - 1), 16)
    base, slope = np.empty(cells, dtype=np.uint32), np.zeros(cells, dtype=np.uint32)
    _cumulate(sample[edge : sample.size - edge], low, shift, buckets, base, slope)
    return low, high, shift, base, slope


def _refine_all(out: NDArray[np.int64], edges: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Sort inside the buckets; return the first and last positions of those that were given up."""
    largest = int(np.diff(edges).max())
    given_up = np.zeros(edges.size - 1, dtype=np.bool_)
    _refine(
        out,
        edges,
        scratch.take("bucket", largest, np.int64),
        scratch.take("slot", largest, np.uint32),
        scratch.take("slots", largest + 2, np.uint32),
        given_up,
    )
    return [(int(edges[b]), int(edges[b + 1])) for b in np.flatnonzero(given_up)]


def _sort_again(keys: NDArray[np.int64], depth: int) -> None:
    if depth + 1 >= _DEPTH or keys.size < 4 * _BUCKET:
        keys.sort()
        return
    code = KeyCode(np.dtype(np.int64))
    _sort_spread([keys.copy()], code, keys, sample_keys([keys]), depth + 1)


# Indices are unsigned throughout: numba then leaves out the test for negative ones.
@numba.njit(nogil=True, cache=True)
def _ends(bucket: NDArray[Any]) -> tuple[int, int]:
    """Return the least and the greatest key of a bucket that has some."""
    least, greatest = bucket[0], bucket[0]
    for i in range(bucket.size):
        least = min(least, bucket[i])
        greatest = max(greatest, bucket[i])
    return least, greatest


@numba.njit(nogil=True, cache=True)
def _add_up(counts: NDArray[np.uint32]) -> None:
    """Turn counts, each one place further on, into the places where digits start."""
    total = np.uint32(0)
    for j in range(counts.size):
        total += counts[np.uint64(j)]
        counts[np.uint64(j)] = total


@numba.njit(nogil=True, cache=True)
def _refine_digits(
    keys: NDArray[np.int32], edges: NDArray[np.int64], half: NDArray[np.int32]
) -> None:
    counts = np.empty(2049, dtype=np.uint32)
    for b in range(edges.size - 1):
        bucket = keys[edges[b] : edges[b + 1]]
        if bucket.size < 2:
            continue
        least, greatest = _ends(bucket)
        low, span = np.int64(least), np.int64(greatest) - np.int64(least)
        bits = 0
        while span >> bits > 0:
            bits += 1
        digits = (bits + 10) // 11
        width = (bits + digits - 1) // max(digits, 1)
        source, target = bucket, half[: bucket.size]
        for digit in range(digits):
            _place_digit(
                source, target, low, np.uint64(digit * width), np.uint64((1 << width) - 1), counts
            )
            source, target = target, source
        if digits % 2 == 1:
            bucket[:] = half[: bucket.size]


@numba.njit(nogil=True, cache=True)
def _place_digit(
    keys: NDArray[np.int32],
    out: NDArray[np.int32],
    low: int,
    shift: np.uint64,
    mask: np.uint64,
    counts: NDArray[np.uint32],
) -> None:
    """Write the keys in the order of one digit of their distance from ``low``, stable."""
    counts[: mask + np.uint64(2)] = 0
    for i in range(keys.size):
        counts[((np.uint64(keys[i] - low) >> shift) & mask) + np.uint64(1)] += np.uint32(1)
    _add_up(counts[: mask + np.uint64(1)])
    for i in range(keys.size):
        d = (np.uint64(keys[i] - low) >> shift) & mask
        p = counts[d]
        out[p] = keys[i]
        counts[d] = p + np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _cumulate(
    sample: NDArray[np.int64],
    low: int,
    shift: int,
    buckets: int,
    base: NDArray[np.uint32],
    slope: NDArray[np.uint32],
) -> None:
    """Write the first bucket of each cell of the grid and its buckets; the ends keep one each."""
    last = np.uint64(base.size - 1)
    for i in range(sample.size):
        slope[min((np.uint64(sample[i]) - np.uint64(low)) >> np.uint64(shift), last)] += np.uint32(
            1
        )
    seen = 0
    for g in range(base.size):
        before = seen * (buckets - 2) // sample.size
        seen += slope[g]
        base[g] = before + 1
        slope[g] = seen * (buckets - 2) // sample.size - before


@numba.njit(nogil=True, cache=True)
def _find_buckets(
    bits: NDArray[np.int64],
    flip: int,
    mask: int,
    sign: int,
    zero: int,
    low: int,
    high: int,
    shift: int,
    base: NDArray[np.uint32],
    slope: NDArray[np.uint32],
    index: NDArray[np.uint16],
    counts: NDArray[np.uint32],
) -> None:
    within = np.uint64(shift - 16)
    for i in range(bits.size):
        k = key_of(bits[i], flip, mask, sign, zero)
        if k < low:
            b = np.uint32(0)
        elif k > high:
            b = np.uint32(counts.size - 1)
        else:
            apart = np.uint64(k) - np.uint64(low)
            g = apart >> np.uint64(shift)
            part = (apart >> within) & np.uint64(0xFFFF)
            b = np.uint32(base[g] + ((np.uint64(slope[g]) * part) >> np.uint64(16)))
        index[i] = b
        counts[b] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _scatter(
    bits: NDArray[np.int64],
    flip: int,
    mask: int,
    sign: int,
    zero: int,
    index: NDArray[np.uint16],
    place: NDArray[np.uint32],
    out: NDArray[np.int64],
) -> None:
    for i in range(bits.size):
        b = np.uint32(index[i])
        p = place[b]
        out[p] = key_of(bits[i], flip, mask, sign, zero)
        place[b] = p + np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _refine(
    keys: NDArray[np.int64],
    edges: NDArray[np.int64],
    spread: NDArray[np.int64],
    slot: NDArray[np.uint32],
    slots: NDArray[np.uint32],
    given_up: NDArray[np.bool_],
) -> None:
    for b in range(edges.size - 1):
        bucket = keys[edges[b] : edges[b + 1]]
        if bucket.size < 2:
            continue
        least, greatest = _ends(bucket)
        if least == greatest:
            continue
        _spread(bucket, least, greatest, spread, slot, slots[: bucket.size + 1])
        given_up[b] = not _insert(spread, bucket)


@numba.njit(nogil=True, cache=True)
def _spread(
    bucket: NDArray[np.int64],
    least: int,
    greatest: int,
    spread: NDArray[np.int64],
    slot: NDArray[np.uint32],
    slots: NDArray[np.uint32],
) -> None:
    """Write the keys of a bucket by equal slots of its range, as many as it has keys."""
    slots[:] = 0
    per_key = (bucket.size - 1) / np.float64(np.uint64(greatest) - np.uint64(least))
    for i in range(bucket.size):
        # through uint64, since a bucket may span more than half of all keys
        s = np.uint32(np.float64(np.uint64(bucket[i]) - np.uint64(least)) * per_key)
        slot[np.uint64(i)] = s
        slots[s + np.uint32(1)] += np.uint32(1)
    _add_up(slots)
    for i in range(bucket.size):
        s = slot[np.uint64(i)]
        p = slots[s]
        spread[p] = bucket[np.uint64(i)]
        slots[s] = p + np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _insert(spread: NDArray[np.int64], bucket: NDArray[np.int64]) -> bool:
    """Sort a copy of keys that are nearly in order; False, with the same keys, if too slow."""
    allowed = _SHIFTS * bucket.size + 64
    bucket[0] = spread[0]
    for i in range(1, bucket.size):
        k = spread[np.uint64(i)]
        j = i
        while j > 0 and bucket[np.uint64(j - 1)] > k:
            bucket[np.uint64(j)] = bucket[np.uint64(j - 1)]
            j -= 1
        bucket[np.uint64(j)] = k
        allowed -= i - j
        if allowed < 0:
            bucket[i + 1 :] = spread[i + 1 : bucket.size]
            return False
    return True
