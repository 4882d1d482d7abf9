"""The two plots of the Feature tab: what they show, and how it is chosen."""

from __future__ import annotations

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn

from explorer.core.gettext import _, translated
from explorer.features.matrix.transform import Transform
from explorer.ui.plots.distribution_figures import (
    HistogramFigure,
    QQFigure,
    figure_of,
    qq_after,
    qq_figure_of,
)
from explorer.ui.plots.plots import LivePlot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.feature.feature_counts import BarCounts
    from explorer.profile.profile import FeatureProfile
    from explorer.state.view_settings import FeatureView

__all__ = ["FeaturePlots"]

_HEIGHT = 216


class FeaturePlots:
    """Histogram and QQ plot of one feature after another.

    Attributes
    ----------
    bars : BarCounts or None
        Counts of the rows shown; None draws those of the profile.
    figure : HistogramFigure
        What the histogram shows.
    """

    def __init__(self) -> None:
        self.bars: BarCounts | None = None
        self.figure = HistogramFigure()
        self._live: tuple[LivePlot, LivePlot] | None = None

    def draw(
        self,
        profile: FeatureProfile | None,
        scales: Sequence[str],
        view: FeatureView,
        range_: tuple[float, float] | None = None,
        theme: str = "light",
    ) -> dict[str, Any]:
        """Show a feature, and return what the page says of the plots, as JSON.

        Parameters
        ----------
        profile : FeatureProfile or None
        scales : sequence of str
            Of its histograms that make sense; none for what is no number.
        view : FeatureView
            How they are drawn.
        range_ : tuple of (float, float), optional
            Range that a filter keeps.
        theme : {"light", "dark"}
        """
        scale = view.scale if view.scale in scales else "linear"
        unit = profile.unit if profile is not None else ""
        self.figure = HistogramFigure(theme=theme)
        if profile is not None and scale in scales:
            figure = figure_of(
                profile, scale, normal=view.normal, unit=unit, theme=theme, kept=range_
            )
            self.figure = self._counted(figure)
        qq = qq_figure_of(profile, unit=unit, theme=theme) if profile is not None else None
        after = (
            self._transformed(profile, qq)
            if view.transformed and profile is not None and qq is not None
            else None
        )
        self._push(after or qq or QQFigure(theme=theme))
        fit = profile.gaussian if profile is not None else None
        return {
            "kind": "histogram" if scales else "levels",
            "scale": scale,
            "normal": view.normal,
            "has_normal": bool(fit and fit.spread > 0),
            "has_qq": qq is not None,
            "after": after is not None,
            "can_after": _suggested(profile),
            "qq_words": _qq_words(profile, after),
            **self._words(profile, scale, range_ is not None),
        }

    def panes(self, brushed: Callable[[tuple[float, float]], None]) -> tuple[Any, Any]:
        """Return the panes of histogram and QQ plot.

        A brush reports its ends in the unit of the feature.
        """

        def on_brush(low: float, high: float) -> None:
            if self.figure.edges.size:
                first, last = self.figure.values(np.array(sorted((low, high)))).tolist()
                brushed((first, last))

        histogram, qq = self._rendered(QQFigure(theme=self.figure.theme))
        histogram.on_brush(on_brush)
        shown = {"sizing_mode": "stretch_width", "height": _HEIGHT, "margin": 0}
        return pn.pane.Bokeh(histogram.model, **shown), pn.pane.Bokeh(qq.model, **shown)

    # --- inside

    def _rendered(self, qq: QQFigure) -> tuple[LivePlot, LivePlot]:
        if self._live is None:
            self._live = LivePlot(self.figure), LivePlot(qq)
        return self._live

    def _push(self, qq: QQFigure) -> None:
        if self._live is None:
            self._rendered(qq)
            return
        histogram, points = self._live
        with _frozen():
            histogram.push(self.figure)
            points.push(qq)

    def _counted(self, figure: HistogramFigure) -> HistogramFigure:
        bars = self.bars
        if bars is None or bars.shown.size != figure.counts.size:
            return figure
        return dataclasses.replace(
            figure, counts=bars.shown, selected=bars.selected, total=bars.total
        )

    def _transformed(self, profile: FeatureProfile, qq: QQFigure) -> QQFigure | None:
        name = _suggested(profile)
        tried = profile.gaussian.transforms if profile.gaussian else ()
        transform = next(
            (transform for transform in tried if transform.name == name and transform.valid), None
        )
        return (
            None
            if transform is None
            else qq_after(qq, Transform(name, tuple(transform.parameters)))
        )

    def _words(self, profile: FeatureProfile | None, scale: str, filtered: bool) -> dict[str, str]:
        """Return what is in no bar, and whose rows the bars are."""
        if profile is None or scale not in profile.histograms:
            return {"outside": "", "whose": ""}
        shown, bars = profile.histograms[scale], self.bars
        below, above = (bars.below, bars.above) if bars else (shown.below, shown.above)
        missing = bars.missing if bars else profile.missing
        named = {
            "at or below 0" if scale == "log" else "below": below,
            "beyond": above,
            "missing": missing,
        }
        outside = " · ".join(f"{count:,} {where}" for where, count in named.items() if count)
        if bars is None:
            whose = (
                _("{sampled:,} random rows").format(sampled=profile.sampled)
                if profile.sampled
                else _("all {rows:,} rows").format(rows=profile.rows)
            )
            return {"outside": outside, "whose": whose}
        n_rows = bars.total + bars.missing
        whose = f"{n_rows:,} rows {'under the other filters' if filtered else 'shown'}"
        if bars.selected is not None:
            whose += _(", {selected:,} of them selected and in a bar").format(
                selected=int(bars.selected.sum())
            )
        return {"outside": outside, "whose": whose}


def _suggested(profile: FeatureProfile | None) -> str:
    """Return the suggested transform where quantiles after it can be drawn.

    Ranks are uniform by their nature.
    """
    name = profile.gaussian.transform if profile is not None and profile.gaussian else None
    if profile is not None and profile.outliers is not None and profile.outliers.sentinel_like:
        return ""  # a value that stands for missing comes before any transform
    return name if name and name != "rank" else ""


def _qq_words(profile: FeatureProfile | None, after: QQFigure | None) -> str:
    if profile is None or profile.qq is None:
        return ""
    if after is None:
        return translated(profile.qq.words)
    outside = int(np.count_nonzero((after.observed < after.low) | (after.observed > after.high)))
    return _("after {transform} {outside:,} of {points:,} points lie outside the 95 % band").format(
        transform=_suggested(profile), outside=outside, points=after.observed.size
    )


def _frozen() -> AbstractContextManager[Any]:
    """Collect the models of the page once after both plots have changed."""
    document = pn.state.curdoc
    context: AbstractContextManager[Any] = (
        nullcontext() if document is None else document.models.freeze()
    )
    return context
