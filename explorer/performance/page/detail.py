"""What is looked at of a comparison of models, read in a thread and sent to the page.

Curves, calibration, confusion or residuals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import panel as pn
import pyarrow as pa

from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ModelError
from explorer.performance.page.cards import confusion_card
from explorer.performance.page.figures import CURVES, ModelCurveFigure, curve_figure
from explorer.performance.page.performance_density import density_card, density_csv
from explorer.performance.page.plots import CurvesPlot

if TYPE_CHECKING:
    from explorer.performance.density import PredictionDensity
    from explorer.performance.model_comparison import ModelComparison
    from explorer.session.maps.scene import Scene
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["PLOTS", "ModelDetail", "PerformanceDetail", "confusion_cells"]

PLOTS = {
    "binary": ("roc", "precision_recall", "gain", "reliability", "confusion"),
    "multiclass": ("confusion",),
    "regression": ("residuals",),
}
"""What there is to be looked at, by kind; the first where nobody has chosen."""

_CELLS = 240  # of a picture of residuals, each way


class ModelDetail(NamedTuple):
    """What is looked at.

    Parameters
    ----------
    found : ModelComparison
    card : dict
        JSON for the page.
    figure : ModelCurveFigure, optional
    densities : tuple of PredictionDensity
    csv : str
        The confusion, where that is looked at.
    """

    found: ModelComparison
    card: dict[str, Any]
    figure: ModelCurveFigure | None = None
    densities: tuple[PredictionDensity, ...] = ()
    csv: str = ""


class PerformanceDetail:
    """One look after another.

    Attributes
    ----------
    model : str
        Model of the band, the confusion and the residuals; the first without one.
    threshold : float, optional
        Of the confusion; default: that of the comparison.
    place : panel.Column
        Where the curves are put when they are first looked at.
    """

    def __init__(self, table: Table, state: State, scene: Scene) -> None:
        self._table, self._state, self._scene = table, state, scene
        self._live: CurvesPlot | None = None
        self._detail: ModelDetail | None = None
        self.model, self.threshold = "", None
        self.place = pn.Column(sizing_mode="stretch_width", margin=0)

    model: str
    threshold: float | None

    @property
    def csv(self) -> str:
        """The numbers of what is looked at; empty before anything is."""
        detail = self._detail
        if detail is None:
            return ""
        if detail.densities:
            # the first picture holds what the second is made of
            return density_csv(detail.densities[0])
        return (
            detail.figure.csv
            if detail.figure is not None and not detail.figure.empty
            else detail.csv
        )

    def read(self, comparison: ModelComparison) -> ModelDetail:
        """Read what is looked at; called from a thread."""
        plots = PLOTS[comparison.kind]
        look = self._state.document.models.performance.look
        plot = look if look in plots else plots[0]
        names = list(comparison.models)
        model = self.model if self.model in names else names[-1]
        theme = self._scene.theme()
        card: dict[str, Any] = {"plot": plot, "plots": list(plots), "model": model, "models": names}
        if plot in CURVES:
            figure = curve_figure(comparison, plot, model, theme.name)
            across, upwards = CURVES[plot]
            more = {
                "across": across,
                "upwards": upwards,
                "words": figure.caption,
                "empty": figure.empty,
            }
            lines = [line.name for line in figure.lines]
            return ModelDetail(comparison, {**card, **more, "drawn": lines}, figure)
        if plot == "residuals":
            try:
                densities = comparison.densities(model, _CELLS, _CELLS)
            except ModelError as error:
                return ModelDetail(
                    comparison,
                    {**card, "across": "", "upwards": "", "words": str(error), "empty": True},
                )
            feature = self._table.features.get(comparison.truth)
            unit = feature.unit if feature is not None else ""
            pictures = [
                density_card(density, name, theme, unit)
                for density, name in zip(densities, ("actual", "residual"), strict=True)
            ]
            return ModelDetail(comparison, {**card, "pictures": pictures}, densities=densities)
        return self._confusion(comparison, card, model)

    def _confusion(
        self, comparison: ModelComparison, card: dict[str, Any], model: str
    ) -> ModelDetail:
        span = [0.0, 1.0]
        if comparison.kind == "binary" and comparison.predicted.forms[model] == "score":
            score = comparison.predicted.counts(model).score
            finite = score[np.isfinite(score)]  # in order
            span = [float(finite[0]), float(finite[-1])] if finite.size else span
        threshold = comparison.predicted.threshold if self.threshold is None else self.threshold
        threshold = min(max(threshold, span[0]), span[1])
        table = confusion_card(comparison, model, threshold)
        csv = csv_bytes(confusion_cells(table["levels"], table["counts"])).decode()
        return ModelDetail(comparison, {**card, "confusion": {**table, "span": span}}, csv=csv)

    def push(self, detail: ModelDetail) -> None:
        """Send the plot its curves; called on the event loop."""
        self._detail = detail
        if detail.figure is None:
            return
        if self._live is None:
            self._live = CurvesPlot(detail.figure)
            self.place.append(
                pn.pane.Bokeh(self._live.model, sizing_mode="stretch_width", margin=0)
            )
        else:
            self._live.push(detail.figure)


def confusion_cells(levels: list[str], counts: list[list[float]]) -> pa.Table:
    """Return a confusion table as a row for each pair of a true and a called level."""
    return pa.table(
        {
            "true": [true for true in levels for _ in levels],
            "called": [called for _ in levels for called in levels],
            "rows": [rows for line in counts for rows in line],
        }
    )
