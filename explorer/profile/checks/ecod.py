"""ECOD: how far out each row is by the tails of every feature, with each feature's part in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXPECTED", "Ecod", "clean_cutoff", "ecod"]

EXPECTED = 0.025  # as the robust distances: beyond the 97.5 % point of clean data


@dataclass(frozen=True, eq=False, kw_only=True)
class Ecod:
    """Scores by empirical tails.

    Parameters
    ----------
    scores : ndarray of shape (m,), float64
        From 0; larger is farther out. In natural logarithms (nats).
    contributions : ndarray of shape (m, d), float64
        Each feature's part; they sum to the score. A missing cell gives 0.
    cutoff : float
        97.5 % point of the scores of independent features.
    rate, expected : float
        Share of the rows above the cutoff, and of independent features.
    """

    scores: NDArray[np.float64]
    contributions: NDArray[np.float64]
    cutoff: float
    rate: float
    expected: float = EXPECTED

    def top(self, row: int, features: int = 5) -> tuple[tuple[int, float], ...]:
        """Return features that make a row stand out: (position, share of the score), falling."""
        parts = self.contributions[row]
        order = np.argsort(-parts, kind="stable")[:features]
        whole = float(self.scores[row]) or 1.0
        return tuple((int(at), float(parts[at]) / whole) for at in order if parts[at] > 0)


def ecod(X: NDArray[np.floating]) -> Ecod:
    """Score rows by the empirical distribution functions of their features.

    Per feature −log of the share of cells at or below a cell, and of the share at or above it;
    summed over features for the left tails, for the right tails, and for the tail that each
    feature's skewness chooses; the score is the largest of the three sums (Li, Zhao, Hu, Botta,
    Ionescu & Chen 2022, doi:10.1109/TKDE.2022.3159580). A feature without skewness takes its right
    tail. Missing cells are not counted in their feature and give a row nothing.

    Parameters
    ----------
    X : ndarray of shape (m, d)
        Missing cells are NaN; infinite ones are the largest and smallest.

    Raises
    ------
    FeatureError
        No rows or no features.
    """
    if X.ndim != 2 or 0 in X.shape:
        raise FeatureError(
            f"ECOD needs rows and features; came an array of shape {X.shape}: "
            "choose at least one feature"
        )
    left, right = np.empty(X.shape), np.empty(X.shape)
    for j in range(X.shape[1]):
        left[:, j], right[:, j] = _tails(np.asarray(X[:, j], dtype=np.float64))
    skewed_right = np.array([_skewness(X[:, j]) >= 0 for j in range(X.shape[1])])
    parts = (left, right, np.where(skewed_right, right, left))
    sums = np.stack([part.sum(axis=1) for part in parts])
    chosen = sums.argmax(axis=0)
    contributions = np.select([(chosen == k)[:, None] for k in range(3)], parts)
    cutoff = clean_cutoff(
        X.shape[1], different=2 if skewed_right.all() or not skewed_right.any() else 3
    )
    scores = sums.max(axis=0)
    return Ecod(
        scores=scores,
        contributions=contributions,
        cutoff=cutoff,
        rate=float((scores > cutoff).mean()),
    )


def _tails(cells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """−log of the shares at or below, and at or above, each cell; 0 where it is missing."""
    left, right = np.zeros(cells.size), np.zeros(cells.size)
    order = np.argsort(cells, kind="stable")  # NaN last
    n = int(np.count_nonzero(~np.isnan(cells)))
    if n == 0:
        return left, right
    ordered = cells[order[:n]]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(starts, n))
    left[order[:n]] = np.repeat(-np.log((starts + lengths) / n), lengths)
    right[order[:n]] = np.repeat(-np.log((n - starts) / n), lengths)
    return left, right


def _skewness(cells: NDArray[np.floating]) -> float:
    """Third central moment in units of the largest distance: only its sign is used."""
    finite = np.asarray(cells[np.isfinite(cells)], dtype=np.float64)
    largest = float(np.abs(finite).max(initial=0.0))
    if largest == 0:
        return 0.0
    scaled = finite / largest
    return float(((scaled - scaled.mean()) ** 3).mean())


def clean_cutoff(features: int, different: int = 3) -> float:
    """Return the 97.5 % point of the score of many rows with independent features without ties.

    There every share is uniform and its −log exponential with mean 1, so each sum over d features
    is a Gamma(d, 1) variable. The score is the largest of ``different`` such sums (two where all
    features take the same tail, three otherwise), which rarely are large together: each may exceed
    the cutoff in .025/``different`` of the rows (Bonferroni). The true share is .025 for one
    feature, and between .022 and .025 for more, by simulation.

    Parameters
    ----------
    features : int
        d, from 1.
    different : int
        2 or 3.
    """
    from scipy.special import gammainccinv

    return float(gammainccinv(features, EXPECTED / different))
