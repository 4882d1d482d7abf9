"""Base of the cards whose requests are done one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.ui.serial_tasks import SerialTasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.state import State
    from explorer.table.table import Table
    from explorer.ui.page_loop import Schedule

__all__ = ["TaskCard"]


class TaskCard:
    """What the page lists of a table, and requests to change it.

    Parameters
    ----------
    table : Table
    state : State
    rows : RowSelection
    schedule : callable
        Runs a function on the page's event loop.
    done : callable
        Called there after something was done.
    user : str
        Who is signed in; empty for nobody.
    """

    def __init__(
        self,
        table: Table,
        state: State,
        rows: RowSelection,
        schedule: Schedule,
        done: Callable[[], None],
        user: str,
    ) -> None:
        self._table, self._state, self._rows = table, state, rows
        self._schedule, self._user = schedule, user
        self._tasks = SerialTasks(schedule, done)

    def status(self) -> dict[str, Any]:
        """Return how many requests were done, why the last one failed, and who asks; JSON."""
        return {"turn": self._tasks.turn, "error": self._tasks.error, "author": self._user}
