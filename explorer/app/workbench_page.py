"""The workbench: rows left, map in the centre, features right, over one session."""

from __future__ import annotations

import base64
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn

from explorer.app.header_bar import HeaderBar
from explorer.app.models_page import ModelsPage
from explorer.app.page_template import link_of_page, page_template
from explorer.app.passwords import GUEST
from explorer.compare.page import ComparePage
from explorer.experiment.page.page import ExperimentPage
from explorer.feature.columns.column_roles import ColumnRoles
from explorer.feature.feature_list import FeatureList
from explorer.feature.page import FeaturePage
from explorer.map.paint.picture import png_bytes
from explorer.map.precompile import kernels_ready
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.relations.page import RelationsPage
from explorer.review.controller import ReviewController
from explorer.review.page.page import ReviewPage
from explorer.rows.page import RowsPage
from explorer.rows.panel import RowsPanel
from explorer.rows.row_card import RowCard
from explorer.session.session import Session
from explorer.session.sessions import Autosave, SessionStore
from explorer.tray.charts import TrayCharts
from explorer.ui.page_loop import PageLoop

if TYPE_CHECKING:
    from explorer.jobs.queue import JobQueue
    from explorer.review.table_reviews import TableReviews
    from explorer.session.downloads import Downloads
    from explorer.session.start import Start
    from explorer.state.document import Tab
    from explorer.table.table import Table

__all__ = ["TABS", "WorkbenchPage"]

_FIRST_FRAME = (820, 856)
_CACHED_SECONDS = 0.3
TABS: dict[Tab, Any] = {
    "Rows": RowsPage,
    "Feature": partial(FeaturePage, wait=True),
    "Together": RelationsPage,
    "Compare": ComparePage,
    "Experiment": partial(ExperimentPage, wait=True),
    "Models": ModelsPage,
    "Review": ReviewPage,
}
# under the map, beside each other
TRAY: dict[str, Any] = {"tray_rows": RowsPage, "tray_charts": TrayCharts}
_SEEN_FIRST = 18  # strips in sight when the page opens


class WorkbenchPage:
    """One person's page.

    Parameters
    ----------
    table : Table
    queue : JobQueue
    start : Start
        What the table opens with.
    ready : tuple, optional
        Key and folder of an embedding that is there already.
    reviews : TableReviews, optional
        Shared by all sessions.
    downloads : Downloads, optional
        Where the server hands out files; without it they go through the page's own connection.
    """

    def __init__(
        self,
        table: Table,
        queue: JobQueue,
        start: Start,
        ready: tuple[str, Any] | None = None,
        reviews: TableReviews | None = None,
        downloads: Downloads | None = None,
    ) -> None:
        makers: dict[type, Any] = (
            {}
            if reviews is None
            else {ReviewController: partial(ReviewController, reviews=reviews)}
        )
        self._session = Session(table, queue, start.document, link_of_page(), start.reasons, makers)
        self._session.downloads = downloads
        if pn.state.user and pn.state.user != GUEST:
            self._session.user, self._session.signed_in = pn.state.user, True
        self._loop = PageLoop(pn.state.curdoc)
        self.views: dict[str, Any] = {}
        self._missed: frozenset[str] = frozenset()  # what changed while the tray was closed
        Autosave(self._session, SessionStore())
        self._session.listen(self._on_change)
        self._session.projection.open(ready)
        # what was counted before is read from the disk, the rest by another process
        first = table.column_names[:_SEEN_FIRST]
        threading.Thread(
            target=table.profiles.start, args=(first,), name="profiles", daemon=True
        ).start()
        # a map from the cache is there in a moment: it then comes with the page
        self._session.projection.wait(_CACHED_SECONDS)
        schedule = self._loop.call_soon
        self.views = {
            "header": HeaderBar(self._session),
            "rows": RowsPanel(self._session, schedule),
            "map": MapCanvas(self._session, schedule),
            "row": RowCard(self._session, schedule),
            "features": FeatureList(self._session, schedule),
            "columns": ColumnRoles(self._session, schedule),
        }
        self._places = {
            name: pn.Column(sizing_mode="stretch_both", margin=0) for name in (*TABS, *TRAY)
        }
        self._open_tab()
        self._open_tray()
        pn.state.on_session_destroyed(lambda _: self._close())

    def template(self) -> pn.Template:
        """Return the page as a Panel template that can be served."""
        session = self._session
        page = page_template("page.html", session.table.title, session.state.document)
        for name in ("header", "rows", "map", "row", "features", "columns"):
            page.add_panel(name, self.views[name])
        # "rows" is the panel on the left
        tabs = {name: "rows_tab" if name == "Rows" else name.lower() for name in TABS}
        for name, panel in tabs.items():
            page.add_panel(panel, self._places[name])
        for name in TRAY:
            page.add_panel(name, self._places[name])
        page.add_variable("tabs", tabs)
        page.add_variable("tray", list(TRAY))
        page.add_variable("first_frame", self._first_frame())
        return page

    def _open_tab(self) -> None:
        """Build the view of the present tab when it is first opened."""
        name = self._session.state.document.tab
        if name in TABS and name not in self.views:
            self.views[name] = TABS[name](self._session, self._loop.call_soon)
            self._places[name].append(self.views[name])

    def _open_tray(self) -> None:
        """Build the views under the map when these are first opened."""
        if not self._session.state.document.tray.open:
            return
        for name, view in TRAY.items():
            if name not in self.views:
                self.views[name] = view(self._session, self._loop.call_soon)
                self._places[name].append(self.views[name])

    def _first_frame(self) -> str:
        """Draw the map into the served page, so that it is there before any script has run."""
        shown = self._session.projection.map()
        if shown is None or not kernels_ready.is_set():
            return ""
        view = self._session.state.document.viewport
        viewport = Viewport.fitted(shown.store.extent, *_FIRST_FRAME)
        if view is not None:
            viewport = Viewport.fitted((*view.x, *view.y), *_FIRST_FRAME, margin=0.0)
        rgba = self._session.scene.draw(shown, viewport).rgba[::-1]
        return f"data:image/png;base64,{base64.b64encode(png_bytes(rgba)).decode()}"

    def _close(self) -> None:
        self._loop.close()
        self._session.close()

    def _on_change(self, changed: frozenset[str]) -> None:
        self._loop.call_soon(partial(self._refresh, changed))

    def _refresh(self, changed: frozenset[str]) -> None:
        self._session.projection.undo_failed()
        self._session.projection.resume()
        if "tab" in changed:
            self._open_tab()
        if "tray" in changed:
            self._open_tray()
        if "map" not in self.views:  # still being built: a view reads the session as it is then
            return
        self.views["header"].refresh()
        # the picture leaves before what stands around it, and what is said of a selection too
        self.views["map"].refresh(changed)
        self.views["map"].after_explanation(changed, self._refresh_others)

    def _refresh_others(self, changed: frozenset[str]) -> None:
        # nothing is counted for a tray that nobody sees
        closed = not self._session.state.document.tray.open
        unseen = self._missed | changed
        self._missed = unseen if closed else frozenset()
        for name, view in self.views.items():
            if name in TRAY:
                if not closed:
                    view.refresh(unseen)
            elif name not in ("map", "header"):
                view.refresh(changed)
