"""HoloViews plots of a ranking, for a notebook and for the page.

Rate by position with its band, and the chance of any play within a depth.

curve_plot(curve_figure(found))
curve_plot(chance_figure(found))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.map.paint.palettes import category_colors
from explorer.ui.plots.plots import holoviews, named_tooltip, plot_options, style_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import holoviews as hv
    from numpy.typing import NDArray

    from explorer.ranking.ranking import Ranking

__all__ = [
    "MOST_LINES",
    "RankingCurveFigure",
    "chance_figure",
    "curve_figure",
    "curve_plot",
    "examined_figure",
    "key_of_lines",
]

MOST_LINES = 6
"""Segments of which each has a line: more cannot be told apart."""

_HEIGHT = 230
_DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot", "solid")
_MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "cross")
_FEW = 12  # positions that each have a tick
_MOST_MARKED = 60  # points of a line that are marked
_TOOLTIP = named_tooltip("line")


@dataclass(frozen=True, eq=False)
class RankingCurveFigure:
    """Lines with bands.

    Parameters
    ----------
    at : str
        What lies along the horizontal axis: "position", "rows".
    lines : dict of str to dict of str to ndarray
        By name, the whole first where there are no segments: at, n, hits, value, low, high, each of
        shape (k,).
    theme : {"light", "dark"}
    counted : {"hits", "effective"}
        What is under "hits": hits, or effective rows.
    """

    at: str
    lines: dict[str, dict[str, NDArray[np.float64]]]
    theme: str = "light"
    counted: str = "hits"

    @property
    def csv(self) -> str:
        """What is drawn, as CSV."""
        names = ("at", "n", self.counted, "value", "low", "high")
        held = [dict(zip(names, line.values(), strict=True)) for line in self.lines.values()]
        return columns_csv(
            {
                "line": [name for name, line in self.lines.items() for _ in line["at"]],
                **{
                    name: np.concatenate([line[name] for line in held]) if held else []
                    for name in names
                },
            }
        )


def curve_figure(ranking: Ranking, theme: str = "light") -> RankingCurveFigure:
    """Return the rate at each position: of up to six segments, else of the whole."""
    segments = list(dict.fromkeys(row.segment for row in ranking.segment_positions))
    if 1 < len(segments) <= MOST_LINES:
        groups = {
            name: [row for row in ranking.segment_positions if row.segment == name]
            for name in sorted(segments)
        }
    else:
        groups = {"all": ranking.positions}
    lines = {
        name: _columns(
            [(row.position, row.n, row.hits, row.rate, row.low, row.high) for row in some]
        )
        for name, some in groups.items()
    }
    return RankingCurveFigure("position", lines, theme)


def examined_figure(ranking: Ranking, theme: str = "light") -> RankingCurveFigure:
    """Return how often each position is looked at beside the first one.

    Those that rest on too few effective rows are left out.
    """
    some = [row for row in ranking.examination if row.ranked and row.share == row.share]
    columns = _columns(
        [(row.position, row.n, row.ess, row.share, row.low, row.high) for row in some]
    )
    return RankingCurveFigure("position", {"all": columns}, theme, "effective")


def chance_figure(ranking: Ranking, theme: str = "light") -> RankingCurveFigure:
    """Return the chance of any play within the first rows, or positions, of all lists."""
    rows = [
        (row.depth, row.lists, row.hits, row.value, row.low, row.high) for row in ranking.any_play
    ]
    return RankingCurveFigure(ranking.deep, {"all lists": _columns(rows)}, theme)


def curve_plot(figure: RankingCurveFigure) -> hv.Overlay:
    """Draw lines with their bands; each has a colour, a dash and a marker of its own."""
    hv, parts = holoviews(), []
    of = "of" if figure.counted == "hits" else _("{counted} of").format(counted=figure.counted)
    colours = category_colors(len(figure.lines), figure.theme)
    for place, (name, held) in enumerate(figure.lines.items()):
        colour = colours[place]
        at, value, low, high = (held[key] for key in ("at", "value", "low", "high"))
        step = max(len(at) // _MOST_MARKED, 1)
        labels = [
            f"{figure.at} {int(a):,}: {v:.3g} % [{b:.3g} … {t:.3g}], {int(h):,} {of} {int(n):,}"
            for a, v, b, t, h, n in zip(
                at, 100 * value, 100 * low, 100 * high, held["hits"], held["n"], strict=True
            )
        ]
        points = (at[::step], 100 * value[::step], [name] * len(at[::step]), labels[::step])
        parts.append(
            hv.Area((at, 100 * low, 100 * high), "at", ["low", "high"]).opts(
                fill_color=colour, fill_alpha=0.2, line_color=None
            )
            * hv.Curve((at, 100 * value), "at", "rate").opts(
                color=colour, line_dash=_DASHES[place], line_width=1.5
            )
            * hv.Points(points, ["at", "rate"], ["line", "words"]).opts(
                color=colour,
                marker=_MARKERS[place],
                size=6,
                tools=["hover"],
                hover_tooltips=_TOOLTIP,
            )
        )
    drawn = list(figure.lines.values())
    highs = [
        100 * columns["high"][np.isfinite(columns["high"])].max(initial=0.0) for columns in drawn
    ]
    most = max([105.0, *(130 * np.nanmax(columns["value"], initial=0.0) for columns in drawn)])
    return hv.Overlay([element for part in parts for element in part]).opts(
        ylim=(0, min(1.05 * max(highs, default=0.0), most) or 1.0),
        **plot_options(_HEIGHT, lambda plot: style_frame(plot.state, figure.theme)),
        **_whole_ticks(figure),
    )


def _whole_ticks(figure: RankingCurveFigure) -> dict[str, Any]:
    """Return ticks at every position where there are few; between two of them there is none."""
    places = sorted({int(at) for held in figure.lines.values() for at in held["at"]})
    return {"xticks": [(at, f"{at:,}") for at in places]} if 0 < len(places) <= _FEW else {}


def key_of_lines(figure: RankingCurveFigure) -> list[dict[str, Any]]:
    """Return the colour, dash and marker of each line, for the words beside the plot; JSON."""
    return [
        {
            "name": name,
            "colour": colour,
            "dash": _DASHES[place],
            "marker": _MARKERS[place],
        }
        for place, (name, colour) in enumerate(
            zip(figure.lines, category_colors(len(figure.lines), figure.theme), strict=True)
        )
    ]


def _columns(rows: Sequence[tuple[float, ...]]) -> dict[str, NDArray[np.float64]]:
    names = ("at", "n", "hits", "value", "low", "high")
    held = np.array(rows, np.float64).reshape(-1, len(names))
    return dict(zip(names, held.T, strict=True))
