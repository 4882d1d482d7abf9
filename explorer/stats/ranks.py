"""Average ranks of numbers: what rank statistics are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["average_ranks", "ranks_within", "tie_starts"]


def tie_starts(ordered: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where each run of equal values starts.

    Parameters
    ----------
    ordered : ndarray of shape (n,), float64
        Ascending, without NaN.

    Returns
    -------
    starts : ndarray of shape (different values,), int64
    """
    if ordered.size == 0:
        return np.empty(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values from 1; equal values share the mean of their ranks.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.

    Returns
    -------
    ranks : ndarray of shape (n,), float64
    """
    order = np.argsort(values)
    starts = tie_starts(values[order])
    sizes = np.diff(np.append(starts, values.size))
    ranks = np.empty(values.size)
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks


def ranks_within(values: NDArray[np.float64], codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rank values within their groups, as a share of the group: (rank − ½) / size, in (0, 1).

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    codes : ndarray of shape (n,), int64
        Group of each value, from 0.

    Returns
    -------
    ranks : ndarray of shape (n,), float64
    """
    order = np.lexsort((values, codes))
    group, ordered = codes[order], values[order]
    fresh = np.concatenate([[True], (group[1:] != group[:-1]) | (ordered[1:] != ordered[:-1])])[
        : values.size
    ]
    starts = np.flatnonzero(fresh)
    sizes = np.diff(np.append(starts, values.size))
    members = np.bincount(codes)
    before = np.concatenate([[0], np.cumsum(members)])[:-1]
    ranks = np.empty(values.size)
    ranks[order] = (np.repeat(starts + sizes / 2, sizes) - before[group]) / members[group]
    return ranks
