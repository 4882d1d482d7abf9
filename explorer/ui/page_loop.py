"""The way from any thread to the event loop of one page."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tornado.ioloop import IOLoop

from explorer.ui.batch import run_batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bokeh.document import Document

__all__ = ["PageLoop"]


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
