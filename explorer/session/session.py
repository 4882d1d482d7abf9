"""One person at one table: state, embeddings, jobs, and what follows from them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.cache import key_of
from explorer.embeddings import EMBEDDING_FILE, Embedding, ProjectionSpec, open_embedding
from explorer.errors import EmbeddingError, ExplorerError, FeatureError
from explorer.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.jobs.task import MAP_FOLDER
from explorer.session.definitions import Definitions, filter_definition
from explorer.session.level_filter import column_of, level_filter
from explorer.session.patience import reason_to_wait
from explorer.session.progress import JobProgress
from explorer.session.refusal import nothing_to_project, refusal_of
from explorer.session.restoring import check_color, restored
from explorer.session.retreat import take_back
from explorer.session.scene import Scene
from explorer.state import State, first_document, to_url
from explorer.workbench.map import Map, open_map
from explorer.workbench.profiling import with_partners

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from explorer.jobs.queue import Job, JobQueue
    from explorer.profiles.profile import FeatureProfile
    from explorer.rows.selection import Selection
    from explorer.workbench.table import Table

__all__ = ["Session"]

logger = logging.getLogger(__name__)

Listener = Callable[[frozenset[str]], None]


class Session:
    """What one person sees and does.

    State changes come from one thread (the page's event loop); job events come from another; reading may come from
    any. Listeners are called with the names of what changed: sections of the state document, and "job", "maps",
    "notes", "tool".

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
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        start: dict[str, Any],
        link: str = "",
        reasons: Sequence[str] = (),
    ) -> None:
        self.table = table
        self.queue = queue
        self.start = first_document(start)
        self.start_reasons = list(reasons)
        self.notes: list[str] = []
        self.job: JobProgress | None = None
        self.nothing_to_project = ""
        self.messages: dict[str, Any] = {}
        self.definitions = Definitions(table, self.map_of)
        self.scene = Scene(self)
        self._lock = threading.RLock()
        self._running: Job | None = None
        self._turn = 0
        self._failed_turn: int | None = None
        self._finished: set[str] = set()
        self._settling = False
        self._keys: tuple[dict[str, Any], dict[str, str]] | None = (
            None  # asked for with every frame and hover
        )
        self._maps: dict[str, Map] = {}
        self._embeddings: dict[str, Embedding] = {}
        self._listeners: list[Listener] = []
        self._ends: list[Callable[[], None]] = []
        self.state = State(restored(self, link))
        self.state.subscribe(lambda changed, _: self._changed(changed))
        self.on_close(table.book.listen(self._learned))

    # --- listening

    def listen(self, listener: Listener) -> None:
        """Call this with the names of what changed, from whichever thread changed it."""
        self._listeners.append(listener)

    def tell(self, topic: str, value: Any = None) -> None:
        """Tell the listeners of something that is not in the state document."""
        self.messages[topic] = value
        self._notify(frozenset([topic]))

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
            Key and folder of an embedding that needs no projection; it is shown, and nothing is projected unasked.
        """
        if ready is not None:
            self._take(*ready)
        asked = self.state.document["projected"] is not None
        if ready is None and not asked and (words := reason_to_wait(self)):
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
        self.specs(document)  # refused in words before anything changes
        refusal = refusal_of(self.table, document["features"], document["policy"])
        if refusal is not None:
            raise refusal.error()
        turn = self._turn
        self.state.act("project")
        if self._turn == turn and (self._running is None or self._running.ended):
            self._compute()  # nothing changed, but the last job may have been cancelled or have failed

    def settle(self) -> None:
        """Take back a projection whose job failed before any map of it was finished.

        Called on the page's event loop: a job fails in a thread of the queue, which must not change the state.
        """
        failed, self._failed_turn = self._failed_turn, None
        if failed != self._turn or self._finished.intersection(self.keys().values()):
            return
        self._settling = True
        try:
            take_back(self.state, "project")
        finally:
            self._settling = False

    def projected(self) -> dict[str, Any]:
        """Return features, policy and method of the present maps."""
        document = self.state.document
        base = document["projected"] or self.start
        return {key: base[key] for key in ("features", "policy", "method")}

    def keys(self) -> dict[str, str]:
        """Return the keys of the present embeddings by method, "pca" first; none without features or before a large file is hashed."""
        if self.table.source.slow_to_name:
            return {}  # a job reads the file through; nobody waits for that here
        projected = self.projected()
        if self._keys is None or self._keys[0] != projected:
            specs = self.specs(projected) if projected["features"] else []
            self._keys = projected, {spec.method: spec.key(self.table.fingerprint) for spec in specs}
        return self._keys[1]

    def cancel(self) -> None:
        """Stop the running job; finished maps stay."""
        with self._lock:
            if self._running:
                self._running.cancel()

    def dismiss(self) -> None:
        """Take the message of a failed job away."""
        self.job = None
        self._notify(frozenset(["job"]))

    def shown_key(self) -> str | None:
        """Return the key of the embedding on screen, None while there is none."""
        wanted = self.state.document["embedding"]
        keys = self.keys()
        with self._lock:
            if (key := keys.get(wanted, wanted)) in self._maps:
                return key
            ready = [key for key in keys.values() if key in self._maps]
            return ready[-1] if ready else next(reversed(self._maps), None)

    def available(self) -> list[tuple[str, Embedding]]:
        """Return the embeddings of this session that can be shown, the present projection's first."""
        with self._lock:
            order = [k for k in reversed(self.keys().values()) if k in self._embeddings]
            order += [k for k in reversed(self._embeddings) if k not in order]
            return [(key, self._embeddings[key]) for key in order]

    def map(self) -> Map | None:
        """Return the map on screen."""
        key = self.shown_key()
        return None if key is None else self._maps[key]

    def embedding(self) -> Embedding | None:
        """Return the embedding on screen."""
        key = self.shown_key()
        return None if key is None else self._embeddings[key]

    @property
    def maps_known(self) -> int:
        """How many maps have come so far: a selection on one that has not come selects nothing yet."""
        with self._lock:
            return len(self._maps)

    def map_of(self, key: str) -> Map:
        """Return the map of an embedding by its key, also one that only the cache knows."""
        with self._lock:
            if key in self._maps:
                return self._maps[key]
        folder = self.table.cache.get("embeddings", key)
        if folder is None:
            raise EmbeddingError("the selection was drawn on a map that is not in the cache: draw it again")
        return open_map(folder / MAP_FOLDER, self.table)

    # --- features

    def profile(self, name: str) -> FeatureProfile | None:
        """Return what is known of a feature, with those it is nearly the same as; None while nothing is."""
        known, redundancy = self.table.book.get(name), self.table.known_redundancy
        return (
            known if known is None or redundancy is None else with_partners({name: known}, redundancy)[name]
        )

    def edit_feature(self, name: str, attribute: str, value: object) -> None:
        """Change what is known of a feature, for good and for everybody; see `Table.edit`."""
        self.table.edit(name, attribute, value)
        self._notify(frozenset(["catalogue", "profiles"]))

    def _learned(self, names: frozenset[str]) -> None:
        if self.state.document["feature"] in names or not names:
            self._notify(frozenset(["profiles"]))

    # --- rows

    def color_by(self, column: str | None) -> None:
        """Colour by a column, or by density with None; one without a single value for each row is refused in words."""
        check_color(self.table, column)
        self.state.act("set_color", column=column)

    def population(self, without: str | None = None) -> Selection | None:
        """Return the rows that the filters leave, None for all; ``without`` leaves a column's own filter aside.

        A filter drawn on a map that is not there leaves all rows, with a note.
        """
        parts = [
            filter_definition(entry)
            for entry in self.state.document["filters"]
            if entry["on"] and (without is None or column_of(entry) != without)
        ]
        parts = [part for part in parts if self._has_map(part)]
        if not parts:
            return None
        return self.definitions.rows_of(parts[0] if len(parts) == 1 else {"and": parts})

    def column_filter(self, column: str) -> dict[str, Any] | None:
        """Return the filter that the strips and the legend set on a column, None when there is none."""
        return next((f for f in self.state.document["filters"] if f["id"] == f"column:{column}"), None)

    def filter_levels(self, column: str, kept: NDArray[np.bool_]) -> None:
        """Show only these levels of a column, (levels + 1,) bool, missing last; all of them takes the filter away."""
        name = f"column:{column}"
        condition = level_filter(column, kept, self.table.levels(column))
        if condition is not None:
            self.state.act("add_filter", id=name, **condition)
        elif self.column_filter(column) is not None:
            self.state.act("remove_filter", id=name)

    def selection(self) -> Selection | None:
        """Return the selected rows inside the population, None when nothing is selected."""
        definition = self.state.document["selection"]
        if definition is None:
            return None
        try:
            chosen = self.definitions.rows_of(definition)
        except ExplorerError as error:
            self.note(str(error))
            return None
        population = self.population()
        return chosen if population is None else chosen & population

    def clear(self) -> None:
        """Clear the selection."""
        self.state.act("select", selection=None)

    def keep_selection(self) -> None:
        """Turn the selection into a filter: only its rows are shown."""
        definition = self.state.document["selection"]
        if definition is not None:
            self.state.act("add_filter", id=f"rows:{key_of(definition)[:12]}", rows=definition)
            self.clear()

    def note(self, text: str) -> None:
        """Keep a line that the page shows beside the rows."""
        if text not in self.notes:
            self.notes.append(text)

    def link(self) -> str:
        """Return the query text that restores this state; empty for the start."""
        document = {**self.state.document, "theme": self.start["theme"]}
        return "" if document == self.start else to_url(document, self.start)

    # --- inside

    def _has_map(self, definition: dict[str, Any]) -> bool:
        try:
            self.definitions.rows_of(definition)
        except EmbeddingError as error:
            self.note(str(error))
            return False
        return True

    def specs(self, projected: dict[str, Any]) -> list[ProjectionSpec]:
        """Say what is to be computed for features, policy and method: PCA, then the chosen method."""
        policy, method = projected["policy"], projected["method"]
        matrix = self.table.matrix_spec(projected["features"], **policy)
        pca = ProjectionSpec(matrix, "pca", {}, method["random_state"])
        if method["name"] == "pca":
            return [pca]
        return [pca, ProjectionSpec(matrix, method["name"], method["parameters"], method["random_state"])]

    def _compute(self) -> None:
        if self._settling:
            return  # the former maps are there, and why the new ones are not stays to be read
        self.nothing_to_project = nothing_to_project(self.table, self.projected()["features"])
        specs: list[ProjectionSpec] = []
        job: JobProgress | None = None
        try:
            if not self.nothing_to_project:
                specs = self.specs(self.projected())
                job = JobProgress(specs[-1].method)
        except ExplorerError as error:
            job = JobProgress("projection", failed=str(error))
        with self._lock:
            if self._running:
                self._running.cancel()
            self._turn += 1
            self.job, self._running = job, None
            if specs:
                self._running = self.queue.project(self.table.source, specs, partial(self._hear, self._turn))
        if not specs:
            self._notify(frozenset(["job"]))

    def _hear(self, turn: int, event: Event) -> None:
        """Take an event of a job; called from a thread of the queue."""
        if isinstance(event, Finished):
            self._take(event.key, event.folder)
            self._finished.update([] if event.preview else [event.key])
        elif turn != self._turn:
            return  # the last words of a job that a newer one replaced
        elif isinstance(event, Progress | Failed):
            self.job = (self.job or JobProgress("projection")).after(event)
            self._failed_turn = turn if isinstance(event, Failed) else None
        elif isinstance(event, Cancelled | Done):
            self.job = None
        self._notify(frozenset(["maps", "job"] if isinstance(event, Finished) else ["job"]))

    def _take(self, key: str, folder: Path) -> None:
        embedding = open_embedding(folder / EMBEDDING_FILE)
        opened = open_map(folder / MAP_FOLDER, self.table)
        with self._lock:
            self._embeddings[key], self._maps[key] = embedding, opened

    def _changed(self, changed: frozenset[str]) -> None:
        if "projected" in changed:
            self._compute()
        self._notify(changed)

    def _notify(self, changed: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(changed)
