"""Compile the kernels that compare and watch models, or load them from disk, before somebody waits for them."""

from __future__ import annotations

from explorer.inference.warm import warm_inference
from explorer.models.density import warm_density

__all__ = ["warm_models"]


def warm_models() -> None:
    """Load every kernel of this room, and of the statistics that it needs."""
    warm_inference()
    warm_density()
