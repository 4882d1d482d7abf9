"""Value counts: a histogram of values by row, in one pass on all cores.

Also counted is what is in none of its bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.map.raster import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ValueCounts", "value_counts", "warm_value_counts"]

_LANES = 4  # counts side by side: a row need not wait for the one before it, of the same bin
_BESIDE = 4  # below, above, missing, infinite


@dataclass(frozen=True, eq=False)
class ValueCounts:
    """Rows by value; every row is in exactly one number.

    Attributes
    ----------
    bins : ndarray of shape (k,), int64
    below, above : int
        Finite values under the first edge and over the last.
    missing, infinite : int
        NaN, and infinite of either sign.
    """

    bins: NDArray[np.int64]
    below: int
    above: int
    missing: int
    infinite: int


def value_counts(
    values: NDArray[np.float32], edges: NDArray[np.float64], mask: NDArray[np.bool_] | None = None
) -> ValueCounts:
    """Count values between edges, as ``numpy.histogram(values, edges)`` does.

    Parameters
    ----------
    values : ndarray of shape (n,), float32
        Compared as float64.
    edges : ndarray of shape (k + 1,), float64
        Ascending, and evenly spaced but for rounding. Bins are closed below and open above, the
        last one closed.
    mask : ndarray of shape (n,), bool, optional
        Rows to count; default: all.
    """
    values, states = _read_only(values), _read_only(np.empty(0, np.bool_) if mask is None else mask)
    k = len(edges) - 1
    parts: list[NDArray[np.int64]] = []

    def work(part: slice) -> None:
        counts = np.zeros((_LANES, k + _BESIDE), np.int64)
        _count(values[part], states[part], edges, counts)
        parts.append(counts.sum(axis=0))

    pool.share(len(values), work)
    result = np.sum(parts, axis=0) if parts else np.zeros(k + _BESIDE, np.int64)
    below, above, missing, infinite = result[k:].tolist()
    return ValueCounts(result[:k], below, above, missing, infinite)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view.

    Numba compiles a kernel once for these, not again for writable arrays.
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def warm_value_counts() -> None:
    """Compile, or load from disk, the kernel."""
    value_counts(np.zeros(1, np.float32), np.array([0.0, 1.0]))


@numba.njit(nogil=True, cache=True)
def _count(
    values: NDArray[np.float32],
    states: NDArray[np.bool_],
    edges: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> None:
    k = edges.size - 1
    low, high = edges[0], edges[k]
    scale = k / (high - low)
    for i in range(values.size):
        if states.size > 0 and not states[i]:
            continue
        value = np.float64(values[i])
        if low <= value <= high:
            guess = (value - low) * scale
            place = int(guess) if 0.0 <= guess < k else k - 1
            # the quotient rounds: the edges themselves decide
            while place > 0 and value < edges[place]:
                place -= 1
            while place < k - 1 and value >= edges[place + 1]:
                place += 1
        elif np.isnan(value):
            place = k + 2
        elif np.isinf(value):
            place = k + 3
        else:
            place = k if value < low else k + 1
        counts[i & (_LANES - 1), place] += 1
