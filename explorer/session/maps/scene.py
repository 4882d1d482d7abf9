"""What the map on screen shows: colour, masks and the exact account of all rows."""

from __future__ import annotations

import math
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import key_of
from explorer.core.memo import Memo
from explorer.map.export.caption import Drawn
from explorer.map.paint.color import Categorical, Colour, Continuous, Density, Scale
from explorer.map.paint.palettes import DARK, DIVERGING, LIGHT, Theme
from explorer.map.paint.shade import Span, value_span
from explorer.map.pyramid import WORTH_ROWS, Pyramid, build_pyramid, pyramids
from explorer.map.raster.aggregate import in_view
from explorer.map.raster.frame import Frame, aggregate, draw_aggregate, encode_aggregate, row_states
from explorer.map.raster.value_ranks import at_ranks
from explorer.session.maps.painting import Painting
from explorer.session.rows.selection_resolver import describe_definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.map.map import Map
    from explorer.map.raster.frame import Aggregate, EncodedFrame
    from explorer.map.viewport import Viewport
    from explorer.session.maps.layers import Layer, Layers
    from explorer.session.maps.region_finder import RegionFinder
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.document import Color
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["Account", "Scene"]

# A colour must not be spent on the far tails: a convention, shown beside the colour bar as "≤" and
# "≥".
_CLIP = (0.5, 99.5)
# How many times the median the 99.5 % point is before a linear scale is no use: a convention.
_LONG_TAIL = 20.0
_FRAMES = 64 << 20  # bytes of pictures: some sixty of numbers, fifteen of categories

# Exact pictures at rest of all sessions: a colour that is chosen again is there at once.
_frames: Memo[tuple[str, Viewport], EncodedFrame] = Memo(_FRAMES, attrgetter("nbytes"))


class _Spans:
    """The latest scales of columns, for all sessions, so that a colour chosen again is fast."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[weakref.ref[Any], tuple[Scale, Span]]] = OrderedDict()

    def get(
        self, key: Any, values: NDArray[Any], make: Callable[[], tuple[Scale, Span]]
    ) -> tuple[Scale, Span]:
        """Return what was made for a key and these very values.

        It is made anew when the values have left memory since.
        """
        with self._lock:
            entry = self._kept.get(key)
            if entry is not None and entry[0]() is values:
                self._kept.move_to_end(key)
                return entry[1]
        result = make()
        with self._lock:
            self._kept[key] = weakref.ref(values), result
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return result


_spans = _Spans()


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
    """Draws a map of a session; stages that did not change are taken from the last time.

    Parameters
    ----------
    table : Table
    state : State
    rows : RowSelection
    layers : Layers
    regions : RegionFinder
    color : callable, optional
        Returns the colour section to draw by; default: the one of the state document.
    """

    def __init__(
        self,
        table: Table,
        state: State,
        rows: RowSelection,
        layers: Layers,
        regions: RegionFinder,
        color: Callable[[], Color] | None = None,
    ) -> None:
        self._table, self._state, self._rows = table, state, rows
        self._layers, self._regions = layers, regions
        self.color = color or (lambda: state.document.color)
        self._paintings: Memo[str, Painting] = _latest()
        self._controls: Memo[str, Painting] = _latest()
        self._selected: Memo[str, NDArray[np.bool_] | None] = _latest()
        self._visible: Memo[str, NDArray[np.bool_] | None] = _latest()
        self._accounts: Memo[str, Account] = _latest()

    def draw(self, shown: Map, viewport: Viewport, moving: bool = False) -> Frame:
        """Draw a frame of a map, exact for the viewport.

        A large map that moves is drawn exactly for nearly this viewport.

        The frame says for which viewport it is.
        """
        painting = self.painting(shown)
        numbers = self._numbers(shown, viewport, painting, moving)
        return draw_aggregate(shown.store, numbers, painting.colour, self.theme(), painting.span)

    def encoded_frame(self, shown: Map, viewport: Viewport, moving: bool = False) -> EncodedFrame:
        """Draw the same frame as `draw`, in the bytes that go to the page.

        A frame at rest that was drawn lately is kept.
        """
        if moving:
            return self._encoded_frame(shown, viewport, moving)
        key = self._frame_key(shown, self._layer(shown)), viewport
        return _frames.get(key, lambda: self._encoded_frame(shown, viewport, moving))

    def cached_frame(
        self, shown: Map, drawn: Viewport, sight: Viewport
    ) -> tuple[EncodedFrame, Account] | None:
        """Return a frame at rest and its account where both are known already, else None."""
        if self._state.document.layer is not None:
            return None  # it may be to be made
        frame = _frames.peek((self._frame_key(shown, None), drawn))
        account = self._accounts.peek(self._account_key(shown, sight))
        return None if frame is None or account is None else (frame, account)

    def _frame_key(self, shown: Map, layer: Layer | None) -> str:
        document = self._state.document
        return self._key(
            shown,
            color=self.color(),
            layer=layer and layer.key,
            selection=document.selection,
            filters=document.filters,
            theme=document.theme,
        )

    def _encoded_frame(self, shown: Map, viewport: Viewport, moving: bool) -> EncodedFrame:
        painting = self.painting(shown)
        numbers = self._numbers(shown, viewport, painting, moving)
        return encode_aggregate(shown.store, numbers, painting.colour, self.theme(), painting.span)

    def _numbers(
        self, shown: Map, viewport: Viewport, painting: Painting, moving: bool
    ) -> Aggregate:
        if moving and shown.store.n >= WORTH_ROWS:
            numbers = self._from_pyramid(shown, viewport, painting)
            if numbers is not None:
                return numbers
        return aggregate(
            shown.store, viewport, painting.colour, self.selected(shown), self.visible(shown)
        )

    def _from_pyramid(self, shown: Map, viewport: Viewport, painting: Painting) -> Aggregate | None:
        """Return the numbers of a zoomed-out frame.

        None where it is too close, or the pyramid is still to be built.
        """
        document, layer = self._state.document, self._layer(shown)
        key = self._key(
            shown,
            column=self.color().column,
            layer=layer and layer.key,
            selection=document.selection,
            filters=document.filters,
        )

        def build() -> Pyramid:
            selected = self.selected(shown)
            mask = row_states(selected, self.visible(shown))
            return build_pyramid(shown.store, painting.colour, mask, context=selected is not None)

        pyramid = pyramids.soon(key, build)
        return None if pyramid is None else pyramid.aggregate(viewport)

    def account(self, shown: Map, viewport: Viewport) -> Account:
        """Count all rows of the table: in view, outside, hidden, without coordinates."""
        key = self._account_key(shown, viewport)
        return self._accounts.get(key, lambda: self._account(shown, viewport))

    def _account_key(self, shown: Map, viewport: Viewport) -> str:
        return f"{self._key(shown, filters=self._state.document.filters)} {viewport}"

    def _account(self, shown: Map, viewport: Viewport) -> Account:
        visible = self.visible(shown)
        n_in_view = in_view(shown.store, viewport, visible)
        total = shown.store.n if visible is None else int(np.count_nonzero(visible))
        rows = shown.store.n + shown.n_without
        return Account(rows, n_in_view, total - n_in_view, shown.store.n - total, shown.n_without)

    def drawn_rows(self, shown: Map, frame: Frame) -> Drawn:
        """Return the account of all rows for the caption of a frame of a map."""
        account, numbers = self.account(shown, frame.viewport), frame.levels.aggregate
        document, features = self._state.document, self._table.features
        selection, filters = document.selection, document.active_filters

        def label(name: str) -> str:
            return features[name].label if name in features else name

        return Drawn(
            table=self._table.source.name,
            rows=account.rows,
            in_view=account.in_view,
            outside=account.outside,
            hidden=account.hidden,
            without=account.without,
            coloured=None if numbers.context is None else numbers.n_coloured,
            selected="" if selection is None else describe_definition(selection, label),
            filtered="; ".join(describe_definition(entry.definition, label) for entry in filters),
        )

    def theme(self) -> Theme:
        """Return the colours of the page's theme."""
        return DARK if self._state.document.theme == "dark" else LIGHT

    def painting(self, shown: Map) -> Painting:
        """Return how the map is coloured now."""
        color, layer = self.color(), self._layer(shown)
        key = self._key(shown, color=color, layer=layer and layer.key)
        return self._paintings.get(
            key, lambda: layer.painting() if layer else self._painting(shown, color)
        )

    def control_colour(self, control: Map) -> Colour:
        """Return the present colours for another map of the same table."""
        color = self._state.document.color
        key = self._key(control, color=color)
        return self._controls.get(key, lambda: self._painting(control, color)).colour

    def selected(self, shown: Map) -> NDArray[np.bool_] | None:
        """Return the selected rows in tile order, None without a selection."""
        document = self._state.document
        key = self._key(shown, selection=document.selection, filters=document.filters)
        return self._selected.get(key, lambda: shown.columns.mask(self._rows.selection()))

    def visible(self, shown: Map) -> NDArray[np.bool_] | None:
        """Return the rows that the filters leave, in tile order; None when nothing is hidden."""
        key = self._key(shown, filters=self._state.document.filters)
        return self._visible.get(key, lambda: shown.columns.mask(self._rows.population()))

    def _painting(self, shown: Map, color: Color) -> Painting:
        column = color.column
        if column is None:
            return _density(color)
        if not self._table.columns.is_number(column):
            codes, levels = shown.columns.codes(column)
            return Painting(Categorical(codes, levels.n_colours + 1), levels=levels)
        kind = self._table.features[column].kind
        values, origin = (
            shown.columns.times(column)
            if kind == "temporal"
            else (shown.columns.numbers(column), 0.0)
        )
        color = _from(color, origin) if kind == "temporal" else color

        def spanned() -> tuple[Scale, Span]:
            scale = _scale(color, lambda: _auto_scale(values))
            return scale, _held(color, scale.kind) or value_span(values, scale)

        key = (str(shown.store.files), id(values), kind, color)
        scale, span = _spans.get(key, values, spanned)
        palette = color.palette or ("viridis" if scale.center is None else DIVERGING)
        colour = Continuous(values, scale, palette, color.reverse, origin)
        return Painting(colour, span, scale=scale.kind)

    def _layer(self, shown: Map) -> Layer | None:
        """Return the layer that is drawn in place of the colours, where one is asked for."""
        return None if self._state.document.layer is None else self._layers.current(shown)

    def _key(self, shown: Map, **sections: Any) -> str:
        basis = {"map": shown.store.checksum, "edited": self._table.columns.edit_count}
        if sections.get("selection") or sections.get("filters"):
            # what names a map, or a region, that has not come selects nothing yet
            basis["maps"] = self._regions.maps_known
        return key_of({**basis, **sections})


def _latest() -> Memo[str, Any]:
    """Return a memo of what two frames took: of the latest, and of one that is still drawn."""
    return Memo(2, lambda _: 1)


def _density(color: Color) -> Painting:
    kind = "rank" if color.scale == "auto" else color.scale
    density = Density(Scale(kind, color.clip or (0.0, 100.0)), color.palette, color.reverse)
    return Painting(density, _held(color, kind), scale=kind)


def _scale(color: Color, automatic: Callable[[], str]) -> Scale:
    """Return the scale that was asked for.

    Around a value it is linear, or log where that can be.
    """
    clip, center = color.clip or _CLIP, color.center
    kind = automatic() if color.scale == "auto" else color.scale
    if center is None:
        return Scale(kind, clip)
    return Scale("log" if kind == "log" and center > 0 else "linear", clip, center)


def _held(color: Color, kind: str) -> Span | None:
    """Return the span whose ends a person holds; the colours of a rank scale have no ends."""
    ends = color.locked
    if ends is None or kind == "rank" or (kind == "log" and ends[0] <= 0):
        return None
    return Span(kind, *ends)


def _from(color: Color, origin: float) -> Color:
    """Return the colours of times that are counted from a moment; a time has no logarithm."""
    center, ends = color.center, color.locked
    return replace(
        color,
        scale="rank" if color.scale == "rank" else "linear",
        center=None if center is None else center - origin,
        locked=None if ends is None else (ends[0] - origin, ends[1] - origin),
    )


def _auto_scale(values: NDArray[np.float32]) -> str:
    """Choose log where nearly all rows would share one colour on a linear scale."""
    quantiles = at_ranks(values, lambda n: [0, (n - 1) // 2, math.ceil(0.995 * (n - 1))])
    if not quantiles or quantiles[0] <= 0:
        return "linear"
    _, middle, high = quantiles
    return "log" if high > _LONG_TAIL * middle else "linear"
