"""scikit-learn's estimator contract, without importing scikit-learn."""

from __future__ import annotations

import inspect
from typing import Any, Self

from projections.errors import ProjectionError

__all__ = ["Estimator"]


class Estimator:
    """Base of the projections: parameters are the arguments of ``__init__``, stored as given under the same names.

    Learned attributes end in an underscore; an estimator is fitted when it has ``n_features_in_``.
    """

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (part of the contract)
        """Return the parameters by name; `deep` is accepted for the contract and changes nothing."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name and return the estimator."""
        known = self._parameter_names()
        for name, value in parameters.items():
            if name not in known:
                raise ProjectionError(
                    f"{name!r} is no parameter of {type(self).__name__}; it has {', '.join(known)}"
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

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise ProjectionError(f"this {type(self).__name__} is not fitted; call fit(X) first")
