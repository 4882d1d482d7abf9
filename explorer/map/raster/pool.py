"""What all kernels of the process share: a pool of threads, and memory that is cleared already."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from projections import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["ReadyZeros", "later", "n_threads", "run", "share", "zeros"]

Part = TypeVar("Part")
Result = TypeVar("Result")

_LEAST = 4 << 20  # bytes: fewer are cleared in the time that another thread takes to wake
_MOST = 64 << 20  # bytes that may lie ready: more are asked for rarely


@cache
def n_threads() -> int:
    """Return how many cores this process may use."""
    return threads.n_threads(None)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads(), thread_name_prefix="explorer-maps")


if hasattr(os, "register_at_fork"):
    # a forked child inherits the pool object but none of its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


def run(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Call a function that releases the interpreter lock on every part.

    The last part is done by this thread.

    The function must not call ``run`` itself: the pool would wait for its own threads.

    Returns
    -------
    list
        One result per part, in order.
    """
    if not parts:
        return []
    futures = [_pool().submit(function, part) for part in parts[:-1]]
    last = function(parts[-1])
    return [future.result() for future in futures] + [last]


def later(function: Callable[[Part], Result], part: Part) -> Future[Result]:
    """Call a function that releases the interpreter lock on another thread, without waiting."""
    return _pool().submit(function, part)


def share(size: int, work: Callable[[slice], None]) -> None:
    """Cut ``range(size)`` into one slice per thread and call ``work`` on each, as `run` does."""
    cuts = [size * part // n_threads() for part in range(n_threads() + 1)]
    run(work, [slice(start, stop) for start, stop in itertools.pairwise(cuts) if start < stop])


class ReadyZeros:
    """At most one array of zeros, made ready while nobody waits. Safe for several threads.

    It has the size that was asked for last. Ten categories of a screen of 900 × 700 pixels are
    25 MB. To clear them takes three times as long as to count the few rows of a close view; one who
    moves over a map asks for the same size again and again, with pauses in between.

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
            self._ready.append(later(_cleared, np.empty(size, np.uint32)))


zeros = ReadyZeros()
"""Of all maps and sessions of the process."""


def _cleared(array: NDArray[np.uint32]) -> NDArray[np.uint32]:
    array.fill(0)  # touches every page, which numpy.zeros leaves to whoever comes first
    return array
