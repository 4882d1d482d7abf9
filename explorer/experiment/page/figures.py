"""What the plots of an experiment draw, without a plotting library: tables, ends and words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.experiment.analysis.experiment_verdict import style_of
from explorer.experiment.page.cards import metric_of
from explorer.experiment.page.segments_table import SegmentList

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.timeline import Timeline
    from explorer.experiment.analysis.unit_spread import Spread
    from explorer.experiment.page.chosen_cell import ChosenCell

__all__ = [
    "FOREST_ROWS",
    "KINDS",
    "ExperimentFigure",
    "curve_figure",
    "finite",
    "forest_figure",
    "time_figure",
    "values_figure",
]

KINDS = ("forest", "values", "curve", "time")
FOREST_ROWS = 40  # segments of a forest plot: more cannot be read; the list beside it has them all
_MARKERS = {
    "▲": "triangle",
    "▼": "inverted_triangle",
    "◆": "diamond",
    "·": "circle",
    "=": "square",  # a dash would be hidden by its interval
    "○": "circle_x",
    "!": "square_x",
}
_ROOM = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class ExperimentFigure:
    """One plot of an experiment.

    Parameters
    ----------
    kind : {"forest", "values", "curve", "time"}
    table : dict of str to ndarray or list, all of one length
        What is drawn, in the metric's unit; it is also what can be saved. Empty: nothing is drawn.
    whole : float
        Effect of the whole, a line of the forest; NaN for none.
    share : bool
        Values are shares: drawn in per cent and percentage points.
    times : bool
        The time is seconds since 1970-01-01 UTC.
    caption : str
        What it shows, or why it shows nothing.
    theme : {"light", "dark"}
    """

    kind: str
    table: dict[str, Any] = field(default_factory=dict)
    whole: float = math.nan
    share: bool = False
    times: bool = False
    caption: str = ""
    theme: str = "light"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.table

    @property
    def factor(self) -> float:
        """By which differences are multiplied when they are drawn."""
        return 100.0 if self.share else 1.0

    @property
    def csv(self) -> str:
        """The table as CSV, a line for each thing that is drawn."""
        return columns_csv(self.table)

    def ends(self, *names: str) -> tuple[float, float]:
        """Return the ends of an axis of differences: all finite values and 0, with some room."""
        values = np.concatenate(
            [
                [0.0],
                *(np.asarray(self.table[name], np.float64) for name in names if name in self.table),
            ]
        )
        values = values[np.isfinite(values)] * self.factor
        low, high = float(values.min()), float(values.max())
        room = _ROOM * (high - low) or 1.0
        return low - room, high + room


def forest_figure(
    experiment: Experiment, look: ChosenCell, whole: Cell, theme: str = "light"
) -> ExperimentFigure:
    """Return the whole and its segments under each other, the largest segments first.

    Parameters
    ----------
    experiment : Experiment
    look : ChosenCell
    whole : Cell
        Of the metric and arm looked at.
    theme : {"light", "dark"}
    """
    cells, text = [whole], _("no segments: choose columns under “by”")
    if look.by:
        some = SegmentList(experiment, look.by, look.metric, look.arm)
        order = some.order()
        cells += [some.cells[int(place)] for place in order[:FOREST_ROWS]]
        listed = (
            _("{forest_rows} of {count:,} segments, the largest").format(
                forest_rows=FOREST_ROWS, count=len(order)
            )
            if len(order) > FOREST_ROWS
            else _("all {count:,} segments").format(count=len(order))
        )
        text = _("difference with its 95 % interval, by {by}: {listed}; dashed: the whole").format(
            by=look.by, listed=listed
        )
    looks = [style_of(cell.verdict, cell.strength) for cell in cells]
    table = {
        "segment": [_("all units"), *(cell.segment for cell in cells[1:])],
        **{
            name: np.array([getattr(cell, name) for cell in cells])
            for name in ("difference", "low", "high", "p_adjusted")
        },
        "n": np.array([cell.n_control + cell.n_treatment for cell in cells]),
        "verdict": [cell.verdict for cell in cells],
        "words": [cell.words for cell in cells],
        "colour": [look.colour for look in looks],
        "marker": [_MARKERS[look.glyph[0]] for look in looks],
    }
    return ExperimentFigure(
        kind="forest",
        table=table,
        whole=whole.difference,
        caption=text,
        theme=theme,
        share=metric_of(experiment, look.metric).kind == "proportion",
    )


def values_figure(
    experiment: Experiment, spread: Spread, whole: Cell, theme: str = "light"
) -> ExperimentFigure:
    """Return the distributions of both arms, as shares of their units."""
    metric = metric_of(experiment, spread.metric)
    if set(np.unique(spread.edges)) <= {-0.5, 0.5, 1.5} and metric.kind == "proportion":
        edges = np.array([-0.5, 0.5, 1.5])  # a rare 1 lies beyond the edges of most values
        # an arm without a value has no bars
        shares = [
            np.nan_to_num(np.array([1 - value, value]))
            for value in (whole.control, whole.treatment)
        ]
        text = _("share of units that are 0 and 1; control filled, treatment outlined")
    else:
        edges = spread.edges
        totals = [
            int(counts.sum()) + spread.below[i] + spread.above[i]
            for i, counts in enumerate((spread.control, spread.treatment))
        ]
        shares = [
            counts / max(total, 1)
            for counts, total in zip((spread.control, spread.treatment), totals, strict=True)
        ]
        text = _values_words(spread)
    table = {"low": edges[:-1], "high": edges[1:], "control": shares[0], "treatment": shares[1]}
    return ExperimentFigure(kind="values", table=table, caption=text, theme=theme)


def curve_figure(experiment: Experiment, spread: Spread, theme: str = "light") -> ExperimentFigure:
    """Return the difference of the arms at each quantile, with a simultaneous band."""
    curve = spread.curve
    if metric_of(experiment, spread.metric).kind == "proportion":
        return ExperimentFigure(
            kind="curve", caption=_("values of 0 and 1 have no curve of quantiles"), theme=theme
        )
    if curve is None or not np.isfinite(curve.difference).any():
        text = spread.note or _("too few values for a curve of quantiles")
        return ExperimentFigure(kind="curve", caption=text, theme=theme)
    table = {
        "quantile": curve.qs,
        "difference": curve.difference,
        "low": curve.low,
        "high": curve.high,
        "pointwise_low": curve.pointwise_low,
        "pointwise_high": curve.pointwise_high,
    }
    text = _(
        "{arm} minus {control} at each quantile; the band holds for the whole curve at once (95 %)"
    ).format(arm=spread.arm, control=experiment.control)
    return ExperimentFigure(kind="curve", table=table, caption=text, theme=theme)


def time_figure(
    experiment: Experiment, line: Timeline, times: bool, theme: str = "light"
) -> ExperimentFigure:
    """Return the cumulative effect as units entered, with ends valid at every moment."""
    table = {
        "time": line.time,
        "units": line.n,
        "difference": line.difference,
        "low": line.low,
        "high": line.high,
    }
    text = _("cumulative effect as units entered, not adjusted")
    if np.isfinite(line.low).any():
        text += _("; dark: 95 % for one look")
    if line.low_always is not None and line.high_always is not None:
        table |= {"low_always": line.low_always, "high_always": line.high_always}
        text += _("; pale: 95 % however often one looks")
    elif line.note:
        text += f"; {line.note}"
    if line.n_without:
        text += _("; {n_without:,} units without a time are left out").format(
            n_without=line.n_without
        )
    share = metric_of(experiment, line.metric).kind == "proportion"
    return ExperimentFigure(
        kind="time", table=table, caption=text, times=times, share=share, theme=theme
    )


def _values_words(spread: Spread) -> str:
    text = (_("numerator over denominator of each unit;") + " ") if spread.ratio else ""
    text += _("share of units; control filled, treatment outlined")
    beyond = [
        _("{control:,} and {treatment:,} {side}").format(
            control=control, treatment=treatment, side=side
        )
        for (control, treatment), side in ((spread.below, "below"), (spread.above, "above"))
        if control or treatment
    ]
    return text + (
        _("; beyond the ends {beyond} (control, treatment)").format(beyond=", ".join(beyond))
        if beyond
        else ""
    )


def finite(*columns: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where all of these columns are finite."""
    inside: NDArray[np.bool_] = np.logical_and.reduce([np.isfinite(column) for column in columns])
    return inside
