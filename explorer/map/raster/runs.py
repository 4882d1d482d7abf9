"""Runs: the consecutive rows in tile order that a viewport touches, by bounding boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from explorer.map.raster.kernels import pixel_of
from explorer.map.tiles import GROUP_TILES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.raster.kernels import Geometry

__all__ = ["runs_of_band", "touching_tiles", "weigh_tiles"]


@numba.njit(nogil=True, cache=True, inline="always")
def _touches(box: NDArray[np.float32], geometry: Geometry) -> bool:
    """Say whether a bounding box and the viewport have a point in common."""
    x_low, x_high, y_low, y_high, _, _, _, _, ox, oy = geometry
    across = np.float64(box[0]) + ox <= x_high and np.float64(box[1]) + ox >= x_low
    return bool(across and np.float64(box[2]) + oy <= y_high and np.float64(box[3]) + oy >= y_low)


@numba.njit(nogil=True, cache=True)
def touching_tiles(
    groups: NDArray[np.float32], bounds: NDArray[np.float32], geometry: Geometry
) -> NDArray[np.int64]:
    """Return the tiles whose bounding box touches the viewport, ascending, (found,) int64.

    Parameters
    ----------
    groups : ndarray of shape (groups, 4), float32
        Bounding boxes of every ``GROUP_TILES`` tiles: where one does not touch, none of its tiles
        does.
    bounds : ndarray of shape (tiles, 4), float32
    """
    tiles = np.empty(bounds.shape[0], np.int64)
    result = 0
    for group in range(groups.shape[0]):
        if not _touches(groups[group], geometry):
            continue
        for t in range(group * GROUP_TILES, min((group + 1) * GROUP_TILES, bounds.shape[0])):
            if _touches(bounds[t], geometry):
                tiles[result] = t
                result += 1
    return tiles[:result]


@numba.njit(nogil=True, cache=True)
def weigh_tiles(
    tiles: NDArray[np.int64],
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    geometry: Geometry,
    weights: NDArray[np.int64],
) -> int:
    """Add the rows of each tile to the pixel row of its middle; return their sum."""
    _, _, y_low, y_high, _, _, sy, ty, _, oy = geometry
    total = 0
    for t in tiles:
        low, high = np.float64(bounds[t, 2]) + oy, np.float64(bounds[t, 3]) + oy
        rows = offsets[t + 1] - offsets[t]
        middle = min(max(low * 0.5 + high * 0.5, y_low), y_high)
        weights[pixel_of(middle, sy, ty, weights.size)] += rows
        total += rows
    return total


@numba.njit(nogil=True, cache=True)
def runs_of_band(
    tiles: NDArray[np.int64],
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    geometry: Geometry,
    height: int,
    first: int,
    last: int,
) -> NDArray[np.int64]:
    """Return ``start, stop, inside`` of the rows to visit for a band, (runs, 3) int64.

    Neighbouring tiles of one kind are joined. ``inside`` is 1 where every row lies in the viewport
    and the band: the bounding boxes are mapped to pixels by the same arithmetic as rows, which
    keeps order.

    Parameters
    ----------
    tiles : ndarray of shape (found,), int64
        Those that touch the viewport, ascending.
    """
    x_low, x_high, y_low, y_high, _, _, sy, ty, ox, oy = geometry
    runs = np.empty((tiles.size, 3), np.int64)
    result = 0
    for t in tiles:
        left, right = np.float64(bounds[t, 0]) + ox, np.float64(bounds[t, 1]) + ox
        low, high = np.float64(bounds[t, 2]) + oy, np.float64(bounds[t, 3]) + oy
        bottom, top = (
            pixel_of(max(low, y_low), sy, ty, height),
            pixel_of(min(high, y_high), sy, ty, height),
        )
        if top < first or bottom >= last:
            continue
        whole = left >= x_low and right <= x_high and low >= y_low and high <= y_high
        inside = 1 if whole and bottom >= first and top < last else 0
        start = offsets[t]
        if result == 0 or runs[result - 1, 1] != start or runs[result - 1, 2] != inside:
            runs[result, 0] = start
            runs[result, 2] = inside
            result += 1
        runs[result - 1, 1] = offsets[t + 1]
    return runs[:result]
