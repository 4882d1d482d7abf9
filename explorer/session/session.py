"""One person at one table: the state, and the parts that follow from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.session.maps.layers import Layers
from explorer.session.maps.map_finder import MapFinder
from explorer.session.maps.open_maps import OpenMaps
from explorer.session.maps.projection import Projection
from explorer.session.maps.region_finder import RegionFinder
from explorer.session.maps.scene import Scene
from explorer.session.maps.second_map import SecondMap
from explorer.session.restoring import check_color, check_names, restore_document
from explorer.session.rows.row_selection import RowSelection
from explorer.session.rows.selection_resolver import SelectionResolver
from explorer.state import actions
from explorer.state.document import first_document
from explorer.state.link import to_url
from explorer.state.state import State
from explorer.table.profiling import with_partners

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.jobs.queue import JobQueue
    from explorer.profile.profile import FeatureProfile
    from explorer.session.downloads import Downloads
    from explorer.state.document import Document, Tab
    from explorer.table.layered_catalogue import Changes
    from explorer.table.table import Table

__all__ = ["Session"]

Listener = Callable[[frozenset[str]], None]
Part = TypeVar("Part")
_RELABELLED = frozenset({"labels", "catalogue", "profiles"})
_EDITED = frozenset({"catalogue", "profiles"})
_SAVED = frozenset({"selections"})
# what was removed may have been selected, a filter or a group
_RESAVED = frozenset({"selections", "selection", "filters", "groups"})


class Session:
    """What one person sees and does: the state, and parts that each look after one side of it.

    State changes come from one thread (the page's event loop); job events come from another;
    reading may come from any. Listeners are called with the names of what changed: sections of the
    state document, and "job", "maps", "notes", "tool", "selections".

    Parameters
    ----------
    table : Table
    queue : JobQueue
        Shared by all sessions of a server.
    start : mapping
        Sections of the first state document.
    link : str
        Query text that restores a shared state; empty for the start.
    reasons : list of str
        Why the start has the features it has.
    makers : mapping of type to callable, optional
        How `part` makes a part that needs more than the session, as what sessions of a server
        share.

    Attributes
    ----------
    state : State
        What the person chose.
    rows : RowSelection
        Filters and selection.
    resolver : SelectionResolver
        From the definition of a selection to its rows.
    map_finder : MapFinder
        Maps by their key; those of a link are made.
    projection : Projection
        The maps, the one that is shown, and the job that makes them.
    regions : RegionFinder
        Of the maps.
    second_map : SecondMap
        The map beside the first.
    layers : Layers
        What is drawn in place of the colours.
    scene, second_scene : Scene
        What is drawn on the map that is shown, and on the second one.
    notes : list of str
        Lines that the page shows beside the rows.
    messages : dict
        What was last notified of each topic that is not in the state.
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        start: Mapping[str, Any],
        link: str = "",
        reasons: Sequence[str] = (),
        makers: Mapping[type, Callable[[Session], Any]] | None = None,
    ) -> None:
        self.table = table
        self.start = first_document(start)
        self.start_reasons = list(reasons)
        self.notes: list[str] = []
        self.messages: dict[str, Any] = {}
        self.downloads: Downloads | None = None
        # asked once by the page, or given by the server's login
        self.user, self.signed_in = "", False
        self._makers = dict(makers or {})
        self._parts: dict[type, Any] = {}
        self._parts_lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._on_close: list[Callable[[], None]] = []

        maps = OpenMaps(table)
        self.map_finder = MapFinder(
            table,
            queue,
            maps,
            lambda subset: self.rows.keep(subset),
            lambda key: self.projection.makes(key),
            self.notify,
            self._remove_note,
        )
        self.regions = RegionFinder(table, maps, self.map_finder, self.notify, self._remove_note)
        self.resolver = SelectionResolver(table, self.map_finder.find_map, self.regions.rows_of)
        document = restore_document(link, self.start, table, self.resolver, self.notes)
        self.state = State(document, partial(check_names, table))
        self.rows = RowSelection(
            table, self.state, self.resolver, self.note, lambda: self.regions.maps_known
        )
        self.projection = Projection(
            table,
            queue,
            self.state,
            self.start,
            maps,
            self.map_finder,
            self.rows,
            self.note,
            self._emit,
        )
        self.second_map = SecondMap(table, self.state, self.projection)
        self.layers = Layers(self.state, self.projection, self.second_map)
        scene = partial(Scene, table, self.state, self.rows, self.layers, self.regions)
        self.scene, self.second_scene = scene(), scene(self.second_map.color)

        self.state.subscribe(lambda changed, _: self._emit(changed))
        self.on_close(self.regions.close)
        self.on_close(table.profiles.listen(self._on_profiles))
        self.on_close(table.labels.listen(lambda _: self._emit(_RELABELLED)))
        self.on_close(
            table.selections.listen(lambda gone: self._emit(_RESAVED if gone else _SAVED))
        )

    def part(self, kind: type[Part]) -> Part:
        """Return what one tab keeps for this session, made when it is first asked for.

        It is ``kind(session)``, or what its maker makes.
        """
        with self._parts_lock:
            if kind not in self._parts:
                self._parts[kind] = self._makers.get(kind, kind)(self)
            part: Part = self._parts[kind]
            return part

    # --- listeners

    def listen(self, listener: Listener) -> None:
        """Call this with the names of what changed, from whichever thread changed it."""
        self._listeners.append(listener)

    def notify(self, topic: str, value: Any = None) -> None:
        """Notify the listeners of something that is not in the state document."""
        self.messages[topic] = value
        self._emit(frozenset([topic]))

    def note(self, text: str) -> None:
        """Keep a line that the page shows beside the rows."""
        if text and text not in self.notes:
            self.notes.append(text)

    def show_note(self, text: str) -> None:
        """Keep a line as `note` does, and show it at once."""
        self.note(text)
        self.notify("notes")

    def offer_file(self, name: str, write: Callable[[Path], None]) -> str | None:
        """Write a file for this person; see `Downloads.offer`.

        Returns
        -------
        str or None
            Where it is fetched; None, and nothing is written, where the server hands out no files.
        """
        if self.downloads is None:
            return None
        return self.downloads.offer(name, write, self.user if self.signed_in else None)

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call this when the person has left."""
        self._on_close.append(callback)

    def close(self) -> None:
        """Drop the listeners, since the person left.

        A running job goes on, and its result is kept in the cache.
        """
        self._listeners.clear()
        for callback in self._on_close:
            callback()

    # --- features

    def profile(self, name: str) -> FeatureProfile | None:
        """Return what is known of a feature, with those it is nearly the same as.

        None while nothing is known.
        """
        profile, redundancy = self.table.profiles.get(name), self.table.relations.known_redundancy
        if profile is None or redundancy is None:
            return profile
        return with_partners({name: profile}, redundancy)[name]

    def edit_feature(self, name: str, attribute: str, value: object) -> None:
        """Change what is known of a feature, for good and for everybody; see `Table.edit`."""
        self.edit_features({name: {attribute: value}})

    def edit_features(self, changes: Changes) -> Changes:
        """Change what is known of several features in one step; see `Table.edit_many`.

        Returns
        -------
        mapping
            The changes that take these back.
        """
        undo = self.table.edit_many(changes, self.user)
        self._emit(_EDITED)
        return undo

    def color_by(self, column: str | None) -> None:
        """Colour by a column, or by density with None.

        Raises
        ------
        FeatureError
            When the column has no single value for each row.
        """
        check_color(self.table, column)
        self.state.act(actions.set_color, column=column)

    # --- rows

    def look_at_row(
        self, row: int | None, tab: Tab | None = None, zoom: bool | None = None
    ) -> None:
        """Look at a row, or at none; a number that is no row of the table changes nothing.

        Parameters
        ----------
        row : int or None
        tab : str, optional
            Show it in this tab.
        zoom : bool, optional
            Move the map to it, and come closer or not; None leaves the map where it is.
        """
        if row is not None and not 0 <= row < self.table.num_rows:
            return
        self.state.act(actions.look_at_row, row=row, tab=tab)
        if zoom is not None and row is not None:
            self.notify("fly", {"row": row, "zoom": zoom})

    # --- links

    def portable_document(self) -> Document:
        """Return the document with how its maps are made, so that it opens on any computer."""
        return replace(self.state.document, maps=self.projection.recipes())

    def link(self) -> str:
        """Return the query text that restores what is shown; empty for the start."""
        document = replace(self.portable_document(), theme=self.start.theme)
        if document.embedding is None and self.projection.fell_back:
            document = replace(document, embedding="pca")
        return "" if document == self.start else to_url(document, self.start)

    # --- inside

    def _on_profiles(self, names: frozenset[str]) -> None:
        if self.state.document.feature in names or not names:
            self._emit(frozenset(["profiles"]))

    def _remove_note(self, text: str) -> None:
        if text in self.notes:
            self.notes.remove(text)

    def _emit(self, changed: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(changed)
