"""What the columns are: a dialog with the role of every column, to be confirmed or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

import param

from explorer.core.errors import ExplorerError, FeatureError, unknown_name
from explorer.core.gettext import _
from explorer.feature.columns.role_summary import (
    column_entries,
    example_values,
    role_summary,
    role_texts,
)
from explorer.features.roles.role import ROLE_NAMES, ROLES_OF
from explorer.state import actions
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask
from explorer.ui.serial_tasks import SerialTasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.session.session import Session
    from explorer.table.layered_catalogue import Changes
    from explorer.ui.page_loop import Schedule

__all__ = ["ColumnRoles"]


class ColumnsEvent(TypedDict):
    """The columns with their roles; example values by name come with the first."""

    type: Literal["columns"]
    columns: list[Any]
    examples: dict[str, str] | None


class ColumnRoles(SessionComponent):
    """The dialog "What the columns are".

    The columns are sent when it is first opened. Changes are kept in the catalogue's edits, as
    those of the Feature tab, and can be taken back here.
    """

    _files = "column_roles"
    _events = (ColumnsEvent,)

    roles = param.List(default=role_texts(), doc="Roles to choose from: key, label, explanation.")
    summary = param.Dict(default={}, doc="How many columns have which role, and what is guessed.")
    status = param.Dict(default={}, doc="What became of the last change, and what it asks for.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, summary=role_summary(session.table), **params)
        self._opened = False
        self._message = ""
        self._undo: list[tuple[Changes, str]] = []
        # while the set is the one that was picked, it follows the roles
        self._picked = session.start.features if session.start_reasons else None
        self._edits = SerialTasks(schedule, self._show_status)
        self._picks: LatestTask[None, tuple[str, ...]] = LatestTask(
            schedule, lambda _: self._pick(), self._follow
        )
        self._columns: LatestTask[bool, ColumnsEvent] = LatestTask(
            schedule, self._describe, self._send_msg
        )

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if "catalogue" in changed and self._picked is not None:
            self._picks.submit(None)
        if changed & {"catalogue", "labels"}:
            self.summary = role_summary(self._session.table)
            if self._opened:
                self._columns.submit(False)
        if changed & {"catalogue", "features", "projected", "set", "policy"}:
            self._show_status()

    # --- what the page sends

    def on_open(self) -> None:
        """Send the columns."""
        self._opened = True
        self._columns.submit(True)
        self._show_status()

    def on_role(self, names: list[str], role: str, of: str = "") -> None:
        """Give columns a role; an empty one takes it back, so that it is guessed again."""
        if role and role not in ROLE_NAMES:
            raise unknown_name("role", role, ROLE_NAMES)
        target = of if role in ROLES_OF else ""
        self._change(
            {name: {"role": role, "of": target} for name in names},
            f"{_columns_text(names)}: {role.replace('_', ' ') or 'guessed again'}",
        )

    def on_confirm(self) -> None:
        """Keep every guess as given."""
        guessed = {
            name: {"role": role.role, "of": role.of if role.role in _NAMES_ANOTHER else ""}
            for name, role in self._session.table.roles.items()
            if not role.given
        }
        self._change(guessed, _("{guessed} confirmed").format(guessed=_columns_text(list(guessed))))

    def on_numbers(self) -> None:
        """Read all columns of numbers in text as numbers."""
        texts = [
            name
            for name, role in self._session.table.roles.items()
            if role.role == "numeric_text" and not role.given
        ]
        self._change(
            {name: {"role": "numeric_text"} for name in texts},
            _("{texts} read as numbers").format(texts=_columns_text(texts)),
        )

    def on_undo(self) -> None:
        """Take the last change back."""
        if self._undo:
            changes, text = self._undo.pop()
            self._edits.submit(
                lambda: self._apply(changes, _("Taken back: {text}").format(text=text), keep=False)
            )

    def on_project(self) -> None:
        """Make the map of the ticked features."""
        self._session.projection.project()

    # --- changes

    def _change(self, changes: Changes, text: str) -> None:
        if changes:
            self._edits.submit(lambda: self._apply(changes, text))

    def _apply(self, changes: Changes, text: str, *, keep: bool = True) -> None:
        """Keep changes; called in a thread."""
        undo = self._session.edit_features(changes)
        if keep:
            self._undo.append((undo, text))
        self._message = text

    def _pick(self) -> tuple[str, ...]:
        try:
            return self._session.table.pick.names
        except FeatureError:
            return ()

    def _follow(self, picked: tuple[str, ...]) -> None:
        """Tick what is picked now, unless somebody has chosen the features."""
        if self._picked == self._session.state.document.features and picked != self._picked:
            self._picked = picked
            self._session.state.act(actions.set_features, names=picked)

    # --- what is shown

    def _describe(self, first: bool) -> ColumnsEvent:
        table = self._session.table
        examples = None
        if first:
            try:
                examples = example_values(table)
            except ExplorerError:  # the table has changed meanwhile: the map says so
                examples = {}
        return ColumnsEvent(type="columns", columns=column_entries(table), examples=examples)

    def _show_status(self) -> None:
        if not self._opened:
            return
        document, projected = self._session.state.document, self._session.projection.settings()
        self.status = {
            "message": "" if self._edits.error else self._message,
            "error": self._edits.error,
            "can_undo": bool(self._undo),
            "changed": len(set(document.features) ^ set(projected.features)),
        }


_NAMES_ANOTHER = (*sorted(ROLES_OF), "image", "vector")


def _columns_text(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else _("{count:,} columns").format(count=len(names))
