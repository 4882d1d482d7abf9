"""Tile order: rows that are near each other on the map lie near each other in memory.

Rows are sorted by the Hilbert index of their cell in a square grid and cut into tiles of
``TILE_ROWS`` consecutive rows, each with its exact bounding box, as the leaves of a packed Hilbert
R-tree (Kamel & Faloutsos 1993, doi 10.1145/170088.170403). Tiles hold equally many rows wherever
the map is dense or thin, and what is decided by a bounding box is exact however the grid was
chosen. Within a tile, rows keep their own order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.viewport import Extent

__all__ = [
    "GRID_BITS",
    "GROUP_TILES",
    "TILE_ROWS",
    "grid_extent",
    "group_bounds",
    "row_keys",
    "summary",
    "tile_bounds",
    "tile_order",
]

TILE_ROWS = 1024
"""Rows of a tile: 8 kB of coordinates, a few microseconds to test one by one."""

GROUP_TILES = 32
"""Tiles of a group.

300 groups are looked through in place of 10,000 tiles, as tiles that follow each other lie
together.
"""

GRID_BITS = 11
"""The grid has 2**GRID_BITS cells a side: about the pixels of a screen.

Two radix passes sort the keys.
"""

_OUTLIERS = (
    0.001  # share of rows on each side that may lie outside the grid, clamped to its border cells
)
_SAMPLE = 200_000


@numba.njit(nogil=True, cache=True)
def summary(xy: NDArray[np.floating]) -> tuple[int, float, float, float, float]:
    """Return the number of finite rows of xy (m, 2) and their ``x_min, x_max, y_min, y_max``.

    The bounds are ±inf when there are none.
    """
    n = 0
    x_min, x_max, y_min, y_max = np.inf, -np.inf, np.inf, -np.inf
    for i in range(xy.shape[0]):
        x, y = xy[i, 0], xy[i, 1]
        if np.isfinite(x) and np.isfinite(y):
            n += 1
            x_min, x_max = min(x_min, x), max(x_max, x)
            y_min, y_max = min(y_min, y), max(y_max, y)
    return n, x_min, x_max, y_min, y_max


def grid_extent(xy: NDArray[np.floating], extent: Extent) -> Extent:
    """Choose the square of the plane that the grid covers.

    A few rows far out would put all others into one cell; so the grid covers the quantiles .001 to
    .999 of evenly spaced rows, widened by half on each side, where that is much smaller than the
    extent. Only the order of the rows depends on this, no number does.
    """
    sample = xy[:: max(1, len(xy) // _SAMPLE)]
    sample = sample[np.isfinite(sample).all(axis=1)]
    if len(sample) == 0:
        return extent
    low, high = np.quantile(sample.astype(np.float64), [_OUTLIERS, 1.0 - _OUTLIERS], axis=0)
    margin = (high - low) * 0.5
    x_low, x_high = max(extent[0], low[0] - margin[0]), min(extent[1], high[0] + margin[0])
    y_low, y_high = max(extent[2], low[1] - margin[1]), min(extent[3], high[1] + margin[1])
    side = max(x_high - x_low, y_high - y_low)
    return (float(x_low), float(x_low + side), float(y_low), float(y_low + side))


@numba.njit(nogil=True, cache=True)
def _hilbert(column: int, row: int, bits: int) -> int:
    """Index of a grid cell on the Hilbert curve in two dimensions.

    Skilling 2004, doi 10.1063/1.1751381.
    """
    index = 0
    for bit in range(bits - 1, -1, -1):
        cx = (column >> bit) & 1
        cy = (row >> bit) & 1
        index = (index << 2) | ((3 * cx) ^ cy)
        if cy == 0:
            if cx == 1:
                column, row = ~column, ~row
            column, row = row, column
    return index


@numba.njit(nogil=True, cache=True)
def row_keys(
    xy: NDArray[np.floating],
    first: int,
    x_low: float,
    y_low: float,
    cells_per_unit: float,
    keys: NDArray[np.uint32],
    rows: NDArray[np.uint32],
) -> int:
    """Write the Hilbert index and the number (from ``first``) of every finite row of xy.

    Return how many.
    """
    n = 0
    top = (1 << GRID_BITS) - 1
    for i in range(xy.shape[0]):
        x, y = np.float64(xy[i, 0]), np.float64(xy[i, 1])
        if np.isfinite(x) and np.isfinite(y):
            column = np.int64(min(max((x - x_low) * cells_per_unit, 0.0), np.float64(top)))
            row = np.int64(min(max((y - y_low) * cells_per_unit, 0.0), np.float64(top)))
            keys[n] = _hilbert(column, row, GRID_BITS)
            rows[n] = first + i
            n += 1
    return n


@numba.njit(nogil=True, cache=True)
def _radix_pass(
    keys: NDArray[np.uint32],
    rows: NDArray[np.uint32],
    shift: int,
    keys_out: NDArray[np.uint32],
    rows_out: NDArray[np.uint32],
) -> None:
    """One stable counting sort by GRID_BITS bits of the keys."""
    digits = 1 << GRID_BITS
    place = np.zeros(digits + 1, np.int64)
    for i in range(keys.size):
        place[((keys[i] >> shift) & (digits - 1)) + 1] += 1
    for d in range(digits):
        place[d + 1] += place[d]
    for i in range(keys.size):
        d = (keys[i] >> shift) & (digits - 1)
        to = place[d]
        place[d] = to + 1
        keys_out[to] = keys[i]
        rows_out[to] = rows[i]


def tile_order(keys: NDArray[np.uint32], rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return ascending rows in tile order.

    Tiles by key, equal keys by row, and the rows of a tile ascending.

    A kernel that meets one pixel many times in a row waits for its own last addition; rows in their
    own order fall on the pixels of a tile at random. Both arrays are used as scratch and hold
    rubbish afterwards.
    """
    keys_out, rows_out = np.empty_like(keys), np.empty_like(rows)
    _radix_pass(keys, rows, 0, keys_out, rows_out)
    _radix_pass(keys_out, rows_out, GRID_BITS, keys, rows)
    whole = rows.size // TILE_ROWS * TILE_ROWS
    rows[:whole].reshape(-1, TILE_ROWS).sort(axis=1)
    rows[whole:].sort()
    return rows


@numba.njit(nogil=True, cache=True)
def tile_bounds(xs: NDArray[np.float32], ys: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the bounding box ``x_min, x_max, y_min, y_max`` of every TILE_ROWS rows.

    (tiles, 4) float32.
    """
    tiles = (xs.size + TILE_ROWS - 1) // TILE_ROWS
    bounds = np.empty((tiles, 4), np.float32)
    for t in range(tiles):
        start, stop = t * TILE_ROWS, min((t + 1) * TILE_ROWS, xs.size)
        bounds[t, 0] = xs[start:stop].min()
        bounds[t, 1] = xs[start:stop].max()
        bounds[t, 2] = ys[start:stop].min()
        bounds[t, 3] = ys[start:stop].max()
    return bounds


def group_bounds(bounds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the bounding boxes of every GROUP_TILES tiles, (groups, 4) float32.

    Made of those of the tiles, (tiles, 4).
    """
    starts = np.arange(0, len(bounds), GROUP_TILES)
    if len(starts) == 0:
        return np.empty((0, 4), np.float32)
    groups = np.empty((len(starts), 4), np.float32)
    groups[:, 0::2] = np.minimum.reduceat(bounds[:, 0::2], starts, axis=0)
    groups[:, 1::2] = np.maximum.reduceat(bounds[:, 1::2], starts, axis=0)
    return groups
