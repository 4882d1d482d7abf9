"""Comparison table: a line a feature, the largest sure effect first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.command_line.text_table import Column, text_table
from explorer.core.number_format import NONE, brief, interval, number, p_value, rate, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.compare.comparison import Comparison
    from explorer.compare.feature_comparison import FeatureComparison

__all__ = ["comparison_table"]


_SIGNIFICANT = 0.05


def comparison_table(comparison: Comparison, width: int) -> Iterator[str]:
    """Write a comparison: first the list that holds the largest effect."""
    within = f" (within strata of {comparison.adjust})" if comparison.adjust else ""
    drawn = (
        ""
        if comparison.sample is None
        else f", of which {comparison.sample[0]:,} + {comparison.sample[1]:,} drawn at random"
    )
    yield (
        f"{comparison.words}{drawn}; δ = 2 AUC − 1 of numbers{within}, V of categories; "
        f"p: is |δ| or V larger than {small(comparison.margin)}?"
    )
    tested = comparison.unseen
    lists = [
        ("independent features (tested)", tested),
        ("used to define the group (not tested)", comparison.seen),
    ]
    if comparison.rows and comparison.rows[0].seen:
        lists.reverse()
    for heading, rows in lists:
        if rows:
            yield f"{heading}: {len(rows):,}"
            if rows is tested and _nothing_differs(rows):
                yield "No independent feature differs detectably."
            yield from text_table(
                _COLUMNS, rows, width, note=lambda row: row.seen or row.follows or row.note
            )


def _nothing_differs(rows: list[FeatureComparison]) -> bool:
    tests = [p for row in rows for p in (row.p_adjusted, row.missing_p_adjusted) if p == p]
    return bool(tests) and min(tests) > _SIGNIFICANT


def _effect(row: FeatureComparison) -> str:
    symbol, value, _, _ = row.shown
    return f"{symbol} {small(value)}" if value == value else NONE


def _typical(row: FeatureComparison, group: str) -> str:
    """Return the median of a group, of yes and no the share of yes."""
    mean, median = (getattr(row, f"{name}_{group}") for name in ("mean", "median"))
    if row.kind == "boolean":
        return rate(mean) if mean == mean else ""
    if median != median:
        return ""
    return brief(median, row.kind) if row.kind == "temporal" else number(median)


def _missing(row: FeatureComparison, group: str) -> str:
    missing, present = (getattr(row, f"{name}_{group}") for name in ("missing", "n"))
    return rate(missing / (missing + present)) if missing else ""


_COLUMNS: tuple[Column[FeatureComparison], ...] = (
    Column("feature", lambda row: row.feature, is_text=True),
    Column("effect", _effect),
    Column(
        "95 %", lambda row: interval(*row.shown[2:], small) if row.shown[2] == row.shown[2] else ""
    ),
    Column("A", partial(_typical, group="a")),
    Column("B", partial(_typical, group="b")),
    Column("missing A", partial(_missing, group="a")),
    Column("missing B", partial(_missing, group="b")),
    Column("p adj", lambda row: p_value(row.p_adjusted)),
)
