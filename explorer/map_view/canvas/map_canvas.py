"""The map: frames for whatever the person looks at, hover, selection by shape."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.frame_renderer import FrameRenderer, FrameRequest, RenderedFrame
from explorer.map_view.feature_importance import feature_importance
from explorer.map_view.hover import Hover, RowPicker
from explorer.map_view.map_badge import Badge
from explorer.map_view.map_explanation import SELECTED, SelectionExplanation
from explorer.map_view.map_legend import search_levels
from explorer.map_view.map_overlay import map_overlay, outline_of
from explorer.map_view.map_pictures import MapPictures
from explorer.map_view.region_labels import region_labels
from explorer.map_view.second_map_card import second_map_card
from explorer.map_view.selection_trust import SelectionTrust
from explorer.session.maps.pane import Pane
from explorer.session.rows.level_filter import legend_rows
from explorer.session.rows.row_detail import place_of, places_of
from explorer.session.rows.row_pictures import RowPictures, image_block
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.document import Viewport as StateViewport
from explorer.ui.component import Component
from explorer.ui.map_saving import PictureFile, PictureRequest, make_picture, picture_pool
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.map.map import Map
    from explorer.session.session import Session
    from explorer.table.coding import CategoricalColumn

__all__ = ["MapCanvas"]

# Of the state: what changes the picture, what changes the cards on it, what brings another map.
_PICTURE = {
    "maps",
    "embedding",
    "projected",
    "color",
    "layer",
    "second_map",
    "selection",
    "filters",
    "theme",
    "labels",
    "catalogue",
}
_CARDS = _PICTURE | {"features", "policy", "method", "job"}
_MAP = {"maps", "embedding", "projected"}
_NAMES = _MAP | {"regions", "catalogue"}
_SECOND_MAP = {"maps", "embedding", "projected", "second_map", "layer"}

# x, y and reach in data units, side of a pixel, pane
_Point = tuple[float, float, float, float, int]

# Laying one map onto another takes seconds for millions of rows: pictures must not wait for it.
_slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="second_map")


class MapCanvas(Component):
    """The map.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "map_canvas"

    frame = param.Bytes(
        default=b"",
        doc="Table and planes of the latest frame: the data of an `EncodedFrame`.",
    )
    second = param.Bytes(default=b"", doc="The same of the map beside it.")
    second_map = param.Dict(default={}, doc="The map beside the first; empty without one.")
    trusted = param.Dict(
        default={},
        doc="Whether the rows of the shape that was drawn are neighbours in the features.",
    )
    explanation = param.Dict(
        default={}, doc="How the selected rows differ from the others; empty without any."
    )
    frame_info = param.Dict(default={}, doc="What the frame covers; changes after the frame.")
    home = param.Dict(
        default={}, doc="Extent of the map and the view to show; changes with the map."
    )
    overlay = param.Dict(default={}, doc="Caption, chooser, counter, legend, message.")
    hover = param.Dict(default={}, doc="The row under the pointer.")
    found_levels = param.Dict(default={}, doc="Levels of the colour's column found by their name.")
    making = param.Dict(default={}, doc="Which features made the map shown, on request.")
    file = param.Bytes(default=b"", doc="The picture to save.")
    picture = param.Dict(
        default={}, doc="Its name and media type, or why there is none; changes after the file."
    )
    mark = param.Dict(
        default={}, doc="Where the row that is looked at lies; empty where it has no place."
    )
    fly = param.Dict(default={}, doc="Where to move the view to, and whether to come closer.")
    pictures = param.Dict(
        default={},
        doc="Pictures of the rows in sight, with their places; empty unless these are few.",
    )
    has_pictures = param.Boolean(
        default=False, doc="Whether columns of the table are the pixels of an image."
    )
    regions = param.Dict(
        default={}, doc="Names of regions, where they stand, and every number behind them."
    )
    tool = param.String(default="pan", doc="pan, box or lasso.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(has_pictures=image_block(session.table) is not None, **params)
        self._session = session
        self._request: FrameRequest | None = None  # the latest
        # where the page was told to go, and its latest request by then
        self._told: StateViewport | None = None
        self._before_told: FrameRequest | None = None
        table, rows, projection = session.table, session.rows, session.projection
        first = Pane(projection.map, session.scene)
        second = Pane(session.second_map.map, session.second_scene)
        self._renderer = FrameRenderer(first, second)
        picker = RowPicker(
            table, session.state, projection, (first, second), session.part(RowPictures)
        )
        map_pictures = MapPictures(session)
        self._are_few = map_pictures.are_few
        self._pictures: LatestTask[Viewport, dict[str, Any]] = LatestTask(
            schedule, map_pictures.read, lambda pictures: self.param.update(pictures=pictures)
        )
        self._frames: LatestTask[FrameRequest, RenderedFrame | None] = LatestTask(
            schedule, self._renderer.render, self._show_frame
        )
        self._hovers: LatestTask[_Point, Hover | None] = LatestTask(
            schedule, lambda point: picker.pick(*point), self._show_hover
        )
        self._clicks: LatestTask[_Point, Hover | None] = LatestTask(
            schedule, lambda point: picker.pick(*point), self._look_at
        )
        self._overlays: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, self._make_overlay, self._show_overlay
        )
        self._importances: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule,
            partial(feature_importance, table, projection),
            lambda making: self.param.update(making=making),
        )
        self._level_searches: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, partial(search_levels, table, rows, first), self._show_found_levels
        )
        self._second_maps: LatestTask[None, str] = LatestTask(
            schedule, lambda _: session.second_map.prepare(), self._show_second_map, _slow
        )
        self._badge = Badge(
            SelectionTrust(table, projection.embedding, rows.selection),
            lambda: outline_of(session.state, projection.shown_key()),
            schedule,
            lambda badge: self.param.update(trusted=badge),
        )
        self._explanation = SelectionExplanation(
            session, schedule, lambda card: self.param.update(explanation=card)
        )
        self._trouble = ""
        self._files_to_save: LatestTask[PictureRequest, PictureFile] = LatestTask(
            schedule,
            partial(make_picture, table, projection, session.scene),
            self._hand_out,
            picture_pool,
        )
        self._names: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule,
            lambda _: region_labels(session.state, projection, session.regions),
            self._show_names,
        )
        self._shown: str | None = None
        self.refresh(frozenset(_CARDS | {"row"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        another = changed & _SECOND_MAP and (
            self._session.projection.shown_key() != self._shown or self._outgrown()
        )
        viewport = self._session.state.document.viewport
        if another or ("viewport" in changed and viewport != self._own_viewport()):
            self._open()
        elif changed & _PICTURE and self._request:
            self._draw_again(self._request)
        if changed & _SECOND_MAP and self._session.second_map.wanted:
            self._second_maps.submit(None)
        elif not self._session.second_map.wanted:
            self.second_map = {}
        self._explanation.refresh(changed)
        self.after_explanation(changed, self._refresh_cards)
        if changed & _NAMES:
            self._names.submit(None)
        if changed & (_MAP | {"row"}):
            self._mark()
        if "fly" in changed:
            self._fly(**self._session.messages["fly"])
        if "tool" in changed:
            self.tool = self._session.messages["tool"]

    def after_explanation(
        self, changed: frozenset[str], refresh: Callable[[frozenset[str]], object]
    ) -> None:
        """Call this with the change at once; of a selection once its first sentence is shown.

        The map has followed the change before.
        """
        if changed == SELECTED:
            self._explanation.after_first_sentence(refresh)
        else:
            refresh(changed)

    def _refresh_cards(self, changed: frozenset[str]) -> None:
        if changed & _CARDS:  # the legend counts all rows: the picture must not wait for it
            self._frames.when_idle(lambda: self._overlays.submit(None))
        self._badge.refresh(changed)

    # --- what the page sends

    def on_view(
        self,
        seq: int,
        moving: bool,
        keep: bool,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        x_view: tuple[float, float],
        y_view: tuple[float, float],
        width: int,
        height: int,
        packed: bool = False,
        anew: bool = False,
    ) -> None:
        """Draw what is looked at; at rest, remember it.

        ``packed``: the line is slow; ``anew``: the page has lost what it kept.
        """
        if anew:
            self._renderer.forget()
        drawn = Viewport(x_range, y_range, width, height)
        # a viewport has a width, unless its ends are so far out that their difference is lost
        share = (
            (x_view[1] - x_view[0]) / (x_range[1] - x_range[0]) if x_range[1] > x_range[0] else 1.0
        )
        inner = (max(1, round(width * share)), max(1, round(height * share)))
        sight = Viewport(x_view, y_view, *inner)
        self._request = FrameRequest(drawn, sight, seq, moving, packed, time.perf_counter())
        self._frames.submit(self._request)
        if keep and not moving:
            self._session.state.act(actions.set_viewport, x_range=x_view, y_range=y_view)

    def on_ready(self) -> None:
        """Bring the map before a page that still waits for it."""
        if self._session.projection.map() is not None:
            self._open()

    def on_whole(self) -> None:
        """Remember that the whole map is looked at."""
        self._session.state.act(actions.set_viewport, x_range=None, y_range=None)

    def on_lasso(
        self, polygon: list[tuple[float, float]], mode: actions.SelectMode, pane: int = 0
    ) -> None:
        """Select the rows inside a polygon on the first map or, with pane 1, on the second."""
        self._select({"lasso": polygon}, mode, pane)

    def on_box(
        self, polygon: list[tuple[float, float]], mode: actions.SelectMode, pane: int = 0
    ) -> None:
        """Select the rows in a rectangle, given by its corners."""
        if not polygon:
            raise ExplorerError("a box has corners, none came: draw it again")
        xs, ys = zip(*polygon, strict=True)
        self._select({"box": [[min(xs), max(xs)], [min(ys), max(ys)]]}, mode, pane)

    def on_second_map(self, on: bool = True, **options: Any) -> None:
        """Show a second map beside the first, or take it away.

        ``embedding`` or ``column`` say what it shows.
        """
        self._session.second_map.show(on, **options)

    def on_layer(self, name: actions.Layer | None) -> None:
        """Draw the trust in the map, or the neighbours that changed, in place of the colours."""
        self._session.state.act(actions.set_layer, name=name)

    def on_regions(self) -> None:
        """Show the names of regions, or hide them."""
        self._session.state.act(actions.show_regions, on=not self._session.state.document.regions)

    def on_region(self, level: int, number: int, mode: actions.SelectMode) -> None:
        """Select the rows of a region."""
        chosen = self._session.regions.definition(self.regions.get("key", ""), level, number)
        self._session.state.act(actions.select, selection=chosen, mode=mode)

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.rows.clear_selection()

    def on_hover(self, x: float, y: float, radius: float, unit: float = 0.0, pane: int = 0) -> None:
        """Find the row under the pointer; ``unit`` is the side of a pixel in data units."""
        self._hovers.submit((x, y, radius, unit, pane))

    def on_click(self, x: float, y: float, radius: float, pane: int = 0) -> None:
        """Look at the row that was clicked."""
        self._clicks.submit((x, y, radius, 0.0, pane))

    def on_explain(self, on: bool) -> None:
        """Explain selections, or leave them alone."""
        self._explanation.open(on)

    def on_compare(self) -> None:
        """Compare the selection with the rest in every feature."""
        self._explanation.compare()

    def on_example(self, row: int) -> None:
        """Look at a typical row of the selection, or one at its edge."""
        self._session.look_at_row(row, zoom=False)

    def on_embedding(self, key: str) -> None:
        """Show another embedding."""
        self._session.projection.show(key)

    def on_above(self, level: int) -> None:
        """Show a map above the present one, 0 that of all rows."""
        self._session.projection.show_above(level)

    def on_making(self) -> None:
        """Say which features made the map shown."""
        key = self._session.projection.shown_key()
        if key is not None and self.making.get("key") != key:
            self.making = {"key": key}
            self._importances.submit(key)

    def on_rows(self) -> None:
        """Show the rows as a table, where there is no map."""
        self._session.state.act(actions.set_tab, name="Rows")

    def on_look(self, name: str) -> None:
        """Show a feature in its tab."""
        self._session.state.act(actions.look_at, name=name)

    def on_color(self, **options: Any) -> None:
        """Change the scale or direction of the colours."""
        column = self._session.state.document.color.column
        self._session.state.act(actions.set_color, **{**options, "column": column})

    def on_level(self, code: int, alone: bool) -> None:
        """Hide a level of the legend or show it again, by a filter.

        alone: show only this one, or all again.
        """
        # the last entry of the legend stands for all that have no colour of their own
        self._toggle(
            lambda levels: slice(code, code + 1 if code < levels.n_colours else None), alone
        )

    def on_one_level(self, code: int, alone: bool) -> None:
        """Hide any level of the column or show it again, as `on_level` does."""
        self._toggle(lambda _: slice(code, code + 1), alone)

    def on_find_level(self, text: str) -> None:
        """Find levels of the colour's column by their name."""
        self._level_searches.submit(text)

    def on_pick(self, code: int, mode: actions.SelectMode) -> None:
        """Select the rows of a level of the legend, or combine them with the selection."""
        column, levels = self._session.state.document.color.column, self._levels()
        if column is None or levels is None:
            return
        definition = legend_rows(column, levels, code)
        if definition is not None:
            self._session.state.act(actions.select, selection=definition, mode=mode)

    def on_picture(self, form: str, scale: float, plain: bool, width: int, height: int) -> None:
        """Hand out what is in sight as a file: png, svg or pdf.

        Width and height are those of the screen.
        """
        if self._request is None:
            self._hand_out(PictureFile(trouble=_("There is no map yet: save it when it is made.")))
            return
        sight = self._request.sight
        self._files_to_save.submit(
            PictureRequest(sight.x_range, sight.y_range, (width, height), form, scale, plain)
        )

    # --- in a thread

    def _make_overlay(self, _: None) -> dict[str, Any]:
        return {
            **map_overlay(self._session),
            "second_map": second_map_card(self._session, self._trouble),
        }

    # --- on the event loop

    def _draw_again(self, request: FrameRequest) -> None:
        frame = self._renderer.at_hand(request)
        if frame is None:
            self._frames.submit(request)
        else:
            self._frames.show_now(frame)

    def _show_frame(self, frame: RenderedFrame | None) -> None:
        if frame is not None:
            number = self.frame_info.get("id", 0) + 1
            self.param.update(**self._renderer.message(frame, number))
            if frame.account is not None:  # at rest
                if self._are_few(frame.account.in_view):
                    self._pictures.submit(frame.request.sight)
                elif self.pictures:
                    self._pictures.show_now({})

    def _show_second_map(self, trouble: str) -> None:
        self._trouble = trouble
        if self._outgrown():  # the whole holds both maps
            self._open()
        if self._request:
            self._frames.submit(self._request)
        self._overlays.submit(None)
        self._mark()

    def _hand_out(self, file: PictureFile) -> None:
        turn = self.picture.get("turn", 0) + 1
        self.param.update(
            file=file.data,
            picture={"name": file.name, "media": file.media, "trouble": file.trouble, "turn": turn},
        )

    def _show_hover(self, hover: Hover | None) -> None:
        turn = self.hover.get("turn", 0) + 1
        self.hover = {"turn": turn, **(hover.shown() if hover else {})}

    def _look_at(self, hover: Hover | None) -> None:
        if hover is not None:
            self._session.look_at_row(hover.row)

    def _mark(self) -> None:
        places = self._places()
        self.mark = {"places": places} if places else {}

    def _fly(self, row: int, zoom: bool) -> None:
        place = place_of(self._session.projection.map(), row)
        if place is not None:
            turn = self.fly.get("turn", 0) + 1
            self.fly = {"x": place[0], "y": place[1], "zoom": zoom, "turn": turn}

    def _show_overlay(self, overlay: dict[str, Any]) -> None:
        self.second_map = overlay.pop("second_map")
        self.overlay = overlay

    def _show_names(self, names: dict[str, Any]) -> None:
        self.regions = names

    def _open(self) -> None:
        """Bring another map, or another view of it, before the person."""
        shown = self._session.projection.map()
        if shown is None:
            return
        key = self._session.projection.shown_key()
        same, self._shown = self._shown == key, key
        extent = self._whole(shown)
        view = self._session.state.document.viewport
        self._told, self._before_told = view, self._request
        self.home = {
            "extent": extent,
            "view": None if view is None else as_json(view, "viewport"),
            "keep": same,
            "turn": self.home.get("turn", 0) + 1,
        }

    def _outgrown(self) -> bool:
        """Tell whether the whole of what is shown has become another.

        Its finished map has come, or a second map has come or gone.
        """
        shown = self._session.projection.map()
        return shown is not None and self._whole(shown) != self.home.get("extent")

    def _whole(self, shown: Map) -> list[list[float]]:
        """Return the ranges that hold the map, and the second one."""
        both = [shown.extent, self._session.second_map.extent() or shown.extent]
        return [
            [min(low for low, _ in ends), max(high for _, high in ends)]
            for ends in zip(*both, strict=True)
        ]

    def _own_viewport(self) -> StateViewport | None:
        if self._request is None or self._request is self._before_told:
            return self._told  # it is on its way there
        sight = self._request.sight
        return StateViewport(x=sight.x_range, y=sight.y_range)

    def _places(self) -> list[list[float] | None]:
        """Return where the row that is looked at lies on each of the two maps."""
        maps = self._session.projection.map(), self._session.second_map.map()
        return places_of(self._session.state.document.row, maps)

    def _levels(self) -> CategoricalColumn | None:
        """Return the levels by which the map is coloured; None where it is not."""
        shown = self._session.projection.map()
        return None if shown is None else self._session.scene.painting(shown).levels

    def _toggle(self, places: Callable[[CategoricalColumn], slice], alone: bool) -> None:
        levels = self._levels()
        if levels is None:
            return
        self._session.rows.toggle_levels(levels, places(levels), alone)
        if self.found_levels.get("text"):
            self._level_searches.submit(self.found_levels["text"])

    def _show_found_levels(self, levels: dict[str, Any]) -> None:
        self.found_levels = {**levels, "turn": self.found_levels.get("turn", 0) + 1}

    def _select(self, shape: dict[str, Any], mode: actions.SelectMode, pane: int) -> None:
        key = self._session.second_map.key if pane else self._session.projection.shown_key()
        if key is None:
            return
        color = self._session.state.document.color.column
        coloured = {} if color is None else {"color": color}
        try:
            self._session.state.act(
                actions.select, selection={**shape, "embedding": key, **coloured}, mode=mode
            )
        except ExplorerError as error:
            self._session.note(str(error))
