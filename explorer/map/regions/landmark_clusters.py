"""From the features of a map to its regions.

Communities among landmarks, then the region of every other row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import EmbeddingError
from explorer.features.matrix.matrix import apply_matrix
from explorer.map.regions.grouping import find_grouping
from explorer.map.regions.tree import RegionTree
from explorer.sources.source import open_source
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding
    from explorer.features.matrix.matrix import FeatureMatrix
    from explorer.sources.source import ArrowSource

__all__ = [
    "LEVELS",
    "MOST_LANDMARKS",
    "VERSION",
    "assign_rows",
    "cluster_landmarks",
    "columns_of_two_values",
    "matrix_document",
]

VERSION = 4
"""Raised when the same map would get other regions.

Part of their key, and of a selection by region.
"""

LEVELS = (8, 30, 100)
"""About how many regions a level has.

What a person can read on a whole map, on a quarter, on a hundredth of it.
"""

MOST_LANDMARKS = 20_000
_NEIGHBORS = 15  # those of a UMAP where nobody says otherwise
_BATCH_ROWS = 65_536


def matrix_document(embedding: Embedding) -> dict[str, Any]:
    """Return how the features of a map became a matrix.

    Raises
    ------
    EmbeddingError
        For coordinates of which nobody knows what they were made from.
    """
    document: dict[str, Any] | None = embedding.provenance.get("matrix")
    if not document:
        raise EmbeddingError(
            "these coordinates were not made from features, and regions need features: project "
            "features to have labels"
        )
    return document


def cluster_landmarks(
    matrix: FeatureMatrix, places: NDArray[np.int64], n_rows: int, progress: Progress | None = None
) -> RegionTree:
    """Find the regions of landmarks.

    None where these form no groups beyond one cloud, by `find_grouping`.

    Parameters
    ----------
    matrix : FeatureMatrix of k rows
        The landmarks, scaled as for the map.
    places : ndarray of shape (k,), int64, ascending
        Which rows of the embedding they are.
    n_rows : int
        Of the embedding.
    progress : callable, optional
        ``progress(stage, done, total)`` through groups, prepare, neighbors, graph and communities.

    Returns
    -------
    RegionTree
        It knows the regions of landmarks only.
    """
    from projections import nested_communities

    two_valued = columns_of_two_values(matrix.X)
    # where all is yes or no, every combination is a group
    grouping = None if two_valued.all() else find_grouping(matrix.X, progress=progress)
    if grouping is not None and not grouping.found:
        return RegionTree.of_levels([], places, n_rows, grouping)
    others = None
    if grouping is not None and two_valued.any():  # these form groups by themselves: do the others?
        others = find_grouping(np.ascontiguousarray(matrix.X[:, ~two_valued]), progress=progress)
    levels = nested_communities(matrix.X, LEVELS, _NEIGHBORS, progress=progress)
    return replace(RegionTree.of_levels(levels, places, n_rows, grouping), others=others)


def columns_of_two_values(X: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which columns of a matrix hold no more than two values, as yes and no."""
    two_valued: NDArray[np.bool_] = ((X.min(axis=0) == X) | (X.max(axis=0) == X)).all(axis=0)
    return two_valued


def assign_rows(
    tree: RegionTree,
    X: NDArray[np.float32],
    source: ArrowSource,
    embedding: Embedding,
    progress: Progress | None = None,
    n_jobs: int | None = 1,
) -> RegionTree:
    """Give every other row of the map the region of its nearest landmark.

    Nearest by distance in the features.

    Parameters
    ----------
    tree : RegionTree
    X : ndarray of shape (k, d), float32
        Features of the landmarks.
    source : ArrowSource
        The table.
    embedding : Embedding
    progress : callable, optional
        ``progress("spread", rows done, rows)``.
    n_jobs : int, optional
        One thread, so that a page stays quick meanwhile.
    """
    from projections.neighbors.nearest_neighbors import nearest_rows
    from projections.neighbors.neighbor_cells import CellIndex
    from projections.neighbors.partition import Partition

    if tree.complete:
        return tree
    finest, own = tree.finest.copy(), tree.finest[tree.landmarks]
    cells = CellIndex.of(X, Partition.of(X, 0, n_jobs=n_jobs), n_jobs=n_jobs)
    for block, rows, done in _blocks(source, embedding):
        place = np.minimum(np.searchsorted(embedding.rows, rows), len(finest) - 1)
        unassigned = np.flatnonzero((embedding.rows[place] == rows) & (finest[place] < 0))
        if len(unassigned):
            nearest, _ = nearest_rows(block[unassigned], X, 1, cells=cells, n_jobs=n_jobs)
            finest[place[unassigned]] = own[nearest[:, 0]]
        report(progress, "spread", done, source.num_rows)
    return replace(tree, finest=finest)


def _blocks(
    source: ArrowSource, embedding: Embedding
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64], int]]:
    """Yield the matrix of the map in blocks of rows, which rows they are, and how many came."""
    document, start = matrix_document(embedding), 0
    for batch in source.batches(list(embedding.features or ()), _BATCH_ROWS):
        batch_source = open_source(pa.table(batch.columns, schema=batch.schema), source.cache)
        matrix = apply_matrix(batch_source, document, least=0)
        yield matrix.X, matrix.rows + start, start + batch.num_rows
        start += batch.num_rows
