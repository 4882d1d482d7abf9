"""An estimate with its standard error: test and interval, for every cell of a family at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.student import critical_value, two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Estimate"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Estimates of effects, one a cell; all arrays have the same shape.

    Parameters
    ----------
    value : ndarray, float64
        The effect, in the units of the metric.
    error : ndarray, float64
        Its standard error, in the same units.
    df : ndarray, float64
        Degrees of freedom of Student's t; inf is the normal distribution.
    p_value : ndarray, float64
        Two-sided, of no effect; NaN where the error is 0 or unknown.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    df: NDArray[np.float64]
    p_value: NDArray[np.float64]

    @classmethod
    def of(cls, value: ArrayLike, error: ArrayLike, df: ArrayLike = np.inf) -> Estimate:
        """Make estimates from values and standard errors, tested by Student's t.

        Parameters
        ----------
        value, error, df : array-like
            Broadcast against each other. An error of 0 says that nothing varied, and nothing can be
            tested then.

        Returns
        -------
        estimate : Estimate
        """
        values, errors, free = (
            np.array(array)
            for array in np.broadcast_arrays(
                np.asarray(value, dtype=np.float64),
                np.asarray(error, dtype=np.float64),
                np.asarray(df, dtype=np.float64),
            )
        )
        with np.errstate(all="ignore"):
            statistic = np.where(errors > 0, values / errors, np.nan)
        return cls(values, errors, free, two_sided(statistic, free))

    def interval(
        self, confidence: ArrayLike = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the interval of each effect by Student's t.

        Parameters
        ----------
        confidence : array-like
            In (0, 1); broadcast over the cells, since intervals of selected cells have a level for
            each family.

        Returns
        -------
        low, high : ndarray, float64
            Both ends belong to the interval. NaN where the error or the degrees of freedom are
            unknown.
        """
        with np.errstate(all="ignore"):
            half = critical_value(confidence, self.df) * self.error
            return self.value - half, self.value + half
