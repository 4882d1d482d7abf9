"""The target of a supervised map: a class of each row, or a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import ProjectionError
from projections.layout.supervision import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Target"]


@dataclass(frozen=True)
class Target:
    """What is known of each row beside its features.

    Attributes
    ----------
    values : ndarray of shape (n_samples,), int64 or float64
        Classes, -1 where the class is not known; or numbers, finite.
    is_class : bool
    """

    values: NDArray[Any]
    is_class: bool

    @classmethod
    def of(cls, y: Any, n_samples: int) -> Target:
        """Read `y` as scikit-learn does: fractions are numbers, all else are classes.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Missing values and -1 are rows whose class is not known.
        n_samples : int

        Raises
        ------
        ProjectionError
            Where `y` has another length, or numbers that are not finite.
        """
        given = np.asarray(y)
        if given.ndim == 2 and given.shape[1] == 1:
            given = given[:, 0]
        if given.shape != (n_samples,):
            raise ProjectionError(
                f"y must have one value for each of the {n_samples:,} rows of X, "
                f"got shape {given.shape}"
            )
        if given.dtype.kind == "f" and (given[np.isfinite(given)] % 1 != 0).any():
            if not np.isfinite(given).all():
                n_bad = int(np.count_nonzero(~np.isfinite(given)))
                raise ProjectionError(
                    f"y must be finite where it holds numbers, got {n_bad:,} values that are NaN "
                    "or infinite; leave these rows out"
                )
            return cls(given.astype(np.float64), is_class=False)
        missing = np.array([_is_missing(value) for value in given.tolist()])
        known = given[~missing]
        levels, codes = np.unique(
            known.astype(str) if known.dtype == object else known, return_inverse=True
        )
        values = np.full(n_samples, UNKNOWN, dtype=np.int64)
        values[~missing] = np.where(levels[codes].astype(str) == "-1", UNKNOWN, codes)
        return cls(values, is_class=True)

    def of_distinct(self, inverse: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the class of each distinct row; `UNKNOWN` where copies of it differ.

        Parameters
        ----------
        inverse : ndarray of shape (n_samples,), int64
            Which distinct row each row is.
        """
        n_distinct = int(inverse.max()) + 1
        lowest = np.full(n_distinct, np.iinfo(np.int64).max)
        highest = np.full(n_distinct, UNKNOWN)
        np.minimum.at(lowest, inverse, self.values)
        np.maximum.at(highest, inverse, self.values)
        return np.where(lowest == highest, lowest, UNKNOWN)


def _is_missing(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA compares to itself
        return True
