"""Grid: squares of a power of two on which a pyramid counts.

What falls on their edges is decided exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from explorer.map.viewport import Extent

__all__ = ["Grid", "Window", "grid_over"]

_FINEST = 0.8  # of a pixel: a grid whose cells are larger than a pixel is too coarse for it
# From 1.3 cells on a pixel has two: a little coarser costs less than half as much as a little
# finer.
_UP = 0.7


@dataclass(frozen=True)
class Grid:
    """Cells of ``2**exponent`` data units, numbered from 0 at the origin of the plane.

    A cell holds its lower edges and not its upper ones; an index is exact, as a power of two
    divides without rounding.

    Parameters
    ----------
    exponent : int
    column, row : int
        Index of the first cell.
    columns, rows : int
        How many there are.
    """

    exponent: int
    column: int
    row: int
    columns: int
    rows: int

    @property
    def cell(self) -> float:
        """Side of a cell in data units."""
        return 2.0**self.exponent

    @property
    def viewport(self) -> Viewport:
        """The rectangle of all cells, a pixel each."""
        x_low, y_low = self.column * self.cell, self.row * self.cell
        return Viewport(
            (x_low, x_low + self.columns * self.cell),
            (y_low, y_low + self.rows * self.cell),
            self.columns,
            self.rows,
        )

    @property
    def coarser(self) -> Grid:
        """The grid of twice the cell over the same rectangle."""
        column, row = self.column >> 1, self.row >> 1
        last_column, last_row = (
            (self.column + self.columns - 1) >> 1,
            (self.row + self.rows - 1) >> 1,
        )
        return Grid(self.exponent + 1, column, row, last_column - column + 1, last_row - row + 1)

    def window(self, viewport: Viewport) -> Window | None:
        """Return the cells that make the pixels of a viewport.

        None where a cell is larger than a pixel.

        A pixel is a whole number of cells, as near to the one asked for as can be; its edges are
        multiples of its size, so that pixels stay where they are while one drags.
        """
        sizes = [unit / self.cell for unit in viewport.unit]
        if min(sizes) < _FINEST:
            return None
        across, up = (max(1, math.floor(size + _UP)) for size in sizes)
        columns, rows = (
            self._span(ends, step)
            for ends, step in ((viewport.x_range, across), (viewport.y_range, up))
        )
        return Window(self, across, up, *columns, *rows)

    def _span(self, ends: tuple[float, float], step: int) -> tuple[int, int]:
        """Return the first pixel, counted from 0 at the origin, and how many cover a range."""
        first = math.floor(ends[0] / (self.cell * step))
        return first, max(1, math.ceil(ends[1] / (self.cell * step)) - first)


@dataclass(frozen=True)
class Window:
    """Pixels made of cells of a grid.

    Parameters
    ----------
    grid : Grid
    across, up : int
        Cells of a pixel each way.
    column, width, row, height : int
        First pixel, counted from 0 at the origin of the plane, and number of pixels, each way.
    """

    grid: Grid
    across: int
    up: int
    column: int
    width: int
    row: int
    height: int

    @property
    def viewport(self) -> Viewport:
        """The rectangle that the pixels cover: what a frame of them is exact for."""
        x, y = self.grid.cell * self.across, self.grid.cell * self.up
        return Viewport(
            (self.column * x, (self.column + self.width) * x),
            (self.row * y, (self.row + self.height) * y),
            self.width,
            self.height,
        )

    @property
    def first(self) -> tuple[int, int]:
        """Row and column, in the grid's own arrays, of the first cell; may lie outside."""
        return self.row * self.up - self.grid.row, self.column * self.across - self.grid.column


def grid_over(extent: Extent, cells: int) -> Grid:
    """Return the finest grid of at most about ``cells`` a side that covers a rectangle.

    Parameters
    ----------
    extent : tuple of float
        ``(x_min, x_max, y_min, y_max)`` in data units.
    cells : int
    """
    x_min, x_max, y_min, y_max = extent
    side = max(x_max - x_min, y_max - y_min)
    # where all rows lie at one point, a cell that float64 can still tell apart
    least = max(abs(x_min), abs(x_max), abs(y_min), abs(y_max)) * 2.0**-40 or 1.0
    exponent = math.ceil(math.log2(max(side / cells, least)))
    cell = 2.0**exponent
    column, row = math.floor(x_min / cell), math.floor(y_min / cell)
    columns, rows = math.floor(x_max / cell) - column + 1, math.floor(y_max / cell) - row + 1
    return Grid(exponent, column, row, columns, rows)
