"""The engine, loaded and compiled before a job needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["warm_engine"]


def warm_engine(go_on: Callable[[], bool] = lambda: True) -> None:
    """Import the engine and compile its kernels, or load them from disk, by tiny projections.

    Parameters
    ----------
    go_on : callable
        Asked again and again; False gives it up.
    """
    from projections import Cancelled
    from projections.precompile import warm_projections

    try:
        warm_projections(lambda *_: go_on())
    except Cancelled:
        return
