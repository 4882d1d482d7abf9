"""How far a long job of a view is, in words with a forecast, and the way to stop it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.ui.page_loop import Schedule
    from projections.errors import Progress

__all__ = ["CancellableProgress"]

_REPORT_EVERY = 0.2  # seconds
_SURE_AFTER = 1.0  # seconds, before which a forecast says little

_WORDS = {
    "count": _("counting rows"),
    "columns": _("reading columns"),
    "items": _("items, in the whole and in segments"),
    "metrics": _("metrics, in the whole and in parts"),
    "lists": _("lists, positions and segments"),
    "figures": _("figures and their differences"),
    "chunks": _("comparing chunks with the reference"),
    "rows": _("training the classifier"),
}


class CancellableProgress:
    """Jobs of a view, one after the other; a new one ends the one before at its next step.

    Parameters
    ----------
    schedule : callable
        Runs a function on the page's event loop.
    tell : callable
        Is told the words, on the event loop.
    """

    def __init__(self, schedule: Schedule, tell: Callable[[str], None]) -> None:
        self._schedule, self._tell = schedule, tell
        self._turn = 0

    def begin(self) -> Progress:
        """Begin a job, on the event loop.

        In its thread, a stop before it has begun would stop nothing.

        Returns
        -------
        callable
            What the job is to call with a stage, what is done and what there is: False asks it to
            end.
        """
        self._turn += 1
        turn, reported = self._turn, 0.0
        began: dict[str, float] = {}

        def progress(stage: str, done: int, total: int) -> bool:
            nonlocal reported
            now = time.monotonic()
            since = began.setdefault(stage, now)
            if turn == self._turn and now - reported > _REPORT_EVERY:
                reported = now
                self._schedule(partial(self._say, turn, _words(stage, done, total, now - since)))
            return turn == self._turn

        return progress

    def stop(self) -> None:
        """End the job at its next step."""
        self._turn += 1

    def _say(self, turn: int, text: str) -> None:
        if turn == self._turn:
            self._tell(text)


def _words(stage: str, done: int, total: int, seconds: float) -> str:
    label = _WORDS.get(stage, stage)
    if not total:
        return label
    seconds_left = seconds * (total - done) / done if done else 0.0
    forecast = (
        _(", about {seconds_left:,.0f} s left").format(seconds_left=seconds_left)
        if seconds > _SURE_AFTER and seconds_left >= 1
        else ""
    )
    return f"{label}: {100 * done / total:.0f} %{forecast}"
