"""How many rows of each code, all or those of a mask, in one pass over bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["code_counts", "warm_code_counts"]

_LANES = 4  # counts side by side: a row need not wait for the one before it, of the same code
_SMALL = 4096  # codes for which this helps


def code_counts(
    codes: NDArray[np.uint8] | NDArray[np.int32], size: int, mask: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Count codes, as ``numpy.bincount(codes[mask], minlength=size)`` does.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint8 or int32
        In [0, size).
    size : int
    mask : ndarray of shape (n,), bool, optional
        Rows to count; default: all.

    Returns
    -------
    ndarray of shape (size,), int64
    """
    lanes = np.zeros((_LANES if size <= _SMALL else 1, size), np.int64)
    if mask is None:
        _count_all(codes, lanes)
    else:
        _count(codes, mask.view(np.uint8), lanes)
    return np.asarray(lanes.sum(axis=0))


def warm_code_counts() -> None:
    """Compile, or load from disk, every kernel here."""
    rows = np.ones(4, np.bool_)
    for mask in (None, rows):
        code_counts(np.zeros(4, np.uint8), 1, mask)
        code_counts(np.zeros(4, np.int32), 1, mask)


@numba.njit(nogil=True, cache=True)
def _count_all(codes: NDArray[np.uint8], lanes: NDArray[np.int64]) -> None:
    last = np.uint64(lanes.shape[0] - 1)
    for i in range(codes.size):
        lanes[np.uint64(i) & last, np.uint64(codes[i])] += 1


@numba.njit(nogil=True, cache=True)
def _count(codes: NDArray[np.uint8], mask: NDArray[np.uint8], lanes: NDArray[np.int64]) -> None:
    last = np.uint64(lanes.shape[0] - 1)
    for i in range(codes.size):
        lanes[np.uint64(i) & last, np.uint64(codes[i])] += np.int64(mask[i])
