"""Weighted sums by cell, for rates of weighted rows and their errors, also between units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.stats.radix import key_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WeightedSums", "warm_weighted_sums", "weighted_sums"]

_NAMES = (
    "rows",
    "units",
    "w",
    "wy",
    "ww_u",
    "wy_w_u",
    "wy_wy_u",
    "n_n_u",
    "wy_n_u",
    "ww",
    "largest",
    "w4_u",
    "largest_u",
)


@dataclass(frozen=True, eq=False)
class WeightedSums:
    """Sums by cell, ``_u`` of products of sums of units; arrays of shape (cells,), float64.

    Parameters
    ----------
    rows, units : ndarray
        Rows, and units that have any.
    w, wy : ndarray
        Σw and Σwy over rows.
    ww_u, wy_w_u, wy_wy_u : ndarray
        Over units, of their Σw and Σwy.
    n_n_u, wy_n_u : ndarray
        The same with the number of their rows.
    ww : ndarray
        Σw² over rows.
    largest : ndarray
        Largest weight; 0 without rows.
    w4_u : ndarray
        Over units, of the fourth power of their Σw.
    largest_u : ndarray
        Largest Σw of a unit.
    """

    rows: NDArray[np.float64]
    units: NDArray[np.float64]
    w: NDArray[np.float64]
    wy: NDArray[np.float64]
    ww_u: NDArray[np.float64]
    wy_w_u: NDArray[np.float64]
    wy_wy_u: NDArray[np.float64]
    n_n_u: NDArray[np.float64]
    wy_n_u: NDArray[np.float64]
    ww: NDArray[np.float64]
    largest: NDArray[np.float64]
    w4_u: NDArray[np.float64]
    largest_u: NDArray[np.float64]


def weighted_sums(
    y: NDArray[Any],
    weight: NDArray[np.float64],
    cell: NDArray[Any] | None = None,
    cells: int = 1,
    unit: NDArray[Any] | None = None,
    unit_rows: NDArray[np.float64] | None = None,
) -> WeightedSums:
    """Sum weighted rows by cell.

    Parameters
    ----------
    y : ndarray of shape (n,), real numbers
    weight : ndarray of shape (n,), float64
        Rows of which either is NaN are left out.
    cell : ndarray of shape (n,), integer, optional
        Code in [0, cells); negative ones are left out.
    cells : int
        With ``cell`` only.
    unit : ndarray of shape (n,), integer, optional
        Code of each row's unit, from 0; without it each row is its own.
    unit_rows : ndarray of shape (codes of units,), float64, optional
        Rows of each unit that count in ``wy_n_u``, where they are not only those of the cell.
    """
    values = np.asarray(y, dtype=np.float64)
    cell = np.zeros(values.size, np.int8) if cell is None else np.asarray(cell)
    usable = (cell >= 0) & ~np.isnan(values) & ~np.isnan(weight)
    if not usable.all():
        values, weight, cell = values[usable], weight[usable], cell[usable]
        unit = unit if unit is None else unit[usable]
    table = np.zeros((cells, len(_NAMES)))
    if unit is None:
        _add_rows(values, weight, cell, table)
    else:
        codes = int(unit.max(initial=0)) + 1
        keys = cell.astype(np.uint64) * np.uint64(codes) + unit.astype(np.uint64)
        own = np.empty(0) if unit_rows is None else unit_rows
        _add_units(key_order(keys), keys, codes, values, weight, own, table)
    return WeightedSums(*table.T.copy())


def warm_weighted_sums() -> None:
    """Compile, or load from disk, every kernel here."""
    ones = np.ones(2)
    for cell in (None, np.zeros(2, np.int32), np.zeros(2, np.int64)):
        weighted_sums(ones, ones, cell)
    weighted_sums(ones, ones, None, 1, np.zeros(2, np.int64))


@numba.njit(nogil=True, cache=True)
def _add_rows(y: Any, weight: Any, cell: Any, table: Any) -> None:
    for i in range(y.size):
        c, w = cell[i], weight[i]
        wy = w * y[i]
        table[c, 0] += 1.0
        table[c, 2] += w
        table[c, 3] += wy
        table[c, 5] += wy * w
        table[c, 6] += wy * wy
        table[c, 9] += w * w
        table[c, 10] = max(table[c, 10], w)
        table[c, 11] += (w * w) * (w * w)
    # a row that is its own unit: its products are those of its unit
    for c in range(len(table)):
        table[c, 1] = table[c, 7] = table[c, 0]
        table[c, 8] = table[c, 3]
        table[c, 4] = table[c, 9]
        table[c, 12] = table[c, 10]


@numba.njit(nogil=True, cache=True)
def _add_units(
    order: Any, keys: Any, codes: int, y: Any, weight: Any, own: Any, table: Any
) -> None:
    i = 0
    while i < order.size:
        key = keys[order[i]]
        c, n, a, b = np.int64(key // np.uint64(codes)), 0.0, 0.0, 0.0
        while i < order.size and keys[order[i]] == key:
            w = weight[order[i]]
            n += 1.0
            a += w
            b += w * y[order[i]]
            table[c, 9] += w * w
            table[c, 10] = max(table[c, 10], w)
            i += 1
        beside = own[np.int64(key % np.uint64(codes))] if own.size else n
        table[c, 0] += n
        table[c, 1] += 1.0
        table[c, 2] += a
        table[c, 3] += b
        table[c, 4] += a * a
        table[c, 5] += a * b
        table[c, 6] += b * b
        table[c, 7] += beside * beside
        table[c, 8] += b * beside
        table[c, 11] += (a * a) * (a * a)
        table[c, 12] = max(table[c, 12], a)
