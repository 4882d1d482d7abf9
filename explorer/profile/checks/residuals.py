"""Residuals: what is left of values when the mean of their group is taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["studentized_residuals"]

_SMALL_GROUP = 200  # rows; beyond, t and normal quantiles of the middle 99 % are within .03 sd


def studentized_residuals(
    values: NDArray[np.float64], codes: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return residuals from group means in standard deviations, comparable over group sizes.

    A residual of a small group is not normal even where the values are. Its externally studentised
    form follows t with m − 2 degrees of freedom (Cook & Weisberg 1982, Residuals and Influence in
    Regression, section 2.2) and is carried to the normal score of the same probability. Groups of
    more than 200 rows are left as they are.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Finite.
    codes : ndarray of shape (n,), integer
        Group of each row.

    Returns
    -------
    ndarray of shape (m,), float64
        Of the rows whose group has at least 3 rows that are not all equal, in their order.
    """
    if values.size == 0:
        return values
    _, group = np.unique(codes, return_inverse=True)
    rows = np.bincount(group).astype(np.float64)
    origin = values[
        np.unique(group, return_index=True)[1]
    ]  # a group's own, so that far groups lose no digits
    shifted = values - origin[group]
    shifted -= (np.bincount(group, shifted) / rows)[group]
    squares = np.bincount(group, shifted**2)
    rounding = rows * (np.abs(origin) * np.finfo(np.float64).eps) ** 2
    taken = ((rows >= 3) & (squares > rounding))[group]
    group, shifted = group[taken], shifted[taken]
    freedom = rows[group] - 1
    spread = np.sqrt(squares[group] / freedom)
    return _normal_scores(shifted / spread, rows[group])


def _normal_scores(
    residuals: NDArray[np.float64], rows: NDArray[np.float64]
) -> NDArray[np.float64]:
    from scipy.special import ndtri, stdtr

    scores = residuals.copy()
    small = rows <= _SMALL_GROUP
    m = rows[small]
    square = residuals[small] ** 2 * m / (m - 1)  # internally studentised; at most m − 1
    studentised = np.sqrt(square * (m - 2) / np.maximum(m - 1 - square, 1e-12))
    # a group that is equal but for one row has a residual without bound; its score stays finite
    tail = np.maximum(stdtr(m - 2, -studentised), 1e-300)
    scores[small] = np.copysign(ndtri(tail), residuals[small])
    return scores
