"""Compile the kernels of the statistics of models, or load them from disk, before somebody waits for them."""

from __future__ import annotations

from explorer.inference.bins import warm_bins
from explorer.inference.isotonic import warm_isotonic
from explorer.inference.placements import warm_placements
from explorer.inference.ranked_lists import warm_ranked_lists
from explorer.inference.recalibration import warm_recalibration
from explorer.inference.residual_sums import warm_residual_sums
from explorer.inference.score_contributions import warm_score_contributions
from explorer.inference.score_counts import warm_score_counts
from explorer.inference.wasserstein import warm_wasserstein
from explorer.inference.weighted_sums import warm_weighted_sums

__all__ = ["warm_inference"]


def warm_inference() -> None:
    """Run every kernel of this room once on a row or two."""
    for warm in (
        warm_score_counts, warm_placements, warm_score_contributions, warm_isotonic, warm_recalibration, warm_residual_sums,
        warm_weighted_sums, warm_ranked_lists, warm_wasserstein, warm_bins,
    ):  # fmt: skip
        warm()
