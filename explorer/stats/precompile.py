"""Compile the kernels of the statistics of models, or load them from disk, ahead of use."""

from __future__ import annotations

from explorer.stats.bins import warm_bins
from explorer.stats.classification.isotonic import warm_isotonic
from explorer.stats.classification.placements import warm_placements
from explorer.stats.classification.recalibration import warm_recalibration
from explorer.stats.classification.score_contributions import warm_score_contributions
from explorer.stats.classification.score_counts import warm_score_counts
from explorer.stats.ranking.ranked_lists import warm_ranked_lists
from explorer.stats.wasserstein import warm_wasserstein
from explorer.stats.weighted_sums import warm_weighted_sums

__all__ = ["warm_inference"]


def warm_inference() -> None:
    """Run every kernel once on a row or two."""
    for warm in (
        warm_score_counts,
        warm_placements,
        warm_score_contributions,
        warm_isotonic,
        warm_recalibration,
        warm_weighted_sums,
        warm_ranked_lists,
        warm_wasserstein,
        warm_bins,
    ):
        warm()
