"""`explorer ranking`: how high up on a list, or on a page, the played title was."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files
from explorer.command_line.lines import say_notes
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.ranking.ranking import Ranking

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "ranking", _ranking, "show how high up the played title was")
    add_files(parser)
    parser.add_argument(
        "--position",
        required=True,
        metavar="COL",
        help="place on the list, from the top; empty where nothing was played",
    )
    parser.add_argument(
        "--outcome", required=True, metavar="COL", help="yes and no, or a gain: what was played"
    )
    parser.add_argument(
        "--list", metavar="COL", help="column that names the list, such as one opening of a page"
    )
    parser.add_argument(
        "--unit",
        metavar="COL",
        help="whose values may have several lists: a user; none: each list stands alone",
    )
    parser.add_argument("--row", metavar="COL", help="row of the page")
    parser.add_argument("--column", metavar="COL", help="column of the page")
    parser.add_argument(
        "--k", type=_depths, default=(1, 5, 10), metavar="1,5,10", help="depths of NDCG and success"
    )
    parser.add_argument(
        "--no-hit",
        choices=["count", "drop", "exclude"],
        default="count",
        help=(
            "whether lists without a hit count, as 0 (default), or are left out "
            "(drop; exclude is the same)"
        ),
    )
    parser.add_argument(
        "--by", metavar="COL", help="column of segments; layouts or arms are compared"
    )
    parser.add_argument(
        "--control",
        metavar="VALUE",
        help="the segment that others are compared with (default: the first by name)",
    )
    parser.add_argument(
        "--propensity",
        metavar="COL",
        help="probability with which the row's title got its position",
    )
    parser.add_argument("--randomised", action="store_true", help="positions were drawn at random")
    parser.add_argument("--where", metavar="EXPR", help="rows to read")
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "figure")


def _ranking(arguments: argparse.Namespace) -> None:
    from explorer.ranking.compute import ranking

    check_outputs(arguments)
    table = open_files(arguments.files, arguments.catalogue)
    with Bar() as bar:
        found = ranking(
            table,
            arguments.position,
            arguments.outcome,
            arguments.list,
            arguments.unit,
            arguments.row,
            arguments.column,
            arguments.k,
            arguments.no_hit,
            arguments.by,
            arguments.propensity,
            control=arguments.control,
            randomised=arguments.randomised,
            where=arguments.where,
            progress=bar,
        )
    say_notes(found.notes, found.repeated)
    hand_out(arguments, found, partial(_lines, found))


def _lines(found: Ranking, width: int) -> Iterator[str]:
    from explorer.ranking.text_table import ranking_table

    return ranking_table(found, width)


def _depths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in names(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"depths are whole numbers, as in 1,5,10; came {text!r}"
        ) from None
