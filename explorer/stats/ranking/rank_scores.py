"""Rank scores: a scale on which the reference of any feature is normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.stats.monitoring.distances import shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ChanceMoments", "RankScores", "rank_scores"]

_POINTS = 128  # of the distribution function at which distances by chance are reckoned


class ChanceMoments(NamedTuple):
    """What one row does by chance; n rows do a share 1/n of it.

    Parameters
    ----------
    variance : float
        Of the mean score: 1 for a continuous feature.
    squared_distance : float
        Mean of the squared distance of the scores' distribution; at least the variance, 1.71 for a
        continuous feature.
    """

    variance: float
    squared_distance: float


@dataclass(frozen=True, eq=False)
class RankScores:
    """Scores of the bins of one feature (van der Waerden 1952).

    Parameters
    ----------
    scores : ndarray of shape (bins,), float64
        Normal quantile of the middle rank of each bin in the reference; ascending. Bins outside the
        reference lie half a reference row from its ends, so that no value, however far, decides
        alone.
    reference : ndarray of shape (bins,), int64
        Rows of the reference.
    """

    scores: NDArray[np.float64]
    reference: NDArray[np.int64]

    def means(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean score of chunks (..., bins), in reference sd; NaN without rows."""
        return np.asarray(shares(counts) @ self.scores)

    def distances(self, counts: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return Wasserstein distances of the scores of chunks, (..., bins) each; NaN without rows.

        At least the difference of the mean scores, and equal where one distribution lies above the
        other everywhere.
        """
        gap = np.cumsum(shares(counts), axis=-1) - np.cumsum(shares(other), axis=-1)
        return np.asarray(np.abs(gap[..., :-1]) @ np.diff(self.scores))

    def by_chance(self) -> ChanceMoments:
        """Return what rows do by chance that are drawn from the reference.

        The square of the distance is a double integral of |B(s)| |B(t)|, B a Brownian bridge, whose
        mean for normal pairs is (2/π) σₛ σₜ (√(1 − ρ²) + ρ arcsin ρ) (Nabeya 1951).
        """
        share = shares(self.reference)
        if np.isnan(share).any():
            return ChanceMoments(float("nan"), float("nan"))
        middle = float(share @ self.scores)
        upto, widths = np.cumsum(share)[:-1], np.diff(self.scores)
        inside = (upto > 0) & (upto < 1)
        upto, widths = _joined(upto[inside], widths[inside])
        spread = np.sqrt(upto * (1 - upto))
        lower, upper = np.minimum.outer(upto, upto), np.maximum.outer(upto, upto)
        # rounding may leave a correlation of 1 just above it
        rho = np.minimum(np.sqrt(lower * (1 - upper) / (upper * (1 - lower))), 1.0)
        pairs = (
            (2 / np.pi) * np.outer(spread, spread) * (np.sqrt(1 - rho**2) + rho * np.arcsin(rho))
        )
        return ChanceMoments(
            float(share @ (self.scores - middle) ** 2), float(widths @ pairs @ widths)
        )


def rank_scores(reference: NDArray[np.int64]) -> RankScores:
    """Return the scores that follow from the rows of a reference by bin, (bins,)."""
    from scipy.special import ndtri

    rows = np.asarray(reference, dtype=np.float64)
    n = float(rows.sum())
    with np.errstate(all="ignore"):
        rank = (np.cumsum(rows) - rows / 2) / n
        scores = ndtri(np.clip(rank, 0.5 / n, 1 - 0.5 / n)) if n else np.zeros(rows.size)
    return RankScores(np.asarray(scores, dtype=np.float64), np.asarray(reference))


def _joined(
    upto: NDArray[np.float64], widths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return at most so many points, joined steps between; their share is weighted by width."""
    if upto.size <= _POINTS:
        return upto, widths
    starts = np.linspace(0, upto.size, _POINTS + 1).astype(np.int64)[:-1]
    wide = np.add.reduceat(widths, starts)
    return np.add.reduceat(upto * widths, starts) / wide, wide
