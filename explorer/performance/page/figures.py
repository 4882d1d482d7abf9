"""What the curves of models draw, without a plotting library, and their numbers as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.map.paint.palettes import category_colors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.performance.model_comparison import ModelComparison

__all__ = ["CURVES", "MOST_LINES", "ModelCurve", "ModelCurveFigure", "curve_figure"]

CURVES = {
    "roc": (
        _("false positive rate: share of zeros predicted as 1"),
        _("true positive rate: share of ones predicted as 1"),
    ),
    "precision_recall": (
        _("recall: share of ones predicted as 1"),
        _("precision: share of ones among rows predicted as 1"),
    ),
    "gain": (_("share of rows, highest scores first"), _("share of all ones that are among them")),
    "reliability": (_("predicted probability"), _("share of ones, recalibrated (CORP)")),
}
"""Each kind with what lies across and upwards."""

MOST_LINES = 8
"""Models that are drawn; the table has all of them."""

_POINTS = 2_000  # of a line: a screen shows no more
_BARS = 0.16  # height of the largest bar of a histogram under the curve


@dataclass(frozen=True, eq=False)
class ModelCurve:
    """A curve of one model.

    Parameters
    ----------
    name, colour : str
    x, y : ndarray of shape (k,), float64
    """

    name: str
    colour: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelCurveFigure:
    """Curves of models over the unit square.

    Parameters
    ----------
    kind : {"roc", "precision_recall", "gain", "reliability"}
    lines : list of ModelCurve
    diagonal : bool
        Whether the diagonal says something: chance, or calibration.
    level : float, optional
        A horizontal line: the rate of ones, which is the precision of rows at random.
    band : tuple of 3 ndarrays, optional
        Where the curve of one model would lie if its probabilities were true: at, low, high.
    bars : tuple of 2 ndarrays, optional
        Edges and counts of that model's probabilities.
    caption : str
    theme : {"light", "dark"}
    """

    kind: str
    lines: list[ModelCurve]
    diagonal: bool = True
    level: float | None = None
    band: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None = None
    bars: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    caption: str = ""
    theme: str = "light"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.lines

    @property
    def heights(self) -> NDArray[np.float64]:
        """Heights of the bars, the largest a sixth of the plot; of none without bars."""
        if self.bars is None:
            return np.empty(0)
        return np.asarray(_BARS * self.bars[1] / max(float(self.bars[1].max()), 1.0))

    @property
    def csv(self) -> str:
        """What is drawn, a line for each point: of curves, of the band's ends, of the bars."""
        parts = [(line.name, "curve", line.x, line.y) for line in self.lines]
        if self.band is not None:
            at, low, high = self.band
            parts += [("", "band low", at, low), ("", "band high", at, high)]
        if self.bars is not None:
            edges, counts = self.bars
            parts.append(("", "rows from here on", edges[:-1], counts))
        return columns_csv(
            {
                "model": [name for name, _, x, _ in parts for _ in x],
                "part": [part for _, part, x, _ in parts for _ in x],
                "x": np.concatenate([np.empty(0), *(x for _, _, x, _ in parts)]),
                "y": np.concatenate([np.empty(0), *(y for _, _, _, y in parts)]),
            }
        )


def curve_figure(
    comparison: ModelComparison, kind: str, chosen: str, theme: str = "light"
) -> ModelCurveFigure:
    """Return the curves of a kind, of eight models at most.

    Parameters
    ----------
    comparison : ModelComparison
        Of two classes.
    kind : str
        One of `CURVES`.
    chosen : str
        Model whose band and histogram are drawn with the reliability curves.
    theme : {"light", "dark"}
    """
    if comparison.kind != "binary":
        return ModelCurveFigure(
            kind=kind, lines=[], caption=_("curves over thresholds are of two classes"), theme=theme
        )
    if kind == "reliability":
        return _reliability(comparison, chosen, theme)
    colours = _colours(comparison, theme)
    lines = []
    for name, curves in list(comparison.curves.items())[:MOST_LINES]:
        if kind == "roc":
            roc = curves.roc.thinned(_POINTS)
            lines.append(ModelCurve(name, colours[name], roc.fpr, roc.tpr))
        elif kind == "gain":
            gain = curves.gain.thinned(_POINTS)
            lines.append(ModelCurve(name, colours[name], gain.targeted, gain.found))
        else:
            pr = curves.precision_recall.thinned(_POINTS)
            lines.append(ModelCurve(name, colours[name], pr.recall, pr.precision))
    lines = [line for line in lines if not np.isnan(line.x).any() and not np.isnan(line.y).any()]
    rate = comparison.predicted.counts(comparison.predicted.names[0]).rate
    text = (
        _("one class only: there is no curve")
        if not lines
        else _("exact over all {n:,} rows; dashed: rows at random").format(n=comparison.n)
    )
    more = len(comparison.models) - MOST_LINES
    level = rate if kind == "precision_recall" else None
    return ModelCurveFigure(
        kind=kind,
        lines=lines,
        diagonal=level is None,
        level=level,
        theme=theme,
        caption=text
        + (_("; {more:,} more models are in the table").format(more=more) if more > 0 else ""),
    )


def _reliability(comparison: ModelComparison, chosen: str, theme: str) -> ModelCurveFigure:
    if not comparison.calibration:
        return ModelCurveFigure(
            kind="reliability",
            lines=[],
            caption=_("no model gives probabilities from 0 to 1"),
            theme=theme,
        )
    colours = _colours(comparison, theme)
    lines = [
        ModelCurve(name, colours[name], *_thinned(*reliability.corp.points))
        for name, reliability in list(comparison.calibration.items())[:MOST_LINES]
    ]
    name = chosen if chosen in comparison.calibration else next(iter(comparison.calibration))
    reliability = comparison.calibration[name]
    edges, ones, zeros = reliability.histogram
    return ModelCurveFigure(
        kind="reliability",
        lines=lines,
        band=(reliability.band.probability, reliability.band.low, reliability.band.high),
        bars=(edges, ones + zeros),
        theme=theme,
        caption=(
            _(
                "{name}: {words}. Band: 95 % of curves lie in it if the probabilities are "
                "right; bars: its rows by probability"
            ).format(name=name, words=reliability.words)
        ),
    )


def _colours(comparison: ModelComparison, theme: str) -> dict[str, str]:
    colours = category_colors(len(comparison.models), theme)
    return dict(zip(comparison.models, colours, strict=True))


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from explorer.stats.drawn_points import drawn_points

    drawn = drawn_points(x, y, _POINTS)
    return x[drawn], y[drawn]
