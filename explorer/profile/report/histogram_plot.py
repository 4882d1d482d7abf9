"""Histogram of a feature's page: bars on linear, log or rank scale, with the fitted normal."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core import number_format as figures
from explorer.core.html import Markup, join, tag
from explorer.profile.report.axis import Axis, linear_axis, log_axis, ordinal_axis, time_axis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["WIDTH", "axes_frame", "histogram_plot", "plot_image"]

WIDTH, HEIGHT = 560, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 26  # room for the words of the axes
_LETTER = 6.6  # pixels of a letter of the axes
_CURVE = 80  # points of the fitted normal


def histogram_plot(
    shown: Mapping[str, Any],
    scale: str,
    kind: str,
    name: str,
    fitted: tuple[float, float] | None = None,
) -> Markup:
    """Draw a histogram.

    Parameters
    ----------
    shown : mapping
        ``edges`` in data units, ``counts``, ``below``, ``above``.
    scale : {"linear", "log", "rank"}
        rank: every bin as wide as the others, so that a tall bar is a value that repeats.
    kind : str
        Of the feature, or "clock" or "duration" (`figures.scale_of`): times have dates on their
        axis.
    name : str
        For the words that stand for the picture.
    fitted : (center, spread), optional
        Of the fitted normal, drawn on the linear scale.
    """
    edges, counts = [float(edge) for edge in shown["edges"]], shown["counts"]
    x_axis = _across(edges, scale, kind)
    most = max(counts) or 1
    y_axis = linear_axis(0, most, HEIGHT - _BOTTOM, _TOP, ticks=3)
    parts = [
        axes_frame(x_axis, y_axis, WIDTH, HEIGHT),
        tag("path", class_="bars", d=_bars(edges, counts, x_axis, y_axis)),
    ]
    if fitted and scale == "linear":
        parts.append(tag("path", class_="normal", d=_normal(edges, counts, fitted, x_axis, y_axis)))
    text = _in_words(edges, counts, scale, kind, name)
    # for the pointer; without a script the words above stand for it
    dated = kind in ("temporal", "clock", "duration")
    shown_edges = [figures.value(edge, kind) if dated else f"{edge:.6g}" for edge in edges]
    plot = plot_image(
        text,
        parts,
        data_places=Markup(",".join([f"{place:.0f}" for place in x_axis(edges)])),
        data_edges=Markup(",".join(shown_edges)),
        data_counts=Markup(",".join(map(str, counts))),
    )
    return tag("figure", plot, tag("figcaption", _beyond(shown, edges, kind)), class_=f"on-{scale}")


def plot_image(text: str, parts: Sequence[Markup | None], **attributes: Markup) -> Markup:
    """Write a plot of the usual size, with the words that stand for it."""
    return tag(
        "svg",
        tag("title", text),
        parts,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="plot",
        **attributes,
    )


def axes_frame(x_axis: Axis, y_axis: Axis, width: int, height: int) -> Markup:
    """Draw the lines and words of both axes; words that would touch the one before are left out."""
    parts, marks, free = [], [], -math.inf
    for x, (_, label) in zip(
        x_axis([value for value, _ in x_axis.ticks]), x_axis.ticks, strict=True
    ):
        half = _LETTER / 2 * len(label) + 4
        if x - half < free or x + half > width + 30:
            continue
        free = x + half
        anchor = "end" if x + half > width else "start" if x - half < 0 else None
        parts.append(tag("text", label, x=round(x, 1), y=height - 8, text_anchor=anchor))
        marks.append(f"M{x:.1f} {y_axis.places[0]}v4")
    lines = y_axis([value for value, _ in y_axis.ticks])
    parts += [
        tag("text", label, x=_LEFT - 6, y=round(y + 4, 1), class_="up")
        for y, (_, label) in zip(lines, y_axis.ticks, strict=True)
    ]
    grid = "".join(f"M{_LEFT} {y:.1f}H{width - _RIGHT}" for y in lines)
    drawn = [tag("path", d=grid, class_="grid"), tag("path", d="".join(marks), class_="tick")]
    return tag("g", drawn, parts, class_="axes", aria_hidden="true")


def _across(edges: Sequence[float], scale: str, kind: str) -> Axis:
    start, end = _LEFT, WIDTH - _RIGHT
    if scale == "rank":
        return ordinal_axis(edges, start, end, kind)
    if scale == "log" and edges[0] > 0:
        axis = log_axis(edges[0], edges[-1], start, end)
    else:
        dated = kind in ("temporal", "clock")
        axis = (time_axis if dated else linear_axis)(edges[0], edges[-1], start, end)
    if kind not in ("clock", "duration"):
        return axis
    return replace(axis, ticks=tuple((tick, figures.value(tick, kind)) for tick, _ in axis.ticks))


def _bars(edges: Sequence[float], counts: Sequence[int], x_axis: Axis, y_axis: Axis) -> Markup:
    """Return one path of all bars, a pixel's gap between those that are wide enough."""
    ground, path, places = y_axis.places[0], [], x_axis(edges)
    for left, end, top, cells in zip(places, places[1:], y_axis(counts), counts, strict=False):
        if cells:
            right = end - 1 if end - left > 3 else max(end, left + 0.5)
            # a single cell among millions is seen too
            path.append(
                f"M{left:.1f} {ground:g}V{min(top, ground - 1):.1f}H{right:.1f}V{ground:g}Z"
            )
    return Markup("".join(path))


def _normal(
    edges: Sequence[float],
    counts: Sequence[int],
    fitted: tuple[float, float],
    x_axis: Axis,
    y_axis: Axis,
) -> Markup:
    """Return the counts that a normal of this centre and spread would have in a mean bin."""
    center, spread = fitted
    if not spread > 0 or not math.isfinite(edges[-1] - edges[0]):
        return Markup("")
    width = (edges[-1] - edges[0]) / len(counts)
    peak = sum(counts) * width / (spread * math.sqrt(2 * math.pi))
    values = np.linspace(edges[0], edges[-1], _CURVE + 1)
    with np.errstate(over="ignore"):  # what overflows is far out, as what is clipped
        cells = peak * np.exp(-0.5 * np.clip((values - center) / spread, -30, 30) ** 2)
    # digits and letters of a path need no second look: markup passes unescaped
    return Markup(
        "M"
        + "L".join([f"{x:.0f} {y:.1f}" for x, y in zip(x_axis(values), y_axis(cells), strict=True)])
    )


def _in_words(
    edges: Sequence[float], counts: Sequence[int], scale: str, kind: str, name: str
) -> str:
    total, most = sum(counts), max(counts)
    place = list(counts).index(most)
    low, high = (figures.value(edge, kind) for edge in (edges[place], edges[place + 1]))
    ends = [figures.value(edge, kind) for edge in (edges[0], edges[-1])]
    return (
        f"Histogram of {name}, {scale} scale: {len(counts)} bins from {ends[0]} to {ends[1]} "
        f"hold {total:,} values; "
        f"the fullest, {low} to {high}, holds {most:,}."
    )


def _beyond(shown: Mapping[str, Any], edges: Sequence[float], kind: str) -> Markup:
    """Count what is in no bar."""
    below, above = shown.get("below") or 0, shown.get("above") or 0
    counts = [
        f"{below:,} below {figures.value(edges[0], kind)}" if below else "",
        f"{above:,} above {figures.value(edges[-1], kind)}" if above else "",
    ]
    text = (
        "Not drawn: " + ", ".join(filter(None, counts)) + "."
        if below or above
        else "All finite values are drawn."
    )
    return join([text, tag("output", class_="at")])
