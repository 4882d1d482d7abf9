"""scikit-learn's estimator contract, without importing scikit-learn where it is not needed."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Self

from projections.errors import ProjectionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Estimator", "feature_names_of"]


def feature_names_of(X: Any) -> NDArray[np.object_] | None:
    """Return the column names of a table where all are text, as scikit-learn keeps them; else None.

    A table is a pandas, Polars or Arrow one. scikit-learn is imported for tables only.

    Raises
    ------
    TypeError
        Where some names are text and others are not.
    """
    if not _is_data_frame(X):
        return None  # an array, which does not need scikit-learn
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import validate_data

    holder = BaseEstimator()
    validate_data(holder, X, reset=True, skip_check_array=True)
    names: NDArray[np.object_] | None = getattr(holder, "feature_names_in_", None)
    return names


def _is_data_frame(X: Any) -> bool:
    return hasattr(X, "__dataframe__") or hasattr(X, "columns") or hasattr(X, "column_names")


class Estimator:
    """Base of the projections: the arguments of ``__init__``, stored as given, are the parameters.

    Learned attributes end in an underscore; an estimator is fitted when it has ``n_features_in_``.
    It has ``feature_names_in_`` where the columns of the fit had names of text.
    """

    feature_names_in_: NDArray[np.object_]

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (part of the contract)
        """Return the parameters by name; `deep` is part of scikit-learn's contract and ignored."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name and return the estimator."""
        existing = self._parameter_names()
        for name, value in parameters.items():
            if name not in existing:
                raise ProjectionError(
                    f"{name!r} is no parameter of {type(self).__name__}; "
                    f"it has {', '.join(existing)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(defaults[name].default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:
        # Only scikit-learn itself calls this, so that it is loaded already.
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(),
        )

    def _keep_feature_names(self, names: NDArray[np.object_] | None) -> None:
        """Remember the names of a fit that has succeeded; forget those of the fit before."""
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _check_feature_names(self, X: Any) -> None:
        """Compare the column names of `X` with those of the fit.

        Raises
        ------
        ValueError
            scikit-learn's own, where names differ or stand in another order.

        Warns
        -----
        UserWarning
            Where only one of both has names.
        """
        if _is_data_frame(X) or hasattr(self, "feature_names_in_"):
            from sklearn.utils.validation import validate_data

            validate_data(self, X, reset=False, skip_check_array=True)

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise ProjectionError(f"this {type(self).__name__} is not fitted; call fit(X) first")
