"""What an item would earn in a context, from other folds of the log; for doubly robust values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FOLDS", "PRIOR_ROWS", "RewardModel", "reward_model"]

FOLDS = 5
PRIOR_ROWS = 20.0
"""Rows that the mean of an item weighs in a context, and the mean of all in an item.

A convention: any other leaves the value unbiased.
"""


@dataclass(frozen=True, eq=False)
class RewardModel:
    """Mean outcome by context and item, each fold's made of the other folds.

    Dudík, Langford & Li 2011, arXiv:1103.4601.

    Parameters
    ----------
    table : ndarray of shape (folds, contexts, items), float64
    fold, context : ndarray of shape (n,), int
        Of each row.
    """

    table: NDArray[np.float64]
    fold: NDArray[np.int64]
    context: NDArray[np.int64]

    def of(self, item: NDArray[Any] | int) -> NDArray[np.float64]:
        """Return what each row would earn with this item, (n,), or with its own of items (n,)."""
        return np.asarray(self.table[self.fold, self.context, item])

    def uniform(self, shown: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what each row would earn with an item at random of those shown (items,), (n,)."""
        return np.asarray(self.table[:, :, shown].mean(axis=2)[self.fold, self.context])

    def taken(self, rows: NDArray[Any]) -> RewardModel:
        """Return the model of some rows."""
        return RewardModel(self.table, self.fold[rows], self.context[rows])


def reward_model(
    outcome: NDArray[np.float64],
    item: NDArray[Any],
    items: int,
    context: NDArray[Any],
    contexts: int,
    unit: NDArray[Any] | None = None,
    seed: int = 0,
) -> RewardModel:
    """Fit the model.

    Parameters
    ----------
    outcome : ndarray of shape (n,), float64
        Without NaN.
    item, context : ndarray of shape (n,), integer
        In [0, items) and [0, contexts).
    unit : ndarray of shape (n,), integer, optional
        All rows of a unit are in one fold.
    seed : int
        With which rows, or units, are assigned to folds.
    """
    rng = np.random.default_rng(seed)
    n = outcome.size if unit is None else int(unit.max(initial=-1)) + 1
    assigned = rng.permutation(n) % FOLDS
    fold = assigned if unit is None else assigned[unit]
    cell = (fold * contexts + context) * items + item
    shape = (FOLDS, contexts, items)
    size = FOLDS * contexts * items
    rows = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
    sums = np.bincount(cell, weights=outcome, minlength=size).reshape(shape)
    # of each fold: what the others hold
    rows, sums = rows.sum(axis=0) - rows, sums.sum(axis=0) - sums
    whole = sums.sum(axis=(1, 2)) / np.maximum(rows.sum(axis=(1, 2)), 1)
    of_item = (sums.sum(axis=1) + PRIOR_ROWS * whole[:, None]) / (rows.sum(axis=1) + PRIOR_ROWS)
    table = (sums + PRIOR_ROWS * of_item[:, None, :]) / (rows + PRIOR_ROWS)
    return RewardModel(table, np.asarray(fold, np.int64), np.asarray(context, np.int64))
