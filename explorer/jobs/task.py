"""The work itself: from requests to finished entries of the cache.

It runs in a worker, or in the caller's own process.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from explorer.core.errors import CacheError, EmbeddingError
from explorer.core.gettext import _
from explorer.core.jobs.events import Finished
from explorer.embedding.aligned import laid_by, laid_onto
from explorer.embedding.cached import EMBEDDING_FILE, find_embedding, keep_embedding
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.embedding.embedding_computation import lay_out, with_scores
from explorer.features.matrix.matrix import build_matrix
from explorer.jobs.forecast import CostTable, Forecast, forecast
from explorer.jobs.plan import Step
from explorer.map.about import About, write_about
from explorer.map.map_store import build_store, open_store
from explorer.selection.row_subset import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from explorer.core.cache import Cache
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.features.matrix.spec import MatrixSpec
    from explorer.sources.source import ArrowSource
    from projections.errors import Progress

__all__ = ["MAP_FOLDER", "map_error", "project_into", "store_embedding"]

logger = logging.getLogger(__name__)

MAP_FOLDER = "map"
"""The store that is drawn, within the folder of an embedding's entry."""


class ProgressReporter(Protocol):
    """A progress function that is also told what the whole job will do."""

    def expect(self, steps: Sequence[Step]) -> None:
        """Take the steps of the whole job, in order; again when better seconds are known."""

    def __call__(self, stage: str, done: int, total: int) -> bool | None:
        """Take ``progress(stage, done, total)``; returning False cancels."""


def project_into(
    cache: Cache,
    source: ArrowSource,
    requests: Sequence[ProjectionSpec],
    progress: ProgressReporter,
    early: Callable[[Finished], object] | None = None,
) -> Iterator[Finished]:
    """Compute embeddings in order, and yield each when it can be drawn and when it is scored.

    What is already in the cache is not computed again. Requests in a row with an equal matrix share
    it: all of them are laid out before the first is scored, so that nobody waits for a map. What
    was measured teaches the forecast.

    Parameters
    ----------
    cache : Cache
        Where embeddings are kept: finished ones under the kind "embeddings", others under
        "previews".
    source : ArrowSource
        The table.
    requests : sequence of ProjectionSpec
        What to compute.
    progress : ProgressReporter
        Called through the stages matrix, pca, prepare, landmarks, place, neighbors, graph, layout,
        map, scores: those there are.
    early : callable, optional
        Told of a map whose rows are still to move, in the middle of its layout.

    Yields
    ------
    Finished

    Raises
    ------
    ExplorerError, projections.ProjectionError, projections.Cancelled
        Finished embeddings stay, nothing is kept of those in work.
    """
    missing = []
    for spec in requests:
        cached = _find(cache, source, spec, progress)
        if cached is None:
            missing.append(spec)
        else:
            yield cached
    work = _Work(
        cache,
        source,
        [list(group) for _, group in groupby(missing, key=lambda spec: spec.matrix)],
        progress,
        early,
    )
    for place in range(len(work.groups)):
        yield from work.project(place)


def _find(
    cache: Cache, source: ArrowSource, spec: ProjectionSpec, progress: Progress
) -> Finished | None:
    key = spec.key(source.fingerprint)
    folder = cache.get("embeddings", key)
    if folder is not None:
        return Finished(key, folder, note=_renewed(folder, progress))
    embedding = find_embedding(cache, spec.unaligned.key(source.fingerprint))
    if embedding is not None:  # computed where nobody needed a map, or not laid onto this one
        made = _laid_out(cache, embedding, spec, source)
        return Finished(key, store_embedding(cache, made, progress))
    return None


def _laid_out(
    cache: Cache, embedding: Embedding, spec: ProjectionSpec, source: ArrowSource
) -> Embedding:
    """Lay an embedding onto another one, if it is asked for."""
    if spec.aligned_to is None:
        return embedding
    first = find_embedding(cache, spec.aligned_to)
    if first is None and spec.alignment is not None:
        return laid_by(embedding, spec.alignment, spec.aligned_to, spec.key(source.fingerprint))
    if first is None:
        raise EmbeddingError(
            "the map that the new one is aligned with is no longer in the cache: press "
            "Project again"
        )
    return laid_onto(embedding, first, spec.key(source.fingerprint))


def map_error(folder: Path) -> str:
    """Say why the map of a finished embedding's folder cannot be opened; empty if it can.

    It may be of an older version, or damaged.
    """
    try:
        open_store(folder / MAP_FOLDER)
    except EmbeddingError as error:
        return str(error)
    return ""


def _renewed(folder: Path, progress: Progress) -> str:
    """Build a map again that cannot be opened, and say so in words; else say nothing."""
    trouble = map_error(folder)
    if not trouble:
        return ""
    logger.warning("a map is built again: %s", trouble)
    shutil.rmtree(folder / MAP_FOLDER, ignore_errors=True)
    embedding = open_embedding(folder / EMBEDDING_FILE)
    _build_map(embedding, folder, progress)
    return _(
        "The map {name!r} could not be read any more: it was built again from its coordinates."
    ).format(name=embedding.name)


class _Work:
    """The groups of requests that share a matrix, and what is known of their cost."""

    def __init__(
        self,
        cache: Cache,
        source: ArrowSource,
        groups: list[list[ProjectionSpec]],
        progress: ProgressReporter,
        early: Callable[[Finished], object] | None,
    ) -> None:
        self.cache, self.source, self.groups, self.progress = cache, source, groups, progress
        self.early = early
        self.costs = CostTable(cache.folder)
        # Until a matrix is built, its shape is guessed: a row of the table each, a column of the
        # matrix each feature.
        self.shapes = [_guessed_shape(source, group[0].matrix) for group in groups]

    def project(self, place: int) -> Iterator[Finished]:
        group = self.groups[place]
        self.progress.expect(self._steps())
        with self._timed(group[0], place, "matrix"):
            wanted = group[0].matrix
            subset, num_rows = wanted.rows, self.source.num_rows
            rows = None if subset is None else read_rows(self.cache, subset, num_rows)
            matrix = build_matrix(self.source, wanted, self.progress, rows)
            self.shapes[place] = (matrix.X.shape[0], matrix.X.shape[1])
        self.progress.expect(self._steps())
        laid_out = []
        for spec in group:
            show = partial(self._show, spec) if self.early else None
            embedding = lay_out(self.source, spec.unaligned, matrix, self.progress, show)
            self._learn(spec, place, embedding.provenance["stage_seconds"])
            laid_out.append(embedding)
            with self._timed(spec, place, "map"):
                shown = _laid_out(self.cache, embedding, spec, self.source)
                folder = store_embedding(self.cache, shown, self.progress, preview=True)
            yield Finished(shown.provenance["key"], folder, preview=True)
        for spec, embedding in zip(group, laid_out, strict=True):
            with self._timed(spec, place, "scores"):
                scored = with_scores(embedding, matrix, self.progress)
            if spec.aligned_to is not None:  # laid onto another map it needs not be made again
                keep_embedding(self.cache, scored)
            shown = _laid_out(self.cache, scored, spec, self.source)
            yield Finished(
                shown.provenance["key"], store_embedding(self.cache, shown, self.progress)
            )

    def _show(self, spec: ProjectionSpec, embedding: Embedding) -> None:
        shown = _laid_out(self.cache, embedding, spec, self.source)
        folder = store_embedding(self.cache, shown, preview=True)
        if self.early is not None:
            self.early(Finished(shown.provenance["key"], folder, preview=True))

    def _steps(self) -> list[Step]:
        steps = []
        for group, shape in zip(self.groups, self.shapes, strict=True):
            ways = [
                (spec.key(self.source.fingerprint), _forecast(spec, shape, self.costs).stages)
                for spec in group
            ]
            steps.append(Step(ways[0][0], "matrix", ways[0][1]["matrix"]))
            for key, stages in ways:
                steps += [
                    Step(key, stage, stages[stage])
                    for stage in stages
                    if stage not in ("matrix", "scores")
                ]
            for key, stages in ways:
                steps += [Step(key, stage, stages[stage]) for stage in ("scores", "map")]
        return steps

    @contextmanager
    def _timed(self, spec: ProjectionSpec, place: int, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._learn(spec, place, {stage: time.perf_counter() - started})

    def _learn(self, spec: ProjectionSpec, place: int, measured: dict[str, float]) -> None:
        self.costs.learn(_forecast(spec, self.shapes[place]).stages, spec.method, measured)


def store_embedding(
    cache: Cache, embedding: Embedding, progress: Progress | None = None, preview: bool = False
) -> Path:
    """Put an embedding and its map into the cache, under the key in its provenance.

    Parameters
    ----------
    cache : Cache
        Where to: under the kind "embeddings", or "previews".
    embedding : Embedding
        With provenance.
    progress : callable, optional
        ``progress("map", done, total)``; returning False cancels.
    preview : bool
        Whether this is one without scores, for the eyes only: nobody will look it up.

    Returns
    -------
    Path
        The folder of the entry, with the embedding in `EMBEDDING_FILE` and its map in `MAP_FOLDER`.
    """
    kind, key = "embeddings", embedding.provenance["key"]
    if preview:
        # A name of its own: an unseeded projection comes out differently each time, and entries are
        # never replaced.
        kind, key = "previews", f"{key}-{os.urandom(4).hex()}"
    with cache.put(kind, key) as draft:
        embedding.save(draft / EMBEDDING_FILE)
        _build_map(embedding, draft, progress)
    folder = cache.get(kind, key)
    if folder is None:
        raise CacheError(
            f"the finished embedding is no longer in the cache folder {str(cache.folder)!r}: "
            "make it larger"
        )
    return folder


def _build_map(embedding: Embedding, folder: Path, progress: Progress | None) -> None:
    also = partial(write_about, about=About.of(embedding), rows=embedding.rows)
    build_store(embedding.xy, folder / MAP_FOLDER, progress and _as_map(progress), also)


def _as_map(progress: Progress) -> Progress:
    return lambda _step, done, total: progress("map", done, total)


def _guessed_shape(source: ArrowSource, matrix: MatrixSpec) -> tuple[int, int]:
    rows = source.num_rows if matrix.rows is None else matrix.rows.count
    return rows, len(matrix.features)


def _forecast(
    spec: ProjectionSpec, shape: tuple[int, ...], costs: CostTable | None = None
) -> Forecast:
    return forecast(shape[0], shape[1], spec.method, spec.parameters, costs)
