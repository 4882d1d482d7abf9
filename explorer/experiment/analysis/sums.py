"""Sums by cell, from which every mean, ratio and adjusted mean follows, in one pass."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = [
    "MISSING_PRE",
    "PAIR",
    "PAIR_PRE",
    "PRE",
    "VALUES",
    "CellSums",
    "cell_counts",
    "cell_sums",
    "warm_sums",
]

VALUES = ("n", "y", "yy", "yyy", "yyyy")
"""Columns of sums of one value: count, and sums of powers of y less its shift."""

PAIR = ("n", "a", "b", "aa", "ab", "bb")
"""Of a numerator a and a denominator b, each less its shift."""

PRE = ("n", "x", "y", "xx", "xy", "yy", "xxx", "xxy", "xyy", "xxxx", "xxxy", "xxyy")
"""Of a value y and its value x from before, each less its shift, over units that have both."""

MISSING_PRE = ("n", "y", "yy")
"""Of a value y over units that have no x; these follow the columns of `PRE`."""

PAIR_PRE = ("n", "a", "b", "x", "aa", "ab", "ax", "bb", "bx", "xx")
"""Of a numerator, a denominator and a value from before, over units that have all three."""

_ROWS = 1 << 20  # rows of a piece: the pieces are the same on every machine, and so are the sums
_threads = ThreadPoolExecutor(thread_name_prefix="sums")


class CellSums:
    """Sums of some units by cell, with the constants that were taken off the values before.

    Parameters
    ----------
    table : ndarray of shape (cells, columns), float64
    shifts : tuple of float
        Of y; of a and b; of x and y; of a, b and x.
    """

    def __init__(
        self, table: NDArray[np.float64], names: tuple[str, ...], shifts: tuple[float, ...]
    ) -> None:
        self.table, self.names, self.shifts = table, names, shifts

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        sums: NDArray[np.float64] = self.table[..., self.names.index(name)]
        return sums

    def shaped(self, *shape: int) -> CellSums:
        """Return the same sums with the cells in this shape."""
        return CellSums(self.table.reshape(*shape, self.table.shape[-1]), self.names, self.shifts)


def cell_sums(
    codes: NDArray[np.int32],
    n_cells: int,
    names: tuple[str, ...],
    columns: tuple[NDArray[np.float64], ...],
    shifts: tuple[float, ...],
) -> CellSums:
    """Sum powers and products of columns by cell.

    Parameters
    ----------
    codes : ndarray of shape (n,), int32
        Cell of each unit in [0, n_cells); negative ones are left out.
    n_cells : int
    names : `VALUES`, `PAIR`, `PRE` with `MISSING_PRE` after it, or `PAIR_PRE`
        Which sums.
    columns : tuple of ndarray of shape (n,), float64
        In the order of the shifts. A unit that misses one is left out; of `PRE` only x may be
        missing.
    shifts : tuple of float
        A constant near the mean of each column, so that no digits are lost in the squares.

    Returns
    -------
    CellSums
        Of shape (n_cells, len(names)). The same bits on any number of threads.
    """
    kernel = _KERNELS[names]
    starts = range(0, max(len(codes), 1), _ROWS)

    def piece(start: int) -> NDArray[np.float64]:
        sums = np.zeros((n_cells, len(names)))
        kernel(codes, *columns, *shifts, start, min(start + _ROWS, len(codes)), sums)
        return sums

    if len(starts) == 1:
        return CellSums(piece(0), names, shifts)
    table = np.zeros((n_cells, len(names)))
    for sums in _threads.map(piece, starts):
        table += sums
    return CellSums(table, names, shifts)


def cell_counts(codes: NDArray[np.int32], n_cells: int) -> NDArray[np.int64]:
    """Count units by cell, (n_cells,) int64; negative codes are left out."""
    counts = np.zeros(n_cells, np.int64)
    _count(codes, counts)
    return counts


def warm_sums() -> None:
    """Compile, or load from disk, every kernel here."""
    cell_counts(np.zeros(3, np.int32), 1)
    some = np.ones(3)
    some.flags.writeable = False  # as columns are
    for names, count in ((VALUES, 1), (PAIR, 2), (PRE + MISSING_PRE, 2), (PAIR_PRE, 3)):
        for columns in ((some,) * count, (some.copy(),) * count):
            cell_sums(np.zeros(3, np.int32), 1, names, columns, (0.0,) * count)


@numba.njit(nogil=True, cache=True)
def _count(codes: Any, counts: Any) -> None:
    for i in range(len(codes)):
        if codes[i] >= 0:
            counts[codes[i]] += 1


@numba.njit(nogil=True, cache=True)
def _values(codes: Any, y: Any, shift: float, low: int, high: int, out: Any) -> None:
    for i in range(low, high):
        c, v = codes[i], y[i] - shift
        if c >= 0 and v == v:
            out[c, 0] += 1.0
            out[c, 1] += v
            out[c, 2] += v * v
            out[c, 3] += v * v * v
            out[c, 4] += v * v * v * v


@numba.njit(nogil=True, cache=True)
def _pairs(
    codes: Any, a: Any, b: Any, shift_a: float, shift_b: float, low: int, high: int, out: Any
) -> None:
    for i in range(low, high):
        c, u, v = codes[i], a[i] - shift_a, b[i] - shift_b
        if c >= 0 and u == u and v == v:
            out[c, 0] += 1.0
            out[c, 1] += u
            out[c, 2] += v
            out[c, 3] += u * u
            out[c, 4] += u * v
            out[c, 5] += v * v


@numba.njit(nogil=True, cache=True)
def _with_pre(
    codes: Any, x: Any, y: Any, shift_x: float, shift_y: float, low: int, high: int, out: Any
) -> None:
    for i in range(low, high):
        c, u, v = codes[i], x[i] - shift_x, y[i] - shift_y
        if c < 0 or v != v:
            continue
        if u != u:
            out[c, 12] += 1.0
            out[c, 13] += v
            out[c, 14] += v * v
            continue
        uu, uv, vv = u * u, u * v, v * v
        out[c, 0] += 1.0
        out[c, 1] += u
        out[c, 2] += v
        out[c, 3] += uu
        out[c, 4] += uv
        out[c, 5] += vv
        out[c, 6] += uu * u
        out[c, 7] += uu * v
        out[c, 8] += u * vv
        out[c, 9] += uu * uu
        out[c, 10] += uu * uv
        out[c, 11] += uu * vv


@numba.njit(nogil=True, cache=True)
def _pairs_with_pre(
    codes: Any,
    a: Any,
    b: Any,
    x: Any,
    shift_a: float,
    shift_b: float,
    shift_x: float,
    low: int,
    high: int,
    out: Any,
) -> None:
    for i in range(low, high):
        c, u, v, w = codes[i], a[i] - shift_a, b[i] - shift_b, x[i] - shift_x
        if c >= 0 and u == u and v == v and w == w:
            out[c, 0] += 1.0
            out[c, 1] += u
            out[c, 2] += v
            out[c, 3] += w
            out[c, 4] += u * u
            out[c, 5] += u * v
            out[c, 6] += u * w
            out[c, 7] += v * v
            out[c, 8] += v * w
            out[c, 9] += w * w


_KERNELS: dict[tuple[str, ...], Callable[..., None]] = {
    VALUES: _values,
    PAIR: _pairs,
    PRE + MISSING_PRE: _with_pre,
    PAIR_PRE: _pairs_with_pre,
}
