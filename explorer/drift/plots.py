"""HoloViews plots of drift, for a notebook and for the page.

A figure along the chunks, and a chunk's distribution beside the reference's.

series_plot(distance_figure(found, "height", 20))
distribution_plot(distribution_figure(found, "height", 20))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.ui.plots.plots import (
    INKS,
    holoviews,
    named_tooltip,
    plot_options,
    set_ticks,
    style_frame,
)
from explorer.ui.plots.ticks import Ticks, ticks_of

if TYPE_CHECKING:
    import holoviews as hv

    from explorer.drift.figures import DistributionFigure, SeriesFigure

__all__ = ["distribution_plot", "series_plot"]

_HEIGHT = 158
_ALARM = {"light": "#b8460a", "dark": "#f0863f"}
_TOOLTIP = named_tooltip("chunk")


def series_plot(figure: SeriesFigure) -> hv.Overlay:
    """Draw a figure by chunk.

    What is usual as a band, its limit dashed, alarms as triangles, the reference as open circles.
    """
    hv, inks = holoviews(), INKS[figure.theme]
    table = figure.table
    at, value = np.asarray(table["at"], float), np.asarray(table["value"], float)
    some = np.isfinite(value)
    low, high = figure.band
    ends = (float(at.min()), float(at.max())) if len(at) else (0.0, 1.0)
    drawn = (
        hv.Area(([*ends], [low, low], [high, high]), "x", ["y", "y2"]).opts(
            fill_color=inks["bar"], fill_alpha=0.4, line_color=None
        )
        if np.isfinite(high)
        else hv.Area(([], [], []), "x", ["y", "y2"])
    )
    drawn = drawn * hv.Curve((at, np.asarray(table["limit"], float)), "x", "y").opts(
        color=inks["text"], line_width=1, line_dash="dashed"
    )
    if np.isfinite(figure.chosen):
        drawn = drawn * hv.VLine(figure.chosen).opts(color=inks["chosen"], line_width=1)
    spread = some & np.isfinite(np.asarray(table["low"], float))
    drawn = drawn * hv.Segments(
        (
            at[spread],
            np.asarray(table["low"])[spread],
            at[spread],
            np.asarray(table["high"])[spread],
        ),
        ["x", "y", "x1", "y1"],
    ).opts(color=inks["chosen"], line_width=1)
    drawn = drawn * hv.Curve((at, value), "x", "y").opts(color=inks["chosen"], line_width=1)
    if "estimate" in table:
        drawn = drawn * hv.Points((at, np.asarray(table["estimate"], float)), ["x", "y"]).opts(
            marker="square", size=4, color=None, line_color=inks["text"]
        )
    alarm, reference = np.asarray(table["alarm"], bool), np.asarray(table["reference"], bool)
    labels = [
        _("{value:.4g}, {rows:,} rows").format(value=v, rows=n)
        for v, n in zip(value.tolist(), table["rows"], strict=True)
    ]
    names = np.array(table["chunk"], object)
    looks = (
        (some & reference, "circle", 4, None),
        (some & ~reference & ~alarm, "circle", 4, inks["chosen"]),
        (some & ~reference & alarm, "triangle", 9, _ALARM[figure.theme]),
    )
    for inside, marker, size, fill in looks:
        rows = np.flatnonzero(inside)
        columns = (at[rows], value[rows], names[rows], [labels[i] for i in rows])
        line = _ALARM[figure.theme] if marker == "triangle" else inks["chosen"]
        drawn = drawn * hv.Points(columns, ["x", "y"], ["chunk", "words"]).opts(
            marker=marker,
            size=size,
            color=fill,
            line_color=line,
            tools=["hover"],
            hover_tooltips=_TOOLTIP,
        )
    return drawn.opts(**plot_options(_HEIGHT, lambda plot: _style_series(plot, figure)))


def distribution_plot(figure: DistributionFigure) -> hv.Overlay:
    """Draw shares: the reference as bars, the chunk as a line of steps."""
    hv, inks = holoviews(), INKS[figure.theme]
    edges = figure.edges
    bars = hv.Rectangles(
        (edges[:-1], np.zeros(len(edges) - 1), edges[1:], 100 * figure.reference),
        ["x", "y", "x1", "y1"],
    ).opts(color=inks["bar"], line_color=inks["surface"])
    across, up = (
        np.repeat(edges, 2),
        np.concatenate([[0.0], np.repeat(100 * figure.chunk, 2), [0.0]]),
    )
    return (
        bars * hv.Curve((across, up), "x", "y").opts(color=inks["chosen"], line_width=1.7)
    ).opts(**plot_options(_HEIGHT, lambda plot: _style_bars(plot, figure)))


def _style_series(plot: Any, figure: SeriesFigure) -> None:
    state, at = plot.state, np.asarray(figure.table["at"], float)
    style_frame(state, figure.theme)
    state.min_border_left = 46
    if not len(at):
        return
    room = 0.02 * (float(np.ptp(at)) or 1.0)
    ends = float(at.min()) - room, float(at.max()) + room
    state.x_range.update(start=ends[0], end=ends[1])
    set_ticks(state.xaxis, _few(ticks_of(np.array(ends), times=figure.times)))
    seen = [
        np.asarray(figure.table[name], float)
        for name in ("value", "low", "high", "limit", "estimate")
        if name in figure.table
    ]
    every = np.concatenate([*seen, np.array(figure.band)])
    every = every[np.isfinite(every)]
    if len(every):
        low, high = float(every.min()), float(every.max())
        edge = 0.06 * (high - low) or 0.5
        state.y_range.update(start=low - edge, end=high + edge)


def _few(ticks: Ticks) -> Ticks:
    """Return as many ticks as do not run into each other in a narrow plot: whole dates are long."""
    most = 3 if max(map(len, ticks.words), default=0) > 7 else 4
    step = -(-len(ticks.at) // most) or 1
    return Ticks(ticks.at[::step], ticks.words[::step])


def _style_bars(plot: Any, figure: DistributionFigure) -> None:
    state = plot.state
    style_frame(state, figure.theme)
    state.min_border_left = 46
    top = float(np.max(np.concatenate([figure.reference, figure.chunk]), initial=0.01))
    state.y_range.update(start=0.0, end=105 * top)
    ends = float(figure.edges[0]), float(figure.edges[-1])
    room = 0.01 * (ends[1] - ends[0])
    state.x_range.update(start=ends[0] - room, end=ends[1] + room)
    if figure.labels:
        middles = tuple((figure.edges[:-1] + 0.5).tolist())
        most = max(4, 60 // max(len(figure.labels), 1))
        set_ticks(
            state.xaxis,
            Ticks(
                middles,
                tuple(
                    label if len(label) <= most else label[: most - 1] + "…"
                    for label in figure.labels
                ),
            ),
        )
    else:
        set_ticks(state.xaxis, ticks_of(np.array(ends), times=figure.times))
