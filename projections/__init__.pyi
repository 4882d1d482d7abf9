"""Public names of projections; each is loaded from the module named here when it is first used."""

from .errors import Cancelled, ProjectionError
from .nesting import nested_communities
from .pca import PCA
from .quality.alignment import Alignment, procrustes
from .quality.changes import NeighborChange, neighbor_change
from .quality.map_scores import Scores, scores
from .quality.seeds import Stability, stability
from .quality.shares import Share, feature_shares
from .umap import UMAP

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
