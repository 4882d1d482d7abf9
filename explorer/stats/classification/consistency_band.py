"""Consistency band: where the reliability curve would lie if stated probabilities were true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.classification.calibrated_draws import calibrated_ones, probability_cells
from explorer.stats.classification.isotonic import isotonic_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["ConsistencyBand", "consistency_band"]


@dataclass(frozen=True, eq=False)
class ConsistencyBand:
    """The range of the recalibrated probability under calibration, at each stated one.

    Parameters
    ----------
    probability : ndarray of shape (cells,), float64
        Stated, ascending.
    low, high : ndarray of shape (cells,), float64
        Ends at each of them by itself: of many places a few lie outside by chance.
    miscalibration : float
        What the miscalibration of the Brier score is on average under calibration; it is never 0.
    miscalibration_limit : float
        What it exceeds in 1 − confidence of cases.
    """

    probability: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    miscalibration: float
    miscalibration_limit: float


def consistency_band(
    counts: ScoreCounts, confidence: float = 0.95, draws: int = 1_000, seed: int = 0
) -> ConsistencyBand:
    """Draw outcomes from stated probabilities, fit the curve to each, and return its quantiles.

    Dimitriadis, Gneiting & Jordan 2021 (doi:10.1073/pnas.2016191118). More than 2,048 different
    probabilities are drawn for in as many cells of adjacent ones, so that the cost does not grow
    with the rows.

    Parameters
    ----------
    counts : ScoreCounts
        Of rows without weights; probabilities in [0, 1].
    confidence : float
        In (0, 1).
    draws : int
        At least 1.
    seed : int

    Raises
    ------
    ValueError
        Rows with weights.
    """
    cells = probability_cells(counts)
    if not cells.n.size:
        return ConsistencyBand(*(np.empty(0),) * 3, float("nan"), float("nan"))
    ones, n = calibrated_ones(cells, draws, seed), cells.n.astype(np.float64)
    fitted = isotonic_rows(ones, n)
    side = (1 - confidence) / 2
    low, high = np.quantile(fitted, [side, 1 - side], axis=0)
    # Brier score less that of the fit: within a cell the outcomes vary about their rate by the same
    # in both
    rate = ones / n
    saved = ((cells.probability - rate) ** 2 - (fitted - rate) ** 2) @ n / n.sum()
    return ConsistencyBand(
        cells.probability, low, high, float(saved.mean()), float(np.quantile(saved, confidence))
    )
