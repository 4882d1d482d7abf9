"""The rows on the left: filters, selection, and strips that count and filter."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from explorer.errors import EmbeddingError, ExplorerError
from explorer.rows.expressions import parse_expression
from explorer.session.definitions import filter_definition, words_of
from explorer.session.hover import value_in_words
from explorer.session.strips import Strip, default_strips, strip_of
from explorer.views.component import Component
from explorer.views.latest import Latest, Schedule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.session.session import Session

__all__ = ["RowsPanel"]

_COUNTED = {"selection", "filters", "strips", "maps", "notes", "projected"}
_SHOWN_LEVELS = 12
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
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._error = ""
        self._counts: Latest[None, dict[str, Any]] = Latest(schedule, lambda _: self._counted(), self._show)
        self._exports: Latest[None, dict[str, Any]] = Latest(schedule, lambda _: self._file(), self._save)
        self.refresh(frozenset(_COUNTED))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _COUNTED:
            self._counts.ask(None)

    # --- what the page sends

    def on_filter(self, expression: str) -> None:
        """Keep only the rows of an expression; one that cannot be used is said under the field."""
        self._error = ""
        try:
            known = self._session.table
            for column in parse_expression(expression).columns:
                known.feature(column)
            self._session.definitions.rows_of({"expression": expression})
            self._session.state.act("add_filter", id=f"expression:{expression}", expression=expression)
        except ExplorerError as error:
            self._error = str(error)
        self._counts.ask(None)

    def on_switch(self, name: str, on: bool) -> None:
        """Switch a filter off without losing it, or on again."""
        self._session.state.act("switch_filter", id=name, on=on)

    def on_unfilter(self, name: str) -> None:
        """Remove a filter."""
        self._session.state.act("remove_filter", id=name)

    def on_levels(self, column: str, level: Any, on: bool) -> None:
        """Show or hide the rows of one level."""
        strip = self.strip_levels(column)
        present = self._filter(column)
        kept = strip if present is None else present["levels"]
        kept = [value for value in strip if (value == level and on) or (value != level and value in kept)]
        if len(kept) == len(strip):
            self._session.state.act("remove_filter", id=f"column:{column}")
        else:
            self._session.state.act("add_filter", id=f"column:{column}", column=column, levels=kept)

    def on_range(self, column: str, ends: list[float] | None) -> None:
        """Keep only a range of a number, both ends inclusive, or all of it again."""
        name = f"column:{column}"
        if ends is not None:
            self._session.state.act("add_filter", id=name, column=column, range=self._opened(column, ends))
        elif self._filter(column) is not None:
            self._session.state.act("remove_filter", id=name)

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.clear()

    def on_keep(self) -> None:
        """Turn the selection into a filter."""
        self._session.keep_selection()

    def on_export(self) -> None:
        """Hand out the selected rows as CSV."""
        self._exports.ask(None)

    def _opened(self, column: str, ends: list[float]) -> list[float]:
        """Take the rows beyond the bars too, where a brush reaches the end of them."""
        summary = self._session.table.summaries[column]
        edges = self._session.table.bins(column).edges
        low = summary.minimum if ends[0] <= edges[0] and summary.minimum is not None else ends[0]
        high = summary.maximum if ends[1] >= edges[-1] and summary.maximum is not None else ends[1]
        return [low, high]

    def strip_levels(self, column: str) -> list[Any]:
        """Return all levels of a column as JSON values, None for missing."""
        levels = self._session.table.levels(column)
        return [*levels.labels, *([None] if levels.counts[-1] else [])]

    # --- in a thread

    def _counted(self) -> dict[str, Any]:
        session = self._session
        population, selection = session.population(), session.selection()
        total = session.table.num_rows
        shown = total if population is None else population.count()
        strips = session.state.document["strips"]
        return {
            "count": f"{shown:,} of {total:,} shown",
            "filters": [self._chip(entry) for entry in session.state.document["filters"]],
            "selection": None if selection is None else self._selected(selection.count(), shown),
            "strips": [
                self._strip(strip_of(session, name), selection is not None)
                for name in strips or default_strips(session)
            ],
            "warnings": list(session.table.catalogue.table.warnings),
            "notes": [*session.table.source.notes, *session.notes],
            "error": self._error,
        }

    def _selected(self, count: int, shown: int) -> dict[str, Any]:
        definition = self._session.state.document["selection"]
        share = f"{100 * count / shown:.1f} % of the rows shown" if shown else "no row is shown"
        return {"count": count, "words": f"{words_of(definition, self._label)} · {share}"}

    def _chip(self, entry: dict[str, Any]) -> dict[str, Any]:
        definition = filter_definition(entry)
        text = words_of(definition, self._label)
        try:
            words = f"{self._session.definitions.rows_of(definition).count():,} rows of the table"
        except EmbeddingError as error:  # drawn on a map that is not there
            words = str(error)
        return {"id": entry["id"], "on": entry["on"], "text": text, "words": words}

    def _strip(self, strip: Strip, selecting: bool) -> dict[str, Any]:
        feature = self._session.table.features[strip.column]
        base = {"column": strip.column, "label": feature.label, "unit": feature.unit}
        present = self._filter(strip.column)
        if strip.edges is not None:
            return {**base, "kind": "histogram", **self._bars(strip, feature, present)}
        return {
            **base,
            "kind": "levels",
            "how": "selected / shown" if selecting else "",
            "selecting": selecting,
            **self._levels(strip, present),
        }

    def _levels(self, strip: Strip, present: dict[str, Any] | None) -> dict[str, Any]:
        assert strip.labels is not None
        names: list[str | None] = [*strip.labels, None]
        order = [i for i in range(len(names)) if names[i] is not None or strip.shown[i]]
        # the largest of the table first, so that bars keep their places while filters change
        listed = order[:_SHOWN_LEVELS]
        kept = None if present is None or not present["on"] else present["levels"]
        levels = [
            {
                "value": names[i], "label": "missing" if names[i] is None else names[i], "on": kept is None or names[i] in kept,
                "shown": int(strip.shown[i]), "selected": int(strip.selected[i]),
            }
            for i in listed
        ]  # fmt: skip
        rest = int(strip.shown[order[_SHOWN_LEVELS:]].sum())
        more = f"+ {len(order) - len(listed)} more levels, {rest:,} rows" if len(order) > len(listed) else ""
        return {"levels": levels, "more": more}

    def _bars(self, strip: Strip, feature: Any, present: dict[str, Any] | None) -> dict[str, Any]:
        assert strip.edges is not None
        brushed = present["range"] if present and present["on"] else None
        first, last = _ends(strip.edges)
        most = self._session.table.summaries[strip.column].maximum
        # the last bin of whole numbers may be wider than what is left for it
        low, high = self._end(first, feature), self._end(last if most is None else min(last, most), feature)
        words = f"{self._end(brushed[0], feature)} – {self._end(brushed[1], feature)}" if brushed else ""
        return {
            "edges": strip.edges.tolist(), "shown": strip.shown.tolist(), "selected": strip.selected.tolist(),
            "low": low, "high": high, "range": words, "brushed": brushed,
        }  # fmt: skip

    def _end(self, value: float, feature: Any) -> str:
        if feature.kind == "temporal":
            return str(np.datetime64(int(value), "s"))[:10]
        return value_in_words(float(value), feature).removesuffix(feature.unit).strip()

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

        names = [
            n
            for n, f in self._session.table.features.items()
            if f.kind != "vector" and "not profiled" not in f.notes
        ]
        picked = self._session.table.source.take(rows, names)
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(picked.append_column("row", [rows]) if "row" not in names else picked, buffer)
        data = base64.b64encode(buffer.getvalue()).decode()
        return {"name": "selected-rows.csv", "data": f"data:text/csv;base64,{data}"}

    # --- on the event loop

    def _show(self, rows: dict[str, Any]) -> None:
        self.rows = rows

    def _save(self, saved: dict[str, Any]) -> None:
        if saved:
            self.saved = {**saved, "turn": self.saved.get("turn", 0) + 1}

    def _filter(self, column: str) -> dict[str, Any] | None:
        return next((f for f in self._session.state.document["filters"] if f.get("column") == column), None)

    def _label(self, column: str) -> str:
        return self._session.table.features[column].label


def _ends(edges: NDArray[np.float64]) -> tuple[float, float]:
    """Return the first and last value inside: bins of whole numbers begin half-way between two of them."""
    low, high = float(edges[0]), float(edges[-1])
    return (low + 0.5, high - 0.5) if low % 1 == 0.5 and high % 1 == 0.5 else (low, high)
