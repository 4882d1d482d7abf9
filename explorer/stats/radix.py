"""Radix sort: positions in the order of their keys (Knuth 1998, volume 3, 5.2.5), stable.

Two to four times faster than stable sorts by comparing (`numpy.argsort`, Arrow), but for a column
that is sorted already: 10,000,000 numbers take about a second on one core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["key_order", "number_keys", "text_keys", "warm_radix"]

_BITS = 11  # of a digit: its 2,048 places stay in the nearest cache
_DIGITS = 6  # that make up 64 bits
_SIGN = np.uint64(1 << 63)


def number_keys(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return unsigned keys in the order of numbers (n,); −0.0 is 0.0; NaN is not allowed."""
    keys = (values + 0.0).view(np.uint64)  # −0.0 + 0.0 is 0.0
    _flip(keys)
    return keys


def key_order(
    keys: NDArray[np.uint64], order: NDArray[np.uint32] | None = None
) -> NDArray[np.uint32]:
    """Return the positions of keys (n,) in ascending order; equal keys keep the order they are in.

    Parameters
    ----------
    keys : ndarray of shape (n,), uint64
        Fewer than 2³²; left as it is.
    order : ndarray of shape (n,), uint32, optional
        The order that they are in: the positions themselves without it. Left as it is.
    """
    first = np.arange(keys.size, dtype=np.uint32) if order is None else order.copy()
    moved = keys.copy() if order is None else keys[order]
    counts = np.zeros((_DIGITS, 1 << _BITS), np.int64)
    _count_digits(moved, counts)
    spare, spare_order = np.empty_like(moved), np.empty_like(first)
    for digit in range(_DIGITS):
        if counts[digit].max(initial=0) == keys.size:
            continue  # one value for all: nothing moves
        starts = np.cumsum(counts[digit]) - counts[digit]
        _place(moved, first, spare, spare_order, np.uint64(digit * _BITS), starts)
        moved, spare, first, spare_order = spare, moved, spare_order, first
    return first


def text_keys(starts: NDArray[np.int64], data: NDArray[np.uint8], word: int) -> NDArray[np.uint64]:
    """Return eight bytes of each text as a key, zeros behind its end.

    Parameters
    ----------
    starts : ndarray of shape (n + 1,), int64
        Where each text begins in ``data``; the last is where the last one ends.
    data : ndarray, uint8
    word : int
        Which eight bytes: 0 the first.
    """
    keys = np.empty(starts.size - 1, np.uint64)
    _read_words(starts, data, 8 * word, keys)
    return keys


def warm_radix() -> None:
    """Compile, or load from disk, every kernel here."""
    key_order(number_keys(np.array([1.5, -2.0, 0.0])))
    key_order(text_keys(np.array([0, 1, 3]), np.zeros(3, np.uint8), 0), np.array([1, 0], np.uint32))


@numba.njit(nogil=True, cache=True)
def _flip(keys: NDArray[np.uint64]) -> None:
    """Turn the bits of floats into unsigned numbers of the same order, in place."""
    for i in range(keys.size):
        bits = keys[i]
        keys[i] = ~bits if bits & _SIGN else bits | _SIGN


@numba.njit(nogil=True, cache=True)
def _count_digits(keys: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
    mask = np.uint64((1 << _BITS) - 1)
    for i in range(keys.size):
        key = keys[i]
        for digit in range(_DIGITS):
            counts[digit, key & mask] += 1
            key >>= np.uint64(_BITS)


@numba.njit(nogil=True, cache=True)
def _place(
    keys: NDArray[np.uint64],
    order: NDArray[np.uint32],
    out: NDArray[np.uint64],
    out_order: NDArray[np.uint32],
    shift: np.uint64,
    starts: NDArray[np.int64],
) -> None:
    mask = np.uint64((1 << _BITS) - 1)
    for i in range(keys.size):
        key = keys[i]
        digit = (key >> shift) & mask
        place = starts[digit]
        out[place], out_order[place] = key, order[i]
        starts[digit] = place + 1


@numba.njit(nogil=True, cache=True)
def _read_words(
    starts: NDArray[np.int64], data: NDArray[np.uint8], skip: int, keys: NDArray[np.uint64]
) -> None:
    for i in range(keys.size):
        key, first, last = np.uint64(0), starts[i] + skip, starts[i + 1]
        for place in range(first, first + 8):
            key <<= np.uint64(8)
            if place < last:
                key |= np.uint64(data[place])
        keys[i] = key
