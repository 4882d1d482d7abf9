"""Binned calibration error, beside the value that it has by chance alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.stats.classification.calibrated_draws import calibrated_ones, probability_cells
from explorer.stats.intervals.proportions import wilson_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["BinnedError", "binned_error"]


@dataclass(frozen=True, eq=False)
class BinnedError:
    """Stated against observed rates by bin; empty bins are left out.

    Parameters
    ----------
    low, high : ndarray of shape (bins,), float64
        Smallest and largest probability in each bin.
    n : ndarray of shape (bins,), float64
        Rows.
    stated, observed : ndarray of shape (bins,), float64
        Mean probability, and share of ones.
    observed_low, observed_high : ndarray of shape (bins,), float64
        Wilson's interval of the share.
    error : float
        Expected calibration error Σ n |observed − stated| / Σ n; it depends on the bins.
    largest : float
        Largest |observed − stated| of a bin.
    chance : float
        The error's mean if every probability were true: what it is worth to say "0".
    limit : float
        What the error then exceeds in 1 − confidence of cases.
    p_value : float
        Share of calibrated draws with an error as large.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.float64]
    stated: NDArray[np.float64]
    observed: NDArray[np.float64]
    observed_low: NDArray[np.float64]
    observed_high: NDArray[np.float64]
    error: float
    largest: float
    chance: float
    limit: float
    p_value: float


def binned_error(
    counts: ScoreCounts,
    bins: int = 10,
    kind: Literal["quantile", "uniform"] = "quantile",
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> BinnedError:
    """Return the expected calibration error, and what it is by chance.

    Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602.

    Parameters
    ----------
    counts : ScoreCounts
        Of rows without weights; probabilities in [0, 1].
    bins : int
        At least 1.
    kind : {"quantile", "uniform"}
        Bins of about equally many rows, or equally wide; open below and closed above, as in
        ``sklearn.calibration.calibration_curve``.
    confidence : float
        In (0, 1): of the intervals and of the limit.
    draws, seed : int
        Of calibrated outcomes.

    Raises
    ------
    ValueError
        Rows with weights.
    """
    n = counts.ones + counts.zeros
    edges = np.linspace(0, 1, bins + 1) if kind == "uniform" else _quantiles(counts.score, n, bins)
    bounds = np.searchsorted(counts.score, edges[1:-1], side="right")
    starts = np.unique(np.concatenate([[0], bounds]))
    starts = starts[starts < counts.score.size]
    nan, none = float("nan"), np.empty(0)
    if not starts.size:
        return BinnedError(*(none,) * 7, *(nan,) * 5)
    size, ones, total = (
        np.add.reduceat(column, starts) for column in (n, counts.ones, n * counts.score)
    )
    stated, observed = total / size, ones / size
    error = float(np.abs(ones - total).sum() / size.sum())
    cells = probability_cells(counts, starts)
    drawn = np.add.reduceat(
        calibrated_ones(cells, draws, seed), np.searchsorted(cells.starts, starts), axis=1
    )
    null = np.abs(drawn - total).sum(axis=1) / size.sum()
    return BinnedError(
        counts.score[starts],
        counts.score[np.append(starts[1:], counts.score.size) - 1],
        size,
        stated,
        observed,
        *wilson_intervals(ones, size, confidence),
        error=error,
        largest=float(np.abs(observed - stated).max()),
        chance=float(null.mean()),
        limit=float(np.quantile(null, confidence)),
        # rounding must not part equal errors
        p_value=float(1 + np.count_nonzero(null >= error * (1 - 1e-12))) / (draws + 1),
    )


def _quantiles(
    score: NDArray[np.float64], n: NDArray[np.float64], bins: int
) -> NDArray[np.float64]:
    """Return edges of bins of equally many rows, linear as in ``numpy.quantile``."""
    if not score.size:
        return np.zeros(bins + 1)
    upto = np.cumsum(n)
    place = np.linspace(0, 1, bins + 1) * (upto[-1] - 1)
    below = np.floor(place)
    last = score.size - 1
    lower, upper = (
        score[np.minimum(np.searchsorted(upto, rank, side="right"), last)]
        for rank in (below, below + 1)
    )
    return np.asarray(lower + (upper - lower) * (place - below))
