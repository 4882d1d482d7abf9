"""Metrics that become Euclidean: directions of rows, compared by cosine or correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["NATIVE_METRICS", "as_distances", "unit_rows"]

NATIVE_METRICS = ("euclidean", "cosine", "correlation")
"""Metrics of `projections.UMAP` that its own engine knows."""

_BLOCK_VALUES = 1 << 18


def unit_rows(X: Matrix, metric: str, n_jobs: int | None = None) -> Matrix:
    """Return rows whose Euclidean distances have the order of the distances of `metric`.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32 or float64
        Finite.
    metric : {"euclidean", "cosine", "correlation"}
        Rows are brought to length 1, for "correlation" after their mean is taken off. For
        "euclidean" `X` itself comes back.
    n_jobs : int, optional
        As in `projections.threads.run_blocks`.

    Returns
    -------
    ndarray of shape (n_samples, n_features), float64
        A row without direction (all values 0, or all equal for
        "correlation") is all 0.

    Notes
    -----
    Sums run over the sorted values of a row, so that the order of the columns changes no bit.
    """
    if metric == "euclidean":
        return X
    # float64 whatever X is, so that the same row in another dtype has the same direction
    out = np.empty(X.shape)

    def work(start: int, stop: int) -> None:
        # C-contiguous, so that sums are taken in one order
        rows = np.ascontiguousarray(X[start:stop], dtype=np.float64)
        # so that squares neither overflow nor vanish
        largest = np.abs(rows).max(axis=1, keepdims=True)
        rows = np.divide(rows, largest, out=np.zeros(rows.shape), where=largest > 0)
        if metric == "correlation":
            rows -= np.sort(rows, axis=1).mean(axis=1, keepdims=True)
            rows[np.ptp(X[start:stop], axis=1) == 0] = 0.0  # constant: what is left is rounding
        lengths = np.sqrt(np.sort(rows * rows, axis=1).sum(axis=1, keepdims=True))
        out[start:stop] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)

    block = max(1, _BLOCK_VALUES // X.shape[1])
    run_blocks(work, len(X), block, stage="prepare", n_jobs=n_jobs)
    return out


def as_distances(euclidean: NDArray[np.float32], metric: str) -> NDArray[np.float32]:
    """Return the distances of `metric` of unit rows, 1 − cos, from their Euclidean ones."""
    return euclidean if metric == "euclidean" else np.float32(0.5) * euclidean * euclidean
