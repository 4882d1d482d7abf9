"""Blocks of rows on a small pool of threads; the caller's thread reports and cancels."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from projections.errors import Progress, report
from projections.validation import check_integer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["n_threads", "run_blocks"]


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads to use: all cores of this process for None and -1, else `n_jobs`."""
    if n_jobs is None or n_jobs == -1:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    return check_integer("n_jobs (or None, or -1, for all cores)", n_jobs, 1)


def run_blocks(
    work: Callable[[int, int], object],
    n_rows: int,
    block: int,
    *,
    stage: str,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Call ``work(start, stop)`` for every block of rows, several at a time.

    Parameters
    ----------
    work : callable
        Must release the GIL to gain from threads, and must write only what belongs to its rows
        ``[start, stop)``.
    n_rows, block : int
        All rows, and the rows of one call (the last may have fewer).
    stage : str
        Name under which rows done are reported.
    n_jobs : int, optional
        Threads, as in `n_threads`.
    progress : callable, optional
        See `projections.errors.report`; called in this thread, after each block.

    Raises
    ------
    Cancelled
        Blocks that run are finished first, blocks that wait are dropped.
    """
    report(progress, stage, 0, n_rows)
    pool = ThreadPoolExecutor(n_threads(n_jobs), thread_name_prefix=f"projections-{stage}")
    try:
        sizes = {}
        for start in range(0, n_rows, block):
            stop = min(start + block, n_rows)
            sizes[pool.submit(work, start, stop)] = stop - start
        done = 0
        for future in as_completed(sizes):
            future.result()
            done += sizes[future]
            report(progress, stage, done, n_rows)
    finally:
        pool.shutdown(cancel_futures=True)
