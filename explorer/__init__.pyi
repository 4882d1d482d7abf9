"""Public names of explorer; each is loaded from the module named here when it is first used."""

from ._cancelled import Cancelled
from ._version import __version__
from .embeddings.embedding import Embedding, open_embedding
from .errors import ExplorerError, TableChanged
from .experiments.experiment import Experiment
from .experiments.metric import Metric
from .maps.viewport import Viewport
from .models.comparison import ModelComparison
from .models.drift import Drift
from .models.engagement import Engagement
from .models.ranking import Ranking
from .regions.region import Region, Regions
from .review.evidence import Evidence
from .review.feature_set import FeatureSet
from .review.store import open_store
from .review.verdict import Verdict
from .rows.selection import Selection
from .workbench.comparing import compare
from .workbench.comparing_maps import compare_maps
from .workbench.comparing_models import compare_models
from .workbench.engaging import engagement
from .workbench.experimenting import experiment
from .workbench.map import Map, build_map, open_map
from .workbench.monitoring import drift
from .workbench.ranking import ranking
from .workbench.regioning import regions_of
from .workbench.selecting import where
from .workbench.table import Table, open_table
from .workbench.walling import experiment_wall

__all__ = [
    "Cancelled",
    "Drift",
    "Embedding",
    "Engagement",
    "Evidence",
    "Experiment",
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
    "open_embedding",
    "open_map",
    "open_store",
    "open_table",
    "ranking",
    "regions_of",
    "where",
]
