"""Placements: the place of each score among the other class; AUC and variance follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.stats.classification.score_counts import score_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["placements", "warm_placements"]


def placements(truth: NDArray[np.bool_], score: NDArray[Any]) -> NDArray[np.float64]:
    """Return each one's share of zeros below it, and each zero's share of ones above; ties half.

    The mean over the ones, and that over the zeros, is the AUC. These are V₁₀ and V₀₁ of DeLong,
    DeLong & Clarke-Pearson 1988 (doi:10.2307/2531595), from one sort as in Sun & Xu 2014
    (doi:10.1109/LSP.2014.2337313).

    Parameters
    ----------
    truth : ndarray of shape (n,), bool
        At least one row of either.
    score : ndarray of shape (n,), real numbers
        Without NaN; infinities are scores like others. Fewer than 2³² rows.

    Returns
    -------
    placements : ndarray of shape (n,), float64
        In the order of the rows, in [0, 1].
    """
    values = np.asarray(score, dtype=np.float64)
    result = np.empty(values.size)
    ones = int(np.count_nonzero(truth))
    _place(score_order(values), values, truth, ones, values.size - ones, result)
    return result


def warm_placements() -> None:
    """Compile, or load from disk, the kernel here."""
    placements(np.array([True, False]), np.array([0.5, 0.25]))


@numba.njit(nogil=True, cache=True)
def _place(order: Any, values: Any, truth: Any, ones: int, zeros: int, out: Any) -> None:
    first, ones_below, zeros_below = 0, 0, 0
    while first < order.size:
        value = values[order[first]]
        last, tied = first, 0
        while last < order.size and values[order[last]] == value:
            tied += truth[order[last]]
            last += 1
        others = last - first - tied
        beaten = (zeros_below + others / 2) / zeros
        beating = 1.0 - (ones_below + tied / 2) / ones
        for i in range(first, last):
            row = order[i]
            out[row] = beaten if truth[row] else beating
        ones_below += tied
        zeros_below += others
        first = last
