"""Layout: where each part of a figure goes, in pixels of the lettering from the top left corner."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.map.export.lettering import clean, elided, line_height, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.map.export.legend import Legend, Level
    from explorer.map.export.map_figure import MapFigure

__all__ = ["BAR", "SIZES", "Box", "Layout", "Line", "lay_out"]

SIZES = {"title": 15, "axis": 12, "tick": 11, "legend": 13, "level": 12, "caption": 11}
"""Heights of the letters in pixels."""

BAR = (14, 200)
"""Width and height of a colour bar."""

_PAD, _GAP = 16, 20
_TICK = 5  # length of a tick with the gap to its words
_SWATCH = 11
_LEVEL = 18  # height of a line of levels
_LEGEND_WIDTHS = (150, 300)
_LEAST_CAPTION = 420


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line of text: its left (right, where ``right``) end and the middle of its height."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    quiet: bool = False
    right: bool = False


@dataclass
class Layout:
    """Where everything goes.

    Attributes
    ----------
    frame : Box
        Its corners lie on whole pixels of the picture.
    swatches : list of (Box, colour)
    bar : Box or None
        Of the colour scale.
    """

    width: float
    height: float
    frame: Box
    lines: list[Line]
    swatches: list[tuple[Box, tuple[int, int, int]]]
    bar: Box | None = None


def lay_out(figure: MapFigure, y_ticks: Sequence[str] = ()) -> Layout:
    """Give every part of a figure its place.

    Parameters
    ----------
    figure : MapFigure
    y_ticks : sequence of str
        Words of the ticks of the vertical axis, which take room beside the frame.
    """
    frame = figure.viewport.width / figure.scale, figure.viewport.height / figure.scale
    if figure.is_plain:
        return Layout(*frame, Box(0, 0, *frame), [], [])
    left = top = float(_PAD)
    if figure.axes:
        left += (
            line_height(SIZES["axis"])
            + _TICK
            + max((width_of(tick, SIZES["tick"]) for tick in y_ticks), default=0)
            + 6
        )
    foot = _TICK + line_height(SIZES["tick"]) + line_height(SIZES["axis"]) + 4 if figure.axes else 0
    legend_width = _legend_width(figure.legend) if figure.legend else 0
    width = left + frame[0] + (_GAP + legend_width if figure.legend else 0) + _PAD
    if figure.caption or figure.title:
        width = max(width, _LEAST_CAPTION)
    lines = _paragraph(clean(figure.title), _PAD, top, width - 2 * _PAD, SIZES["title"], bold=True)
    top = _snapped(
        top + len(lines) * line_height(SIZES["title"]) + (8 if lines else 0), figure.scale
    )
    left = _snapped(left, figure.scale)
    laid = Layout(width, 0, Box(left, top, *frame), lines, [])
    bottom = top + frame[1] + foot
    if figure.legend:
        bottom = max(
            bottom, _add_legend(laid, figure.legend, left + frame[0] + _GAP, top, legend_width)
        )
    if figure.caption:
        bottom = _add_caption(laid, figure.caption, bottom + 12)
    laid.width, laid.height = _snapped(width, figure.scale), _snapped(bottom + _PAD, figure.scale)
    return laid


def _snapped(value: float, scale: float) -> float:
    """Return the next whole pixel of the picture."""
    return math.ceil(value * scale - 1e-6) / scale


def _paragraph(
    text: str,
    x: float,
    top: float,
    room: float,
    size: float,
    bold: bool = False,
    quiet: bool = False,
) -> list[Line]:
    step = line_height(size)
    return [
        Line(line, x, top + (i + 0.5) * step, size, bold, quiet)
        for i, line in enumerate(wrapped(text, size, room, bold))
    ]


def _add_caption(laid: Layout, paragraphs: Sequence[str], top: float) -> float:
    for paragraph in paragraphs:
        lines = _paragraph(
            clean(paragraph), _PAD, top, laid.width - 2 * _PAD, SIZES["caption"], quiet=True
        )
        laid.lines += lines
        top += len(lines) * line_height(SIZES["caption"]) + 3
    return top


# --- the legend


def _count(level: Level) -> str:
    return "" if level.count is None else f"{level.count:,}"


def _legend_width(legend: Legend) -> float:
    size = SIZES["level"]
    widths = [
        width_of(clean(legend.heading), SIZES["legend"], bold=True),
        width_of(clean(legend.how), size),
    ]
    widths += [
        _SWATCH + 8 + width_of(clean(level.label), size) + 14 + width_of(_count(level), size)
        for level in (*legend.levels, *legend.greys)
    ]
    widths += [BAR[0] + _TICK + 4 + width_of(label, SIZES["tick"]) for _, label in legend.ticks]
    return min(max(math.ceil(max(widths)), _LEGEND_WIDTHS[0]), _LEGEND_WIDTHS[1])


def _add_legend(laid: Layout, legend: Legend, left: float, top: float, width: float) -> float:
    """Place the legend and return where it ends."""
    for text, size, bold in (
        (legend.heading, SIZES["legend"], True),
        (legend.how, SIZES["level"], False),
    ):
        lines = _paragraph(clean(text), left, top, width, size, bold, quiet=not bold)
        laid.lines += lines
        top += len(lines) * line_height(size)
    top += 8
    if legend.ramp is not None:
        half = (
            line_height(SIZES["tick"]) / 2
        )  # the words of the ends stand out above and below the bar
        laid.bar = Box(left, top + half, *BAR)
        for place, label in legend.ticks:
            laid.lines.append(
                Line(
                    clean(label),
                    left + BAR[0] + _TICK + 3,
                    laid.bar.top + (1 - place) * BAR[1],
                    SIZES["tick"],
                )
            )
        top += BAR[1] + 2 * half + 6
    for level in (*legend.levels, *legend.greys):
        _add_level(laid, level, left, top, width)
        top += _LEVEL
    return top


def _add_level(laid: Layout, level: Level, left: float, top: float, width: float) -> None:
    size, middle, count = SIZES["level"], top + _LEVEL / 2, _count(level)
    room = width - _SWATCH - 8 - (14 + width_of(count, size) if count else 0)
    laid.swatches.append((Box(left, middle - _SWATCH / 2, _SWATCH, _SWATCH), level.colour))
    laid.lines.append(
        Line(elided(clean(level.label), size, room), left + _SWATCH + 8, middle, size)
    )
    if count:
        laid.lines.append(Line(count, left + width, middle, size, quiet=True, right=True))
