"""Mean and scatter of rows in one pass over batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from projections.errors import ProjectionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["ScatterMoments"]

_BLOCK_VALUES = 1 << 18


class ScatterMoments:
    """Count, mean and scatter matrix of the rows seen so far.

    Each block is centred on its own mean in float64 before the product, and the blocks are merged
    exactly (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115): data far from zero
    lose nothing, and memory does not grow with rows.

    Attributes
    ----------
    count : int
        Rows seen.
    mean : ndarray of shape (n_features,), float64
    scatter : ndarray of shape (n_features, n_features), float64
        Sum of the outer products of the centred rows.
    """

    def __init__(self, n_features: int) -> None:
        self.count = 0
        self.mean: NDArray[np.float64] = np.zeros(n_features)
        self.scatter: NDArray[np.float64] = np.zeros((n_features, n_features))

    def update(self, X: Matrix) -> None:
        """Add the rows of `X`, of shape (n_rows, n_features), finite."""
        if X.shape[1] != len(self.mean):
            raise ProjectionError(
                f"every batch must have {len(self.mean)} columns as the first, got {X.shape[1]}"
            )
        block = max(64, _BLOCK_VALUES // X.shape[1])
        for start in range(0, len(X), block):
            self._merge_rows(X[start : start + block].astype(np.float64))

    def merge(self, other: ScatterMoments) -> None:
        """Add the rows that `other`, of the same features, has seen."""
        self._add(other.count, other.mean, other.scatter)

    def _merge_rows(self, rows: NDArray[np.float64]) -> None:
        mean = (
            np.ones(len(rows)) @ rows / len(rows)
        )  # as a product several times faster than `mean`
        rows -= mean
        # A matrix times its own transpose: NumPy calls the symmetric product, half the work.
        self._add(len(rows), mean, rows.T @ rows)

    def _add(self, count: int, mean: NDArray[np.float64], scatter: NDArray[np.float64]) -> None:
        total = self.count + count
        if total == 0:
            return
        step = mean - self.mean
        self.scatter += scatter
        self.scatter += np.outer(step, step) * (self.count * count / total)
        self.mean += step * (count / total)
        self.count = total
