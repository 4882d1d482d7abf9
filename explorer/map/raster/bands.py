"""Bands: the rows that a viewport touches, cut into bands of pixel rows for the threads."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.map.raster import pool, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.map.map_store import MapStore
    from explorer.map.raster.kernels import Geometry
    from explorer.map.viewport import Viewport

__all__ = ["Bands"]

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
        tiles = runs.touching_tiles(store.groups, store.bounds, geometry)
        weights = np.zeros(viewport.height, np.int64)
        rows = runs.weigh_tiles(tiles, store.bounds, store.offsets, geometry, weights)
        return cls(store, viewport, geometry, tiles, rows, _cuts(weights, rows))

    def run(self, kernel: Callable[..., Any], states: NDArray[np.uint8], *shared: Any) -> list[Any]:
        """Run a kernel once per band, the bands on different threads.

        Parameters
        ----------
        kernel : callable
            Takes ``xs, ys, mask, runs, geometry, shape, band`` and then what is shared.
        states : ndarray, uint8
            Of shape (n,), in tile order, or empty.

        Returns
        -------
        list
            What the kernel returned for each band.
        """
        store, shape = self.store, (self.viewport.height, self.viewport.width)

        def work(band: tuple[int, int]) -> Any:
            result = runs.runs_of_band(
                self.tiles, store.bounds, store.offsets, self.geometry, shape[0], *band
            )
            return kernel(store.x, store.y, states, result, self.geometry, shape, band, *shared)

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
