"""The event loop of one page: the way to it from any thread, and work that is done beside it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import panel as pn
from tornado.ioloop import IOLoop

from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    from bokeh.document import Document

__all__ = ["LatestTask", "PageLoop", "Schedule", "run_batch"]

logger = logging.getLogger(__name__)

Request = TypeVar("Request")
Result = TypeVar("Result")

# Runs a function on the event loop of the page, soon; may be called from any thread.
Schedule = Callable[[Callable[[], None]], None]

# Readers of all sessions share these threads; the kernels below release the interpreter lock.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="view")


class PageLoop:
    """Runs functions on the event loop of a page, one after the other, with its document at hand.

    A document takes callbacks from its own thread alone: one that another thread adds while the
    document is set up, or while its events are held back, may be lost, and what it had to show is
    then never shown.

    Parameters
    ----------
    document : Document or None
        Of the page; None where there is no page, as in tests: functions then run at once.
    """

    def __init__(self, document: Document | None) -> None:
        self._document = document
        self._loop: IOLoop | None = None
        self._closed = False
        if document is not None and asyncio._get_running_loop() is not None:
            self._loop = IOLoop.current()

    def call_soon(self, function: Callable[[], None]) -> None:
        """Run this soon, on the event loop; nothing runs after `close`.

        May be called from any thread.
        """
        if self._document is None:
            function()
        elif self._loop is None:
            self._add(function)
        else:
            self._loop.add_callback(self._add, function)

    def close(self) -> None:
        """Run nothing any more, since the person has left."""
        self._closed = True

    def _add(self, function: Callable[[], None]) -> None:
        if not self._closed and self._document is not None:
            self._document.add_next_tick_callback(partial(run_batch, self._document, function))


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


def run_batch(document: Document, function: Callable[[], object]) -> None:
    """Run a function of a page, and send its changes when it ends. An error is logged.

    Left alone, Panel sends a change by a task of its own wherever Bokeh is just writing. Such a
    task comes later than what Bokeh sends meanwhile, so that an older value may be the last to
    arrive; and of two tasks that meet, the second's message may lie about until somebody changes
    something else (`panel.io.document`, `unlocked` and `_dispatch_msgs` of 1.9).

    Parameters
    ----------
    document : Document
        Of the page; this is called as its next tick, which has its lock.
    function : callable
    """
    # Panel drops what changes after a browser has fetched the document and before it says that all
    # of it is drawn, taking it for a part of what was fetched (`_drain_unconnected_events` of 1.9);
    # to Bokeh nothing is lost. Not said while the page is built: a view's class that is loaded by
    # then comes with the document, and must not be sent again.
    pn.state._connected[document] = True
    _send_at_once(document)
    held = bool(document.callbacks.hold_value)  # then this is a part of what is held already
    if not held:
        document.hold("combine")
    try:
        function()
    except ExplorerError as error:
        logger.warning("%s", error)
    except Exception:
        # left to Bokeh, this document would be the present one of every other page from here on
        # (`bokeh.io.doc.patch_curdoc` of 3.9)
        logger.exception("what a page was to show or do failed")
    finally:
        if not held:
            document.unhold()


def _send_at_once(document: Document) -> None:
    """Let the system send small messages at once.

    By default the last and smallest message of several waits until the browser has confirmed those
    before, which browsers put off by 40 ms (Nagle, 1984, RFC 896, beside delayed acknowledgements).
    Bokeh (3.9) does not ask Tornado for anything else.
    """
    session = getattr(document.session_context, "session", None)
    for connection in getattr(session, "_subscribed_connections", ()):
        socket = connection._socket
        if getattr(socket, "ws_connection", None) is not None:
            socket.set_nodelay(True)
