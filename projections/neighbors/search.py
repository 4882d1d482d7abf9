"""Exact nearest rows: distances from differences, tile by tile, with the k nearest kept on the way.

Differences, not the expansion x² + y² − 2xy: in float32 the expansion loses near-duplicates and
rows far from the origin, and with columns in the outer loop the direct form runs at the speed of
the arithmetic units as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = [
    "TILE",
    "Tiles",
    "as_queries",
    "exact_nearest",
    "insert_nearest",
    "scan_all",
    "scan_tile",
    "tile_distances",
    "tiles_of",
]

TILE = 64
"""Rows of a tile: measured, 32 and 128 are slower between 12 and 32 columns."""

_FAR = np.float32(1e17)
_STEP = 4
_PAIRS_PER_BLOCK = 4e8


@dataclass(frozen=True)
class Tiles:
    """Rows to be searched, stored so that one column of `TILE` rows is contiguous.

    Attributes
    ----------
    values : ndarray of shape (n_tiles, n_padded, TILE), float32
        Columns are padded with 0 to a multiple of four, rows to a full tile with a value that is
        far from all.
    ids : ndarray of shape (n_tiles, TILE), int32
        Number of each row, -1 for padding.
    """

    values: NDArray[np.float32]
    ids: NDArray[np.int32]


def as_queries(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `X` with its columns padded by 0 to a multiple of four."""
    padding = -X.shape[1] % _STEP
    return (
        np.ascontiguousarray(np.pad(X, ((0, 0), (0, padding))))
        if padding
        else np.ascontiguousarray(X)
    )


def tiles_of(X: NDArray[np.float32], rows: NDArray[np.int64], starts: NDArray[np.int64]) -> Tiles:
    """Store rows of `X` in tiles.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_padded), float32
        As `as_queries` returns it.
    rows : ndarray of shape (n_rows,), int64
        Rows of `X`, group after group.
    starts : ndarray of shape (n_groups + 1,), int64
        Where each group begins in `rows`, and the end. Each group begins with a new tile.
    """
    n_tiles = int((-(-np.diff(starts) // TILE)).sum())
    values = np.full((n_tiles, X.shape[1], TILE), _FAR, dtype=np.float32)
    ids = np.full((n_tiles, TILE), -1, dtype=np.int32)
    _fill_tiles(X, rows, starts, values, ids)
    return Tiles(values, ids)


def exact_nearest(
    queries: NDArray[np.float32],
    X: NDArray[np.float32],
    k: int,
    *,
    own: NDArray[np.int64] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    stage: str = "neighbors",
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the `k` rows of `X` that are nearest to each query, exactly.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features), float32
    X : ndarray of shape (n_samples, n_features), float32
        Finite, at most 1e15 in size.
    k : int
        At most ``n_samples``, or ``n_samples - 1`` with `own`.
    own : ndarray of shape (n_queries,), int64, optional
        The row of `X` that each query is, which is not its own neighbour.
    n_jobs, progress, stage
        As in `projections.threads.run_blocks`.

    Returns
    -------
    indices : ndarray of shape (n_queries, k), int32
        Nearest first; of equally near rows the one that stands first.
    squared_distances : ndarray of shape (n_queries, k), float32
    """
    queries, X = as_queries(queries), as_queries(X)
    tiles = tiles_of(X, np.arange(len(X)), np.array([0, len(X)]))
    if own is None:
        own = np.full(len(queries), -2)
    indices = np.full((len(queries), k), -1, dtype=np.int32)
    squared = np.full((len(queries), k), np.inf, dtype=np.float32)

    def work(start: int, stop: int) -> None:
        part = slice(start, stop)
        scan_all(queries[part], own[part], tiles.values, tiles.ids, indices[part], squared[part])

    block = int(np.clip(_PAIRS_PER_BLOCK / (len(X) * (X.shape[1] / 8 + 2)), 16, 4096))
    run_blocks(work, len(queries), block, stage=stage, n_jobs=n_jobs, progress=progress)
    return indices, squared


@njit(cache=True, nogil=True)
def _fill_tiles(X, rows, starts, values, ids):  # type: ignore[no-untyped-def]
    tile = 0
    for group in range(len(starts) - 1):
        for place in range(starts[group], starts[group + 1]):
            lane = (place - starts[group]) % TILE
            if lane == 0 and place > starts[group]:
                tile += 1
            row = rows[place]
            ids[tile, lane] = row
            for f in range(X.shape[1]):
                values[tile, f, lane] = X[row, f]
        if starts[group + 1] > starts[group]:
            tile += 1


@njit(cache=True, nogil=True, fastmath={"contract"})
def tile_distances(query, tile, out):  # type: ignore[no-untyped-def]
    """Write the squared distances of a query to the rows of a tile, four columns at a time."""
    for lane in range(TILE):
        out[lane] = np.float32(0.0)
    for f in range(0, query.shape[0], 4):
        q0, q1, q2, q3 = query[f], query[f + 1], query[f + 2], query[f + 3]
        for lane in range(TILE):
            d0 = q0 - tile[f, lane]
            d1 = q1 - tile[f + 1, lane]
            d2 = q2 - tile[f + 2, lane]
            d3 = q3 - tile[f + 3, lane]
            out[lane] += d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3


@njit(cache=True, nogil=True)
def _count_nearer(distances, limit):  # type: ignore[no-untyped-def]
    """Count without branches, which compilers turn into vector instructions."""
    count = np.int32(0)
    for lane in range(TILE):
        count += np.int32(distances[lane] < limit)
    return count


@njit(cache=True, nogil=True)
def insert_nearest(distance, row, best, best_ids):  # type: ignore[no-untyped-def]
    """Put a row into the sorted list of the nearest ones, in place of the worst of them."""
    place = best.shape[0] - 1
    while place > 0 and best[place - 1] > distance:
        best[place], best_ids[place] = best[place - 1], best_ids[place - 1]
        place -= 1
    best[place], best_ids[place] = distance, row


@njit(cache=True, nogil=True)
def scan_tile(query, own, tile, ids, distances, best_ids, best):  # type: ignore[no-untyped-def]
    """Put the rows of a tile nearer than the worst neighbour of a query into its sorted list."""
    tile_distances(query, tile, distances)
    last = best.shape[0] - 1
    if _count_nearer(distances, best[last]) == 0:
        return
    for lane in range(TILE):
        distance = distances[lane]
        if distance < best[last] and ids[lane] != own and ids[lane] >= 0:
            insert_nearest(distance, ids[lane], best, best_ids)


@njit(cache=True, nogil=True)
def scan_all(queries, own, values, ids, best_ids, best):  # type: ignore[no-untyped-def]
    """Scan all tiles for all queries; groups of queries share a tile while it is in the cache."""
    distances = np.empty(TILE, dtype=np.float32)
    for first in range(0, queries.shape[0], 64):
        for tile in range(values.shape[0]):
            for q in range(first, min(first + 64, queries.shape[0])):
                scan_tile(
                    queries[q], own[q], values[tile], ids[tile], distances, best_ids[q], best[q]
                )
