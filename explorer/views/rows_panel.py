"""The rows on the left: filters, selection, and strips that count and filter."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from explorer.errors import EmbeddingError, ExplorerError
from explorer.features.kind import countable
from explorer.rows.expressions import parse_expression
from explorer.session.definitions import filter_definition, words_of
from explorer.session.groups import Groups
from explorer.session.level_filter import kept_levels
from explorer.session.strips import default_strips, strip_columns, strip_of
from explorer.views.component import Component
from explorer.views.filter_entry import example_of, written
from explorer.views.latest import Latest, Schedule
from explorer.views.strip_card import range_in_words, rows_in_words, strip_card

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["RowsPanel"]

_COUNTED = {"selection", "filters", "groups", "strips", "maps", "notes", "projected", "catalogue"}
_MOST_SAVED = 1_000_000


class RowsPanel(Component):
    """The rows on the left.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "rows_panel"

    rows = param.Dict(default={}, doc="What is shown.")
    columns = param.Dict(default={}, doc="What the table's columns can be asked for; the same all the time.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._groups = Groups(session)
        self._error = self._refused = ""
        self._unfolded: frozenset[str] = frozenset()
        self._names: Latest[None, dict[str, Any]] = Latest(schedule, lambda _: self._known(), self._offer)
        self._counts: Latest[None, dict[str, Any]] = Latest(schedule, lambda _: self._counted(), self._show)
        self._exports: Latest[None, dict[str, Any]] = Latest(schedule, lambda _: self._file(), self._save)
        self.refresh(frozenset(_COUNTED))
        self._names.ask(None)

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _COUNTED:
            self._counts.ask(None)

    # --- what the page sends

    def on_filter(self, expression: str) -> None:
        """Keep only the rows of an expression; one that cannot be used is said under the field."""
        self._error = self._refused = ""
        try:
            known = self._session.table
            for column in parse_expression(expression).columns:
                known.feature(column)
            self._session.definitions.rows_of({"expression": expression})
            self._session.state.act("add_filter", id=f"expression:{expression}", expression=expression)
        except ExplorerError as error:
            self._error, self._refused = str(error), expression
        self._counts.ask(None)

    def on_switch(self, name: str, on: bool) -> None:
        """Switch a filter off without losing it, or on again."""
        self._session.state.act("switch_filter", id=name, on=on)

    def on_unfilter(self, name: str) -> None:
        """Remove a filter."""
        self._session.state.act("remove_filter", id=name)

    def on_levels(self, column: str, level: str | None, on: bool) -> None:
        """Show or hide the rows of one level."""
        kept = kept_levels(self._session.column_filter(column), self._session.table.levels(column))
        kept[self._code(column, level)] = on
        self._session.filter_levels(column, kept)

    def on_only(self, column: str, level: str | None) -> None:
        """Show the rows of one level alone."""
        kept = np.zeros(len(self._session.table.levels(column).labels) + 1, np.bool_)
        kept[self._code(column, level)] = True
        self._session.filter_levels(column, kept)

    def on_all(self, column: str) -> None:
        """Show the rows of all levels again."""
        self._session.filter_levels(
            column, np.ones(len(self._session.table.levels(column).labels) + 1, np.bool_)
        )

    def on_unfold(self, column: str) -> None:
        """List all levels of a strip, or the largest alone again; nobody else's page changes."""
        self._unfolded = self._unfolded ^ {column}
        self._counts.ask(None)

    def on_add_strip(self, column: str) -> None:
        """Show one more strip, below the others."""
        self._session.state.act("set_strips", names=[*self._strip_names(), column])

    def on_remove_strip(self, column: str) -> None:
        """Take a strip away; a filter on its column stays."""
        self._session.state.act("set_strips", names=[n for n in self._strip_names() if n != column])

    def on_range(self, column: str, ends: list[float] | None) -> None:
        """Keep only a range of a number, both ends inclusive, or all of it again."""
        name = f"column:{column}"
        if ends is not None:
            self._session.state.act("add_filter", id=name, column=column, range=self._opened(column, ends))
        elif self._session.column_filter(column) is not None:
            self._session.state.act("remove_filter", id=name)

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.clear()

    def on_keep(self) -> None:
        """Turn the selection into a filter."""
        self._session.keep_selection()

    def on_store(self, which: str) -> None:
        """Keep the selection as group "a" or "b"."""
        try:
            self._groups.store(which)
        except ExplorerError as error:
            self._session.note(str(error))
            self._counts.ask(None)

    def on_forget(self, which: str) -> None:
        """Let go of a group."""
        self._session.state.act("forget_group", which=which)

    def on_name(self, which: str, name: str) -> None:
        """Name a group."""
        self._session.state.act("name_group", which=which, name=name)

    def on_compare(self) -> None:
        """Compare the groups, and show it."""
        turn = self._session.messages.get("ask", 0) + 1
        self._session.state.act("set_tab", name="Compare")
        self._session.tell("ask", turn)

    def on_export(self) -> None:
        """Hand out the selected rows as CSV."""
        self._exports.ask(None)

    def _code(self, column: str, level: str | None) -> int:
        labels = self._session.table.levels(column).labels
        return len(labels) if level is None else labels.index(level)

    def _strip_names(self) -> list[str]:
        """Return the columns of the strips: the chosen ones, even none, or those of their own accord."""
        chosen = self._session.state.document["strips"]
        if chosen is None:
            return default_strips(self._session)
        possible = strip_columns(self._session)
        for name in chosen:
            if name not in possible:
                self._session.note(
                    f"{self._label(name)!r} has no strip: it has neither levels nor a finite number"
                )
        return [name for name in chosen if name in possible]

    def _opened(self, column: str, ends: list[float]) -> list[float]:
        """Take the rows beyond the bars too, where a brush reaches the end of them; end on values of whole numbers."""
        summary = self._session.table.summaries[column]
        edges = self._session.table.bins(column).edges
        low, high = ends
        # bins that begin half-way between two whole numbers: "≤ 2009.5" would be read as "≤ 2010"
        if edges[0] % 1 == 0.5 and np.ceil(low) <= np.floor(high):
            low, high = float(np.ceil(low)), float(np.floor(high))
        if ends[0] <= edges[0] and summary.minimum is not None:
            low = summary.minimum
        if ends[1] >= edges[-1] and summary.maximum is not None:
            high = summary.maximum
        return [low, high]

    # --- in a thread

    def _counted(self) -> dict[str, Any]:
        session = self._session
        population, selection = session.population(), session.selection()
        total = session.table.num_rows
        shown = total if population is None else population.count()
        strips = [
            strip_card(session, strip_of(session, name), selection is not None, name in self._unfolded)
            for name in self._strip_names()
        ]
        return {
            "count": f"{shown:,} of {total:,} shown",
            "filters": [self._chip(entry) for entry in session.state.document["filters"]],
            "selection": None if selection is None else self._selected(selection.count(), shown),
            "groups": self._groups.card(),
            "strips": strips,
            "warnings": list(session.table.catalogue.table.warnings),
            "notes": [*session.table.source.notes, *session.notes],
            "error": self._error,
            "refused": self._refused,
        }

    def _known(self) -> dict[str, Any]:
        return {
            "names": [[name, written(name)] for name in self._session.table.features],
            "strips": [[name, self._label(name)] for name in strip_columns(self._session)],
            "example": example_of(self._session),
        }

    def _selected(self, count: int, shown: int) -> dict[str, Any]:
        definition = self._session.state.document["selection"]
        share = f"{100 * count / shown:.1f} % of the rows shown" if shown else "no row is shown"
        names = self._saved_columns()
        size = f"{rows_in_words(count)} × {len({*names, 'row'}):,} columns"
        return {"count": count, "words": f"{words_of(definition, self._label)} · {share}", "size": size}

    def _chip(self, entry: dict[str, Any]) -> dict[str, Any]:
        definition = filter_definition(entry)
        text = words_of(definition, self._label)
        if "range" in entry:
            text = f"{self._label(entry['column'])}: {range_in_words(self._session, entry['column'], entry['range'])}"
        try:
            count = rows_in_words(self._session.definitions.rows_of(definition).count())
        except EmbeddingError as error:  # drawn on a map that is not there
            return {"id": entry["id"], "on": entry["on"], "text": text, "words": str(error)}
        if "rows" in entry and not entry["id"].startswith("column:"):
            text = f"{text} · {count}"
        return {"id": entry["id"], "on": entry["on"], "text": text, "words": f"{count} of the table"}

    def _saved_columns(self) -> list[str]:
        features = self._session.table.features
        return [n for n, f in features.items() if countable(f)]

    def _file(self) -> dict[str, Any]:
        selection = self._session.selection()
        if selection is None:
            return {}
        rows = selection.rows()
        if len(rows) > _MOST_SAVED:
            self._session.note(
                f"{len(rows):,} rows are too many for a file by the browser (1,000,000 at most): use explorer from Python"
            )
            return {}
        import pyarrow.csv

        names = self._saved_columns()
        picked = self._session.table.source.take(rows, names)
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(picked.append_column("row", [rows]) if "row" not in names else picked, buffer)
        data = base64.b64encode(buffer.getvalue()).decode()
        return {"name": "selected-rows.csv", "data": f"data:text/csv;base64,{data}"}

    # --- on the event loop

    def _offer(self, columns: dict[str, Any]) -> None:
        self.columns = columns

    def _show(self, rows: dict[str, Any]) -> None:
        self.rows = rows

    def _save(self, saved: dict[str, Any]) -> None:
        if saved:
            self.saved = {**saved, "turn": self.saved.get("turn", 0) + 1}

    def _label(self, column: str) -> str:
        return self._session.table.features[column].label
