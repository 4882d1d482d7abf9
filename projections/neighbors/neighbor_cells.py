"""Approximate nearest rows: rows in cells around centroids; a query visits the nearest cells.

The inverted file of Sivic and Zisserman (2003, doi:10.1109/ICCV.2003.1238663), as used by FAISS
(Johnson, Douze and Jégou 2021, doi:10.1109/TBDATA.2019.2921572), with two additions: each cell
knows which cells are near it, so that a query looks at those only, whatever their number; and the
radius of each is known, so that a cell that by the triangle inequality cannot hold a nearer row is
passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.neighbors.search import (
    TILE,
    Tiles,
    as_queries,
    exact_nearest,
    insert_nearest,
    scan_tile,
    tile_distances,
    tiles_of,
)
from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress
    from projections.neighbors.partition import Partition

__all__ = ["MOST_PROBES", "CellIndex"]

MOST_PROBES = 128
"""Cells near a cell that it knows of."""

_PAIRS_PER_BLOCK = 4e8  # of values compared eight at a time: about 0.2 s


@dataclass(frozen=True)
class CellIndex:
    """Rows in cells, ready to be searched.

    Attributes
    ----------
    partition : Partition
    centroids : ndarray of shape (n_cells, n_padded), float32
    near : ndarray of shape (n_cells, n_near), int32
        The cells nearest to each, itself first.
    radii : ndarray of shape (n_cells,), float32
        Largest distance of a row of the cell to its centroid.
    tile_starts : ndarray of shape (n_cells + 1,), int64
        First tile of each cell in `tiles`, and the end.
    tiles : Tiles
        The rows, cell after cell.
    """

    partition: Partition
    centroids: NDArray[np.float32]
    near: NDArray[np.int32]
    radii: NDArray[np.float32]
    tile_starts: NDArray[np.int64]
    tiles: Tiles

    @classmethod
    def of(
        cls, X: NDArray[np.float32], partition: Partition, *, n_jobs: int | None = None
    ) -> CellIndex:
        """Make the cells of `X` of shape (n_samples, n_features) searchable."""
        padded, centroids = as_queries(X), as_queries(partition.centroids)
        starts = partition.starts
        n_near = min(MOST_PROBES, len(centroids))
        near, _squared = exact_nearest(centroids, centroids, n_near, n_jobs=n_jobs)
        radii = np.empty(len(centroids), dtype=np.float32)
        _find_radii(padded, partition.order, starts, centroids, radii)
        tile_starts = np.concatenate(([0], np.cumsum(-(-np.diff(starts) // TILE))))
        return cls(
            partition,
            centroids,
            near,
            radii,
            tile_starts,
            tiles_of(padded, partition.order, starts),
        )

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

        Parameters and results are those of `projections.neighbors.search.exact_nearest`; where the
        cells visited hold fewer than `k` rows, the last indices are -1 and their squared distances
        infinite.
        """
        if own is None:
            cells, own = self.partition.cells_for(queries, n_jobs), np.full(len(queries), -2)
        else:
            cells = self.partition.cells_of_rows()[own]
        queries = as_queries(queries)
        order = np.argsort(
            cells, kind="stable"
        )  # queries of a cell visit the same cells: these are in the cache
        indices = np.full((len(queries), k), -1, dtype=np.int32)
        squared = np.full((len(queries), k), np.inf, dtype=np.float32)
        n_probes = min(n_probes, self.near.shape[1])
        near = np.ascontiguousarray(
            self.near[:, : max(TILE, 4 * n_probes)]
        )  # the nearest are among the nearest of the cell

        def work(start: int, stop: int) -> None:
            _visit(
                queries,
                own,
                cells,
                order[start:stop],
                n_probes,
                near,
                self.centroids,
                self.radii,
                self.tile_starts,
                self.tiles.values,
                self.tiles.ids,
                indices,
                squared,
            )

        looked_at = near.shape[1] + n_probes * len(self.partition.order) / len(self.radii)
        block = int(np.clip(_PAIRS_PER_BLOCK / (looked_at * (queries.shape[1] / 8 + 2)), 16, 4096))
        run_blocks(work, len(queries), block, stage=stage, n_jobs=n_jobs, progress=progress)
        return indices, squared


@njit(cache=True, nogil=True)
def _find_radii(X, order, starts, centroids, radii):  # type: ignore[no-untyped-def]
    for cell in range(len(radii)):
        largest = np.float32(0.0)
        for place in range(starts[cell], starts[cell + 1]):
            row, total = order[place], np.float32(0.0)
            for f in range(X.shape[1]):
                total += (X[row, f] - centroids[cell, f]) * (X[row, f] - centroids[cell, f])
            largest = max(largest, total)
        radii[cell] = np.sqrt(largest)


@njit(cache=True, nogil=True)
def _fill_candidates(centroids, near, values):  # type: ignore[no-untyped-def]
    """Store the centroids of a cell's near cells in tiles; the rest of the last is never read."""
    for place in range(near.shape[0]):
        for f in range(centroids.shape[1]):
            values[place // TILE, f, place % TILE] = centroids[near[place], f]


@njit(cache=True, nogil=True)
def _choose(squared, near, probes, probe_squared):  # type: ignore[no-untyped-def]
    """List the nearest of the candidates, nearest first."""
    last = probes.shape[0] - 1
    probe_squared[:] = np.inf
    for place in range(near.shape[0]):
        distance = squared[place]
        if distance >= probe_squared[last]:
            continue
        insert_nearest(distance, near[place], probe_squared, probes)


@njit(cache=True, nogil=True)
def _visit(  # type: ignore[no-untyped-def]
    queries,
    own,
    cells,
    order,
    n_probes,
    near,
    centroids,
    radii,
    tile_starts,
    values,
    ids,
    best_ids,
    best,
):
    n_tiles = -(-near.shape[1] // TILE)
    candidates = np.zeros((n_tiles, queries.shape[1], TILE), dtype=np.float32)
    to_candidates = np.empty(n_tiles * TILE, dtype=np.float32)
    probes = np.zeros(n_probes, dtype=np.int32)
    probe_squared = np.empty(n_probes, dtype=np.float32)
    distances = np.empty(TILE, dtype=np.float32)
    last, here = best.shape[1] - 1, -1
    for q in order:
        if cells[q] != here:
            here = cells[q]
            _fill_candidates(centroids, near[here], candidates)
        for tile in range(n_tiles):
            tile_distances(
                queries[q], candidates[tile], to_candidates[tile * TILE : (tile + 1) * TILE]
            )
        _choose(to_candidates, near[here], probes, probe_squared)
        for p in range(n_probes):
            cell = probes[p]
            gap = np.sqrt(probe_squared[p]) - radii[cell]
            # a little less than the bound, for the rounding of the three distances
            if gap > 0 and np.float32(0.999) * gap * gap >= best[q, last]:
                continue
            for tile in range(tile_starts[cell], tile_starts[cell + 1]):
                scan_tile(
                    queries[q], own[q], values[tile], ids[tile], distances, best_ids[q], best[q]
                )
