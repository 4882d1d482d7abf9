"""Contributions: what each row adds to a figure; errors by unit and paired differences follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Contributions", "mean_contributions", "ratio_contributions"]


@dataclass(frozen=True, eq=False)
class Contributions:
    """A figure of n rows, and how it moves with the weight of each.

    Parameters
    ----------
    value : float
    rows : ndarray of shape (n,), float64
        The influence function at each row over n (Hampel 1974, doi:10.1080/01621459.1974.10482962):
        by how much the figure grows per weight added to the row. They sum to 0.
    """

    value: float
    rows: NDArray[np.float64]

    def __sub__(self, other: Contributions) -> Contributions:
        """Return the difference of two figures of the same rows: what is common cancels by row."""
        return Contributions(self.value - other.value, self.rows - other.rows)

    def estimate(self, unit: NDArray[np.integer[Any]] | None = None) -> Estimate:
        """Return the figure with its standard error, by Student's t over units.

        The infinitesimal jackknife by unit (Efron 1982, doi:10.1137/1.9781611970319), times U / (U
        − 1): for a mean of rows that stand alone this is its usual standard error, for a ratio of
        means the delta method.

        Parameters
        ----------
        unit : ndarray of shape (n,), integer, optional
            Code of each row's unit, from 0; codes that no row has may be between. Without it each
            row is its own unit.
        """
        sums, units = self.rows, self.rows.size
        if unit is not None and units:
            sums = np.asarray(np.bincount(unit, weights=self.rows), dtype=np.float64)
            units = int(np.count_nonzero(np.bincount(unit)))
        if units < 2:
            return Estimate.of(self.value, np.nan, np.nan)
        return Estimate.of(self.value, np.sqrt(units / (units - 1) * float(sums @ sums)), units - 1)


def mean_contributions(values: NDArray[Any]) -> Contributions:
    """Return the mean of values (n,), such as losses or hits, without NaN; NaN without rows."""
    if not values.size:
        return Contributions(float("nan"), np.empty(0))
    mean = float(np.mean(values, dtype=np.float64))
    return Contributions(mean, (values - mean) / values.size)


def ratio_contributions(numerator: NDArray[Any], denominator: NDArray[Any]) -> Contributions:
    """Return the ratio of two sums over the same rows, (n,) each; NaN if the second is 0."""
    total = float(np.sum(denominator, dtype=np.float64))
    if total == 0:
        return Contributions(float("nan"), np.full(numerator.shape, np.nan))
    ratio = float(np.sum(numerator, dtype=np.float64)) / total
    return Contributions(ratio, (numerator - ratio * denominator) / total)
