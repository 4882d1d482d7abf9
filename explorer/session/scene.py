"""What the map on screen shows: colour, masks and the exact account of all rows."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from explorer.cache import key_of
from explorer.maps.aggregate import in_view
from explorer.maps.colour import Categorical, Colour, Continuous, Density, Scale
from explorer.maps.frame import Frame, frame
from explorer.maps.palettes import DARK, LIGHT, Theme
from explorer.maps.shade import Span, value_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.maps.viewport import Viewport
    from explorer.session.session import Session
    from explorer.workbench.coding import Levels
    from explorer.workbench.map import Map

__all__ = ["Account", "Painting", "Scene"]

Made = TypeVar("Made")

# A colour must not be spent on the far tails: a convention, shown beside the colour bar as "≤" and "≥".
_CLIP = (0.5, 99.5)
# How many times the median the 99.5 % point is before a linear scale is no use: a convention.
_LONG_TAIL = 20.0


@dataclass(frozen=True, eq=False)
class Painting:
    """How the rows of one map are coloured.

    Attributes
    ----------
    colour : Colour
    span : Span or None
        Fixed for the whole map, so that colours mean the same wherever one looks; None for density and categories.
    levels : Levels or None
        Of a category.
    scale : str
        The scale in force: "linear", "log" or "rank".
    """

    colour: Colour
    span: Span | None = None
    levels: Levels | None = None
    scale: str = "linear"


@dataclass(frozen=True)
class Account:
    """Every row of the table, in exactly one of four places.

    Attributes
    ----------
    rows : int
        Of the table: the sum of the others.
    in_view, outside, hidden, without : int
        Drawn; shown but outside the viewport; hidden by a filter; without coordinates on this map.
    """

    rows: int
    in_view: int
    outside: int
    hidden: int
    without: int


class Scene:
    """Draws the map of a session; stages that did not change are taken from the last time.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, Any]] = {}

    def draw(self, shown: Map, viewport: Viewport) -> Frame:
        """Draw a frame of a map, exact for the viewport."""
        painting = self.painting(shown)
        return frame(
            shown.store,
            viewport,
            painting.colour,
            self.selected(shown),
            self.visible(shown),
            self.theme(),
            painting.span,
        )

    def account(self, shown: Map, viewport: Viewport) -> Account:
        """Count all rows of the table: in view, outside, hidden, without coordinates."""
        visible = self.visible(shown)
        seen = in_view(shown.store, viewport, visible)
        total = shown.store.n if visible is None else int(np.count_nonzero(visible))
        return Account(
            self._session.table.num_rows, seen, total - seen, shown.store.n - total, shown.n_without
        )

    def theme(self) -> Theme:
        """Return the colours of the page's theme."""
        return DARK if self._session.state.document["theme"] == "dark" else LIGHT

    def painting(self, shown: Map) -> Painting:
        """Return how the map is coloured now."""
        color = self._session.state.document["color"]
        return self._once("painting", self._key(shown, color=color), lambda: self._painting(shown, color))

    def control_colour(self, control: Map) -> Colour:
        """Return the present colours for another map of the same table."""
        color = self._session.state.document["color"]
        return self._once(
            "control", self._key(control, color=color), lambda: self._painting(control, color)
        ).colour

    def selected(self, shown: Map) -> NDArray[np.bool_] | None:
        """Return the selected rows in tile order, None without a selection."""
        document = self._session.state.document
        key = self._key(shown, selection=document["selection"], filters=document["filters"])
        return self._once("selected", key, lambda: shown.arranged_mask(self._session.selection()))

    def visible(self, shown: Map) -> NDArray[np.bool_] | None:
        """Return the rows that the filters leave, in tile order; None when nothing is hidden."""
        key = self._key(shown, filters=self._session.state.document["filters"])
        return self._once("visible", key, lambda: shown.arranged_mask(self._session.population()))

    def _painting(self, shown: Map, color: dict[str, Any]) -> Painting:
        column = color["column"]
        if column is None:
            return Painting(Density(invert=color["reverse"]), scale="rank")
        if not self._session.table.is_number(column):
            codes, levels = shown.arranged_codes(column)
            return Painting(Categorical(codes, levels.n_colours + 1), levels=levels)
        values = shown.arranged_numbers(column)
        kind_of_scale = (
            _auto_scale(values, self._session.table.feature(column).kind)
            if color["scale"] == "auto"
            else color["scale"]
        )
        scale = Scale(kind_of_scale, tuple(color["clip"] or _CLIP))
        palette = color["palette"] or "viridis"
        return Painting(
            Continuous(values, scale, palette, color["reverse"]), value_span(values, scale), scale=scale.kind
        )

    def _key(self, shown: Map, **sections: Any) -> str:
        return key_of({"map": shown.store.checksum, "maps": self._session.maps_known, **sections})

    def _once(self, what: str, key: str, make: Callable[[], Made]) -> Made:
        """Return what was made for this key the last time; a session needs only the latest of each."""
        with self._lock:
            found = self._kept.get(what)
        if found and found[0] == key:
            kept: Made = found[1]
            return kept
        made = make()
        with self._lock:
            self._kept[what] = (key, made)
        return made


def _auto_scale(values: NDArray[np.float32], kind: str) -> str:
    """Choose log where nearly all rows would share one colour on a linear scale; times stay linear."""
    finite = values[np.isfinite(values)]
    if kind == "temporal" or finite.size == 0 or float(finite.min()) <= 0:
        return "linear"
    middle, high = np.percentile(finite, (50, 99.5))
    return "log" if high > _LONG_TAIL * middle else "linear"
