"""Bands: the rows that a viewport touches, cut into bands of pixel rows for the threads.

They are found by the bounding boxes of tiles, and visited in *runs* of consecutive rows in tile
order.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.map.raster import pool
from explorer.map.raster.kernels import BandRows, pixel_of
from explorer.map.tiles import GROUP_TILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.map.map_store import MapStore
    from explorer.map.raster.kernels import Geometry
    from explorer.map.viewport import Viewport

__all__ = ["Bands", "runs_of_band"]

_FEW_ROWS = 50_000  # are not worth waking a second thread


@dataclass(frozen=True, eq=False)
class Bands:
    """A viewport of a map, cut up so that about as many rows fall into each band.

    Attributes
    ----------
    geometry : tuple of float
        What the kernels know of the viewport.
    tiles : ndarray of shape (found,), int64
        Those that touch it.
    rows : int
        Of these tiles: as many as are in view, or more.
    cuts : list of (int, int)
        First pixel row of each band, and the one after its last; without an empty one.
    """

    store: MapStore
    viewport: Viewport
    geometry: Geometry
    tiles: NDArray[np.int64]
    rows: int
    cuts: list[tuple[int, int]]

    @classmethod
    def of(cls, store: MapStore, viewport: Viewport) -> Bands:
        """Find the rows of a viewport and share them out, a band per thread."""
        geometry = _geometry(store, viewport)
        tiles = _touching_tiles(store.groups, store.bounds, geometry)
        weights = np.zeros(viewport.height, np.int64)
        rows = _weigh_tiles(tiles, store.bounds, store.offsets, geometry, weights)
        return cls(store, viewport, geometry, tiles, rows, _cuts(weights, rows))

    def run(self, kernel: Callable[..., Any], states: NDArray[np.uint8], *shared: Any) -> list[Any]:
        """Run a kernel once per band, the bands on different threads.

        Parameters
        ----------
        kernel : callable
            Takes `BandRows` and then what is shared.
        states : ndarray, uint8
            Of shape (n,), in tile order, or empty.

        Returns
        -------
        list
            What the kernel returned for each band.
        """
        store, shape = self.store, (self.viewport.height, self.viewport.width)

        def work(band: tuple[int, int]) -> Any:
            runs = runs_of_band(
                self.tiles, store.bounds, store.offsets, self.geometry, shape[0], *band
            )
            rows = BandRows(store.x, store.y, states, runs, self.geometry, shape, band)
            return kernel(rows, *shared)

        return pool.run(work, self.cuts)


def _cuts(weights: NDArray[np.int64], rows: int) -> list[tuple[int, int]]:
    n_bands = pool.n_threads() if rows > _FEW_ROWS else 1
    if n_bands == 1:
        return [(0, weights.size)]
    shares = np.arange(1, n_bands) * (rows / n_bands)
    cuts = [0, *np.searchsorted(np.cumsum(weights), shares).tolist(), weights.size]
    return [(first, last) for first, last in itertools.pairwise(cuts) if first < last]


def _geometry(store: MapStore, viewport: Viewport) -> Geometry:
    """Return the viewport as numbers; the scale is computed as Datashader's ``LinearAxis`` does."""
    (x_low, x_high), (y_low, y_high) = viewport.x_range, viewport.y_range
    sx, sy = viewport.width / (x_high - x_low), viewport.height / (y_high - y_low)
    return (x_low, x_high, y_low, y_high, sx, -x_low * sx, sy, -y_low * sy, *store.origin)


@numba.njit(nogil=True, cache=True, inline="always")
def _touches(box: NDArray[np.float32], geometry: Geometry) -> bool:
    """Say whether a bounding box and the viewport have a point in common."""
    x_low, x_high, y_low, y_high, _, _, _, _, ox, oy = geometry
    across = np.float64(box[0]) + ox <= x_high and np.float64(box[1]) + ox >= x_low
    return bool(across and np.float64(box[2]) + oy <= y_high and np.float64(box[3]) + oy >= y_low)


@numba.njit(nogil=True, cache=True)
def _touching_tiles(
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
    n = 0
    for group in range(groups.shape[0]):
        if not _touches(groups[group], geometry):
            continue
        for t in range(group * GROUP_TILES, min((group + 1) * GROUP_TILES, bounds.shape[0])):
            if _touches(bounds[t], geometry):
                tiles[n] = t
                n += 1
    return tiles[:n]


@numba.njit(nogil=True, cache=True)
def _weigh_tiles(
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
    n = 0
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
        if n == 0 or runs[n - 1, 1] != start or runs[n - 1, 2] != inside:
            runs[n, 0] = start
            runs[n, 2] = inside
            n += 1
        runs[n - 1, 1] = offsets[t + 1]
    return runs[:n]
