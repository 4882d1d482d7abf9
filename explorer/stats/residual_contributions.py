"""Errors of a predicted number, with what each row adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explorer.stats.contributions import Contributions, mean_contributions

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "ResidualMetric",
    "residual_contributions",
]

ResidualMetric = Literal[
    "bias", "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2"
]
"""By scikit-learn's names; bias is the mean of prediction less truth."""


def residual_contributions(
    metric: ResidualMetric, truth: NDArray[Any], prediction: NDArray[Any]
) -> Contributions:
    """Return a figure of the residuals with what each row adds to it.

    Standard errors between units and paired differences of two models follow from these.

    Parameters
    ----------
    metric : str
        The figure.
    truth, prediction : ndarray of shape (n,), real numbers
        Without NaN.

    Returns
    -------
    contributions : Contributions
        NaN for R² where the truth does not vary.
    """
    truth = np.asarray(truth, dtype=np.float64)
    errors = np.asarray(prediction, dtype=np.float64) - truth
    if metric == "bias":
        return mean_contributions(errors)
    if metric == "mean_absolute_error":
        return mean_contributions(np.abs(errors))
    squared = mean_contributions(errors * errors)
    if metric == "mean_squared_error":
        return squared
    with np.errstate(all="ignore"):
        if metric == "root_mean_squared_error":
            root = float(np.sqrt(squared.value))
            return Contributions(root, squared.rows / (2 * root) if root else squared.rows * 0.0)
        spread = mean_contributions((truth - truth.mean()) ** 2 if truth.size else truth)
        # rounding may leave equal truths a variance above 0
        if not spread.value > 0 or truth.min() == truth.max():
            return Contributions(float("nan"), np.full(errors.size, np.nan))
        left = squared.value / spread.value
        return Contributions(1 - left, (left * spread.rows - squared.rows) / spread.value)
