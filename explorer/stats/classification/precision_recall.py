"""Precision and recall at every threshold, and the average precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.drawn_points import drawn_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["PrecisionRecall", "precision_recall_of_counts"]


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Precision against recall, from the lowest score to the threshold above all.

    Parameters
    ----------
    precision : ndarray of shape (k + 1,), float64
        Share of ones among the rows called; 1 at the end, where none is called, by convention.
    recall : ndarray of shape (k + 1,), float64
        Share of the ones that is called; descending to 0. NaN where there are none.
    threshold : ndarray of shape (k + 1,), float64
        Ascending: every different score, then inf.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def average(self) -> float:
        """Mean precision over the steps of the recall, not interpolated; NaN without ones."""
        return (
            float(-(np.diff(self.recall) * self.precision[:-1]).sum())
            if self.recall.size > 1
            else float("nan")
        )

    def thinned(self, most: int = 2_000) -> PrecisionRecall:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        if np.isnan(self.recall[0]):
            return self
        points = drawn_points(self.recall, self.precision, most)
        return PrecisionRecall(self.precision[points], self.recall[points], self.threshold[points])


def precision_recall_of_counts(counts: ScoreCounts) -> PrecisionRecall:
    """Return precision and recall of rows that have been counted by score."""
    ones = np.cumsum(counts.ones[::-1])[::-1]
    called = np.cumsum((counts.ones + counts.zeros)[::-1])[::-1]
    with np.errstate(all="ignore"):
        # rows that weigh nothing: precision 0, as scikit-learn has it
        precision = np.where(called > 0, ones / called, 0.0)
        recall = ones / ones[0] if ones.size else ones
    return PrecisionRecall(
        np.append(precision, 1.0),
        np.append(recall, np.where(np.isnan(recall[:1]), np.nan, 0.0) if recall.size else np.nan),
        np.append(counts.score, np.inf),
    )
