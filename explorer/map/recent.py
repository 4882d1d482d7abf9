"""What was drawn from the maps in use, shared by all sessions, within a limit of memory."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from explorer.core.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from explorer.map.paint.encoded_frame import EncodedFrame
    from explorer.map.pyramid import Pyramid

__all__ = ["WORTH_ROWS", "BackgroundMemo", "encoded_frames", "pyramids"]

logger = logging.getLogger(__name__)

WORTH_ROWS = 2_000_000
"""Up to here the rows themselves are counted in a few milliseconds, exactly for any viewport."""

_PYRAMIDS = 512 << 20  # bytes: some thirty of counts
_ENCODED_FRAMES = 64 << 20  # bytes: some sixty of numbers, fifteen of categories

Value = TypeVar("Value")


class BackgroundMemo(Memo["Hashable", Value], Generic[Value]):
    """A `Memo` that can also compute a value in another thread, only the latest asked for."""

    def __init__(self, limit: float, size: Callable[[Value], float]) -> None:
        super().__init__(limit, size)
        self._waiting: tuple[Hashable, Callable[[], Value]] | None = None
        self._busy = False

    def soon(self, key: Hashable, make: Callable[[], Value]) -> Value | None:
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
                logger.exception("a picture could not be prepared")  # frames go on without it


def _nbytes(value: Any) -> int:
    size: int = value.nbytes
    return size


pyramids: BackgroundMemo[Pyramid] = BackgroundMemo(_PYRAMIDS, _nbytes)
"""Of all maps and sessions of the process."""

encoded_frames: Memo[Hashable, EncodedFrame] = Memo(_ENCODED_FRAMES, _nbytes)
"""Exact pictures at rest: a colour that is chosen again is there at once."""
