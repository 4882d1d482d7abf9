"""An estimator of the caller, such as scikit-learn's TSNE or umap-learn's UMAP, as a method."""

from __future__ import annotations

import copy
import sys
import time
import warnings
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.embedding.projection_methods import Fit, Method
from projections.errors import Cancelled, Progress, ProjectionError, report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.embedding.projection_methods import Settings
    from explorer.features.matrix.matrix import FeatureMatrix

__all__ = ["EstimatorDescription", "describe_estimator"]

_LONGEST_LABEL = 80


@dataclass(frozen=True)
class EstimatorDescription:
    """What the provenance says of an estimator, and what makes its result another one.

    Attributes
    ----------
    name : str
        Module and class.
    package, version : str
        Which release it comes from; "" where it is no part of an installed package.
    parameters : dict
        What ``get_params`` gives, as JSON; what JSON does not have, by its repr.
    random_state : int or None
    digest : str
        Of class and parameters with all that they hold.
    estimator : object
    """

    name: str
    package: str
    version: str
    parameters: dict[str, Any]
    random_state: int | None
    digest: str
    estimator: Any = field(repr=False, compare=False)

    @property
    def method(self) -> Method:
        """How the estimator projects."""
        return _method(self.estimator)

    def document(self) -> dict[str, str]:
        """Return, as JSON, what tells it from others beside name and parameters."""
        return {"package": self.package, "version": self.version, "digest": self.digest}


def describe_estimator(estimator: Any) -> EstimatorDescription:
    """Describe an estimator.

    Parameters
    ----------
    estimator : object
        With ``fit_transform``.

    Raises
    ------
    ProjectionError
        Where it is a class, has no ``fit_transform``, or holds what cannot be hashed.
    """
    import joblib

    if isinstance(estimator, type):
        raise ProjectionError(
            f"method must be an estimator, got the class {estimator.__name__}: "
            f"call it, as in {estimator.__name__}()"
        )
    if not callable(getattr(estimator, "fit_transform", None)):
        raise ProjectionError(
            "method must be the name of a method or an estimator with fit_transform, "
            f"got a {type(estimator).__name__}"
        )
    own = type(estimator)
    package, version = _release(own.__module__.partition(".")[0])
    parameters = _parameters(estimator)
    try:
        digest = joblib.hash((own.__qualname__, parameters or vars(estimator)))
    except Exception as error:  # whatever pickling raises
        raise ProjectionError(
            f"the parameters of {own.__name__} cannot be told from others, so that its map could "
            f"not be found again ({error}); pass functions that are defined in a module"
        ) from error
    seed = parameters.get("random_state")
    return EstimatorDescription(
        f"{own.__module__}.{own.__qualname__}",
        package,
        version,
        {name: _as_json(value) for name, value in sorted(parameters.items())},
        int(seed) if isinstance(seed, int | np.integer) else None,
        digest,
        estimator,
    )


def _method(estimator: Any) -> Method:
    """Return the method that fits a copy of an estimator and takes its first two components."""
    label = " ".join(repr(estimator).split())
    if label.startswith("<") or len(label) > _LONGEST_LABEL:
        label = type(estimator).__name__

    def fit(
        matrix: FeatureMatrix,
        settings: Settings,  # noqa: ARG001  the estimator has its own
        progress: Progress | None,
        show: Callable[[Fit], object] | None,  # noqa: ARG001  nothing is known on the way
    ) -> Fit:
        return _fit(estimator, label, matrix, progress)

    return Method(
        label=label,
        fewest_rows=2,
        defaults={},
        check=_accept,
        fit=fit,
        stage_seconds=_unknown_seconds,
        peak_bytes=_copy_bytes,
    )


def _fit(estimator: Any, label: str, matrix: FeatureMatrix, progress: Progress | None) -> Fit:
    copied = _unfitted(estimator)
    _show_progress(copied, progress)
    report(progress, "fit", 0, 0)
    started = time.perf_counter()
    try:
        # a copy: scores are taken of the matrix, which an estimator may change
        result = copied.fit_transform(matrix.X.copy())
    except (Cancelled, MemoryError):
        raise
    except Exception as error:
        rows, columns = matrix.X.shape
        raise ProjectionError(
            f"{label} failed on {rows:,} rows x {columns:,} columns: "
            f"{type(error).__name__}: {error}"
        ) from error
    seconds = time.perf_counter() - started
    coordinates = _checked(result, label, len(matrix.rows))
    notes = []
    if coordinates.shape[1] > 2:
        notes.append(f"{label} gave {coordinates.shape[1]} components: the first two are drawn")
    with np.errstate(over="ignore"):
        xy = np.ascontiguousarray(coordinates[:, :2], dtype=np.float32)
    if not np.isfinite(xy).all():
        raise ProjectionError(
            f"coordinates of {label} exceed float32 (about 3e38); scale the features"
        )
    return Fit(xy, {"fit": seconds}, notes=notes)


def _checked(result: Any, label: str, n_rows: int) -> np.ndarray:
    expected = f"expected {n_rows:,} rows of at least 2 numbers from {label}"
    try:
        coordinates = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ProjectionError(f"{expected}, got a {type(result).__name__}: {error}") from error
    if coordinates.ndim != 2 or coordinates.shape[0] != n_rows or coordinates.shape[1] < 2:
        hint = "; set n_components=2" if coordinates.shape == (n_rows, 1) else ""
        raise ProjectionError(f"{expected}, got shape {coordinates.shape}{hint}")
    n_bad = int(np.count_nonzero(~np.isfinite(coordinates[:, :2]).all(axis=1)))
    if n_bad:
        raise ProjectionError(
            f"{expected}, got NaN or infinite values in {n_bad:,} rows; a map needs all of them"
        )
    return coordinates


def _unfitted(estimator: Any) -> Any:
    """Return a copy with the same parameters; the caller's own is left as it is."""
    if hasattr(estimator, "get_params"):
        from sklearn.base import clone

        return clone(estimator)
    return copy.deepcopy(estimator)


def _show_progress(estimator: Any, progress: Progress | None) -> None:
    """Have umap-learn tell `progress` of its epochs, where no bar of its own was asked for."""
    parameters = _parameters(estimator)
    if progress is not None and "tqdm_kwds" in parameters and not parameters["tqdm_kwds"]:
        from projections.umap_learn import epochs_told_to

        estimator.set_params(tqdm_kwds=epochs_told_to(progress))


def _parameters(estimator: Any) -> dict[str, Any]:
    if not hasattr(estimator, "get_params"):
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that will go
        return dict(estimator.get_params(deep=True))


@cache
def _release(top: str) -> tuple[str, str]:
    """Return the package that a module belongs to, and its version; looked up once."""
    names = metadata.packages_distributions().get(top, [])
    if not names:
        loaded = sys.modules.get(top)
        return "", str(getattr(loaded, "__version__", ""))
    return names[0], metadata.version(names[0])


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else repr(value)
    if isinstance(value, np.generic):
        return _as_json(value.item())
    return " ".join(repr(value).split())


def _accept(**_parameters: Any) -> None:
    """Leave it to the estimator what its parameters may be."""


def _unknown_seconds(_n: int, _d: int, _parameters: Mapping[str, Any]) -> dict[str, float]:
    return {"fit": 0.0}


def _copy_bytes(n: int, d: int, _parameters: Mapping[str, Any]) -> float:
    return 4.0 * n * d
