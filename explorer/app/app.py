"""The pages for `panel serve`; table and queue are shared by all sessions of the process.

Panel's server is set up before an app runs: what `explorer.app.server` adds to its answers, logins
and sessions cannot be added from here, and the log says so.
"""

from __future__ import annotations

import atexit
import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import panel as pn

from explorer.app.dashboard import DashboardPage
from explorer.app.workbench_page import WorkbenchPage
from explorer.core.errors import ExplorerError
from explorer.jobs.queue import JobQueue
from explorer.map.precompile import warm_kernels
from explorer.review.table_reviews import TableReviews
from explorer.session.start import choose_start
from explorer.table.table import open_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.session.start import Start
    from explorer.table.table import Table

__all__ = ["dashboard", "models", "workbench"]

logger = logging.getLogger(__name__)


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
    table, start, queue, reviews = _shared(files, "explore")
    return WorkbenchPage(table, queue, start, reviews=reviews).template()


def dashboard(files: Sequence[str]) -> Any:
    """Return a page with the experiment of the table in these files, and nothing else.

    Parameters
    ----------
    files : sequence of str
        What follows ``--args``, as for `workbench`.

    Raises
    ------
    ExplorerError
        If no file is named or the table cannot be opened.
    """
    table, start, queue, reviews = _shared(files, "experiment")
    return DashboardPage(table, queue, start, reviews).template()


def models(files: Sequence[str]) -> Any:
    """Return the page of this session on the table in these files, opened at its models.

    Parameters
    ----------
    files : sequence of str
        What follows ``--args``, as for `workbench`.

    Raises
    ------
    ExplorerError
        If no file is named or the table cannot be opened.
    """
    table, start, queue, reviews = _shared(files, "models")
    at_models = replace(start, document={**start.document, "tab": "Models"})
    return WorkbenchPage(table, queue, at_models, reviews=reviews).template()


def _shared(files: Sequence[str], script: str) -> tuple[Table, Start, JobQueue, TableReviews]:
    """Return what all sessions of the process share."""
    if not files:
        raise ExplorerError(f"no table is named: panel serve apps/{script}.py --args FILE...")
    shared: tuple[Table, Start, JobQueue, TableReviews] = pn.state.as_cached(
        "explorer: " + "\n".join(files), lambda: _opened(files)
    )
    return shared


def _opened(files: Sequence[str]) -> tuple[Table, Start, JobQueue, TableReviews]:
    logger.warning(
        "under panel serve a page has no Content-Security-Policy, no safe cookies, no wait after "
        "wrong passwords and no "
        "limit of sessions: for other people use explorer serve"
    )
    table = open_table(list(files) if len(files) > 1 else files[0])
    queue = JobQueue(table.columns.cache)
    queue.warm()
    threading.Thread(target=warm_kernels, name="warm", daemon=True).start()
    atexit.register(queue.close)
    return table, choose_start(table), queue, TableReviews(table)
