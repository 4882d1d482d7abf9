"""The map: frames for whatever the person looks at, hover, selection by shape."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from explorer.errors import ExplorerError
from explorer.maps.picture import png_bytes
from explorer.maps.viewport import Viewport
from explorer.session.hover import Hover, hover_at
from explorer.session.level_filter import kept_levels
from explorer.views.component import Component
from explorer.views.latest import Latest, Schedule
from explorer.views.map_making import making_of
from explorer.views.map_overlay import overlay_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.session.scene import Account
    from explorer.session.session import Session

__all__ = ["MapCanvas"]

# Of the state: what changes the picture, what changes the cards on it, what brings another map.
_PICTURE = {"maps", "embedding", "projected", "color", "selection", "filters", "theme"}
_CARDS = _PICTURE | {"features", "policy", "method", "job"}
_MAP = {"maps", "embedding", "projected"}


@dataclass(frozen=True)
class _View:
    """What the page asks for: the drawn rectangle with its border, and the rectangle in sight."""

    drawn: Viewport
    sight: Viewport
    sequence: int
    moving: bool


@dataclass(frozen=True, eq=False)
class _Picture:
    view: _View
    rgba: NDArray[np.uint8]
    account: Account | None


class MapCanvas(Component):
    """The map.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "map_canvas"

    frame = param.Bytes(default=b"", doc="RGBA of the latest frame, row 0 = top.")
    frame_info = param.Dict(default={}, doc="What the frame covers; changes after the frame.")
    home = param.Dict(default={}, doc="Extent of the map and the view to show; changes with the map.")
    overlay = param.Dict(default={}, doc="Caption, chooser, counter, legend, message.")
    hover = param.Dict(default={}, doc="The row under the pointer.")
    making = param.Dict(default={}, doc="Which features made the map shown, on request.")
    picture = param.Dict(default={}, doc="A file to save.")
    tool = param.String(default="pan", doc="pan, box or lasso.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._view: _View | None = None
        self._frames: Latest[_View, _Picture | None] = Latest(schedule, self._draw, self._show)
        self._hovers: Latest[tuple[float, float, float], Hover | None] = Latest(
            schedule, self._find, self._point
        )
        self._cards: Latest[None, dict[str, Any]] = Latest(
            schedule, lambda _: overlay_of(session), self._place
        )
        self._makings: Latest[str, dict[str, Any]] = Latest(schedule, self._making, self._tell_making)
        self._shown: str | None = None
        self.refresh(frozenset(_CARDS))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _MAP and (self._session.shown_key() != self._shown or self._outgrown()):
            self._open()
        elif changed & _PICTURE and self._view:
            self._frames.ask(self._view)
        elif "viewport" in changed and self._session.state.document["viewport"] != self._own_viewport():
            self._open()
        if changed & _CARDS:
            self._cards.ask(None)
        if "tool" in changed:
            self.tool = self._session.messages["tool"]

    # --- what the page sends

    def on_view(
        self, seq: int, moving: bool, keep: bool, x_range: Sequence[float], y_range: Sequence[float],
        x_view: Sequence[float], y_view: Sequence[float], width: int, height: int,
    ) -> None:  # fmt: skip
        """Draw what is looked at; at rest, remember it."""
        share = (x_view[1] - x_view[0]) / (x_range[1] - x_range[0])
        inner = (max(1, round(width * share)), max(1, round(height * share)))
        drawn = Viewport((x_range[0], x_range[1]), (y_range[0], y_range[1]), width, height)
        self._view = _View(
            drawn, Viewport((x_view[0], x_view[1]), (y_view[0], y_view[1]), *inner), seq, moving
        )
        self._frames.ask(self._view)
        if keep and not moving:
            self._session.state.act("set_viewport", x_range=list(x_view), y_range=list(y_view))

    def on_whole(self) -> None:
        """Remember that the whole map is looked at."""
        self._session.state.act("set_viewport", x_range=None, y_range=None)

    def on_lasso(self, polygon: list[list[float]], mode: str) -> None:
        """Select the rows inside a polygon."""
        self._select({"lasso": polygon}, mode)

    def on_box(self, polygon: list[list[float]], mode: str) -> None:
        """Select the rows in a rectangle, given by its corners."""
        xs, ys = zip(*polygon, strict=True)
        self._select({"box": [[min(xs), max(xs)], [min(ys), max(ys)]]}, mode)

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.clear()

    def on_hover(self, x: float, y: float, radius: float) -> None:
        """Find the row under the pointer."""
        self._hovers.ask((x, y, radius))

    def on_embedding(self, key: str) -> None:
        """Show another embedding."""
        self._session.state.act("show_embedding", key=key)

    def on_making(self) -> None:
        """Say which features made the map shown."""
        key = self._session.shown_key()
        if key is not None and self.making.get("key") != key:
            self.making = {"key": key}
            self._makings.ask(key)

    def on_look(self, name: str) -> None:
        """Show a feature in its tab."""
        self._session.state.act("look_at", name=name)

    def on_color(self, **options: Any) -> None:
        """Change the scale or direction of the colours."""
        column = self._session.state.document["color"]["column"]
        self._session.state.act("set_color", column=column, **options)

    def on_level(self, code: int, alone: bool) -> None:
        """Hide a level of the legend or show it again; alone: only this one, or all again. It is a filter like any."""
        column = self._session.state.document["color"]["column"]
        shown = self._session.map()
        levels = self._session.scene.painting(shown).levels if shown else None
        if column is None or levels is None:
            return
        mine = np.zeros(len(levels.labels) + 1, np.bool_)
        # the last entry of the legend stands for all that have no colour of their own
        mine[code : code + 1 if code < levels.n_colours else None] = True
        kept = kept_levels(self._session.column_filter(column), levels)
        if alone:
            kept = np.ones_like(mine) if np.array_equal(kept, mine) else mine
        else:
            kept = kept & ~mine if kept[mine].any() else kept | mine
        self._session.filter_levels(column, kept)

    def on_picture(self) -> None:
        """Hand out what is in sight as a PNG."""
        shown = self._session.map()
        if shown is None or self._view is None:
            return
        scene = self._session.scene
        frame = scene.draw(shown, self._view.sight)
        background = scene.theme().background
        data = base64.b64encode(png_bytes(frame.rgba[::-1], background=background)).decode()
        name = f"{self._session.table.title.split(' ')[0].lower()}-map.png"
        self.picture = {
            "name": name,
            "data": f"data:image/png;base64,{data}",
            "turn": self.picture.get("turn", 0) + 1,
        }

    # --- in a thread

    def _draw(self, view: _View) -> _Picture | None:
        shown = self._session.map()
        if shown is None:
            return None
        rgba = self._session.scene.draw(shown, view.drawn).rgba
        account = None if view.moving else self._session.scene.account(shown, view.sight)
        return _Picture(view, rgba[::-1], account)

    def _find(self, point: tuple[float, float, float]) -> Hover | None:
        return hover_at(self._session, *point)

    # --- on the event loop

    def _show(self, picture: _Picture | None) -> None:
        if picture is None:
            return
        view, drawn = picture.view, picture.view.drawn
        account = picture.account
        info = {
            "id": self.frame_info.get("id", 0) + 1, "seq": view.sequence, "moving": view.moving,
            "width": drawn.width, "height": drawn.height, "x_range": list(drawn.x_range), "y_range": list(drawn.y_range),
            "account": None if account is None else {"in_view": account.in_view, "outside": account.outside, "hidden": account.hidden},
        }  # fmt: skip
        self.param.update(frame=picture.rgba.tobytes(), frame_info=info)

    def _point(self, found: Hover | None) -> None:
        turn = self.hover.get("turn", 0) + 1
        self.hover = {"turn": turn, **(found.shown() if found else {})}

    def _place(self, overlay: dict[str, Any]) -> None:
        self.overlay = overlay

    def _open(self) -> None:
        """Bring another map, or another view of it, before the person."""
        shown = self._session.map()
        if shown is None:
            return
        same = self._shown == self._session.shown_key()
        self._shown = self._session.shown_key()
        extent = [list(ends) for ends in shown.extent]
        view = self._session.state.document["viewport"]
        self.home = {"extent": extent, "view": view, "keep": same, "turn": self.home.get("turn", 0) + 1}

    def _outgrown(self) -> bool:
        """Tell whether the whole map is wanted and the one that has come, of the same key, covers another extent."""
        shown = self._session.map()
        if shown is None or self._session.state.document["viewport"] is not None:
            return False
        return bool([list(ends) for ends in shown.extent] != self.home.get("extent"))

    def _making(self, key: str) -> dict[str, Any]:
        return making_of(self._session, key)

    def _tell_making(self, making: dict[str, Any]) -> None:
        self.making = making

    def _own_viewport(self) -> dict[str, list[float]] | None:
        if self._view is None:
            return None
        return {"x": list(self._view.sight.x_range), "y": list(self._view.sight.y_range)}

    def _select(self, shape: dict[str, Any], mode: str) -> None:
        key = self._session.shown_key()
        if key is None:
            return
        color = self._session.state.document["color"]["column"]
        told = {} if color is None else {"color": color}
        try:
            self._session.state.act("select", selection={**shape, "embedding": key, **told}, mode=mode)
        except ExplorerError as error:
            self._session.note(str(error))
