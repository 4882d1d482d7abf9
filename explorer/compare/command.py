"""`explorer compare`: every feature, rows A against rows B, as lines, a table or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import ROWS, option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.compare.comparison import Comparison
    from explorer.table.table import Table

__all__ = ["add"]


def _compute(table: Table, **options: Any) -> Comparison:
    from explorer.compare.compute import compare
    from explorer.table.selecting import rows_of_text

    for name in "ab":
        if options[name] is not None:
            options[name] = rows_of_text(table, options[name])
    return compare(table, **options)


def _lines(result: Comparison, width: int) -> Iterable[str]:
    from explorer.compare.text_table import comparison_table

    return comparison_table(result, width)


add = AnalysisCommand(
    name="compare",
    text="compare rows A with rows B in every feature: effect sizes first",
    options={
        "--a, --rows": option(f"rows of group A: {ROWS}", "ROWS", required=True),
        "--b": option("rows of group B, said in the same way (default: the rest)", "ROWS"),
        "--features": option("columns to compare in (default: all)", "A,B,C", type=names),
        "--unit": option(
            "column whose rows belong together: a user, a patient; none: rows are independent",
            "COL",
        ),
        "--adjust": option("compare within the levels, or tenths, of this column", "COL"),
        "--margin": option(
            "smallest |δ| or V of interest (default: 0.05)", "D", type=float, default=0.05
        ),
        "--sample": option("compare N random rows of each group, for a first order", "N", type=int),
    },
    row="feature",
    compute=_compute,
    lines=_lines,
).add
