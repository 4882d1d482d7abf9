"""Comparison table: a line a feature, the largest sure effect first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned
from explorer.core.number_format import NONE, brief, finite, number, probability, rate, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.compare.comparison import Comparison
    from explorer.compare.feature_comparison import FeatureComparison

__all__ = ["comparison_table"]

_HEADS = ("feature", "effect", "95 %", "A", "B", "missing A", "missing B", "p adj")


def comparison_table(found: Comparison, width: int) -> Iterator[str]:
    """Write a comparison line by line: first what had no part in making the groups, then what had.

    Parameters
    ----------
    found : Comparison
    width : int
        Columns of the terminal, for the last column alone.

    Yields
    ------
    str
    """
    within = f" (within strata of {found.adjust})" if found.adjust else ""
    drawn = (
        ""
        if found.sample is None
        else f", of which {found.sample[0]:,} + {found.sample[1]:,} drawn at random"
    )
    yield (
        f"{found.words}{drawn}; δ = 2 AUC − 1 of numbers{within}, V of categories; "
        f"p: is |δ| or V larger than {small(found.margin)}?"
    )
    for heading, rows in (
        ("other features, tested", found.unseen),
        ("used to define the groups, described and not tested", found.seen),
    ):
        if not rows:
            continue
        yield f"{heading} ({len(rows):,})"
        lines = [_cells(row) for row in rows[:MOST_LINES]]
        notes = [row.seen or row.follows or row.note for row in rows[:MOST_LINES]]
        yield from aligned([_HEADS, *lines], notes, width)
        if len(rows) > MOST_LINES:
            yield f"… and {len(rows) - MOST_LINES:,} more: --json or --out"


def _cells(row: FeatureComparison) -> tuple[str, ...]:
    symbol, value, low, high = row.shown
    return (
        row.feature,
        f"{symbol} {finite(value)}" if value == value else NONE,
        f"{finite(low)} … {finite(high)}" if low == low else "",
        *(_typical(row, which) for which in "ab"),
        *(
            rate(missing / rows) if missing else ""
            for missing, rows in (
                (row.missing_a, row.missing_a + row.n_a),
                (row.missing_b, row.missing_b + row.n_b),
            )
        ),
        probability(row.p_adjusted),
    )


def _typical(row: FeatureComparison, which: str) -> str:
    """Return the median of a group, of yes and no the share of yes."""
    share, median = (getattr(row, f"{name}_{which}") for name in ("mean", "median"))
    if row.kind == "boolean":
        return rate(share) if share == share else ""
    if median != median:
        return ""
    return brief(median, row.kind) if row.kind == "temporal" else number(median)
