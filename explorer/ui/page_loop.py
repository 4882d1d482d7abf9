"""The event loop of one page: the way to it from any thread, and changes that are sent together."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import panel as pn
from tornado.ioloop import IOLoop

from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bokeh.document import Document

__all__ = ["PageLoop", "run_batch"]

logger = logging.getLogger(__name__)


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
