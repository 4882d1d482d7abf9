"""Quantiles of residuals, with the bounds that their order statistics give; the median absolute error is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.stats.intervals.quantiles import quantile_bounds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ResidualQuantiles", "median_absolute_error", "residual_quantiles"]


class ResidualQuantiles(NamedTuple):
    """Quantiles with their intervals; all arrays of shape (m,), float64, in the unit of the truth.

    Parameters
    ----------
    value : ndarray
        Linear between order statistics; NaN without rows.
    low, high : ndarray
        Order statistics between which the quantile of such rows lies (Woodruff 1952,
        doi:10.1080/01621459.1952.10483443), rows standing alone; NaN where there are too few for
        that quantile.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def residual_quantiles(
    residuals: NDArray[Any], q: ArrayLike, confidence: float = 0.95
) -> ResidualQuantiles:
    """Return quantiles of residuals without sorting them all.

    Parameters
    ----------
    residuals : ndarray of shape (n,), real numbers
        Without NaN.
    q : array-like of shape (m,)
        In [0, 1].
    confidence : float
        In (0, 1).
    """
    shares = np.atleast_1d(np.asarray(q, dtype=np.float64))
    values, n = np.asarray(residuals, dtype=np.float64), residuals.size
    if not n:
        return ResidualQuantiles(*(np.full(shares.shape, np.nan) for _ in range(3)))
    place = shares * (n - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, n - 1)
    low, high = quantile_bounds(n, shares, confidence)
    ranks = np.unique(np.concatenate([below, above, low[low >= 0], high[high >= 0]]))
    parted = np.partition(values, ranks)
    bounds = [np.where(rank >= 0, parted[rank], np.nan) for rank in (low, high)]
    value = parted[below] + (parted[above] - parted[below]) * (place - below)
    return ResidualQuantiles(value, *bounds)


def median_absolute_error(
    truth: NDArray[Any], prediction: NDArray[Any], confidence: float = 0.95
) -> ResidualQuantiles:
    """Return the median of |prediction − truth|, (1,), with its interval; neither may be missing."""
    return residual_quantiles(np.abs(np.asarray(prediction, np.float64) - truth), 0.5, confidence)
