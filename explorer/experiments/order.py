"""Order: the values of each cell side by side and sorted, from which quantiles follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.experiments.effects import Arms
from explorer.inference.quantiles import quantile_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CellOrder", "cell_order_of", "quantile_arms", "warm_order"]

_FEWEST_OF_GROUP = 100  # a convention, held against simulation: the errors of fewer values are too uncertain to compare groups
_Z = 1.959963984540054  # of the 95 % bounds, from which a standard error is taken back


class CellOrder:
    """Values by cell.

    Parameters
    ----------
    values : ndarray of shape (counted,), float64
        Without missing ones, those of a cell side by side; not sorted within it.
    starts : ndarray of shape (cells + 1,), int64
        Where each cell's values begin.
    """

    def __init__(self, values: NDArray[np.float64], starts: NDArray[np.int64]) -> None:
        self._values, self.starts = values, starts

    def __getitem__(self, cell: int) -> NDArray[np.float64]:
        return self._values[self.starts[cell] : self.starts[cell + 1]]


def cell_order_of(values: NDArray[np.float64], cells: NDArray[np.int32], n_cells: int) -> CellOrder:
    """Put values (n,) by cell; missing ones and those in no cell (negative) are left out."""
    starts = np.zeros(n_cells + 1, np.int64)
    found = np.empty(len(values))
    counted = _place(values, cells, starts, found)
    return CellOrder(found[:counted], starts)


def quantile_arms(order: CellOrder, n_arms: int, q: float) -> tuple[Arms, NDArray[np.bool_]]:
    """Return a quantile of each arm of each cell, with the standard error that its order statistics say.

    Parameters
    ----------
    order : CellOrder
        Cells as segment × arms + arm.
    n_arms : int
    q : float
        In (0, 1).

    Returns
    -------
    arms : Arms
    tied : ndarray of shape (segments, arms), bool
        Where a bound of the quantile equals it: values repeat there, and the order statistics say nothing of its error.
    """
    n_cells = len(order.starts) - 1
    n = np.diff(order.starts).astype(np.float64)
    value, error = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    tied = np.zeros(n_cells, np.bool_)
    lower, upper = quantile_bounds(n, q)
    for cell in np.flatnonzero(n > 0).tolist():
        low, high = int(lower[cell]), int(upper[cell])
        if low < 0 or high >= n[cell]:
            value[cell] = float(np.quantile(order[cell], q))
            continue
        value[cell], least, most = _statistics(order[cell], q, low, high)
        tied[cell] = least == value[cell] or most == value[cell]
        error[cell] = (most - least) / (2 * _Z)
    shape = (n_cells // n_arms, n_arms)
    least = _FEWEST_OF_GROUP if n_cells > n_arms else 1
    needed = np.where(np.isnan(error), np.nan, float(least))
    infinite = np.full(shape, np.inf)
    arms = Arms(
        n.reshape(shape), value.reshape(shape), (error**2).reshape(shape), needed.reshape(shape), df=infinite
    )
    return arms, tied.reshape(shape)


def _statistics(values: NDArray[np.float64], q: float, low: int, high: int) -> tuple[float, float, float]:
    """Return the linear quantile and two order statistics, without sorting all values."""
    place = q * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    parted = np.partition(values, sorted({low, below, above, high}))
    middle = parted[below] + (place - below) * (parted[above] - parted[below])
    return float(middle), float(parted[low]), float(parted[high])


def warm_order() -> None:
    """Compile, or load from disk, the kernel here."""
    some = np.ones(2)
    cell_order_of(some.copy(), np.zeros(2, np.int32), 1)
    some.flags.writeable = False
    cell_order_of(some, np.zeros(2, np.int32), 1)


@numba.njit(nogil=True, cache=True)
def _place(values: Any, cells: Any, starts: Any, found: Any) -> int:
    for i in range(len(values)):
        if cells[i] >= 0 and values[i] == values[i]:
            starts[cells[i] + 1] += 1
    for c in range(1, len(starts)):
        starts[c] += starts[c - 1]
    place = starts.copy()
    for i in range(len(values)):
        c = cells[i]
        if c >= 0 and values[i] == values[i]:
            found[place[c]] = values[i]
            place[c] += 1
    return int(starts[-1])
