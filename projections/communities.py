"""Communities of a graph: groups of rows that are joined more strongly than by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.layout.fuzzy_graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["community_graph", "find_communities", "modularity", "number_by_size"]

_ROUNDS = 3  # the second pass still gains about a per cent of the modularity, a fourth nothing
_LEAST_GAIN = 1e-12  # of the weight of all edges: less is rounding


def find_communities(
    graph: Graph, resolution: float = 1.0, random_state: int = 0
) -> NDArray[np.int32]:
    """Part the rows of a graph into communities of high modularity, each of them in one piece.

    Leiden's algorithm: rows move to the community that gains most, communities are refined into
    well connected parts, the parts become the rows of a smaller graph, and so on. Of the parts that
    a row may join the best is taken, not one by lot.

    Parameters
    ----------
    graph : Graph
        Symmetric; edges of weight 0 count as none, and an edge of a row with itself counts twice,
        once for each of its ends.
    resolution : float
        γ of `modularity`, above 0: larger gives more and smaller communities.
    random_state : int
        Seed of the order in which rows are visited; the same seed gives the same communities.

    Returns
    -------
    ndarray of shape (n_samples,), int32
        From 0, the largest community first.

    References
    ----------
    Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z; Blondel et al. 2008,
    doi:10.1088/1742-5468/2008/10/P10008.
    """
    rng = np.random.default_rng(random_state)
    labels = np.arange(len(graph.indptr) - 1, dtype=np.int32)
    if not graph.weights.any():
        return labels
    for _ in range(_ROUNDS):
        before = labels
        labels = _one_pass(graph, labels, resolution, rng)
        if len(np.unique(before)) == len(np.unique(labels)) and (before == labels).all():
            break
    pieces = np.empty_like(labels)
    _split_pieces(graph.indptr, graph.indices, graph.weights, labels, pieces)
    return number_by_size(pieces)


def modularity(graph: Graph, labels: NDArray[np.int32], resolution: float = 1.0) -> float:
    """Return the modularity Σ_c [ w_c / W − γ (K_c / W)² ] of communities c.

    w_c is twice the weight within, K_c the strength of c, W that of all.

    Parameters
    ----------
    graph : Graph
    labels : ndarray of shape (n_samples,), int32
    resolution : float
        γ: 1 is the modularity of Newman and Girvan 2004, doi:10.1103/PhysRevE.69.026113; others
        that of Reichardt and Bornholdt 2006, doi:10.1103/PhysRevE.74.016110.
    """
    rows = np.repeat(np.arange(len(labels)), np.diff(graph.indptr))
    weights = graph.weights.astype(np.float64)
    total = weights.sum()
    within = weights[labels[rows] == labels[graph.indices]].sum()
    strength = np.bincount(labels[rows], weights)
    return float(within / total - resolution * ((strength / total) ** 2).sum()) if total else 0.0


def community_graph(graph: Graph, labels: NDArray[np.int32]) -> Graph:
    """Return the graph whose rows are the communities of `graph`; a community joins itself."""
    n_parts = int(labels.max()) + 1 if len(labels) else 0
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(labels, minlength=n_parts))))
    return Graph(*_condense(graph.indptr, graph.indices, graph.weights, labels, order, starts))


def number_by_size(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return labels from 0, the largest community first; ties in the order of their first rows."""
    _values, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(counts), dtype=np.int32)
    place[np.lexsort((first, -counts))] = np.arange(len(counts), dtype=np.int32)
    return place[inverse]


def _one_pass(
    graph: Graph, labels: NDArray[np.int32], resolution: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Improve labels: move, refine, condense, until no community can be condensed further."""
    place = np.arange(len(labels), dtype=np.int32)  # of each row, in the condensed graph
    labels = labels.copy()
    while True:
        strength = _strengths(graph.indptr, graph.weights)
        order = rng.permutation(len(strength)).astype(np.int32)
        _move(graph.indptr, graph.indices, graph.weights, strength, resolution, order, labels)
        parts = np.arange(len(labels), dtype=np.int32)
        _refine(
            graph.indptr, graph.indices, graph.weights, strength, resolution, order, labels, parts
        )
        parts = number_by_size(parts)
        if parts.max(initial=0) + 1 == len(parts):
            return number_by_size(labels[place])
        of_parts = np.empty(parts.max() + 1, dtype=np.int32)
        of_parts[parts] = labels
        graph, place, labels = community_graph(graph, parts), parts[place], number_by_size(of_parts)


@njit(cache=True, nogil=True)
def _strengths(indptr, weights):  # type: ignore[no-untyped-def]
    strength = np.zeros(len(indptr) - 1)
    for i in range(len(strength)):
        for edge in range(indptr[i], indptr[i + 1]):
            strength[i] += weights[edge]
    return strength


@njit(cache=True, nogil=True)
def _move(indptr, indices, weights, strength, resolution, order, labels):  # type: ignore[no-untyped-def]
    """Move each row to the community where it gains most, in place, until none gains.

    When a row has moved, its neighbours are tried again.
    """
    n = len(labels)
    total = strength.sum()
    volume, size = np.zeros(n), np.zeros(n, np.int64)
    for i in range(n):
        volume[labels[i]] += strength[i]
        size[labels[i]] += 1
    empty = [c for c in range(n) if size[c] == 0]
    queue, waits = order.copy(), np.ones(n, np.bool_)
    first, waiting = 0, n
    to, seen = np.zeros(n), np.empty(n, np.int64)
    while waiting:
        i = queue[first]
        first = (first + 1) % n
        waiting -= 1
        waits[i] = False
        own, n_seen = labels[i], 0
        for edge in range(indptr[i], indptr[i + 1]):
            j = indices[edge]
            if j == i or weights[edge] <= 0.0:
                continue
            c = labels[j]
            if to[c] == 0.0:
                seen[n_seen] = c
                n_seen += 1
            to[c] += weights[edge]
        volume[own] -= strength[i]
        rate = resolution * strength[i] / total
        best, gain = own, to[own] - rate * volume[own]
        for place in range(n_seen):
            c = seen[place]
            here = to[c] - rate * volume[c]
            if here > gain + _LEAST_GAIN * total:
                best, gain = c, here
        if gain < -_LEAST_GAIN * total and size[own] > 1 and len(empty):
            best = empty.pop()
        for place in range(n_seen):
            to[seen[place]] = 0.0
        volume[best] += strength[i]
        if best == own:
            continue
        labels[i] = best
        size[own] -= 1
        size[best] += 1
        if size[own] == 0:
            empty.append(own)
        for edge in range(indptr[i], indptr[i + 1]):
            j = indices[edge]
            if not waits[j] and labels[j] != best:
                waits[j] = True
                queue[(first + waiting) % n] = j
                waiting += 1


@njit(cache=True, nogil=True)
def _refine(indptr, indices, weights, strength, resolution, order, labels, parts):  # type: ignore[no-untyped-def]
    """Split each community, in place, into well joined parts that gain most from their union."""
    n = len(labels)
    total = strength.sum()
    volume, part_volume, cut = np.zeros(n), strength.copy(), np.zeros(n)
    alone = np.ones(n, np.bool_)
    for i in range(n):
        volume[labels[i]] += strength[i]
        for edge in range(indptr[i], indptr[i + 1]):
            if indices[edge] != i and labels[indices[edge]] == labels[i]:
                cut[i] += weights[edge]
    to, seen = np.zeros(n), np.empty(n, np.int64)
    for i in order:
        around = volume[labels[i]]
        if not alone[i] or cut[i] < resolution * strength[i] * (around - strength[i]) / total:
            continue
        n_seen = 0
        for edge in range(indptr[i], indptr[i + 1]):
            j = indices[edge]
            if j == i or labels[j] != labels[i] or weights[edge] <= 0.0:
                continue
            if to[parts[j]] == 0.0:
                seen[n_seen] = parts[j]
                n_seen += 1
            to[parts[j]] += weights[edge]
        best, gain = -1, 0.0
        for place in range(n_seen):
            part = seen[place]
            if cut[part] < resolution * part_volume[part] * (around - part_volume[part]) / total:
                continue
            here = to[part] - resolution * strength[i] * part_volume[part] / total
            if here > gain:
                best, gain = part, here
        if best >= 0:
            # a part bears the number of the row it began with, which is not alone any more
            alone[i] = alone[best] = False
            cut[best] += cut[i] - 2.0 * to[best]
            part_volume[best] += strength[i]
            parts[i] = best
        for place in range(n_seen):
            to[seen[place]] = 0.0


@njit(cache=True, nogil=True)
def _condense(indptr, indices, weights, labels, order, starts):  # type: ignore[no-untyped-def]
    n_parts = len(starts) - 1
    ends, sums = np.empty(len(indices), np.int32), np.empty(len(indices), np.float64)
    out = np.zeros(n_parts + 1, np.int64)
    to, seen = np.zeros(n_parts), np.empty(n_parts, np.int64)
    place = 0
    for part in range(n_parts):
        n_seen = 0
        for k in range(starts[part], starts[part + 1]):
            for edge in range(indptr[order[k]], indptr[order[k] + 1]):
                if weights[edge] <= 0.0:
                    continue  # no joint: far neighbours may weigh nothing in float32
                other = labels[indices[edge]]
                if to[other] == 0.0:
                    seen[n_seen] = other
                    n_seen += 1
                to[other] += weights[edge]
        for k in range(n_seen):
            ends[place], sums[place] = seen[k], to[seen[k]]
            to[seen[k]] = 0.0
            place += 1
        out[part + 1] = place
    return out, ends[:place].copy(), sums[:place].copy()


@njit(cache=True, nogil=True)
def _split_pieces(indptr, indices, weights, labels, pieces):  # type: ignore[no-untyped-def]
    """Give each piece of each community a number of its own."""
    n, count = len(labels), 0
    pieces[:] = -1
    stack = np.empty(n, np.int64)
    for start in range(n):
        if pieces[start] >= 0:
            continue
        pieces[start] = count
        stack[0], height = start, 1
        while height:
            height -= 1
            i = stack[height]
            for edge in range(indptr[i], indptr[i + 1]):
                j = indices[edge]
                if pieces[j] < 0 and labels[j] == labels[i] and weights[edge] > 0.0:
                    pieces[j] = count
                    stack[height] = j
                    height += 1
        count += 1
