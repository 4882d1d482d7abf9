"""How well a classifier tells new rows from the reference: multivariate drift as one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.classification.clustered_auc import stratified_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.clustered_auc import GroupedAuc

__all__ = ["domain_auc"]


def domain_auc(
    probability: NDArray[Any],
    new: NDArray[np.bool_],
    fold: NDArray[np.int64],
    confidence: float = 0.95,
) -> GroupedAuc:
    """Return the AUC of a domain classifier from out-of-fold probabilities; ½ without drift.

    The AUC is taken within each fold, whose rows were judged by the same classifier, and averaged:
    the levels of classifiers that were trained apart differ, and each is set off against the rate
    of its own training rows, so that rows of all folds together would rank below ½ when nothing
    drifted.

    Parameters
    ----------
    probability : ndarray of shape (n,), float
        That a row is new, by a classifier that was trained without it; no NaN.
    new : ndarray of shape (n,), bool
    fold : ndarray of shape (n,), integer
        From 0.
    confidence : float
        In (0, 1).

    Returns
    -------
    auc : GroupedAuc
        The interval takes the classifiers as given: it is that of new rows, not of new classifiers.
    """
    return stratified_auc(np.asarray(probability, dtype=np.float64), new, fold, confidence)
