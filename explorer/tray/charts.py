"""The charts under the map: up to four, which count, filter and select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import param

from explorer.core.csv_text import columns_csv
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.relations.pair_plot import PairRequest, pair_box
from explorer.session.rows.strips import default_strips
from explorer.state import actions
from explorer.state.tray_settings import MOST_CHARTS, Chart, ChartKind
from explorer.tray.chart_cards import ChartCards, chart_columns, pair_filter_id
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.plots.strip_view import StripView

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["TrayCharts"]

_COUNTED = {"selection", "filters", "tray", "maps", "catalogue", "selections", "labels", "theme"}
_LISTED = 500  # lines of a table of numbers that the page shows; the file has all


class TrayCharts(StripView):
    """The charts under the map."""

    _files = "charts"

    charts = param.Dict(default={}, doc="The charts, as `ChartCards.card` says.")
    columns = param.Dict(default={}, doc="Columns to choose from, by what a chart needs.")
    numbers = param.Dict(default={}, doc="The numbers of the chart whose numbers were asked for.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._cards = ChartCards(session.table, session.rows)
        self._unfolded: frozenset[str] = frozenset()
        self._own_charts: tuple[Chart, ...] | None = None
        self._counts: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._count(), self._show
        )
        self._tables: LatestTask[int, dict[str, Any]] = LatestTask(
            schedule, self._tabulate, self._show_numbers
        )
        self.refresh(frozenset(_COUNTED))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _COUNTED:
            self._counts.submit(None)

    # --- what the page sends

    def on_add(self, chart: ChartKind) -> None:
        """Show one more chart of this kind, of the first columns that no other one shows."""
        charts = self._charts()
        if len(charts) < MOST_CHARTS:
            self._set((*charts, self._first(chart)))

    def on_change(self, place: int, chart: ChartKind, x: str, y: str | None) -> None:
        """Show another chart in this place; a column that its kind cannot show is replaced."""
        charts = list(self._charts())
        if not 0 <= place < len(charts):
            return
        offered = chart_columns(self._session.table)
        first = self._first(chart)
        x = x if x in offered["levels" if chart == "bars" else "numbers"] else first.x
        y = y if y in offered["numbers"] else first.y
        charts[place] = Chart(kind=chart, x=x, y=y if chart in ("scatter", "line") else None)
        self._set(tuple(charts))

    def on_remove(self, place: int) -> None:
        """Take a chart away; a filter that it has set stays."""
        charts = self._charts()
        self._set(tuple(chart for at, chart in enumerate(charts) if at != place))

    def on_box(
        self,
        place: int,
        x: tuple[float, float] | None,
        y: tuple[float, float] | None,
        mode: actions.SelectMode | None = None,
    ) -> None:
        """Keep only the rows in a rectangle of a scatter, with a mode select them.

        None for both ends: keep all again.
        """
        charts, state = self._charts(), self._session.state
        if not 0 <= place < len(charts) or charts[place].y is None:
            return
        name = pair_filter_id(charts[place])
        if x is None or y is None:
            if self._session.rows.find_filter(name) is not None:
                state.act(actions.remove_filter, id=name)
            return
        rows = pair_box(PairRequest(charts[place].x, charts[place].y or "", 0, 0), x, y)
        if mode is None:
            state.act(actions.add_filter, id=name, rows=rows)
        else:
            state.act(actions.select, selection=rows, mode=mode)

    def on_unfold(self, column: str) -> None:
        """List all levels of bars, or the largest alone again; nobody else's page changes."""
        self._unfolded = self._unfolded ^ {column}
        self._counts.submit(None)

    def on_numbers(self, place: int) -> None:
        """Show what a chart draws as a table."""
        self._tables.submit(place)

    # --- inside

    def _set(self, charts: tuple[Chart, ...]) -> None:
        self._session.state.act(actions.set_charts, charts=charts)

    def _charts(self) -> tuple[Chart, ...]:
        """Return the charts: the chosen ones, even none, or the automatic ones."""
        chosen = self._session.state.document.tray.charts
        if chosen is not None:
            return chosen
        if self._own_charts is None:  # kept: what is looked at does not change by itself
            table = self._session.table
            offered = chart_columns(table)
            names = default_strips(table, self._session.start.features)
            numbers = [name for name in names if name in offered["numbers"]]
            levels = [name for name in names if name in offered["levels"]]
            charts = [Chart(kind="bars", x=name) for name in levels[:1]]
            charts += [Chart(kind="histogram", x=name) for name in numbers[:1]]
            if len(numbers) > 1:
                charts.append(Chart(kind="scatter", x=numbers[0], y=numbers[1]))
            self._own_charts = tuple(charts)
        return self._own_charts

    def _first(self, kind: ChartKind) -> Chart:
        """Return a chart of a kind, of the first columns that no chart of the kind shows yet."""
        offered = chart_columns(self._session.table)
        used = {chart.x for chart in self._charts() if chart.kind == kind}
        names = offered["levels" if kind == "bars" else "times" if kind == "line" else "numbers"]
        if not names:
            what = "levels" if kind == "bars" else "numbers"
            raise ExplorerError(f"this table has no column with {what} to draw")
        x = next((name for name in names if name not in used), names[0])
        if kind != "scatter":
            return Chart(kind=kind, x=x)
        return Chart(kind=kind, x=x, y=next((name for name in names if name != x), x))

    # --- in a thread

    def _count(self) -> dict[str, Any]:
        charts, session = self._charts(), self._session
        theme = session.scene.theme()
        offered = chart_columns(session.table)
        columns = {
            need: [[name, session.table.features[name].label] for name in names]
            for need, names in offered.items()
        }
        cards = [
            self._cards.card(chart, place, theme, unfolded=chart.x in self._unfolded)
            for place, chart in enumerate(charts)
        ]
        return {"cards": cards, "columns": columns, "full": len(charts) >= MOST_CHARTS}

    def _tabulate(self, place: int) -> dict[str, Any]:
        charts = self._charts()
        if not 0 <= place < len(charts):
            return {}
        try:
            columns = self._cards.numbers(charts[place])
        except ExplorerError as error:
            return {"error": str(error)}
        lines = [list(line) for line in zip(*columns.values(), strict=True)]
        total = len(lines)
        return {
            "name": f"{charts[place].kind}.csv",
            "heads": list(columns),
            "lines": lines[:_LISTED],
            "words": _("the first {listed:,} of {total:,} lines; the file has all").format(
                listed=_LISTED, total=total
            )
            if total > _LISTED
            else _("{total:,} lines").format(total=total),
            "csv": columns_csv({name: _plain(cells) for name, cells in columns.items()}),
        }

    # --- on the event loop

    def _show(self, counted: dict[str, Any]) -> None:
        columns = counted.pop("columns")
        if columns != self.columns:
            self.columns = columns
        self.charts = {**counted, "turn": self.charts.get("turn", 0) + 1}

    def _show_numbers(self, numbers: dict[str, Any]) -> None:
        self.numbers = {**numbers, "turn": self.numbers.get("turn", 0) + 1}


def _plain(cells: list[Any]) -> list[Any]:
    """Return cells of one type: text where any is text."""
    if not any(isinstance(cell, str) for cell in cells):
        return cells
    return [None if cell is None else str(cell) for cell in cells]
