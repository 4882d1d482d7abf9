"""Compile, or load from disk, what compares two maps before a person waits for it."""

from __future__ import annotations

import numpy as np

from projections.neighbors.search import exact_nearest
from projections.quality.alignment import procrustes
from projections.quality.changes import neighbor_change, spread

__all__ = ["warm_plane"]


def warm_plane() -> None:
    """Compare two small maps in every way, as a page does that shows two of them."""
    first, second = np.random.default_rng(0).normal(size=(2, 64, 2)).astype(np.float32)
    for values in (first, second):
        values.flags.writeable = False  # as an embedding's
    procrustes(first, second, scaling="size").apply(second)
    neighbor_change(first, second)
    change = neighbor_change(first, second, n_looked_at=16)
    spread(first, change.rows, change.changed)
    exact_nearest(first[:8], first.copy(), 3, own=np.arange(8))
