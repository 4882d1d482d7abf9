"""Order: the values of each cell side by side and sorted, from which quantiles follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.experiment.analysis.effects import ArmSummaries
from explorer.stats.intervals.quantiles import quantile_bounds
from explorer.stats.intervals.tied_quantiles import TiedQuantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effects import Effects

__all__ = ["Clusters", "Quantiles", "ValuesByCell", "quantiles_of", "values_by_cell", "warm_order"]

# Units of an arm, held against simulation: of fewer, nobody knows how much rows of a unit are
# alike.
_FEWEST_CLUSTERS = 40
_COARSE = (
    1 / 8
)  # of the ranks between the bounds: where one value has more, the bounds jump by it and say little
# A convention, held against simulation: the errors of fewer values are too uncertain to compare
# groups.
_FEWEST_OF_GROUP = 100
_Z = 1.959963984540054  # of the 95 % bounds, from which a standard error is taken back


class ValuesByCell:
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


def values_by_cell(
    values: NDArray[np.float64], cells: NDArray[np.int32], n_cells: int
) -> ValuesByCell:
    """Put values (n,) by cell; missing ones and those in no cell (negative) are left out."""
    starts = np.zeros(n_cells + 1, np.int64)
    ordered = np.empty(len(values))
    counted = _place(values, cells, starts, ordered)
    return ValuesByCell(ordered[:counted], starts)


@dataclass(frozen=True, eq=False)
class Clusters:
    """Rows that belong to units.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Of each row.
    cells, part : ndarray of shape (n,), int32
        Cell and unit of each row, a unit in one cell; negative in none.
    """

    values: NDArray[np.float64]
    cells: NDArray[np.int32]
    part: NDArray[np.int32]

    def spread(self, at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the units of each cell, and the excess variance of its share of rows below ``at``.

        Over that of independent rows.

        The design effect: squares of sums over units, over the sum of squares (Deng, Knoblich & Lu
        2018, doi:10.1145/3219819.3219919); 1 at least.
        """
        counted = (self.cells >= 0) & ~np.isnan(self.values)
        values, cells, part = self.values[counted], self.cells[counted], self.part[counted]
        n_cells, n_parts = at.size, int(part.max(initial=-1)) + 1
        below = ((values < at[cells]) + (values <= at[cells]).astype(np.float64)) / 2
        rows = np.bincount(cells, minlength=n_cells)
        with np.errstate(invalid="ignore", divide="ignore"):
            off = below - (np.bincount(cells, below, n_cells) / rows)[cells]
            of_part = np.bincount(part, off, n_parts)
            cell_of = np.full(n_parts, -1, np.int64)
            cell_of[part] = cells
            some = cell_of >= 0
            units = np.bincount(cell_of[some], minlength=n_cells)
            between = np.bincount(cell_of[some], of_part[some] ** 2, n_cells) * units / (units - 1)
            ratio = between / np.bincount(cells, off**2, n_cells)
        return units.astype(np.float64), np.fmax(np.where(np.isfinite(ratio), ratio, 1.0), 1.0)


@dataclass(frozen=True, eq=False)
class Quantiles:
    """A quantile of each arm of each cell.

    Parameters
    ----------
    arms : ArmSummaries
        With the standard error that the order statistics say; NaN where values tie.
    tied : ndarray of shape (segments, arms), bool
        Where one value has an eighth or more of the ranks between the bounds of the quantile.
    order : ValuesByCell
        The values.
    q : float
    spread : ndarray of shape (segments, arms), float64
        Of `quantile_bounds`.
    """

    arms: ArmSummaries
    tied: NDArray[np.bool_]
    order: ValuesByCell
    q: float
    spread: NDArray[np.float64]

    def tested(self, effects: Effects) -> Effects:
        """Give the cells where values tie in one of the two arms a test that ties leave valid."""
        t = effects.treatment
        tied_cells = np.flatnonzero((self.tied[:, 0] | self.tied[:, t]) & ~effects.few).tolist()
        if not tied_cells:
            return effects
        n_arms, p_value = self.arms.n.shape[1], effects.estimate.p_value.copy()
        own = {}
        for i in tied_cells:
            sides = np.sort(self.order[i * n_arms + t]), np.sort(self.order[i * n_arms])
            own[i] = TiedQuantiles(
                *sides, self.q, float(self.spread[i, t]), float(self.spread[i, 0])
            )
            p_value[i] = own[i].p_value
        return replace(effects, own=own, estimate=replace(effects.estimate, p_value=p_value))


def quantiles_of(
    order: ValuesByCell, n_arms: int, q: float, clusters: Clusters | None = None
) -> Quantiles:
    """Return a quantile of each arm of each cell, with its standard error.

    It is the one that the order statistics say.

    Parameters
    ----------
    order : ValuesByCell
        Cells as segment × arms + arm.
    n_arms : int
    q : float
        In (0, 1).
    clusters : Clusters, optional
        Of the same values, where they belong to units of several rows.
    """
    n_cells = len(order.starts) - 1
    n = np.diff(order.starts).astype(np.float64)
    units, spread, least = n, np.ones(n_cells), _FEWEST_OF_GROUP if n_cells > n_arms else 1
    if clusters is not None:
        middle = np.array(
            [np.quantile(order[cell], q) if n[cell] else np.nan for cell in range(n_cells)]
        )
        units, spread = clusters.spread(middle)
        least = max(least, _FEWEST_CLUSTERS)
    value, error = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    tied = np.zeros(n_cells, np.bool_)
    lower, upper = quantile_bounds(n, q, spread=spread)
    needed = np.full(n_cells, np.nan)
    for cell in np.flatnonzero(n > 0).tolist():
        low, high = int(lower[cell]), int(upper[cell])
        if low < 0 or high >= n[cell]:
            value[cell] = float(np.quantile(order[cell], q))
            continue
        value[cell], down, up = _statistics(order[cell], q, low, high)
        needed[cell] = least
        tied[cell] = _most_alike(order[cell], down, up) > _COARSE * (high - low + 1)
        error[cell] = np.nan if tied[cell] else (up - down) / (2 * _Z)
    shape = (n_cells // n_arms, n_arms)
    infinite = np.full(shape, np.inf)
    arms = ArmSummaries(
        units.reshape(shape),
        value.reshape(shape),
        (error**2).reshape(shape),
        needed.reshape(shape),
        df=infinite,
    )
    return Quantiles(arms, tied.reshape(shape), order, q, spread.reshape(shape))


def _most_alike(values: NDArray[np.float64], low: float, high: float) -> int:
    """Return how often the most frequent of the values between two others occurs, both included."""
    if low == high:
        return int(np.count_nonzero(values == low))
    return int(np.unique(values[(values >= low) & (values <= high)], return_counts=True)[1].max())


def _statistics(
    values: NDArray[np.float64], q: float, low: int, high: int
) -> tuple[float, float, float]:
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
    values_by_cell(some.copy(), np.zeros(2, np.int32), 1)
    some.flags.writeable = False
    values_by_cell(some, np.zeros(2, np.int32), 1)


@numba.njit(nogil=True, cache=True)
def _place(values: Any, cells: Any, starts: Any, ordered: Any) -> int:
    for i in range(len(values)):
        if cells[i] >= 0 and values[i] == values[i]:
            starts[cells[i] + 1] += 1
    for c in range(1, len(starts)):
        starts[c] += starts[c - 1]
    place = starts.copy()
    for i in range(len(values)):
        c = cells[i]
        if c >= 0 and values[i] == values[i]:
            ordered[place[c]] = values[i]
            place[c] += 1
    return int(starts[-1])
