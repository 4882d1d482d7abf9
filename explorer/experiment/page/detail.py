"""What is looked at of an experiment: its figures and plots, read in a thread and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import panel as pn

from explorer.core.errors import ExplorerError
from explorer.experiment.page.chosen_cell import ChosenCell, chosen_cell_card
from explorer.experiment.page.figures import (
    ExperimentFigure,
    curve_figure,
    forest_figure,
    time_figure,
    values_figure,
)
from explorer.experiment.page.plots import ExperimentPlot

if TYPE_CHECKING:
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["PLOTS", "CellDetail", "ExperimentDetail"]

PLOTS = {"forest": ("forest",), "values": ("values", "curve"), "time": ("time",)}
"""Plots that are looked at together."""

_PLACES = {"forest": "forest", "values": "values", "curve": "curve", "time": "over_time"}


class CellDetail(NamedTuple):
    """Figures and plots of what is looked at.

    Parameters
    ----------
    found : Experiment
    card : dict
        JSON for the page.
    figures : dict of str to ExperimentFigure
        By kind; of those plots only that are shown.
    """

    experiment: Experiment
    card: dict[str, Any]
    figures: dict[str, ExperimentFigure]


class ExperimentDetail:
    """Figures and plots of one look after another.

    Attributes
    ----------
    figures : dict of str to ExperimentFigure
        What they show.
    places : dict of str to panel.Column
        Where each plot is put when it is first looked at.
    """

    def __init__(self, table: Table, state: State) -> None:
        self._table, self._state = table, state
        self._live: dict[str, ExperimentPlot] = {}
        self.places = {
            name: pn.Column(sizing_mode="stretch_width", margin=0) for name in _PLACES.values()
        }
        self.figures: dict[str, ExperimentFigure] = {}

    def read(self, experiment: Experiment, look: ChosenCell) -> CellDetail:
        """Read what is looked at; called from a thread."""
        theme = self._state.document.theme
        plot = self._state.document.views.experiment.plot  # the others are not read
        figures: dict[str, ExperimentFigure] = {}
        try:
            for kind in PLOTS[plot]:
                figures[kind] = self._figure(kind, experiment, look, theme)
        except ExplorerError as error:
            figures = {
                kind: ExperimentFigure(kind=kind, caption=str(error), theme=theme)
                for kind in PLOTS[plot]
            }
        captions = {
            kind: {"words": figure.caption, "empty": figure.empty}
            for kind, figure in figures.items()
        }
        return CellDetail(
            experiment,
            {**chosen_cell_card(experiment, look), "plot": plot, "plots": captions},
            figures,
        )

    def push(self, detail: CellDetail) -> None:
        """Send the plots their figures; called on the event loop."""
        self.figures = detail.figures
        for kind, figure in detail.figures.items():
            if kind not in self._live:
                self._live[kind] = ExperimentPlot(figure)
                pane = pn.pane.Bokeh(self._live[kind].model, sizing_mode="stretch_width", margin=0)
                self.places[_PLACES[kind]].append(pane)
            else:
                self._live[kind].push(figure)

    def _figure(
        self, kind: str, experiment: Experiment, look: ChosenCell, theme: str
    ) -> ExperimentFigure:
        whole = experiment.cells.find(look.metric, look.arm)
        if kind == "forest":
            return forest_figure(experiment, look, whole, theme)
        if kind == "time":
            time = experiment.time
            times = time is not None and self._table.features[time].kind == "temporal"
            return time_figure(
                experiment, experiment.over_time(look.metric, look.arm), times, theme
            )
        spread = experiment.spread(look.metric, look.arm)
        return (
            values_figure(experiment, spread, whole, theme)
            if kind == "values"
            else curve_figure(experiment, spread, theme)
        )
