"""Means by cell: of losses, hits, or differences of two models, in slices or regions of a map, with the error between units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.estimate import Estimate
from explorer.stats.weighted_sums import weighted_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cell_means"]


def cell_means(
    values: NDArray[Any], cell: NDArray[Any], cells: int, unit: NDArray[Any] | None = None
) -> Estimate:
    """Estimate the mean of values in each cell, by Student's t over the units that have rows there.

    Of a difference of losses row by row it is the paired comparison of two models in each cell.

    Parameters
    ----------
    values : ndarray of shape (n,), real numbers
        Rows with NaN are left out.
    cell : ndarray of shape (n,), integer
        In [0, cells); rows with a negative one are left out.
    cells : int
    unit : ndarray of shape (n,), integer, optional
        Code of each row's unit, from 0; without it each row is its own.

    Returns
    -------
    estimate : Estimate
        Of shape (cells,). NaN without rows; NaN as error with fewer than two units.
    """
    sums = weighted_sums(values, np.ones(cell.size), cell, cells, unit)
    with np.errstate(all="ignore"):
        mean = sums.wy / sums.rows
        spread = (sums.wy_wy_u - 2 * mean * sums.wy_n_u + mean**2 * sums.n_n_u) / sums.rows**2
        # equal values leave the rounding of their squares
        spread = np.where(spread > 1e-15 * sums.wy_wy_u / sums.rows**2, spread, 0.0)
        variance = np.where(sums.units > 1, spread * sums.units / (sums.units - 1), np.nan)
        return Estimate.of(
            mean, np.sqrt(variance), np.where(sums.units > 1, sums.units - 1, np.nan)
        )
