"""Engagement table: a line an item, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.text_table import Column, text_table
from explorer.core.number_format import interval, number, rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRow

__all__ = ["engagement_table"]


def engagement_table(engagement: Engagement, width: int) -> Iterator[str]:
    """Write all items together, what is not ranked, the items, then each column of segments."""
    whole = engagement.policy
    write = rate if engagement.share else number
    yield (
        f"{engagement.outcome} by {engagement.item}: {engagement.n_items:,} items, "
        f"{engagement.n_rows:,} rows; {_mean(engagement)} {write(whole.mean)} "
        f"({interval(whole.low, whole.high, write)})"
    )
    if engagement.propensity is not None:
        yield (
            f"target policy: SNIPS {write(whole.snips)} "
            f"({interval(whole.snips_low, whole.snips_high, write)}), IPS {write(whole.ips)}; "
            f"{whole.ess:,.0f} effective rows, largest weight {number(whole.max_weight)}"
            f"{f'; {whole.words}' if whole.words else ''}"
        )
    if engagement.warning:
        yield f"! {engagement.warning}"
    columns = _columns(engagement, write)
    yield from text_table(columns, engagement.rows, width, note=_words)
    for by in engagement.by:
        rows = [row for row in engagement.segments if row.by == by]
        yield f"by {by} ({len(rows):,} segments × items)"
        segment: Column[Any] = Column(by, lambda row: row.segment, is_text=True)
        yield from text_table([segment, *columns], rows, width, note=_words)


def _mean(engagement: Engagement) -> str:
    return "rate" if engagement.share else "mean"


def _words(row: ItemRow) -> str:
    return row.words


def _columns(engagement: Engagement, write: Callable[[float], str]) -> Sequence[Column[ItemRow]]:
    columns: list[Column[ItemRow]] = [
        Column(engagement.item, lambda row: row.item, is_text=True),
        Column("rows", lambda row: f"{row.n:,}"),
        Column(_mean(engagement), lambda row: write(row.mean)),
        Column("95 %", lambda row: interval(row.low, row.high, write)),
        Column("shrunk", lambda row: write(row.shrunk)),
    ]
    if not engagement.share:
        columns += [
            Column("median", lambda row: write(row.median)),
            Column("95 % of rows ≤", lambda row: write(row.q95)),
        ]
    if engagement.propensity is not None:
        columns += [
            Column("SNIPS", lambda row: write(row.snips)),
            Column("95 %", lambda row: interval(row.snips_low, row.snips_high, write)),
            Column("effective rows", lambda row: f"{row.ess:,.0f}"),
            Column("largest weight", lambda row: number(row.max_weight)),
        ]
    return columns
