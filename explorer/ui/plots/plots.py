"""HoloViews plots of one feature: its histogram and its QQ plot, in a notebook and on the page.

    histogram_plot(profile, scale="log")
    qq_plot(profile)

The page renders each plot once (`LivePlot`) and afterwards only sends new columns to it: to draw an
overlay again takes HoloViews forty milliseconds, to send columns one or two.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from explorer.core.errors import FeatureError
from explorer.ui.plots.distribution_figures import (
    HistogramFigure,
    QQFigure,
    figure_of,
    histogram_columns,
    qq_columns,
    qq_figure_of,
)
from explorer.ui.plots.ticks import Ticks, ticks_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import holoviews as hv

    from explorer.profile.profile import FeatureProfile
    from explorer.ui.plots.distribution_figures import Columns

__all__ = [
    "FONT",
    "INKS",
    "LivePlot",
    "histogram_overlay",
    "histogram_plot",
    "holoviews",
    "qq_overlay",
    "qq_plot",
    "set_ticks",
    "style_frame",
]

# The colours of the page's style sheet, which a canvas cannot read by their names.
INKS = {
    "light": {
        "ink": "#1b2530", "text": "#5f6b78", "line": "#d9dfe5", "bar": "#c3ccd5",
        "chosen": "#355f8a", "edge": "#22405f", "surface": "#ffffff", "brush": "#355f8a",
    },
    "dark": {
        "ink": "#e3e8ed", "text": "#97a3af", "line": "#323c47", "bar": "#46525e",
        "chosen": "#7ba5cf", "edge": "#8db4da", "surface": "#161c22", "brush": "#8db4da",
    },
}  # fmt: skip
FONT = "Inter, system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif"
_HEIGHT = 216
_TOOLTIP = (
    '<div style="font:12px Inter,system-ui,sans-serif;color:#1b2530"><b>@range</b><br>@rows</div>'
)
_QQ_TOOLTIP = (
    '<div style="font:12px Inter,system-ui,sans-serif;color:#1b2530"><b>@value</b><br>@normal</div>'
)


def histogram_plot(
    profile: FeatureProfile, scale: str = "linear", *, normal: bool = True, theme: str = "light"
) -> hv.Overlay:
    """Draw the histogram of a profiled feature for a notebook.

    Parameters
    ----------
    profile : FeatureProfile
    scale : {"linear", "log", "rank"}
    normal : bool
        Draw the fitted normal over a linear histogram.
    theme : {"light", "dark"}

    Returns
    -------
    holoviews.Overlay

    Raises
    ------
    FeatureError
        If the feature has no histogram of this scale.
    """
    return histogram_overlay(figure_of(profile, scale, normal=normal, theme=theme))


def qq_plot(profile: FeatureProfile, *, unit: str = "", theme: str = "light") -> hv.Overlay:
    """Draw the QQ plot of a profiled feature for a notebook.

    Its quantiles are drawn against those of the fitted normal.

    Raises
    ------
    FeatureError
        If nothing was fitted: the feature is no number, or has too few values.
    """
    figure = qq_figure_of(profile, unit=unit, theme=theme)
    if figure is None:
        raise FeatureError(
            f"{profile.name!r} has no QQ plot: it is {profile.kind}, "
            "or nothing could be fitted to it"
        )
    return qq_overlay(figure)


def histogram_overlay(figure: HistogramFigure) -> hv.Overlay:
    """Draw a histogram: kept range, population, selection and fitted normal.

    There are always these four, in this order.
    """
    hv = holoviews()
    kept, bars, chosen, normal = histogram_columns(figure)
    sides = ["x", "y", "x1", "y1"]
    hover: dict[str, Any] = {
        "hover_tooltips": _TOOLTIP,
        "hover_mode": "vline",
        "tools": ["hover", "xbox_select"],
    }
    drawn = (
        hv.Rectangles(_corners(kept), sides).opts(alpha=0.14)
        * hv.Rectangles(
            (*_corners(bars), bars["range"], bars["rows"]), sides, ["range", "rows"]
        ).opts(**hover)
        * hv.Rectangles(_corners(chosen), sides)
        * hv.Curve((normal["x"], normal["y"]), "x", "y").opts(line_width=1.2)
    )
    return drawn.opts(**_frame(figure), active_tools=["xbox_select"])


def qq_overlay(figure: QQFigure) -> hv.Overlay:
    """Draw a QQ plot: the band, the fitted normal as a line, and the points.

    There are always these three, in this order.
    """
    hv = holoviews()
    band, line, points = qq_columns(figure)
    half = band["x"].size // 2
    drawn = (
        hv.Area(
            (band["x"][:half], band["y"][:half], band["y"][half:][::-1]), "x", ["y", "y2"]
        ).opts(line_color=None, alpha=0.55)
        * hv.Curve((line["x"], line["y"]), "x", "y").opts(line_width=1)
        * hv.Points(
            (points["x"], points["y"], points["value"], points["normal"]),
            ["x", "y"],
            ["value", "normal"],
        ).opts(size=4, line_color=None, tools=["hover"], hover_tooltips=_QQ_TOOLTIP)
    )
    return drawn.opts(**_frame(figure))


class LivePlot:
    """A HoloViews plot rendered once, which then takes new columns.

    Parameters
    ----------
    figure : HistogramFigure or QQFigure
        What is drawn first; later ones must be of the same class.

    Attributes
    ----------
    model : bokeh.plotting.figure
        The rendered plot, for a pane.
    """

    def __init__(self, figure: HistogramFigure | QQFigure) -> None:
        hv = holoviews()
        overlay = (
            histogram_overlay(figure) if isinstance(figure, HistogramFigure) else qq_overlay(figure)
        )
        # the first figure often lacks a selection or a fit: columns are laid out by `push` alone
        self._plot = hv.renderer("bokeh").get_plot(overlay)
        self.model = self._plot.state
        self.push(figure)

    def push(self, figure: HistogramFigure | QQFigure) -> None:
        """Show another figure; called on the event loop of the page."""
        columns: tuple[Columns, ...]
        columns = (
            histogram_columns(figure) if isinstance(figure, HistogramFigure) else qq_columns(figure)
        )
        for part, held in zip(self._plot.subplots.values(), columns, strict=True):
            part.handles["source"].data = held
        _style(self._plot, figure)

    def on_brush(self, brushed: Callable[[float, float], None]) -> None:
        """Call this with both ends of a brush, on the drawn axis."""
        from bokeh.events import SelectionGeometry

        def on_event(event: Any) -> None:
            if event.final and event.geometry.get("type") == "rect":
                brushed(event.geometry["x0"], event.geometry["x1"])

        self.model.on_event(SelectionGeometry, on_event)


# --- inside


@cache
def holoviews() -> Any:
    """Return HoloViews with Bokeh as its backend, loaded at the first plot."""
    import holoviews as hv

    hv.extension("bokeh")
    return hv


def _corners(held: Columns) -> tuple[Any, ...]:
    return held["left"], held["bottom"], held["right"], held["top"]


def _frame(figure: HistogramFigure | QQFigure) -> dict[str, Any]:
    return {
        "responsive": True,
        "height": _HEIGHT,
        "toolbar": None,
        "show_legend": False,
        "xlabel": "",
        "ylabel": "",
        "xlim": figure.ends,
        "ylim": _vertical(figure),
        "hooks": [lambda plot, _: _style(plot, figure)],
    }


def _vertical(figure: HistogramFigure | QQFigure) -> tuple[float, float]:
    return (0.0, figure.top) if isinstance(figure, HistogramFigure) else figure.extent


def _style(plot: Any, figure: HistogramFigure | QQFigure) -> None:
    """Give a rendered plot the ranges and ticks of a figure, and the colours of the page."""
    state = plot.state
    state.x_range.update(start=figure.ends[0], end=figure.ends[1])
    low, high = _vertical(figure)
    state.y_range.update(start=low, end=high)
    style_frame(state, figure.theme)
    glyphs = [part.handles["glyph"] for part in plot.subplots.values()]
    if isinstance(figure, HistogramFigure):
        _style_bars(state, glyphs, figure)
    else:
        _style_points(state, glyphs, figure)


def plot_options(height: int, style: Callable[[Any], object]) -> dict[str, Any]:
    """Return the options of a plot that fills its place, without tools, legend and labels.

    Parameters
    ----------
    height : int
        In pixels.
    style : callable
        Takes the plot when it is rendered, to give it the colours of the page.
    """
    return {
        "responsive": True,
        "height": height,
        "toolbar": None,
        "show_legend": False,
        "xlabel": "",
        "ylabel": "",
        "hooks": [lambda plot, _: style(plot)],
    }


def named_tooltip(name: str) -> str:
    """Return the tooltip of points: the column that names one, and what is said of it below."""
    style = "font:12px Inter,system-ui,sans-serif;color:#1b2530"
    return f'<div style="{style}"><b>@{name}</b><br>@words</div>'


def style_frame(state: Any, theme: str) -> None:
    """Give the axes and the grid of a rendered plot the colours and the lettering of the page."""
    inks = INKS[theme]
    # no plot of the page needs a graphics card
    state.update(
        output_backend="canvas",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border_left=38,
        min_border_right=6,
        min_border_top=4,
        min_border_bottom=20,
    )
    for axis in (*state.xaxis, *state.yaxis):
        axis.update(
            axis_line_color=inks["line"],
            major_tick_line_color=inks["line"],
            minor_tick_line_color=None,
            major_label_text_color=inks["text"],
            major_label_text_font=FONT,
            major_label_text_font_size="12px",
            major_tick_in=0,
            major_tick_out=3,
        )
    for grid in (*state.xgrid, *state.ygrid):
        grid.update(
            grid_line_color=inks["line"] if grid in state.ygrid else None, grid_line_alpha=0.5
        )


def _style_bars(state: Any, glyphs: list[Any], figure: HistogramFigure) -> None:
    from bokeh.models import BoxSelectTool, NumeralTickFormatter

    inks = INKS[figure.theme]
    kept, bars, chosen, normal = glyphs
    kept.update(
        fill_color=inks["chosen"], line_color=inks["chosen"], fill_alpha=0.14, line_alpha=1.0
    )
    # an outline would hide bars that are hairlines
    bars.update(
        fill_color=inks["bar"], line_color=inks["surface"] if figure.counts.size <= 120 else None
    )
    # told apart by a pattern and an outline too, not by colour alone
    chosen.update(
        fill_color=inks["chosen"],
        line_color=inks["edge"],
        hatch_pattern="right_diagonal_line",
        hatch_scale=5.0,
        hatch_weight=0.8,
        hatch_alpha=0.55,
        hatch_color=inks["surface"],
    )
    normal.line_color = inks["ink"]
    for axis in state.yaxis:
        axis.ticker.desired_num_ticks = 4
        if not isinstance(axis.formatter, NumeralTickFormatter):
            axis.formatter = NumeralTickFormatter()
        axis.formatter.format = "0,0" if figure.top >= 10_000 else "0"
    for tool in state.toolbar.tools:
        if isinstance(tool, BoxSelectTool):
            tool.renderers = []  # a brush marks no bars: what it keeps is said by the filter
            tool.overlay.update(
                fill_color=inks["chosen"],
                fill_alpha=0.14,
                line_color=inks["chosen"],
                line_dash="solid",
                line_width=1,
            )
    set_ticks(state.xaxis, ticks_of(figure.edges, figure.scale, times=figure.times))


def _style_points(state: Any, glyphs: list[Any], figure: QQFigure) -> None:
    inks = INKS[figure.theme]
    band, line, points = glyphs
    band.update(fill_color=inks["bar"], fill_alpha=0.55, line_color=None)
    line.line_color = inks["text"]
    points.update(fill_color=inks["chosen"], line_color=None)
    for axis in (*state.xaxis, *state.yaxis):
        axis.ticker.desired_num_ticks = 5


def set_ticks(axes: Any, ticks: Ticks) -> None:
    """Give the axes of a rendered plot these ticks and their words."""
    from bokeh.models import FixedTicker

    for axis in axes:
        if not isinstance(axis.ticker, FixedTicker):
            axis.ticker = FixedTicker()
        axis.ticker.update(ticks=list(ticks.at), minor_ticks=[])
        axis.major_label_overrides = dict(zip(ticks.at, ticks.words, strict=True))
