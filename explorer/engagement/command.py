"""`explorer engagement`: how each ad or item was taken up, as lines, a table or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import WHERE, option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.engagement.engagement import Engagement
    from explorer.table.table import Table

__all__ = ["add"]


def _compute(table: Table, **options: Any) -> Engagement:
    from explorer.engagement.compute import engagement

    return engagement(table, **options)


def _lines(result: Engagement, width: int) -> Iterable[str]:
    from explorer.engagement.text_table import engagement_table

    return engagement_table(result, width)


add = AnalysisCommand(
    name="engagement",
    text="show how often, or how long, each ad or item was taken up",
    options={
        "--item": option("column that names what was shown", "COL", required=True),
        "--outcome": option("yes and no, or an amount such as minutes", "COL", required=True),
        "--propensity": option("probability with which the row's item was shown", "COL"),
        "--unit": option(
            "whose values may have several rows: a user; none: rows are independent", "COL"
        ),
        "--by": option("columns of segments, such as a position", "A,B", type=names),
        "--target": option(
            "the target policy's probability of the row's item (default: all alike)", "COL"
        ),
        "--reward": option(
            "columns of the context, by which the outcome is modelled (doubly robust)",
            "A,B",
            type=names,
        ),
        "--clip": option("largest weight allowed", "N", type=float),
        "--where": WHERE,
    },
    row="item",
    compute=_compute,
    lines=_lines,
).add
