"""`explorer explain`: how chosen rows differ from the others, in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import ROWS, option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.compare.explanation.explanation import Explanation
    from explorer.table.table import Table

__all__ = ["add"]


def _compute(table: Table, **options: Any) -> Explanation:
    from explorer.compare.explanation.compute import explain
    from explorer.table.selecting import rows_of_text

    for name in ("rows", "b"):
        if options[name] is not None:
            options[name] = rows_of_text(table, options[name])
    return explain(table, **options)


def _lines(result: Explanation, width: int) -> Iterable[str]:
    from explorer.compare.explanation.text_lines import explanation_lines

    return explanation_lines(result, width)


add = AnalysisCommand(
    name="explain",
    text="explain how chosen rows differ from the others, in a few sentences",
    options={
        "--rows": option(f"rows of the group: {ROWS}", "ROWS", required=True),
        "--b": option("the other rows, said in the same way (default: the rest)", "ROWS"),
        "--features": option("columns to compare in (default: all)", "A,B,C", type=names),
        "--unit": option(
            "column whose rows belong together: a user, a patient; none: rows are independent",
            "COL",
        ),
        "--margin": option(
            "smallest |δ| or V of interest (default: 0.05)", "D", type=float, default=0.05
        ),
    },
    row="clause",
    compute=_compute,
    lines=_lines,
).add
