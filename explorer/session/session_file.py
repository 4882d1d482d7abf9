"""A session as one JSON document, which can be opened again, on changed data too."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from explorer.core.errors import EmbeddingError, ExplorerError, SelectionError
from explorer.session.maps.specs import specs_of
from explorer.session.rows.selection_resolver import filter_definition
from explorer.state.document import first_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.state.document import Document
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["FORM", "fit_to_table", "read_session", "session_document"]

FORM = "explorer-session-1"
_LARGEST = 16 << 20  # characters


def session_document(table: Table, state: State) -> dict[str, Any]:
    """Return what a person sees and the steps that led there, with the table they are of."""
    known = table.columns.known_fingerprint
    return {
        "form": FORM,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "table": {
            "title": table.title,
            "fingerprint": known,
            "rows": table.num_rows,
            "columns": len(table.column_names),
        },
        "state": state.document,
        "history": [[name, arguments] for name, arguments in state.history()],
    }


def read_session(text: str) -> dict[str, Any]:
    """Read the text of a session file.

    Raises
    ------
    ExplorerError
        When it is none: says what was expected.
    """
    if len(text) > _LARGEST:
        raise ExplorerError(f"a session file has {_LARGEST >> 20} MB at most: this is none")
    try:
        document: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExplorerError(f"not a session file: expected JSON ({error})") from error
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise ExplorerError(f"not a session file: expected the form {FORM}")
    if not isinstance(document.get("state"), dict) or not isinstance(document.get("table"), dict):
        raise ExplorerError("not a whole session file: state or table is missing")
    return document


def fit_to_table(
    document: Mapping[str, Any], table: Table, resolver: SelectionResolver
) -> tuple[Document, list[str]]:
    """Return the state of a session file as far as it fits a table, and notes on what does not.

    Raises
    ------
    ExplorerError
        When the state itself is no state.
    """
    state = first_document(
        {name: value for name, value in document["state"].items() if name != "version"}
    )
    came, notes = document["table"], []
    known_as = table.columns.known_fingerprint
    if came.get("fingerprint") and known_as and came["fingerprint"] != known_as:
        rows = came.get("rows")
        was = f"{rows:,} rows" if isinstance(rows, int) else "other rows"
        notes.append(
            f"the session is of other data ({came.get('title')}, {was}): groups and selections "
            "are counted anew"
        )
    known = set(table.column_names)
    lost = [name for name in state["features"] if name not in known]
    if lost:
        state["features"] = [name for name in state["features"] if name in known]
        notes.append(f"not in this table: {', '.join(lost[:8])}{' …' if len(lost) > 8 else ''}")
    for name in ("transform", "weights", "encode"):
        state["policy"][name] = {
            key: value for key, value in state["policy"][name].items() if key in known
        }
    return _looks_fitted(table, resolver, state, notes, known), notes


def _looks_fitted(
    table: Table, resolver: SelectionResolver, state: Document, notes: list[str], known: set[str]
) -> Document:
    if state["color"]["column"] is not None and state["color"]["column"] not in known:
        notes.append(f"the colour was {state['color']['column']}, which is not in this table")
        state["color"] = first_document()["color"]
    if state["strips"]:
        state["strips"] = [name for name in state["strips"] if name in known]
    listed = state["table"]
    if listed["columns"]:
        listed["columns"] = [name for name in listed["columns"] if name in known]
    if listed["sort"] is not None and listed["sort"] not in known:
        listed["sort"] = None
    if state["feature"] not in known:
        state["feature"] = None
    if state["row"] is not None and (notes or state["row"] >= table.num_rows):
        state["row"] = None  # of other data, a position is another row
    if state["projected"] is not None:
        try:
            specs_of(table, state["projected"])
        except ExplorerError as error:
            notes.append(f"the map was made of what is not there: {error}")
            state["projected"] = state["embedding"] = state["viewport"] = None
    return _rows_fitted(resolver, state, notes)


def _rows_fitted(resolver: SelectionResolver, state: Document, notes: list[str]) -> Document:
    state["filters"] = [
        entry
        for entry in state["filters"]
        if _fits(resolver, filter_definition(entry), f"filter {entry['id']}", notes)
    ]
    if state["selection"] is not None and not _fits(
        resolver, state["selection"], "the selection", notes
    ):
        state["selection"] = None
    for which, group in state["groups"].items():
        if group is None or not _fits(resolver, group["rows"], f"group {which.upper()}", notes):
            state["groups"][which] = None
            continue
        count = _count(resolver, group["rows"])
        if count is not None and count != group["count"]:
            notes.append(f"group {which.upper()} had {group['count']:,} rows, now {count:,}")
    return state


def _fits(resolver: SelectionResolver, definition: Document, what: str, notes: list[str]) -> bool:
    try:
        resolver.rows_of(definition)
    except (EmbeddingError, SelectionError) as error:
        notes.append(f"{what} is left out: {error}")
        return False
    except ExplorerError as error:
        notes.append(f"{what} does not fit this table: {error}")
        return False
    return True


def _count(resolver: SelectionResolver, definition: Document) -> int | None:
    try:
        return resolver.rows_of(definition).count()
    except ExplorerError:
        return None
