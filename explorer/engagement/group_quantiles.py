"""Group quantiles: exact quantiles of an amount in each of many groups, from one sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.radix import key_order, number_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["group_quantiles"]


def group_quantiles(
    values: NDArray[np.float64], group: NDArray[Any], groups: int, levels: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return quantiles of each group, by linear interpolation as `numpy.quantile` has them.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    group : ndarray of shape (n,), integer
        In [0, groups); negative ones are left out.
    groups : int
    levels : tuple of float
        In [0, 1].

    Returns
    -------
    quantiles : ndarray of shape (groups, len(levels)), float64
        NaN for a group without rows.
    """
    there = group >= 0
    some, of = values[there], np.asarray(group)[there].astype(np.uint64)
    ordered = some[key_order(of, key_order(number_keys(some)))]
    n = np.bincount(of.astype(np.int64), minlength=groups)
    first = np.cumsum(n) - n
    quantiles = np.full((groups, len(levels)), np.nan)
    full = n > 0
    for i, level in enumerate(levels):
        place = level * (n[full] - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, n[full] - 1)
        below, above = ordered[first[full] + low], ordered[first[full] + high]
        quantiles[full, i] = below + (above - below) * (place - low)
    return quantiles
