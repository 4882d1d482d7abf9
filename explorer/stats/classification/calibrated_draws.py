"""Calibrated draws: outcomes as they would come if stated probabilities were true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["ProbabilityCells", "calibrated_ones", "probability_cells"]

# Cells of many different probabilities: each holds a share of the rows far below what isotonic
# steps of so many rows span, n^(2/3).
_CELLS = 2_048


@dataclass(frozen=True, eq=False)
class ProbabilityCells:
    """Rows by adjacent probabilities.

    Parameters
    ----------
    starts : ndarray of shape (cells,), int64
        Where each begins among the different probabilities.
    n : ndarray of shape (cells,), int64
        Rows.
    probability : ndarray of shape (cells,), float64
        Their mean.
    """

    starts: NDArray[np.int64]
    n: NDArray[np.int64]
    probability: NDArray[np.float64]


def probability_cells(
    counts: ScoreCounts, bounds: NDArray[np.int64] | None = None, cells: int = _CELLS
) -> ProbabilityCells:
    """Put rows in cells of about equally many by probability.

    Each different probability has its own cell where there are no more than cells.

    Parameters
    ----------
    counts : ScoreCounts
        Of rows without weights.
    bounds : ndarray of shape (b,), int64, optional
        Places among the different probabilities across which no cell may reach.
    cells : int
        About how many.

    Raises
    ------
    ValueError
        Rows with weights: what is drawn for them is no count.
    """
    weight = counts.ones + counts.zeros
    if (weight != np.rint(weight)).any():
        raise ValueError(
            "calibrated outcomes are drawn for rows without weights, came fractions of rows"
        )
    starts = np.arange(weight.size)
    if weight.size > cells:
        cell = ((np.cumsum(weight) - weight / 2) * (cells / weight.sum())).astype(np.int64)
        fresh = np.concatenate([[True], cell[1:] != cell[:-1]])
        if bounds is not None:
            fresh[bounds[bounds < fresh.size]] = True
        starts = np.flatnonzero(fresh)
    n = np.add.reduceat(weight, starts) if starts.size else weight
    total = np.add.reduceat(weight * counts.score, starts) if starts.size else weight
    return ProbabilityCells(starts, n.astype(np.int64), np.clip(total / n, 0, 1))


def calibrated_ones(cells: ProbabilityCells, draws: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw the ones of each cell, (draws, cells): binomial with its mean probability."""
    rng = np.random.default_rng(seed)
    return rng.binomial(cells.n, cells.probability, (draws, cells.n.size)).astype(np.float64)
