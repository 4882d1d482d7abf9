"""The Ranking view of the Models tab: how high up, and where on the page, the played title was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param
from panel.custom import Child

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.ranking.cards import ranking_card
from explorer.ranking.compute import ranking
from explorer.ranking.plots import (
    RankingCurveFigure,
    chance_figure,
    curve_figure,
    curve_plot,
    examined_figure,
    key_of_lines,
)
from explorer.session.model_analysis import ModelAnalysis
from explorer.state import actions
from explorer.ui.analysis.analysis_files import TYPES
from explorer.ui.analysis.analysis_view import AnalysisView
from explorer.ui.plots.plots import holoviews

if TYPE_CHECKING:
    from explorer.ranking.ranking import Ranking
    from explorer.session.session import Session
    from explorer.ui.page_loop import Schedule

__all__ = ["RankingView"]

_NEEDED = {
    "position": _("name the position of a title on its list"),
    "outcome": _("name the outcome: played, clicked"),
}


class RankingView(AnalysisView):
    """Ranking of the Models tab."""

    _files = "page"
    _view = "ranking"
    _change = staticmethod(actions.set_ranking)
    _sent = ("setup", "offers", "result", "lines")

    lines = param.Dict(
        default={}, doc="Colour, dash and marker of each line of the position curve."
    )
    curve = Child(doc="Rate by position.")
    chance = Child(doc="Chance of any play within a depth.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._figures: dict[str, RankingCurveFigure] = {}
        self._curve = "rate"
        self._places = {
            name: pn.Column(sizing_mode="stretch_width", margin=0) for name in ("curve", "chance")
        }
        analysis = ModelAnalysis(
            session.table,
            session.state,
            session.rows,
            lambda models: models.ranking,
            ranking,
            _NEEDED,
        )
        super().__init__(session, schedule, analysis, **self._places, **params)

    # --- what the page sends

    def on_curve(self, name: str) -> None:
        """Draw by position the rate, or how often it is looked at."""
        self._curve = name
        self._draw()

    def on_place(self, row: int, column: int, mode: actions.SelectMode = "replace") -> None:
        """Select the rows that stood in a row and column of the page."""
        ranking = self._job.result
        if ranking is None or ranking.row is None or ranking.column is None:
            return
        at = ((ranking.row, row), (ranking.column, column))
        parts = [
            {"column": name, "range": [float(place - 1 + ranking.starts[name])] * 2}
            for name, place in at
        ]
        try:
            self._session.state.act(actions.select, selection={"and": parts}, mode=mode)
        except ExplorerError as error:
            self.error = str(error)

    def on_save_plot(self, name: str) -> None:
        """Hand out the numbers that a plot draws."""
        if name in self._figures:
            self._hand_file(f"ranking-{name}.csv", TYPES["csv"], self._figures[name].csv.encode())

    # --- what is shown

    def _card(self, ranking: Ranking) -> dict[str, Any]:
        return ranking_card(ranking)

    def _draw(self) -> None:
        if self._job.result is None:
            return
        theme = self._session.state.document.theme
        examined = self._curve == "examined" and bool(self._job.result.examination)
        self._figures = {
            "curve": (examined_figure if examined else curve_figure)(self._job.result, theme),
            "chance": chance_figure(self._job.result, theme),
        }
        self.lines = {
            **self.lines,
            "keys": key_of_lines(self._figures["curve"]),
            "curve": "examined" if examined else "rate",
        }
        for name, figure in self._figures.items():
            plot = holoviews().renderer("bokeh").get_plot(curve_plot(figure)).state
            self._places[name][:] = [pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)]
