"""What the plots of a feature draw, without any library that draws.

Bars, places of ticks, bands, and words for a hover.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError, unknown_name
from explorer.core.gettext import _, ngettext
from explorer.core.number_format import all_digits, number
from explorer.profile.checks.gaussian_grade import FIT_SHARES
from explorer.ui.plots.ticks import time_in_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.features.matrix.transform import Transform
    from explorer.profile.counting.histogram import Histogram
    from explorer.profile.profile import FeatureProfile

__all__ = [
    "SCALES",
    "Columns",
    "HistogramFigure",
    "QQFigure",
    "figure_of",
    "histogram_columns",
    "qq_after",
    "qq_columns",
    "qq_figure_of",
]

SCALES = ("linear", "log", "rank")

# Columns of one element of a plot, by name.
Columns = dict[str, Any]

_CURVE_POINTS = 161
_ROOM = 1.06  # above the highest bar


@dataclass(frozen=True, eq=False, kw_only=True)
class HistogramFigure:
    """What a histogram draws.

    Parameters
    ----------
    edges : ndarray of shape (k + 1,), float64
        Ascending, in the unit of the feature whatever the scale; empty draws nothing.
    counts : ndarray of shape (k,), int64
        Rows of the population.
    selected : ndarray of shape (k,), int64, or None
        Rows of the selection, drawn over them.
    scale : {"linear", "log", "rank"}
        Bars on a linear or logarithmic axis; "rank" makes all bars equally wide.
    total : int
        Finite cells of the population, those outside the edges included: the area of the fitted
        normal.
    normal : tuple of (float, float), optional
        Centre and spread of the fitted normal; drawn on the linear scale only.
    kept : tuple of (float, float), optional
        Range that a filter keeps, marked.
    unit : str
    times : bool
        Edges are seconds since 1970-01-01 UTC.
    theme : {"light", "dark"}
    """

    edges: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    counts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    selected: NDArray[np.int64] | None = None
    scale: str = "linear"
    total: int = 0
    normal: tuple[float, float] | None = None
    kept: tuple[float, float] | None = None
    unit: str = ""
    times: bool = False
    theme: str = "light"

    def positions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where values lie on the drawn axis; those outside at the nearer end."""
        if self.edges.size == 0:
            return np.zeros(np.shape(values))
        held = np.clip(values, self.edges[0], self.edges[-1])
        if self.scale == "log":
            return np.asarray(np.log10(held))
        if self.scale == "rank":
            return np.interp(held, self.edges, np.arange(self.edges.size))
        return held

    def values(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values at positions of the drawn axis, never outside the edges."""
        if self.scale == "log":
            of_feature = 10.0 ** np.asarray(positions, np.float64)
        elif self.scale == "rank":
            of_feature = np.interp(positions, np.arange(self.edges.size), self.edges)
        else:
            of_feature = np.asarray(positions, np.float64)
        return np.asarray(np.clip(of_feature, self.edges[0], self.edges[-1]))

    @property
    def top(self) -> float:
        """Upper end of the axis of rows: a little above the highest bar."""
        return _ROOM * float(max(self.counts.max(initial=0), 1))

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the drawn axis."""
        at = self.positions(self.edges)
        return (float(at[0]), float(at[-1])) if at.size else (0.0, 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class QQFigure:
    """What a QQ plot draws, in the unit of the feature.

    Parameters
    ----------
    theoretical : ndarray of shape (k,), float64
        Quantiles of the normal in standard deviations.
    observed, low, high : ndarray of shape (k,), float64
        Quantiles of the feature at the same shares, and the simultaneous band around the fitted
        normal.
    center, spread : float
        Of the fitted normal: the line.
    unit : str
    theme : {"light", "dark"}
    """

    theoretical: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    observed: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    low: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    high: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    center: float = 0.0
    spread: float = 1.0
    unit: str = ""
    theme: str = "light"

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the axis of the normal."""
        return _padded(self.theoretical)

    @property
    def extent(self) -> tuple[float, float]:
        """Ends of the axis of the values."""
        return _padded(np.concatenate([self.observed, self.low, self.high]))


def figure_of(
    profile: FeatureProfile, scale: str = "linear", *, normal: bool = True, **drawn: Any
) -> HistogramFigure:
    """Return what a histogram of all rows of a profile draws.

    Further arguments are those of `HistogramFigure`.
    """
    if scale not in SCALES:
        raise unknown_name("scale", scale, SCALES)
    shown: Histogram | None = profile.histograms.get(scale)
    if shown is None:
        names = ", ".join(profile.histograms) or "none"
        raise FeatureError(f"{profile.name!r} has no {scale} histogram (it has: {names})")
    fit = profile.gaussian if normal and scale == "linear" else None
    fitted = fit is not None and np.isfinite(fit.spread) and fit.spread > 0
    return HistogramFigure(
        **{
            "edges": shown.edges,
            "counts": shown.counts,
            "scale": scale,
            "total": int(shown.counts.sum()) + shown.below + shown.above,
            "normal": (fit.center, fit.spread) if fit is not None and fitted else None,
            "times": profile.kind == "temporal",
            **drawn,
        }
    )


def qq_figure_of(
    profile: FeatureProfile, *, unit: str = "", theme: str = "light"
) -> QQFigure | None:
    """Return what the QQ plot of a profile draws; None where nothing was fitted."""
    quantiles, fit = profile.qq, profile.gaussian
    if quantiles is None or fit is None or quantiles.theoretical.size == 0 or not fit.spread > 0:
        return None
    return QQFigure(
        theoretical=quantiles.theoretical,
        observed=quantiles.observed,
        low=quantiles.low,
        high=quantiles.high,
        center=fit.center,
        spread=fit.spread,
        unit=unit,
        theme=theme,
    )


def qq_after(figure: QQFigure, transform: Transform) -> QQFigure | None:
    """Return the QQ plot after a strictly increasing transform.

    None where its fitted normal has no spread.

    Quantiles go through such a map unchanged in rank, so that no row is read again. In units of the
    fitted spread the band depends on the number of rows alone. The normal is fitted as
    `explorer.profile.checks.gaussian_grade.fit_normal` does.
    """
    from scipy.special import ndtri

    observed = transform(figure.observed, _("its quantiles"))
    normal = ndtri(FIT_SHARES)
    core = np.interp(normal, figure.theoretical, observed)
    center, spread = float(core.mean()), float(core @ normal / (normal @ normal))
    if not spread > 0:
        return None
    low, high = (
        (end - figure.center) / figure.spread * spread + center for end in (figure.low, figure.high)
    )
    return dataclasses.replace(
        figure,
        observed=observed,
        low=low,
        high=high,
        center=center,
        spread=spread,
        unit=f"({transform.name})",
    )


def histogram_columns(figure: HistogramFigure) -> tuple[Columns, Columns, Columns, Columns]:
    """Return the four elements: kept range, population, selection, fitted normal."""
    left, right = _sides(figure)
    labels, rows = _bar_words(figure)
    selected = np.zeros(0) if figure.selected is None else figure.selected
    places = np.flatnonzero(selected)
    at, height = _normal_curve(figure)
    return (
        _kept(figure),
        _boxes(left, right, figure.counts) | {"range": labels, "rows": rows},
        _boxes(left[places], right[places], selected[places]),
        {"x": at, "y": height},
    )


def qq_columns(figure: QQFigure) -> tuple[Columns, Columns, Columns]:
    """Return the three elements: the band's outline, the fitted normal's line, the points."""
    at = figure.theoretical
    ends = at[[0, -1]] if at.size else at
    inside = np.isfinite(figure.low) & np.isfinite(figure.high)
    across, low, high = at[inside], figure.low[inside], figure.high[inside]
    values = [f"{number(value)} {figure.unit}".strip() for value in figure.observed.tolist()]
    normal = [
        _("a normal has {center} at {place}").format(
            center=number(figure.center + figure.spread * place), place=_share(place)
        )
        for place in at.tolist()
    ]
    return (
        {"x": np.concatenate([across, across[::-1]]), "y": np.concatenate([low, high[::-1]])},
        {"x": ends, "y": figure.center + figure.spread * ends},
        {"x": at, "y": figure.observed, "value": values, "normal": normal},
    )


# --- inside


def _boxes(left: NDArray[np.float64], right: NDArray[np.float64], top: NDArray[Any]) -> Columns:
    return {
        "left": left,
        "bottom": np.zeros(left.size),
        "right": right,
        "top": np.asarray(top, np.float64),
    }


def _sides(figure: HistogramFigure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = figure.positions(figure.edges)
    return at[:-1], at[1:]


def _kept(figure: HistogramFigure) -> Columns:
    if figure.kept is None or figure.edges.size == 0:
        return _boxes(np.zeros(0), np.zeros(0), np.zeros(0))
    low, high = figure.positions(np.array(figure.kept, np.float64)).tolist()
    return _boxes(np.array([low]), np.array([high]), np.array([figure.top]))


def _normal_curve(figure: HistogramFigure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows a bin that the fitted normal would have, where the bins are equally wide."""
    if figure.normal is None or figure.scale != "linear" or figure.edges.size < 2:
        return np.empty(0), np.empty(0)
    from scipy.special import ndtr

    center, spread = figure.normal
    width = figure.edges[1] - figure.edges[0]
    at = np.linspace(figure.edges[0], figure.edges[-1], _CURVE_POINTS)
    share = ndtr((at + width / 2 - center) / spread) - ndtr((at - width / 2 - center) / spread)
    # a spike is higher than any normal, and a normal far narrower than a bin would flatten the bars
    return at, np.minimum(figure.total * share, figure.top)


def _bar_words(figure: HistogramFigure) -> tuple[list[str], list[str]]:
    write = time_in_words if figure.times else number
    edges = figure.edges.tolist()
    # bins of whole numbers begin half-way between two of them
    whole_numbers = (
        bool(edges) and figure.scale == "linear" and all(edge % 1 == 0.5 for edge in edges)
    )
    ranges = []
    for low, high in pairwise(edges):
        ends = (low + 0.5, high - 0.5) if whole_numbers else (low, high)
        first, last = map(write, ends)
        if first == last and ends[0] != ends[1] and not figure.times:
            first, last = map(all_digits, ends)
        label = first if ends[0] == ends[1] else f"{first} – {last}"
        ranges.append(f"{label} {figure.unit}".strip())
    rows = [
        ngettext("{count:,} row", "{count:,} rows", count).format(count=count)
        for count in figure.counts.tolist()
    ]
    if figure.selected is not None:
        rows = [
            _("{text}, {n:,} selected").format(text=text, n=n)
            for text, n in zip(rows, figure.selected.tolist(), strict=True)
        ]
    return ranges, rows


def _share(value: float) -> str:
    from scipy.special import ndtr

    share = 100 * float(ndtr(value))
    return (
        f"{share:.1f} %"
        if 1 <= share <= 99
        else f"{share:.2g} %"
        if share < 1
        else f"{share:.4g} %"
    )


def _padded(values: NDArray[np.float64]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return -1.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = 0.04 * (high - low) or 1.0
    return low - room, high + room
