"""Forest plot: effects under each other, each with its interval and its verdict."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExperimentError
from explorer.map.export.export_style import DPI, INKS
from explorer.map.export.figure import drawing
from explorer.map.export.lettering import clean, elided, line_height, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from explorer.map.export.export_style import Ink

__all__ = ["FOREST_FORMATS", "ForestRow", "forest_bytes"]

FOREST_FORMATS = ("png", "svg")
_BACKGROUND = {"light": "#ffffff", "dark": "#161c22"}
_POINT = 72 / DPI
_WIDTH, _ROW, _EDGE = 900, 24, 16  # pixels
_LABEL, _DRAWN, _FIGURES, _VERDICT = (
    (16, 250),
    (264, 530),
    (544, 736),
    (748, 884),
)  # columns, in pixels
_TEXT, _SMALL, _TITLE = 12.0, 11.0, 15.0
_MARKERS = {"▲": "^", "▼": "v", "◆": "D", "·": "o", "○": "o", "!": "X", "=": "s"}


@dataclass(frozen=True)
class ForestRow:
    """One line.

    Parameters
    ----------
    label : str
    value, low, high : float
        Drawn; NaN is left out.
    figures : str
        Difference and interval, as they are written.
    colour, ink, glyph, verdict : str
        Fill of the verdict's cell as #rrggbb, of the text on it, its sign and its words.
    hatched : bool
    """

    label: str
    value: float
    low: float
    high: float
    figures: str
    colour: str
    ink: str
    glyph: str
    verdict: str
    hatched: bool = False


def forest_bytes(
    rows: Sequence[ForestRow],
    title: str,
    caption: str,
    form: str = "png",
    theme: str = "light",
    scale: float = 2.0,
) -> bytes:
    """Draw rows as a picture.

    Parameters
    ----------
    rows : sequence of ForestRow
        From the top; the scale is that of all of them.
    title, caption : str
        Above and below; the caption is broken into lines.
    form : {"png", "svg"}
    theme : {"light", "dark"}
    scale : float
        Pixels of the picture to one of the lettering, of a PNG.

    Raises
    ------
    ExperimentError
        If it is another format, or there is no row.
    """
    if form not in FOREST_FORMATS or not rows:
        raise ExperimentError(
            f"a forest plot is a {' or '.join(FOREST_FORMATS)} of a row or more, came {form!r}"
        )
    buffer = io.BytesIO()
    with drawing():
        figure = _figure_of(rows, title, caption, theme, scale)
        if form == "svg":
            from matplotlib.backends.backend_svg import FigureCanvasSVG

            FigureCanvasSVG(figure).print_svg(
                buffer, metadata={"Date": None, "Creator": "explorer", "Title": title}
            )
        else:
            from matplotlib.backends.backend_agg import FigureCanvasAgg

            FigureCanvasAgg(figure).print_png(
                buffer, metadata={"Software": "explorer", "Title": title}
            )
    return buffer.getvalue()


def _figure_of(
    rows: Sequence[ForestRow], title: str, caption: str, theme: str, scale: float
) -> Figure:
    from matplotlib.figure import Figure

    lines = wrapped(clean(caption), _SMALL, _WIDTH - 2 * _EDGE) if caption else []
    top, axis = _EDGE + 28, 26
    height = top + _ROW * len(rows) + axis + line_height(_SMALL) * len(lines) + _EDGE
    figure = Figure(
        figsize=(_WIDTH / DPI, height / DPI), dpi=DPI * scale, facecolor=_BACKGROUND[theme]
    )
    page = figure.add_axes((0, 0, 1, 1), facecolor="none")
    page.set(xlim=(0, _WIDTH), ylim=(height, 0))
    page.axis("off")
    ink = INKS[theme]
    _write(
        page,
        _EDGE,
        _EDGE + 8,
        elided(clean(title), _TITLE, _WIDTH - 2 * _EDGE, True),
        ink.text,
        _TITLE,
        weight="bold",
    )
    for i, row in enumerate(rows):
        _add_row(page, row, top + _ROW * (i + 0.5), ink, first=i == 0)
    place = (
        _DRAWN[0] / _WIDTH,
        1 - (top + _ROW * len(rows)) / height,
        (_DRAWN[1] - _DRAWN[0]) / _WIDTH,
        _ROW * len(rows) / height,
    )
    _add_intervals(figure.add_axes(place, facecolor="none"), rows, ink)
    for i, line in enumerate(lines):
        y = top + _ROW * len(rows) + axis + line_height(_SMALL) * (i + 0.7)
        _write(page, _EDGE, y, line, ink.quiet, _SMALL)
    return figure


def _write(
    page: Axes, x: float, y: float, text: str, colour: str, size: float, **more: Any
) -> None:
    page.text(x, y, text, color=colour, fontsize=size * _POINT, va="center", **more)


def _add_row(page: Axes, row: ForestRow, y: float, ink: Ink, first: bool) -> None:
    """Write the label and the figures of a row, and draw the cell of its verdict."""
    from matplotlib.patches import Rectangle

    page.plot([_EDGE, _WIDTH - _EDGE], [y + _ROW / 2] * 2, color=ink.line, linewidth=0.3)
    weight = "bold" if first else "normal"
    _write(
        page,
        _LABEL[0],
        y,
        elided(clean(row.label), _TEXT, _LABEL[1] - _LABEL[0], first),
        ink.text,
        _TEXT,
        weight=weight,
    )
    _write(
        page,
        _FIGURES[1],
        y,
        elided(clean(row.figures), _TEXT, _FIGURES[1] - _FIGURES[0]),
        ink.text,
        _TEXT,
        ha="right",
    )
    hatch = "////" if row.hatched else None
    box = (_VERDICT[0], y - _ROW / 2 + 2), _VERDICT[1] - _VERDICT[0], _ROW - 4
    page.add_patch(
        Rectangle(*box, facecolor=row.colour, edgecolor="#b9b9b9", hatch=hatch, linewidth=0)
    )
    verdict = elided(clean(f"{row.glyph} {row.verdict}"), _SMALL, _VERDICT[1] - _VERDICT[0] - 12)
    under = {"facecolor": row.colour, "edgecolor": "none", "pad": 1.0} if row.hatched else None
    _write(page, _VERDICT[0] + 6, y, verdict, row.ink, _SMALL, bbox=under)


def _add_intervals(axes: Axes, rows: Sequence[ForestRow], ink: Ink) -> None:
    """Draw all intervals on one scale, with a line at 0 and a dashed one at the first effect."""
    from matplotlib.ticker import MaxNLocator

    n = len(rows)
    axes.set_ylim(n, 0)
    ends = [
        0.0,
        *(end for row in rows for end in (row.value, row.low, row.high) if math.isfinite(end)),
    ]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.axvline(0, color=ink.text, linewidth=0.8)
    if math.isfinite(rows[0].value):
        axes.axvline(rows[0].value, color=ink.quiet, linewidth=0.8, linestyle=(0, (3, 3)))
    for i, row in enumerate(rows):
        if math.isfinite(row.low) and math.isfinite(row.high):
            axes.plot([row.low, row.high], [i + 0.5] * 2, color=ink.text, linewidth=1)
        if math.isfinite(row.value):
            axes.plot(
                row.value,
                i + 0.5,
                marker=_MARKERS[row.glyph[0]],
                color=row.colour,
                markeredgecolor=ink.text,
                markeredgewidth=0.7,
                markersize=6,
                linestyle="none",
            )
    for side, spine in axes.spines.items():
        spine.set(visible=side == "bottom", color=ink.line, linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.tick_params(
        color=ink.line, labelcolor=ink.quiet, labelsize=_SMALL * _POINT, length=3, width=0.6
    )
    axes.set_yticks([])
