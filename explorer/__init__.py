"""Explorer: open a wide, long table, choose features, see all rows as one map.

>>> import explorer
>>> table = explorer.open_table("films.parquet")            # doctest: +SKIP
>>> embedding = table.project(["year", "runtime_min"])      # doctest: +SKIP

Everything is loaded when it is first used: ``import explorer`` costs a few milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.embeddings import Embedding, open_embedding
    from explorer.errors import ExplorerError, TableChanged
    from explorer.experiments.experiment import Experiment
    from explorer.experiments.metric import Metric
    from explorer.maps.viewport import Viewport
    from explorer.models.comparison import ModelComparison
    from explorer.models.drift import Drift
    from explorer.models.engagement import Engagement
    from explorer.models.ranking import Ranking
    from explorer.regions import Region, Regions
    from explorer.review import Evidence, FeatureSet, Verdict, open_store
    from explorer.rows.selection import Selection
    from explorer.workbench.comparing import compare
    from explorer.workbench.comparing_maps import compare_maps
    from explorer.workbench.comparing_models import compare_models
    from explorer.workbench.engaging import engagement
    from explorer.workbench.experimenting import experiment
    from explorer.workbench.map import Map, build_map, open_map
    from explorer.workbench.monitoring import drift
    from explorer.workbench.ranking import ranking
    from explorer.workbench.regioning import regions_of
    from explorer.workbench.selecting import where
    from explorer.workbench.table import Table, open_table
    from explorer.workbench.walling import experiment_wall
    from projections import Cancelled

__version__ = "0.1.0"

_HOMES = {
    "Cancelled": "projections",
    "Drift": "explorer.models.drift",
    "Embedding": "explorer.embeddings",
    "Engagement": "explorer.models.engagement",
    "Evidence": "explorer.review",
    "Experiment": "explorer.experiments.experiment",
    "ExplorerError": "explorer.errors",
    "FeatureSet": "explorer.review",
    "Map": "explorer.workbench.map",
    "Metric": "explorer.experiments.metric",
    "ModelComparison": "explorer.models.comparison",
    "Ranking": "explorer.models.ranking",
    "Region": "explorer.regions",
    "Regions": "explorer.regions",
    "Selection": "explorer.rows.selection",
    "Table": "explorer.workbench.table",
    "TableChanged": "explorer.errors",
    "Verdict": "explorer.review",
    "Viewport": "explorer.maps.viewport",
    "build_map": "explorer.workbench.map",
    "compare": "explorer.workbench.comparing",
    "compare_maps": "explorer.workbench.comparing_maps",
    "compare_models": "explorer.workbench.comparing_models",
    "drift": "explorer.workbench.monitoring",
    "engagement": "explorer.workbench.engaging",
    "experiment": "explorer.workbench.experimenting",
    "experiment_wall": "explorer.workbench.walling",
    "open_embedding": "explorer.embeddings",
    "open_map": "explorer.workbench.map",
    "open_store": "explorer.review",
    "open_table": "explorer.workbench.table",
    "ranking": "explorer.workbench.ranking",
    "regions_of": "explorer.workbench.regioning",
    "where": "explorer.workbench.selecting",
}

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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    # numba reads this when it is loaded: a read-only install must not stop it
    from explorer.cache import prepare_numba

    prepare_numba()
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
