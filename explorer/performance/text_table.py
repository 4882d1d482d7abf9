"""A line a figure with a column for each model, then pairs, calibration and weak slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned
from explorer.core.number_format import NONE, number, probability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.performance.model_comparison import ModelComparison
    from explorer.performance.performance import ModelFigure

__all__ = ["models_table"]


def models_table(found: ModelComparison, width: int) -> Iterator[str]:
    """Write a comparison of models line by line.

    Parameters
    ----------
    found : ModelComparison
    width : int
        Columns of the terminal, for the words at the end alone.

    Yields
    ------
    str
    """
    rows = f"the same {found.n:,} rows" if found.n < found.n_rows else f"all {found.n:,} rows"
    units = f", {found.predicted.n_units:,} units ({found.unit})" if found.unit else ""
    yield (
        f"{found.truth}: {', '.join(found.models)} on {rows}{units}; "
        "greater is better everywhere; exact"
    )
    yield from _figures(found, width)
    if found.paired:
        yield "pairs, the second less the first"
        yield from _pairs(found, width)
    for name, one in found.calibration.items():
        yield (
            f"calibration of {name}: {one.text}; ECE {number(one.ece)}, "
            f"by chance {number(one.chance)}"
        )
    if found.by:
        yield from _slices(found, width)


def _figures(found: ModelComparison, width: int) -> Iterator[str]:
    scorers = dict.fromkeys(scorer for figures in found.models.values() for scorer in figures)
    heads = ("figure", *(part for name in found.models for part in (name, "95 %")))
    lines = [
        (
            scorer,
            *(part for figures in found.models.values() for part in _figure(figures.get(scorer))),
        )
        for scorer in scorers
    ]
    yield from aligned([heads, *lines], [""] * len(lines), width)


def _figure(one: ModelFigure | None) -> tuple[str, str]:
    return (NONE, "") if one is None else (_shown(one.value), _between(one.low, one.high))


def _pairs(found: ModelComparison, width: int) -> Iterator[str]:
    heads = ("figure", "pair", "difference", "95 %", "p", "p adj", "")
    lines = [
        (
            one.metric,
            f"{one.a} → {one.b}",
            _shown(one.difference),
            _between(one.low, one.high),
            probability(one.p_value),
            probability(one.p_adjusted),
            one.glyph,
        )
        for one in found.paired[:MOST_LINES]
    ]
    words = [f"{one.words} ({one.method})" for one in found.paired[:MOST_LINES]]
    yield from aligned([heads, *lines], words, width, names=2)
    if len(found.paired) > MOST_LINES:
        yield f"… and {len(found.paired) - MOST_LINES:,} more: --json"


def _slices(found: ModelComparison, width: int) -> Iterator[str]:
    metric = found.slice_metric
    weak = found.weakest()
    tested = sum(one.p_value == one.p_value for one in found.slices if one.metric == metric)
    yield (
        f"weakest slices by {metric}: {len(weak):,} of {tested:,} tested do worse than the rest "
        "beyond chance (false discovery rate 5 %)"
    )
    if not weak:
        return
    heads = ("column", "slice", "model", "rows", metric, "rest", "difference", "95 %", "p adj")
    lines = [
        (
            one.by,
            one.slice,
            one.model,
            f"{one.n:,}",
            _shown(one.value),
            _shown(one.rest),
            _shown(one.difference),
            _between(one.difference_low, one.difference_high),
            probability(one.p_adjusted),
        )
        for one in weak[:MOST_LINES]
    ]
    yield from aligned([heads, *lines], [one.words for one in weak[:MOST_LINES]], width, names=3)


def _shown(value: float) -> str:
    return number(value) if value == value else NONE


def _between(low: float, high: float) -> str:
    return f"{_shown(low)} … {_shown(high)}"
