"""Engagement table: a line an item, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned
from explorer.core.number_format import NONE, number, rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRow

__all__ = ["engagement_table"]


def engagement_table(found: Engagement, width: int) -> Iterator[str]:
    """Write engagement line by line.

    All items together, what is not ranked, the items, then each column of segments.

    Parameters
    ----------
    found : Engagement
    width : int
        Columns of the terminal, for the words at the end alone.

    Yields
    ------
    str
    """
    whole = found.policy
    what = "rate" if found.share else "mean"
    yield (
        f"{found.outcome} by {found.item}: {found.n_items:,} items, {found.n_rows:,} rows; "
        f"{what} {_figure(found, whole.mean)} ({_ends(found, whole.low, whole.high)})"
    )
    if found.propensity is not None:
        yield (
            f"target policy: SNIPS {_figure(found, whole.snips)} "
            f"({_ends(found, whole.snips_low, whole.snips_high)}), "
            f"IPS {_figure(found, whole.ips)}; "
            f"{whole.ess:,.0f} effective rows, largest weight {number(whole.max_weight)}"
            f"{f'; {whole.words}' if whole.words else ''}"
        )
    if found.warning:
        yield f"! {found.warning}"
    yield from _lines(found, found.rows[:MOST_LINES], len(found.rows), width)
    for by in found.by:
        some = [row for row in found.segments if row.by == by]
        yield f"by {by} ({len(some):,} segments × items)"
        yield from _lines(found, some[:MOST_LINES], len(some), width, by)


def _lines(
    found: Engagement, rows: Sequence[ItemRow], total: int, width: int, by: str = ""
) -> Iterator[str]:
    heads = [found.item, "rows", "rate" if found.share else "mean", "95 %", "shrunk"]
    if not found.share:
        heads += ["median", "95 % of rows ≤"]
    if found.propensity is not None:
        heads += ["SNIPS", "95 %", "effective rows", "largest weight"]
    lines = [[*([row.segment] if by else []), *_cells(found, row)] for row in rows]
    yield from aligned(
        [[by, *heads] if by else heads, *lines], [row.words for row in rows], width, 2 if by else 1
    )
    if total > len(rows):
        yield f"… and {total - len(rows):,} more: --json or --out"


def _cells(found: Engagement, row: ItemRow) -> list[str]:
    cells = [
        row.item,
        f"{row.n:,}",
        _figure(found, row.mean),
        _ends(found, row.low, row.high),
        _figure(found, row.shrunk),
    ]
    if not found.share:
        cells += [_figure(found, row.median), _figure(found, row.q95)]
    if found.propensity is not None:
        cells += [
            _figure(found, row.snips),
            _ends(found, row.snips_low, row.snips_high),
            f"{row.ess:,.0f}",
            number(row.max_weight),
        ]
    return cells


def _ends(found: Engagement, low: float, high: float) -> str:
    return f"{_figure(found, low)} … {_figure(found, high)}"


def _figure(found: Engagement, value: float) -> str:
    if value != value:
        return NONE
    if not found.share:
        return number(value)
    return f"−{rate(-value)}" if value < 0 else rate(value)
