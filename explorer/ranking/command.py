"""`explorer ranking`: how high up on a list, or on a page, the played title was."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import WHERE, option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.ranking.ranking import Ranking
    from explorer.table.table import Table

__all__ = ["add"]


def _compute(table: Table, **options: Any) -> Ranking:
    from explorer.ranking.compute import ranking

    return ranking(table, **options)


def _lines(result: Ranking, width: int) -> Iterable[str]:
    from explorer.ranking.text_table import ranking_table

    return ranking_table(result, width)


def _depths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(depth) for depth in names(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"depths are whole numbers, as in 1,5,10; came {text!r}"
        ) from None


add = AnalysisCommand(
    name="ranking",
    text="show how high up the played title was",
    options={
        "--position": option(
            "place on the list, from the top; empty where nothing was played", "COL", required=True
        ),
        "--outcome": option("yes and no, or a gain: what was played", "COL", required=True),
        "--list": option("column that names the list, such as one opening of a page", "COL"),
        "--unit": option(
            "whose values may have several lists: a user; none: each list stands alone", "COL"
        ),
        "--row": option("row of the page", "COL"),
        "--column": option("column of the page", "COL"),
        "--k": option("depths of NDCG and success", "1,5,10", type=_depths, default=(1, 5, 10)),
        "--no-hit": option(
            "whether lists without a hit count, as 0 (default), or are left out "
            "(drop; exclude is the same)",
            choices=["count", "drop", "exclude"],
            default="count",
        ),
        "--by": option("column of segments; layouts or arms are compared", "COL"),
        "--control": option(
            "the segment that others are compared with (default: the first by name)", "VALUE"
        ),
        "--propensity": option("probability with which the row's title got its position", "COL"),
        "--randomised": option("positions were drawn at random", action="store_true"),
        "--where": WHERE,
    },
    row="figure",
    compute=_compute,
    lines=_lines,
).add
