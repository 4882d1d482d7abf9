"""Layers: what a map knows of its own neighbourhoods, drawn in place of the colours."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.map.paint.color import Continuous, Scale
from explorer.map.paint.shade import Span
from explorer.session.maps.painting import Painting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding
    from explorer.embedding.map_change import MapChange
    from explorer.map.map import Map
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.second_map import SecondMap
    from explorer.state.state import State

__all__ = ["Layer", "Layers", "RowValues"]

_TRUST = _("Of each row's 15 nearest rows in the features, the share that is near it on the map")


@dataclass(frozen=True, eq=False)
class Layer:
    """A number for each row of a map, from 0 to 1.

    Attributes
    ----------
    key : str
        Of what is drawn.
    title, words : str
    values : ndarray of shape (n,), float32, in tile order
    """

    key: str
    title: str
    words: str
    values: NDArray[np.float32]

    def painting(self) -> Painting:
        """Return how it is drawn: always from 0 to 1, so that two maps can be compared."""
        colour = Continuous(self.values, Scale("linear"), "cividis")
        return Painting(colour, Span("linear", 0.0, 1.0), title=self.title, words=self.words)


@dataclass(frozen=True, eq=False)
class RowValues:
    """A number for each row of the table, from 0 to 1.

    Attributes
    ----------
    title, words : str
    values : ndarray of shape (num_rows,), float32
    """

    title: str
    words: str
    values: NDArray[np.float32]

    def on(self, shown: Map) -> Layer:
        """Return the layer of a map's rows."""
        key = f"{self.title} {shown.store.files.name} {id(self.values)}"
        return Layer(key, self.title, self.words, shown.store.arrange(self.values[shown.rows]))


class Layers:
    """The layer of a session that is asked for in its state, for each of the maps shown.

    Parameters
    ----------
    state : State
    projection : Projection
    second_map : SecondMap
    """

    def __init__(self, state: State, projection: Projection, second_map: SecondMap) -> None:
        self._state, self._projection, self._second_map = state, projection, second_map
        self._lock = threading.Lock()
        self._kept: dict[tuple[Any, ...], Layer] = {}
        self._of_rows: dict[str, RowValues] = {}

    def put(self, name: str, of_rows: RowValues) -> None:
        """Take what the layer of this name shows; it replaces the earlier one."""
        self._of_rows[name] = of_rows

    def current(self, shown: Map) -> Layer | None:
        """Return the layer to draw on a map; None without one, or while it is not known."""
        name = self._state.document.layer
        if name == "trust":
            return self._once((name, shown.store.files), lambda: self._trust(shown))
        of_rows = None if name is None else self._of_rows.get(name)
        if of_rows is not None:
            key = (name, shown.store.files, id(of_rows.values))
            return self._once(key, lambda: of_rows.on(shown))
        change = self._second_map.change if name == "change" else None
        if change is None:
            return None
        return self._once((name, shown.store.files, id(change)), lambda: _change(shown, change))

    def _once(self, key: tuple[Any, ...], make: Any) -> Layer | None:
        with self._lock:
            if key not in self._kept:
                layer = make()
                if layer is None:
                    return None
                # two maps are shown at a time
                self._kept = {**dict(list(self._kept.items())[-1:]), key: layer}
            return self._kept[key]

    def _embedding_of(self, shown: Map) -> Embedding | None:
        own = self._projection.embedding_of(shown)
        if own is None and shown is self._second_map.map():
            return self._second_map.embedding()
        return own

    def _trust(self, shown: Map) -> Layer | None:
        embedding = self._embedding_of(shown)
        if embedding is None or not np.isfinite(embedding.trust).any():
            return None  # a preview, or coordinates from the table
        anchors = embedding.scores.get("n_anchors")
        checked = (
            " "
            + _(
                "Computed for {anchors:,} rows; the others show the value of the nearest of these."
            ).format(anchors=anchors)
            if anchors
            else ""
        )
        values = shown.store.arrange(np.asarray(embedding.trust, np.float32))
        return Layer(
            f"trust {shown.store.files.name}",
            _("Trust in the map"),
            f"{_TRUST}.{checked}",
            values,
        )


def _change(shown: Map, change: MapChange) -> Layer:
    values = shown.store.arrange(change.on(shown.rows))
    return Layer(
        f"change {shown.store.files.name} {id(change)}",
        _("Changed neighbours"),
        change.words,
        values,
    )
