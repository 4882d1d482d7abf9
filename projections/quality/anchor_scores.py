"""Neighbourhoods and ranks of a few anchor rows in the data and on maps, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.neighbors.search import TILE, as_queries, tiles_of
from projections.quality.surroundings import all_distances, find_neighborhoods, ranks
from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = ["AnchorComparison", "compare_anchors"]

_PAIRS_PER_ANCHOR = 32
_ANCHORS_PER_BLOCK = (
    8  # each tile of the data is read once for a block; a block holds that many rows of distances
)


@dataclass(frozen=True)
class AnchorComparison:
    """What each anchor row found on each map; the first axis is the map.

    Attributes
    ----------
    kept : ndarray of shape (n_maps, n_anchors, n_sizes), float64
        Share of the nearest rows on the map that are among as many nearest rows of the data.
    intruders, missing : ndarray of shape (n_maps, n_anchors), float64
        Ranks by which neighbours on the map are no neighbours in the data, summed, and the other
        way round (Venna and Kaski 2001, doi:10.1007/3-540-44668-0_68): what trustworthiness and
        continuity subtract.
    triplets : ndarray of shape (n_maps, n_anchors), float64
        Share of random pairs of rows of which the map keeps which one is nearer.
    distances : ndarray of shape (n_maps + 1, n_anchors, n_pairs), float32
        Distances to random rows: in the data, then on each map.
    """

    kept: NDArray[np.float64]
    intruders: NDArray[np.float64]
    missing: NDArray[np.float64]
    triplets: NDArray[np.float64]
    distances: NDArray[np.float32]


def compare_anchors(
    X: NDArray[np.float32],
    maps: list[NDArray[np.float32]],
    anchors: NDArray[np.int64],
    sizes: NDArray[np.int64],
    rng: np.random.Generator,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> AnchorComparison:
    """Compare the surroundings of `anchors` in `X` and on `maps`, against all rows.

    Rows that are equally near on the map count with the mean over all orders they may be put in;
    rows that are equally near in the data are equally right.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32
    maps : list of ndarray of shape (n_samples, n_components), float32
    anchors : ndarray of shape (n_anchors,), int64
    sizes : ndarray of shape (n_sizes,), int64
        Increasing sizes of neighbourhoods, below n_samples; ranks are summed for the first.
    rng : numpy.random.Generator
        For the random pairs.
    n_jobs, progress
        As in `projections.threads.run_blocks`.
    """
    queries = [as_queries(values) for values in (X, *maps)]
    every, ends = np.arange(len(X)), np.array([0, len(X)])
    tiles = [tiles_of(values, every, ends).values for values in queries]
    others = rng.integers(0, len(X) - 1, size=(len(anchors), _PAIRS_PER_ANCHOR))
    others += others >= anchors[:, None]  # never the anchor itself
    shape = (len(maps), len(anchors))
    neighbors_kept = np.empty((*shape, len(sizes)))
    sums = np.empty((*shape, 2))
    distances = np.empty((len(maps) + 1, len(anchors), _PAIRS_PER_ANCHOR), dtype=np.float32)
    on_maps, map_tiles = np.stack(queries[1:]), np.stack(tiles[1:])
    own = local()  # each thread keeps its buffers: new memory would cost more than the work

    def work(start: int, stop: int) -> None:
        if not hasattr(own, "room"):
            room = (len(queries), _ANCHORS_PER_BLOCK, tiles[0].shape[0] * TILE)
            own.room, own.near = (
                np.empty(room, dtype=np.float32),
                np.empty((2, len(X)), dtype=np.int32),
            )
        _judge(
            queries[0],
            tiles[0],
            on_maps,
            map_tiles,
            anchors,
            sizes,
            others,
            neighbors_kept,
            sums,
            distances,
            own.room,
            own.near,
            start,
            stop,
        )

    run_blocks(
        work, len(anchors), _ANCHORS_PER_BLOCK, stage="scores", n_jobs=n_jobs, progress=progress
    )
    return AnchorComparison(
        neighbors_kept, sums[:, :, 0], sums[:, :, 1], _triplets(distances), np.sqrt(distances)
    )


def _triplets(distances: NDArray[np.float32]) -> NDArray[np.float64]:
    half = distances.shape[2] // 2
    nearer = np.sign(distances[:, :, :half] - distances[:, :, half:])
    # 1 for the same order, 1/2 where only one side is tied, 0 for the opposite order
    wrong: NDArray[np.float64] = np.abs(nearer[1:] - nearer[0]).mean(axis=2, dtype=np.float64) / 2.0
    return 1.0 - wrong


@njit(cache=True, nogil=True)
def _share_kept(data, here, size, k):  # type: ignore[no-untyped-def]
    """Return the expected share of the k nearest rows on a map among the k nearest of the data."""
    reach_data, reach_here = data.reaches[size], here.reaches[size]
    inside, n_tied, tied_inside, n_nearer = 0, 0, 0, 0
    for row in here.rows:  # without branches: no processor can guess these
        hit = data.distances[row] <= reach_data
        nearer, tied = here.distances[row] < reach_here, here.distances[row] == reach_here
        n_nearer += nearer
        inside += hit & nearer
        n_tied += tied
        tied_inside += hit & tied
    return (inside + tied_inside * (k - n_nearer) / n_tied) / k


@njit(cache=True, nogil=True)
def _excess(chosen, ranked, n_samples, k, truth):  # type: ignore[no-untyped-def]
    """Sum the ranks beyond k in `ranked` of the k rows that are nearest in `chosen`."""
    near = chosen.rows[chosen.distances[chosen.rows] <= chosen.reaches[0]]
    beyond = near[ranked.distances[near] >= ranked.reaches[0]]
    excess = np.maximum(0.0, ranks(ranked, n_samples, beyond, truth) - k)
    nearer = chosen.distances[beyond] < chosen.reaches[0]
    n_nearer = (chosen.distances[near] < chosen.reaches[0]).sum()
    return excess[nearer].sum() + excess[~nearer].sum() * (k - n_nearer) / (len(near) - n_nearer)


@njit(cache=True, nogil=True)
def _judge(  # type: ignore[no-untyped-def]
    X,
    X_tiles,
    maps,
    map_tiles,
    anchors,
    sizes,
    others,
    neighbors_kept,
    sums,
    pairs,
    distances,
    near,
    start,
    stop,
):
    n_samples, k, own = X.shape[0], sizes[0], anchors[start:stop]
    all_distances(X[own], own, X_tiles, distances[0])
    for m in range(maps.shape[0]):
        all_distances(maps[m][own], own, map_tiles[m], distances[m + 1])
    for a in range(start, stop):
        data = find_neighborhoods(distances[0, a - start], n_samples, sizes, near[0])
        for m in range(maps.shape[0]):
            here = find_neighborhoods(distances[m + 1, a - start], n_samples, sizes, near[1])
            for size in range(len(sizes)):
                neighbors_kept[m, a, size] = _share_kept(data, here, size, sizes[size])
            sums[m, a, 0] = _excess(here, data, n_samples, k, data.distances)
            sums[m, a, 1] = _excess(data, here, n_samples, k, data.distances)
        for m in range(distances.shape[0]):
            for pair in range(others.shape[1]):
                pairs[m, a, pair] = distances[m, a - start, others[a, pair]]
