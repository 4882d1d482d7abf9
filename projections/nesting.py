"""Nested communities: regions of rows, coarse to fine, each finer one within a coarser one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from projections.communities import community_graph, find_communities, number_by_size
from projections.errors import Progress, ProjectionError, report
from projections.layout.fuzzy_graph import Graph, fuzzy_graph
from projections.neighbors.canonical import Canonical
from projections.neighbors.distinct_rows import distinct_rows
from projections.neighbors.nearest_neighbors import nearest_neighbors
from projections.validation import as_matrix, check_integer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["nested_communities", "nested_in_graph"]

_FIRST_RESOLUTION, _STEP, _MOST_RESOLUTION = 0.01, 1.25, 1e4
_ATOMS = 3  # times as many as the finest level wants: it then chooses among them
_FEWEST, _MOST = 1 / 4, 1.5  # times the number that is asked for: within, the data say how many
_FIRST_ATOMS, _ATOM_STEP = 8.0, 3.0
_ROWS_OF_ONE = 10  # on average at least: a region of fewer rows says nothing of a table


def nested_communities(
    X: NDArray[np.float32],
    n_communities: Sequence[int] = (8, 30, 100),
    n_neighbors: int = 15,
    *,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[NDArray[np.int32]]:
    """Find communities of the neighbour graph of `X` at several resolutions.

    The graph is that of UMAP, over the distinct rows; equal rows are always together.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float
        Finite, scaled as distances are to be meant.
    n_communities : sequence of int
        About how many, coarse to fine, and not more than one for 10 rows. Between a quarter of it
        and one and a half times as many the data say how many: those that stay the same over the
        widest range of resolutions (Arenas, Fernández and Gómez 2008,
        doi:10.1088/1367-2630/10/5/053039).
    n_neighbors : int
        Of each row in the graph, at least 2.
    random_state, n_jobs, progress
        As in `projections.neighbors.nearest_neighbors.nearest_neighbors`.

    Returns
    -------
    list of ndarray of shape (n_samples,), int32
        Labels from 0, the largest first; a level that would not differ from its neighbour is left
        out, so that there may be none.

    Raises
    ------
    ProjectionError
        If `X` is no finite matrix, or a number is none that can be.
    Cancelled
    """
    check_integer("n_neighbors", n_neighbors, 2)
    matrix = as_matrix(X)
    canonical = Canonical.of(matrix, n_jobs).apply(matrix, n_jobs)
    distinct = distinct_rows(canonical, random_state)
    rows = canonical[distinct.first]
    if len(rows) < 3:
        return []
    k = min(n_neighbors, len(rows) - 1)
    neighbors = nearest_neighbors(
        rows, k, random_state=random_state, n_jobs=n_jobs, progress=progress
    )
    report(progress, "communities", 0, 0)
    graph = fuzzy_graph(neighbors.indices, neighbors.distances, n_jobs=n_jobs)
    most = max(2, len(X) // _ROWS_OF_ONE)
    levels = nested_in_graph(graph, sorted({min(n, most) for n in n_communities}), random_state)
    report(progress, "communities", 1, 1)
    return [number_by_size(labels[distinct.inverse]) for labels in levels]


def nested_in_graph(
    graph: Graph, n_communities: Sequence[int], random_state: int = 0
) -> list[NDArray[np.int32]]:
    """Find nested communities of a graph, coarse to fine; see `nested_communities`.

    First many small ones; each level joins those of the level below it. On the films of the samples
    this costs less than .5 % of the modularity that looking for each level by itself has.
    """
    wanted = sorted(check_integer("n_communities", n, 2) for n in n_communities)
    if not wanted:
        raise ProjectionError("n_communities must name at least one number of communities")
    place = _atoms(graph, _ATOMS * wanted[-1], random_state)
    graph = community_graph(graph, place)
    levels: list[NDArray[np.int32]] = []
    for n in reversed(wanted):
        joined = _best(graph, n, random_state)
        labels = number_by_size(joined[place])
        count = int(labels.max()) + 1
        if count < 2:
            break
        if not levels or count < int(levels[-1].max()) + 1:
            levels.append(labels)
            graph, place = community_graph(graph, joined), joined[place]
    return levels[::-1]


def _atoms(graph: Graph, n: int, random_state: int) -> NDArray[np.int32]:
    """Return small communities, at least `n` where the rows suffice."""
    resolution = _FIRST_ATOMS
    while True:
        communities = find_communities(graph, resolution, random_state)
        if communities.max() + 1 >= min(n, len(communities) // 3) or resolution >= _MOST_RESOLUTION:
            return communities
        resolution *= _ATOM_STEP


def _best(graph: Graph, n: int, random_state: int) -> NDArray[np.int32]:
    """Return about `n` communities: near `n`, the most stable over a range of resolutions."""
    tried: list[NDArray[np.int32]] = []
    resolution = _FIRST_RESOLUTION
    while resolution < _MOST_RESOLUTION:
        tried.append(find_communities(graph, resolution, random_state))
        if tried[-1].max() + 1 > _MOST * n or tried[-1].max() + 1 == len(tried[-1]):
            break
        resolution *= _STEP
    best, most = tried[0], -1.0
    for count, run in groupby(tried, key=lambda labels: int(labels.max()) + 1):
        same = list(run)
        merit = _merit(count, len(same), n)
        if merit > most:
            best, most = same[len(same) // 2], merit
    return best


def _merit(count: int, width: int, n: int) -> float:
    """Weigh over how many resolutions a number of communities stays by how near it is to `n`."""
    near = min(count / n, n / count)
    if not _FEWEST * n <= count <= _MOST * n or count < 2:
        return near * 1e-3  # only where no number fits
    return near * width
