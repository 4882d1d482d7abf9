"""Work of a view off the event loop: the latest request wins, the result comes back to the page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from explorer.core.errors import ExplorerError

__all__ = ["LatestTask", "Schedule"]

logger = logging.getLogger(__name__)

Request = TypeVar("Request")
Result = TypeVar("Result")

# Runs a function on the event loop of the page, soon; may be called from any thread.
Schedule = Callable[[Callable[[], None]], None]

# Readers of all sessions share these threads; the kernels below release the interpreter lock.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="view")


class LatestTask(Generic[Request, Result]):
    """Answers requests one at a time in a thread; a newer request replaces the one that waits.

    Parameters
    ----------
    schedule : callable
        Brings the answer back to the page's event loop.
    work : callable
        From request to result, run in a thread.
    show : callable
        Takes the result, run on the event loop.
    pool : ThreadPoolExecutor, optional
        Threads of its own, for work of seconds that must not keep pictures waiting.
    """

    def __init__(
        self,
        schedule: Schedule,
        work: Callable[[Request], Result],
        show: Callable[[Result], None],
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        self._schedule = schedule
        self._work = work
        self._show = show
        self._pool = pool or _pool
        self._lock = threading.Lock()
        self._waiting: list[Request] = []
        self.busy = False
        self._turn = 0
        self._after: Callable[[], None] | None = None

    def submit(self, request: Request) -> None:
        """Ask for this; returns at once, from any thread."""
        with self._lock:
            self._waiting = [request]
            if self.busy:
                return
            self.busy = True
        self._pool.submit(self._run)

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call this on the event loop, once the last answer was shown.

        The latest such call replaces others.
        """
        with self._lock:
            if self.busy:
                self._after = call
                return
        self._schedule(call)

    def show_now(self, result: Result) -> None:
        """Show this now, on the event loop; earlier requests are not shown any more."""
        with self._lock:
            self._waiting = []
            self._turn += 1
        self._show(result)

    def _run(self) -> None:
        while (request := self._next()) is not None:
            self._answer(*request)

    def _next(self) -> tuple[Request, int] | None:
        """Return the request that waits, and its turn.

        Without one, call what was to come after, and return None.
        """
        with self._lock:
            if self._waiting:
                return self._waiting.pop(), self._turn
            self.busy, after, self._after = False, self._after, None
        if after is not None:
            self._schedule(after)
        return None

    def _answer(self, request: Request, turn: int) -> None:
        try:
            result: Any = self._work(request)
            self._schedule(partial(self._bring, result, turn))
        except ExplorerError as error:
            logger.warning("%s", error)
        except Exception:
            # the page shows what the session knows to be wrong; this is a defect, for the log,
            # unless the process is going down
            if threading.main_thread().is_alive():
                logger.exception("a view could not be drawn")

    def _bring(self, result: Result, turn: int) -> None:
        if turn == self._turn:
            self._show(result)
