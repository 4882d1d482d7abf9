"""`explorer models`: how models perform and which is better, as lines, a table or JSON."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files
from explorer.command_line.lines import say_notes
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out
from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.performance.model_comparison import ModelComparison

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "models",
        _models,
        "how models perform and which is better: figures with intervals, calibration, paired tests",
    )
    add_files(parser)
    parser.add_argument("--truth", required=True, metavar="COL", help="column of what happened")
    parser.add_argument(
        "--prediction",
        required=True,
        action="append",
        type=_said,
        metavar="NAME=COL",
        help="a model and the column of its predictions; may be repeated",
    )
    parser.add_argument(
        "--kind",
        choices=["binary", "multiclass", "regression"],
        default="binary",
        help="two classes (default), several, or numbers",
    )
    parser.add_argument("--positive", metavar="VALUE", help="level of the truth that counts as 1")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.5,
        metavar="P",
        help="probability from which on a row is called 1 (default: .5)",
    )
    parser.add_argument(
        "--unit",
        metavar="COL",
        help="column that names what rows belong to: a user, a patient; none: rows are independent",
    )
    parser.add_argument("--by", type=names, metavar="A,B", help="columns of slices")
    parser.add_argument("--where", metavar="EXPR", help="rows to read")
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "model and figure")


def _models(arguments: argparse.Namespace) -> None:
    check_outputs(arguments)
    found = _found(arguments)
    say_notes(found.notes, found.repeated)
    hand_out(arguments, found, partial(_lines, found))


def _lines(found: ModelComparison, width: int) -> Iterator[str]:
    from explorer.performance.text_table import models_table

    return models_table(found, width)


def _found(arguments: argparse.Namespace) -> ModelComparison:
    from explorer.performance.compute import compare_models

    predictions = dict(arguments.prediction)
    if len(predictions) < len(arguments.prediction):
        raise ExplorerError(
            "two predictions have one name: give each --prediction a name of its own"
        )
    table = open_files(arguments.files, arguments.catalogue)
    found = compare_models(
        table,
        arguments.truth,
        predictions,
        arguments.kind,
        arguments.unit,
        arguments.by,
        arguments.where,
        arguments.positive,
        threshold=arguments.threshold,
    )
    with Bar() as bar:
        return found.measure(bar)


def _said(text: str) -> tuple[str, str]:
    """Read NAME=COL."""
    name, equals, column = (part.strip() for part in text.partition("="))
    if not (name and equals and column):
        raise argparse.ArgumentTypeError(f"expected NAME=COL, came {text!r}")
    return name, column
