"""Checks at the border: what may enter a projection, and the words for what may not."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from projections.errors import ProjectionError

__all__ = [
    "Matrix",
    "NotNumbersError",
    "as_matrix",
    "as_numbers",
    "check_integer",
    "check_number",
    "check_rows",
    "is_sparse",
]


class NotNumbersError(ProjectionError, TypeError):
    """Objects that are no numbers: a TypeError too, as scikit-learn asks."""


Matrix = NDArray[np.float32] | NDArray[np.float64]

_BLOCK_BYTES = 1 << 22


def as_matrix(X: Any, name: str = "X", *, sparse: bool = False) -> Matrix:
    """Return `X` as a finite two-dimensional array of floats, without a copy where possible.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Numbers. float32 and float64 stay as they are, booleans and small floats become float32,
        integers float64.
    name : str
        How messages call the array.
    sparse : bool
        Take sparse matrices of SciPy too, which become CSR.

    Returns
    -------
    ndarray or csr_array of shape (n_samples, n_features), float32 or float64

    Raises
    ------
    ProjectionError
        If `X` is not two-dimensional, not numeric, not finite, or has no columns.
    """
    array = _as_csr(X, name) if sparse and is_sparse(X) else as_numbers(X, name)
    if array.ndim != 2:
        raise ProjectionError(
            f"{name} must have 2 dimensions (rows, columns), "
            f"got {array.ndim} with shape {array.shape}. "
            "Reshape your data: for one column with X.reshape(-1, 1)"
        )
    if array.shape[1] == 0:
        raise ProjectionError(
            f"{name} has 0 feature(s) (shape={array.shape}) while a minimum of 1 is required; "
            "pass at least one column"
        )
    if is_sparse(array):
        _check_finite_values(array, name)
    else:
        _check_finite(array, name)
    return array


def is_sparse(X: Any) -> bool:
    """Whether `X` is a sparse matrix of SciPy."""
    return hasattr(X, "toarray") and hasattr(X, "nnz")


def _as_csr(X: Any, name: str) -> Matrix:
    from scipy.sparse import csr_array

    if X.ndim != 2:
        raise ProjectionError(
            f"{name} must have 2 dimensions (rows, columns), got {X.ndim} with shape {X.shape}"
        )
    rows = csr_array(X)  # shares the values of a CSR matrix
    rows.data = as_numbers(rows.data, name)
    return cast("Matrix", rows)  # has what is used of an array: ndim, shape, dtype, products


def as_numbers(X: Any, name: str) -> Matrix:
    """Return `X` as float32 or float64, as `as_matrix` does, of any shape, finite or not."""
    if is_sparse(X):
        raise ProjectionError(
            f"{name} must be dense, got a sparse matrix; pass X.toarray() if it fits in memory"
        )
    try:
        array = np.asarray(X)
        if array.dtype == object:
            array = array.astype(np.float64)
    except TypeError as error:
        raise NotNumbersError(f"{name} must hold numbers: {error}") from error
    except ValueError as error:
        raise ProjectionError(
            f"{name} must hold numbers in rows of equal length: {error}"
        ) from error
    if array.dtype.kind == "c":
        raise ProjectionError(
            f"Complex data not supported: {name} must hold real numbers, got dtype {array.dtype}; "
            "pass real and imaginary parts as columns"
        )
    if array.dtype.kind not in "fiub":
        raise ProjectionError(
            f"{name} must hold real numbers, got dtype {array.dtype}; encode it as numbers first"
        )
    small = array.dtype.kind == "b" or (array.dtype.kind == "f" and array.dtype.itemsize <= 4)
    return array.astype(np.float32, copy=False) if small else array.astype(np.float64, copy=False)


def _check_finite(array: Matrix, name: str) -> None:
    block = max(1, _BLOCK_BYTES // (array.shape[1] * array.itemsize))
    for start in range(0, len(array), block):
        if not np.isfinite(array[start : start + block]).all():
            n_nan = np.array([np.isnan(column).sum() for column in array.T])
            n_inf = np.array([np.isinf(column).sum() for column in array.T])
            raise ProjectionError(_not_finite_text(n_nan, n_inf, name))


def _check_finite_values(rows: Any, name: str) -> None:
    if not np.isfinite(rows.data).all():
        n_columns = rows.shape[1]
        n_nan = np.bincount(rows.indices[np.isnan(rows.data)], minlength=n_columns)
        n_inf = np.bincount(rows.indices[np.isinf(rows.data)], minlength=n_columns)
        raise ProjectionError(_not_finite_text(n_nan, n_inf, name))


def _not_finite_text(n_nan: NDArray[np.int64], n_inf: NDArray[np.int64], name: str) -> str:
    bad = np.flatnonzero(n_nan + n_inf)
    listed = ", ".join(f"column {j}: {n_nan[j]} NaN, {n_inf[j]} infinite" for j in bad[:5])
    more = f", and {len(bad) - 5} more columns" if len(bad) > 5 else ""
    return (
        f"{name} must be finite, got {listed}{more}; "
        "fill, clip or leave out these rows or columns first"
    )


def check_rows(n_samples: int, at_least: int, method: str) -> None:
    """Raise `ProjectionError` unless there are `at_least` rows."""
    if n_samples < at_least:
        raise ProjectionError(
            f"{method} needs at least {at_least} rows, got {n_samples} sample(s); "
            "select more rows or use another method"
        )


def check_integer(name: str, value: object, at_least: int) -> int:
    """Return `value` as int, or raise `ProjectionError` when it is no integer ≥ `at_least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < at_least:
        raise ProjectionError(f"{name} must be an integer of at least {at_least}, got {value!r}")
    return int(value)


def check_number(name: str, value: object, low: float, high: float) -> float:
    """Return `value` as float; raise `ProjectionError` when it is not within [low, high]."""
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) <= high:
        raise ProjectionError(f"{name} must be a number from {low} to {high}, got {value!r}")
    return float(value)
