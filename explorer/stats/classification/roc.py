"""ROC curve: hits against false alarms at every threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.drawn_points import drawn_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["RocCurve", "roc_of_counts"]


@dataclass(frozen=True, eq=False)
class RocCurve:
    """A ROC curve, from the threshold that calls nothing to the one that calls every row.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (k + 1,), float64
        Share of the zeros, and of the ones, with a score of the threshold or more; ascending. NaN
        where there are none.
    threshold : ndarray of shape (k + 1,), float64
        Descending: inf, then every different score.
    """

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    threshold: NDArray[np.float64]

    def thinned(self, most: int = 2_000) -> RocCurve:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        if np.isnan(self.fpr[0]) or np.isnan(self.tpr[0]):
            return self
        points = drawn_points(self.fpr, self.tpr, most)
        return RocCurve(self.fpr[points], self.tpr[points], self.threshold[points])


def roc_of_counts(counts: ScoreCounts) -> RocCurve:
    """Return the ROC curve of rows that have been counted by score."""
    with np.errstate(all="ignore"):
        fpr, tpr = (_shares(weights) for weights in (counts.zeros, counts.ones))
    return RocCurve(fpr, tpr, np.concatenate([[np.inf], counts.score[::-1]]))


def _shares(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share lies at each score or above, from none to all."""
    above = np.concatenate([[0.0], np.cumsum(weight[::-1])])
    return np.asarray(above / above[-1])
