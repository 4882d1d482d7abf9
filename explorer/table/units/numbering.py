"""Numbering: integers that name units, as numbers from 0, in the order in which they first come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["number_integers", "warm_numbering"]

_FIRST = 1 << 12  # places of the table at the start
_FULL = 0.5  # share of places in use from which it grows
_MIX = np.uint64(
    0x9E3779B97F4A7C15
)  # Fibonacci hashing: Knuth 1998, The Art of Computer Programming 3, section 6.4


def number_integers(
    blocks: list[tuple[NDArray[np.int64], NDArray[np.bool_] | None]],
) -> tuple[NDArray[np.int32], int]:
    """Give the different integers of a column numbers from 0; it comes in blocks.

    Parameters
    ----------
    blocks : list of (ndarray of shape (b,), int64; ndarray of shape (b,), bool, or None)
        Integers, and where they are there; None: all are.

    Returns
    -------
    numbers : ndarray of shape (n,), int32
        -1 where missing.
    n : int
        Different integers.
    """
    numbers = np.empty(sum(len(values) for values, _ in blocks), np.int32)
    keys, places = np.empty(_FIRST, np.int64), np.full(_FIRST, -1, np.int32)
    start = n_units = 0
    for values, present in blocks:
        valid = np.ones(len(values), np.bool_) if present is None else present
        done = 0
        while done < len(values):
            out = numbers[start : start + len(values)]
            done, n_units = _number(values, valid, done, n_units, keys, places, out)
            if done < len(values):
                keys, places = _grown(keys, places)
        start += len(values)
    return numbers, n_units


def _grown(
    keys: NDArray[np.int64], places: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    wide = np.empty(4 * len(keys), np.int64), np.full(4 * len(keys), -1, np.int32)
    _move(keys, places, *wide)
    return wide


def warm_numbering() -> None:
    """Compile, or load from disk, every kernel here."""
    numbers = np.arange(2 * _FIRST, dtype=np.int64)
    number_integers([(numbers, None)])
    numbers.flags.writeable = False
    number_integers([(numbers, None)])


@numba.njit(nogil=True, cache=True, inline="always")
def _home(key: Any, n: int) -> Any:
    mixed = np.uint64(key) * _MIX
    return np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(n - 1))


@numba.njit(nogil=True, cache=True)
def _number(
    values: Any, present: Any, start: int, n_units: int, keys: Any, places: Any, out: Any
) -> tuple[int, int]:
    """Give values from ``start`` numbers until the table is full.

    Return where it stopped, and how many are known.
    """
    n = len(keys)
    most = int(n * _FULL)
    for i in range(start, len(values)):
        if not present[i]:
            out[i] = -1
            continue
        key = values[i]
        at = _home(key, n)
        while places[at] >= 0 and keys[at] != key:
            at = (at + 1) & (n - 1)
        if places[at] < 0:
            if n_units >= most:
                return i, n_units
            keys[at], places[at] = key, n_units
            n_units += 1
        out[i] = places[at]
    return len(values), n_units


@numba.njit(nogil=True, cache=True)
def _move(keys: Any, places: Any, wide_keys: Any, wide_places: Any) -> None:
    n = len(wide_keys)
    for i in range(len(keys)):
        if places[i] >= 0:
            at = _home(keys[i], n)
            while wide_places[at] >= 0:
                at = (at + 1) & (n - 1)
            wide_keys[at], wide_places[at] = keys[i], places[i]
