"""`explorer drift`: chunks of a stream against a reference; or a folder that is watched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files
from explorer.command_line.lines import say
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out
from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from explorer.drift.analysis.drift import Drift
    from explorer.table.table import Table

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "drift",
        _drift,
        "compare chunks of time with a reference: what has changed, when, by how much",
    )
    add_files(parser)
    parser.add_argument("--time", required=True, metavar="COL", help="column of times")
    parser.add_argument(
        "--chunk",
        default="week",
        metavar="CHUNK",
        help="hour, day, week (default), month, quarter, year, or so many rows, as in 1000rows",
    )
    parser.add_argument(
        "--reference",
        metavar="EXPR",
        help="rows to compare with (default: the earliest quarter of the chunks)",
    )
    parser.add_argument(
        "--features",
        type=names,
        metavar="A,B",
        help="columns to look at (default: all but texts and identifiers)",
    )
    parser.add_argument("--truth", metavar="COL", help="column of what happened")
    parser.add_argument(
        "--prediction",
        metavar="COL",
        help="column of what the model said: a probability, or a number",
    )
    parser.add_argument("--where", metavar="EXPR", help="rows to read")
    parser.add_argument(
        "--multivariate",
        action="store_true",
        help="also tell chunks from the reference by classifiers, on samples",
    )
    parser.add_argument(
        "--watch",
        metavar="FOLDER",
        help=(
            "go on with the files that come into a folder: "
            "each new alarm is a line of JSON, until stopped"
        ),
    )
    parser.add_argument(
        "--every",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="how often --watch looks (default: 60)",
    )
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="with --watch: end after so many looks"
    )
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "feature and chunk")


def _drift(arguments: argparse.Namespace) -> None:
    check_outputs(arguments)
    if arguments.watch:
        _watch(arguments)
        return
    found = _found(arguments, open_files(arguments.files, arguments.catalogue))
    if arguments.multivariate:
        _ = found.multivariate  # computed when looked at
    for note in found.notes:
        say(note)
    hand_out(arguments, found, partial(_lines, found))


def _found(arguments: argparse.Namespace, table: Table) -> Drift:
    from explorer.drift.compute import drift

    with Bar() as bar:
        return drift(
            table,
            arguments.time,
            arguments.chunk,
            arguments.reference,
            arguments.features,
            arguments.truth,
            arguments.prediction,
            where=arguments.where,
            progress=bar,
        )


def _watch(arguments: argparse.Namespace) -> None:
    from explorer.drift.watch import watch

    if arguments.out or arguments.json or arguments.multivariate:
        raise ExplorerError(
            "--watch writes lines of JSON to stdout: leave out --out, --json and --multivariate"
        )
    if not arguments.every > 0:
        raise ExplorerError(f"--every is a number of seconds above 0, came {arguments.every:g}")
    watch(arguments, partial(_found, arguments))


def _lines(found: Drift, width: int) -> Iterator[str]:
    from explorer.drift.text_table import drift_table

    return drift_table(found, width)
