"""Corrections for many tests: Benjamini–Hochberg, Benjamini–Yekutieli and Holm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["adjusted", "holm"]


def adjusted(p_values: ArrayLike, method: Literal["bh", "by"] = "bh") -> NDArray[np.float64]:
    """Adjust p-values so that rejecting those up to q keeps the false discovery rate at q.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        From 0 to 1. NaN is a test that could not be made: it stays NaN and is no member of the
        family.
    method : {"bh", "by"}
        Benjamini & Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x), valid for independent
        and positively dependent tests, or Benjamini & Yekutieli 2001 (doi:10.1214/aos/1013699998),
        for any dependence.

    Returns
    -------
    adjusted : ndarray of shape (m,), float64

    Raises
    ------
    ValueError
        A p-value below 0 or above 1.
    """
    from scipy.stats import false_discovery_control

    return _of_made_tests(
        p_values, lambda made: np.asarray(false_discovery_control(made, method=method))
    )


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that any false rejection among those up to α has probability α at most.

    Holm 1979 (Scandinavian Journal of Statistics 6, 65–70); valid for any dependence.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        From 0 to 1; NaN as in `adjusted`.

    Returns
    -------
    adjusted : ndarray of shape (m,), float64
    """
    # in NumPy: multipletests of statsmodels collects all garbage of the process at each call, a
    # third of a second
    return _of_made_tests(p_values, _holm)


def _holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    p_adjusted = np.empty(len(p_values))
    p_adjusted[order] = np.minimum(stepped, 1.0)
    return p_adjusted


def _of_made_tests(
    p_values: ArrayLike, correct: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    values = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(values)
    if ((values[tested] < 0) | (values[tested] > 1)).any():
        raise ValueError(
            f"p-values must lie between 0 and 1, "
            f"came {values[tested].min()} to {values[tested].max()}"
        )
    result = np.full(values.shape, np.nan)
    if tested.any():
        result[tested] = correct(values[tested])
    return result
