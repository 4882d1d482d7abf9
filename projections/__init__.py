"""Projections of high-dimensional data: PCA, UMAP, and how well a map keeps the data.

NumPy in, NumPy out. The names below load what they need when first used; importing the package loads nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from projections.alignment import Alignment, procrustes
    from projections.changes import NeighborChange, neighbor_change
    from projections.errors import Cancelled, ProjectionError
    from projections.nesting import nested_communities
    from projections.pca import PCA
    from projections.quality import Scores, scores
    from projections.seeds import Stability, stability
    from projections.shares import Share, feature_shares
    from projections.umap import UMAP

__all__ = [
    "PCA",
    "UMAP",
    "Alignment",
    "Cancelled",
    "NeighborChange",
    "ProjectionError",
    "Scores",
    "Share",
    "Stability",
    "feature_shares",
    "neighbor_change",
    "nested_communities",
    "procrustes",
    "scores",
    "stability",
]

_HOMES = {
    "PCA": "projections.pca",
    "UMAP": "projections.umap",
    "Alignment": "projections.alignment",
    "NeighborChange": "projections.changes",
    "neighbor_change": "projections.changes",
    "procrustes": "projections.alignment",
    "Cancelled": "projections.errors",
    "ProjectionError": "projections.errors",
    "Scores": "projections.quality",
    "Share": "projections.shares",
    "Stability": "projections.seeds",
    "feature_shares": "projections.shares",
    "nested_communities": "projections.nesting",
    "scores": "projections.quality",
    "stability": "projections.seeds",
}

# In a read-only installation numba fails when it is imported, unless it is told before where to keep compiled code.
if "NUMBA_CACHE_DIR" not in os.environ:
    import platformdirs

    from projections.compiled import source_stamp

    _numba = platformdirs.user_cache_path("explorer", appauthor=False) / "numba" / source_stamp()
    os.environ["NUMBA_CACHE_DIR"] = str(_numba)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'projections' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
