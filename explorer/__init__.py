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
    from explorer.maps.viewport import Viewport
    from explorer.review import FeatureSet
    from explorer.rows.selection import Selection
    from explorer.workbench.comparing import compare
    from explorer.workbench.map import Map, build_map, open_map
    from explorer.workbench.selecting import where
    from explorer.workbench.table import Table, open_table
    from projections import Cancelled

__version__ = "0.1.0"

_HOMES = {
    "Cancelled": "projections",
    "Embedding": "explorer.embeddings",
    "ExplorerError": "explorer.errors",
    "FeatureSet": "explorer.review",
    "Map": "explorer.workbench.map",
    "Selection": "explorer.rows.selection",
    "Table": "explorer.workbench.table",
    "TableChanged": "explorer.errors",
    "Viewport": "explorer.maps.viewport",
    "build_map": "explorer.workbench.map",
    "compare": "explorer.workbench.comparing",
    "open_embedding": "explorer.embeddings",
    "open_map": "explorer.workbench.map",
    "open_table": "explorer.workbench.table",
    "where": "explorer.workbench.selecting",
}

__all__ = [
    "Cancelled",
    "Embedding",
    "ExplorerError",
    "FeatureSet",
    "Map",
    "Selection",
    "Table",
    "TableChanged",
    "Viewport",
    "__version__",
    "build_map",
    "compare",
    "open_embedding",
    "open_map",
    "open_table",
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
