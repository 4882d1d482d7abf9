"""Explorer: open a wide, long table, choose features, see all rows as one map.

>>> import explorer
>>> table = explorer.open_table("films.parquet")            # doctest: +SKIP
>>> embedding = table.project(["year", "runtime_min"])      # doctest: +SKIP

The public names are declared in ``__init__.pyi``. Each is loaded when it is first used (SPEC 1,
lazy loading of submodules and functions, https://scientific-python.org/specs/spec-0001/): ``import
explorer`` costs a few milliseconds.
"""

from __future__ import annotations

from typing import Any

import lazy_loader

from explorer._version import __version__ as __version__

_load, _names, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name in __all__:
        # numba reads this when it is loaded: a read-only install must not stop it
        from explorer.core.compiled_code import prepare_numba

        prepare_numba()
    return _load(name)


def __dir__() -> list[str]:
    return sorted(__all__)
