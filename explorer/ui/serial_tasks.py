"""Requests of a view, carried out one after the other in a thread; none is dropped."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SerialTasks"]


class SerialTasks:
    """Does what is asked for, and says how it went.

    Parameters
    ----------
    schedule : callable
        Runs a function on the page's event loop.
    done : callable
        Called there after something was done.

    Attributes
    ----------
    turn : int
        How many were done.
    error : str
        Why the last one could not be done; empty if it could.
    """

    def __init__(self, schedule: Schedule, done: Callable[[], None]) -> None:
        self._asked: deque[Callable[[], Any]] = deque()
        self._work: LatestTask[None, None] = LatestTask(
            schedule, lambda _: self._do(), lambda _: done()
        )
        self.turn, self.error = 0, ""

    def submit(self, work: Callable[[], Any]) -> None:
        """Do this after what was asked for before; returns at once."""
        self._asked.append(work)
        self._work.submit(None)

    def _do(self) -> None:
        while self._asked:
            work = self._asked.popleft()
            try:
                work()
                self.error = ""
            except ExplorerError as error:
                self.error = str(error)
            self.turn += 1
