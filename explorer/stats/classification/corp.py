"""CORP: a reliability curve without bins, and the exact parts of the Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.classification.isotonic import isotonic_blocks
from explorer.stats.classification.recalibration import recalibrate
from explorer.stats.classification.score_counts import ScoreCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.recalibration import Recalibration

__all__ = ["Calibration", "corp_of_counts"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """How well stated probabilities hold.

    Brier score = miscalibration − discrimination + uncertainty, exactly (Dimitriadis, Gneiting &
    Jordan 2021, doi:10.1073/pnas.2016191118).

    Parameters
    ----------
    low, high : ndarray of shape (blocks,), float64
        Smallest and largest predicted probability of each block, ascending.
    level : ndarray of shape (blocks,), float64
        Share of ones in it: the recalibrated probability, ascending. The curve is horizontal within
        a block, straight between.
    n : ndarray of shape (blocks,), float64
        Weight of its rows.
    brier : float
        Mean squared error of the probabilities; this and all below are NaN without rows.
    miscalibration : float
        What recalibrating would save; 0 at best.
    discrimination : float
        What the recalibrated probabilities save against stating the rate for every row; at least 0.
    uncertainty : float
        The score of stating the rate: rate · (1 − rate).
    rate, stated : float
        Share of ones, and mean probability.
    recalibration : Recalibration
        Slope, intercept and calibration in the large.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: NDArray[np.float64]
    n: NDArray[np.float64]
    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    rate: float
    stated: float
    recalibration: Recalibration

    @property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The corners of the curve: stated and recalibrated probability, (2 · blocks,) each."""
        return np.column_stack([self.low, self.high]).ravel(), np.repeat(self.level, 2)


def corp_of_counts(counts: ScoreCounts) -> Calibration:
    """Return the calibration of rows that have been counted by probability."""
    weight = counts.ones + counts.zeros
    if not (weight > 0).all():
        held = weight > 0
        counts, weight = (
            ScoreCounts(counts.score[held], counts.ones[held], counts.zeros[held]),
            weight[held],
        )
    starts, level = isotonic_blocks(counts.ones, weight)
    if not starts.size:
        nothing, nan = np.empty(0), float("nan")
        return Calibration(*(nothing,) * 4, *(nan,) * 6, recalibrate(counts))
    n, ones = np.add.reduceat(weight, starts), np.add.reduceat(counts.ones, starts)
    total, rate, p = counts.n, counts.rate, counts.score
    brier = float(counts.ones @ (1 - p) ** 2 + counts.zeros @ p**2) / total
    # the level of a block is its own rate: what is left of its score is its variance
    left = float((ones * (1 - level)).sum()) / total
    uncertainty = rate * (1 - rate)
    return Calibration(
        low=p[starts],
        high=p[np.append(starts[1:], p.size) - 1],
        level=level,
        n=n,
        brier=brier,
        miscalibration=brier - left,
        discrimination=uncertainty - left,
        uncertainty=uncertainty,
        rate=rate,
        stated=float(weight @ p) / total,
        recalibration=recalibrate(counts),
    )
