"""Compile the kernels that read experiments, or load them from disk, before somebody waits for them."""

from __future__ import annotations

from explorer.experiments.hexagons import warm_hexagons
from explorer.experiments.numbering import warm_numbering
from explorer.experiments.order import warm_order
from explorer.experiments.sums import warm_sums
from explorer.experiments.units import warm_units
from explorer.inference.permutation import warm_permutation

__all__ = ["warm_experiments"]


def warm_experiments() -> None:
    """Load every kernel of this room."""
    warm_sums()
    warm_units()
    warm_order()
    warm_numbering()
    warm_hexagons()
    warm_permutation()
