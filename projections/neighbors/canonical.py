"""The form in which rows are compared: centred, float32, columns ordered by their content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from projections.neighbors.distinct_rows import column_digests
from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["Canonical"]

# Squares of such values, summed over up to 10^8 columns, stay inside float32 (maximum 3.4e38).
_LARGEST = 1e15
_SMALLEST = 1e-10
_BLOCK_VALUES = 1 << 19
_COLUMN_VALUES = 1 << 16


@dataclass(frozen=True)
class Canonical:
    """A map from rows of the data to centred float32 rows with the same neighbours.

    The median of each column is taken off in float64 before the cast, so that values far from zero
    keep their differences and one enormous value cannot drag the centre along. Columns are put in
    an order that depends on their values alone: the order in which a caller names them cannot
    change a result.

    Attributes
    ----------
    shift : ndarray of shape (n_features,), float64
        Median of each column.
    scale : float
        A power of two, 1 unless the values are too large or too small for squares in float32.
    order : ndarray of shape (n_features,), int64
        Column of the data at each place.
    """

    shift: NDArray[np.float64]
    scale: float
    order: NDArray[np.int64]

    @classmethod
    def of(cls, X: Matrix, n_jobs: int | None = None) -> Canonical:
        """Choose shift, scale and order for `X` of shape (n_samples, n_features), finite."""
        shift, reaches = np.empty(X.shape[1]), np.empty(X.shape[1])

        def work(start: int, stop: int) -> None:
            for j in range(start, stop):
                column = X[:, j].astype(np.float64)
                shift[j] = np.median(column)
                reaches[j] = max(column.max() - shift[j], shift[j] - column.min())

        run_blocks(
            work, X.shape[1], max(1, _COLUMN_VALUES // len(X)), stage="prepare", n_jobs=n_jobs
        )
        reach = float(reaches.max())
        as_given = cls(shift, _scale(X, shift, reach), np.arange(X.shape[1]))
        digests = column_digests(as_given.apply(X, n_jobs))
        return cls(shift, as_given.scale, np.argsort(digests, kind="stable"))

    def apply(self, X: Matrix, n_jobs: int | None = None) -> NDArray[np.float32]:
        """Return a copy of `X`, shape (n_samples, n_features), in canonical form: C-contiguous."""
        out = np.empty(X.shape, dtype=np.float32)

        def work(start: int, stop: int) -> None:
            part = (X[start:stop] - self.shift)[:, self.order]
            part *= self.scale
            np.clip(part, -_LARGEST, _LARGEST, out=part)
            out[start:stop] = part

        run_blocks(
            work, len(X), max(1, _BLOCK_VALUES // X.shape[1]), stage="prepare", n_jobs=n_jobs
        )
        return out


def _scale(X: Matrix, shift: NDArray[np.float64], reach: float) -> float:
    """Return the power of two that brings typical values near 1, so that float32 can hold them."""
    if _SMALLEST <= reach <= _LARGEST or reach == 0.0:
        return 1.0
    spreads = [np.median(np.abs(X[:, j] - shift[j])) for j in range(X.shape[1])]
    typical = float(max(spreads)) or reach
    return float(2.0 ** -np.clip(np.round(np.log2(typical)), -1000, 1000))
