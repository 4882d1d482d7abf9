"""The workbench for `panel serve`: the table and the queue are shared by all sessions of the process."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING, Any

import panel as pn

from explorer.errors import ExplorerError
from explorer.jobs.queue import JobQueue
from explorer.maps.warm import warm_kernels
from explorer.pages.workbench import WorkbenchPage
from explorer.session.start import start_of
from explorer.workbench.table import open_table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["workbench"]


def workbench(files: Sequence[str]) -> Any:
    """Return the page of this session on the table in these files.

    Parameters
    ----------
    files : sequence of str
        What follows ``--args``: path, glob, folder or several of them.

    Raises
    ------
    ExplorerError
        If no file is named or the table cannot be opened.
    """
    if not files:
        raise ExplorerError("no table is named: panel serve apps/explore.py --args FILE...")
    table, start, queue = pn.state.as_cached("explorer: " + "\n".join(files), lambda: _opened(files))
    return WorkbenchPage(table, queue, start).template()


def _opened(files: Sequence[str]) -> tuple[Any, Any, JobQueue]:
    table = open_table(list(files) if len(files) > 1 else files[0])
    queue = JobQueue(table.cache)
    queue.warm()
    threading.Thread(target=warm_kernels, name="warm", daemon=True).start()
    atexit.register(queue.close)
    return table, start_of(table), queue
