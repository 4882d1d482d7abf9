"""The Compare tab: every feature, rows A against rows B."""

from __future__ import annotations

import base64
import io
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import param

from explorer.errors import ExplorerError
from explorer.groups.comparison import Comparison
from explorer.session.comparisons import Comparisons
from explorer.session.groups import Groups
from explorer.target import json_text
from explorer.views.compare_cards import detail_card, result_card
from explorer.views.component import Component
from explorer.views.latest import Latest, Schedule
from explorer.workbench.comparing import exact_takes_long
from projections.errors import Cancelled

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["TAB", "ComparePage"]

logger = logging.getLogger(__name__)

TAB = "Compare"
_GROUPS = {"tab", "groups", "selection", "filters", "maps", "catalogue"}
_STRATA = ("numeric", "boolean", "categorical", "temporal")
_UNITS = ("identifier", "categorical", "numeric")
_TYPES = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


class ComparePage(Component):
    """The Compare tab.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "compare_page"

    groups = param.Dict(default={}, doc="Groups A and B, and the words of the button.")
    asked = param.Dict(default={}, doc="Margin, unit and adjust, and what they can be.")
    busy = param.Dict(default={}, doc="How far a running comparison is.")
    result = param.Dict(default={}, doc="The comparison shown.")
    detail = param.Dict(default={}, doc="One feature of it.")
    kept = param.List(default=[], doc="Earlier comparisons, the newest first.")
    error = param.String(default="", doc="Why something could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._schedule = session, schedule
        self._groups = Groups(session)
        self._kept: Comparisons | None = None
        self._found: Comparison | None = None
        self._turn = 0
        self._started = 0
        self._cards: Latest[None, dict[str, Any]] = Latest(
            schedule, lambda _: self._groups.card(), self._show_groups
        )
        self._work: Latest[int, tuple[int, dict[str, Any]]] = Latest(schedule, self._compared, self._show)
        self._details: Latest[str, dict[str, Any]] = Latest(schedule, self._detail, self._show_detail)
        self.refresh(frozenset({"tab", "compare", "ask"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document["tab"] != TAB:
            return
        if changed & _GROUPS:
            self._cards.ask(None)
        if changed & {"tab", "compare", "catalogue"}:
            self.asked = self._asked(document["compare"])
        turn = self._session.messages.get("ask", 0)
        if turn != self._started:  # the button beside the rows was pressed
            self._started = turn
            self.on_compare()
        if self._kept is None:
            self._list()

    # --- what the page sends

    def on_compare(self) -> None:
        """Compare now."""
        self._turn += 1
        self.error = ""
        self.busy = {"done": 0, "total": len(self._session.table.features)}
        self._work.ask(self._turn)

    def on_cancel(self) -> None:
        """Stop a running comparison; what is shown stays."""
        self._turn += 1
        self.busy = {}

    def on_set(self, **options: Any) -> None:
        """Change margin, unit or adjust, and compare again when something is shown."""
        try:
            self._session.state.act("set_compare", **options)
        except ExplorerError as error:
            self.error = str(error)
            self.asked = {**self.asked, "turn": self.asked.get("turn", 0) + 1}
            return
        if self.result:
            self.on_compare()

    def on_open(self, key: str) -> None:
        """Show an earlier comparison."""
        try:
            document = self._store().load(key)
        except ExplorerError as error:
            self.error = str(error)
            return
        self._take(Comparison.from_document(document), key, document["name"])

    def on_look(self, name: str) -> None:
        """Show a feature in both groups, and colour the map by it."""
        self._details.ask(name)
        try:
            self._session.color_by(name)
        except ExplorerError as error:
            self._session.note(str(error))

    def on_feature(self, name: str) -> None:
        """Show a feature in its own tab."""
        self._session.state.act("look_at", name=name)

    def on_without(self, name: str) -> None:
        """Project without a feature and those that are nearly the same: a group drawn on that map can be tested for it."""
        table, projected = self._session.table, self._session.projected()["features"]
        partners = table.redundancy.partners.get(name, {})
        left = [one for one in projected if one != name and one not in partners]
        if len(left) == len(projected):
            self.error = f"{table.features[name].label} is not among the features of the map"
            return
        try:
            self._session.state.act("set_features", names=left)
            self._session.project()
            self._session.state.act("set_tab", name="Map")
        except ExplorerError as error:
            self.error = str(error)

    def on_save(self, form: str) -> None:
        """Hand out the comparison as CSV, Parquet or JSON."""
        if self._found is not None and form in _TYPES:
            data = base64.b64encode(_written(self._found, form)).decode()
            name = f"comparison.{form}"
            turn = self.saved.get("turn", 0) + 1
            self.saved = {"name": name, "data": f"data:{_TYPES[form]};base64,{data}", "turn": turn}

    # --- in a thread

    def _compared(self, turn: int) -> tuple[int, dict[str, Any]]:
        told = time.monotonic()

        def progress(_stage: str, done: int, total: int) -> bool:
            nonlocal told
            if time.monotonic() - told > 0.1:
                told = time.monotonic()
                self._schedule(partial(self._report, turn, done, total))
            return turn == self._turn

        try:
            found = self._groups.compare(
                progress, exact=False if exact_takes_long(self._session.table) else None
            )
            if not all(row.exact for row in found.rows):
                self._schedule(partial(self._take, found, "", self._groups.name()))
                found = self._groups.compare(progress)
        except Cancelled:
            return turn, {}
        except ExplorerError as error:
            return turn, {"error": str(error)}
        except Exception:
            logger.exception("groups could not be compared")
            return turn, {"error": "this could not be computed; the log of the server says why"}
        name = self._groups.name()
        try:
            return turn, {"found": found, "name": name, "key": self._store().keep(found, name)}
        except ExplorerError as error:
            return turn, {"found": found, "name": name, "key": "", "error": str(error)}

    def _detail(self, name: str) -> dict[str, Any]:
        found = self._found
        return {} if found is None else detail_card(self._session, found, name)

    # --- on the event loop

    def _asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        features = self._session.table.features

        def offered(kinds: tuple[str, ...]) -> list[list[str]]:
            return [[name, one.label] for name, one in features.items() if one.kind in kinds]

        return {**asked, "units": offered(_UNITS), "strata": offered(_STRATA)}

    def _show_groups(self, card: dict[str, Any]) -> None:
        self.groups = card

    def _report(self, turn: int, done: int, total: int) -> None:
        if turn == self._turn and self.busy:
            self.busy = {"done": done, "total": total}

    def _show(self, answer: tuple[int, dict[str, Any]]) -> None:
        turn, found = answer
        if turn != self._turn:
            return
        self.busy = {}
        self.error = found.get("error", "")
        if "found" in found:
            self._take(found["found"], found["key"], found["name"])
            self._list()

    def _take(self, found: Comparison, key: str, name: str) -> None:
        self._found = found
        self.result = result_card(self._session.table, found, key, name)
        first = next((row.feature for row in found.unseen), found.rows[0].feature if found.rows else "")
        if first:
            self._details.ask(first)

    def _show_detail(self, detail: dict[str, Any]) -> None:
        self.detail = detail

    def _store(self) -> Comparisons:
        if self._kept is None:
            self._kept = Comparisons(self._session.table.fingerprint)
        return self._kept

    def _list(self) -> None:
        now = time.time()
        self.kept = [{**one, "ago": _ago(now - one["time"])} for one in self._store().listed()]


def _written(found: Comparison, form: str) -> bytes:
    if form == "json":
        return json_text(found.document()).encode()
    import pyarrow.csv
    import pyarrow.parquet

    buffer = io.BytesIO()
    write = pyarrow.parquet.write_table if form == "parquet" else pyarrow.csv.write_csv
    write(found.to_arrow(), buffer)
    return buffer.getvalue()


def _ago(seconds: float) -> str:
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "just now"
