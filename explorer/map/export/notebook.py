"""Notebook: a live map as a HoloViews object.

Every pan and zoom is counted anew by the kernels of the map, exactly.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.map.export.legend import hex_of
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.paint.marks import point_radius
from explorer.map.paint.palettes import LIGHT, ramp
from explorer.map.paint.shade import value_span
from explorer.map.raster import frame as frames
from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.export.legend import Coloured
    from explorer.map.map_store import MapStore
    from explorer.map.paint.color import Colour, Density

__all__ = ["cell_of", "live", "view_of"]

_UNNAMED = re.compile(
    r"[\x00-\x1f\x7f-\x9f]"
)  # HoloViews asks for the names of letters, and these have none
_LARGEST_CELL = 6  # pixels
# Plots whose axes have one name share their ranges, and of two such plots HoloViews redraws only
# one: names of their own.
_turns = itertools.count(1)
_OF_THE_WHOLE = ("title", "legend_position", "toolbar", "fontsize", "fontscale")
_NORMS = {"linear": "linear", "log": "log", "rank": "eq_hist"}


def live(
    store: MapStore,
    colour: Colour,
    selected: NDArray[np.bool_] | None,
    about: Coloured,
    axes: tuple[str, str],
    size: tuple[int, int],
    opts: dict[str, Any],
) -> Any:
    """Return the object of `Map.hvplot`.

    Parameters
    ----------
    store : MapStore
    colour : Density, Continuous or Categorical
    selected : ndarray of shape (n,), bool, in tile order, or None
        Rows in colour; the others are grey.
    about : Coloured
    axes : tuple of str
        Their names.
    size : tuple of int
        Width and height in pixels.
    opts : dict
        Options of HoloViews for the map; taken apart.
    """
    import holoviews as hv

    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh")
    home = Viewport.fitted(store.extent, *size)
    turn = next(_turns)
    dimensions = [
        hv.Dimension(f"{axis}{turn}", label=label) for axis, label in zip("xy", axes, strict=True)
    ]

    def draw(x_range: Any, y_range: Any, width: Any, height: Any, scale: float = 1.0) -> Any:
        view = view_of(home, x_range, y_range, width and width * scale, height and height * scale)
        if isinstance(colour, Categorical):
            return _picture(store, view, colour, selected, dimensions)
        return _numbers(store, view, colour, selected, about, dimensions)

    moving = hv.DynamicMap(draw, streams=[hv.streams.RangeXY(), hv.streams.PlotSize()])
    common = {
        "frame_width": home.width,
        "frame_height": home.height,
        "xlim": home.x_range,
        "ylim": home.y_range,
        "active_tools": ["pan", "wheel_zoom"],
    }
    whole = {
        "legend_position": "right",
        **{name: opts.pop(name) for name in _OF_THE_WHOLE if name in opts},
    }
    if isinstance(colour, Categorical):
        moving = moving.opts(hv.opts.RGB(**{**common, **opts})) * _names(
            store, colour, selected, about, dimensions
        )
    else:
        image = {**common, **_scale(colour), "tools": ["hover"], "colorbar": True, **opts}
        moving = moving.opts(hv.opts.Image(**image), hv.opts.RGB(**common))
    return moving.opts(hv.opts.Overlay(**whole))


def view_of(home: Viewport, x_range: Any, y_range: Any, width: Any, height: Any) -> Viewport:
    """Return what is looked at; what the browser has not said yet is taken from the first view."""
    result = Viewport(
        home.x_range if x_range is None else tuple(x_range),
        home.y_range if y_range is None else tuple(y_range),
        round(width) if width else home.width,
        round(height) if height else home.height,
    )
    # closer than float64 tells pixels apart there is nothing more to see
    return result if min(result.unit) > 0 else home


def cell_of(store: MapStore, viewport: Viewport) -> Viewport:
    """Return the viewport in cells.

    A cell is a whole number of pixels each way, about as large as a drawn point.
    """
    cell = round(2 * point_radius(store.n, store.extent, viewport))
    cell = min(max(1, cell), _LARGEST_CELL)
    return Viewport(
        viewport.x_range,
        viewport.y_range,
        max(1, viewport.width // cell),
        max(1, viewport.height // cell),
    )


def _bounds(viewport: Viewport) -> tuple[float, float, float, float]:
    return viewport.x_range[0], viewport.y_range[0], viewport.x_range[1], viewport.y_range[1]


def _numbers(
    store: MapStore,
    viewport: Viewport,
    colour: Colour,
    selected: Any,
    about: Coloured,
    dimensions: list[Any],
) -> Any:
    """Return rows per cell or means as an image, over the grey of what is not selected."""
    import holoviews as hv

    cells = cell_of(store, viewport)
    numbers = frames.aggregate(store, cells, colour, selected)
    if isinstance(colour, Continuous):
        if numbers.means is None:
            raise EmbeddingError(
                "these numbers were not made for a continuous colour: aggregate again"
            )
        values, label = numbers.means + np.float64(colour.origin), f"mean of {about.title}"
    else:
        # as float64, which holds every count, since an empty cell has no colour
        values, label = (
            np.where(numbers.counts > 0, numbers.counts.astype(np.float64), np.nan),
            "rows per cell",
        )
    ends = (
        (0.0, 1.0) if np.isnan(values).all() else (None, None)
    )  # HoloViews warns where it looks for the ends of nothing
    value = hv.Dimension("value", label=label, unit=about.unit or None, range=ends)
    # row 0 of an image is its top
    image = hv.Image(np.ascontiguousarray(values[::-1]), dimensions, value, bounds=_bounds(cells))
    grey = np.zeros((*numbers.counts.shape, 4), np.uint8)
    others = (
        numbers.counts > 0
        if isinstance(colour, Continuous)
        else np.zeros(numbers.counts.shape, bool)
    )
    grey[others | (False if numbers.context is None else numbers.context > 0)] = (
        *LIGHT.context,
        255,
    )
    return hv.RGB(grey[::-1], dimensions, bounds=_bounds(cells)) * image


def _picture(
    store: MapStore, viewport: Viewport, colour: Categorical, selected: Any, dimensions: list[Any]
) -> Any:
    import holoviews as hv

    rgba = frames.render(store, viewport, colour, selected)
    return hv.RGB(rgba, dimensions, bounds=_bounds(viewport))


def _names(
    store: MapStore, colour: Categorical, selected: Any, about: Coloured, dimensions: list[Any]
) -> Any:
    """Return a legend: an invisible set of points for each level, with its rows on the map."""
    import holoviews as hv

    codes = colour.codes if selected is None else colour.codes[selected]
    counts = np.bincount(codes, minlength=colour.k).tolist()
    entries = [
        (f"{label} ({count:,})", tuple(rgb))
        for label, count, rgb in zip(
            about.levels, counts, colour.table(LIGHT).tolist(), strict=True
        )
        if count
    ]
    if selected is not None and not selected.all():
        entries.append((f"not selected ({store.n - int(selected.sum()):,})", LIGHT.context))
    nowhere = [(np.nan, np.nan)]  # Bokeh draws the mark of a legend only for a set that has a point
    points = [
        hv.Points(nowhere, dimensions, label=_UNNAMED.sub("\N{REPLACEMENT CHARACTER}", name)).opts(
            color=hex_of(rgb), size=8
        )
        for name, rgb in entries
    ]
    return hv.Overlay(points)


def _scale(colour: Density | Continuous) -> dict[str, Any]:
    """Return the options of the colour scale.

    Of numbers it is fixed for the whole map, of rows it is that of each view.
    """
    options: dict[str, Any]
    if isinstance(colour, Continuous):
        span = value_span(colour.values, colour.scale)
        ends = span.low + colour.origin, span.high + colour.origin
        options = {"clim": ends, "cnorm": _NORMS[span.kind]}
    else:
        # Bokeh's own scale of ranks writes fractions of rows beside its bar
        options = {"framewise": True, "cnorm": "linear" if colour.scale.kind == "linear" else "log"}
    colours = [hex_of(rgb) for rgb in ramp(colour.palette, LIGHT).tolist()]
    return {"cmap": colours[::-1] if colour.invert else colours, **options}
