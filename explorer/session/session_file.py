"""A session as one JSON document, which can be opened again, on changed data too."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.core.errors import EmbeddingError, ExplorerError, SelectionError
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.session.maps.specs import specs_of
from explorer.state.convert import as_json
from explorer.state.definition import map_keys
from explorer.state.document import Color, Groups, read_document
from explorer.state.versions import upgraded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.session.session import Session
    from explorer.state.definition import Definition
    from explorer.state.document import Document, Group
    from explorer.state.tray_settings import Chart
    from explorer.table.table import Table

__all__ = ["FORM", "fit_to_table", "read_session", "session_document"]

FORM = "explorer-session-1"
Value = TypeVar("Value")
_LARGEST = 16 << 20  # characters


def session_document(session: Session) -> dict[str, Any]:
    """Return what a person sees and the steps that led there, with the table they are of."""
    table = session.table
    fingerprint = table.columns.known_fingerprint
    return {
        "form": FORM,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "table": {
            "title": table.title,
            "fingerprint": fingerprint,
            "rows": table.num_rows,
            "columns": len(table.column_names),
        },
        "state": as_json(session.portable_document(), _("the state")),
        "history": [[name, arguments] for name, arguments in session.state.history()],
    }


def read_session(text: str) -> dict[str, Any]:
    """Read the text of a session file.

    Raises
    ------
    ExplorerError
        When it is none: says what was expected.
    """
    if len(text) > _LARGEST:
        raise ExplorerError(f"a session file has {_LARGEST >> 20} MB at most: this file is larger")
    try:
        document: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExplorerError(f"not a session file: expected JSON ({error})") from error
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise ExplorerError(f"not a session file: expected the form {FORM}")
    if not isinstance(document.get("state"), dict) or not isinstance(document.get("table"), dict):
        raise ExplorerError("not a complete session file: state or table is missing")
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
    state = read_document(upgraded(document["state"]))
    origin, notes = document["table"], []
    known_as = table.columns.known_fingerprint
    if origin.get("fingerprint") and known_as and origin["fingerprint"] != known_as:
        rows = origin.get("rows")
        other_size = (
            _("{rows:,} rows").format(rows=rows) if isinstance(rows, int) else _("other rows")
        )
        notes.append(
            _(
                "the session is of other data ({title}, {other_size}): groups and selections "
                "are counted again"
            ).format(title=origin.get("title"), other_size=other_size)
        )
    names = set(table.column_names)
    lost = [name for name in state.features if name not in names]
    if lost:
        notes.append(_("not in this table: {names}").format(names=list_names(lost, 8)))
    policy = replace(
        state.policy,
        transform=_of(names, state.policy.transform),
        weights=_of(names, state.policy.weights),
        encode=_of(names, state.policy.encode),
    )
    state = replace(state, features=_known(state.features, names), policy=policy)
    state = _fit_what_is_shown(table, state, notes, names)
    return _fit_rows(resolver, state, notes), notes


def _known(listed: Iterable[str], names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in listed if name in names)


def _known_charts(charts: tuple[Chart, ...] | None, names: set[str]) -> tuple[Chart, ...] | None:
    if charts is None:
        return None
    return tuple(chart for chart in charts if {chart.x, chart.y or chart.x} <= names)


def _of(names: set[str], by_feature: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in by_feature.items() if name in names}


def _fit_what_is_shown(
    table: Table, state: Document, notes: list[str], names: set[str]
) -> Document:
    color, listed, row = state.color, state.table, state.row
    if color.column is not None and color.column not in names:
        notes.append(
            _("the colour was {column}, which is not in this table").format(column=color.column)
        )
        color = Color()
    if row is not None and (notes or row >= table.num_rows):
        row = None  # of other data, a position is another row
    listed = replace(
        listed,
        columns=None if listed.columns is None else _known(listed.columns, names),
        sort=listed.sort if listed.sort in names else None,
    )
    state = replace(
        state,
        color=color,
        strips=None if state.strips is None else _known(state.strips, names),
        table=listed,
        tray=replace(state.tray, charts=_known_charts(state.tray.charts, names)),
        views=state.views.of(names),
        feature=state.feature if state.feature in names else None,
        row=row,
    )
    if state.projected is None:
        return state
    if notes and state.projected.rows is not None:
        notes.append(
            _("the map was of selected rows of that data ({name})").format(
                name=state.projected.rows.name
            )
        )
        return replace(state, projected=None, embedding=None, viewport=None)
    try:
        specs_of(table, state.projected)
    except ExplorerError as error:
        notes.append(f"the map was made of features that are not in this table: {error}")
        return replace(state, projected=None, embedding=None, viewport=None)
    return state


def _fit_rows(resolver: SelectionResolver, state: Document, notes: list[str]) -> Document:
    filters = tuple(
        entry
        for entry in state.filters
        if _fits(resolver, state, entry.definition, _("filter {id}").format(id=entry.id), notes)
    )
    selection = state.selection
    if selection is not None and not _fits(resolver, state, selection, _("the selection"), notes):
        selection = None
    groups = Groups(
        a=_fit_group(resolver, state, state.groups.a, _("group A"), notes),
        b=_fit_group(resolver, state, state.groups.b, _("group B"), notes),
    )
    return replace(state, filters=filters, selection=selection, groups=groups)


def _fit_group(
    resolver: SelectionResolver, state: Document, group: Group | None, name: str, notes: list[str]
) -> Group | None:
    if group is None or not _fits(resolver, state, group.rows, name, notes):
        return None
    count = _count(resolver, group.rows)
    if count is not None and count != group.count:
        notes.append(
            _("{name} had {rows_before:,} rows, now {rows_now:,}").format(
                name=name, rows_before=group.count, rows_now=count
            )
        )
    return group


def _fits(
    resolver: SelectionResolver,
    state: Document,
    definition: Definition,
    name: str,
    notes: list[str],
) -> bool:
    try:
        resolver.rows_of(definition)
    except (EmbeddingError, SelectionError) as error:
        keys = map_keys(definition)
        if keys and keys <= set(state.maps):
            return True  # their maps are made
        notes.append(f"{name} is left out: {error}")
        return False
    except ExplorerError as error:
        notes.append(f"{name} does not fit this table: {error}")
        return False
    return True


def _count(resolver: SelectionResolver, definition: Definition) -> int | None:
    try:
        return resolver.rows_of(definition).count()
    except ExplorerError:
        return None
