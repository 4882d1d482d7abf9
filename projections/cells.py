"""Near rows without looking at all: rows in cells around centroids, of which a query visits the nearest few.

The inverted file of Sivic and Zisserman (2003, doi:10.1109/ICCV.2003.1238663), as used by FAISS (Johnson, Douze and Jégou
2021, doi:10.1109/TBDATA.2019.2921572), with one addition: the radius of each cell is known, and a cell that by the triangle
inequality cannot hold a nearer row is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.search import TILE, Tiles, as_queries, exact_nearest, scan_all, scan_tile, tiles_of
from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = ["Cells"]

_ROUNDS = 3
_SAMPLE_PER_CELL = 32
_PAIRS_PER_BLOCK = 4e8  # of values compared eight at a time: about 0.2 s


@dataclass(frozen=True)
class Cells:
    """Rows grouped by their nearest centroid.

    Attributes
    ----------
    centroids : Tiles
        The centre of each cell.
    radii : ndarray of shape (n_cells,), float32
        Largest distance of a row of the cell to its centroid.
    tile_starts : ndarray of shape (n_cells + 1,), int64
        First tile of each cell in `tiles`, and the end.
    tiles : Tiles
        The rows, cell after cell.
    rows : ndarray of shape (n_samples,), int64
        Rows in the order of their cells.
    """

    centroids: Tiles
    radii: NDArray[np.float32]
    tile_starts: NDArray[np.int64]
    tiles: Tiles
    rows: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        X: NDArray[np.float32],
        random_state: int,
        *,
        n_jobs: int | None = None,
        progress: Progress | None = None,
    ) -> Cells:
        """Group `X` of shape (n_samples, n_features) into about 2 √n_samples cells by a few rounds of k-means."""
        rng = np.random.default_rng(random_state)
        n_cells = max(1, round(2 * len(X) ** 0.5))
        centroids = _centroids(X, n_cells, rng, n_jobs)
        nearest, squared = exact_nearest(X, centroids, 1, n_jobs=n_jobs, progress=progress, stage="cells")
        cell = nearest[:, 0].astype(np.int64)
        rows = np.argsort(cell, kind="stable")
        starts = np.searchsorted(cell[rows], np.arange(n_cells + 1))
        radii = np.zeros(n_cells, dtype=np.float32)
        np.maximum.at(radii, cell, np.sqrt(squared[:, 0]))
        tile_starts = np.concatenate(([0], np.cumsum(-(-np.diff(starts) // TILE))))
        tiles = tiles_of(as_queries(X), rows, starts)
        everyone = tiles_of(as_queries(centroids), np.arange(n_cells), np.array([0, n_cells]))
        return cls(everyone, radii, tile_starts, tiles, rows)

    def nearest(
        self,
        queries: NDArray[np.float32],
        k: int,
        n_probes: int,
        *,
        own: NDArray[np.int64] | None = None,
        n_jobs: int | None = None,
        progress: Progress | None = None,
        stage: str = "neighbors",
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Find near rows in the `n_probes` cells nearest to each query.

        Parameters and results are those of `projections.search.exact_nearest`; where the cells visited hold fewer
        than `k` rows, the last indices are -1 and their squared distances infinite.
        """
        queries = as_queries(queries)
        # Neighbouring queries visit the same cells: in this order these are still in the cache.
        order = self.rows if own is not None and len(own) == len(self.rows) else np.arange(len(queries))
        own = np.full(len(queries), -2) if own is None else own
        indices = np.empty((len(queries), k), dtype=np.int32)
        squared = np.empty((len(queries), k), dtype=np.float32)

        def work(start: int, stop: int) -> None:
            part = order[start:stop]
            indices[part], squared[part] = self._visit(queries[part], own[part], k, n_probes)

        looked_at = len(self.radii) + n_probes * len(self.rows) / len(self.radii)
        block = int(np.clip(_PAIRS_PER_BLOCK / (looked_at * (queries.shape[1] / 8 + 2)), 16, 4096))
        run_blocks(work, len(queries), block, stage=stage, n_jobs=n_jobs, progress=progress)
        return indices, squared

    def _visit(
        self, queries: NDArray[np.float32], own: NDArray[np.int64], k: int, n_probes: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        n_probes = min(n_probes, len(self.radii))
        nobody = np.full(len(queries), -2)
        probes = np.full((len(queries), n_probes), -1, dtype=np.int32)
        probe_squared = np.full(probes.shape, np.inf, dtype=np.float32)
        scan_all(queries, nobody, self.centroids.values, self.centroids.ids, probes, probe_squared)
        indices = np.full((len(queries), k), -1, dtype=np.int32)
        squared = np.full((len(queries), k), np.inf, dtype=np.float32)
        _scan_cells(
            queries, own, probes, probe_squared, self.radii, self.tile_starts,
            self.tiles.values, self.tiles.ids, indices, squared,
        )  # fmt: skip
        return indices, squared


def _centroids(
    X: NDArray[np.float32], n_cells: int, rng: np.random.Generator, n_jobs: int | None
) -> NDArray[np.float32]:
    sample = X[rng.choice(len(X), size=min(len(X), n_cells * _SAMPLE_PER_CELL), replace=False)]
    centroids = sample[:n_cells].copy()
    for _ in range(_ROUNDS):
        nearest, _squared = exact_nearest(sample, centroids, 1, n_jobs=n_jobs)
        order = np.argsort(nearest[:, 0], kind="stable")
        cells, starts, counts = np.unique(nearest[order, 0], return_index=True, return_counts=True)
        sums = np.add.reduceat(sample[order], starts, axis=0, dtype=np.float64)
        centroids[cells] = sums / counts[:, None]
    return centroids


@njit(cache=True, nogil=True)
def _scan_cells(  # type: ignore[no-untyped-def]
    queries, own, probes, probe_squared, radii, tile_starts, values, ids, best_ids, best
):
    distances = np.empty(TILE, dtype=np.float32)
    last = best.shape[1] - 1
    for q in range(queries.shape[0]):
        for p in range(probes.shape[1]):
            cell = probes[q, p]
            gap = np.sqrt(probe_squared[q, p]) - radii[cell]
            # a little less than the bound, for the rounding of the three distances
            if gap > 0 and np.float32(0.999) * gap * gap >= best[q, last]:
                continue
            for tile in range(tile_starts[cell], tile_starts[cell + 1]):
                scan_tile(queries[q], own[q], values[tile], ids[tile], distances, best_ids[q], best[q])
