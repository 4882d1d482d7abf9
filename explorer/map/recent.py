"""Recent: what was drawn from the maps in use, shared by all sessions, within a limit of memory."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from explorer.map.paint.encoded_frame import EncodedFrame
    from explorer.map.pyramid import Pyramid

__all__ = ["WORTH_ROWS", "Recent", "pyramids", "screens"]

logger = logging.getLogger(__name__)

WORTH_ROWS = 2_000_000
"""Up to here the rows themselves are counted in a few milliseconds, exactly for any viewport."""

_PYRAMIDS = 512 << 20  # bytes: some thirty of counts
_SCREENS = 64 << 20  # bytes: some sixty of numbers, fifteen of categories


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Made = TypeVar("Made", bound=_Sized)


class Recent(Generic[Made]):
    """Things by what they show, the least recently used leaving first. Safe for several threads.

    Parameters
    ----------
    limit : int
        Bytes of all that are kept; the latest is kept in any case.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._waiting: OrderedDict[Hashable, Callable[[], Made]] = OrderedDict()
        self._busy = False

    def at_hand(self, key: Hashable) -> Made | None:
        """Return one, None if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get(self, key: Hashable, build: Callable[[], Made]) -> Made:
        """Return one, built now if it is not there.

        Parameters
        ----------
        key : hashable
            Of everything that it shows.
        build : callable
        """
        found = self.at_hand(key)
        return self._keep(key, build()) if found is None else found

    def soon(self, key: Hashable, build: Callable[[], Made]) -> Made | None:
        """Return one; None while it is not there, and then it is built in another thread."""
        if (found := self.at_hand(key)) is not None:
            return found
        with self._lock:
            self._waiting[key] = build
            self._waiting.move_to_end(key)  # what was asked for last is looked at now
            if self._busy:
                return None
            self._busy = True
        threading.Thread(target=self._run, name="recent", daemon=True).start()
        return None

    def _keep(self, key: Hashable, made: Made) -> Made:
        with self._lock:
            self._kept[key] = made
            while (
                len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > self._limit
            ):
                self._kept.popitem(last=False)
        return made

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                key, build = self._waiting.popitem()
                self._waiting.clear()  # what is still looked at is asked for again with its next frame
            try:
                self._keep(key, build())
            except Exception:
                logger.exception("a picture could not be prepared")  # frames go on without it


pyramids: Recent[Pyramid] = Recent(_PYRAMIDS)
"""Of all maps and sessions of the process."""

screens: Recent[EncodedFrame] = Recent(_SCREENS)
"""Exact pictures at rest: a colour that is chosen again is there at once."""
