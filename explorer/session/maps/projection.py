"""What is projected in a session: its maps, the one that is shown, and the job that makes more."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError, ExplorerError, FeatureError
from explorer.core.gettext import _
from explorer.core.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.embedding.map_alignment import MapAlignment
from explorer.embedding.projection_methods import METHODS
from explorer.session.maps.auto_projection import reason_not_automatic
from explorer.session.maps.job_progress import JobProgress
from explorer.session.maps.map_finder import MapPendingError
from explorer.session.maps.specs import specs_of
from explorer.session.maps.validate_projection import nothing_to_project, validate_projection
from explorer.state import actions
from explorer.state.definition import map_keys
from explorer.state.document import MapRecipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from explorer.embedding.embedding import Embedding
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.jobs.queue import Job, JobQueue
    from explorer.map.map import Map
    from explorer.selection.row_subset import RowSubset
    from explorer.session.maps.map_finder import MapFinder
    from explorer.session.maps.open_maps import OpenMaps
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.document import Document, MapRows, ProjectionSettings
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["Projection"]


class Projection:
    """The maps of a session and the job that makes them.

    The state changes on the page's event loop only; events of jobs come from another thread;
    reading may come from any.

    Parameters
    ----------
    table : Table
    queue : JobQueue
        Shared by all sessions of a server.
    state : State
    start : dict
        The first document of the state: what is projected until somebody presses Project.
    maps : OpenMaps
        Finished maps are opened here.
    finder : MapFinder
        Finds maps by their key, and knows how those of a link are made.
    rows : RowSelection
        The filters and the selection, whose rows can be mapped alone.
    note : callable
        Keeps a line that the page shows beside the rows.
    emit : callable
        Is given the names of what changed: "job", "maps", "notes".

    Attributes
    ----------
    job : JobProgress or None
        What the page says of the running job, or of the last one that failed or was cancelled.
    nothing_to_project : str
        Why there is no map; empty where there is one or one is being made.
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        state: State,
        start: Document,
        maps: OpenMaps,
        finder: MapFinder,
        rows: RowSelection,
        note: Callable[[str], None],
        emit: Callable[[frozenset[str]], None],
    ) -> None:
        self._table, self._queue, self._state = table, queue, state
        self._first_settings = start.chosen
        self._maps, self._finder, self._rows = maps, finder, rows
        self._note, self._emit = note, emit
        self.job: JobProgress | None = None
        self.nothing_to_project = ""
        self._lock = threading.RLock()
        self._running: Job | None = None
        self._turn = 0
        self._failed_turn: int | None = None
        self._finished: set[str] = set()
        self._dropping = self._showing = False
        self._cancelled = ""
        self._asked: list[ProjectionSpec] = []
        # method and settings of each embedding, by its key
        self._made_of: dict[str, tuple[str, ProjectionSettings]] = {}
        # by the key of a map that was laid onto another one
        self._alignments: dict[str, MapAlignment] = {}
        self._awaits_map = False  # on which its rows were selected
        # the latest, with what they were made from
        self._specs: tuple[tuple[ProjectionSettings, int], list[ProjectionSpec]] | None = None
        self._last_shown: str | None = None
        # asked for with every frame and hover
        self._keys: tuple[ProjectionSettings, dict[str, str]] | None = None
        # first of all subscribers: who hears of a new projection finds its job under way
        state.subscribe(lambda changed, _: self._follow(changed))

    # --- what is asked for

    def open(self, ready: tuple[str, Path] | None = None) -> None:
        """Open the maps of the state: one that is ready, from the cache at once, else by a job.

        Parameters
        ----------
        ready : tuple of (str, Path), optional
            Key and folder of an embedding that needs no projection; it is shown, and nothing is
            projected unasked.
        """
        self._learn()
        if ready is not None:
            self._maps.open(*ready)
        self._open_by_key()
        self._make_second_map()
        is_projected = self._state.document.projected is not None
        if ready is None and not is_projected:
            self.nothing_to_project = reason_not_automatic(
                self._table, self.settings(), self.keys()
            )
            if self.nothing_to_project:
                return
        if ready is None or is_projected:
            self._compute()

    def project(self, rows: MapRows | None = None) -> None:
        """Make the map of the ticked features.

        Parameters
        ----------
        rows : {"same", "all", "shown", "selected"}, optional
            Of which rows; default: as the state says.

        Raises
        ------
        FeatureError
            When the features cannot be projected, or the rows are too few; nothing has changed
            then.
        SelectionError
            When the selected rows are asked for and none is.
        """
        document = self._state.document
        if not document.features:
            raise FeatureError("no feature is chosen: tick at least one")
        subset, above = self._chosen_rows(rows or document.map_rows)
        settings = replace(document.chosen, rows=subset, above=above)
        self._specs_of(settings)  # refused in words before anything changes
        refusal = validate_projection(
            self._table, document.features, document.policy, subset, document.method.name
        )
        if refusal is not None:
            raise refusal.error()
        turn = self._turn
        self._state.act(
            actions.project, rows=subset, above=above, aligned_to=self._aligned_to(settings)
        )
        if self._turn == turn and not self._under_way():
            # nothing changed, but the last job may have been cancelled or have failed
            self._compute()

    def show_above(self, level: int) -> None:
        """Show one of the maps above the present one, on which its rows were chosen.

        Parameters
        ----------
        level : int
            0 is the map of all rows, as in `ProjectionSettings.levels`.
        """
        levels = self.settings().levels
        if not 0 <= level < len(levels):
            raise FeatureError(f"there are {len(levels)} levels of maps, not {level + 1}")
        self._state.act(actions.show_embedding, key=None, projected=levels[level])

    def _aligned_to(self, settings: ProjectionSettings) -> str | None:
        """Return the key of the map onto which the next one is laid, None for no other.

        It is the one that is shown, so that rows stay where they were. A map that was made before
        comes back as it was.
        """
        made = [self.settings(), *(before for _, before in reversed(self._made_of.values()))]
        for before in made:
            if before.unaligned == settings:
                return before.aligned_to
        shown = self.shown_key()
        finished = self._table.columns.cache.get("embeddings", shown) if shown else None
        return None if finished is None else shown

    def _chosen_rows(self, which: MapRows) -> tuple[RowSubset | None, ProjectionSettings | None]:
        """Return the rows of the next map, None for all, and the map on which they were chosen."""
        shown = self.settings()
        if which == "all":
            return None, None
        if which == "same":
            return shown.rows, shown.above
        subset = self._rows.subset(which)
        if subset is None or subset.count == self._table.num_rows:
            return None, None
        for level in reversed(shown.levels):
            if level.rows is not None and level.rows.id == subset.id:
                return level.rows, level.above
            if level.rows is None or self._rows.is_part_of(subset, level.rows):
                return subset, level
        return subset, None

    def _follow(self, changed: frozenset[str]) -> None:
        """Begin what a change of these sections of the state asks for."""
        if "maps" in changed:
            self._learn()
        if "projected" in changed and self._showing:
            self.nothing_to_project = ""  # its map is there
        elif "projected" in changed:
            self._compute()
        if "second_map" in changed:
            self._make_second_map()

    def show(self, key: str) -> None:
        """Show a map that is ready; a running projection goes on.

        What it was made of is remembered, so that a link and undo open the same one.

        Parameters
        ----------
        key : str
            Of one of `available`.
        """
        method = {own: method for method, own in self.keys().items()}.get(key)
        settings = None
        if method is None and key in self._made_of:
            method, settings = self._made_of[key]
        self._showing = True
        try:
            self._state.act(actions.show_embedding, key=method or key, projected=settings)
        finally:
            self._showing = False

    def wait(self, seconds: float) -> None:
        """Wait until the running job has ended, but not longer than this."""
        if self._running is not None:
            self._running.wait(seconds)

    def cancel(self) -> None:
        """Stop the running job, and say which map is shown instead; finished maps stay."""
        with self._lock:
            running = self._running
            if running is None or running.ended:
                self._finder.cancel()
                return
            keys = self.keys().values()
            method = METHODS[self.settings().method.name].label
            ready = [key for key in keys if key in self._finished]
            self._drop_previews()
        if ready and len(ready) == len(keys):
            self._cancelled = ""
        elif ready:
            self._cancelled = _(
                "{method} cancelled: the map shown is the PCA of the same features"
            ).format(method=method)
        else:
            self._cancelled = _("{method} cancelled: the map shown is the one before").format(
                method=method
            )
        running.cancel()
        if not ready and not self._drop_step():
            self._cancelled = _("{method} cancelled").format(method=method)
            self.nothing_to_project = _(
                "{method} was cancelled before a map was finished: press Project to make it."
            ).format(method=method)
        if self.job is not None and self.job.cancelled:
            self.job = JobProgress(method, cancelled=self._cancelled)
        self._emit(frozenset(["job", "maps"]))

    def undo_failed(self) -> None:
        """Take back a projection whose job failed before any map of it was finished.

        Called on the page's event loop: a job fails in a thread of the queue, which must not change
        the state.
        """
        failed, self._failed_turn = self._failed_turn, None
        if failed != self._turn or self._finished.intersection(self.keys().values()):
            return
        self._drop_step()

    def resume(self) -> None:
        """Make the map whose rows were selected on another one, now that this one is there.

        Called on the page's event loop.
        """
        if self._awaits_map:
            self._compute()

    def dismiss(self) -> None:
        """Take the message of a failed job away."""
        self.job = None
        self._emit(frozenset(["job"]))

    # --- what there is

    def settings(self) -> ProjectionSettings:
        """Return features, policy and method of the present maps."""
        return self._state.document.projected or self._first_settings

    def settings_of(self, key: str) -> ProjectionSettings | None:
        """Return features, policy and method of an embedding; None where they are not known."""
        return self._made_of[key][1] if key in self._made_of else None

    def makes(self, key: str) -> bool:
        """Say whether this is one of the maps that are made of what the state says."""
        return key in self.keys().values()

    def recipes(self) -> dict[str, MapRecipe]:
        """Return how the maps are made that the state names by their key.

        Those that the state describes by itself are left out, unless they were laid onto another
        map: that one need not be made again.
        """
        document, present = self._state.document, set(self.keys().values())
        groups = [group.rows for group in (document.groups.a, document.groups.b) if group]
        filters = [entry.definition for entry in document.filters]
        definitions = [*filters, *groups, *([document.selection] if document.selection else [])]
        waiting = set().union(*map(map_keys, definitions))
        if document.second_map is not None and document.second_map.embedding:
            waiting.add(document.second_map.embedding)
        if document.embedding is not None and document.embedding not in METHODS:
            waiting.add(document.embedding)
        seen: set[str] = set()
        recipes: dict[str, MapRecipe] = {}
        waiting |= present | self._named_by(self.settings())
        while waiting:
            key = waiting.pop()
            if key in seen or key not in self._made_of:
                continue
            seen.add(key)
            method, settings = self._made_of[key]
            waiting |= self._named_by(settings)
            alignment = self._alignment(key, settings)
            if settings.aligned_to is None and key in present:
                continue
            if settings.aligned_to is None or alignment is not None:
                recipes[key] = MapRecipe(method=method, projected=settings, alignment=alignment)
        return dict(sorted(recipes.items()))

    def _named_by(self, settings: ProjectionSettings) -> set[str]:
        """Return the keys of the maps on which rows were selected, and of those above."""
        keys: set[str] = set()
        for level in settings.levels:
            if level.rows is not None:
                keys |= map_keys(level.rows.definition)
        above = settings.levels[:-1]
        return keys | {key for key, (_, made) in self._made_of.items() if made in above}

    def _alignment(self, key: str, settings: ProjectionSettings) -> MapAlignment | None:
        """Return what lays a finished map onto another one."""
        if settings.aligned_to is None:
            return None
        if key not in self._alignments:
            known = self._finder.alignment(key)
            embedding = self._maps.embedding(key) if key in self._finished else None
            if embedding is not None:
                known = MapAlignment.of(embedding.provenance)
            if known is None:
                return None
            self._alignments[key] = known
        return self._alignments[key]

    def keys(self) -> dict[str, str]:
        """Return the keys of the present embeddings by method, "pca" first.

        There are none without features, or before a large file is hashed.
        """
        settings = self.settings()
        if self._keys is None or self._keys[0] != settings:
            if self._table.source.slow_to_hash:
                return {}  # a job reads the file through; nobody waits for that here
            specs = self._specs_of(settings) if settings.features else []
            keys = {spec.method: spec.key(self._table.fingerprint) for spec in specs}
            self._keys = settings, keys
        return self._keys[1]

    def shown_key(self) -> str | None:
        """Return the key of the embedding on screen, None while there is none."""
        asked_for = self._state.document.embedding
        keys = self.keys()
        with self._lock:
            key = None if asked_for is None else keys.get(asked_for, asked_for)
            if key is None or key not in self._maps:
                key = next((own for own in reversed(keys.values()) if own in self._maps), None)
            if key is not None:
                self._last_shown = key
                return key
            # nothing of the present projection is ready: the map that was shown before it stays
            if self._last_shown in self._maps:
                return self._last_shown
            return next(reversed(self._maps.keys()), None)

    def available(self) -> list[tuple[str, Embedding]]:
        """Return the embeddings of this session that can be shown, the newest first."""
        return list(reversed(self._maps.embeddings().items()))

    def map(self) -> Map | None:
        """Return the map on screen."""
        key = self.shown_key()
        return None if key is None else self._maps.map(key)

    def embedding(self) -> Embedding | None:
        """Return the embedding on screen."""
        key = self.shown_key()
        return None if key is None else self._maps.embedding(key)

    def embedding_of(self, shown: Map) -> Embedding | None:
        """Return the embedding that a map draws; None for a map that is not of this session."""
        return self._maps.embedding_of(shown)

    def find_map(self, key: str) -> Map:
        """Return the map of an embedding by its key, also one that only the cache has."""
        return self._finder.find_map(key)

    @property
    def fell_back(self) -> bool:
        """Whether the PCA is shown because there is, and will be, no map by the chosen method."""
        keys = self.keys()
        return not self._under_way() and len(keys) > 1 and self.shown_key() == keys["pca"]

    # --- inside

    def _under_way(self) -> bool:
        return self._running is not None and not self._running.ended

    def _drop_step(self) -> bool:
        """Take the last projection back, whose maps will not come; False where there is none."""
        self._dropping = True
        try:
            return self._state.drop_step("project")
        finally:
            self._dropping = False

    def _drop_previews(self) -> None:
        """Forget maps that were shown before they were finished: no link could open them."""
        keys = [spec.key(self._table.fingerprint) for spec in self._asked]
        self._maps.drop(key for key in keys if key not in self._finished)

    def _open_by_key(self) -> None:
        """Open the map of a link that says no more of it than its key."""
        key = self._state.document.embedding
        if key is None or key in METHODS or key in self._maps or key in self.keys().values():
            return
        folder = self._table.columns.cache.get("embeddings", key)
        if folder is None:
            self._note(
                _(
                    "the map that the link shows is not on this computer: the last one that was "
                    "projected is shown"
                )
            )
        else:
            self._maps.open(key, folder)

    def _learn(self) -> None:
        """Take over how the maps of a link or a saved session are made."""
        recipes = self._state.document.maps
        self._finder.learn(recipes)
        for key, recipe in recipes.items():
            self._made_of.setdefault(key, (recipe.method, recipe.projected))

    def _make_second_map(self) -> None:
        """Make the second map, where it is none of the present projection's."""
        section = self._state.document.second_map
        settings = None if section is None else section.projected
        if section is not None and settings is None and section.embedding in self._made_of:
            settings = self._made_of[section.embedding][1]
        if section is None or settings is None or section.embedding in self._maps:
            return
        try:
            specs = self._specs_of(settings)
        except ExplorerError as error:
            self._note(f"the second map cannot be made: {error}")
            return
        self._remember(specs, settings)
        self._queue.project(self._table.source, specs, self._on_event_of_second_map)

    def _on_event_of_second_map(self, event: Event) -> None:
        if isinstance(event, Finished | Failed):
            if isinstance(event, Failed):
                self._note(
                    _("the second map cannot be made: {message}").format(message=event.message)
                )
            self._on_event(-1, event)
            self._emit(frozenset(["notes"]))

    def _remember(self, specs: Sequence[ProjectionSpec], settings: ProjectionSettings) -> None:
        if not self._table.source.slow_to_hash:
            fingerprint = self._table.fingerprint
            self._made_of.update({spec.key(fingerprint): (spec.method, settings) for spec in specs})

    def _specs_of(self, settings: ProjectionSettings) -> list[ProjectionSpec]:
        """Return what is to be computed, made once for Project, its job and the keys of its maps.

        Raises
        ------
        ExplorerError
            In words, when it cannot be computed.
        """
        made_from = settings, self._table.columns.edit_count
        if self._specs is None or self._specs[0] != made_from:
            self._specs = made_from, self._with_alignment(specs_of(self._table, settings))
        return self._specs[1]

    def _with_alignment(self, specs: list[ProjectionSpec]) -> list[ProjectionSpec]:
        """Leave the alignment out where the map that others are laid onto is not here any more."""
        onto = specs[-1].aligned_to
        cache = self._table.columns.cache
        if onto is None or cache.get("embeddings", onto) is not None:
            return specs
        fingerprint = self._table.fingerprint
        if all(cache.get("embeddings", spec.key(fingerprint)) for spec in specs):
            return specs
        known = [self._finder.alignment(spec.key(fingerprint)) for spec in specs]
        if all(known):
            return [
                replace(spec, alignment=alignment)
                for spec, alignment in zip(specs, known, strict=True)
            ]
        self._note(
            _(
                "the map was aligned with another map, which is not on this computer: it "
                "may be rotated or mirrored, so draw shapes on it again"
            )
        )
        return [spec.unaligned for spec in specs]

    def _keep_rows(self, settings: ProjectionSettings, specs: Sequence[ProjectionSpec]) -> None:
        """Give the worker the chosen rows, unless all maps of them are there already.

        Raises
        ------
        ExplorerError
            When the rows were chosen elsewhere, and cannot be found here.
        """
        if settings.rows is None:
            return
        cache, fingerprint = self._table.columns.cache, self._table.fingerprint
        if not all(cache.get("embeddings", spec.key(fingerprint)) for spec in specs):
            self._rows.keep(settings.rows)

    def _compute(self) -> None:
        if self._dropping:
            return  # the former maps are there, and why the new ones are not stays to be read
        settings, self._awaits_map = self.settings(), False
        self.nothing_to_project = nothing_to_project(self._table, settings.features)
        specs: list[ProjectionSpec] = []
        job: JobProgress | None = None
        try:
            if not self.nothing_to_project:
                specs = self._specs_of(settings)
                self._keep_rows(settings, specs)
                job = JobProgress(specs[-1].method)
        except MapPendingError:
            specs, self._awaits_map = [], True
        except ExplorerError as error:
            specs, job = [], JobProgress("projection", failed=str(error))
        self._remember(specs, settings)
        with self._lock:
            if specs and self._under_way() and specs == self._asked:
                return  # it is being made already
            if self._under_way():
                self._drop_previews()
            if self._running:
                self._running.cancel()
            self._turn += 1
            self.job, self._running, self._asked, self._cancelled = job, None, specs, ""
            if specs:
                self._running = self._queue.project(
                    self._table.source, specs, partial(self._on_event, self._turn)
                )
        if not specs:
            self._emit(frozenset(["job"]))

    def _on_event(self, turn: int, event: Event) -> None:
        """Take an event of a job; called from a thread of the queue."""
        if isinstance(event, Finished):
            self._on_finished(event)
            return
        if turn != self._turn:
            return  # the last event of a job that a newer one replaced
        if isinstance(event, Progress | Failed):
            self.job = (self.job or JobProgress("projection")).after(event)
            self._failed_turn = turn if isinstance(event, Failed) else None
        elif isinstance(event, Cancelled | Done):
            cancelled = isinstance(event, Cancelled) and self.job is not None and self._cancelled
            self.job = (
                JobProgress(self.job.name, cancelled=self._cancelled)
                if self.job and cancelled
                else None
            )
        self._emit(frozenset(["job"]))

    def _on_finished(self, event: Finished) -> None:
        try:
            self._maps.open(event.key, event.folder)
        except EmbeddingError as error:  # its folder was deleted
            if not event.preview:  # of a preview the finished map follows
                self._note(f"a map was made but cannot be opened: {error}; press Project again")
            self._emit(frozenset(["notes"]))
            return
        self._note(event.note)
        if not event.preview:
            self._finished.add(event.key)
            self._finder.arrived()
        self._emit(frozenset(["maps", "job"]))
