"""The size of a point on the screen: from the zoom and the number of rows, never from what happens to be near it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.maps.viewport import Extent, Viewport

__all__ = ["point_radius", "spread"]

_LARGEST_WHOLE = 4.0  # pixels, with the whole map in view
_LARGEST = 6.0
_SMALLEST = 0.5  # a disc below it covers nothing but its own pixel

# radius / mean distance of rows spread evenly over the picture: 17,000 rows on 900×700 pixels come to 1.2 pixels
_SHARE = 0.2


def point_radius(n: int, extent: Extent, viewport: Viewport) -> float:
    """Return the radius of a point in pixels; 0 where it is a single pixel.

    It falls with the square root of the rows of the map, to at most 4 with the whole map in view, and grows with
    the square root of the magnification, to at most 6: it changes only as one zooms.

    Parameters
    ----------
    n : int
        Rows of the map, in view or not.
    extent : tuple of float
        ``(x_min, x_max, y_min, y_max)`` of the map in data units.
    viewport : Viewport
    """
    if n == 0:
        return 0.0
    whole = min(_SHARE * math.sqrt(viewport.width * viewport.height / n), _LARGEST_WHOLE)
    zoom = max(
        (extent[1] - extent[0]) / (viewport.x_range[1] - viewport.x_range[0]),
        (extent[3] - extent[2]) / (viewport.y_range[1] - viewport.y_range[0]),
    )
    radius = min(whole * math.sqrt(zoom), _LARGEST) if zoom > 0 else whole
    return radius if radius >= _SMALLEST else 0.0


def spread(
    rgba: NDArray[np.uint8], radius: float, front: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Give every empty pixel within a radius of a drawn one the colour of the nearest, softer at the rim.

    Drawn pixels (alpha above 0) are never changed. Of equally near ones the lowest, then leftmost, wins.

    Parameters
    ----------
    rgba : ndarray of shape (h, w, 4), uint8
    radius : float
        Pixels; a neighbour at distance d is covered by ``radius + 0.5 - d``, at most 1.
    front : ndarray of shape (h, w), bool, optional
        Drawn pixels whose discs lie over those of the other drawn pixels.

    Returns
    -------
    ndarray of shape (h, w, 4), uint8
        rgba itself if the radius is below half a pixel.
    """
    if radius < _SMALLEST:
        return rgba
    offsets, ranks, cover = _disc(radius)
    out = rgba.copy()
    claimed = np.full(rgba.shape[:2], 255, np.uint8)
    drawn = rgba[:, :, 3] > 0
    sweeps = [drawn] if front is None else [drawn & front, drawn & ~front]
    for sweep in sweeps:
        _stamp(rgba, sweep, drawn, offsets, ranks, cover, claimed, out)
        claimed[claimed < 255] = 0  # what a sweep has covered, later ones leave
    return out


def _disc(radius: float) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.float32]]:
    """Return the offsets (row, column) a disc covers, nearest first, their ranks by distance, and their cover."""
    reach = math.floor(radius + 0.5)
    side = np.arange(-reach, reach + 1)
    rows, columns = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
    squared = rows**2 + columns**2
    chosen = np.flatnonzero((squared > 0) & (np.sqrt(squared) < radius + 0.5))
    chosen = chosen[np.argsort(squared[chosen], kind="stable")]
    _, ranks = np.unique(squared[chosen], return_inverse=True)
    cover = np.minimum(radius + 0.5 - np.sqrt(squared[chosen]), 1.0)
    return (
        np.stack([rows, columns], axis=1)[chosen],
        ranks.astype(np.uint8) + np.uint8(1),
        cover.astype(np.float32),
    )


@numba.njit(nogil=True, cache=True)
def _surrounded(sweep: NDArray[np.bool_], row: int, column: int) -> bool:
    """Say whether all neighbours are in the sweep: then one of them is nearer to any empty pixel."""
    for r in range(max(row - 1, 0), min(row + 2, sweep.shape[0])):
        for c in range(max(column - 1, 0), min(column + 2, sweep.shape[1])):
            if not sweep[r, c]:
                return False
    return True


@numba.njit(nogil=True, cache=True)
def _stamp(
    rgba: NDArray[np.uint8],
    sweep: NDArray[np.bool_],
    drawn: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    ranks: NDArray[np.uint8],
    cover: NDArray[np.float32],
    claimed: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    height, width = drawn.shape
    for row in range(height):
        for column in range(width):
            if not sweep[row, column] or _surrounded(sweep, row, column):
                continue
            for o in range(offsets.shape[0]):
                r, c = row + offsets[o, 0], column + offsets[o, 1]
                if r < 0 or r >= height or c < 0 or c >= width or drawn[r, c] or claimed[r, c] <= ranks[o]:
                    continue
                claimed[r, c] = ranks[o]
                out[r, c, 0] = rgba[row, column, 0]
                out[r, c, 1] = rgba[row, column, 1]
                out[r, c, 2] = rgba[row, column, 2]
                out[r, c, 3] = np.uint8(rgba[row, column, 3] * cover[o] + np.float32(0.5))
