"""Compile, or load from disk, every kernel of the engine before a person waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from projections.neighbors.nearest_neighbors import _polish
from projections.neighbors.neighbor_cells import CellIndex
from projections.neighbors.partition import Partition
from projections.nesting import nested_communities
from projections.quality.map_scores import scores
from projections.umap import UMAP

if TYPE_CHECKING:
    from projections.errors import Progress

__all__ = ["warm_projections"]


def warm_projections(progress: Progress | None = None) -> None:
    """Take small data through every path of a fit, a transform and the scores.

    Parameters
    ----------
    progress : callable, optional
        Asked again and again; returning False stops.

    Raises
    ------
    Cancelled
        When `progress` returned False.
    """
    points = np.random.default_rng(0).normal(size=(512, 6)).astype(np.float32)
    # few columns are searched by a tree, more by comparing all pairs
    for rows in (points, points[:, :3].astype(np.float64)):
        umap = UMAP(n_epochs=2, landmarks=64).fit(rows[:128], progress=progress)
        umap.transform(rows[128:])
        scores(rows[:128], umap.embedding_)
    nested_communities(points[:128], (2, 8))
    # what only many rows go through
    cells = CellIndex.of(points, Partition.of(points, 0))
    cells.nearest(points[:8], 4, 2)
    indices, squared = cells.nearest(points, 4, 1, own=np.arange(len(points)), progress=progress)
    _polish(points, indices, squared, lambda: 0.0, None, progress)
