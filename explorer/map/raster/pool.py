"""One pool of threads for all kernels of the process."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from projections import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["later", "n_threads", "run", "share"]

Part = TypeVar("Part")
Result = TypeVar("Result")


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
