"""Pyramid: a map counted once on grids of cells.

Zoomed-out frames then cost the same whatever the number of rows.

The finest grid is one pass over the rows; each coarser one adds up four cells. A frame takes the
coarsest grid whose cells are at most half a pixel and adds up whole cells: every pixel is the exact
count of its own rectangle, which is nearly, not quite, the one that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.core.memo import BackgroundMemo
from explorer.map.grid import Grid, grid_over
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.raster import aggregate as exact
from explorer.map.raster import pool
from explorer.map.raster.frame import Aggregate

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from explorer.map.grid import Window
    from explorer.map.map_store import MapStore
    from explorer.map.paint.color import Colour
    from explorer.map.raster.aggregate import Mask
    from explorer.map.viewport import Viewport

__all__ = ["WORTH_ROWS", "Pyramid", "build_pyramid", "pyramids"]

WORTH_ROWS = 2_000_000
"""Up to here the rows themselves are counted in a few milliseconds, exactly for any viewport."""

_CELLS = 2048  # a side of the finest grid: 16 MB of counts
_CELLS_OF_PLANES = 1024  # of categories, which take a plane each
_COARSEST = 64
_CELLS_A_PIXEL = 2  # fewer, and the size of a pixel is too far from the one asked for
_MEMORY = 512 << 20  # bytes of all pyramids: some thirty of counts


@dataclass(frozen=True, eq=False)
class PyramidLevel:
    """Sums on one grid: arrays of shape (rows, columns, k) by name."""

    grid: Grid
    sums: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Pyramid:
    """What one colour and one mask show of a map, on grids; made by `build_pyramid`.

    Parameters
    ----------
    levels : tuple of PyramidLevel
        The finest first.
    made_of : tuple
        What it was counted from, where it is found again by their identity.
    """

    levels: tuple[PyramidLevel, ...]
    made_of: tuple[object, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of all grids."""
        return sum(array.nbytes for level in self.levels for array in level.sums.values())

    def aggregate(self, viewport: Viewport) -> Aggregate | None:
        """Return the numbers of a zoomed-out frame.

        None where the viewport is too close for the finest grid.

        Returns
        -------
        Aggregate
            Its viewport is the one it is exact for.
        """
        match = self._window(viewport)
        if match is None:
            return None
        level, window = match
        sums = level.sums
        context = _taken(sums["context"], window)[..., 0] if "context" in sums else None
        if "planes" in sums:
            planes = _taken(sums["planes"], window)
            return Aggregate(window.viewport, exact.total(planes), context, planes=planes)
        if "values" not in sums:
            return Aggregate(window.viewport, _taken(sums["counts"], window)[..., 0], context)
        means, counts = _averaged(sums["values"], sums["present"], window)
        if "missing" in sums:
            counts += _taken(sums["missing"], window)[..., 0]
        return Aggregate(window.viewport, counts, context, means)

    def _window(self, viewport: Viewport) -> tuple[PyramidLevel, Window] | None:
        unit = min(viewport.unit)
        fitting = [level for level in self.levels if _CELLS_A_PIXEL * level.grid.cell <= unit]
        level = fitting[-1] if fitting else self.levels[0]
        window = level.grid.window(viewport)
        return None if window is None else (level, window)


pyramids: BackgroundMemo[Hashable, Pyramid] = BackgroundMemo(_MEMORY, attrgetter("nbytes"))
"""Of the maps in use, for all sessions of the process."""


def build_pyramid(
    store: MapStore,
    colour: Colour,
    mask: Mask | None = None,
    context: bool = False,
    cells: int | None = None,
) -> Pyramid:
    """Count a map on grids.

    Parameters
    ----------
    store : MapStore
    colour : Density, Continuous or Categorical
    mask : ndarray of shape (n,), bool or uint8, in tile order, optional
        As for `explorer.map.raster.aggregate.count_and_context`.
    context : bool
        Whether rows of mask state 0 are counted too, apart.
    cells : int, optional
        A side of the finest grid; default 2,048, of categories 1,024.
    """
    side = cells or (_CELLS_OF_PLANES if isinstance(colour, Categorical) else _CELLS)
    grid = grid_over(store.extent, side)
    levels = [PyramidLevel(grid, _base(store, grid, colour, mask, context))]
    while max(levels[-1].grid.columns, levels[-1].grid.rows) > _COARSEST:
        levels.append(_halved(levels[-1]))
    return Pyramid(tuple(levels))


def _base(
    store: MapStore, grid: Grid, colour: Colour, mask: Mask | None, context: bool
) -> dict[str, NDArray[Any]]:
    view, apart = grid.viewport, context and mask is not None
    sums: dict[str, NDArray[Any]] = {}
    if isinstance(colour, Continuous):
        added, present, missing, others = exact.sums(store, view, colour.values, mask, apart)
        # half the bytes: a sum of a cell is then known to a part in ten million, as a mean on the
        # screen is
        sums = {"values": added.astype(np.float32), "present": present}
        if missing.any():
            sums["missing"] = missing
    elif isinstance(colour, Categorical):
        if apart and mask is not None:
            planes, others = exact.by_and_context(store, view, colour.codes, colour.k, mask)
        else:
            planes, others = (
                exact.by(store, view, colour.codes, colour.k, mask),
                np.empty(0, np.uint32),
            )
        sums = {"planes": planes}
    elif apart and mask is not None:
        sums["counts"], others = exact.count_and_context(store, view, mask)
    else:
        sums["counts"], others = exact.count(store, view, mask), np.empty(0, np.uint32)
    if apart:
        sums["context"] = others
    return {name: array.reshape(grid.rows, grid.columns, -1) for name, array in sums.items()}


def _halved(level: PyramidLevel) -> PyramidLevel:
    grid, fine = level.grid.coarser, level.grid
    row, column = 2 * grid.row - fine.row, 2 * grid.column - fine.column
    halved = {
        name: _added(array, (row, column), (2, 2), (grid.rows, grid.columns))
        for name, array in level.sums.items()
    }
    return PyramidLevel(grid, halved)


def _taken(array: NDArray[Any], window: Window) -> NDArray[Any]:
    return _added(array, window.first, (window.up, window.across), (window.height, window.width))


def _averaged(
    values: NDArray[np.float32], present: NDArray[np.uint32], window: Window
) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Return means (h, w) float32, NaN without a value, and numbers of values (h, w) uint32."""
    shape = (window.height, window.width)
    means, counts = np.full(shape, np.nan, np.float32), np.zeros(shape, np.uint32)
    block = (*window.first, window.up, window.across)
    pool.share(
        shape[0],
        lambda part: _average(
            values[..., 0], present[..., 0], *block, means, counts, part.start, part.stop
        ),
    )
    return means, counts


def _added(
    cells: NDArray[Any], first: tuple[int, int], block: tuple[int, int], shape: tuple[int, int]
) -> NDArray[Any]:
    """Add blocks of cells, from row and column ``first`` on, into pixels: (height, width, k)."""
    out = np.zeros((*shape, cells.shape[2]), cells.dtype)
    pool.share(shape[0], lambda part: _add(cells, *first, *block, out, part.start, part.stop))
    return out


@numba.njit(nogil=True, cache=True)
def _add(
    cells: NDArray[Any],
    row: int,
    column: int,
    up: int,
    across: int,
    out: NDArray[Any],
    first: int,
    last: int,
) -> None:
    """Add blocks of ``up × across`` cells into the pixels of rows ``first ≤ r < last``.

    Beyond the grid there is nothing.
    """
    rows, columns, k = cells.shape
    width = out.shape[1]
    # pixels that hold a cell: the others stay 0
    left = max((0 - column) // across, 0)
    right = min((columns - 1 - column) // across + 1, width)
    for r in range(first, last):
        for i in range(max(row + r * up, 0), min(row + (r + 1) * up, rows)):
            for c in range(left, right):
                start, stop = max(column + c * across, 0), min(column + (c + 1) * across, columns)
                if k == 1:
                    total = out[r, c, 0]
                    for j in range(start, stop):
                        total += cells[i, j, 0]
                    out[r, c, 0] = total
                else:
                    for j in range(start, stop):
                        for code in range(k):
                            out[r, c, code] += cells[i, j, code]


@numba.njit(nogil=True, cache=True)
def _average(
    values: NDArray[np.float32],
    present: NDArray[np.uint32],
    row: int,
    column: int,
    up: int,
    across: int,
    means: NDArray[np.float32],
    counts: NDArray[np.uint32],
    first: int,
    last: int,
) -> None:
    """Average blocks of cells as `_add` adds them up, in one pass over sums and counts."""
    rows, columns = values.shape
    left = max((0 - column) // across, 0)
    right = min((columns - 1 - column) // across + 1, means.shape[1])
    for r in range(first, last):
        low, high = max(row + r * up, 0), min(row + (r + 1) * up, rows)
        for c in range(left, right):
            start, stop = max(column + c * across, 0), min(column + (c + 1) * across, columns)
            total, n = 0.0, np.uint32(0)
            for i in range(low, high):
                for j in range(start, stop):
                    total += values[i, j]
                    n += present[i, j]
            if n > 0:
                means[r, c] = np.float32(total / n)
                counts[r, c] = n
