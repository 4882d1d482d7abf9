"""`explorer engagement`: how each ad or item was taken up, as lines, a table or JSON."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files
from explorer.command_line.lines import say_notes
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from explorer.engagement.engagement import Engagement

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "engagement",
        _engagement,
        "show how often, or how long, each ad or item was taken up",
    )
    add_files(parser)
    parser.add_argument(
        "--item", required=True, metavar="COL", help="column that names what was shown"
    )
    parser.add_argument(
        "--outcome", required=True, metavar="COL", help="yes and no, or an amount such as minutes"
    )
    parser.add_argument(
        "--propensity", metavar="COL", help="probability with which the row's item was shown"
    )
    parser.add_argument(
        "--unit",
        metavar="COL",
        help="whose values may have several rows: a user; none: rows are independent",
    )
    parser.add_argument(
        "--by", type=names, metavar="A,B", help="columns of segments, such as a position"
    )
    parser.add_argument(
        "--target",
        metavar="COL",
        help="the target policy's probability of the row's item (default: all alike)",
    )
    parser.add_argument(
        "--reward",
        type=names,
        metavar="A,B",
        help="columns of the context, by which the outcome is modelled (doubly robust)",
    )
    parser.add_argument("--clip", type=float, metavar="N", help="largest weight allowed")
    parser.add_argument("--where", metavar="EXPR", help="rows to read")
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "item")


def _engagement(arguments: argparse.Namespace) -> None:
    from explorer.engagement.compute import engagement

    check_outputs(arguments)
    table = open_files(arguments.files, arguments.catalogue)
    with Bar() as bar:
        found = engagement(
            table,
            arguments.item,
            arguments.outcome,
            arguments.propensity,
            arguments.unit,
            arguments.by,
            arguments.target,
            arguments.reward,
            arguments.clip,
            where=arguments.where,
            progress=bar,
        )
    say_notes(found.notes, found.repeated)
    hand_out(arguments, found, partial(_lines, found))


def _lines(found: Engagement, width: int) -> Iterator[str]:
    from explorer.engagement.text_table import engagement_table

    return engagement_table(found, width)
