"""Maps by their key: of the session, of the cache, or made as a link says."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError, ExplorerError
from explorer.core.gettext import _
from explorer.core.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.embedding.cached import find_embedding
from explorer.jobs.task import MAP_FOLDER
from explorer.map.shared_maps import shared_map
from explorer.session.maps.job_progress import JobProgress
from explorer.session.maps.specs import specs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.embedding.embedding import Embedding
    from explorer.embedding.map_alignment import MapAlignment
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.jobs.queue import Job, JobQueue
    from explorer.map.map import Map
    from explorer.selection.row_subset import RowSubset
    from explorer.session.maps.open_maps import OpenMaps
    from explorer.state.document import MapRecipe
    from explorer.table.table import Table

__all__ = ["MapFinder", "MapPendingError"]

_COMING = _("a map on which rows were selected is being made: these rows follow")
_UNKNOWN = _(
    "the selection was drawn on a map that is not in the cache: draw it again, or share the link "
    "anew from where it was made"
)
_OTHER_VERSION = _(
    "the selection was drawn on a map that is not in the cache, made by another version of "
    "Explorer or of its packages: places may differ, so draw the selection again"
)


class MapPendingError(EmbeddingError):
    """A map that is being made at the moment."""


class MapFinder:
    """Maps by their key. Safe for several threads.

    Parameters
    ----------
    table : Table
    queue : JobQueue
    maps : OpenMaps
        Those of the session, as they come.
    keep_rows : callable
        Keeps rows where a worker finds them: see `RowSelection.keep`.
    is_projected : callable
        Says whether a key is that of a map of the present projection, which makes it.
    notify : callable
        Is given "job" while a map is made, and "maps" when it is there.
    remove_note : callable
        Takes a line away that the page shows beside the rows.

    Attributes
    ----------
    job : JobProgress or None
        What the page says of the map that is being made.
    ended : int
        How many maps were made, or could not be.
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        maps: OpenMaps,
        keep_rows: Callable[[RowSubset], None],
        is_projected: Callable[[str], bool],
        notify: Callable[[str], None],
        remove_note: Callable[[str], None],
    ) -> None:
        self._table, self._queue, self._maps = table, queue, maps
        self._keep_rows, self._is_projected = keep_rows, is_projected
        self._notify, self._remove_note = notify, remove_note
        self._lock = threading.RLock()
        self._recipes: dict[str, MapRecipe] = {}
        self._running: dict[str, Job] = {}
        self._failed: dict[str, str] = {}
        self._started = False  # a session that is being made asks for nothing
        self.job: JobProgress | None = None
        self.ended = 0

    def learn(self, recipes: Mapping[str, MapRecipe]) -> None:
        """Take over how maps are made, from a link or a saved session."""
        with self._lock:
            self._recipes |= recipes
            self._started = True

    def arrived(self) -> None:
        """Take the note away that a map is being made: it is there."""
        if not self._running:
            self._remove_note(_COMING)

    def recipe(self, key: str) -> MapRecipe | None:
        """Return how a map is made; None where no link has said it."""
        return self._recipes.get(key)

    def alignment(self, key: str) -> MapAlignment | None:
        """Return what lays a map onto another one; None where no link has said it."""
        recipe = self._recipes.get(key)
        return None if recipe is None else recipe.alignment

    def find_map(self, key: str) -> Map:
        """Return a map, also one that only the cache has; one that a link describes is made.

        Raises
        ------
        MapPendingError
            While it is being made.
        EmbeddingError
            When it cannot be made.
        """
        if (own := self._maps.map(key)) is not None:
            return own
        folder = self._table.columns.cache.get("embeddings", key)
        if folder is None:
            raise self._request(key)
        return shared_map(folder / MAP_FOLDER, self._table)

    def find_embedding(self, key: str) -> Embedding:
        """Return an embedding as `find_map` returns its map."""
        embedding = self._maps.embedding(key)
        if embedding is None:
            embedding = find_embedding(self._table.columns.cache, key)
        if embedding is None:
            raise self._request(key)
        return embedding

    def cancel(self) -> bool:
        """Stop what is being made; False where nothing is."""
        with self._lock:
            running = [job for job in self._running.values() if not job.ended]
        for job in running:
            job.cancel()
        return bool(running)

    def _request(self, key: str) -> EmbeddingError:
        """Begin to make a map, and return why it is not there yet, or never will be."""
        with self._lock:
            if key in self._failed:
                return EmbeddingError(self._failed[key])
            if key in self._running or (self._started and self._is_projected(key)):
                return MapPendingError(_COMING)
            recipe = self._recipes.get(key)
            if recipe is None or not self._started:
                return EmbeddingError(_UNKNOWN)
            spec = self._spec(recipe)
            if spec is None or spec.key(self._table.fingerprint) != key:
                return EmbeddingError(_OTHER_VERSION)
            try:
                # these rows may have been selected on another map, which then comes first
                if recipe.projected.rows is not None:
                    self._keep_rows(recipe.projected.rows)
            except EmbeddingError as error:
                return error
            except ExplorerError as error:
                return EmbeddingError(str(error))
            self.job = JobProgress(spec.method)
            self._running[key] = self._queue.project(
                self._table.source, [spec], partial(self._on_event, key)
            )
        return MapPendingError(_COMING)

    def _spec(self, recipe: MapRecipe) -> ProjectionSpec | None:
        for spec in specs_of(self._table, recipe.projected):
            if spec.method == recipe.method:
                return replace(spec, alignment=recipe.alignment)
        return None

    def _on_event(self, key: str, event: Event) -> None:
        """Take an event of a job; called from a thread of the queue."""
        if isinstance(event, Finished):
            return  # looked up when the job has ended: until then it may be a preview
        if isinstance(event, Progress):
            self.job = (self.job or JobProgress("projection")).after(event)
            self._notify("job")
            return
        if isinstance(event, Failed):
            self._failed[key] = _("the map of a selection cannot be made: {message}").format(
                message=event.message
            )
        elif isinstance(event, Cancelled):
            self._failed[key] = _(
                "the map of a selection was cancelled: open the link again to make it"
            )
        if isinstance(event, Done | Failed | Cancelled):
            with self._lock:
                self._running.pop(key, None)
                self.ended += 1
                self.job = None
            self.arrived()
            self._notify("maps")
