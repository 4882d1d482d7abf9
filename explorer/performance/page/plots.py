"""HoloViews plot of the curves of models, for a notebook and for the page.

On the page it is rendered once and then sent new columns.

curves_plot(curve_figure(found, "roc", "new"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.performance.page.cards import DASHES
from explorer.performance.page.figures import MOST_LINES, ModelCurveFigure
from explorer.ui.plots.plots import INKS, holoviews, plot_options, set_ticks, style_frame
from explorer.ui.plots.ticks import Ticks

if TYPE_CHECKING:
    import holoviews as hv

    from explorer.ui.plots.distribution_figures import Columns

__all__ = ["CurvesPlot", "curve_columns", "curves_plot"]

_HEIGHT = 268
_TICKS = Ticks((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), ("0", ".2", ".4", ".6", ".8", "1"))
_NOTHING = np.empty(0)


def curves_plot(figure: ModelCurveFigure) -> hv.Overlay:
    """Draw curves: bars, band, a line of reference, and eight curves, always in this order."""
    hv = holoviews()
    bars, band, reference, *lines = curve_columns(figure)
    half = band["x"].size // 2
    drawn = (
        hv.Rectangles(
            tuple(bars[name] for name in ("left", "bottom", "right", "top")), ["x", "y", "x1", "y1"]
        )
        * hv.Area((band["x"][:half], band["y"][:half], band["y"][half:][::-1]), "x", ["y", "y2"])
        * hv.Curve((reference["x"], reference["y"]), "x", "y")
    )
    for line in lines:
        drawn = drawn * hv.Curve((line["x"], line["y"]), "x", "y")
    return drawn.opts(**plot_options(_HEIGHT, lambda plot: _style(plot, figure)))


def curve_columns(figure: ModelCurveFigure) -> tuple[Columns, ...]:
    """Return what each element of the plot holds; empty columns where there is nothing to draw."""
    edges = _NOTHING if figure.bars is None else figure.bars[0]
    heights = figure.heights
    bars = {
        "left": edges[:-1],
        "bottom": np.zeros(heights.size),
        "right": edges[1:],
        "top": heights,
    }
    band = {"x": _NOTHING, "y": _NOTHING}
    if figure.band is not None:
        at, low, high = figure.band
        band = {"x": np.concatenate([at, at[::-1]]), "y": np.concatenate([low, high[::-1]])}
    upwards = np.full(2, figure.level) if figure.level is not None else np.array([0.0, 1.0])
    reference = (
        {"x": np.array([0.0, 1.0]), "y": upwards}
        if not figure.empty
        else {"x": _NOTHING, "y": _NOTHING}
    )
    lines = [{"x": line.x, "y": line.y} for line in figure.lines]
    lines += [{"x": _NOTHING, "y": _NOTHING}] * (MOST_LINES - len(lines))
    return bars, band, reference, *lines


class CurvesPlot:
    """A plot rendered once, which then takes the curves of any kind.

    Parameters
    ----------
    figure : ModelCurveFigure
        What is drawn first.

    Attributes
    ----------
    model : bokeh.plotting.figure
        The rendered plot, for a pane.
    """

    def __init__(self, figure: ModelCurveFigure) -> None:
        self._plot = holoviews().renderer("bokeh").get_plot(curves_plot(figure))
        self.model = self._plot.state
        self.push(figure)

    def push(self, figure: ModelCurveFigure) -> None:
        """Show other curves; called on the event loop of the page."""
        for part, held in zip(self._plot.subplots.values(), curve_columns(figure), strict=True):
            part.handles["source"].data = held
        _style(self._plot, figure)


def _style(plot: Any, figure: ModelCurveFigure) -> None:
    """Give a rendered plot the unit square, and the colours and dashes of its models."""
    state, inks = plot.state, INKS[figure.theme]
    style_frame(state, figure.theme)
    for span in (state.x_range, state.y_range):
        span.update(start=-0.01, end=1.01)
    set_ticks(state.xaxis, _TICKS)
    set_ticks(state.yaxis, _TICKS)
    bars, band, reference, *lines = [part.handles["glyph"] for part in plot.subplots.values()]
    bars.update(fill_color=inks["bar"], line_color=None, fill_alpha=0.8)
    band.update(fill_color=inks["bar"], fill_alpha=0.55, line_color=None)
    reference.update(line_color=inks["text"], line_width=1, line_dash="dashed", line_alpha=1.0)
    for i, glyph in enumerate(lines):
        colour = figure.lines[i].colour if i < len(figure.lines) else inks["text"]
        glyph.update(line_color=colour, line_width=1.8, line_dash=DASHES[i])
