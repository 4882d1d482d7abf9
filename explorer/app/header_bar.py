"""The head of the page: which table, what is running, undo, share, light or dark, the keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import param

from explorer.app.help_text import help_sections
from explorer.compare.controller import CompareController
from explorer.core.errors import ExplorerError, TableChanged
from explorer.core.gettext import ngettext
from explorer.core.output_file import json_text
from explorer.session.session_file import fit_to_table, read_session, session_document
from explorer.session.sessions import SessionStore
from explorer.state import actions
from explorer.state.document import TABS
from explorer.ui.ago import since
from explorer.ui.component import Component

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.session.session import Session
    from explorer.table.table import Table

__all__ = ["HeaderBar"]

_MOST_LISTED = 12
_CHECK_SECONDS = 2.0  # between two looks at the files of the table, which may be thousands


class HeaderBar(Component):
    """The head of the page.

    Parameters
    ----------
    session : Session
        Whose table, job and history are shown.
    tabs : sequence of str
        Of the centre; none where the page has one view alone.
    """

    _files = "header_bar"

    header = param.Dict(
        default={}, doc="What is shown: table, job, link, theme, can_undo, can_redo, changed."
    )
    earlier = param.List(
        default=[], doc="Sessions that were saved by themselves, the newest first."
    )
    saved = param.Dict(default={}, doc="A session file to save.")
    told = param.Dict(
        default={}, doc="Why a session could not be opened, or what of it does not fit."
    )

    help = param.List(default=[], doc="Help: topic, title, HTML and passages of each section.")

    def __init__(self, session: Session, tabs: Sequence[actions.Tab] = TABS, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._tabs = tuple(tabs)
        self._groups = session.part(CompareController)
        self._sessions = SessionStore()
        self._checked = float("-inf")
        self._changed = ""
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self._session
        job = session.projection.job or session.map_finder.job
        self.header = {
            "table": f"{session.table.title} · {_size(session.table)}",
            "theme": session.state.document.theme,
            "tab": session.state.document.tab,
            "tabs": list(self._tabs),
            "tray": session.state.document.tray.open,
            "can_undo": session.state.can_undo,
            "can_redo": session.state.can_redo,
            "link": session.link(),
            "job": job.shown() if job else None,
            "changed": self._file_changed(),
        }

    def _file_changed(self) -> str:
        """Return how a file of the table has changed since it was opened; empty where none has."""
        now = time.monotonic()
        if not self._changed and now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            try:
                self._session.table.source.check()
            except TableChanged as error:
                self._changed = str(error)
        return self._changed

    def on_undo(self) -> None:
        """Take the last action back."""
        self._session.state.undo()

    def on_redo(self) -> None:
        """Do the last undone action again."""
        self._session.state.redo()

    def on_theme(self) -> None:
        """Change between light and dark."""
        dark = self._session.state.document.theme == "dark"
        self._session.state.act(actions.set_theme, theme="light" if dark else "dark")

    def on_cancel(self) -> None:
        """Stop the running job; the last complete map stays."""
        self._session.projection.cancel()

    def on_dismiss(self) -> None:
        """Take the message of a failed job away."""
        self._session.projection.dismiss()

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.rows.clear_selection()

    def on_invert(self) -> None:
        """Select the rows that are not selected."""
        self._session.rows.invert_selection()

    def on_tab(self, name: actions.Tab) -> None:
        """Show another tab in the centre."""
        self._session.state.act(actions.set_tab, name=name)

    def on_tray(self, on: bool) -> None:
        """Open the rows and charts under the map, or close them."""
        self._session.state.act(actions.show_tray, on=on)
        if on:
            self._session.state.act(actions.set_tab, name="Map")

    def on_step(self, by: int) -> None:
        """Show the next tab, or the one before."""
        if self._tabs:
            place = self._tabs.index(self._session.state.document.tab) + by
            self._session.state.act(actions.set_tab, name=self._tabs[place % len(self._tabs)])

    def on_store(self, which: actions.GroupName) -> None:
        """Keep the selection as group "a" or "b"."""
        self._groups.store(which)

    def on_sessions(self) -> None:
        """List the sessions that were saved by themselves at this table."""
        session = self._session
        sessions = self._sessions.at_table(
            session.table.title, session.table.columns.known_fingerprint
        )[:_MOST_LISTED]
        self.earlier = [{**entry, "ago": since(entry["time"])} for entry in sessions]

    def on_help(self) -> None:
        """Hand out how figures are computed."""
        self.help = list(help_sections())

    def on_reopen(self, key: str) -> None:
        """Go on with a session that was saved by itself."""
        self._reopen(lambda: self._sessions.load(key))

    def on_open_file(self, text: str) -> None:
        """Go on with a session file."""
        self._reopen(lambda: read_session(text))

    def on_save_file(self) -> None:
        """Hand out this session as a file, which opens at new data too."""
        text = json_text(session_document(self._session))
        name = f"{self._session.table.source.name}.session.json"
        self._hand_file(name, "application/json", text.encode())

    def _reopen(self, read_document: Callable[[], dict[str, Any]]) -> None:
        try:
            state, notes = fit_to_table(
                read_document(), self._session.table, self._session.resolver
            )
            self._session.state.act(actions.restore, state=state)
        except ExplorerError as error:
            notes = [str(error)]
        for text in notes:
            self._session.note(text)
        self._session.notify("notes")
        self.told = {"notes": notes, "turn": self.told.get("turn", 0) + 1}

    def on_tool(self, name: str) -> None:
        """Choose the tool of the map by its key."""
        self._session.notify("tool", name)


def _size(table: Table) -> str:
    rows, columns = table.num_rows, len(table.column_names)
    text = ngettext("{count} row", "{count} rows", rows).format(count=f"{rows:,}")
    more = ngettext("{count} column", "{count} columns", columns).format(count=f"{columns:,}")
    return f"{text} · {more}"
