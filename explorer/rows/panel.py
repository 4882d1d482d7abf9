"""The rows on the left: filters, selection, and strips that count and filter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import param

from explorer.compare.controller import CompareController
from explorer.core.errors import EmbeddingError, ExplorerError, SelectionError
from explorer.core.gettext import _
from explorer.rows.export_card import RowExport
from explorer.rows.export_rows import saved_columns
from explorer.rows.labels_card import RowLabelsCard
from explorer.rows.map_offer import map_offer
from explorer.rows.saved_rows import SavedRowsCard
from explorer.session.rows.row_search import find_rows, title_column
from explorer.session.rows.selection_resolver import describe_definition
from explorer.session.rows.strips import count_strip, default_strips, strip_columns
from explorer.state import actions
from explorer.table.selecting import columns_to_labels, labels_to_columns
from explorer.ui.filter_entry import example_filter, quote_name
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.plots.strip_view import StripView
from explorer.ui.strip_card import range_in_words, rows_in_words, strip_card

if TYPE_CHECKING:
    from explorer.selection.selection import Selection
    from explorer.session.session import Session
    from explorer.state.definition import Definition
    from explorer.state.filter import Filter

__all__ = ["RowsPanel"]

_COUNTED = {
    "selection",
    "filters",
    "groups",
    "strips",
    "maps",
    "notes",
    "projected",
    "catalogue",
    "selections",
    "features",
    "method",
}


class RowsPanel(StripView):
    """The rows on the left."""

    _files = "panel"

    rows = param.Dict(default={}, doc="What is shown.")
    columns = param.Dict(
        default={}, doc="What the table's columns can be asked for; changes with the labels."
    )
    saved = param.Dict(default={}, doc="A file to save, or that one is being written.")
    found = param.Dict(default={}, doc="Rows found by their title.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._groups = session.part(CompareController)
        self._error = self._refused = ""
        self._used = 0
        self._own_strips: list[str] | None = None
        self._own_strips_last = False
        self._unfolded: frozenset[str] = frozenset()
        self._names: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._known(), self._offer
        )
        self._counts: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._count_rows(), self._show
        )
        self._expressions: LatestTask[
            tuple[str, actions.SelectMode | None], tuple[str, actions.SelectMode | None, str]
        ] = LatestTask(schedule, self._check_filter, self._use)
        self._exports = RowExport(
            session.table, session.rows, session.offer_file, schedule, self._save
        )
        self._label_files: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, lambda form: self._labels.file(form), self._save
        )
        self._finds: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, self._find, self._show_found
        )
        parts = session.table, session.state, session.rows
        counted = partial(self._counts.submit, None)
        self._saved = SavedRowsCard(*parts, schedule, counted, session.user)
        self._labels = RowLabelsCard(*parts, schedule, counted, session.user)
        self.refresh(frozenset(_COUNTED))
        self._names.submit(None)

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _COUNTED:
            self._counts.submit(None)
        if changed & {"labels", "catalogue"}:
            self._names.submit(None)

    # --- what the page sends

    def on_filter(self, expression: str, mode: actions.SelectMode | None = None) -> None:
        """Keep only the rows of an expression, or with a mode select them.

        Why one cannot be used is said under the field.
        """
        self._expressions.submit((expression, mode))

    def on_switch(self, name: str, on: bool) -> None:
        """Switch a filter off without losing it, or on again."""
        self._session.state.act(actions.switch_filter, id=name, on=on)

    def on_unfilter(self, name: str) -> None:
        """Remove a filter."""
        self._session.state.act(actions.remove_filter, id=name)

    def on_unfold(self, column: str) -> None:
        """List all levels of a strip, or the largest alone again; nobody else's page changes."""
        self._unfolded = self._unfolded ^ {column}
        self._counts.submit(None)

    def on_all(self, column: str) -> None:
        """Show the rows of all levels again."""
        self._session.rows.filter_levels(
            column, np.ones(len(self._session.table.columns.levels(column).labels) + 1, np.bool_)
        )

    def on_add_strip(self, column: str) -> None:
        """Show one more strip, below the others."""
        self._session.state.act(actions.set_strips, names=[*self._strip_names(), column])

    def on_remove_strip(self, column: str) -> None:
        """Take a strip away; a filter on its column stays."""
        self._session.state.act(
            actions.set_strips, names=[n for n in self._strip_names() if n != column]
        )

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.rows.clear_selection()

    def on_invert(self) -> None:
        """Select the rows that are not selected."""
        self._session.rows.invert_selection()

    def on_table(self) -> None:
        """Show the selected rows as a table."""
        self._session.state.act(actions.set_tab, name="Rows")

    def on_save_rows(self, name: str, author: str) -> None:
        """Save the selected rows under a name."""
        self._saved.save(name, author)

    def on_pick_saved(self, name: str, mode: actions.SelectMode) -> None:
        """Select saved rows, or combine them with the selection."""
        self._saved.pick(name, mode)

    def on_rename_saved(self, name: str, called: str) -> None:
        """Give saved rows another name."""
        self._saved.rename(name, called)

    def on_remove_saved(self, name: str) -> None:
        """Remove saved rows for everybody."""
        self._saved.remove(name)

    def on_keep(self) -> None:
        """Turn the selection into a filter."""
        self._session.rows.filter_to_selection()

    def on_map_rows(self, which: Literal["shown", "selected"]) -> None:
        """Make a map of the rows that the filters leave, or of the selected ones, alone."""
        try:
            self._session.projection.project(which)
        except ExplorerError as error:
            self._session.note(str(error))
            self._counts.submit(None)
        else:
            self._session.state.act(actions.set_tab, name="Map")

    def on_store(self, which: actions.GroupName) -> None:
        """Keep the selection as group "a" or "b"."""
        try:
            self._groups.store(which)
        except ExplorerError as error:
            self._session.note(str(error))
            self._counts.submit(None)

    def on_forget(self, which: actions.GroupName) -> None:
        """Let go of a group."""
        self._session.state.act(actions.forget_group, which=which)

    def on_name(self, which: actions.GroupName, name: str) -> None:
        """Name a group."""
        self._session.state.act(actions.name_group, which=which, name=name)

    def on_compare(self) -> None:
        """Compare the groups, and show it."""
        self._groups.show()

    def on_export(self, form: str) -> None:
        """Hand out the selected rows as CSV or Parquet."""
        self._exports.submit(form)

    def on_find(self, text: str) -> None:
        """Find rows whose title has a text in it."""
        self._finds.submit(text)

    def on_go(self, row: int) -> None:
        """Look at a row, and fly to it on the map."""
        self._session.look_at_row(row, tab="Map", zoom=True)

    def on_label(self, column: str, level: str, author: str) -> None:
        """Give the selected rows a level of a label column."""
        self._labels.label(column, level, author)

    def on_relabel(self, column: str, level: str, name: str) -> None:
        """Give a level of a label another name."""
        self._labels.rename(column, level, name)

    def on_unlabel(self, column: str, level: str | None) -> None:
        """Take a level of a label away, or the whole label."""
        self._labels.clear(column, level)

    def on_pick_level(self, column: str, level: str) -> None:
        """Select the rows of a level."""
        self._session.state.act(actions.select, selection={"column": column, "levels": [level]})

    def on_color(self, column: str) -> None:
        """Colour the map by a label."""
        self._session.color_by(column)

    def on_export_labels(self, form: str) -> None:
        """Hand out the labelled rows as CSV or Parquet."""
        self._label_files.submit(form)

    def _strip_names(self) -> list[str]:
        """Return the columns of the strips: the chosen ones, even none, or the automatic ones."""
        chosen = self._session.state.document.strips
        if chosen is None:
            return self._default_strips()
        possible = strip_columns(self._session.table)
        for name in chosen:
            if name not in possible:
                self._session.note(
                    _("{name!r} has no strip: it has neither levels nor a finite number").format(
                        name=self._label(name)
                    )
                )
        return [name for name in chosen if name in possible]

    def _default_strips(self) -> list[str]:
        """Return the strips that nobody chose.

        Better ones may come while features are counted, until somebody works with them.
        """
        table, document = self._session.table, self._session.state.document
        used = bool(document.filters or document.selection)
        if self._own_strips is None or not (used or self._own_strips_last):
            self._own_strips_last = table.profiles.count_exact() >= len(table.column_names)
            self._own_strips = default_strips(self._session.table, self._session.start.features)
        return [name for name in self._own_strips if name in table.features]

    # --- in a thread

    def _check_filter(
        self, request: tuple[str, actions.SelectMode | None]
    ) -> tuple[str, actions.SelectMode | None, str]:
        """Evaluate an expression and keep its rows; return why it cannot be, or nothing."""
        expression, mode = request
        typed = expression
        try:
            expression = labels_to_columns(self._session.table, typed)
            self._session.resolver.rows_of({"expression": expression})
        except ExplorerError as error:
            return typed, mode, str(error)
        return expression, mode, ""

    def _count_rows(self) -> dict[str, Any]:
        session = self._session
        population, selection = session.rows.population(), session.rows.selection()
        total = session.table.num_rows
        shown = total if population is None else population.count()
        strips = [
            strip_card(
                session.table,
                session.rows,
                count_strip(session.table, session.rows, name),
                selection is not None,
                name in self._unfolded,
            )
            for name in self._strip_names()
        ]
        return {
            "count": _("{shown:,} of {total:,} shown").format(shown=shown, total=total),
            "filters": [self._chip(entry) for entry in session.state.document.filters],
            "map": None
            if population is None
            else map_offer(session.table, session.state.document, shown),
            "selection": None if selection is None else self._selected(selection, shown),
            "groups": self._groups.card(),
            "saved": self._saved.shown(),
            "labels": self._labels.shown(),
            "strips": strips,
            "warnings": list(session.table.columns.catalogue.table.warnings),
            "notes": [*session.table.source.notes, *session.notes],
            "error": self._error,
            "refused": self._refused,
            "used": self._used,
        }

    def _known(self) -> dict[str, Any]:
        return {
            "names": [
                [name, quote_name(name), self._label(name)]
                for name in self._session.table.column_names
            ],
            "strips": [[name, self._label(name)] for name in strip_columns(self._session.table)],
            "example": example_filter(self._session.table, self._session.start.features),
        }

    def _selected(self, selection: Selection, shown: int) -> dict[str, Any]:
        definition, count = self._session.state.document.selection, selection.count()
        if definition is None:  # taken away since it was counted
            definition = selection.definition
        hidden = self._session.resolver.rows_of(definition).count() - count
        share = (
            _("{count:.1f} % of the rows shown").format(count=100 * count / shown)
            if shown
            else _("no row is shown")
        )
        names = saved_columns(self._session.table)
        size = f"{rows_in_words(count)} × {len({*names, 'row'}):,} columns"
        text = f"{self._words(definition)} · {share}"
        if hidden > 0:
            text += " · " + _("the filters hide {hidden:,} more of {count:,}").format(
                hidden=hidden, count=count + hidden
            )
        offer = map_offer(self._session.table, self._session.state.document, count)
        return {"count": count, "words": text, "size": size, "map": offer}

    def _words(self, definition: Definition) -> str:
        if set(definition) == {"expression"}:
            definition = {
                "expression": columns_to_labels(self._session.table, definition["expression"])
            }
        return describe_definition(definition, self._label)

    def _chip(self, entry: Filter) -> dict[str, Any]:
        definition = entry.definition
        text = self._words(definition)
        if entry.range is not None and entry.column is not None:
            table, column = self._session.table, entry.column
            text = f"{self._label(column)}: {range_in_words(table, column, entry.range)}"
        try:
            count = rows_in_words(self._session.resolver.rows_of(definition).count())
        except (
            EmbeddingError,
            SelectionError,
        ) as error:  # drawn on a map, or saved in a place, that is not there
            return {"id": entry.id, "on": entry.on, "text": text, "words": str(error)}
        if entry.rows is not None and not entry.id.startswith("column:"):
            text = f"{text} · {count}"
        return {
            "id": entry.id,
            "on": entry.on,
            "text": text,
            "words": _("{count} of the table").format(count=count),
        }

    def _find(self, text: str) -> dict[str, Any]:
        table = self._session.table
        matches, column = find_rows(table, text), title_column(table)
        names = matches.titles
        # rows of one title are told apart by their number
        again = {name for name in names if names.count(name) > 1}
        rows = [
            [row, name, _("row {row:,}").format(row=row) if name in again else ""]
            for row, name in zip(matches.rows, names, strict=True)
        ]
        label = self._label(column) if column else ""
        return {"text": text, "rows": rows, "count": matches.count, "column": label}

    # --- on the event loop

    def _use(self, tried: tuple[str, actions.SelectMode | None, str]) -> None:
        expression, mode, self._error = tried
        self._refused = expression if self._error else ""
        if not self._error:
            self._used += 1
            if mode is None:
                self._session.state.act(
                    actions.add_filter, id=f"expression:{expression}", expression=expression
                )
            else:
                self._session.state.act(
                    actions.select, selection={"expression": expression}, mode=mode
                )
        self._counts.submit(None)

    def _offer(self, columns: dict[str, Any]) -> None:
        self.columns = columns

    def _show(self, rows: dict[str, Any]) -> None:
        self.rows = rows

    def _show_found(self, matches: dict[str, Any]) -> None:
        self.found = {**matches, "turn": self.found.get("turn", 0) + 1}

    def _save(self, saved: dict[str, Any]) -> None:
        self.saved = {**saved, "turn": self.saved.get("turn", 0) + 1}

    def _label(self, column: str) -> str:
        return self._session.table.features[column].label
