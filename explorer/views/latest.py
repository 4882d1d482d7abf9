"""Work of a view off the event loop: the latest request wins, the result comes back to the page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

__all__ = ["Latest", "Schedule"]

logger = logging.getLogger(__name__)

Request = TypeVar("Request")
Result = TypeVar("Result")

# Runs a function on the event loop of the page, soon; may be called from any thread.
Schedule = Callable[[Callable[[], None]], None]

# Readers of all sessions share these threads; the kernels below release the interpreter lock.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="view")


class Latest(Generic[Request, Result]):
    """Answers requests one at a time in a thread; a newer request replaces the one that waits.

    Parameters
    ----------
    schedule : callable
        Brings the answer back to the page's event loop.
    work : callable
        From request to result, run in a thread.
    show : callable
        Takes the result, run on the event loop.
    """

    def __init__(
        self, schedule: Schedule, work: Callable[[Request], Result], show: Callable[[Result], None]
    ) -> None:
        self._schedule = schedule
        self._work = work
        self._show = show
        self._lock = threading.Lock()
        self._waiting: list[Request] = []
        self._busy = False

    def ask(self, request: Request) -> None:
        """Ask for this; returns at once, from any thread."""
        with self._lock:
            self._waiting = [request]
            if self._busy:
                return
            self._busy = True
        _pool.submit(self._run)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                request = self._waiting.pop()
            try:
                result: Any = self._work(request)
            except Exception:
                # the page shows what the session knows to be wrong; this is a defect, for the log
                logger.exception("a view could not be drawn")
                continue
            self._schedule(partial(self._show, result))
