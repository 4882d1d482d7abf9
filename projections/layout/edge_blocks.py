"""Edges in blocks that threads can work on side by side without ever touching the same row.

Rows are cut into pieces, and the edges between two pieces (or inside one) are a block. Blocks that
share no piece form a round, as games form the round of a tournament; within a round every block may
be worked on at the same time, and the result is the same whoever works on which, and when (Gemulla
et al. 2011, doi:10.1145/2020408.2020426).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.layout.fuzzy_graph import Graph

__all__ = ["EdgeBlocks"]

# More pieces keep more threads busy and make blocks that fit the nearest caches, fewer cost fewer
# rounds: pieces by rows, measured on two cores. The number of threads has no say, or it would have
# one in the result.
_PIECES = ((4_096, 1), (32_768, 4), (524_288, 8))
_MOST_PIECES = 16


@dataclass(frozen=True)
class EdgeBlocks:
    """The edges of a graph, block after block, in each by their heads.

    Attributes
    ----------
    bounds : ndarray of shape (n_pieces + 1,), int64
        First row of each piece, and the end.
    block_starts : ndarray of shape (n_pieces² + 1,), int64
        First run of block ``a · n_pieces + b``, a ≤ b, and the end. A run is all edges of a row
        within a block.
    heads : ndarray of shape (n_runs,), int32
        The row of each run.
    run_starts : ndarray of shape (n_runs + 1,), int64
        First edge of each run, and the end.
    ends : ndarray of shape (n_edges,), int32
        The other row of each edge.
    rates : ndarray of shape (n_edges,), float32
        Weights as attractions per epoch, in (0, 1].
    totals : ndarray of shape (n_samples,), float32
        Sum of the rates of each row.
    longest : int
        Edges of the longest run.
    """

    bounds: NDArray[np.int64]
    block_starts: NDArray[np.int64]
    heads: NDArray[np.int32]
    run_starts: NDArray[np.int64]
    ends: NDArray[np.int32]
    rates: NDArray[np.float32]
    totals: NDArray[np.float32]
    longest: int

    @classmethod
    def of(cls, graph: Graph, n_epochs: int) -> EdgeBlocks:
        """Cut up `graph`, less the edges too weak to attract once in `n_epochs`; as umap-learn."""
        n_samples, n_pieces = len(graph.indptr) - 1, _n_pieces(len(graph.indptr) - 1)
        largest = graph.weights.max() if len(graph.weights) else np.float32(1.0)
        least = np.float32(largest / n_epochs)
        edges, runs = np.zeros((2, n_pieces * n_pieces), dtype=np.int64)
        _count(graph.indptr, graph.indices, graph.weights, least, n_pieces, edges, runs)
        first_edge = np.concatenate(([0], np.cumsum(edges)))
        first_run = np.concatenate(([0], np.cumsum(runs)))
        heads = np.empty(first_run[-1], dtype=np.int32)
        run_starts = np.empty(first_run[-1] + 1, dtype=np.int64)
        run_starts[-1] = first_edge[-1]
        ends = np.empty(first_edge[-1], dtype=np.int32)
        rates = np.empty(first_edge[-1], dtype=np.float32)
        totals = np.zeros(n_samples, dtype=np.float32)
        _fill(
            graph.indptr,
            graph.indices,
            graph.weights,
            least,
            largest,
            n_pieces,
            first_edge[:-1].copy(),
            first_run[:-1].copy(),
            heads,
            run_starts,
            ends,
            rates,
            totals,
        )
        bounds = -(-np.arange(n_pieces + 1) * n_samples // n_pieces)
        longest = int(np.diff(run_starts).max(initial=0))
        return cls(bounds, first_run, heads, run_starts, ends, rates, totals, longest)

    @property
    def n_pieces(self) -> int:
        """Return the number of pieces."""
        return len(self.bounds) - 1

    def rounds(self) -> list[list[int]]:
        """Return the rounds of blocks between two pieces, by the circle method of tournaments."""
        ring, rounds = list(range(self.n_pieces)), []
        for _ in range(self.n_pieces - 1):
            pairs = [sorted((ring[i], ring[-1 - i])) for i in range(self.n_pieces // 2)]
            blocks = [a * self.n_pieces + b for a, b in pairs]
            rounds.append(
                [
                    block
                    for block in blocks
                    if self.block_starts[block + 1] > self.block_starts[block]
                ]
            )
            ring = [ring[0], ring[-1], *ring[1:-1]]
        return [blocks for blocks in rounds if blocks]


def _n_pieces(n_samples: int) -> int:
    return next((pieces for below, pieces in _PIECES if n_samples < below), _MOST_PIECES)


@njit(cache=True, nogil=True)
def _block_of(row, other, n_samples, n_pieces):  # type: ignore[no-untyped-def]
    a, b = np.int64(row) * n_pieces // n_samples, np.int64(other) * n_pieces // n_samples
    return min(a, b) * n_pieces + max(a, b)


@njit(cache=True, nogil=True)
def _count(indptr, indices, weights, least, n_pieces, edges, runs):  # type: ignore[no-untyped-def]
    n_samples = len(indptr) - 1
    seen = np.full(len(edges), -1, dtype=np.int64)
    for i in range(n_samples):
        for edge in range(indptr[i], indptr[i + 1]):
            if weights[edge] >= least:
                block = _block_of(i, indices[edge], n_samples, n_pieces)
                edges[block] += 1
                runs[block] += seen[block] != i
                seen[block] = i


@njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    indptr,
    indices,
    weights,
    least,
    largest,
    n_pieces,
    edge,
    run,
    heads,
    run_starts,
    ends,
    rates,
    totals,
):
    n_samples = len(indptr) - 1
    seen = np.full(len(edge), -1, dtype=np.int64)
    for i in range(n_samples):
        for e in range(indptr[i], indptr[i + 1]):
            if weights[e] < least:
                continue
            block = _block_of(i, indices[e], n_samples, n_pieces)
            if seen[block] != i:
                seen[block] = i
                heads[run[block]] = i
                run_starts[run[block]] = edge[block]
                run[block] += 1
            ends[edge[block]] = indices[e]
            rates[edge[block]] = weights[e] / largest
            totals[i] += rates[edge[block]]
            edge[block] += 1
