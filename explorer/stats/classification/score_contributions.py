"""What each row adds to the figures of a score: AUC and average precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.stats.classification.placements import placements
from explorer.stats.classification.score_counts import ordered_counts, score_order
from explorer.stats.contributions import Contributions

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["auc_contributions", "average_precision_contributions", "warm_score_contributions"]


def auc_contributions(truth: NDArray[np.bool_], score: NDArray[Any]) -> Contributions:
    """Return the AUC, ties half, with what each row adds to it.

    Parameters
    ----------
    truth : ndarray of shape (n,), bool
    score : ndarray of shape (n,), real numbers
        Without NaN.

    Returns
    -------
    contributions : Contributions
        NaN with one class only. The error of rows that stand alone is DeLong's but for divisors of
        n in the place of n − 1.
    """
    ones = int(np.count_nonzero(truth))
    if not ones or ones == truth.size:
        return _nothing(truth.size)
    rows = placements(truth, score)
    value = float(rows[truth].mean())
    rows -= value
    rows /= np.where(truth, ones, truth.size - ones)
    return Contributions(value, rows)


def average_precision_contributions(truth: NDArray[np.bool_], score: NDArray[Any]) -> Contributions:
    """Return the average precision, with what each row adds to it.

    As `PrecisionRecall` has it.

    With t ones at a threshold, T ones and N rows at it or above, AP = Σ t T / N / Σ t. A row adds
    to t at its own threshold, and to T and N at its own and at all lower ones.

    Parameters
    ----------
    truth : ndarray of shape (n,), bool
    score : ndarray of shape (n,), real numbers
        Without NaN.

    Returns
    -------
    contributions : Contributions
        NaN without ones.
    """
    values = np.asarray(score, dtype=np.float64)
    order = score_order(values)
    counts = ordered_counts(order, truth, values)
    total = float(counts.ones.sum())
    if not total:
        return _nothing(truth.size)
    above = np.cumsum(counts.ones[::-1])[::-1]
    called = np.cumsum((counts.ones + counts.zeros)[::-1])[::-1]
    precision = above / called
    value = float(counts.ones @ precision) / total
    lower = np.cumsum(
        counts.ones * precision / called
    )  # ascending: at this threshold and at all lower ones
    of_one = (precision - value + np.cumsum(counts.ones / called) - lower) / total
    rows = np.empty(truth.size)
    _spread(order, values, truth, counts.score, of_one, -lower / total, rows)
    return Contributions(value, rows)


def warm_score_contributions() -> None:
    """Compile, or load from disk, the kernel here."""
    average_precision_contributions(np.array([True, False]), np.array([0.5, 0.25]))


def _nothing(n: int) -> Contributions:
    return Contributions(float("nan"), np.full(n, np.nan))


@numba.njit(nogil=True, cache=True)
def _spread(
    order: Any, values: Any, truth: Any, score: Any, of_one: Any, of_zero: Any, rows: Any
) -> None:
    k = 0
    for i in range(order.size):
        row = order[i]
        while score[k] != values[row]:
            k += 1
        rows[row] = of_one[k] if truth[row] else of_zero[k]
