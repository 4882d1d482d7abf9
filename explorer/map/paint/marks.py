"""The size of a point on the screen: from the zoom and the number of rows alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.viewport import Extent, Viewport

__all__ = ["point_radius", "spread", "spread_levels"]

_LARGEST_WHOLE = 4.0  # pixels, with the whole map in view
_LARGEST = 6.0
_SMALLEST = 0.5  # a disc below it covers nothing but its own pixel

# radius / mean distance of rows spread evenly over the picture: 17,000 rows on 900×700 pixels come
# to 1.2 pixels
_SHARE = 0.2


def point_radius(n: int, extent: Extent, viewport: Viewport) -> float:
    """Return the radius of a point in pixels; 0 where it is a single pixel.

    It falls with the square root of the rows of the map, to at most 4 with the whole map in view,
    and grows with the square root of the magnification, to at most 6: it changes only as one zooms.

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
    """Give every empty pixel near a drawn one the colour of the nearest, softer at the rim.

    Drawn pixels (alpha above 0) are never changed. Of equally near ones the lowest, then leftmost,
    wins.

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
    out = rgba.copy()
    _sweep(rgba, rgba[:, :, 3] > 0, radius, front, out, np.empty((0, 0), np.uint8))
    return out


def spread_levels(
    levels: NDArray[np.uint8], radius: float, front: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Do the same with levels, before they have a colour.

    Parameters
    ----------
    levels : ndarray of shape (h, w), uint8
        0 = empty.
    radius, front
        As for `spread`.

    Returns
    -------
    levels : ndarray of shape (h, w), uint8
    cover : ndarray of shape (h, w), uint8, or None
        Alpha that the rims leave of the colour's own, 255 = all; None if the radius is below half a
        pixel.
    """
    if radius < _SMALLEST:
        return levels, None
    out, cover = levels.copy(), np.full(levels.shape, 255, np.uint8)
    planes = levels[:, :, None]
    _sweep(planes, levels > 0, radius, front, out[:, :, None], cover)
    return out, cover


def _sweep(
    planes: NDArray[np.uint8],
    drawn: NDArray[np.bool_],
    radius: float,
    front: NDArray[np.bool_] | None,
    out: NDArray[np.uint8],
    cover: NDArray[np.uint8],
) -> None:
    """Stamp the discs of the drawn pixels, those in front first."""
    offsets, ranks, covered = _disc(radius)
    claimed = np.full(drawn.shape, 255, np.uint8)
    for sweep in [drawn] if front is None else [drawn & front, drawn & ~front]:
        _stamp(planes, sweep, drawn, offsets, ranks, covered, claimed, out, cover)
        claimed[claimed < 255] = 0  # what a sweep has covered, later ones leave


def _disc(radius: float) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.float32]]:
    """Return the offsets (row, column) a disc covers, nearest first, their ranks and cover.

    Ranks are by distance.
    """
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
    """Say whether all neighbours are in the sweep.

    Then one of them is nearer to any empty pixel.
    """
    for r in range(max(row - 1, 0), min(row + 2, sweep.shape[0])):
        for c in range(max(column - 1, 0), min(column + 2, sweep.shape[1])):
            if not sweep[r, c]:
                return False
    return True


@numba.njit(nogil=True, cache=True)
def _stamp(
    planes: NDArray[np.uint8],
    sweep: NDArray[np.bool_],
    drawn: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    ranks: NDArray[np.uint8],
    covered: NDArray[np.float32],
    claimed: NDArray[np.uint8],
    out: NDArray[np.uint8],
    cover: NDArray[np.uint8],
) -> None:
    """Copy the planes of drawn pixels to those around.

    The last of four is alpha, else cover takes what is left of it.
    """
    height, width = drawn.shape
    channels = planes.shape[2]
    for row in range(height):
        for column in range(width):
            if not sweep[row, column] or _surrounded(sweep, row, column):
                continue
            for o in range(offsets.shape[0]):
                r, c = row + offsets[o, 0], column + offsets[o, 1]
                if (
                    r < 0
                    or r >= height
                    or c < 0
                    or c >= width
                    or drawn[r, c]
                    or claimed[r, c] <= ranks[o]
                ):
                    continue
                claimed[r, c] = ranks[o]
                for channel in range(channels):
                    out[r, c, channel] = planes[row, column, channel]
                if channels == 4:
                    out[r, c, 3] = np.uint8(planes[row, column, 3] * covered[o] + np.float32(0.5))
                else:
                    cover[r, c] = np.uint8(np.float32(255) * covered[o] + np.float32(0.5))
