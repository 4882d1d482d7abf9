"""A small chart as the page shows it, and as a table of its numbers: exact, of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.core.memo import Memo
from explorer.core.number_format import number
from explorer.relations.pair_plot import (
    PairCells,
    PairRequest,
    count_pair,
    pair_cells,
    pair_plot,
)
from explorer.session.rows.strips import count_strip, strip_columns
from explorer.ui.strip_card import rows_in_words, strip_card

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from explorer.map.paint.palettes import Theme
    from explorer.selection.selection import Selection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.session.rows.strips import Strip
    from explorer.state.tray_settings import Chart, ChartKind
    from explorer.table.table import Table

__all__ = ["ChartCards", "chart_columns", "pair_filter_id"]

_PICTURE = (320, 180)  # cells of a scatter; the page stretches them to the room there is
_KEPT = 8  # pairs of four bytes a row


@dataclass(frozen=True, eq=False)
class _Line:
    """Rows and means of the bins of a time, for some rows."""

    counts: NDArray[np.int64]
    means: NDArray[np.float64]


class ChartCards:
    """Charts of one table under the filters and the selection of a session.

    Every chart counts the rows that all filters but its own leave, as strips do. Safe for several
    threads.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    """

    def __init__(self, table: Table, rows: RowSelection) -> None:
        self._table, self._rows = table, rows
        self._cells: Memo[tuple[str, str, int], PairCells] = Memo(_KEPT, lambda _: 1)

    def card(self, chart: Chart, place: int, theme: Theme, *, unfolded: bool) -> dict[str, Any]:
        """Return a chart as plain JSON; one that cannot be drawn has an "error" in words.

        Parameters
        ----------
        chart : Chart
        place : int
            Among the charts.
        theme : Theme
            Of the picture of a scatter.
        unfolded : bool
            List up to 200 levels of bars instead of 12.
        """
        base = {"key": f"chart {place}", "chart": chart.kind, "x": chart.x, "y": chart.y}
        try:
            self._check(chart)
            if chart.kind == "scatter":
                return {**base, **self._scatter(chart, theme)}
            strip = count_strip(self._table, self._rows, chart.x)
            selecting = self._rows.selection() is not None
            card = strip_card(self._table, self._rows, strip, selecting, unfolded)
            if chart.kind == "line":
                card.update(self._line_card(chart, strip))
            else:
                card["sentence"] = self._strip_sentence(chart, strip, card)
        except FeatureError as error:
            return {**base, "error": str(error)}
        return {**base, **card}

    def numbers(self, chart: Chart) -> dict[str, list[Any]]:
        """Return what a chart draws as columns of a table, by their names.

        Returns
        -------
        dict of str to list
            Of a histogram or a line, a row for each bin (bins are closed below and open above, the
            last one closed), then one for the rows below the bins, above them, and without a value.
            Of bars, a row for each level. Of a scatter, one for each cell that has rows.
        """
        self._check(chart)
        if chart.kind == "scatter":
            return self._scatter_numbers(chart)
        strip = count_strip(self._table, self._rows, chart.x)
        if strip.labels is not None:
            return {
                chart.x: [*strip.labels, "(missing)"],
                "shown": strip.shown.tolist(),
                "selected": strip.selected.tolist(),
            }
        assert strip.edges is not None
        edges = [_written(edge, self._is_time(chart.x)) for edge in strip.edges.tolist()]
        outside = ["below", "above", "missing"]
        columns: dict[str, list[Any]] = {
            f"{chart.x} from": [*edges[:-1], *outside],
            f"{chart.x} to": [*edges[1:], None, None, None],
            "shown": [*strip.shown.tolist(), strip.below, strip.above, strip.missing],
            "selected": [*strip.selected.tolist(), None, None, None],
        }
        if chart.kind == "line" and chart.y is not None:
            for name, line in zip(("shown", "selected"), self._lines(chart), strict=True):
                empty = [None, None, None]
                columns[f"{name} with a value of {chart.y}"] = [*line.counts.tolist(), *empty]
                columns[f"mean {chart.y} of {name}"] = [*_with_null(line.means), *empty]
        return columns

    # --- inside

    def _check(self, chart: Chart) -> None:
        """Refuse a column that a chart of its kind cannot show."""
        offered = chart_columns(self._table)
        axes = {"histogram": ["numbers"], "bars": ["levels"], "scatter": ["numbers"] * 2}
        kinds = axes.get(chart.kind, ["numbers", "numbers"])
        for name, kind in zip((chart.x, chart.y), kinds, strict=False):
            if name is not None and name not in offered[kind]:
                wanted = "levels" if kind == "levels" else _("finite numbers or times")
                raise FeatureError(
                    f"{self._label(name)!r} cannot be drawn as {_NAMES[chart.kind]}: "
                    f"it has no {wanted}; choose another column"
                )

    def _label(self, name: str) -> str:
        feature = self._table.features[name]
        return feature.label

    def _is_time(self, name: str) -> bool:
        return self._table.features[name].kind == "temporal"

    def _strip_sentence(self, chart: Chart, strip: Strip, card: dict[str, Any]) -> str:
        shown, selected = int(strip.shown.sum()), int(strip.selected.sum())
        chosen = (
            _(", {selected:,} of them selected").format(selected=selected)
            if card["selecting"]
            else ""
        )
        label = self._label(chart.x)
        if strip.labels is not None:
            most = int(np.argmax(strip.shown)) if shown else 0
            name = [*strip.labels, "missing"][most]
            largest = (
                _("; most in {name}: {shown:,}").format(name=name, shown=strip.shown[most])
                if shown
                else ""
            )
            return _("Bars of {label}: {shown}{chosen}{largest}").format(
                label=label, shown=rows_in_words(shown), chosen=chosen, largest=largest
            )
        outside = f"; {card['outside']}" if card["outside"] else ""
        brushed = _("; only {range} shown").format(range=card["range"]) if card["range"] else ""
        return _(
            "Histogram of {label} from {low} to {high}: {shown}{chosen}{outside}{brushed}"
        ).format(
            label=label,
            low=card["low"],
            high=card["high"],
            shown=rows_in_words(shown),
            chosen=chosen,
            outside=outside,
            brushed=brushed,
        )

    # --- lines

    def _lines(self, chart: Chart) -> tuple[_Line, _Line]:
        """Return the line of the rows shown, and of the selected ones."""
        bins = self._table.summaries.bins(chart.x)
        size = len(bins.edges) - 1
        values = None if chart.y is None else self._table.columns.numbers(chart.y)
        population = self._rows.population(without=chart.x)
        shown = _mean_line(bins.codes, size, values, population)
        selection = self._rows.selection()
        nothing = _Line(np.zeros(size, np.int64), np.full(size, np.nan))
        chosen = nothing if selection is None else _mean_line(bins.codes, size, values, selection)
        return shown, chosen

    def _line_card(self, chart: Chart, strip: Strip) -> dict[str, Any]:
        selecting = self._rows.selection() is not None
        if chart.y is None:
            shown: list[float | None] = [float(count) for count in strip.shown.tolist()]
            chosen = [float(count) if selecting else None for count in strip.selected.tolist()]
            what, span = "rows", (0.0, float(max(strip.shown, default=0)) or 1.0)
        else:
            line, selected = self._lines(chart)
            shown, chosen = _with_null(line.means), _with_null(selected.means)
            what, span = _("mean {y}").format(y=self._label(chart.y)), _span([*shown, *chosen])
        drawn = [value for value in shown if value is not None]
        course = (
            _("{count} bins from {lowest} to {highest}").format(
                count=len(drawn), lowest=number(min(drawn)), highest=number(max(drawn))
            )
            if drawn
            else _("no row with a value")
        )
        over = self._label(chart.x)
        return {
            "kind": "line",
            "values": shown,
            "selected_values": chosen,
            "span": span,
            "what": what,
            "ends": [number(end) for end in span],
            "sentence": _("Line of {what} over {over}: {course}").format(
                what=what, over=over, course=course
            )
            + (_("; the solid line is of the selected rows") if selecting else ""),
        }

    # --- scatters

    def _request(self, chart: Chart) -> PairRequest:
        assert chart.y is not None
        return PairRequest(chart.x, chart.y, *_PICTURE)

    def _pair(self, chart: Chart) -> PairCells:
        assert chart.y is not None
        key = (chart.x, chart.y, self._table.columns.edit_count)
        return self._cells.get(key, lambda: pair_cells(self._table, self._request(chart)))

    def _scatter(self, chart: Chart, theme: Theme) -> dict[str, Any]:
        assert chart.y is not None
        name = pair_filter_id(chart)
        plot = pair_plot(
            self._table, self._rows, self._request(chart), theme, self._pair(chart), name
        )
        present = self._rows.find_filter(name)
        box = None
        if present is not None and present.on and present.rows is not None:
            box = _box_of(present.rows, chart, plot)
        return {
            "kind": "scatter",
            "plot": {name: plot[name] for name in ("src", "x", "y", "words")},
            "box": box,
            "sentence": _("Scatter of {y} against {x}: {words}").format(
                y=self._label(chart.y), x=self._label(chart.x), words=plot["words"]
            ),
        }

    def _scatter_numbers(self, chart: Chart) -> dict[str, list[Any]]:
        cells = self._pair(chart)
        viewport, population = (
            cells.viewport,
            self._rows.population(without_filter=pair_filter_id(chart)),
        )
        selection = self._rows.selection()
        shown = count_pair(cells, _mask(population)).cells
        selected = (
            np.zeros_like(shown) if selection is None else count_pair(cells, selection.mask).cells
        )
        line, column = np.nonzero(shown)
        columns: dict[str, list[Any]] = {}
        for name, at, ends, size in (
            (chart.x, column, viewport.x_range, viewport.width),
            (chart.y or "", line, viewport.y_range, viewport.height),
        ):
            step = (ends[1] - ends[0]) / size
            for word, first in (("from", at), ("to", at + 1)):
                values = (ends[0] + step * first).tolist()
                columns[f"{name} {word}"] = [_written(end, self._is_time(name)) for end in values]
        columns["shown"] = shown[line, column].tolist()
        columns["selected"] = selected[line, column].tolist()
        return columns


_NAMES: dict[ChartKind, str] = {
    "histogram": "a histogram",
    "bars": "bars",
    "scatter": "a scatter",
    "line": _("a line"),
}


def chart_columns(table: Table) -> dict[str, list[str]]:
    """Return the columns that charts can show: "numbers" (times too), "levels", "times" first."""
    possible = strip_columns(table)
    kinds = {name: table.features[name].kind for name in possible}
    numbers = [name for name in possible if kinds[name] in ("numeric", "temporal")]
    return {
        "numbers": numbers,
        "levels": [name for name in possible if kinds[name] in ("categorical", "boolean")],
        "times": sorted(numbers, key=lambda name: kinds[name] != "temporal"),
    }


def pair_filter_id(chart: Chart) -> str:
    """Return the id of the filter that a box in a scatter sets."""
    return f"pair:{chart.x}:{chart.y}"


def _mean_line(
    codes: NDArray[np.uint8],
    size: int,
    values: NDArray[np.float64] | None,
    rows: Selection | None,
) -> _Line:
    """Count and average each bin; rows without a finite value have no part in a mean."""
    if rows is not None:
        codes = codes[rows.mask]
        values = None if values is None else values[rows.mask]
    if values is not None:
        finite = np.isfinite(values)
        if not finite.all():
            codes, values = codes[finite], values[finite]
    counts = np.bincount(codes, minlength=size)[:size]
    if values is None:
        return _Line(counts, counts.astype(np.float64))
    sums = np.bincount(codes, weights=values, minlength=size)[:size]
    means = np.full(size, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return _Line(counts, means)


def _span(values: Iterable[float | None]) -> tuple[float, float]:
    present = [value for value in values if value is not None]
    low, high = (min(present), max(present)) if present else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _with_null(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def _written(value: float, time: bool) -> Any:
    return str(np.datetime64(int(value), "s")) if time else value


def _mask(rows: Selection | None) -> NDArray[np.bool_] | None:
    return None if rows is None else rows.mask


def _box_of(rows: Any, chart: Chart, plot: dict[str, Any]) -> list[float] | None:
    """Return a box as shares of the picture, [left, right, low, high]; None for other rows."""
    assert chart.y is not None
    ranges = {part["column"]: part["range"] for part in rows.get("and", [rows]) if "range" in part}
    shares: list[float] = []
    for name, axis in ((chart.x, plot["x"]), (chart.y, plot["y"])):
        if name not in ranges:
            return None
        width = axis["high"] - axis["low"]
        shares += [min(max((end - axis["low"]) / width, 0.0), 1.0) for end in ranges[name]]
    return shares
