"""Memo: values by key, each computed once, within a limit of memory."""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

__all__ = ["BackgroundMemo", "Memo"]

logger = logging.getLogger(__name__)

Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """Values by key; the least recently used leave first. Safe for several threads.

    Several threads that ask for the same key wait for one computation; other keys do not wait.

    Parameters
    ----------
    limit : float
        Of the sizes of all values; the latest is kept in any case.
    size : callable
        Size of a value, in the unit of the limit.
    """

    def __init__(
        self, limit: float = math.inf, size: Callable[[Value], float] = lambda _: 0
    ) -> None:
        self._limit, self._size = limit, size
        self._lock = threading.Lock()
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._running: dict[Key, threading.RLock] = {}

    def __iter__(self) -> Iterator[Key]:
        """Keys, the least recently used first."""
        with self._lock:
            return iter(tuple(self._values))

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return a value, computed now if it is not there.

        A value that was forgotten while it was computed is not kept.
        """
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key]
                run = self._running.setdefault(key, threading.RLock())
            with run:
                if self._running.get(key) is run:  # else another thread has finished meanwhile
                    return self._run(key, run, make)

    def _run(self, key: Key, run: threading.RLock, make: Callable[[], Value]) -> Value:
        try:
            value = make()
        except BaseException:
            with self._lock:
                if self._running.get(key) is run:
                    del self._running[key]
            raise
        with self._lock:
            if self._running.get(key) is run:
                self._keep(key, value)
        return value

    def peek(self, key: Key) -> Value | None:
        """Return a value; None while it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Set a value; one that is being computed meanwhile is not kept."""
        with self._lock:
            self._keep(key, value)

    def update(self, key: Key, change: Callable[[Value], Value]) -> bool:
        """Replace a value by what ``change`` makes of it; return False while it is not there."""
        with self._lock:
            present = key in self._values
            if present:
                self._keep(key, change(self._values[key]))
        return present

    def forget(self, chosen: Callable[[Key], bool]) -> None:
        """Drop the values of these keys, also those that are being computed."""
        with self._lock:
            for entries in (self._values, self._running):
                for key in tuple(filter(chosen, entries)):
                    del entries[key]

    def _keep(self, key: Key, value: Value) -> None:
        self._running.pop(key, None)
        self._values[key] = value
        self._values.move_to_end(key)
        if self._limit < math.inf:
            while (
                len(self._values) > 1 and sum(map(self._size, self._values.values())) > self._limit
            ):
                self._values.popitem(last=False)


class BackgroundMemo(Memo[Key, Value]):
    """A `Memo` that can also compute a value in another thread, only the latest asked for."""

    def __init__(
        self, limit: float = math.inf, size: Callable[[Value], float] = lambda _: 0
    ) -> None:
        super().__init__(limit, size)
        self._waiting: tuple[Key, Callable[[], Value]] | None = None
        self._busy = False

    def soon(self, key: Key, make: Callable[[], Value]) -> Value | None:
        """Return a value; None while it is not there, and then another thread computes it."""
        if (value := self.peek(key)) is not None:
            return value
        with self._lock:
            self._waiting = key, make  # others still looked at are asked for with the next frame
            if self._busy:
                return None
            self._busy = True
        threading.Thread(target=self._compute, name="background memo", daemon=True).start()
        return None

    def _compute(self) -> None:
        while True:
            with self._lock:
                if self._waiting is None:
                    self._busy = False
                    return
                (key, make), self._waiting = self._waiting, None
            try:
                self.get(key, make)
            except Exception:
                # whoever asks goes on without it
                logger.exception("a value could not be computed in the background")
