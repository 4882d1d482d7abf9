"""Compile the kernels that compare and watch models, or load them, before they are needed."""

from __future__ import annotations

from explorer.performance.density import warm_density
from explorer.stats.precompile import warm_inference

__all__ = ["warm_models"]


def warm_models() -> None:
    """Load every kernel of this room, and of the statistics that it needs."""
    warm_inference()
    warm_density()
