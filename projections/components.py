"""Principal components out of products of rows or features, dense or sparse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import ProjectionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Components",
    "check_squares",
    "decompose_sparse",
    "leading",
    "overflow_is_infinite",
    "unit_directions",
]

# Up to so many rows or features all products of them fit in memory and are decomposed in seconds;
# above, the leading components are found by iterations.
_PRODUCTS_UP_TO = 500
_ALL_COMPONENTS_UP_TO = 5_000

_TOO_LARGE = (
    "X is too large: sums of its squares exceed what its dtype holds (float64: about 1e308); "
    "divide its columns by their scale first"
)


@dataclass(frozen=True)
class Components:
    """Leading components.

    Attributes
    ----------
    mean : ndarray of shape (n_features,), float64
    values : ndarray of shape (k,), float64
        Sums of squares along the components, largest first.
    rows : ndarray of shape (k, n_features), float64
        Directions of length 1; of any kind where the value is 0.
    total : float
        Sum of squares of the centred rows.
    n_rows : int
    """

    mean: NDArray[np.float64]
    values: NDArray[np.float64]
    rows: NDArray[np.float64]
    total: float
    n_rows: int


def overflow_is_infinite() -> np.errstate:
    """Let sums that are too large become infinite; `check_squares` reports them."""
    return np.errstate(over="ignore", invalid="ignore")


def check_squares(sums: NDArray[np.float64]) -> None:
    """Raise `ProjectionError` where sums of squares, a square matrix, exceed float64."""
    # the trace as well: each variance may fit where their sum does not
    with overflow_is_infinite():
        finite = np.isfinite(sums).all() and np.isfinite(np.trace(sums))
    if not finite:
        raise ProjectionError(_TOO_LARGE)


def leading(
    matrix: NDArray[np.float64], k: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the k largest eigenvalues (None: all) and their vectors as columns.

    Eigenvalues that are rounding errors beside the largest are 0.
    """
    from scipy.linalg import eigh

    n = len(matrix)
    first = 0 if k is None else max(0, n - k)
    values, vectors = eigh(matrix, subset_by_index=(first, n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    return np.where(values > values[0] * 1e-12, values, 0.0), vectors


def decompose_sparse(X: Any, k: int | None) -> Components:
    """Return the k leading components (None: all) of a CSR matrix, which is not made dense.

    Parameters
    ----------
    X : csr_array of shape (n_rows, n_features)
        Finite.
    k : int or None

    Raises
    ------
    ProjectionError
        Where all components are asked for of more than 5,000 rows and features.
    """
    n_rows, n_features = X.shape
    smaller = min(X.shape)
    if (k is None or k >= smaller) and smaller > _ALL_COMPONENTS_UP_TO:
        raise ProjectionError(
            f"all components of a sparse matrix are found up to {_ALL_COMPONENTS_UP_TO:,} rows or "
            f"features, got {n_rows:,} x {n_features:,}; give n_components as a small integer"
        )
    if k is not None and k < smaller and smaller > _PRODUCTS_UP_TO:
        found = _iterate(X, k)
        if found is not None:
            return found
    X = X.astype(np.float64)  # of the values that are there alone
    with overflow_is_infinite():
        mean = np.bincount(X.indices, X.data, minlength=n_features) / n_rows  # in float64
        total = np.square(X.data).sum() - n_rows * np.square(mean).sum()
    check_squares(np.array([[total]]))
    total = max(float(total), 0.0)
    if n_features <= n_rows:
        scatter = (X.T @ X).toarray() - n_rows * np.outer(mean, mean)
        values, vectors = leading(scatter, k)
        return Components(mean, values, vectors.T, total, n_rows)
    with_mean = np.asarray(X @ mean).ravel()
    products = (X @ X.T).toarray() - with_mean[:, None] - with_mean[None, :] + mean @ mean
    values, vectors = leading(products, k)
    rows = (X.T @ vectors - np.outer(mean, vectors.sum(axis=0))).T
    return Components(mean, values, unit_directions(rows, values), total, n_rows)


def unit_directions(rows: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return directions of length 1 from eigenvectors of the rows, turned onto the features.

    They are the directions times their singular values, the roots of `values`; 0 where those are.
    """
    lengths = np.sqrt(values)[:, None]
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def _iterate(X: Any, k: int) -> Components | None:
    """Find the leading components by iterations; None where the rows do not vary."""
    from scipy.sparse.linalg import ArpackError
    from sklearn.decomposition import PCA

    largest = np.abs(X.data).max(initial=0)
    if largest > np.sqrt(np.finfo(X.dtype).max / max(X.nnz, 1)):
        raise ProjectionError(_TOO_LARGE)
    try:
        pca = PCA(k, svd_solver="arpack", random_state=0).fit(X)
    except ArpackError:
        return None
    values = pca.explained_variance_.astype(np.float64) * (X.shape[0] - 1)
    total = float(values.sum() / pca.explained_variance_ratio_.sum(dtype=np.float64))
    values = np.where(values > values[0] * 1e-12, values, 0.0)
    return Components(pca.mean_.astype(np.float64), values, pca.components_, total, X.shape[0])
