"""The head of the page: which table, what is running, undo, share, light or dark, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import param

from explorer.errors import ExplorerError
from explorer.session.groups import Groups
from explorer.views.component import Component

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["TABS", "HeaderBar"]

TABS = ("Map", "Feature", "Together", "Compare")


class HeaderBar(Component):
    """The head of the page.

    Parameters
    ----------
    session : Session
        Whose table, job and history are shown.
    """

    _files = "header_bar"

    header = param.Dict(default={}, doc="What is shown: table, job, link, theme, can_undo, can_redo.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._groups = Groups(session)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self._session
        self.header = {
            "table": f"{session.table.title} · {session.table.num_rows:,} rows · {len(session.table.column_names):,} columns",
            "theme": session.state.document["theme"],
            "tab": session.state.document["tab"],
            "tabs": list(TABS),
            "can_undo": session.state.can_undo,
            "can_redo": session.state.can_redo,
            "link": session.link(),
            "job": session.job.shown() if session.job else None,
        }

    def on_undo(self) -> None:
        """Take the last action back."""
        self._session.state.undo()

    def on_redo(self) -> None:
        """Do the last undone action again."""
        self._session.state.redo()

    def on_theme(self) -> None:
        """Change between light and dark."""
        dark = self._session.state.document["theme"] == "dark"
        self._session.state.act("set_theme", theme="light" if dark else "dark")

    def on_cancel(self) -> None:
        """Stop the running job; the last complete map stays."""
        self._session.cancel()

    def on_dismiss(self) -> None:
        """Take the message of a failed job away."""
        self._session.dismiss()

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.clear()

    def on_tab(self, name: str) -> None:
        """Show another tab in the centre."""
        self._session.state.act("set_tab", name=name)

    def on_step(self, by: int) -> None:
        """Show the next tab, or the one before."""
        place = TABS.index(self._session.state.document["tab"]) + by
        self._session.state.act("set_tab", name=TABS[place % len(TABS)])

    def on_store(self, which: str) -> None:
        """Keep the selection as group "a" or "b"."""
        try:
            self._groups.store(which)
        except ExplorerError as error:
            self._session.note(str(error))
            self._session.tell("notes")

    def on_tool(self, name: str) -> None:
        """Choose the tool of the map by its key."""
        self._session.tell("tool", name)
