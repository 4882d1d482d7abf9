"""The methods that a feature matrix can be projected by, each with its parameters and its cost.

What computes is imported when it is used: the command line lists the methods before it is known
where compiled code is to be kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from explorer.features.matrix.matrix import FeatureMatrix
    from projections.errors import Progress

__all__ = ["METHODS", "Fit", "Method", "Settings"]


@dataclass(frozen=True)
class Settings:
    """What a fit is asked for: all parameters of its method, and the seed or None."""

    parameters: Mapping[str, Any]
    random_state: int | None


@dataclass(frozen=True, eq=False)
class Fit:
    """What a method gives back, whatever the method.

    Parameters
    ----------
    xy : ndarray of shape (n, 2), float32
        A place for each row of the matrix.
    seconds : dict of str to float
        What each stage took, under the names of `Method.stage_seconds`.
    optimised : ndarray of shape (n,), bool, optional
        False: placed among the others, not laid out with them. All rows are laid out without it.
    notes : list of str
        For whoever reads the map.
    facts : dict
        JSON for the provenance.
    """

    xy: NDArray[np.float32]
    seconds: Mapping[str, float]
    optimised: NDArray[np.bool_] | None = None
    notes: list[str] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Method:
    """A projection by name.

    Parameters
    ----------
    label : str
        What pages call it.
    fewest_rows : int
        With fewer it makes no map.
    defaults : mapping
        Its parameters.
    check : callable
        Takes parameters by name and refuses values that the method cannot use.
    fit : callable
        Takes the matrix, the settings, ``progress(stage, done, total)`` or None, and a function
        that shows a first `Fit` on the way, or None.
    stage_seconds, peak_bytes : callable
        Take rows, columns and parameters; give the seconds of each stage in order on two cores, and
        the memory needed beside the matrix.
    """

    label: str
    fewest_rows: int
    defaults: Mapping[str, Any]
    check: Callable[..., None]
    fit: Callable[[FeatureMatrix, Settings, Progress | None, Callable[[Fit], object] | None], Fit]
    stage_seconds: Callable[[int, int, Mapping[str, Any]], dict[str, float]]
    peak_bytes: Callable[[int, int, Mapping[str, Any]], float]


def _fit_pca(
    matrix: FeatureMatrix,
    settings: Settings,  # noqa: ARG001  it has neither parameters nor chance
    progress: Progress | None,
    show: Callable[[Fit], object] | None,  # noqa: ARG001  it is there at once
) -> Fit:
    import numpy as np

    from projections import PCA

    started = time.perf_counter()
    pca = PCA(n_components=2).fit(matrix.X, progress=progress)
    xy = pca.transform(matrix.X).astype(np.float32)
    facts = {
        "loadings": {
            "columns": [column.name for column in matrix.columns],
            "components": pca.components_.tolist(),
        },
        "explained_variance_ratio": pca.explained_variance_ratio_.tolist(),
    }
    return Fit(xy, {"pca": time.perf_counter() - started}, facts=facts)


def _pca_seconds(n: int, d: int, _parameters: Mapping[str, Any]) -> dict[str, float]:
    from projections.cost import pca_seconds

    return pca_seconds(n, d)


def _pca_bytes(n: int, _d: int, _parameters: Mapping[str, Any]) -> float:
    from projections.cost import pca_bytes

    return pca_bytes(n)


def _fit_umap(
    matrix: FeatureMatrix,
    settings: Settings,
    progress: Progress | None,
    show: Callable[[Fit], object] | None,
) -> Fit:
    from projections import UMAP

    def on_the_way(xy: NDArray[np.float32], optimised: NDArray[np.bool_]) -> None:
        if show is not None:
            notes = ["a first map: rows that were placed among others will still move"]
            show(Fit(xy, {}, optimised, notes))

    umap = UMAP(**settings.parameters, random_state=settings.random_state)
    umap.fit(matrix.X, progress=progress, preview=on_the_way)
    facts = {"neighbors_recall": float(umap.neighbors_recall_)}
    return Fit(umap.embedding_, umap.stage_seconds_, umap.optimised_, list(umap.notes_), facts)


def _umap_seconds(n: int, d: int, parameters: Mapping[str, Any]) -> dict[str, float]:
    from projections.cost import umap_seconds

    return umap_seconds(n, d, parameters)


def _umap_bytes(n: int, d: int, parameters: Mapping[str, Any]) -> float:
    from projections.cost import umap_bytes

    return umap_bytes(n, d, parameters)


def _has_none() -> None:
    """Accept that there is no parameter."""


def _check_umap(**parameters: Any) -> None:
    from projections.umap_parameters import check_umap_parameters

    check_umap_parameters(**parameters)


METHODS = {
    "pca": Method(
        label="PCA",
        fewest_rows=2,
        defaults={},
        check=_has_none,
        fit=_fit_pca,
        stage_seconds=_pca_seconds,
        peak_bytes=_pca_bytes,
    ),
    "umap": Method(
        label="UMAP",
        fewest_rows=4,
        defaults={"n_neighbors": 15, "min_dist": 0.1, "n_epochs": None, "landmarks": "auto"},
        check=_check_umap,
        fit=_fit_umap,
        stage_seconds=_umap_seconds,
        peak_bytes=_umap_bytes,
    ),
}
