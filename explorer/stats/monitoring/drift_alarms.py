"""Drift alarms: tests of chunk after chunk, with no false alarm ever in 95 of 100 streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["AlarmRule"]

_FIRST_PART = 0.8


@dataclass(frozen=True)
class AlarmRule:
    """How alarms are called.

    Four fifths of alpha are spent evenly over the first ``horizon`` chunks, the last fifth over all
    later ones as horizon / (t (t − 1)), which sums to 1: the level of the second year starts at a
    quarter of the first's and falls slowly, and the whole is never more than alpha (alpha spending,
    as in Foster & Stine 2008, doi:10.1111/j.1467-9868.2007.00643.x). Within a chunk Holm's
    procedure shares the level among the tests, whatever their dependence.

    Parameters
    ----------
    alpha : float
        Probability of any false alarm, over all features and all chunks.
    horizon : int
        Chunks over which the power is even.
    floor : float
        Effect below which nothing is called, in standard deviations.
    """

    alpha: float = 0.05
    horizon: int = 52
    floor: float = 0.05

    def level(self, t: ArrayLike) -> NDArray[np.float64]:
        """Return what is spent on the chunks of these numbers, from 1."""
        chunk, first = np.asarray(t, dtype=np.float64), float(self.horizon)
        with np.errstate(all="ignore"):
            later = (1 - _FIRST_PART) * first / (chunk * (chunk - 1))
        return np.asarray(self.alpha * np.where(chunk <= first, _FIRST_PART / first, later))

    def called(
        self, p_values: NDArray[np.float64], effects: NDArray[np.float64], first: int = 1
    ) -> NDArray[np.bool_]:
        """Return which tests are called.

        Parameters
        ----------
        p_values, effects : ndarray of shape (chunks, tests), float64
            By rising time. A NaN p-value is a test that could not be made: it is not called, and
            takes no level from others. A chunk without any test costs its level all the same.
        first : int
            Number of the first chunk, from 1, since watching began.

        Returns
        -------
        called : ndarray of shape (chunks, tests), bool
        """
        with np.errstate(invalid="ignore"):
            large = np.abs(effects) >= self.floor
            return (
                self.adjusted(p_values) <= self.level(first + np.arange(len(p_values)))[:, None]
            ) & large

    def adjusted(self, p_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return p-values adjusted in each chunk by Holm 1979, (chunks, tests)."""
        order = np.argsort(p_values, axis=1)  # NaN last
        ordered = np.take_along_axis(p_values, order, axis=1)
        left = (~np.isnan(p_values)).sum(axis=1)[:, None] - np.arange(p_values.shape[1])
        risen = np.minimum(np.maximum.accumulate(ordered * np.maximum(left, 1), axis=1), 1.0)
        p_adjusted = np.empty_like(risen)
        np.put_along_axis(p_adjusted, order, risen, axis=1)
        return p_adjusted

    def threshold(self, t: int, tests: int) -> float:
        """Return the p-value below which the smallest of so many tests is called in a chunk."""
        return float(self.level(t)) / max(tests, 1)
