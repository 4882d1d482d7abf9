"""The figure of a map drawn by Matplotlib, by its objects alone, without pyplot.

Matplotlib reads some settings from one global table while it draws. `drawing` holds a lock and puts
ours there for that time, so that neither another thread nor a user's style sheet changes a figure,
and nothing of ours stays behind.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core import number_format as figures
from explorer.map.export.export_style import DPI, INKS, Ink
from explorer.map.export.layout import SIZES, Box, Layout, Line, lay_out
from explorer.map.export.legend import hex_of
from explorer.map.export.lettering import clean, elided, families, width_of
from explorer.map.paint.picture import flatten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from explorer.map.export.map_figure import MapFigure

__all__ = ["drawing", "matplotlib_figure"]

_lock = threading.RLock()
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "explorer",  # the same names of clips and markers each time
    "pdf.fonttype": 42,  # TrueType: text can be searched and edited
    "text.parse_math": False,  # a "$" in a column's name is a dollar
    "axes.unicode_minus": True,
    "path.simplify": False,
}
_POINT = 72 / DPI  # points in a pixel of the lettering
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_OFFSET = re.compile(
    r"(?:1e(-?\d+))?([+-].+)?"
)  # as Matplotlib writes it: "1e6", "+1e3", "1e-5+1e3"
_TICK_ROOM = 80  # pixels of an axis for each tick


@contextmanager
def drawing() -> Iterator[None]:
    """Hold Matplotlib for one figure: our settings, and no other figure meanwhile."""
    import matplotlib
    from matplotlib import style

    with _lock, style.context("default"), warnings.catch_warnings():
        # a sign that no installed font has is drawn as a box: the rest of the figure is right
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        matplotlib.rcParams.update(_SETTINGS, **{"font.family": families()})
        yield


def matplotlib_figure(map_figure: MapFigure) -> Figure:
    """Draw the figure of a map; called, and the result used, inside `drawing`.

    Parameters
    ----------
    map_figure : MapFigure

    Returns
    -------
    matplotlib.figure.Figure
        Of 96 pixels to an inch, times the scale of the figure; without a canvas of a window.
    """
    from matplotlib.figure import Figure

    dpi = DPI * map_figure.scale
    laid = lay_out(map_figure, _y_ticks(map_figure))
    # a hair more, since Matplotlib rounds the size in pixels down
    inches = [(round(side * map_figure.scale) + 1e-7) / dpi for side in (laid.width, laid.height)]
    result = Figure(
        figsize=(inches[0], inches[1]), dpi=dpi, facecolor=hex_of(map_figure.theme.background)
    )
    result.patch.set_gid("background")
    ink = INKS[map_figure.theme.name]
    _add_raster(result, laid, laid.frame, map_figure.rgba, map_figure.theme.background, "frame")
    if map_figure.axes:
        _add_axes(result, laid, map_figure, ink)
    _add_legend(result, laid, map_figure, ink)
    for line in laid.lines:
        _add_line(result, laid, line, ink)
    return result


def _transform(figure: Figure, laid: Layout) -> Any:
    """Return the transform from pixels of the lettering, from the top left, to the canvas."""
    from matplotlib.transforms import Affine2D

    return Affine2D().scale(1, -1).translate(0, laid.height).scale(1 / DPI) + figure.dpi_scale_trans


def _add_raster(
    figure: Figure,
    laid: Layout,
    box: Box,
    rgba: NDArray[np.uint8],
    background: tuple[int, int, int],
    name: str,
) -> None:
    """Place a picture: in pixels as it is, in SVG and PDF whole and unresampled."""
    from matplotlib.artist import Artist
    from matplotlib.transforms import Affine2D

    class Raster(Artist):
        """Matplotlib's own images are resampled on their way; this one is handed over."""

        def draw(self, renderer: Any) -> None:
            place = _transform(figure, laid)
            (x0, y0), (x1, y1) = place.transform(
                [(box.left, box.top + box.height), (box.left + box.width, box.top)]
            )
            context = renderer.new_gc()
            context.set_gid(name)
            if renderer.option_scale_image():
                # what is embedded has its top first: a PDF is turned over by Matplotlib, an SVG
                # here
                turned = figure.canvas.get_default_filetype() != "pdf"
                upright = Affine2D().scale(x1 - x0, y1 - y0)
                if turned:
                    upright = upright.scale(1, -1).translate(0, y1 - y0)
                whole = np.ascontiguousarray(rgba if turned else rgba[::-1])
                renderer.draw_image(context, x0, y0, whole, upright)
            else:
                flat = flatten(rgba, background)[::-1]  # opaque: blending would round
                renderer.draw_image(context, round(x0), round(y0), np.ascontiguousarray(flat))
            context.restore()

    figure.add_artist(Raster())


def _add_axes(figure: Figure, laid: Layout, map_figure: MapFigure, ink: Ink) -> None:
    """Add the axes, a pixel outside the frame so that no line lies on data."""
    edge = max(1, round(map_figure.scale)) / map_figure.scale
    frame = laid.frame
    place = (frame.left - edge) / laid.width, 1 - (frame.top + frame.height + edge) / laid.height
    axes = figure.add_axes(
        (*place, (frame.width + 2 * edge) / laid.width, (frame.height + 2 * edge) / laid.height),
        facecolor="none",
    )
    _set_ranges(axes, map_figure, edge)
    for spine in axes.spines.values():
        spine.set(color=ink.line, linewidth=_POINT)
    axes.tick_params(
        color=ink.line,
        labelcolor=ink.quiet,
        labelsize=SIZES["tick"] * _POINT,
        length=4 * _POINT,
        width=_POINT,
        pad=3 * _POINT,
    )
    names = [clean(name) for name in map_figure.axes or ()]
    for axis, name, room in zip(
        (axes.xaxis, axes.yaxis), names, (frame.width, frame.height), strict=True
    ):
        size, times = SIZES["axis"], _common_factor(axis)
        name = elided(name, size, max(room - width_of(times, size), 40)) + times
        axis.set_label_text(name, color=ink.text, fontsize=size * _POINT)
        axis.labelpad = 3 * _POINT
        axis.get_offset_text().set_visible(False)
    axes.set_gid("axes")


def _common_factor(axis: Any) -> str:
    """Say what the ticks of an axis leave out: " (×10⁶)", " (+1,000)".

    Matplotlib would write it where the title stands.
    """
    formatter = axis.get_major_formatter()
    formatter.format_ticks(_inside(axis))
    match = _OFFSET.fullmatch(formatter.get_offset().replace("−", "-"))
    power, offset = match.groups() if match else ("", "")
    text = (
        f"×10{power.translate(_SUPERSCRIPTS)}" if power else "",
        figures.number(float(offset)) if offset else "",
    )
    label = ", ".join(filter(None, (text[0], "+" * (offset or "").startswith("+") + text[1])))
    return f" ({label})" if label else ""


def _inside(axis: Any) -> list[float]:
    low, high = axis.get_view_interval()
    return [tick for tick in axis.get_major_locator().tick_values(low, high) if low <= tick <= high]


def _set_ranges(axes: Axes, map_figure: MapFigure, edge: float) -> None:
    from matplotlib.ticker import MaxNLocator

    view = map_figure.viewport
    for axis, limits, ends, unit, pixels in (
        (axes.xaxis, axes.set_xlim, view.x_range, view.unit[0], view.width),
        (axes.yaxis, axes.set_ylim, view.y_range, view.unit[1], view.height),
    ):
        room = pixels / map_figure.scale
        limits(ends[0] - edge * map_figure.scale * unit, ends[1] + edge * map_figure.scale * unit)
        axis.set_major_locator(
            MaxNLocator(max(1, min(9, round(room / _TICK_ROOM))), steps=[1, 2, 5, 10])
        )


def _y_ticks(map_figure: MapFigure) -> list[str]:
    """Return the words of the ticks of the vertical axis, whose width the layout needs."""
    if not map_figure.axes:
        return []
    from matplotlib.figure import Figure

    axes = Figure().add_axes((0, 0, 1, 1))
    _set_ranges(axes, map_figure, 0)
    return [
        str(label) for label in axes.yaxis.get_major_formatter().format_ticks(_inside(axes.yaxis))
    ]


def _add_legend(figure: Figure, laid: Layout, map_figure: MapFigure, ink: Ink) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    place = _transform(figure, laid)
    for box, colour in laid.swatches:
        figure.add_artist(
            Rectangle(
                (box.left, box.top),
                box.width,
                box.height,
                transform=place,
                facecolor=hex_of(colour),
                edgecolor=ink.line,
                linewidth=0.5 * _POINT,
            )
        )
    if laid.bar is None or map_figure.legend is None or map_figure.legend.ramp is None:
        return
    bar, ramp = laid.bar, map_figure.legend.ramp[::-1]
    rows = np.linspace(0, len(ramp) - 1, round(bar.height * map_figure.scale)).round().astype(int)
    rgba = np.full((len(rows), round(bar.width * map_figure.scale), 4), 255, np.uint8)
    rgba[:, :, :3] = ramp[rows, None]
    _add_raster(figure, laid, bar, rgba, map_figure.theme.background, "scale")
    for at, _ in map_figure.legend.ticks:
        y, x = bar.top + (1 - at) * bar.height, bar.left + bar.width
        figure.add_artist(
            Line2D([x, x + 4], [y, y], transform=place, color=ink.line, linewidth=_POINT)
        )


def _add_line(figure: Figure, laid: Layout, line: Line, ink: Ink) -> None:
    from matplotlib.text import Text

    figure.add_artist(
        Text(
            line.x,
            line.y,
            line.text,
            transform=_transform(figure, laid),
            color=ink.quiet if line.quiet else ink.text,
            fontsize=line.size * _POINT,
            fontweight="bold" if line.bold else "normal",
            horizontalalignment="right" if line.right else "left",
            verticalalignment="center_baseline",
            parse_math=False,
        )
    )
