"""Scores of cross-validation compared: a t-test that knows that the folds share their training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["corrected_t"]


def corrected_t(differences: ArrayLike, n_train: float, n_test: float) -> Estimate:
    """Estimate the mean difference of two models' scores over folds, with the corrected variance.

    Nadeau & Bengio 2003 (doi:10.1023/A:1024068626366): s² (1/k + n_test / n_train), since training
    sets overlap and the scores of the folds are not independent. k − 1 degrees of freedom.

    Parameters
    ----------
    differences : array-like of shape (..., k)
        Score of the first less that of the second model, on the same folds; k folds, or repeats ×
        folds.
    n_train, n_test : float
        Rows that a fold trains on, and that it is scored on.

    Returns
    -------
    estimate : Estimate
        Of shape (...). NaN as error with fewer than two folds.
    """
    values = np.asarray(differences, dtype=np.float64)
    k = values.shape[-1]
    if k == 0:
        return Estimate.of(np.full(values.shape[:-1], np.nan), np.nan, np.nan)
    mean = values.mean(axis=-1)
    if k == 1:
        return Estimate.of(mean, np.nan, np.nan)
    return Estimate.of(
        mean, np.sqrt(values.var(axis=-1, ddof=1) * (1 / k + n_test / n_train)), k - 1
    )
