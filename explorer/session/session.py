"""One person at one table: state, embeddings, jobs, and what follows from them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.core.errors import EmbeddingError, ExplorerError, FeatureError
from explorer.core.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.jobs.task import MAP_FOLDER
from explorer.map.open_embedding import opened_embedding, opened_map
from explorer.session.maps.auto_projection import reason_not_automatic
from explorer.session.maps.history import take_back
from explorer.session.maps.job_progress import JobProgress
from explorer.session.maps.layers import Layers
from explorer.session.maps.map_regions import MapRegions
from explorer.session.maps.scene import Scene
from explorer.session.maps.second_map import SecondMap
from explorer.session.maps.specs import specs_of
from explorer.session.maps.validate_projection import nothing_to_project, validate_projection
from explorer.session.restoring import check_color, check_names, restored
from explorer.session.rows.row_selection import RowSelection
from explorer.session.rows.selection_resolver import SelectionResolver
from explorer.state.document import METHODS, PROJECTED, first_document
from explorer.state.link import to_url
from explorer.state.state import State
from explorer.table.profiling import with_partners

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.embedding.embedding import Embedding
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.jobs.queue import Job, JobQueue
    from explorer.map.map import Map
    from explorer.profile.profile import FeatureProfile
    from explorer.session.downloads import Downloads
    from explorer.table.table import Table

__all__ = ["Session"]

logger = logging.getLogger(__name__)

Listener = Callable[[frozenset[str]], None]
Part = TypeVar("Part")
_RELABELLED = frozenset({"labels", "catalogue", "profiles"})
_SAVED = frozenset({"selections"})
# what was removed may have been selected, a filter or a group
_RESAVED = frozenset({"selections", "selection", "filters", "groups"})


class Session(RowSelection):
    """What one person sees and does.

    State changes come from one thread (the page's event loop); job events come from another;
    reading may come from any. Listeners are called with the names of what changed: sections of the
    state document, and "job", "maps", "notes", "tool", "selections".

    Parameters
    ----------
    table : Table
    queue : JobQueue
        Shared by all sessions of a server.
    start : dict
        Sections of the first state document.
    link : str
        Query text that restores a shared state; empty for the start.
    reasons : list of str
        Why the start has the features it has.
    makers : mapping of type to callable, optional
        How `part` makes a part that needs more than the session, as what sessions of a server
        share.
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        start: dict[str, Any],
        link: str = "",
        reasons: Sequence[str] = (),
        makers: Mapping[type, Callable[[Session], Any]] | None = None,
    ) -> None:
        self.table = table
        self.queue = queue
        self.start = first_document(start)
        self.start_reasons = list(reasons)
        self.notes: list[str] = []
        self.job: JobProgress | None = None
        self.nothing_to_project = ""
        self.messages: dict[str, Any] = {}
        self.downloads: Downloads | None = None
        self.user, self.signed_in = (
            "",
            False,
        )  # asked once by the page, or given by the server's login
        self._makers = dict(makers or {})
        self._parts: dict[type, Any] = {}
        self._parts_lock = threading.RLock()
        self.scene, self.layers, self.beside = Scene(self), Layers(self), SecondMap(self)
        self._lock = threading.RLock()
        self._running: Job | None = None
        self._turn = 0
        self._failed_turn: int | None = None
        self._finished: set[str] = set()
        self._settling = self._showing = False
        self._cancelled = ""
        self._asked: list[ProjectionSpec] = []
        self._made_of: dict[
            str, dict[str, Any]
        ] = {}  # of each embedding: features, policy and method
        self._last: str | None = None
        # asked for with every frame and hover
        self._keys: tuple[dict[str, Any], dict[str, str]] | None = None
        self._maps: dict[str, Map] = {}
        self._embeddings: dict[str, Embedding] = {}
        self._listeners: list[Listener] = []
        self._ends: list[Callable[[], None]] = []
        self.regions = MapRegions(self, self._embeddings)
        self.definitions = SelectionResolver(table, self.map_of, self.regions.rows_of)
        self.state = State(restored(self, link), partial(check_names, table))
        self.state.subscribe(lambda changed, _: self._changed(changed))
        self.on_close(table.profiles.listen(self._learned))
        self.on_close(table.labels.listen(lambda _: self._emit(_RELABELLED)))
        self.on_close(
            table.selections.listen(lambda gone: self._emit(_RESAVED if gone else _SAVED))
        )

    def part(self, kind: type[Part]) -> Part:
        """Return what one tab keeps for this session, made when it is first asked for: ``kind(session)``, or by its maker."""
        with self._parts_lock:
            if kind not in self._parts:
                self._parts[kind] = self._makers.get(kind, kind)(self)
            found: Part = self._parts[kind]
            return found

    # --- listening

    def listen(self, listener: Listener) -> None:
        """Call this with the names of what changed, from whichever thread changed it."""
        self._listeners.append(listener)

    def notify(self, topic: str, value: Any = None) -> None:
        """Notify the listeners of something that is not in the state document."""
        self.messages[topic] = value
        self._emit(frozenset([topic]))

    def on_close(self, end: Callable[[], None]) -> None:
        """Call this when the person has left."""
        self._ends.append(end)

    def close(self) -> None:
        """Drop the listeners, since the person left; a running job goes on, its result is kept in the cache."""
        self._listeners.clear()
        for end in self._ends:
            end()

    # --- projections

    def open(self, ready: tuple[str, Path] | None = None) -> None:
        """Bring up the maps of the state: one that is ready, from the cache at once, else by a job.

        Parameters
        ----------
        ready : tuple of (str, Path), optional
            Key and folder of an embedding that needs no projection; it is shown, and nothing is
            projected unasked.
        """
        if ready is not None:
            self._take(*ready)
        self._open_by_key()
        self._bring_beside()
        asked = self.state.document["projected"] is not None
        if ready is None and not asked and (words := reason_not_automatic(self)):
            self.nothing_to_project = words
        elif ready is None or asked:
            self._compute()

    def wait(self, seconds: float) -> None:
        """Wait until the running job has ended, but not longer than this."""
        if self._running is not None:
            self._running.wait(seconds)

    def project(self) -> None:
        """Make the map of the ticked features."""
        document = self.state.document
        if not document["features"]:
            raise FeatureError("no feature is chosen: tick at least one")
        specs_of(self.table, document)  # refused in words before anything changes
        if (
            refusal := validate_projection(self.table, document["features"], document["policy"])
        ) is not None:
            raise refusal.error()
        turn = self._turn
        self.state.act("project")
        if self._turn == turn and (self._running is None or self._running.ended):
            self._compute()  # nothing changed, but the last job may have been cancelled or have failed

    def settle(self) -> None:
        """Take back a projection whose job failed before any map of it was finished.

        Called on the page's event loop: a job fails in a thread of the queue, which must not change
        the state.
        """
        failed, self._failed_turn = self._failed_turn, None
        if failed != self._turn or self._finished.intersection(self.keys().values()):
            return
        self._take_back()

    def show(self, key: str) -> None:
        """Show a map that is ready, and remember what it was made of, so that a link and undo open the same one.

        A running projection goes on.

        Parameters
        ----------
        key : str
            Of one of `available`.
        """
        method = {found: method for method, found in self.keys().items()}.get(key)
        made_of = None
        if method is None and (made_of := self._made_of.get(key)) is not None:
            method = next(
                spec.method
                for spec in specs_of(self.table, made_of)
                if spec.key(self.table.fingerprint) == key
            )
        self._showing = True
        try:
            self.state.act("show_embedding", key=method or key, projected=made_of)
        finally:
            self._showing = False

    def show_beside(self, on: bool = True, **options: Any) -> None:
        """Show a second map beside the first, with what it was made of; see the action of this name."""
        key = options.get("embedding")
        if key is not None:
            options["projected"] = self._made_of.get(key)
        self.state.act("show_beside", on=on, **options)

    def projected(self) -> dict[str, Any]:
        """Return features, policy and method of the present maps."""
        document = self.state.document
        base = document["projected"] or self.start
        return {key: base[key] for key in PROJECTED}

    def keys(self) -> dict[str, str]:
        """Return the keys of the present embeddings by method, "pca" first; none without features or before a large file is hashed."""
        if self.table.source.slow_to_name:
            return {}  # a job reads the file through; nobody waits for that here
        projected = self.projected()
        if self._keys is None or self._keys[0] != projected:
            specs = specs_of(self.table, projected) if projected["features"] else []
            self._keys = (
                projected,
                {spec.method: spec.key(self.table.fingerprint) for spec in specs},
            )
        return self._keys[1]

    def cancel(self) -> None:
        """Stop the running job, and say which map is shown instead; finished maps stay."""
        with self._lock:
            running = self._running
            if running is None or running.ended:
                return
            keys = self.keys().values()
            method = self.projected()["method"]["name"].upper()
            ready = [key for key in keys if key in self._finished]
            self._drop_previews()
        if ready and len(ready) == len(keys):
            self._cancelled = ""
        elif ready:
            self._cancelled = f"{method} cancelled: the map shown is the PCA of the same features"
        else:
            self._cancelled = f"{method} cancelled: the map shown is the one before"
        running.cancel()
        if not ready and not self._take_back():
            self._cancelled = f"{method} cancelled"
            self.nothing_to_project = (
                f"{method} was cancelled before a map was finished: press Project to make it."
            )
        if self.job is not None and self.job.cancelled:
            self.job = JobProgress(method, cancelled=self._cancelled)
        self._emit(frozenset(["job", "maps"]))

    def dismiss(self) -> None:
        """Take the message of a failed job away."""
        self.job = None
        self._emit(frozenset(["job"]))

    def shown_key(self) -> str | None:
        """Return the key of the embedding on screen, None while there is none."""
        wanted = self.state.document["embedding"]
        keys = self.keys()
        with self._lock:
            key = keys.get(wanted, wanted)
            if key not in self._maps:
                key = next((one for one in reversed(keys.values()) if one in self._maps), None)
            if key is not None:
                self._last = key
                return key
            # nothing of the present projection is ready: the map that was shown before it stays
            return self._last if self._last in self._maps else next(reversed(self._maps), None)

    def available(self) -> list[tuple[str, Embedding]]:
        """Return the embeddings of this session that can be shown, the newest first."""
        with self._lock:
            return list(reversed(self._embeddings.items()))

    def map(self) -> Map | None:
        """Return the map on screen."""
        key = self.shown_key()
        return None if key is None else self._maps[key]

    def embedding(self) -> Embedding | None:
        """Return the embedding on screen."""
        key = self.shown_key()
        return None if key is None else self._embeddings[key]

    def embedding_of(self, shown: Map) -> Embedding | None:
        """Return the embedding that a map draws; None for one that is not of this session."""
        with self._lock:
            found = [key for key, one in self._maps.items() if one is shown]
        if found:
            return self._embeddings[found[0]]
        return self.beside.embedding() if shown is self.beside.map() else None

    @property
    def maps_known(self) -> int:
        """How many maps, and regions of maps, have come: a selection on one that has not come selects nothing yet."""
        with self._lock:
            return len(self._maps) + self.regions.known

    def map_of(self, key: str) -> Map:
        """Return the map of an embedding by its key, also one that only the cache knows."""
        with self._lock:
            if key in self._maps:
                return self._maps[key]
        folder = self.table.columns.cache.get("embeddings", key)
        if folder is None:
            raise EmbeddingError(
                "the selection was drawn on a map that is not in the cache: draw it again"
            )
        return opened_map(folder / MAP_FOLDER, self.table)

    # --- features

    def profile(self, name: str) -> FeatureProfile | None:
        """Return what is known of a feature, with those it is nearly the same as; None while nothing is."""
        known, redundancy = self.table.profiles.get(name), self.table.relations.known_redundancy
        return (
            known
            if known is None or redundancy is None
            else with_partners({name: known}, redundancy)[name]
        )

    def edit_feature(self, name: str, attribute: str, value: object) -> None:
        """Change what is known of a feature, for good and for everybody; see `Table.edit`."""
        self.table.edit(name, attribute, value)
        self._emit(frozenset(["catalogue", "profiles"]))

    def _learned(self, names: frozenset[str]) -> None:
        if self.state.document["feature"] in names or not names:
            self._emit(frozenset(["profiles"]))

    # --- rows

    def color_by(self, column: str | None) -> None:
        """Colour by a column, or by density with None; one without a single value for each row is refused in words."""
        check_color(self.table, column)
        self.state.act("set_color", column=column)

    def note(self, text: str) -> None:
        """Keep a line that the page shows beside the rows."""
        if text and text not in self.notes:
            self.notes.append(text)

    def link(self) -> str:
        """Return the query text that restores what is shown; empty for the start."""
        document = {**self.state.document, "theme": self.start["theme"]}
        if document["embedding"] is None and not self._under_way() and self._fell_back():
            document["embedding"] = "pca"
        return "" if document == self.start else to_url(document, self.start)

    # --- inside

    def _under_way(self) -> bool:
        return self._running is not None and not self._running.ended

    def _fell_back(self) -> bool:
        """Tell whether the PCA is shown because there is no map by the chosen method."""
        keys = self.keys()
        return len(keys) > 1 and self.shown_key() == keys["pca"]

    def _take_back(self) -> bool:
        """Take the last projection back, whose maps will not come; False where there is none."""
        self._settling = True
        try:
            return take_back(self.state, "project")
        finally:
            self._settling = False

    def _drop_previews(self) -> None:
        """Forget maps that were shown before they were finished: no link could open them."""
        for key in [spec.key(self.table.fingerprint) for spec in self._asked]:
            if key not in self._finished:
                self._embeddings.pop(key, None)
                self._maps.pop(key, None)

    def _open_by_key(self) -> None:
        """Open the map of a link that says no more of it than its key."""
        key = self.state.document["embedding"]
        if key is None or key in METHODS or key in self._maps or key in self.keys().values():
            return
        folder = self.table.columns.cache.get("embeddings", key)
        if folder is None:
            self.note(
                "the map that the link shows is not on this computer: the last one that was projected is shown"
            )
        else:
            self._take(key, folder)

    def _bring_beside(self) -> None:
        """Make the second map, where it is none of the present projection's."""
        beside = self.state.document["beside"]
        made_of = None if beside is None else beside.get("projected")
        if made_of is None or beside["embedding"] in self._embeddings:
            return
        try:
            specs = specs_of(self.table, made_of)
        except ExplorerError as error:
            self.note(f"the second map cannot be made: {error}")
            return
        self._remember(specs, made_of)
        self.queue.project(self.table.source, specs, self._hear_beside)

    def _hear_beside(self, event: Event) -> None:
        if isinstance(event, Finished | Failed):
            if isinstance(event, Failed):
                self.note(f"the second map cannot be made: {event.message}")
            self._hear(-1, event)
            self._emit(frozenset(["notes"]))

    def _remember(self, specs: Sequence[ProjectionSpec], made_of: dict[str, Any]) -> None:
        if not self.table.source.slow_to_name:
            self._made_of.update({spec.key(self.table.fingerprint): made_of for spec in specs})

    def _compute(self) -> None:
        if self._settling:
            return  # the former maps are there, and why the new ones are not stays to be read
        self.nothing_to_project = nothing_to_project(self.table, self.projected()["features"])
        specs: list[ProjectionSpec] = []
        job: JobProgress | None = None
        try:
            if not self.nothing_to_project:
                specs = specs_of(self.table, self.projected())
                job = JobProgress(specs[-1].method)
        except ExplorerError as error:
            job = JobProgress("projection", failed=str(error))
        self._remember(specs, self.projected())
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
                self._running = self.queue.project(
                    self.table.source, specs, partial(self._hear, self._turn)
                )
        if not specs:
            self._emit(frozenset(["job"]))

    def _hear(self, turn: int, event: Event) -> None:
        """Take an event of a job; called from a thread of the queue."""
        if isinstance(event, Finished):
            try:
                self._take(event.key, event.folder)
            except (
                EmbeddingError
            ) as error:  # its folder was deleted; of a preview the finished map follows
                self.note(
                    ""
                    if event.preview
                    else f"a map was made, but is gone: {error}: press Project again"
                )
                self._emit(frozenset(["notes"]))
                return
            self.note(event.note)
            self._finished.update([] if event.preview else [event.key])
        elif turn != self._turn:
            return  # the last words of a job that a newer one replaced
        elif isinstance(event, Progress | Failed):
            self.job = (self.job or JobProgress("projection")).after(event)
            self._failed_turn = turn if isinstance(event, Failed) else None
        elif isinstance(event, Cancelled | Done):
            told = isinstance(event, Cancelled) and self.job is not None and self._cancelled
            self.job = (
                JobProgress(self.job.name, cancelled=self._cancelled) if self.job and told else None
            )
        self._emit(frozenset(["maps", "job"] if isinstance(event, Finished) else ["job"]))

    def _take(self, key: str, folder: Path) -> None:
        embedding = opened_embedding(folder)
        opened = opened_map(folder / MAP_FOLDER, self.table)
        with self._lock:
            self._embeddings[key], self._maps[key] = embedding, opened

    def _changed(self, changed: frozenset[str]) -> None:
        if "projected" in changed and self._showing:
            self.nothing_to_project = ""  # its map is there
        elif "projected" in changed:
            self._compute()
        if "beside" in changed:
            self._bring_beside()
        self._emit(changed)

    def _emit(self, changed: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(changed)
