"""HoloViews plots of an experiment, for a notebook and for the page.

Forest, distributions, curve of quantiles, effect over time.

    experiment_plot(forest_figure(found, look, whole))

As with the plots of a feature, the page renders each once (`ExperimentPlot`) and then sends new
columns to it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import number
from explorer.experiment.page.figures import ExperimentFigure, finite
from explorer.ui.plots.plots import INKS, holoviews, plot_options, set_ticks, style_frame
from explorer.ui.plots.ticks import Ticks, ticks_of

if TYPE_CHECKING:
    import holoviews as hv

    from explorer.ui.plots.distribution_figures import Columns

__all__ = ["ExperimentPlot", "experiment_columns", "experiment_plot"]

_HEIGHTS = {"values": 150, "curve": 170, "time": 220}
_ROW = 19  # pixels of a line of the forest
_LONGEST = 20  # characters of a segment's name beside the forest
_TOOLTIP = (
    '<div style="font:12px Inter,system-ui,sans-serif;color:#1b2530;max-width:320px">'
    "<b>@segment</b> @figures<br>@words</div>"
)


def experiment_plot(figure: ExperimentFigure) -> hv.Overlay:
    """Draw a plot of an experiment; its elements are always the same, in the same order."""
    hv = holoviews()
    columns = experiment_columns(figure)
    element: Any = _ELEMENTS[figure.kind]
    drawn = element(hv, *columns)
    return drawn.opts(**plot_options(_height(figure), lambda plot: _style(plot, figure)))


def experiment_columns(figure: ExperimentFigure) -> tuple[Columns, ...]:
    """Return what each element of a plot holds; empty columns where there is nothing to draw."""
    if figure.empty:
        return tuple({name: np.empty(0) for name in names} for names in _EMPTY[figure.kind])
    return _COLUMNS[figure.kind](figure)


class ExperimentPlot:
    """A plot rendered once, which then takes new figures of the same kind.

    Parameters
    ----------
    figure : ExperimentFigure
        What is drawn first.

    Attributes
    ----------
    model : bokeh.plotting.figure
        The rendered plot, for a pane.
    """

    def __init__(self, figure: ExperimentFigure) -> None:
        self.kind = figure.kind
        self._plot = holoviews().renderer("bokeh").get_plot(experiment_plot(figure))
        self.model = self._plot.state
        self.push(figure)

    def push(self, figure: ExperimentFigure) -> None:
        """Show another figure of the same kind; called on the event loop of the page."""
        if figure.kind != self.kind:
            raise ValueError(f"this plot shows {self.kind}, came {figure.kind}")
        for part, held in zip(
            self._plot.subplots.values(), experiment_columns(figure), strict=True
        ):
            part.handles["source"].data = held
        _style(self._plot, figure)


# --- what each kind holds


def _forest_columns(figure: ExperimentFigure) -> tuple[Columns, ...]:
    table, factor = figure.table, figure.factor
    n = len(table["segment"])
    at = np.arange(n, dtype=np.float64)[::-1]
    low, value, high = (np.asarray(table[name]) * factor for name in ("low", "difference", "high"))
    zero = {"x": np.zeros(2), "y": np.array([-0.6, n - 0.4])}
    whole = {"x": np.full(2, figure.whole * factor), "y": np.array([-0.6, n - 0.4])}
    some, there = finite(low, high), np.isfinite(value)
    unit = " pp" if figure.share else ""
    figures = [
        _("{value}{unit} [{low} … {high}], {count:,} units").format(
            value=number(v), unit=unit, low=number(a), high=number(b), count=count
        )
        for v, a, b, count in zip(
            value.tolist(), low.tolist(), high.tolist(), table["n"].tolist(), strict=True
        )
    ]
    points: Columns = {"x": value[there], "y": at[there]}
    columns = {
        "segment": table["segment"],
        "figures": figures,
        "words": table["words"],
        "colour": table["colour"],
        "marker": table["marker"],
    }
    points |= {
        name: [value for value, shown in zip(held, there, strict=True) if shown]
        for name, held in columns.items()
    }
    return zero, whole, {"x0": low[some], "y0": at[some], "x1": high[some], "y1": at[some]}, points


def _values_columns(figure: ExperimentFigure) -> tuple[Columns, ...]:
    left, right = figure.table["low"], figure.table["high"]
    bars = {
        "left": left,
        "bottom": np.zeros(len(left)),
        "right": right,
        "top": 100 * figure.table["control"],
    }
    across = np.repeat(np.append(left, right[-1]), 2)
    up = np.concatenate([[0.0], np.repeat(100 * figure.table["treatment"], 2), [0.0]])
    return bars, {"x": across, "y": up}


def _curve_columns(figure: ExperimentFigure) -> tuple[Columns, ...]:
    at, value, low, high = (
        np.asarray(figure.table[name]) for name in ("quantile", "difference", "low", "high")
    )
    return (
        _band(at, low, high),
        {"x": np.array([0.0, 1.0]), "y": np.zeros(2)},
        {"x": at, "y": value},
    )


def _time_columns(figure: ExperimentFigure) -> tuple[Columns, ...]:
    table, factor = figure.table, figure.factor
    at = np.asarray(table["time"])
    nothing = np.full(at.shape, math.nan)
    always = _band(
        at, *(np.asarray(table.get(f"{end}_always", nothing)) * factor for end in ("low", "high"))
    )
    once = _band(at, *(np.asarray(table[end]) * factor for end in ("low", "high")))
    value = np.asarray(table["difference"]) * factor
    return always, once, {"x": at[[0, -1]], "y": np.zeros(2)}, {"x": at, "y": value}


def _band(at: Any, low: Any, high: Any) -> Columns:
    """Return the outline of a band, around where both ends are known."""
    inside = finite(low, high)
    across, low, high = at[inside], low[inside], high[inside]
    return {"x": np.concatenate([across, across[::-1]]), "y": np.concatenate([low, high[::-1]])}


_LINE, _BOX = ("x", "y"), ("left", "bottom", "right", "top")
_POINT = ("x", "y", "segment", "figures", "words", "colour", "marker")
_EMPTY = {
    "forest": (_LINE, _LINE, ("x0", "y0", "x1", "y1"), _POINT), "values": (_BOX, _LINE),
    "curve": (_LINE, _LINE, _LINE),
    "time": (_LINE, _LINE, _LINE, _LINE),
}  # fmt: skip
_COLUMNS = {
    "forest": _forest_columns,
    "values": _values_columns,
    "curve": _curve_columns,
    "time": _time_columns,
}


# --- elements, which the columns then fill


def _curve(hv: Any, held: Columns) -> Any:
    return hv.Curve((held["x"], held["y"]), "x", "y")


def _area(hv: Any, held: Columns) -> Any:
    half = len(held["x"]) // 2
    return hv.Area((held["x"][:half], held["y"][:half], held["y"][half:][::-1]), "x", ["y", "y2"])


def _forest(hv: Any, zero: Columns, whole: Columns, ends: Columns, points: Columns) -> Any:
    hover = list(_POINT[2:])
    dots = hv.Points(tuple(points[name] for name in _POINT), ["x", "y"], hover).opts(
        size=9, tools=["hover"], hover_tooltips=_TOOLTIP
    )
    lines = hv.Segments(
        tuple(ends[name] for name in ("x0", "y0", "x1", "y1")), ["x0", "y0", "x1", "y1"]
    )
    return _curve(hv, zero) * _curve(hv, whole) * lines * dots


def _values(hv: Any, bars: Columns, outline: Columns) -> Any:
    return hv.Rectangles(tuple(bars[name] for name in _BOX), ["x", "y", "x1", "y1"]) * _curve(
        hv, outline
    )


def _quantiles(hv: Any, band: Columns, zero: Columns, line: Columns) -> Any:
    return _area(hv, band) * _curve(hv, zero) * _curve(hv, line)


def _over_time(hv: Any, always: Columns, once: Columns, zero: Columns, line: Columns) -> Any:
    return _area(hv, always) * _area(hv, once) * _curve(hv, zero) * _curve(hv, line)


_ELEMENTS = {"forest": _forest, "values": _values, "curve": _quantiles, "time": _over_time}


# --- ranges, ticks and colours


def _height(figure: ExperimentFigure) -> int:
    if figure.kind != "forest":
        return _HEIGHTS[figure.kind]
    return 30 + _ROW * max(len(figure.table.get("segment", ())), 2)


def _style(plot: Any, figure: ExperimentFigure) -> None:
    """Give a rendered plot the ranges, ticks and colours of a figure."""
    state = plot.state
    style_frame(state, figure.theme)
    x, y = _ranges(figure)
    state.x_range.update(start=x[0], end=x[1])
    state.y_range.update(start=y[0], end=y[1])
    state.height = _height(figure)
    set_ticks(state.xaxis, _thinned(ticks_of(np.array(x), times=figure.times)))
    set_ticks(state.yaxis, _vertical_ticks(figure, y))
    if figure.kind == "forest":
        state.min_border_left = 128
        for grid in (*state.xgrid, *state.ygrid):
            grid.grid_line_color = INKS[figure.theme]["line"] if grid in state.xgrid else None
    glyphs = [part.handles["glyph"] for part in plot.subplots.values()]
    _PAINT[figure.kind](glyphs, INKS[figure.theme])


def _ranges(figure: ExperimentFigure) -> tuple[tuple[float, float], tuple[float, float]]:
    if figure.empty:
        return (0.0, 1.0), (0.0, 1.0)
    if figure.kind == "forest":
        return figure.ends("low", "high", "difference"), (-0.6, len(figure.table["segment"]) - 0.4)
    if figure.kind == "values":
        top = 106 * max(
            float(np.max(figure.table[arm], initial=0)) for arm in ("control", "treatment")
        )
        return (float(figure.table["low"][0]), float(figure.table["high"][-1])), (0.0, top or 1.0)
    if figure.kind == "curve":
        return (0.0, 1.0), figure.ends("low", "high")
    at = figure.table["time"]
    room = (float(at[-1]) - float(at[0])) * 0.01 or 1.0
    return (float(at[0]) - room, float(at[-1]) + room), _in_sight(figure)


def _in_sight(figure: ExperimentFigure) -> tuple[float, float]:
    """Return the ends of the effect over time without the first, wildest tenth of the moments."""
    first = max(len(figure.table["time"]) // 10, 1)
    table = {name: np.asarray(held)[first:] for name, held in figure.table.items()}
    later = ExperimentFigure(kind="time", table=table, share=figure.share)
    return later.ends("low", "high", "difference")


def _vertical_ticks(figure: ExperimentFigure, ends: tuple[float, float]) -> Ticks:
    if figure.kind == "forest" and not figure.empty:
        names = [
            name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            for name in figure.table["segment"]
        ]
        return Ticks(tuple(range(len(names) - 1, -1, -1)), tuple(names))
    ticks = _thinned(ticks_of(np.array(ends)))
    if figure.kind != "values":
        return ticks
    return Ticks(ticks.at, tuple(f"{label} %" for label in ticks.words))


def _thinned(ticks: Ticks) -> Ticks:
    """Leave out every second tick where there are many: these plots are narrow."""
    step = 2 if len(ticks.at) > 5 else 1
    return Ticks(ticks.at[::step], ticks.words[::step])


def _paint_forest(glyphs: list[Any], inks: dict[str, str]) -> None:
    zero, whole, ends, points = glyphs
    zero.update(line_color=inks["ink"], line_width=1)
    whole.update(line_color=inks["text"], line_width=1, line_dash="dashed")
    ends.update(line_color=inks["ink"], line_width=1.2)
    # the marker says the verdict too: never by colour alone
    points.update(
        fill_color={"field": "colour"}, line_color=inks["ink"], marker={"field": "marker"}, size=9
    )


def _paint_values(glyphs: list[Any], inks: dict[str, str]) -> None:
    bars, outline = glyphs
    bars.update(fill_color=inks["bar"], line_color=None)
    outline.update(line_color=inks["ink"], line_width=1.5)


def _paint_curve(glyphs: list[Any], inks: dict[str, str]) -> None:
    band, zero, line = glyphs
    band.update(fill_color=inks["bar"], fill_alpha=0.6, line_color=None)
    zero.update(line_color=inks["text"], line_width=1, line_dash="dashed")
    line.update(line_color=inks["chosen"], line_width=1.6)


def _paint_time(glyphs: list[Any], inks: dict[str, str]) -> None:
    always, once, zero, line = glyphs
    always.update(
        fill_color=inks["bar"], fill_alpha=0.35, line_color=inks["bar"], line_dash="dotted"
    )
    once.update(fill_color=inks["bar"], fill_alpha=0.8, line_color=None)
    zero.update(line_color=inks["text"], line_width=1, line_dash="dashed")
    line.update(line_color=inks["chosen"], line_width=1.6)


_PAINT = {
    "forest": _paint_forest,
    "values": _paint_values,
    "curve": _paint_curve,
    "time": _paint_time,
}
