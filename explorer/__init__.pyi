"""Public names of explorer; each is loaded from the module named here when it is first used."""

from ._cancelled import Cancelled
from ._version import __version__
from .compare.compute import compare
from .compare.explanation.compute import explain
from .compare.explanation.explanation import Explanation
from .compare_maps.compute import compare_maps
from .core.errors import ExplorerError, TableChanged
from .drift.analysis.drift import Drift
from .drift.compute import drift
from .embedding.embedding import Embedding, open_embedding
from .engagement.compute import engagement
from .engagement.engagement import Engagement
from .experiment.analysis.experiment import Experiment
from .experiment.compute import experiment
from .experiment.compute_grid import experiment_wall
from .features.metric import Metric
from .map.map import Map, build_map, open_map
from .map.regioning import regions_of
from .map.regions.region import Region, Regions
from .map.viewport import Viewport
from .performance.compute import compare_models
from .performance.model_comparison import ModelComparison
from .ranking.compute import ranking
from .ranking.ranking import Ranking
from .review.evidence import Evidence
from .review.review_store import open_store
from .review.verdict import Verdict
from .selection.selection import Selection
from .table.feature_set import FeatureSet
from .table.selecting import where
from .table.table import Table, open_table

__all__ = [
    "Cancelled",
    "Drift",
    "Embedding",
    "Engagement",
    "Evidence",
    "Experiment",
    "Explanation",
    "ExplorerError",
    "FeatureSet",
    "Map",
    "Metric",
    "ModelComparison",
    "Ranking",
    "Region",
    "Regions",
    "Selection",
    "Table",
    "TableChanged",
    "Verdict",
    "Viewport",
    "__version__",
    "build_map",
    "compare",
    "compare_maps",
    "compare_models",
    "drift",
    "engagement",
    "experiment",
    "experiment_wall",
    "explain",
    "open_embedding",
    "open_map",
    "open_store",
    "open_table",
    "ranking",
    "regions_of",
    "where",
]
