"""Projections of high-dimensional data: PCA, UMAP, and how well a map keeps the data.

NumPy in, NumPy out. The public names are declared in ``__init__.pyi``; each is loaded when it is
first used.
"""

from __future__ import annotations

import os
from typing import Any

import lazy_loader

# In a read-only installation numba fails when it is imported, unless it is told before where to
# keep compiled code.
if "NUMBA_CACHE_DIR" not in os.environ:
    import platformdirs

    from projections.compiled import source_stamp

    _numba = platformdirs.user_cache_path("explorer", appauthor=False) / "numba" / source_stamp()
    os.environ["NUMBA_CACHE_DIR"] = str(_numba)

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        public = ", ".join(__all__)
        raise AttributeError(f"module 'projections' has no attribute {name!r}; it has {public}")
    return _load(name)
