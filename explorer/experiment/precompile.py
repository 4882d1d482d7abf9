"""Compile the kernels that read experiments, or load them from disk, before they are needed."""

from __future__ import annotations

from explorer.experiment.analysis.hexagons import warm_hexagons
from explorer.experiment.analysis.order_statistics import warm_order
from explorer.experiment.analysis.sums import warm_sums
from explorer.experiment.analysis.units import warm_units
from explorer.stats.testing.permutation import warm_permutation
from explorer.table.units.numbering import warm_numbering

__all__ = ["warm_experiments"]


def warm_experiments() -> None:
    """Load every kernel of this room."""
    warm_sums()
    warm_units()
    warm_order()
    warm_numbering()
    warm_hexagons()
    warm_permutation()
