"""Drift figures: what the plots of the drift view draw, as columns, and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.drift.analysis.tallies import NumberTally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.drift.analysis.drift import Drift
    from explorer.drift.analysis.multivariate_drift import MultivariateDrift

__all__ = [
    "DistributionFigure",
    "SeriesFigure",
    "distance_figure",
    "distribution_figure",
    "domain_figure",
    "missing_figure",
    "performance_figure",
]

_BARS = 40
_LEVELS = 12
_TAIL = 0.002  # of the reference on either side that is not drawn where it is far out


@dataclass(frozen=True, eq=False)
class SeriesFigure:
    """A figure by chunk.

    Parameters
    ----------
    table : dict of str to sequence of shape (chunks,)
        chunk, at, value, low, high, limit, alarm, reference; estimate where there is one.
    caption : str
    band : tuple of 2 float
        What is usual: mean ± 2 standard deviations of the reference's chunks; NaN without.
    chosen : float
        Where the chunk is that is looked at; NaN for none.
    times : bool
        Whether ``at`` is seconds since 1970-01-01 UTC.
    theme : {"light", "dark"}
    """

    table: dict[str, Any]
    caption: str
    band: tuple[float, float]
    chosen: float
    times: bool
    theme: str = "light"

    @property
    def csv(self) -> str:
        """The table as CSV, a line a chunk."""
        return columns_csv(self.table)


@dataclass(frozen=True, eq=False)
class DistributionFigure:
    """Shares of the reference and of a chunk.

    Parameters
    ----------
    edges : ndarray of shape (k + 1,), float64
        Of bars; 0, 1, 2 … for levels.
    labels : list of str
        Of levels; empty for numbers.
    reference, chunk : ndarray of shape (k,), float64
        Shares of present rows.
    caption : str
    theme : {"light", "dark"}
    """

    edges: NDArray[np.float64]
    labels: list[str]
    reference: NDArray[np.float64]
    chunk: NDArray[np.float64]
    caption: str
    times: bool = False
    theme: str = "light"

    @property
    def csv(self) -> str:
        """Bars as CSV, a line each."""
        sides: dict[str, Any] = (
            {"low": self.edges[:-1], "high": self.edges[1:]}
            if not self.labels
            else {"level": self.labels}
        )
        return columns_csv({**sides, "reference": self.reference, "chunk": self.chunk})


def distance_figure(drift: Drift, feature: str, place: int, theme: str = "light") -> SeriesFigure:
    """Return the distance that decides, by chunk."""
    measured = drift.measured[drift.features.index(feature)]
    main = drift.judgement(feature, "distance")
    limit = (
        np.full(len(drift.timetable), np.nan)
        if main is None or measured.constant
        else main.threshold / measured.per_sd
    )
    mean, spread = drift.expected(feature)
    what = {
        "wasserstein": _("Wasserstein distance from the reference, in standard deviations"),
        "jensen_shannon": _("Jensen–Shannon distance from the reference, 0 to 1"),
    }.get(measured.statistic, f"share of values that differ from {measured.constant}")
    caption = _(
        "{what}; band: chunks of the reference, mean ± 2 sd; dashed: about where an alarm begins"
    ).format(what=what)
    band = (max(mean - 2 * spread, 0.0), mean + 2 * spread)
    return _series(
        drift,
        measured.value,
        caption,
        band,
        place,
        theme,
        limit,
        drift.alarmed[drift.features.index(feature)],
    )


def missing_figure(drift: Drift, feature: str, place: int, theme: str = "light") -> SeriesFigure:
    """Return the missing rate by chunk, in per cent."""
    measured = drift.measured[drift.features.index(feature)]
    judged = drift.judgement(feature, "missing")
    usual = 100 * measured.missing[_reference(drift)]
    mean, spread = (
        (float(usual.mean()), float(usual.std(ddof=1))) if len(usual) > 1 else (np.nan, np.nan)
    )
    alarm = np.zeros(len(drift.timetable), bool) if judged is None else judged.alarm
    band = (max(mean - 2 * spread, 0.0), mean + 2 * spread)
    return _series(
        drift,
        100 * measured.missing,
        _("missing, in per cent; band: chunks of the reference, mean ± 2 sd"),
        band,
        place,
        theme,
        None,
        alarm,
    )


def performance_figure(drift: Drift, metric: str, place: int, theme: str = "light") -> SeriesFigure:
    """Return a metric by chunk, with its interval, and its estimate without labels."""
    drawn = next(performance for performance in drift.performance if performance.metric == metric)
    band = drawn.usual
    text = _(
        "{metric} with its 95 % interval; band: 52 chunks like those of the reference all "
        "lie in it with a probability of 95 %"
    ).format(metric=metric)
    if np.isfinite(drawn.estimate_error):
        text += _(
            "; open squares: an estimate without labels, which assumes that predictions of "
            "the same size are as accurate as in the reference (± {estimate_error:.3g} "
            "there)"
        ).format(estimate_error=drawn.estimate_error)
    outside = drawn.worse & ~_reference(drift)
    return _series(
        drift,
        drawn.value,
        text,
        band,
        place,
        theme,
        None,
        outside,
        low=drawn.low,
        high=drawn.high,
        estimate=drawn.estimate,
    )


def domain_figure(
    drift: Drift, seen: MultivariateDrift, place: int, theme: str = "light"
) -> SeriesFigure:
    """Return how well a classifier tells each chunk from the reference."""
    size = len(drift.timetable)
    columns = {name: np.full(size, np.nan) for name in ("auc", "low", "high")}
    where = {(chunk.label, chunk.reference): i for i, chunk in enumerate(drift.timetable)}
    for cell in seen.cells:
        for name, held in columns.items():
            held[where[cell.chunk, cell.reference]] = getattr(cell, name)
    band = (seen.usual[0], min(seen.usual[1], 1.0))  # an area is never more
    caption = _(
        "area under the ROC curve of a classifier that separates the chunk from the "
        "reference, on samples; ½: it cannot separate them; band: chunks like those of the "
        "reference. {method}"
    ).format(method=seen.method)
    outside = (columns["auc"] > seen.usual[1]) & ~_reference(drift)
    return _series(
        drift,
        columns["auc"],
        caption,
        band,
        place,
        theme,
        None,
        outside,
        low=columns["low"],
        high=columns["high"],
    )


def distribution_figure(
    drift: Drift, feature: str, place: int, theme: str = "light", times: bool = False
) -> DistributionFigure:
    """Return the shares of a feature's values in a chunk, beside those of the reference."""
    measured, reference = drift.measured[drift.features.index(feature)], _reference(drift)
    tally = measured.tally
    if isinstance(tally, NumberTally):
        return _bars(tally, reference, place, theme, times)
    counts = tally.counts
    labels = [*tally.labels, *(["(others)"] if tally.overflow else [])]
    whole, own = counts[reference].sum(axis=0), counts[place]
    order = np.argsort(-np.maximum(_shares(whole), _shares(own)), kind="stable")[:_LEVELS]
    left = len(labels) - len(order)
    caption = _("{count:,} levels").format(count=len(labels)) + (
        _(", the {count} most frequent").format(count=len(order)) if left else ""
    )
    return DistributionFigure(
        np.arange(len(order) + 1.0),
        [labels[i] for i in order],
        _shares(whole)[order],
        _shares(own)[order],
        caption,
        theme=theme,
    )


def _bars(
    tally: NumberTally, reference: NDArray[np.bool_], place: int, theme: str, times: bool
) -> DistributionFigure:
    edges = tally.bins.edges
    if len(edges) == 1:
        edges = edges[0] + _half(edges[0]) * np.array([-1.0, 1.0])
    whole, own = (
        counts[:-1].astype(float)
        for counts in (tally.counts[reference].sum(axis=0), tally.counts[place])
    )
    inner = np.cumsum(whole[1:-1]) / max(whole[1:-1].sum(), 1.0)
    low = float(edges[np.searchsorted(inner, _TAIL)])
    high = float(edges[min(int(np.searchsorted(inner, 1 - _TAIL)) + 1, len(edges) - 1)])
    if not high > low:
        low, high = low - _half(low), high + _half(high)
    few = int((whole[1:-1] > 0).sum())
    grid = np.linspace(low, high, _BARS + 1) if few > _BARS else _between(edges)
    outside = _shares(own)[[0, -1]]
    text = _(
        "in the reference's range {inside:.3g} % of the chunk; {below:.2g} % "
        "below, {above:.2g} % above"
    ).format(inside=100 * (1 - outside.sum()), below=100 * outside[0], above=100 * outside[1])
    if not own.sum():
        text = _("the chunk has no value of this feature")
    return DistributionFigure(
        grid, [], _spread(whole, edges, grid), _spread(own, edges, grid), text, times, theme
    )


def _between(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return bars for a few values, each in the middle of its own."""
    values = np.unique(edges)
    if len(values) == 1:
        return np.asarray(values[0] + _half(values[0]) * np.array([-1.0, 1.0]))
    half = max(float(np.diff(values).min()) / 2, float(np.spacing(np.abs(values).max())))
    # between values further apart than two halves a bar of nothing
    bounds = [np.array([values[0] - half])]
    for value, following in pairwise(values.tolist()):
        far = following - value > 2.001 * half
        bounds.append(
            np.array([value + half, following - half] if far else [value / 2 + following / 2])
        )
    return np.unique(np.concatenate([*bounds, np.array([values[-1] + half])]))


def _half(value: float) -> float:
    """Return half the width of the bar of one value, wide enough to be told from it."""
    return max(0.5, abs(float(value)) * 1e-9)


def _spread(
    counts: NDArray[np.float64], edges: NDArray[np.float64], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return shares between the edges of a grid, of counts between finer edges.

    Evenly within each fine bin.
    """
    total = counts.sum()
    if not total:
        return np.zeros(len(grid) - 1)
    inner = counts[1:-1]
    if len(grid) > 2 and len(inner) <= _BARS:  # a value a bin, at its lower end
        places = np.clip(
            np.searchsorted(grid, edges[: len(inner)], side="right") - 1, 0, len(grid) - 2
        )
        return np.asarray(np.bincount(places, inner, minlength=len(grid) - 1) / total)
    below = np.interp(grid, edges, np.append(0.0, np.cumsum(inner))[: len(edges)])
    return np.asarray(np.diff(below) / total)


def _shares(counts: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(counts / max(counts.sum(), 1))


def _reference(drift: Drift) -> NDArray[np.bool_]:
    return np.array([chunk.reference and chunk.judged for chunk in drift.timetable])


def _series(
    drift: Drift,
    value: NDArray[np.float64],
    caption: str,
    band: tuple[float, float],
    place: int,
    theme: str,
    limit: NDArray[np.float64] | None,
    alarm: NDArray[np.bool_],
    **more: NDArray[np.float64],
) -> SeriesFigure:
    chunks = drift.timetable
    times = drift.chunk.endswith("rows") is False
    at = np.array(
        [(chunk.start + chunk.end) / 2 if times else float(i) for i, chunk in enumerate(chunks)]
    )
    nothing = np.full(len(chunks), np.nan)
    table = {
        "chunk": [chunk.label for chunk in chunks],
        "at": at,
        "value": np.where([chunk.rows > 0 for chunk in chunks], value, np.nan),
        "low": more.get("low", nothing),
        "high": more.get("high", nothing),
        "limit": nothing if limit is None else limit,
        "alarm": alarm,
        "reference": [chunk.reference for chunk in chunks],
        "rows": [chunk.rows for chunk in chunks],
    }
    if "estimate" in more:
        table["estimate"] = more["estimate"]
    chosen = float(at[place]) if 0 <= place < len(at) else float("nan")
    return SeriesFigure(table, caption, band, chosen, times, theme)
