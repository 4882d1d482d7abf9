"""The k nearest rows of every row, with the share of them that is right measured, not hoped for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.errors import Progress, ProjectionError
from projections.neighbors.neighbor_cells import MOST_PROBES, CellIndex
from projections.neighbors.partition import Partition
from projections.neighbors.search import exact_nearest
from projections.threads import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Neighbors", "nearest_neighbors", "nearest_rows"]

# Up to these sizes the exact methods are as fast as the approximate one (measured on two cores).
_TREE_FEATURES = 4
_EXACT_ROWS = 2_048
_EXACT_VALUES = 1e10
_EXACT_PAIRS = 3e8
_EXACT_VALUES_AT_LAST = 4e11  # where all else finds too few: 10 s for 100,000 rows of 30 columns

# Cells visited: as few as find this share of the neighbours of rows tried. What is beyond is found
# faster by trying neighbours of neighbours, as long as each round finds some.
_N_PROBES = (2, 3, 4, 6, 8, 12, 16)
_WANTED_IN_TRIAL = 0.85
_WANTED_RECALL = 0.95
_POLISH_ROUNDS = 12
_LEAST_GAIN = 0.003

# Rows that are not among those searched: nothing comes after the cells.
_N_PROBES_OF_OTHERS = (*_N_PROBES, 24, 32, 48, 64, 96, MOST_PROBES)
_WANTED_OF_OTHERS = 0.95
_N_ANCHORS = 256


@dataclass(frozen=True)
class Neighbors:
    """The nearest rows of each row, itself left out.

    Attributes
    ----------
    indices : ndarray of shape (n_samples, k), int32
        Nearest first.
    distances : ndarray of shape (n_samples, k), float32
        Euclidean.
    recall : float
        Share of the true neighbours that were found, 1 for the exact methods, else measured on 256
        random rows.
    method : {"tree", "exact", "cells"}
        How they were found.
    """

    indices: NDArray[np.int32]
    distances: NDArray[np.float32]
    recall: float
    method: str


def nearest_neighbors(
    X: NDArray[np.float32],
    k: int,
    *,
    partition: Partition | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Neighbors:
    """Find the `k` nearest other rows of every row of `X`.

    Exact by a tree up to 4 columns and by comparing all pairs while these are few (rows² × columns
    up to 1e10: 30,000 rows of 11 columns, a second of work); beyond, each row looks into the few
    cells nearest to it, as many as a trial on random rows asks for, and then at neighbours of
    neighbours (Dong, Moses and Li 2011, doi:10.1145/1963405.1963487), until of the neighbours of
    256 other random rows .95 are found.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32, C-contiguous
        Finite, at most 1e15 in size (see `projections.neighbors.canonical.Canonical`).
    k : int
        From 1 to ``n_samples - 1``.
    partition : Partition, optional
        Of `X`, when it is at hand. The search is fastest where the rows stand in its order.
    random_state : int
        Seed of cells and trials.
    n_jobs, progress
        As in `projections.threads.run_blocks`. The result does not depend on the number of threads.

    Returns
    -------
    Neighbors
    """
    if not 1 <= k < len(X):
        raise ProjectionError(f"k must be from 1 to {len(X) - 1} (one less than the rows), got {k}")
    if X.shape[1] <= _TREE_FEATURES:
        return _by_tree(X, k, n_jobs, progress)
    if len(X) <= _EXACT_ROWS or len(X) ** 2 * X.shape[1] <= _EXACT_VALUES:
        indices, squared = exact_nearest(
            X, X, k, own=np.arange(len(X)), n_jobs=n_jobs, progress=progress
        )
        return Neighbors(indices, np.sqrt(squared), 1.0, "exact")
    partition = partition or Partition.of(X, random_state, n_jobs=n_jobs)
    return _by_cells(X, k, partition, random_state, n_jobs, progress)


def nearest_rows(
    queries: NDArray[np.float32],
    X: NDArray[np.float32],
    k: int,
    *,
    cells: CellIndex | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    stage: str = "place",
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the `k` rows of `X` nearest to each query, which is none of them.

    Parameters are those of `nearest_neighbors`, ``queries`` of shape (n_queries, n_features),
    float32, and ``cells``, those of `X` when they are at hand. Exact up to 4 columns or 3e8 pairs;
    beyond as many cells are visited as find, of the neighbours of queries tried that 128 cells
    hold, .95.

    Returns
    -------
    indices : ndarray of shape (n_queries, k), int32
        Nearest first.
    distances : ndarray of shape (n_queries, k), float32
    """
    if X.shape[1] <= _TREE_FEATURES:
        return _tree_search(X, queries, k, n_jobs=n_jobs, progress=progress, stage=stage)
    if len(queries) * len(X) <= _EXACT_PAIRS:
        indices, squared = exact_nearest(
            queries, X, k, n_jobs=n_jobs, progress=progress, stage=stage
        )
        return indices, np.sqrt(squared)
    cells = cells or CellIndex.of(X, Partition.of(X, random_state, n_jobs=n_jobs), n_jobs=n_jobs)
    sampled = np.random.default_rng(random_state).choice(
        len(queries), min(_N_ANCHORS, len(queries)), replace=False
    )
    _indices, most = cells.nearest(queries[sampled], k, MOST_PROBES, n_jobs=n_jobs)
    n_probes = _enough_probes(
        cells,
        queries[sampled],
        None,
        most[:, -1:],
        _N_PROBES_OF_OTHERS,
        _WANTED_OF_OTHERS,
        k,
        n_jobs,
    )
    indices, squared = cells.nearest(
        queries, k, n_probes, n_jobs=n_jobs, progress=progress, stage=stage
    )
    _repair(X, queries, None, indices, squared, n_jobs)
    return indices, np.sqrt(squared)


def _tree_search(
    X: NDArray[np.float32],
    queries: NDArray[np.float32],
    k: int,
    *,
    n_jobs: int | None,
    progress: Progress | None,
    stage: str,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    from scipy.spatial import cKDTree

    tree = cKDTree(X)
    indices = np.empty((len(queries), k), dtype=np.int32)
    distances = np.empty((len(queries), k), dtype=np.float32)

    def work(start: int, stop: int) -> None:
        # an explicit list of ranks keeps the second axis for k = 1
        distances[start:stop], indices[start:stop] = tree.query(
            queries[start:stop], k=np.arange(1, k + 1)
        )

    run_blocks(work, len(queries), 8192, stage=stage, n_jobs=n_jobs, progress=progress)
    return indices, distances


def _by_tree(
    X: NDArray[np.float32], k: int, n_jobs: int | None, progress: Progress | None
) -> Neighbors:
    indices, distances = _tree_search(
        X, X, k + 1, n_jobs=n_jobs, progress=progress, stage="neighbors"
    )
    # A row among many equals may not be found itself: then the farthest goes instead.
    own = indices == np.arange(len(X))[:, None]
    own[~own.any(axis=1), k] = True
    return Neighbors(indices[~own].reshape(-1, k), distances[~own].reshape(-1, k), 1.0, "tree")


def _by_cells(
    X: NDArray[np.float32],
    k: int,
    partition: Partition,
    random_state: int,
    n_jobs: int | None,
    progress: Progress | None,
) -> Neighbors:
    rng = np.random.default_rng(random_state)
    trial, audit = rng.choice(len(X), size=(2, min(_N_ANCHORS, len(X) // 2)), replace=False)
    cells = CellIndex.of(X, partition, n_jobs=n_jobs)
    everyone = np.arange(len(X))
    reach, truth = (_true_reach(X, X[rows], rows, k, n_jobs) for rows in (trial, audit))
    n_probes = _enough_probes(cells, X[trial], trial, reach, _N_PROBES, _WANTED_IN_TRIAL, k, n_jobs)
    indices, squared = cells.nearest(X, k, n_probes, own=everyone, n_jobs=n_jobs, progress=progress)
    del cells
    _repair(X, X, everyone, indices, squared, n_jobs)
    recall = _polish(X, indices, squared, partial(_recall, truth, squared, audit), n_jobs, progress)
    if recall < _WANTED_RECALL and len(X) ** 2 * X.shape[1] <= _EXACT_VALUES_AT_LAST:
        indices, squared = exact_nearest(X, X, k, own=everyone, n_jobs=n_jobs, progress=progress)
        return Neighbors(indices, np.sqrt(squared), 1.0, "exact")
    np.sqrt(squared, out=squared)
    return Neighbors(indices, squared, recall, "cells")


def _enough_probes(
    cells: CellIndex,
    queries: NDArray[np.float32],
    own: NDArray[np.int64] | None,
    reach: NDArray[np.float32],
    choices: tuple[int, ...],
    wanted: float,
    k: int,
    n_jobs: int | None,
) -> int:
    """Return the first choice of cells that finds the share `wanted` of rows within `reach`.

    The last of the `choices` where none does.
    """
    for n_probes in choices:
        _indices, squared = cells.nearest(queries, k, n_probes, own=own, n_jobs=n_jobs)
        if _recall(reach, squared) >= wanted:
            return n_probes
    return choices[-1]


def _true_reach(
    X: NDArray[np.float32],
    queries: NDArray[np.float32],
    own: NDArray[np.int64] | None,
    k: int,
    n_jobs: int | None,
) -> NDArray[np.float32]:
    _indices, squared = exact_nearest(queries, X, k, own=own, n_jobs=n_jobs)
    return squared[:, -1:]


def _recall(
    reach: NDArray[np.float32], squared: NDArray[np.float32], rows: NDArray[np.int64] | None = None
) -> float:
    """Return the share of rows found within the true distance of the k-th neighbour; ties count."""
    return float(((squared if rows is None else squared[rows]) <= reach).mean())


def _repair(
    X: NDArray[np.float32],
    queries: NDArray[np.float32],
    own: NDArray[np.int64] | None,
    indices: NDArray[np.int32],
    squared: NDArray[np.float32],
    n_jobs: int | None,
) -> None:
    """Search exactly, in place, for the queries whose cells held too few rows."""
    short = np.flatnonzero(indices[:, -1] < 0)
    if len(short):
        own = own if own is None else own[short]
        indices[short], squared[short] = exact_nearest(
            queries[short], X, indices.shape[1], own=own, n_jobs=n_jobs
        )


def _polish(
    X: NDArray[np.float32],
    indices: NDArray[np.int32],
    squared: NDArray[np.float32],
    measure: Callable[[], float],
    n_jobs: int | None,
    progress: Progress | None,
) -> float:
    """Try neighbours of neighbours, in place, until `measure` is high enough or nothing is gained.

    Returns the last figure of `measure`.

    The first round goes from a row to its neighbours, and on to theirs. If that is not enough,
    further rounds also go the other way, to rows that have it as a neighbour: that costs more and
    leads out of dead ends.
    """
    recall, k = measure(), indices.shape[1]
    fresh = np.ones(indices.shape, dtype=np.bool_)
    for round_ in range(_POLISH_ROUNDS):
        if recall >= _WANTED_RECALL:
            break
        around = np.full((len(X), k if round_ == 0 else 2 * k), -1, dtype=np.int32)
        learned = np.zeros(around.shape, dtype=np.bool_)
        around[:, :k], learned[:, :k] = indices, fresh
        if round_ > 0:
            _add_backward(indices, squared, fresh, around, learned)
        work: Callable[[int, int], object] = partial(
            _try_neighbors_of_neighbors, X, around, learned, indices, squared, fresh
        )
        run_blocks(work, len(X), 8192, stage="neighbors", n_jobs=n_jobs, progress=progress)
        recall, last = measure(), recall
        if round_ > 0 and recall - last < _LEAST_GAIN:
            break
    return recall


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def _squared_distance(a, b):  # type: ignore[no-untyped-def]
    total = np.float32(0.0)
    for f in range(a.shape[0]):
        total += (a[f] - b[f]) * (a[f] - b[f])
    return total


@njit(cache=True, nogil=True)
def _holds(row, wanted):  # type: ignore[no-untyped-def]
    holds = False
    for neighbor in row:
        holds |= neighbor == wanted
    return holds


@njit(cache=True, nogil=True)
def _add_backward(indices, squared, fresh, around, learned):  # type: ignore[no-untyped-def]
    """Fill the second half of `around` with the nearest rows that name a row as a neighbour.

    Rows in the first half are left out.
    """
    n_samples, k = indices.shape
    distances = np.full((n_samples, k), np.inf, dtype=np.float32)
    for i in range(n_samples):
        for a in range(k):
            j, distance = indices[i, a], squared[i, a]
            if distance >= distances[j, k - 1] or _holds(indices[j], i):
                continue
            place = k - 1
            while place > 0 and distances[j, place - 1] > distance:
                distances[j, place] = distances[j, place - 1]
                around[j, k + place] = around[j, k + place - 1]
                learned[j, k + place] = learned[j, k + place - 1]
                place -= 1
            distances[j, place] = distance
            around[j, k + place] = i
            learned[j, k + place] = fresh[i, a]


@njit(cache=True, nogil=True)
def _try_neighbors_of_neighbors(X, around, learned, indices, squared, fresh, start, stop):  # type: ignore[no-untyped-def]
    """Improve rows [start, stop) by pairs of which one is new since the last round."""
    k, width = indices.shape[1], around.shape[1]
    for i in range(start, stop):
        fresh[i] = False
        for a in range(width):
            j = around[i, a]
            if j < 0:
                continue
            for b in range(width):
                candidate = around[j, b]
                if candidate < 0 or candidate == i or not (learned[i, a] or learned[j, b]):
                    continue
                distance = _squared_distance(X[i], X[candidate])
                if distance >= squared[i, k - 1] or _holds(indices[i], candidate):
                    continue
                place = k - 1
                while place > 0 and squared[i, place - 1] > distance:
                    squared[i, place] = squared[i, place - 1]
                    indices[i, place] = indices[i, place - 1]
                    fresh[i, place] = fresh[i, place - 1]
                    place -= 1
                squared[i, place] = distance
                indices[i, place] = candidate
                fresh[i, place] = True
