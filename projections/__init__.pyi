"""Public names of projections; each is loaded from the module named here when it is first used."""

from .alignment import Alignment, procrustes
from .changes import NeighborChange, neighbor_change
from .errors import Cancelled, ProjectionError
from .nesting import nested_communities
from .pca import PCA
from .quality import Scores, scores
from .seeds import Stability, stability
from .shares import Share, feature_shares
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
