"""Runs of equal cells in a sorted column: frequent values, spaced ranks, few values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.profile.counting.cell_order import scratch
from explorer.profile.counting.keys import KeyCode, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "count_distinct",
    "count_few",
    "count_range",
    "longest_runs",
    "most_frequent",
    "runs",
    "spaced_runs",
]

_FEW = 4096  # different values that fit the table
_TABLE_BITS = 13
_FACTOR = 0x9E3779B97F4A7C15  # 2⁶⁴ over the golden ratio: multiplicative hashing (Knuth 1998, 6.4)


def count_few(arrays: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
    """Count the cells of columns with at most 4,096 different values, without sorting them.

    Parameters
    ----------
    arrays : sequence of ndarray, of one dtype
        Float or integer cells of 4 or 8 bytes, without NaN.

    Returns
    -------
    values : ndarray of shape (k,), of that dtype
        Ascending.
    counts : ndarray of shape (k,), int64
        None when there are more values.
    """
    code = KeyCode(arrays[0].dtype)
    keys = np.zeros(1 << _TABLE_BITS, dtype=np.int64)
    counts = np.zeros(1 << _TABLE_BITS, dtype=np.int64)
    used = 0
    for array in arrays:
        bits = np.ascontiguousarray(array).view(code.whole)
        used = _count_few(bits, *code.parameters, keys, counts, used)
        if used > _FEW:
            return None
    present = np.flatnonzero(counts)
    present = present[np.argsort(keys[present])]
    return code.values(keys[present]), counts[present]


def runs(keys: NDArray[Any], distinct: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different keys of a sorted array and their counts, both of shape (distinct,)."""
    values, counts = np.empty(distinct, dtype=keys.dtype), np.empty(distinct, dtype=np.int64)
    _runs(keys, values, counts)
    return values, counts


def longest_runs(keys: NDArray[Any], limit: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the most frequent keys of a sorted array and their counts.

    Parameters
    ----------
    keys : ndarray of shape (n,), int32 or int64
        Ascending.
    limit : int
        At most so many, each at least twice in the array; of equal counts the smaller key comes
        first.
    """
    at, lengths = np.empty(4 * limit, dtype=np.int64), np.empty(4 * limit, dtype=np.int64)
    size = _longest_runs(keys, limit, at, lengths)
    falling = np.argsort(-lengths[:size], kind="stable")[:limit]
    return keys[at[falling]], lengths[falling]


def most_frequent(
    values: NDArray[Any], counts: NDArray[np.int64], limit: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values with the largest counts, falling, each at least 2; ties ascending.

    Parameters
    ----------
    values : ndarray of shape (k,)
        Ascending.
    counts : ndarray of shape (k,), int64
    limit : int
    """
    at, largest = np.empty(4 * limit, dtype=np.int64), np.empty(4 * limit, dtype=np.int64)
    size = _largest(counts, limit, at, largest)
    falling = np.argsort(-largest[:size], kind="stable")[:limit]
    return values[at[falling]], largest[falling]


def spaced_runs(
    keys: NDArray[Any], distinct: int, points: int
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Return about ``points`` different keys of a sorted array at even ranks, with both ends.

    A key that holds at least 1/``points`` of the cells is among them, as it has such a rank; so are
    all keys when there are no more than ``points``.

    Returns
    -------
    keys : ndarray of shape (k,)
        Strictly ascending; k is at most ``points`` and one.
    cumulative, equal : ndarray of shape (k,), int64
        How many cells are at or below each, and at each.
    """
    if distinct <= points:
        chosen, equal = runs(keys, distinct)
        return chosen, np.cumsum(equal), equal
    chosen, cumulative = (
        np.empty(points + 1, dtype=keys.dtype),
        np.empty(points + 1, dtype=np.int64),
    )
    equal = np.empty(points + 1, dtype=np.int64)
    size = _spaced_runs(keys, points, chosen, cumulative, equal)
    return chosen[:size], cumulative[:size], equal[:size]


def count_range(
    arrays: Sequence[NDArray[Any]], low: int, high: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Count integers of a small range with a counter each.

    Parameters
    ----------
    arrays : sequence of ndarray, of one integer dtype
    low, high : int
        The least and the greatest cell.

    Returns
    -------
    values : ndarray of shape (k,), of that dtype
        Those that occur, ascending.
    counts : ndarray of shape (k,), int64
    """
    counters = scratch.take("counters", high - low + 1, np.uint32)
    counters[:] = 0
    start = np.uint64(low % 2**64)
    for array in arrays:
        _count_range(array, start, counters)
    at = np.flatnonzero(counters)
    values = (at.astype(np.uint64) + start).astype(arrays[0].dtype)
    return values, counters[at].astype(np.int64)


@numba.njit(nogil=True, cache=True)
def _count_range(cells: NDArray[Any], low: np.uint64, counters: NDArray[np.uint32]) -> None:
    for i in range(cells.size):
        counters[np.uint64(cells[i]) - low] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _count_few(
    bits: NDArray[Any],
    flip: int,
    mask: int,
    sign: int,
    zero: int,
    keys: NDArray[np.int64],
    counts: NDArray[np.int64],
    used: int,
) -> int:
    last = np.uint64(keys.size - 1)
    for i in range(bits.size):
        k = key_of(bits[i], flip, mask, sign, zero)
        at = (np.uint64(k) * np.uint64(_FACTOR)) >> np.uint64(64 - _TABLE_BITS)
        while counts[at] > 0 and keys[at] != k:
            at = (at + np.uint64(1)) & last
        if counts[at] == 0:
            keys[at] = k
            used += 1
            if used > _FEW:
                break
        counts[at] += 1
    return used


@numba.njit(nogil=True, cache=True)
def count_distinct(keys: NDArray[Any]) -> int:
    """Count the different keys of a sorted array."""
    if keys.size == 0:
        return 0
    before, after = keys[:-1], keys[1:]
    changes = 1
    for i in range(after.size):
        changes += before[i] != after[i]
    return changes


@numba.njit(nogil=True, cache=True)
def _runs(keys: NDArray[Any], values: NDArray[Any], counts: NDArray[np.int64]) -> None:
    size, start = 0, 0
    for i in range(keys.size):
        if i + 1 == keys.size or keys[i + 1] != keys[i]:
            values[size] = keys[i]
            counts[size] = i + 1 - start
            size += 1
            start = i + 1


@numba.njit(nogil=True, cache=True)
def _longest_runs(
    keys: NDArray[Any], limit: int, at: NDArray[np.int64], lengths: NDArray[np.int64]
) -> int:
    size, start, least = 0, 0, 1
    for i in range(keys.size):
        if i + 1 < keys.size and keys[i + 1] == keys[i]:
            continue
        length = i + 1 - start
        start = i + 1
        if length <= least:
            continue
        at[size] = i
        lengths[size] = length
        size += 1
        if size == lengths.size:
            size, least = _keep_longest(limit, at, lengths)
    return size


@numba.njit(nogil=True, cache=True)
def _largest(
    counts: NDArray[np.int64], limit: int, at: NDArray[np.int64], largest: NDArray[np.int64]
) -> int:
    size, least = 0, 1
    for i in range(counts.size):
        if counts[i] <= least:
            continue
        at[size] = i
        largest[size] = counts[i]
        size += 1
        if size == largest.size:
            size, least = _keep_longest(limit, at, largest)
    return size


@numba.njit(nogil=True, cache=True)
def _keep_longest(limit: int, at: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[int, int]:
    """Move the longest ``limit`` to the front, the first of equals; return number and minimum."""
    least = np.sort(counts)[counts.size - limit]
    room_for_equals = limit - np.sum(counts > least)
    size = 0
    for i in range(counts.size):
        equal = counts[i] == least
        if counts[i] > least or (equal and room_for_equals > 0):
            room_for_equals -= 1 if equal else 0
            at[size] = at[i]
            counts[size] = counts[i]
            size += 1
    return size, least


@numba.njit(nogil=True, cache=True)
def _spaced_runs(
    keys: NDArray[Any],
    points: int,
    chosen: NDArray[Any],
    cumulative: NDArray[np.int64],
    equal: NDArray[np.int64],
) -> int:
    n = keys.size
    size, end = 0, 0
    while end < n:
        # the least of the evenly spaced ranks j·n/points beyond the last run; the first run is kept
        # anyway
        rank = -(-(end + 1) * points // n) * n // points if end else 1
        start, end = rank - 1, rank
        while start > 0 and keys[start - 1] == keys[rank - 1]:
            start -= 1
        while end < n and keys[end] == keys[rank - 1]:
            end += 1
        chosen[size], cumulative[size], equal[size] = keys[rank - 1], end, end - start
        size += 1
    return size
