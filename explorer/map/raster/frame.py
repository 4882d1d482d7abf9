"""A frame: aggregate → normalise → colour, three pure functions whose results can be kept.

Another palette or theme needs only `paint`, another scale `normalise` too; only another viewport,
column, selection or filter needs `aggregate`. Row 0 of every array is the lowest y, as Datashader
and Bokeh have it; only `render` turns the picture over.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.core.errors import EmbeddingError
from explorer.map.paint import marks, rgba, shade
from explorer.map.paint.color import Categorical, Colour, Continuous, Density, Scale
from explorer.map.paint.palettes import LIGHT, Theme, ramp
from explorer.map.paint.picture import flatten
from explorer.map.raster.aggregate import (
    Mask,
    by_and_context,
    count,
    count_and_context,
    mean_and_count,
    total,
)
from explorer.map.raster.aggregate import by as count_by

if TYPE_CHECKING:
    from explorer.map.map_store import MapStore
    from explorer.map.viewport import Viewport

__all__ = [
    "Aggregate",
    "EncodedFrame",
    "Frame",
    "ScaledAggregate",
    "aggregate",
    "draw_aggregate",
    "encode_aggregate",
    "frame",
    "normalise",
    "paint",
    "render",
    "row_states",
]

Plane = NDArray[np.uint32]

_CATEGORY_SCALE = Scale("log")  # of the rows of a pixel where colours are mixed
_FASTEST = 1  # of zlib: at higher levels the line waits for the processor


@dataclass(frozen=True, eq=False)
class Aggregate:
    """Exact numbers per pixel: what a frame knows of the data.

    Attributes
    ----------
    viewport : Viewport
    counts : ndarray of shape (h, w), uint32
        Rows drawn in colour.
    context : ndarray of shape (h, w), uint32, or None
        Rows drawn in grey because they are not selected; None without a selection.
    means : ndarray of shape (h, w), float32, or None
        For a continuous colour: NaN where no row in colour has a value.
    planes : ndarray of shape (h, w, k), uint32, or None
        For a categorical colour.
    """

    viewport: Viewport
    counts: Plane
    context: Plane | None = None
    means: NDArray[np.float32] | None = None
    planes: Plane | None = None

    @cached_property
    def n_coloured(self) -> int:
        """Rows in view that are drawn in colour (or would be, had they a value)."""
        return int(self.counts.sum(dtype=np.int64))

    @cached_property
    def n_context(self) -> int:
        """Rows in view that are drawn as context."""
        return 0 if self.context is None else int(self.context.sum(dtype=np.int64))


@dataclass(frozen=True, eq=False)
class ScaledAggregate:
    """An aggregate on a colour scale.

    Attributes
    ----------
    span : shade.Span
        Pass it to the next frame to keep the meaning of the colours.
    plane : ndarray of shape (h, w), uint8
        Levels as `shade` defines them; for a categorical colour, of the number of rows on a log
        scale.
    """

    aggregate: Aggregate
    span: shade.Span
    plane: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and the numbers behind it.

    Attributes
    ----------
    rgba : ndarray of shape (h, w, 4), uint8
        Row 0 = lowest y; transparent where there is no row.
    levels : ScaledAggregate
    radius : float
        Of a point, in pixels.
    """

    rgba: NDArray[np.uint8]
    levels: ScaledAggregate
    radius: float

    @property
    def viewport(self) -> Viewport:
        """The viewport the frame is exact for."""
        return self.levels.aggregate.viewport


@dataclass(frozen=True, eq=False)
class EncodedFrame:
    """A frame as the bytes that go to the page.

    Attributes
    ----------
    viewport : Viewport
        What it is exact for.
    form : str
        "levels": a byte a pixel, a row of the table; "covered": another byte a pixel, the share of
        alpha that the rim of a point leaves; "rgba": four bytes a pixel.
    planes : tuple of ndarray, uint8
        (h, w) each, or (h, w, 4); row 0 = lowest y.
    table : ndarray of shape (256, 4), uint8, or None
        Red, green, blue, alpha of every level.
    ends : tuple of float or None
        Rows or values of the first and the last colour.
    """

    viewport: Viewport
    form: str
    planes: tuple[NDArray[np.uint8], ...]
    table: NDArray[np.uint8] | None = None
    ends: tuple[float, float] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the planes."""
        return sum(plane.nbytes for plane in self.planes)

    def data(self, packed: bool = False) -> bytes:
        """Return the table, if there is one, and the planes one after the other, row 0 = top.

        Parameters
        ----------
        packed : bool
            Whether to deflate them (RFC 1950), for a slow line.
        """
        table = b"" if self.table is None else self.table.tobytes()
        plain = b"".join([table, *(plane[::-1].tobytes() for plane in self.planes)])
        return zlib.compress(plain, _FASTEST) if packed else plain


def aggregate(
    store: MapStore,
    viewport: Viewport,
    colour: Colour,
    selection: NDArray[np.bool_] | None = None,
    shown: NDArray[np.bool_] | None = None,
) -> Aggregate:
    """Count, average or count by category what a viewport shows.

    Parameters
    ----------
    selection : ndarray of shape (n,), bool, in tile order, optional
        Rows in colour; the others become context.
    shown : ndarray of shape (n,), bool, in tile order, optional
        Rows that pass the filters; the others are in no number.
    """
    mask = row_states(selection, shown)
    if isinstance(colour, Continuous):
        means, counts, context = mean_and_count(
            store, viewport, colour.values, mask, context=selection is not None
        )
        return Aggregate(viewport, counts, context if selection is not None else None, means)
    if isinstance(colour, Categorical):
        if mask is None or selection is None:
            planes, grey = count_by(store, viewport, colour.codes, colour.k, mask), None
        else:
            planes, grey = by_and_context(store, viewport, colour.codes, colour.k, mask)
        return Aggregate(viewport, total(planes), grey, planes=planes)
    if mask is None or selection is None:
        return Aggregate(viewport, count(store, viewport, mask))
    return Aggregate(viewport, *count_and_context(store, viewport, mask))


def normalise(
    numbers: Aggregate, colour: Colour, span: shade.Span | None = None
) -> ScaledAggregate:
    """Place every pixel on the colour scale.

    Parameters
    ----------
    span : shade.Span, optional
        Of an earlier frame of the same colour, to lock the scale; computed from this one without
        it.
    """
    if isinstance(colour, Continuous):
        if numbers.means is None:
            raise EmbeddingError(
                "these numbers were not made for a continuous colour: aggregate again"
            )
        span = span or shade.value_span(numbers.means, colour.scale)
        return ScaledAggregate(
            numbers, span, shade.value_levels(numbers.means, numbers.counts, numbers.context, span)
        )
    span = span or shade.count_span(
        numbers.counts, colour.scale if isinstance(colour, Density) else _CATEGORY_SCALE
    )
    return ScaledAggregate(numbers, span, shade.count_levels(numbers.counts, numbers.context, span))


def paint(levels: ScaledAggregate, colour: Colour, theme: Theme = LIGHT) -> NDArray[np.uint8]:
    """Give every level its colour: (h, w, 4) uint8, row 0 = lowest y, points of one pixel."""
    numbers = levels.aggregate
    if isinstance(colour, Categorical):
        if numbers.planes is None:
            raise EmbeddingError(
                "these levels were not made for a categorical colour: aggregate again"
            )
        return rgba.shade_categories(numbers.planes, levels.plane, colour.table(theme), theme)
    return rgba.shade_levels(levels.plane, ramp(colour.palette, theme), theme, colour.invert)


def frame(
    store: MapStore,
    viewport: Viewport,
    colour: Colour | None = None,
    selection: NDArray[np.bool_] | None = None,
    shown: NDArray[np.bool_] | None = None,
    theme: Theme = LIGHT,
    span: shade.Span | None = None,
    radius: float | None = None,
) -> Frame:
    """Draw a map: all stages, then points of a size that follows the zoom.

    Parameters
    ----------
    colour : Density, Continuous or Categorical, optional
        Default: density.
    selection, shown
        As for `aggregate`.
    span : shade.Span, optional
        As for `normalise`.
    radius : float, optional
        Pixels; default `marks.point_radius`.
    """
    colour = colour or Density()
    return draw_aggregate(
        store, aggregate(store, viewport, colour, selection, shown), colour, theme, span, radius
    )


def draw_aggregate(
    store: MapStore,
    numbers: Aggregate,
    colour: Colour,
    theme: Theme = LIGHT,
    span: shade.Span | None = None,
    radius: float | None = None,
) -> Frame:
    """Draw numbers that are there already, as `frame` does."""
    levels = normalise(numbers, colour, span)
    if radius is None:
        radius = marks.point_radius(store.n, store.extent, numbers.viewport)
    return Frame(
        marks.spread(paint(levels, colour, theme), radius, _front(numbers)), levels, radius
    )


def encode_aggregate(
    store: MapStore,
    numbers: Aggregate,
    colour: Colour,
    theme: Theme = LIGHT,
    span: shade.Span | None = None,
) -> EncodedFrame:
    """Make of numbers what goes to the screen.

    The same picture as `draw_aggregate`, in as few bytes as its colours allow.
    """
    if isinstance(colour, Categorical):  # mixed colours are no levels
        return EncodedFrame(
            numbers.viewport, "rgba", (draw_aggregate(store, numbers, colour, theme, span).rgba,)
        )
    levels = normalise(numbers, colour, span)
    radius = marks.point_radius(store.n, store.extent, numbers.viewport)
    plane, cover = marks.spread_levels(levels.plane, radius, _front(numbers))
    table, ends = (
        rgba.level_table(ramp(colour.palette, theme), theme, colour.invert),
        (levels.span.low, levels.span.high),
    )
    if cover is None:
        return EncodedFrame(numbers.viewport, "levels", (plane,), table, ends)
    return EncodedFrame(numbers.viewport, "covered", (plane, cover), table, ends)


def _front(numbers: Aggregate) -> NDArray[np.bool_] | None:
    """Return the pixels whose points lie over the others: those in colour over the context."""
    return None if numbers.context is None else numbers.counts > 0


def render(
    store: MapStore,
    viewport: Viewport,
    colour: Colour | None = None,
    where: NDArray[np.bool_] | None = None,
    background: tuple[int, int, int] | None = None,
    theme: Theme = LIGHT,
) -> NDArray[np.uint8]:
    """Draw a picture to keep: (h, w, 4) uint8, row 0 = top.

    Parameters
    ----------
    where : ndarray of shape (n,), bool, in tile order, optional
        Rows outside are grey.
    background : tuple of int, optional
        Red, green, blue; transparent without it.
    """
    picture = frame(store, viewport, colour, where, theme=theme).rgba[::-1]
    return np.ascontiguousarray(picture) if background is None else flatten(picture, background)


def row_states(selection: NDArray[np.bool_] | None, shown: NDArray[np.bool_] | None) -> Mask | None:
    """Combine the two masks of `aggregate` for `aggregate.count_and_context`.

    1 is in colour, 0 context, 2 not drawn.
    """
    if selection is None:
        return shown
    if shown is None:
        return selection
    if selection.shape != shown.shape:
        raise EmbeddingError(
            f"the selection has shape {selection.shape}, the filter {shown.shape}: both need one "
            "entry per row"
        )
    return np.where(shown, selection.view(np.uint8), np.uint8(2))
