"""Losses of stated probabilities, row by row: their means are the log loss and the Brier score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["brier_losses", "log_losses"]


def log_losses(truth: NDArray[Any], probability: NDArray[Any]) -> NDArray[np.float64]:
    """Return −log of the probability that was stated for what happened.

    Parameters
    ----------
    truth : ndarray of shape (n,), bool or integer
        Whether the outcome was 1; codes of classes in [0, k) with probabilities of shape (n, k).
    probability : ndarray of shape (n,) or (n, k), float32 or float64
        Of 1, or of each class. Taken into [ε, 1 − ε], ε the spacing of its type at 1, as
        scikit-learn does: so a certain error costs 36, or 16 in float32, and not infinity.

    Returns
    -------
    losses : ndarray of shape (n,), float64
        At least 0; NaN where the probability is.
    """
    stated = _stated(truth, probability)
    epsilon = np.finfo(stated.dtype).eps
    return np.asarray(-np.log(np.clip(stated, epsilon, 1 - epsilon)), dtype=np.float64)


def brier_losses(truth: NDArray[Any], probability: NDArray[Any]) -> NDArray[np.float64]:
    """Return the squared error of the stated probabilities.

    Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Parameters
    ----------
    truth, probability
        As in `log_losses`.

    Returns
    -------
    losses : ndarray of shape (n,), float64
        In [0, 1] for one probability a row; the sum over classes, in [0, 2], for k of them.
    """
    if probability.ndim == 1:
        return np.square(1.0 - _stated(truth, probability).astype(np.float64))
    squares = np.square(probability.astype(np.float64)).sum(axis=1)
    return np.asarray(squares - 2.0 * _stated(truth, probability) + 1.0)


def _stated(truth: NDArray[Any], probability: NDArray[Any]) -> NDArray[Any]:
    if probability.ndim == 2:
        return np.asarray(np.take_along_axis(probability, np.asarray(truth)[:, None], axis=1)[:, 0])
    return np.where(truth, probability, 1 - probability)
