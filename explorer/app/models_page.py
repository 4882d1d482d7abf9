"""The Models tab: performance, drift, engagement and ranking, one view at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param
from panel.custom import Child

from explorer.drift.page import DriftView
from explorer.engagement.page import EngagementView
from explorer.performance.page.page import PerformanceView
from explorer.ranking.page import RankingView
from explorer.state import actions
from explorer.state.model_settings import VIEWS
from explorer.ui.component import SessionComponent

if TYPE_CHECKING:
    from explorer.session.session import Session
    from explorer.ui.page_loop import Schedule

__all__ = ["TAB", "ModelsPage"]

TAB: actions.Tab = "Models"
_VIEWS: dict[str, Any] = {
    "performance": PerformanceView,
    "drift": DriftView,
    "engagement": EngagementView,
    "ranking": RankingView,
}
"""How a view is made when it is first opened: from a session and a schedule; it has `refresh`."""


class ModelsPage(SessionComponent):
    """The Models tab: a strip of views, and a place for each."""

    _files = "models_page"

    strip = param.Dict(default={}, doc="Which views there are, and which is open.")
    performance = Child(doc="How models perform.")
    drift = Child(doc="Whether they still behave.")
    engagement = Child(doc="Rates of ads and items.")
    ranking = Child(doc="Where on the page the played title was.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._opened: dict[str, Any] = {}
        self._places = {name: pn.Column(sizing_mode="stretch_both", margin=0) for name in VIEWS}
        super().__init__(session, schedule, **self._places, **params)
        self.refresh(frozenset({"tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        view = document.models.view
        self.strip = {"views": list(_VIEWS), "open": view}
        if document.tab == TAB and view in _VIEWS and view not in self._opened:
            self._opened[view] = _VIEWS[view](self._session, self._schedule)
            self._places[view].append(self._opened[view])
        for opened in self._opened.values():
            opened.refresh(changed)

    def on_view(self, name: actions.ModelView) -> None:
        """Open another view."""
        self._session.state.act(actions.set_models, view=name)
