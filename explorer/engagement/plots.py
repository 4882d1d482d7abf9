"""HoloViews plot of engagement, for a notebook and for the page.

Every item by its rows and its rate, beside what chance alone gives.

funnel_plot(funnel_figure(found))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.stats.intervals.proportions import wilson_intervals
from explorer.ui.plots.plots import INKS, holoviews, named_tooltip, plot_options, style_frame

if TYPE_CHECKING:
    import holoviews as hv
    from numpy.typing import NDArray

    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRows

__all__ = ["FunnelFigure", "funnel_figure", "funnel_plot"]

_HEIGHT = 260
_STEPS = 60
_TOOLTIP = named_tooltip("item")


@dataclass(frozen=True, eq=False)
class FunnelFigure:
    """What the plot draws.

    Parameters
    ----------
    table : dict of str to sequence of shape (k,)
        item, n, value, low, high, ranked of every item.
    band : dict of str to ndarray of shape (60,)
        n, low, high: where 95 % of items lie that do not differ from the whole; empty for an
        amount.
    middle : float
        Of all items together.
    share : bool
    theme : {"light", "dark"}
    """

    table: dict[str, Any]
    band: dict[str, NDArray[np.float64]]
    middle: float
    share: bool
    theme: str = "light"

    @property
    def csv(self) -> str:
        """The items as CSV."""
        return columns_csv(self.table)


def funnel_figure(
    engagement: Engagement, rows: ItemRows | None = None, theme: str = "light"
) -> FunnelFigure:
    """Return the funnel (Spiegelhalter 2005, doi:10.1002/sim.1970) of the items.

    Or of some rows, such as those of a segment.
    """
    some = engagement.rows if rows is None else rows
    n = some.column("n").astype(np.float64)
    total = float(n.sum())
    middle = float(some.column("total").sum() / total) if total else float("nan")
    table = {
        name: some.column(name).tolist() for name in ("item", "n", "mean", "low", "high", "ranked")
    }
    band = {}
    if engagement.share and n.size:
        at = np.geomspace(max(n.min(), 1.0), max(n.max(), 2.0), _STEPS)
        low, high = wilson_intervals(middle * at, at)
        band = {"n": at, "low": low, "high": high}
    return FunnelFigure(table, band, middle, engagement.share, theme)


def funnel_plot(figure: FunnelFigure) -> hv.Overlay:
    """Draw the funnel.

    The band, the whole as a line, items that are ranked as circles and the others as crosses.
    """
    hv, inks = holoviews(), INKS[figure.theme]
    factor = 100.0 if figure.share else 1.0
    n, value = np.array(figure.table["n"], float), factor * np.array(figure.table["mean"], float)
    ranked = np.array(figure.table["ranked"], bool)
    unit = " %" if figure.share else ""
    labels = [
        _("{value:.3g}{unit} of {rows:,} rows").format(value=v, unit=unit, rows=int(k))
        for v, k in zip(value, n, strict=True)
    ]
    names = np.array(figure.table["item"], object)
    band = figure.band or {"n": np.empty(0), "low": np.empty(0), "high": np.empty(0)}
    drawn = hv.Area(
        (band["n"], factor * band["low"], factor * band["high"]), "rows", ["low", "high"]
    ).opts(fill_color=inks["bar"], fill_alpha=0.45, line_color=None)
    drawn = drawn * hv.HLine(factor * figure.middle).opts(
        color=inks["text"], line_width=1, line_dash="dashed"
    )
    for shown, marker in ((ranked, "circle"), (~ranked, "x")):
        chosen = np.flatnonzero(shown)
        columns = (n[chosen], value[chosen], names[chosen], [labels[i] for i in chosen])
        drawn = drawn * hv.Points(columns, ["rows", "rate"], ["item", "words"]).opts(
            marker=marker,
            size=6,
            color=inks["chosen"],
            alpha=0.7,
            tools=["hover"],
            hover_tooltips=_TOOLTIP,
        )
    return drawn.opts(
        **plot_options(_HEIGHT, lambda plot: _style(plot, figure)),
        logx=True,
        ylim=_reach(figure, factor),
        xticks=_decades(n),
    )


def _reach(figure: FunnelFigure, factor: float) -> tuple[float, float]:
    """Return the ends of the vertical axis: items of few rows are not to press the others."""
    values = np.array(figure.table["mean"], float)
    if not values.size:
        return 0.0, 1.0
    n = np.array(figure.table["n"], float)
    sound = values[n >= np.quantile(n, 0.25)]
    top, bottom = float(sound.max()), min(float(values.min()), 0.0)
    top = max(top, 1.5 * figure.middle) if figure.middle > 0 else top
    return factor * bottom, factor * (
        top + 0.08 * (top - bottom) if top > bottom else bottom + max(1.0, abs(bottom) * 1e-6)
    )


def _decades(n: NDArray[np.float64]) -> list[tuple[float, str]]:
    """Return ticks of a logarithmic axis.

    Powers of ten, and twice and five times them where there are few; the ends where there is none.
    """
    if not n.size:
        return []
    low, high = np.log10(max(float(n.min()), 1.0)), np.log10(max(float(n.max()), 2.0))
    steps = (1, 2, 5) if high - low < 1.7 else (1,) if high - low > 3 else (1, 3)
    decades = [step * 10.0**power for power in range(int(low), int(high) + 1) for step in steps]
    inside = [tick for tick in decades if low <= np.log10(tick) <= high]
    return [(tick, f"{tick:,.0f}") for tick in inside or sorted({float(n.min()), float(n.max())})]


def _style(plot: Any, figure: FunnelFigure) -> None:
    style_frame(plot.state, figure.theme)
    plot.state.min_border_left = 44
    n = np.array(figure.table["n"], float)
    if n.size:  # no mark is cut by the frame
        room = max(float(n.max()) / max(float(n.min()), 1.0), 1.5) ** 0.04
        plot.state.x_range.update(start=max(float(n.min()), 1.0) / room, end=float(n.max()) * room)
