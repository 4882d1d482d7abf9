"""A line a figure with a column for each model, then pairs, calibration and weak slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, Column, text_table
from explorer.core.number_format import NONE, interval, number, p_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from explorer.performance.model_comparison import ModelComparison
    from explorer.performance.performance import ModelFigure, ModelPair
    from explorer.performance.slice import Slice

__all__ = ["models_table"]


def models_table(comparison: ModelComparison, width: int) -> Iterator[str]:
    """Write a comparison of models."""
    n, n_units = comparison.n, comparison.predicted.n_units
    rows = f"the same {n:,} rows" if n < comparison.n_rows else f"all {n:,} rows"
    units = f", {n_units:,} units ({comparison.unit})" if comparison.unit else ""
    yield (
        f"{comparison.truth}: {', '.join(comparison.models)} on {rows}{units}; "
        "greater is better everywhere; exact"
    )
    yield from _figure_table(comparison, width)
    if comparison.paired:
        yield "pairs, the second less the first"
        yield from text_table(
            _PAIR,
            comparison.paired,
            width,
            note=lambda pair: f"{pair.words} ({pair.method})",
            more="more: --json",
        )
    for name, calibration in comparison.calibration.items():
        yield (
            f"calibration of {name}: {calibration.words}; ECE {number(calibration.ece)}, "
            f"by chance {number(calibration.chance)}"
        )
    if comparison.by:
        yield from _slice_table(comparison, width)


def _figure_table(comparison: ModelComparison, width: int) -> Iterator[str]:
    models = comparison.models.items()
    scorers = list(dict.fromkeys(scorer for _, figures in models for scorer in figures))
    columns: list[Column[str]] = [Column("figure", str, is_text=True)]
    for name, figures in models:
        columns += _model_columns(name, figures)
    return text_table(columns, scorers, width)


def _model_columns(name: str, figures: Mapping[str, ModelFigure]) -> list[Column[str]]:
    def value(scorer: str) -> str:
        return number(figures[scorer].value) if scorer in figures else NONE

    def ends(scorer: str) -> str:
        return interval(figures[scorer].low, figures[scorer].high) if scorer in figures else ""

    return [Column(name, value), Column("95 %", ends)]


def _slice_table(comparison: ModelComparison, width: int) -> Iterator[str]:
    metric = comparison.slice_metric
    weak = comparison.weakest()
    tested = sum(
        part.p_value == part.p_value for part in comparison.slices if part.metric == metric
    )
    yield (
        f"weakest slices by {metric}: {len(weak):,} of {tested:,} tested do worse than the rest "
        "beyond chance (false discovery rate 5 %)"
    )
    if weak:
        columns = [*_SLICE, Column(metric, _value), *_SLICE_EFFECT]
        yield from text_table(columns, weak[:MOST_LINES], width, note=lambda part: part.words)


def _value(part: Slice) -> str:
    return number(part.value)


_PAIR: tuple[Column[ModelPair], ...] = (
    Column("figure", lambda pair: pair.metric, is_text=True),
    Column("pair", lambda pair: f"{pair.a} → {pair.b}", is_text=True),
    Column("difference", lambda pair: number(pair.difference)),
    Column("95 %", lambda pair: interval(pair.low, pair.high)),
    Column("p", lambda pair: p_value(pair.p_value)),
    Column("p adj", lambda pair: p_value(pair.p_adjusted)),
    Column("", lambda pair: pair.glyph),
)
_SLICE: tuple[Column[Slice], ...] = (
    Column("column", lambda part: part.by, is_text=True),
    Column("slice", lambda part: part.slice, is_text=True),
    Column("model", lambda part: part.model, is_text=True),
    Column("rows", lambda part: f"{part.n:,}"),
)
_SLICE_EFFECT: tuple[Column[Slice], ...] = (
    Column("rest", lambda part: number(part.rest)),
    Column("difference", lambda part: number(part.difference)),
    Column("95 %", lambda part: interval(part.difference_low, part.difference_high)),
    Column("p adj", lambda part: p_value(part.p_adjusted)),
)
