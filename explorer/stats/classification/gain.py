"""Cumulative gain: which share of the ones is found among the rows with the largest scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.drawn_points import drawn_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["GainCurve", "gain_of_counts"]


@dataclass(frozen=True, eq=False)
class GainCurve:
    """Ones found against rows looked at, the largest scores first.

    Parameters
    ----------
    targeted : ndarray of shape (k + 1,), float64
        Share of all rows with a score of the threshold or more; ascending from 0 to 1.
    found : ndarray of shape (k + 1,), float64
        Share of the ones among them; the diagonal is what rows at random would find. NaN where
        there are no ones.
    threshold : ndarray of shape (k + 1,), float64
        Descending: inf, then every different score.
    """

    targeted: NDArray[np.float64]
    found: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def lift(self) -> NDArray[np.float64]:
        """How many times as many ones as among rows at random; NaN where no row is looked at."""
        with np.errstate(all="ignore"):
            return np.where(self.targeted > 0, self.found / self.targeted, np.nan)

    def at(self, share: float) -> float:
        """Return the share of ones found in this share of the rows, linear between thresholds."""
        return float(np.interp(share, self.targeted, self.found))

    def thinned(self, most: int = 2_000) -> GainCurve:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        if np.isnan(self.found[0]):
            return self
        points = drawn_points(self.targeted, self.found, most)
        return GainCurve(self.targeted[points], self.found[points], self.threshold[points])


def gain_of_counts(counts: ScoreCounts) -> GainCurve:
    """Return the gain of rows that have been counted by score."""
    hits = np.concatenate([[0.0], np.cumsum(counts.ones[::-1])])
    targeted = np.concatenate([[0.0], np.cumsum((counts.ones + counts.zeros)[::-1])])
    with np.errstate(all="ignore"):
        return GainCurve(
            targeted / targeted[-1],
            hits / hits[-1],
            np.concatenate([[np.inf], counts.score[::-1]]),
        )
