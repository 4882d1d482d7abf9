"""The Engagement view of the Models tab: how surely each ad or item was taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param
from panel.custom import Child

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.engagement.cards import engagement_card, item_card
from explorer.engagement.compute import engagement
from explorer.engagement.item_list import EngagementList
from explorer.engagement.plots import FunnelFigure, funnel_figure, funnel_plot
from explorer.session.model_analysis import ModelAnalysis
from explorer.state import actions
from explorer.table.units.segment_rows import segment_definition
from explorer.ui.analysis.analysis_files import TYPES
from explorer.ui.analysis.analysis_view import AnalysisView
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.plots.plots import holoviews

if TYPE_CHECKING:
    from explorer.engagement.engagement import Engagement
    from explorer.session.session import Session

__all__ = ["EngagementView"]

_NEEDED = {
    "item": _("name the column of the ads or items"),
    "outcome": _("name the outcome: clicked, played, minutes"),
}
_WINDOW = 60


class EngagementView(AnalysisView):
    """Engagement of the Models tab."""

    _files = "page"
    _view = "engagement"
    _change = staticmethod(actions.set_engagement)
    _sent = ("setup", "offers", "result", "items")

    items = param.Dict(default={}, doc="Items, as far as they are in sight.")
    chosen = param.Dict(default={}, doc="One item, by segment.")
    funnel = Child(doc="Every item by its rows and its rate.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._list: EngagementList | None = None
        self._figure: FunnelFigure | None = None
        self._listed: dict[str, Any] = {"start": 0, "stop": _WINDOW, "search": ""}
        self._view_shown = session.state.document.views.items
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._windows: LatestTask[tuple[EngagementList, dict[str, Any]], dict[str, Any]] = (
            LatestTask(schedule, lambda request: request[0].window(**request[1]), self._show_items)
        )
        analysis = ModelAnalysis(
            session.table,
            session.state,
            session.rows,
            lambda models: models.engagement,
            engagement,
            _NEEDED,
        )
        super().__init__(session, schedule, analysis, funnel=self._place, **params)

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        super().refresh(changed)
        document = self._session.state.document
        if document.tab != "Models" or document.models.view != self._view:
            return
        before, self._view_shown = self._view_shown, document.views.items
        if before.segment != self._view_shown.segment and self._job.result is not None:
            self._choose_segment(self._job.result)
            self._draw()
        if before != self._view_shown:
            self._send()

    # --- what the page sends

    def on_window(self, start: int, stop: int, sort: actions.ItemOrder, search: str) -> None:
        """Send the items that have come into sight, or are asked for in another order."""
        self._listed = {
            "start": start,
            "stop": min(stop, start + 4 * _WINDOW),
            "search": search,
        }
        self._session.state.act(actions.set_item_view, order=sort)
        self._send()

    def on_segment(self, segment: str | None) -> None:
        """Show the items of one segment; None: of the whole."""
        self._session.state.act(actions.set_item_view, segment=segment)

    def on_choose(self, item: str | None, mode: actions.SelectMode = "replace") -> None:
        """Select the rows of an item, in the segment shown, and show it by segment.

        None: nothing is chosen.
        """
        if self._job.result is None or self._list is None:
            return
        self.chosen = (item_card(self._job.result, item) or {}) if item is not None else {}
        if item is None:
            return
        rows: dict[str, Any] = {"column": self._job.result.item, "levels": [item]}
        try:
            if self._list.segment is not None:
                inside = segment_definition(
                    self._session.table, self._job.result.by[0], self._list.segment
                )
                rows = {"and": [rows, inside]}
            self._session.state.act(actions.select, selection=rows, mode=mode)
        except ExplorerError as error:
            self.error = str(error)

    def on_save_plot(self) -> None:
        """Hand out the numbers that the plot draws."""
        if self._figure is not None:
            self._hand_file("engagement-items.csv", TYPES["csv"], self._figure.csv.encode())

    # --- what is shown

    def _card(self, engagement: Engagement) -> dict[str, Any]:
        return engagement_card(engagement, self._session.table.features[engagement.outcome].label)

    def _leave(self) -> None:
        self._list = None
        self.param.update(items={}, chosen={})

    def _take(self, engagement: Engagement) -> None:
        self._choose_segment(engagement)
        self.chosen = {}
        self._send()

    def _choose_segment(self, engagement: Engagement) -> None:
        """List the items of the segment of the state; of all, where there is no such segment."""
        segment = self._session.state.document.views.items.segment
        segments = {segment["segment"] for segment in self.result["segments"]}
        self._list = EngagementList(engagement, segment if segment in segments else None)
        self._listed |= {"start": 0, "stop": _WINDOW}

    def _send(self) -> None:
        if self._list is not None:
            order = self._session.state.document.views.items.order
            self._windows.submit((self._list, {**self._listed, "sort": order}))

    def _show_items(self, items: dict[str, Any]) -> None:
        self.items = items

    def _draw(self) -> None:
        if self._job.result is None or self._list is None:
            return
        self._figure = funnel_figure(
            self._job.result, self._list.rows, self._session.state.document.theme
        )
        plot = holoviews().renderer("bokeh").get_plot(funnel_plot(self._figure)).state
        self._place[:] = [pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)]
