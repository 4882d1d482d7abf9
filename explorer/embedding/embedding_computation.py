"""From a table and a request to an embedding: matrix, projection, scores, trust, provenance."""

from __future__ import annotations

import copy
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.embedding.embedding import SCHEMA, Embedding
from explorer.embedding.projection_methods import Fit, Settings
from explorer.embedding.projection_spec import ProjectionSpec, versions
from explorer.features.matrix.matrix import FeatureMatrix, build_matrix
from explorer.features.matrix.spec import MatrixSpec
from explorer.features.matrix_memory import available_memory
from projections.cost import anchors_for, check_memory
from projections.errors import Progress, ProjectionError, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["compute_embedding", "lay_out", "trust_of", "with_scores", "with_stability"]

# A row that was not scored is trusted as the mean of so many scored rows around it: a convention.
# Fewer would show the noise of single rows, more would blur the borders of regions.
_TRUST_NEIGHBOURS = 8
_FEWEST_SCORED = 4  # rows; with fewer, every map keeps all neighbours

# The engine's stages under the names that a user waits through.
_STAGES = {"moments": "pca", "start": "neighbors"}


def compute_embedding(
    source: ArrowSource,
    spec: ProjectionSpec,
    progress: Progress | None = None,
    matrix: FeatureMatrix | None = None,
    rows: NDArray[np.bool_] | None = None,
) -> Embedding:
    """Compute an embedding of a table, with scores.

    Parameters
    ----------
    source : ArrowSource
        The table.
    spec : ProjectionSpec
        What is asked for.
    progress : callable, optional
        ``progress(stage, done, total)`` through matrix, then pca, or those of prepare, landmarks,
        place, neighbors, graph and layout that there are, then scores; returning False cancels.
    matrix : FeatureMatrix, optional
        The matrix of ``spec.matrix``, when it is at hand already.
    rows : ndarray of shape (n,), bool, optional
        Which rows of the table ``spec.matrix.rows`` are; needed where the spec names some.

    Returns
    -------
    Embedding

    Raises
    ------
    FeatureError, ExpressionError, TableError
        When the matrix cannot be made.
    projections.ProjectionError
        When it cannot be projected.
    projections.Cancelled
    """
    seconds: dict[str, float] = {}
    if matrix is None:
        with _timed(seconds, "matrix"):
            matrix = build_matrix(source, spec.matrix, progress, rows)
    embedding = with_scores(lay_out(source, spec, matrix, progress), matrix, progress)
    embedding.provenance["stage_seconds"] = {**seconds, **embedding.provenance["stage_seconds"]}
    return embedding


def lay_out(
    source: ArrowSource,
    spec: ProjectionSpec,
    matrix: FeatureMatrix,
    progress: Progress | None = None,
    preview: Callable[[Embedding], object] | None = None,
) -> Embedding:
    """Project a matrix: an embedding that can be drawn, without scores and with trust NaN.

    Parameters
    ----------
    source, spec, matrix, progress
        As in `compute_embedding`.
    preview : callable, optional
        Given the embedding once on the way, when all rows have been placed among landmarks but are
        still to move.

    Raises
    ------
    projections.ProjectionError
        Also where the memory that is free does not suffice; it names what would.
    """
    n, d = matrix.X.shape
    method = spec.projection_method
    check_memory(n, d, method.label, method.peak_bytes, spec.parameters, free=available_memory())

    def embedding_of(fit: Fit) -> Embedding:
        seconds: dict[str, float] = {}
        for stage, value in fit.seconds.items():
            name = _STAGES.get(stage, stage)
            seconds[name] = round(seconds.get(name, 0.0) + value, 4)
        trust = np.full(len(matrix.rows), np.nan, dtype=np.float32)
        story = _provenance(source, spec, matrix, fit, seconds)
        optimised = np.ones(n, dtype=bool) if fit.optimised is None else fit.optimised
        return Embedding(fit.xy, matrix.rows, trust, {}, story, optimised)

    show = None if preview is None else lambda fit: preview(embedding_of(fit))
    settings = Settings(spec.parameters, spec.random_state)
    return embedding_of(method.fit(matrix, settings, _renamed(progress), show))


def with_scores(
    embedding: Embedding, matrix: FeatureMatrix, progress: Progress | None = None
) -> Embedding:
    """Measure what an embedding keeps of its matrix; return it with scores and trust."""
    story = copy.deepcopy(embedding.provenance)
    if len(embedding.rows) < _FEWEST_SCORED:
        story["notes"].append(
            f"{len(embedding.rows)} rows are too few to measure what the map keeps"
        )
        return replace(embedding, provenance=story)
    from projections import scores

    report(progress, "scores", 0, 1)
    with _timed(story["stage_seconds"], "scores"):
        anchors = anchors_for(len(embedding.rows))
        seed = story["method"]["random_state"] or 0
        result = scores(
            matrix.X, embedding.xy, n_anchors=anchors, random_state=seed, progress=progress
        )
        trust = trust_of(embedding.xy, *result.per_point)
    report(progress, "scores", 1, 1)
    return replace(embedding, trust=trust, scores=result.document(), provenance=story)


def with_stability(
    source: ArrowSource, embedding: Embedding, n_seeds: int, progress: Progress | None = None
) -> Embedding:
    """Measure how a UMAP depends on its seed; return it with the score "stability".

    Parameters
    ----------
    source : ArrowSource
        The table that it was made from.
    embedding : Embedding
    n_seeds : int
        Maps of up to 10,000 rows, chosen at random, that are compared; at least 2.
    progress : callable, optional
        ``progress(stage, done, total)`` through matrix and stability.
    """
    method = embedding.provenance["method"]
    if method["name"] != "umap":
        raise ProjectionError(
            f"stability is measured of a UMAP by name, method='umap'; this is {method['name']}"
        )
    from projections import UMAP, stability

    embedding.check(source.fingerprint)
    spec = MatrixSpec.from_document(embedding.provenance["matrix"]["spec"])
    used = np.zeros(source.num_rows, dtype=np.bool_)
    used[embedding.rows] = True
    matrix = build_matrix(source, replace(spec, rows=None), progress, used)
    seed = method["random_state"] or 0
    result = stability(
        matrix.X, UMAP(**method["parameters"]), n_seeds, random_state=seed, progress=progress
    )
    return replace(embedding, scores={**embedding.scores, "stability": result.document()})


def _renamed(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda stage, done, total: progress(_STAGES.get(stage, stage), done, total)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] = round(time.perf_counter() - started, 4)


def trust_of(xy: np.ndarray, anchors: np.ndarray, anchor_scores: np.ndarray) -> np.ndarray:
    """Give all rows the scores of some: exact there, elsewhere the mean of the 8 nearest.

    Parameters
    ----------
    xy : ndarray of shape (m, 2)
        The map.
    anchors : ndarray of shape (a,), integer
        The rows that were scored; a ≥ 1.
    anchor_scores : ndarray of shape (a,)
        Their scores.

    Returns
    -------
    ndarray of shape (m,), float32
    """
    from scipy.spatial import cKDTree

    k = min(_TRUST_NEIGHBOURS, len(anchors))
    _, nearest = cKDTree(xy[anchors]).query(xy, k=k, workers=-1)
    trust = np.asarray(anchor_scores, dtype=np.float32)[nearest.reshape(len(xy), k)].mean(
        axis=1, dtype=np.float32
    )
    trust[anchors] = anchor_scores
    return np.ascontiguousarray(trust)


def _provenance(
    source: ArrowSource,
    spec: ProjectionSpec,
    matrix: FeatureMatrix,
    fit: Fit,
    seconds: dict[str, float],
) -> dict[str, Any]:
    used, document = len(matrix.rows), matrix.document()
    return {
        "schema": SCHEMA,
        "key": spec.key(source.fingerprint),
        "name": spec.name,
        "table": {"name": source.name, "fingerprint": source.fingerprint, "rows": source.num_rows},
        "rows": {
            "used": used,
            "left_out": source.num_rows - used,
            "imputed": int(np.count_nonzero(matrix.imputed_rows)),
            "placed": 0 if fit.optimised is None else int(np.count_nonzero(~fit.optimised)),
        },
        "matrix": document,
        "method": {
            "name": spec.method,
            "parameters": dict(spec.parameters),
            "random_state": spec.random_state,
            **({} if spec.estimator is None else {"estimator": spec.estimator.document()}),
        },
        **fit.facts,
        "versions": versions(),
        "stage_seconds": seconds,
        "notes": [*source.notes, *document["notes"], *fit.notes],
    }
