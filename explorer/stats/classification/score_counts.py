"""Score counts: rows of each class at each score; threshold curves and calibration need no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.stats.radix import key_order, number_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ScoreCounts", "ordered_counts", "score_counts", "score_order", "warm_score_counts"]


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """Rows by score.

    Parameters
    ----------
    score : ndarray of shape (k,), float64
        Ascending, all different, without NaN.
    ones, zeros : ndarray of shape (k,), float64
        Weight of the rows with that score whose truth is 1, and of the others; whole numbers where
        rows have no weights.
    """

    score: NDArray[np.float64]
    ones: NDArray[np.float64]
    zeros: NDArray[np.float64]

    @property
    def n(self) -> float:
        """Weight of all rows."""
        return float(self.ones.sum() + self.zeros.sum())

    @property
    def rate(self) -> float:
        """Share of rows whose truth is 1; NaN without rows."""
        return float(self.ones.sum()) / self.n if self.n else float("nan")


def score_counts(
    truth: NDArray[np.bool_], score: NDArray[Any], weight: NDArray[np.float64] | None = None
) -> ScoreCounts:
    """Count the rows of each score by one exact sort.

    Parameters
    ----------
    truth : ndarray of shape (n,), bool
    score : ndarray of shape (n,), real numbers
        Without NaN; infinities are scores like others. Fewer than 2³² rows.
    weight : ndarray of shape (n,), float64, optional
        At least 0. A score is listed even where its rows weigh nothing.
    """
    values = np.asarray(score, dtype=np.float64)
    return ordered_counts(score_order(values), truth, values, weight)


def ordered_counts(
    order: NDArray[np.uint32],
    truth: NDArray[np.bool_],
    values: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
) -> ScoreCounts:
    """Count the rows of each score whose order is known already, from `score_order`."""
    columns = np.empty(values.size), np.zeros(values.size), np.zeros(values.size)
    weights = np.empty(0) if weight is None else np.asarray(weight, dtype=np.float64)
    k = _count(order, values, truth, weights, *columns)
    return ScoreCounts(*(column[:k] for column in columns))


def score_order(score: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return the positions of scores (n,) in ascending order, stable; without NaN."""
    return key_order(number_keys(score))


def warm_score_counts() -> None:
    """Compile, or load from disk, every kernel here."""
    for weight in (None, np.ones(2)):
        score_counts(np.array([True, False]), np.array([0.5, 0.25]), weight)


@numba.njit(nogil=True, cache=True)
def _count(
    order: Any, values: Any, truth: Any, weight: Any, score: Any, ones: Any, zeros: Any
) -> int:
    """Sum the weights of each score, or the rows where there are no weights."""
    k = -1
    for i in range(order.size):
        row = order[i]
        value = values[row]
        if k < 0 or value != score[k]:
            k += 1
            score[k] = value
        added = weight[row] if weight.size else 1.0
        if truth[row]:
            ones[k] += added
        else:
            zeros[k] += added
    return k + 1
