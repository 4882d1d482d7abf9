"""The Compare tab: every feature, rows A against rows B."""

from __future__ import annotations

import io
import logging
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import param

from explorer.compare.cards import detail_card, result_card
from explorer.compare.comparison import Comparison
from explorer.compare.controller import CompareController
from explorer.compare.saved_comparisons import SavedComparisons
from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.output_file import json_text
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.ui.ago import ago
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.repeated_card import units_offered
from projections.errors import Cancelled

if TYPE_CHECKING:
    from explorer.session.session import Session
    from explorer.state.document import CompareSettings, ShownComparison

__all__ = ["TAB", "ComparePage", "comparison_file"]

logger = logging.getLogger(__name__)

TAB: actions.Tab = "Compare"
_GROUPS = {"tab", "groups", "selection", "filters", "maps", "catalogue"}
_STRATA = ("numeric", "boolean", "categorical", "temporal")
_UNITS = ("identifier", "categorical", "numeric")
_STAGES = {
    "sample": "sample",
    "compare": _("all rows"),
    "exact": _("largest effects from all rows"),
}
_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


class ComparePage(SessionComponent):
    """The Compare tab."""

    _files = "page"

    groups = param.Dict(default={}, doc="Groups A and B, and the words of the button.")
    asked = param.Dict(default={}, doc="Margin, unit and adjust, and what they can be.")
    busy = param.Dict(default={}, doc="How far a running comparison is.")
    result = param.Dict(default={}, doc="The comparison shown.")
    detail = param.Dict(default={}, doc="One feature of it.")
    view = param.Dict(default={}, doc="The order of the features, and whether they are bars.")
    kept = param.List(default=[], doc="Earlier comparisons, the newest first.")
    error = param.String(default="", doc="Why something could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._groups = session.part(CompareController)
        self._kept: SavedComparisons | None = None
        self._found: Comparison | None = None
        self._turn = self._run = 0
        self._looked = self._key = self._reopened = ""
        # what was compared before this tab was opened is in the state
        self._started = session.messages.get("ask", 0) if session.state.document.comparison else 0
        self._settings: CompareSettings | None = None  # of what is shown or on its way
        self._cards: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._groups.card(), self._show_groups
        )
        self._work: LatestTask[int, tuple[int, dict[str, Any]]] = LatestTask(
            schedule, self._compute, self._show
        )
        self._details: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, self._detail, self._show_detail
        )
        self.refresh(frozenset({"tab", "compare", "ask"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != TAB:
            return
        if self._kept is None:
            self._list()
        self.view = as_json(document.views.comparison, _("the view"))
        if changed & _GROUPS:
            self._cards.submit(None)
        if changed & {"tab", "compare", "catalogue"}:
            self.asked = self._asked(document.compare)
        turn, shown = self._session.messages.get("ask", 0), document.comparison
        if turn != self._started:  # the button beside the rows was pressed
            self._started = turn
            self.on_compare()
        elif shown is not None and shown.key not in (self._key, self._reopened):
            self._reopen(shown)
        elif shown is None and self._key:  # of a session that was opened in place of this one
            self._clear()
        elif (
            self.result and self._settings != document.compare
        ):  # also by undo, and by the unit of an experiment
            self.on_compare()

    # --- what the page sends

    def on_compare(self) -> None:
        """Compare now."""
        self._turn += 1
        self._settings = self._session.state.document.compare
        self.error = ""
        self.busy = {"done": 0, "total": len(self._session.table.features), "words": ""}
        self._work.submit(self._turn)

    def on_cancel(self) -> None:
        """Stop a running comparison; what is shown stays, and is kept where it is of a sample."""
        stopped = self._found if self.busy and self._run == self._turn else None
        self._turn += 1
        self.busy = {}
        if stopped is not None:
            what = (
                _("the largest effects were computed from all rows")
                if stopped.sample is None
                else _("all rows were compared")
            )
            self._keep_stopped(replace(stopped, notes=[*stopped.notes, f"stopped before {what}"]))

    def on_set(self, **options: Any) -> None:
        """Change margin, unit or adjust, and compare again when something is shown."""
        try:
            self._session.state.act(actions.set_compare, **options)
        except ExplorerError as error:
            self.error = str(error)
            self.asked = {**self.asked, "turn": self.asked.get("turn", 0) + 1}

    def on_open(self, key: str) -> None:
        """Show an earlier comparison."""
        try:
            self._load(key)
        except ExplorerError as error:
            self.error = str(error)

    def on_look(self, name: str) -> None:
        """Show a feature in both groups, and colour the map by it."""
        self._looked = name
        self._details.submit(name)
        self._remember()
        try:
            self._session.color_by(name)
        except ExplorerError as error:
            self._session.note(str(error))

    def on_order(self, name: actions.ComparisonOrder) -> None:
        """Choose the order of the features."""
        self._session.state.act(actions.set_comparison_view, order=name)

    def on_layout(self, name: actions.ComparisonLayout) -> None:
        """Show the features as bars, or as a volcano."""
        self._session.state.act(actions.set_comparison_view, layout=name)

    def on_feature(self, name: str) -> None:
        """Show a feature in its own tab."""
        self._session.state.act(actions.look_at, name=name)

    def on_without(self, name: str) -> None:
        """Project without a feature and those nearly the same.

        A group that is drawn on that map can be tested for the feature.
        """
        table, projected = self._session.table, self._session.projection.settings().features
        partners = table.relations.redundancy().partners.get(name, {})
        left = [partner for partner in projected if partner != name and partner not in partners]
        if len(left) == len(projected):
            self.error = _("{label} is not among the features of the map").format(
                label=table.features[name].label
            )
            return
        try:
            self._session.state.act(actions.set_features, names=tuple(left))
            self._session.projection.project()
            self._session.state.act(actions.set_tab, name="Map")
        except ExplorerError as error:
            self.error = str(error)

    def on_save(self, form: str) -> None:
        """Hand out the comparison as CSV, Parquet or JSON."""
        if self._found is not None and form in _TYPES:
            self._hand_file(f"comparison.{form}", _TYPES[form], comparison_file(self._found, form))

    def _reopen(self, shown: ShownComparison) -> None:
        """Show the comparison of a link; where it was not saved here, it is computed again."""
        self._looked, self._key, self._reopened = shown.feature or "", "", shown.key
        try:
            self._load(shown.key)
        except ExplorerError:
            self.on_compare()

    def _clear(self) -> None:
        self._turn += 1
        self._found, self._looked, self._key = None, "", ""
        self.param.update(result={}, detail={}, busy={}, error="")

    def _load(self, key: str) -> None:
        document = self._store().load(key)
        self._turn += 1  # a running one gives way
        self._settings = self._session.state.document.compare
        self.busy = {}
        self._take(Comparison.from_document(document), key, document["name"])

    # --- in a thread

    def _compute(self, turn: int) -> tuple[int, dict[str, Any]]:
        last_report = time.monotonic()

        def progress(stage: str, done: int, total: int) -> bool:
            nonlocal last_report
            if time.monotonic() - last_report > 0.1:
                last_report = time.monotonic()
                self._schedule(partial(self._report, turn, stage, done, total))
            return turn == self._turn

        try:
            comparison = self._groups.compare(
                progress, partial(self._preview, turn, self._groups.name())
            )
        except Cancelled:
            return turn, {}
        except ExplorerError as error:
            return turn, {"error": str(error)}
        except Exception:
            logger.exception("groups could not be compared")
            return turn, {"error": "this could not be computed; the log of the server says why"}
        name = self._groups.name()
        try:
            return turn, {
                "found": comparison,
                "name": name,
                "key": self._store().keep(comparison, name),
            }
        except ExplorerError as error:
            return turn, {"found": comparison, "name": name, "key": "", "error": str(error)}

    def _preview(self, turn: int, name: str, comparison: Comparison) -> None:
        """Show what is known so far, unless it was cancelled or something else is asked for."""

        def show() -> None:
            if turn == self._turn:
                self._take(comparison, "", name)

        self._schedule(show)

    def _detail(self, name: str) -> dict[str, Any]:
        comparison = self._found
        if comparison is None:
            return {}
        return detail_card(self._session.table, self._session.resolver, comparison, name)

    # --- on the event loop

    def _asked(self, settings: CompareSettings) -> dict[str, Any]:
        features = self._session.table.features

        def offered(kinds: tuple[str, ...]) -> list[list[str]]:
            return [
                [name, feature.label] for name, feature in features.items() if feature.kind in kinds
            ]

        return {
            **as_json(settings, "settings"),
            "unit": self._groups.unit(),
            "units": units_offered(offered(_UNITS)),
            "strata": offered(_STRATA),
        }

    def _show_groups(self, card: dict[str, Any]) -> None:
        self.groups = card

    def _report(self, turn: int, stage: str, done: int, total: int) -> None:
        if turn == self._turn and self.busy:
            self.busy = {"done": done, "total": total, "words": _STAGES.get(stage, "")}

    def _show(self, answer: tuple[int, dict[str, Any]]) -> None:
        turn, comparison = answer
        if turn != self._turn:
            return
        self.busy = {}
        self.error = comparison.get("error", "")
        if "found" in comparison:
            self._take(comparison["found"], comparison["key"], comparison["name"])
            self._list()

    def _take(self, comparison: Comparison, key: str, name: str) -> None:
        """Show a comparison; the feature looked at stays where it is the same comparison."""
        before, self._found = self._found if self._run == self._turn else None, comparison
        self._run = self._turn
        self.result = {**result_card(self._session.table, comparison, key, name), "run": self._run}
        rows = {row.feature: row for row in comparison.rows}
        first = next(iter(rows), "")  # the largest effect, whichever list it is in
        same = before is not None or not self._key  # of this comparison, or of a link
        looked = self._looked if same and self._looked in rows else first
        if looked and (before is None or before[looked] != rows[looked]):
            self._looked = looked
            self._details.submit(looked)
        self._key = key or self._key
        if key:
            self._remember()

    def _remember(self) -> None:
        """Keep in the state which comparison is shown, so that a link opens it."""
        if self._key:
            self._session.state.act(
                actions.show_comparison, key=self._key, feature=self._looked or None
            )

    def _keep_stopped(self, comparison: Comparison) -> None:
        name, key = self.result["name"], ""
        try:
            key = self._store().keep(comparison, name)
        except ExplorerError as error:
            self.error = str(error)
        self._take(comparison, key, name)
        self._list()

    def _show_detail(self, detail: dict[str, Any]) -> None:
        self.detail = detail

    def _store(self) -> SavedComparisons:
        if self._kept is None:
            self._kept = SavedComparisons(self._session.table.fingerprint)
        return self._kept

    def _list(self) -> None:
        now = time.time()
        self.kept = [{**entry, "ago": ago(now - entry["time"])} for entry in self._store().listed()]


def comparison_file(comparison: Comparison, form: str) -> bytes:
    """Write a comparison as json, csv or parquet."""
    if form == "json":
        return json_text(comparison.document()).encode()
    import pyarrow.parquet

    if form == "csv":
        return csv_bytes(comparison.to_arrow())
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(comparison.to_arrow(), buffer)
    return buffer.getvalue()
