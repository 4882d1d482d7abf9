"""The latest result of each stage of a drawing, made once however many threads ask for it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LatestMemo"]

Made = TypeVar("Made")


class LatestMemo:
    """The latest of each stage, by what it was made from. Safe for several threads.

    The frame and the legend of a new colour are made side by side, from the same column: who comes
    second waits for the first, and does not read, sort and arrange ten million rows again beside
    it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, Future[Any]]] = {}

    def peek(self, stage: str, key: str) -> Any:
        """Return what was made last of a stage, None unless it is of this key and made."""
        with self._lock:
            latest = self._kept.get(stage)
        made = (
            latest is not None
            and latest[0] == key
            and latest[1].done()
            and not latest[1].exception()
        )
        return latest[1].result() if latest is not None and made else None

    def get(self, stage: str, key: str, make: Callable[[], Made]) -> Made:
        """Return what was made of a stage for this key, made now unless it was the latest.

        Parameters
        ----------
        stage : str
        key : str
            Of everything it is made from.
        make : callable
            Must not ask for the same stage and key. What it raises, everyone who waits for it gets;
            nothing is kept then.
        """
        with self._lock:
            latest = self._kept.get(stage)
            if latest is None or latest[0] != key:
                mine: Future[Any] = Future()
                self._kept[stage] = own = (key, mine)
            else:
                own = None
        if own is None:
            assert latest is not None
            waited: Made = latest[1].result()
            return waited
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                if self._kept.get(stage) is own:
                    del self._kept[stage]
            mine.set_exception(error)
            raise
        mine.set_result(made)
        return made
