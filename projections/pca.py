"""Principal components, exact, in one pass over the rows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from projections.components import (
    Components,
    check_squares,
    decompose_sparse,
    leading,
    overflow_is_infinite,
    unit_directions,
)
from projections.errors import Progress, ProjectionError, report
from projections.estimator import Estimator, feature_names_of
from projections.moments import ScatterMoments
from projections.validation import Matrix, as_matrix, check_integer, check_rows, is_sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PCA"]

_BLOCK_ROWS = 65_536
_BLOCK_VALUES = 1 << 22


class PCA(Estimator):
    """Principal component analysis of an array, a sparse matrix, or a stream of batches.

    A transformer of scikit-learn, exact, in one pass over the rows.

    Parameters
    ----------
    n_components : int, float or None
        How many components to keep. Components beyond the rank of the data are kept as zeros, so
        that a map of a single feature, or of two rows, is a map. A share between 0 and 1, both
        excluded: as few as explain more than this share of the variance. None: as many as the
        smaller of rows and features.
    whiten : bool
        Divide the coordinates by their standard deviation, so that each component has variance 1.

    Attributes
    ----------
    components_ : ndarray of shape (n_components_, n_features), float64
        Directions of largest variance, of length 1; in each the loading of largest size is
        positive.
    n_components_ : int
    explained_variance_ : ndarray of shape (n_components_,), float64
        Variance along each, ddof=1.
    explained_variance_ratio_ : ndarray of shape (n_components_,), float64
        Its share of the variance of all features; 0 where nothing varies.
    mean_ : ndarray of shape (n_features,), float64
    n_features_in_, n_samples_ : int
    feature_names_in_ : ndarray of shape (n_features,), object
        Where `X` had columns with names of text.

    Notes
    -----
    The scatter matrix of the features is summed block by block in float64 and decomposed; memory
    does not depend on the number of rows. An array with more features than rows is decomposed by
    the products of its rows instead (Jolliffe 2002,
    *Principal Component Analysis*, section 3.5, doi:10.1007/b98835). Both are exact up to rounding:
    relative to the largest, variances below about 1e-12 are taken as 0.

    Of a large sparse matrix the leading components are found by the Lanczos iterations of ARPACK
    (Lehoucq, Sorensen and Yang 1998, doi:10.1137/1.9780898719628), through scikit-learn and in the
    precision of `X`; the matrix is never made dense.

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
    n_components_: int
    n_samples_: int

    def __init__(self, n_components: float | None = 2, *, whiten: bool = False) -> None:
        self.n_components = n_components
        self.whiten = whiten

    def fit(self, X: Any, y: object = None, *, progress: Progress | None = None) -> Self:  # noqa: ARG002
        """Find the components.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or iterator of arrays
            At least two rows in all. An iterator, of batches of rows, is consumed.
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
        self._check_parameters()
        if isinstance(X, Iterator):
            moments, names = _moments_of_batches(X, progress)
        else:
            names = feature_names_of(X)
            X = as_matrix(X, sparse=True)
            check_rows(X.shape[0], 2, "PCA")
            if is_sparse(X):
                report(progress, "moments", 0, X.shape[0])
                self._keep(decompose_sparse(X, self._wanted()), None, names)
                report(progress, "moments", X.shape[0], X.shape[0])
                return self
            if X.shape[1] > len(X):
                self._keep(self._decompose_wide(X, progress), None, names)
                return self
            moments = ScatterMoments(X.shape[1])
            for start, part in _blocks(X):
                report(progress, "moments", start, len(X))
                with overflow_is_infinite():
                    moments.update(part)
            report(progress, "moments", len(X), len(X))
        check_rows(moments.count, 2, "PCA")
        self._keep_moments(moments, names)
        return self

    def partial_fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Add the rows of a batch to those seen so far, and find the components of all.

        The result is that of one `fit` of all rows, up to rounding. The components are found anew
        each time; where only the last matter, ``fit`` of an iterator takes less time.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            As few as one row; variances are 0 until there are two.
        y : object
            Not used.

        Returns
        -------
        PCA
            Itself.

        Raises
        ------
        ProjectionError
            Where the estimator was fitted to a sparse matrix, or to more features than rows: the
            moments of its rows were not kept.
        """
        self._check_parameters()
        if not self.__sklearn_is_fitted__():
            names, X = feature_names_of(X), as_matrix(X)
            moments = ScatterMoments(X.shape[1])
        else:
            moments = copy.deepcopy(self._known_moments("partial_fit"))
            names, X = getattr(self, "feature_names_in_", None), self._as_fitted(X)
        with overflow_is_infinite():
            moments.update(X)
        self._keep_moments(moments, names)
        return self

    def merge(self, other: PCA) -> Self:
        """Add the rows that another PCA has seen, and find the components of all.

        So that the parts of a table can be fitted apart, on several machines, and put together: the
        result is that of one `fit` of all rows, up to rounding.

        Parameters
        ----------
        other : PCA
            Fitted to the same features; it is left as it is.

        Returns
        -------
        PCA
            Itself.

        Raises
        ------
        ProjectionError
            Where `other` has other features, or one of both has not kept its moments; see
            `partial_fit`.
        """
        mine = copy.deepcopy(self._known_moments("merge"))
        theirs = other._known_moments("merge")
        names = [getattr(pca, "feature_names_in_", None) for pca in (self, other)]
        if self.n_features_in_ != other.n_features_in_ or _as_list(names[0]) != _as_list(names[1]):
            raise ProjectionError(
                f"both must have the same features in the same order: {self.n_features_in_} "
                f"({_names_text(names[0])}) and {other.n_features_in_} ({_names_text(names[1])})"
            )
        with overflow_is_infinite():
            mine.merge(theirs)
        self._keep_moments(mine, names[0])
        return self

    def _known_moments(self, what: str) -> ScatterMoments:
        self._check_fitted()
        if self._moments is None:
            raise ProjectionError(
                f"{what} needs the moments of the rows, which a fit of a sparse matrix or of more "
                "features than rows does not keep; begin with partial_fit of dense batches"
            )
        return self._moments

    def _check_parameters(self) -> None:
        wanted = self.n_components
        is_share = isinstance(wanted, float | np.floating) and not float(wanted).is_integer()
        if is_share and not 0 < wanted < 1:  # type: ignore[operator]
            raise ProjectionError(
                "n_components must be an integer of at least 1, a share between 0 and 1, or None, "
                f"got {wanted!r}"
            )
        if wanted is not None and not is_share:
            check_integer("n_components (or a share between 0 and 1, or None)", wanted, 1)

    def _wanted(self) -> int | None:
        """How many components are to be found; None: all of them."""
        wanted: object = self.n_components
        return int(wanted) if isinstance(wanted, Integral) else None

    def _decompose_wide(self, X: Matrix, progress: Progress | None) -> Components:
        products = np.zeros((len(X), len(X)))
        with overflow_is_infinite():
            mean = X.mean(axis=0, dtype=np.float64)
            for columns in _column_blocks(X):
                report(progress, "moments", columns.start, X.shape[1])
                part = X[:, columns] - mean[columns]
                products += part @ part.T
        report(progress, "moments", X.shape[1], X.shape[1])
        check_squares(products)
        values, vectors = leading(products, self._wanted())
        rows = np.empty((len(values), X.shape[1]))
        for columns in _column_blocks(X):
            rows[:, columns] = vectors.T @ (X[:, columns] - mean[columns])
        total = float(np.trace(products))
        return Components(mean, values, unit_directions(rows, values), total, len(X))

    def _keep_moments(self, moments: ScatterMoments, names: NDArray[np.object_] | None) -> None:
        check_squares(moments.scatter)
        values, vectors = leading(moments.scatter, self._wanted())
        total = float(np.trace(moments.scatter))
        self._keep(
            Components(moments.mean, values, vectors.T, total, moments.count), moments, names
        )

    def _keep(
        self,
        components: Components,
        moments: ScatterMoments | None,
        names: NDArray[np.object_] | None,
    ) -> None:
        values, rows, total = components.values, components.rows, components.total
        n_rows, n_features = components.n_rows, len(components.mean)
        shares = values / total if total > 0 else np.zeros(len(values))
        if (wanted := self._wanted()) is not None:
            k = wanted
        else:
            k = max(1, min(n_rows, n_features))
            if self.n_components is not None:
                above = np.searchsorted(np.cumsum(shares), self.n_components, side="right") + 1
                k = min(k, int(above))
        kept = np.zeros((k, n_features))
        values, shares, rows = values[:k], shares[:k], rows[:k]
        kept[: len(rows)] = np.where(values[:, None] > 0, rows, 0.0)
        variance, ratio = np.zeros(k), np.zeros(k)
        variance[: len(values)] = values / max(n_rows - 1, 1)
        ratio[: len(shares)] = shares
        self.components_ = kept * _signs(kept)
        self.n_components_ = k
        self.explained_variance_, self.explained_variance_ratio_ = variance, ratio
        self.mean_ = components.mean
        self.n_samples_, self.n_features_in_ = n_rows, n_features
        self._moments = moments
        self._keep_feature_names(names)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    @property
    def _n_features_out(self) -> int:
        """How many columns the result has, which scikit-learn names pca0, pca1 and so on."""
        return self.n_components_

    def transform(self, X: Any) -> Matrix:
        """Return the coordinates of rows along the components.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or iterator of batches

        Returns
        -------
        ndarray of shape (n_samples, n_components_)
            float32 where `X` is, else float64. A table of pandas or Polars after ``set_output``.
        """
        self._check_fitted()
        if isinstance(X, Iterator):
            parts = [np.empty((0, self.n_components_), dtype=np.float32), *map(self._project, X)]
            return cast("Matrix", np.concatenate(parts))
        return self._project(X)

    def _project(self, X: Any) -> Matrix:
        rows = self._as_fitted(X, sparse=True)
        directions = self.components_.T / self._scale() if self.whiten else self.components_.T
        out: NDArray[np.float64]
        if is_sparse(rows):
            out = rows @ directions - self.mean_ @ directions
        else:
            out = np.empty((len(rows), self.n_components_))
            for start, part in _blocks(rows):
                out[start : start + len(part)] = (part - self.mean_) @ directions
        if rows.dtype == np.float32:
            return out.astype(np.float32)
        return out

    def _scale(self) -> NDArray[np.float64]:
        if not self.whiten:
            return np.ones(self.n_components_)
        return np.where(self.explained_variance_ > 0, np.sqrt(self.explained_variance_), 1.0)

    def inverse_transform(self, X: Any) -> Matrix:
        """Return the rows whose coordinates these are, as far as the components tell.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components_)
            Coordinates, as `transform` gives them.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            float32 where `X` is, else float64.
        """
        self._check_fitted()
        X = as_matrix(X)
        if X.shape[1] != self.n_components_:
            raise ProjectionError(
                f"X must have {self.n_components_} columns, one for each component, "
                f"got {X.shape[1]}"
            )
        rows: NDArray[np.float64] = (X * self._scale()) @ self.components_ + self.mean_
        if X.dtype == np.float32:
            return rows.astype(np.float32)
        return rows

    def fit_transform(
        self, X: Any, y: object = None, *, progress: Progress | None = None
    ) -> Matrix:
        """Fit to `X`, no iterator, and return its coordinates; see `fit` and `transform`."""
        if isinstance(X, Iterator):
            raise ProjectionError(
                "fit_transform needs an array, got an iterator; "
                "call fit, then transform on a fresh one"
            )
        return self.fit(X, y, progress=progress)._project(X)


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
    with overflow_is_infinite():
        moments.update(X)


def _signs(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ±1 for each row, which makes its largest loading (the first of equals) positive."""
    sizes = np.abs(components)
    # Equal up to rounding counts as equal: two standardised features always load ±.7071.
    first = (sizes >= sizes.max(axis=1, keepdims=True) * (1 - 1e-6)).argmax(axis=1)
    return np.where(components[np.arange(len(components)), first] < 0, -1.0, 1.0)[:, None]
