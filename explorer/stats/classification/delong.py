"""AUC of several models on the same rows, with the covariance that tells whether they differ."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.classification.auc import auc_interval
from explorer.stats.classification.placements import placements
from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PairedAuc", "paired_auc"]

_sorting = ThreadPoolExecutor(
    2, thread_name_prefix="placements"
)  # each holds 24 bytes a row while it sorts


@dataclass(frozen=True, eq=False)
class PairedAuc:
    """AUC of M models.

    Parameters
    ----------
    values : ndarray of shape (M,), float64
        NaN where a truth has no rows.
    covariance : ndarray of shape (M, M), float64
        Of the values; NaN with fewer than two units, or rows, of either truth.
    pairs : int
        Disjoint pairs of rows, or of units, one of each truth.
    """

    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    pairs: int

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors of the values, (M,)."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends of each model's interval, (M,) each; as `auc` in this package."""
        ends = [
            (np.nan, np.nan)
            if np.isnan(value)
            else auc_interval(value, error, self.pairs, confidence)
            for value, error in zip(self.values.tolist(), self.errors.tolist(), strict=True)
        ]
        low, high = np.array(ends, dtype=np.float64).reshape(-1, 2).T
        return low, high

    def difference(self, i: int, j: int) -> Estimate:
        """Estimate how much larger the AUC of model i is than that of model j, by normal tests.

        The error is 0, and nothing is tested, where the two order every pair of rows alike.
        """
        own = self.covariance[i, i] + self.covariance[j, j]
        variance = own - 2 * self.covariance[i, j]
        # what is left of equal models is the rounding of the products
        error = np.sqrt(variance) if variance > 1e-13 * own else variance * 0.0
        return Estimate.of(self.values[i] - self.values[j], error)


def paired_auc(
    truth: NDArray[np.bool_],
    scores: Sequence[NDArray[Any]],
    unit: NDArray[np.integer[Any]] | None = None,
) -> PairedAuc:
    """Compute the AUC of several models on the same rows, and their covariance.

    Of rows that stand alone by DeLong, DeLong & Clarke-Pearson 1988 (doi:10.2307/2531595). Of rows
    that repeat a unit by Obuchowski 1997 (doi:10.2307/2533958): between units, those whose rows
    have one truth and those whose rows have both.

    Parameters
    ----------
    truth : ndarray of shape (n,), bool
    scores : sequence of M ndarrays of shape (n,), or ndarray of shape (M, n), real numbers
        Without NaN.
    unit : ndarray of shape (n,), integer, optional
        Code of each row's unit, from 0; codes that no row has may be between.
    """
    models, nothing = len(scores), np.full((len(scores), len(scores)), np.nan)
    ones = int(np.count_nonzero(truth))
    if not ones or ones == truth.size:
        return PairedAuc(np.full(models, np.nan), nothing, 0)
    placed = list(_sorting.map(lambda score: placements(truth, score), scores))
    values = np.array([placement[truth].mean() for placement in placed])
    sides = (truth, ~truth)
    if unit is None:
        units = [ones, truth.size - ones]
        excess = [
            np.stack([placement[side] for placement in placed]) - values[:, None] for side in sides
        ]
    else:
        sizes = [np.bincount(unit[side], minlength=int(unit.max()) + 1) for side in sides]
        units = [int(np.count_nonzero(side)) for side in sizes]
        excess = [
            _by_unit(placed, values, side, unit, size)
            for side, size in zip(sides, sizes, strict=True)
        ]
    if min(units) < 2:
        return PairedAuc(values, nothing, min(units))
    rows = np.array([ones, truth.size - ones])
    covariance = sum(
        n / (n - 1) * (deviations @ deviations.T) / m**2
        for n, m, deviations in zip(units, rows, excess, strict=True)
    )
    if unit is not None:
        both = int(np.count_nonzero(sizes[0] + sizes[1]))
        across = excess[0] @ excess[1].T
        covariance = covariance + both / (both - 1) * (across + across.T) / (rows[0] * rows[1])
    return PairedAuc(values, np.asarray(covariance), min(units))


def _by_unit(
    placed: list[NDArray[np.float64]],
    values: NDArray[np.float64],
    side: NDArray[np.bool_],
    unit: NDArray[np.integer[Any]],
    sizes: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return sums of each unit's placements on one side, less their expectation; (M, units)."""
    own = unit[side]
    sums = [np.bincount(own, weights=placement[side], minlength=sizes.size) for placement in placed]
    return np.asarray(np.stack(sums) - sizes * values[:, None])
