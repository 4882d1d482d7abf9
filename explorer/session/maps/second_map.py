"""The map beside the first: another embedding, laid onto it, or other colours of the same one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Unpack

import numpy as np

from explorer.compare_maps.compute import aligned_folder, compare_maps
from explorer.core.errors import ExplorerError
from explorer.jobs.task import MAP_FOLDER
from explorer.map.shared_maps import shared_map
from explorer.state import actions
from explorer.state.document import Color

if TYPE_CHECKING:
    from explorer.embedding.embedding import Embedding
    from explorer.embedding.map_change import MapChange
    from explorer.map.map import Map
    from explorer.session.maps.projection import Projection
    from explorer.state.document import SecondMapOptions
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["SecondMap"]

_NEARLY_ALL = (0.002, 0.998)
_SAMPLE = 100_000


class SecondMap:
    """The second map of a session.

    Parameters
    ----------
    table : Table
    state : State
    projection : Projection
    """

    def __init__(self, table: Table, state: State, projection: Projection) -> None:
        self._table, self._state, self._projection = table, state, projection
        self._lock = threading.Lock()
        self._aligned: tuple[tuple[str, str], str, Map] | None = None
        self._changed: tuple[tuple[str, str], MapChange] | None = None

    def show(self, on: bool = True, **options: Unpack[SecondMapOptions]) -> None:
        """Show a second map, with what it was made of; see the action `show_second_map`."""
        if (key := options.get("embedding")) is not None:
            options["projected"] = self._projection.settings_of(key)
        self._state.act(actions.show_second_map, on=on, **options)

    @property
    def wanted(self) -> bool:
        """Whether a second map is asked for."""
        return self._state.document.second_map is not None

    @property
    def other(self) -> str | None:
        """Key of the other embedding that is asked for; None: the one shown."""
        section = self._state.document.second_map
        key = None if section is None else section.embedding
        embeddings = dict(self._projection.available())
        return key if key in embeddings and key != self._projection.shown_key() else None

    def map(self) -> Map | None:
        """Return the second map; None while there is none.

        It must first be laid onto the first map.
        """
        if not self.wanted:
            return None
        if self.other is None:
            return self._projection.map()
        aligned = self._aligned
        return aligned[2] if aligned is not None and aligned[0] == self._pair() else None

    def embedding(self) -> Embedding | None:
        """Return the embedding of the second map, in its own place."""
        if self.map() is None:
            return None
        return (
            self._projection.embedding()
            if self.other is None
            else dict(self._projection.available())[self.other]
        )

    @property
    def key(self) -> str | None:
        """Key of the second map, by which a selection that is drawn on it is found again."""
        if self.map() is None:
            return None
        return (
            self._projection.shown_key()
            if self._aligned is None or self.other is None
            else self._aligned[1]
        )

    def extent(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Return ranges that hold nearly all of the second map.

        A few rows far out would make both maps small.
        """
        shown = self.map()
        if shown is None or self.other is None:
            return None
        step = max(1, shown.store.n // _SAMPLE)
        ends = (
            [np.quantile(axis[::step], _NEARLY_ALL) for axis in (shown.store.x, shown.store.y)]
            if shown.store.n
            else []
        )
        if not ends:
            return None
        x, y = (
            (float(low + shift), float(high + shift))
            for (low, high), shift in zip(ends, shown.store.origin, strict=True)
        )
        return x, y

    @property
    def change(self) -> MapChange | None:
        """Which rows have other neighbours on the second map; None while that is not known."""
        changed = self._changed
        if changed is None or not self.wanted or changed[0] != self._pair():
            return None
        return changed[1]

    def prepare(self) -> str:
        """Lay the second map onto the first, and find the changed neighbours if asked for.

        It takes a while: call it in a thread.

        Returns
        -------
        str
            Why it could not be done; empty if it was.
        """
        pair = self._pair()
        if pair is None:
            return ""
        embeddings = dict(self._projection.available())
        first, second = embeddings[pair[0]], embeddings[pair[1]]
        try:
            with self._lock:
                if self._aligned is None or self._aligned[0] != pair:
                    key, folder = aligned_folder(self._table.columns.cache, second, first)
                    self._aligned = pair, key, shared_map(folder / MAP_FOLDER, self._table)
                layer = self._state.document.layer
                if layer == "change" and (self._changed is None or self._changed[0] != pair):
                    self._changed = pair, compare_maps(first, second, self._table)
        except ExplorerError as error:
            return str(error)
        return ""

    @property
    def ready(self) -> bool:
        """Whether everything that is asked for can be drawn."""
        layer = self._state.document.layer
        return self.map() is not None and (
            layer != "change" or self.other is None or self.change is not None
        )

    def color(self) -> Color:
        """Return the colour section of the state by which the second map is drawn."""
        document = self._state.document
        column = None if document.second_map is None else document.second_map.column
        same = column is None or column == document.color.column
        return document.color if same else Color(column=column)

    def _pair(self) -> tuple[str, str] | None:
        first, other = self._projection.shown_key(), self.other
        return None if first is None or other is None else (first, other)
