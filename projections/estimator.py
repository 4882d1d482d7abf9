"""What the projections share as estimators of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import validate_data

from projections.errors import ProjectionError, nearest_name
from projections.validation import as_matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["Estimator", "feature_names_of"]


def feature_names_of(X: Any) -> NDArray[np.object_] | None:
    """Return the column names of a table where all are text, as scikit-learn keeps them; else None.

    A table is a pandas, Polars or Arrow one.

    Raises
    ------
    TypeError
        Where some names are text and others are not.
    """
    if not _is_data_frame(X):
        return None
    holder = BaseEstimator()
    validate_data(holder, X, reset=True, skip_check_array=True)
    names: NDArray[np.object_] | None = getattr(holder, "feature_names_in_", None)
    return names


def _is_data_frame(X: Any) -> bool:
    return hasattr(X, "__dataframe__") or hasattr(X, "columns") or hasattr(X, "column_names")


class _NotFittedError(ProjectionError, NotFittedError):
    """scikit-learn's error, which is one of the projections too."""


class Estimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Base of the projections: a transformer of scikit-learn.

    Learned attributes end in an underscore; an estimator is fitted when it has ``n_features_in_``.
    It has ``feature_names_in_`` where the columns of the fit had names of text.
    """

    feature_names_in_: NDArray[np.object_]
    n_features_in_: int

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name and return the estimator.

        Raises
        ------
        ProjectionError
            Where a name is no parameter; it names the nearest.
        """
        existing = self._get_param_names()
        for name in parameters:
            if name not in existing:
                raise ProjectionError(
                    f"{name!r} is no parameter of {type(self).__name__}; "
                    f"it has {', '.join(existing)}{nearest_name(name, existing)}"
                )
        result: Self = super().set_params(**parameters)
        return result

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _keep_feature_names(self, names: NDArray[np.object_] | None) -> None:
        """Remember the names of a fit that has succeeded; forget those of the fit before."""
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _as_fitted(self, X: Any, *, sparse: bool = False) -> Matrix:
        """Return the matrix of `X`, whose columns are those of the fit.

        Raises
        ------
        ValueError
            scikit-learn's own, where names differ or stand in another order.
        ProjectionError
            Where `X` has another number of columns, or is no matrix of finite numbers.

        Warns
        -----
        UserWarning
            Where only one of `X` and the fit has names.
        """
        self._check_fitted()
        self._check_feature_names(X)
        matrix = as_matrix(X, sparse=sparse)
        if matrix.shape[1] != self.n_features_in_:
            raise ProjectionError(
                f"X has {matrix.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input; pass the columns of the fit"
            )
        return matrix

    def _check_feature_names(self, X: Any) -> None:
        if _is_data_frame(X) or hasattr(self, "feature_names_in_"):
            validate_data(self, X, reset=False, skip_check_array=True)

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise _NotFittedError(f"this {type(self).__name__} is not fitted; call fit(X) first")
