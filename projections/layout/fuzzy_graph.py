"""The fuzzy graph of UMAP: how strongly each row is joined to its neighbours, from both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = ["Graph", "fuzzy_graph", "memberships", "n_pieces"]

# The four constants are those of umap-learn 0.5: tolerance and rounds of the search for sigma, and
# the least sigma as a share of the mean distance.
_TOLERANCE = 1e-5
_ROUNDS = 64
_LEAST_SHARE = 1e-3
_ROWS_PER_BLOCK = 8192


@dataclass(frozen=True)
class Graph:
    """A symmetric weighted graph in compressed rows.

    Attributes
    ----------
    indptr : ndarray of shape (n_samples + 1,), int64
        Where the edges of each row begin.
    indices : ndarray of shape (n_edges,), int32
        The other end. Every edge stands in the lists of both ends.
    weights : ndarray of shape (n_edges,), float32
        In [0, 1].
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float32]


def fuzzy_graph(
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Graph:
    """Join each row with its neighbours: the fuzzy union P + Pᵀ − P∘Pᵀ of what both ends say.

    Parameters
    ----------
    indices : ndarray of shape (n_samples, k), int32
        Nearest neighbours of each row, itself left out. (umap-learn counts the row itself: its
        ``n_neighbors`` is k + 1.)
    distances : ndarray of shape (n_samples, k), float32
        Increasing along a row.
    n_jobs, progress
        As in `projections.threads.run_blocks`.

    Returns
    -------
    Graph

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426, algorithms 2 and 3.
    """
    directed = memberships(distances, n_jobs=n_jobs, progress=progress)
    united = np.empty_like(directed)
    mutual = np.empty(directed.shape, dtype=np.bool_)

    def work(start: int, stop: int) -> None:
        _unite(indices, directed, united, mutual, start, stop)

    run_blocks(work, len(indices), _ROWS_PER_BLOCK, stage="graph", n_jobs=n_jobs)
    one_sided = np.bincount(indices[~mutual], minlength=len(indices))
    indptr = np.concatenate(([0], np.cumsum(one_sided + indices.shape[1])))
    ends = np.empty(indptr[-1], dtype=np.int32)
    weights = np.empty(indptr[-1], dtype=np.float32)
    _fill(indices, united, mutual, indptr, ends, weights)
    return Graph(indptr, ends, weights)


def memberships(
    distances: NDArray[np.float32],
    *,
    mean_distance: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return how strongly each row is joined to each of its neighbours, as seen from the row alone.

    The nearest neighbour that is not at distance 0 has weight 1, and the weights fall off
    exponentially at a rate chosen so that they sum to log2(k + 1).

    Parameters
    ----------
    distances : ndarray of shape (n_samples, k), float32
        Increasing along a row, the row itself left out.
    mean_distance : float, optional
        Mean distance of all fitted rows, when `distances` are those of other rows.
    n_jobs, progress
        As in `projections.threads.run_blocks`.

    Returns
    -------
    ndarray of shape (n_samples, k), float32
        In [0, 1].
    """
    out = np.empty_like(distances)
    # The row itself, at distance 0, counts in umap-learn's mean.
    share = distances.shape[1] / (distances.shape[1] + 1)
    mean = (
        float(distances.mean(dtype=np.float64)) * share if mean_distance is None else mean_distance
    )

    def work(start: int, stop: int) -> None:
        _weigh(distances, np.float32(mean), out, start, stop)

    run_blocks(
        work, len(distances), _ROWS_PER_BLOCK, stage="graph", n_jobs=n_jobs, progress=progress
    )
    return out


def n_pieces(graph: Graph) -> int:
    """Return the number of connected pieces of the graph."""
    return int(_count_pieces(graph.indptr, graph.indices))


@njit(cache=True, nogil=True)
def _root(parents, i):  # type: ignore[no-untyped-def]
    """Return the top of a row's tree, and halve the path to it.

    Tarjan and van Leeuwen 1984, doi:10.1145/62.2160.
    """
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@njit(cache=True, nogil=True)
def _count_pieces(indptr, indices):  # type: ignore[no-untyped-def]
    n_samples = len(indptr) - 1
    parents = np.arange(n_samples, dtype=np.int32)
    pieces = n_samples
    for i in range(n_samples):
        root = _root(parents, i)
        for edge in range(indptr[i], indptr[i + 1]):
            other_root = _root(parents, indices[edge])
            if other_root != root:
                pieces -= 1
                parents[max(root, other_root)] = min(root, other_root)
                root = min(root, other_root)
    return pieces


@njit(cache=True, nogil=True)
def _sum_of_weights(distances, rho, sigma):  # type: ignore[no-untyped-def]
    total = np.float32(0.0)
    for j in range(distances.shape[0]):
        beyond = distances[j] - rho
        total += np.exp(-beyond / sigma) if beyond > 0 else np.float32(1.0)
    return total


@njit(cache=True, nogil=True)
def _sigma(distances, rho, start):  # type: ignore[no-untyped-def]
    """Bisect for the sigma at which the weights sum to log2(k + 1)."""
    target = np.float32(np.log2(distances.shape[0] + 1))
    low, high, sigma = np.float32(0.0), np.float32(np.inf), start
    for _ in range(_ROUNDS):
        total = _sum_of_weights(distances, rho, sigma)
        if abs(total - target) < _TOLERANCE:
            break
        if total > target:
            high = sigma
            sigma = np.float32(0.5) * (low + high)
        else:
            low = sigma
            sigma = np.float32(2.0) * sigma if high == np.inf else np.float32(0.5) * (low + high)
    return sigma


@njit(cache=True, nogil=True)
def _weigh(distances, mean_of_all, out, start, stop):  # type: ignore[no-untyped-def]
    k = distances.shape[1]
    for i in range(start, stop):
        rho, total = np.float32(0.0), np.float32(0.0)
        for j in range(k - 1, -1, -1):
            total += distances[i, j]
            if distances[i, j] > 0:
                rho = distances[i, j]
        # Bisection from the mean distance beyond rho needs half the rounds of one from 1, whatever
        # the units.
        guess = total / np.float32(k) - rho
        sigma = _sigma(distances[i], rho, guess if guess > 0 else np.float32(1.0))
        mean = total / np.float32(k + 1) if rho > 0 else mean_of_all
        sigma = max(sigma, np.float32(_LEAST_SHARE) * mean)
        for j in range(k):
            beyond = distances[i, j] - rho
            out[i, j] = np.exp(-beyond / sigma) if beyond > 0 and sigma > 0 else np.float32(1.0)


@njit(cache=True, nogil=True)
def _unite(indices, directed, united, mutual, start, stop):  # type: ignore[no-untyped-def]
    for i in range(start, stop):
        for place in range(indices.shape[1]):
            j = indices[i, place]
            forward, backward = directed[i, place], np.float32(0.0)
            both = False
            for other in range(indices.shape[1]):
                if indices[j, other] == i:
                    backward = directed[j, other]
                    both = True
            united[i, place] = forward + backward - forward * backward
            mutual[i, place] = both


@njit(cache=True, nogil=True)
def _fill(indices, united, mutual, indptr, ends, weights):  # type: ignore[no-untyped-def]
    """Write the edges of each row: its own neighbours, then rows that have it as a neighbour."""
    n_samples, k = indices.shape
    place = indptr[:-1].copy()
    for i in range(n_samples):
        for edge in range(k):
            ends[place[i]] = indices[i, edge]
            weights[place[i]] = united[i, edge]
            place[i] += 1
            if not mutual[i, edge]:
                j = indices[i, edge]
                ends[place[j]] = i
                weights[place[j]] = united[i, edge]
                place[j] += 1
