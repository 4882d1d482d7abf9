"""Principal components, exact, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from projections.errors import Progress, ProjectionError, report
from projections.estimator import Estimator, feature_names_of
from projections.moments import ScatterMoments
from projections.validation import Matrix, as_matrix, check_integer, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PCA"]

_BLOCK_ROWS = 65_536
_BLOCK_VALUES = 1 << 22


class PCA(Estimator):
    """Principal component analysis of an array or of a stream of batches.

    Parameters
    ----------
    n_components : int
        How many components to keep. Components beyond the rank of the data are kept as zeros, so
        that a map of a single feature, or of two rows, is a map.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features), float64
        Directions of largest variance, of length 1; in each the loading of largest size is
        positive.
    explained_variance_ : ndarray of shape (n_components,), float64
        Variance along each, ddof=1.
    explained_variance_ratio_ : ndarray of shape (n_components,), float64
        Its share of the variance of all features; 0 where nothing varies.
    mean_ : ndarray of shape (n_features,), float64
    n_features_in_, n_samples_ : int

    Notes
    -----
    The scatter matrix of the features is summed block by block in float64 and decomposed; memory
    does not depend on the number of rows. An array with more features than rows is decomposed by
    the products of its rows instead (Jolliffe 2002,
    *Principal Component Analysis*, section 3.5, doi:10.1007/b98835). Both are exact up to rounding:
    relative to the largest, variances below about 1e-12 are taken as 0.

    Examples
    --------
    >>> import numpy as np
    >>> from projections import PCA
    >>> PCA(n_components=1).fit_transform(np.array([[0.0, 0.0], [3.0, 4.0]]))
    array([[-2.5],
           [ 2.5]])
    """

    components_: NDArray[np.float64]
    explained_variance_: NDArray[np.float64]
    explained_variance_ratio_: NDArray[np.float64]
    mean_: NDArray[np.float64]
    n_features_in_: int
    n_samples_: int

    def __init__(self, n_components: int = 2) -> None:
        self.n_components = n_components

    def fit(self, X: Any, y: object = None, *, progress: Progress | None = None) -> Self:  # noqa: ARG002
        """Find the components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or iterator of such batches
            At least two rows in all. An iterator is consumed.
        y : object
            Not used, as in scikit-learn: principal components have no target.
        progress : callable, optional
            ``progress("moments", rows_done, rows)``, after each block; ``rows`` is 0 for an
            iterator.

        Returns
        -------
        PCA
            Itself.
        """
        k = check_integer("n_components", self.n_components, 1)
        if isinstance(X, Iterator):
            moments, names = _moments_of_batches(X, progress)
        else:
            names = feature_names_of(X)
            X = as_matrix(X)
            if X.shape[1] > len(X):
                return self._fit_wide(X, k, names, progress)
            moments = ScatterMoments(X.shape[1])
            for start, part in _blocks(X):
                report(progress, "moments", start, len(X))
                with _overflow_is_infinite():
                    moments.update(part)
            report(progress, "moments", len(X), len(X))
        check_rows(moments.count, 2, "PCA")
        _check_squares(moments.scatter)
        values, vectors = _leading(moments.scatter, k)
        self._keep(moments.mean, values, vectors.T, float(np.trace(moments.scatter)), moments.count)
        self._keep_feature_names(names)
        return self

    def _fit_wide(
        self, X: Matrix, k: int, names: NDArray[np.object_] | None, progress: Progress | None
    ) -> Self:
        check_rows(len(X), 2, "PCA")
        products = np.zeros((len(X), len(X)))
        with _overflow_is_infinite():
            mean = X.mean(axis=0, dtype=np.float64)
            for columns in _column_blocks(X):
                report(progress, "moments", columns.start, X.shape[1])
                part = X[:, columns] - mean[columns]
                products += part @ part.T
        report(progress, "moments", X.shape[1], X.shape[1])
        _check_squares(products)
        values, vectors = _leading(products, k)
        # The scores of the rows, turned back onto the features, are the directions times their
        # singular values.
        rows = np.empty((len(values), X.shape[1]))
        for columns in _column_blocks(X):
            rows[:, columns] = vectors.T @ (X[:, columns] - mean[columns])
        lengths = np.sqrt(values)[:, None]
        rows = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        self._keep(mean, values, rows, float(np.trace(products)), len(X))
        self._keep_feature_names(names)
        return self

    def _keep(
        self,
        mean: NDArray[np.float64],
        values: NDArray[np.float64],
        rows: NDArray[np.float64],
        total: float,
        count: int,
    ) -> None:
        k = check_integer("n_components", self.n_components, 1)
        components = np.zeros((k, len(mean)))
        components[: len(rows)] = np.where(values[:, None] > 0, rows, 0.0)
        variance = np.zeros(k)
        variance[: len(values)] = values / (count - 1)
        self.components_ = components * _signs(components)
        self.explained_variance_ = variance
        self.explained_variance_ratio_ = (
            variance * ((count - 1) / total) if total > 0 else np.zeros(k)
        )
        self.mean_ = mean
        self.n_samples_ = count
        self.n_features_in_ = len(mean)

    def transform(self, X: Any) -> Matrix:
        """Return the coordinates of rows along the components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or iterator of such batches

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            float32 where `X` is, else float64.
        """
        self._check_fitted()
        if isinstance(X, Iterator):
            parts = [
                np.empty((0, len(self.components_)), dtype=np.float32),
                *map(self.transform, X),
            ]
            return cast("Matrix", np.concatenate(parts))
        self._check_feature_names(X)
        X = as_matrix(X, self.n_features_in_)
        out = np.empty((len(X), len(self.components_)))
        for start, part in _blocks(X):
            out[start : start + len(part)] = (part - self.mean_) @ self.components_.T
        if X.dtype == np.float32:
            return out.astype(np.float32)
        return out

    def fit_transform(
        self, X: Any, y: object = None, *, progress: Progress | None = None
    ) -> Matrix:
        """Fit to the array `X` and return its coordinates; see `fit` and `transform`."""
        if isinstance(X, Iterator):
            raise ProjectionError(
                "fit_transform needs an array, got an iterator; "
                "call fit, then transform on a fresh one"
            )
        names, X = feature_names_of(X), as_matrix(X)
        coordinates = self.fit(X, y, progress=progress).transform(X)
        self._keep_feature_names(names)
        return coordinates


def _blocks(X: Matrix) -> Iterator[tuple[int, Matrix]]:
    rows = int(np.clip(_BLOCK_VALUES // X.shape[1], 1, _BLOCK_ROWS))
    for start in range(0, len(X), rows):
        yield start, X[start : start + rows]


def _column_blocks(X: Matrix) -> Iterator[slice]:
    columns = max(1, _BLOCK_VALUES // len(X))
    for start in range(0, X.shape[1], columns):
        yield slice(start, min(start + columns, X.shape[1]))


def _moments_of_batches(
    batches: Iterator[Any], progress: Progress | None
) -> tuple[ScatterMoments, NDArray[np.object_] | None]:
    """Take the moments of a batch in a thread while the next is read; return column names too."""
    moments: ScatterMoments | None = None
    names: NDArray[np.object_] | None = None
    seen, pending = 0, None
    with ThreadPoolExecutor(1) as pool:
        for batch in batches:
            named = feature_names_of(batch)
            if moments is not None and _as_list(names) != _as_list(named):
                raise ProjectionError(
                    "each batch must have the columns of the first in the same order: "
                    f"expected {_names_text(names)}, "
                    f"got {_names_text(named)}; select the columns by name first"
                )
            names = named
            X = as_matrix(batch, name="each batch")
            moments = moments or ScatterMoments(X.shape[1])
            if X is batch or X.base is not None:
                X = X.copy()  # who reads may read the next batch into the same memory
            if pending is not None:
                pending.result()
            pending = pool.submit(_update, moments, X)
            seen += len(X)
            report(progress, "moments", seen, 0)
        if pending is not None:
            pending.result()
    if moments is None:
        raise ProjectionError(
            "PCA needs at least 2 rows, got an iterator without batches; it may have been used up"
        )
    return moments, names


def _as_list(names: NDArray[np.object_] | None) -> list[str] | None:
    return None if names is None else names.tolist()


def _names_text(names: NDArray[np.object_] | None) -> str:
    if names is None:
        return "columns without names"
    return ", ".join(map(repr, names[:6])) + (
        f" and {len(names) - 6} more" if len(names) > 6 else ""
    )


def _update(moments: ScatterMoments, X: Matrix) -> None:
    with _overflow_is_infinite():
        moments.update(X)


def _overflow_is_infinite() -> np.errstate:
    """Let sums that are too large become infinite; `_check_squares` reports them."""
    return np.errstate(over="ignore", invalid="ignore")


def _check_squares(sums: NDArray[np.float64]) -> None:
    # the trace as well: each variance may fit where their sum does not
    with _overflow_is_infinite():
        finite = np.isfinite(sums).all() and np.isfinite(np.trace(sums))
    if not finite:
        raise ProjectionError(
            "X is too large: sums of its squares exceed float64 (about 1e308); "
            "divide its columns by their scale first"
        )


def _leading(
    matrix: NDArray[np.float64], k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the k largest eigenvalues, rounding errors set to 0, and their vectors as columns."""
    from scipy.linalg import eigh

    n = len(matrix)
    values, vectors = eigh(matrix, subset_by_index=(max(0, n - k), n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    return np.where(values > values[0] * 1e-12, values, 0.0), vectors


def _signs(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ±1 for each row, which makes its largest loading (the first of equals) positive."""
    sizes = np.abs(components)
    # Equal up to rounding counts as equal: two standardised features always load ±.7071.
    first = (sizes >= sizes.max(axis=1, keepdims=True) * (1 - 1e-6)).argmax(axis=1)
    return np.where(components[np.arange(len(components)), first] < 0, -1.0, 1.0)[:, None]
