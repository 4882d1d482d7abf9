"""Isotonic regression: the rising steps that lie nearest to a sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["isotonic_blocks", "isotonic_rows", "warm_isotonic"]


def isotonic_blocks(
    total: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pool adjacent violators, in linear time.

    Ayer, Brunk, Ewing, Reid & Silverman 1955, doi:10.1214/aoms/1177728423.

    Parameters
    ----------
    total : ndarray of shape (k,), float64
        Weighted sum of the values at each place, such as its ones.
    weight : ndarray of shape (k,), float64
        Above 0.

    Returns
    -------
    starts : ndarray of shape (blocks,), int64
        Where each block begins; the first begins at 0.
    level : ndarray of shape (blocks,), float64
        The weighted mean of each block, strictly ascending.
    """
    starts, sums, weights = (
        np.empty(total.size, np.int64),
        np.empty(total.size),
        np.empty(total.size),
    )
    blocks = _pool(total, weight, starts, sums, weights)
    return starts[:blocks].copy(), sums[:blocks] / weights[:blocks]


def isotonic_rows(totals: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the isotonic fits of many sequences of the same weights.

    Parameters
    ----------
    totals : ndarray of shape (draws, k), float64
        As ``total`` of `isotonic_blocks`, a sequence a row.
    weight : ndarray of shape (k,), float64
        Above 0.

    Returns
    -------
    fitted : ndarray of shape (draws, k), float64
    """
    fitted = np.empty(totals.shape)
    _fit(np.ascontiguousarray(totals), weight, fitted)
    return fitted


def warm_isotonic() -> None:
    """Compile, or load from disk, every kernel here."""
    isotonic_blocks(np.ones(2), np.ones(2))
    isotonic_rows(np.ones((1, 2)), np.ones(2))


@numba.njit(nogil=True, cache=True)
def _pool(total: Any, weight: Any, starts: Any, sums: Any, weights: Any) -> int:
    blocks = 0
    for i in range(total.size):
        start, here, mass = i, total[i], weight[i]
        # a mean that is not above that of the block before, asked without dividing
        while blocks > 0 and sums[blocks - 1] * mass >= here * weights[blocks - 1]:
            blocks -= 1
            start = starts[blocks]
            here += sums[blocks]
            mass += weights[blocks]
        starts[blocks], sums[blocks], weights[blocks] = start, here, mass
        blocks += 1
    return blocks


@numba.njit(nogil=True, cache=True)
def _fit(totals: Any, weight: Any, fitted: Any) -> None:
    k = weight.size
    starts, sums, weights = np.empty(k, np.int64), np.empty(k), np.empty(k)
    for draw in range(totals.shape[0]):
        blocks = _pool(totals[draw], weight, starts, sums, weights)
        for b in range(blocks):
            last = starts[b + 1] if b + 1 < blocks else k
            fitted[draw, starts[b] : last] = sums[b] / weights[b]
