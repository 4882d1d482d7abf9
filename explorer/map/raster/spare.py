"""Spare: an array of zeros made ready while nobody waits.

It is for a result of which the rows touch little.

Ten categories of a screen of 900 × 700 pixels are 25 MB. To clear them takes three times as long as
to count the few rows of a close view; one who moves over a map asks for the same size again and
again, with pauses in between.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from explorer.map.raster import pool

if TYPE_CHECKING:
    from concurrent.futures import Future

    from numpy.typing import NDArray

__all__ = ["Spare", "spare"]

_LEAST = 4 << 20  # bytes: fewer are cleared in the time that another thread takes to wake
_MOST = 64 << 20  # bytes that may lie ready: more are asked for rarely


class Spare:
    """At most one array of zeros, of the size that was asked for last. Safe for several threads.

    Parameters
    ----------
    least, most : int
        Bytes of an array that is worth having ready; others are made when they are asked for.
    """

    def __init__(self, least: int = _LEAST, most: int = _MOST) -> None:
        self._least, self._most = least, most
        # a queue of one: taking from it and putting back are single steps, so that no two callers
        # get the same array
        self._ready: deque[Future[NDArray[np.uint32]]] = deque(maxlen=1)

    def take(self, size: int) -> NDArray[np.uint32]:
        """Return zeros of shape (size,), uint32, that nobody else has or will have."""
        try:
            result = self._ready.pop()
        except IndexError:
            return np.zeros(size, np.uint32)
        if not result.done():
            self._ready.append(result)  # waiting for it takes as long as clearing another one
            return np.zeros(size, np.uint32)
        array = result.result()
        return array if array.size == size else np.zeros(size, np.uint32)

    def refill(self, size: int) -> None:
        """Make zeros of shape (size,) ready in another thread, if that is worth it.

        Nothing is done while others are ready.
        """
        if self._ready or not self._least <= 4 * size <= self._most:
            return
        # without memory for it, or at the end of the process, the next caller clears an array of
        # its own
        with contextlib.suppress(MemoryError, RuntimeError):
            self._ready.append(pool.later(_cleared, np.empty(size, np.uint32)))


spare = Spare()
"""Of all maps and sessions of the process."""


def _cleared(array: NDArray[np.uint32]) -> NDArray[np.uint32]:
    array.fill(0)  # touches every page, which numpy.zeros leaves to whoever comes first
    return array
