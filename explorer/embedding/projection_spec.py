"""A request for a projection: feature matrix, method, parameters and seed; and its cache key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.errors import unknown_name
from explorer.embedding.embedding import SCHEMA
from explorer.embedding.estimator_method import EstimatorDescription, describe_estimator
from explorer.embedding.map_alignment import MapAlignment
from explorer.embedding.projection_methods import METHODS
from explorer.features.matrix.spec import MatrixSpec
from projections.errors import ProjectionError
from projections.validation import check_integer
from projections.version import ENGINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.embedding.projection_methods import Method

__all__ = ["ProjectionSpec", "versions"]

# The packages whose code or random numbers reach the coordinates.
_PACKAGES = ("numpy", "scipy", "numba")


@dataclass(frozen=True)
class ProjectionSpec:
    """A projection that can be asked for: equal requests have equal keys.

    Parameters
    ----------
    matrix : MatrixSpec
        From columns to matrix.
    method : {"umap", "pca"}
        The projection; one of `explorer.embedding.projection_methods`.
    parameters : mapping
        The method's parameters; those not given take their defaults, which are written out here.
    random_state : int or None
        The seed, 0 or more, Python's or NumPy's; None is the fastest mode and not repeatable.
    aligned_to : str, optional
        Key of the embedding that the map is laid onto; see `explorer.embedding.aligned.laid_onto`.
    alignment : MapAlignment, optional
        What lays it there where that embedding is not at hand. It follows from the other fields,
        so the key does not depend on it.
    estimator : EstimatorDescription, optional
        An estimator of the caller in place of a method by name; see `of_estimator`.

    Raises
    ------
    UnknownName
        If the method or a parameter does not exist.
    projections.ProjectionError
        If the seed is anything else, or a parameter has a value that the method cannot use.
    """

    matrix: MatrixSpec
    method: str = "umap"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    random_state: int | None = 0
    aligned_to: str | None = None
    alignment: MapAlignment | None = None
    estimator: EstimatorDescription | None = None

    def __post_init__(self) -> None:
        if self.estimator is not None:
            return
        if self.method not in METHODS:
            raise unknown_name("method", self.method, METHODS)
        defaults = METHODS[self.method].defaults
        for name in self.parameters:
            if name not in defaults:
                raise unknown_name(f"parameter of {self.method}", name, defaults)
        parameters = {name: _like(defaults[name], value) for name, value in self.parameters.items()}
        object.__setattr__(self, "parameters", {**defaults, **parameters})
        METHODS[self.method].check(**self.parameters)
        if self.random_state is not None:
            seed = check_integer("random_state (or None)", self.random_state, 0)
            object.__setattr__(self, "random_state", seed)

    @classmethod
    def of_estimator(cls, matrix: MatrixSpec, estimator: Any) -> ProjectionSpec:
        """Return the request of a projection by an estimator with ``fit_transform``.

        Raises
        ------
        ProjectionError
            See `explorer.embedding.estimator_method.describe_estimator`.
        """
        about = describe_estimator(estimator)
        return cls(matrix, about.name, about.parameters, about.random_state, estimator=about)

    @property
    def projection_method(self) -> Method:
        """How it is computed."""
        if self.estimator is not None:
            return self.estimator.method
        return METHODS[self.method]

    def __hash__(self) -> int:
        return hash(json.dumps(self.document(), sort_keys=True))

    @property
    def name(self) -> str:
        """Label that tells it from others of a table: "UMAP of 11 features, n_neighbors=30"."""
        n = len(self.matrix.features)
        of = f"{n} features" if n > 1 else self.matrix.features[0]
        method = self.projection_method
        own = [
            f"{name}={value}"
            for name, value in self.parameters.items()
            if self.estimator is None and value != method.defaults[name]
        ]
        where = [f"where {self.matrix.where}"] if self.matrix.where else []
        rows = [self.matrix.rows.name] if self.matrix.rows else []
        return ", ".join([f"{method.label} of {of}", *own, *where, *rows])

    @property
    def unaligned(self) -> ProjectionSpec:
        """The same map before it is laid onto another one."""
        return replace(self, aligned_to=None, alignment=None)

    def document(self) -> dict[str, Any]:
        """Return the request as plain JSON."""
        return {
            "matrix": self.matrix.document(),
            "method": self.method,
            "parameters": dict(self.parameters),
            "random_state": self.random_state,
            # keys of maps that are laid onto no other stay as they were
            **({} if self.aligned_to is None else {"aligned_to": self.aligned_to}),
            **({} if self.alignment is None else {"alignment": self.alignment.document()}),
            **({} if self.estimator is None else {"estimator": self.estimator.document()}),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> ProjectionSpec:
        """Read a request back from its JSON.

        Raises
        ------
        ProjectionError
            Where the request was of an estimator of a caller, which JSON does not hold.
        """
        if "estimator" in document:
            raise ProjectionError(
                f"the map was made by {document['method']}, an estimator that was passed by a "
                "script: run the script again to make it anew"
            )
        alignment = document.get("alignment")
        read = {
            "matrix": MatrixSpec.from_document(document["matrix"]),
            "alignment": None if alignment is None else MapAlignment.from_document(alignment),
        }
        return cls(**{**document, **read})

    def key(self, fingerprint: str) -> str:
        """Return the cache key of the result: of table, request and versions of packages and file.

        Parameters
        ----------
        fingerprint : str
            Of the table.
        """
        request = replace(self, alignment=None).document()
        return key_of({"table": fingerprint, "versions": versions(), **request})


@cache
def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    packages = {package: metadata.version(package) for package in _PACKAGES}
    return {"schema": str(SCHEMA), "engine": str(ENGINE), **packages}


def _like(default: Any, value: Any) -> Any:
    """Bring a number to the type of its default: a slider's 15.0 and NumPy's 15 are 15."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    if isinstance(default, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
