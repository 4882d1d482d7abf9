"""The dashboard: the experiment of a table alone, as a page that can be handed round."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn

from explorer.app.header_bar import HeaderBar
from explorer.app.page_template import link_of_page, page_template
from explorer.experiment.page.page import TAB, ExperimentPage
from explorer.review.controller import ReviewController
from explorer.session.session import Session
from explorer.state import actions
from explorer.ui.page_loop import PageLoop

if TYPE_CHECKING:
    from explorer.jobs.queue import JobQueue
    from explorer.review.table_reviews import TableReviews
    from explorer.session.start import Start
    from explorer.table.table import Table

__all__ = ["DashboardPage"]


class DashboardPage:
    """One person's page with an experiment, and only what that needs: no map is made.

    Parameters
    ----------
    table : Table
    queue : JobQueue
    start : Start
        What the table opens with; its experiment, where its catalogue names one.
    reviews : TableReviews, optional
        Shared by all sessions.
    """

    def __init__(
        self, table: Table, queue: JobQueue, start: Start, reviews: TableReviews | None = None
    ) -> None:
        document = {**start.document, "tab": TAB}
        makers: dict[type, Any] = (
            {}
            if reviews is None
            else {ReviewController: partial(ReviewController, reviews=reviews)}
        )
        self._session = Session(table, queue, document, link_of_page(), start.reasons, makers)
        if self._session.state.document.tab != TAB:  # a link of the whole workbench
            self._session.state.act(actions.set_tab, name=TAB)
        self._loop = PageLoop(pn.state.curdoc)
        self.header = HeaderBar(self._session, tabs=())
        self._experiment = ExperimentPage(self._session, self._loop.call_soon, wait=True)
        self._session.listen(self._on_change)
        pn.state.on_session_destroyed(lambda _: self._close())

    def template(self) -> pn.Template:
        """Return the page as a Panel template that can be served."""
        session = self._session
        page = page_template("experiment.html", session.table.title, session.state.document)
        views: dict[str, Any] = {"header": self.header, "experiment": self._experiment}
        for name, view in views.items():
            page.add_panel(name, view)
        return page

    def _close(self) -> None:
        self._loop.close()
        self._session.close()

    def _on_change(self, changed: frozenset[str]) -> None:
        self._loop.call_soon(partial(self._refresh, changed))

    def _refresh(self, changed: frozenset[str]) -> None:
        self.header.refresh()
        self._experiment.refresh(changed)
