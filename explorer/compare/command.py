"""`explorer compare`: every feature, rows A against rows B, as lines, a table or JSON."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files
from explorer.command_line.lines import say_notes
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out

if TYPE_CHECKING:
    import argparse

    from explorer.compare.comparison import Comparison

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "compare",
        _compare,
        "compare rows A with rows B in every feature: effect sizes first",
    )
    add_files(parser)
    parser.add_argument(
        "--a", required=True, metavar="EXPR", help="rows of group A, as in 'year >= 1990'"
    )
    parser.add_argument("--b", metavar="EXPR", help="rows of group B (default: the rest)")
    parser.add_argument(
        "--features", type=names, metavar="A,B,C", help="columns to compare in (default: all)"
    )
    parser.add_argument(
        "--unit",
        metavar="COL",
        help="column whose rows belong together: a user, a patient; none: rows are independent",
    )
    parser.add_argument(
        "--adjust", metavar="COL", help="compare within the levels, or tenths, of this column"
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=0.05,
        metavar="D",
        help="smallest |δ| or V of interest (default: 0.05)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="compare N random rows of each group, for a first order",
    )
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "feature")


def _compare(arguments: argparse.Namespace) -> None:
    check_outputs(arguments)
    found = _compared(arguments)
    say_notes(found.notes, found.repeated)
    from explorer.compare.text_table import comparison_table

    hand_out(arguments, found, partial(comparison_table, found))


def _compared(arguments: argparse.Namespace) -> Comparison:
    from explorer.compare.compute import compare

    table = open_files(arguments.files, arguments.catalogue)
    with Bar() as bar:
        return compare(
            table,
            arguments.a,
            arguments.b,
            arguments.features,
            arguments.unit,
            arguments.adjust,
            margin=arguments.margin,
            sample=arguments.sample,
            progress=bar,
        )
