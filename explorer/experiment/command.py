"""`explorer experiment`: arms against a control in every metric; or a grid of experiments."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, names, open_files, weights
from explorer.command_line.lines import say_notes
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import add_outputs, check_outputs, hand_out
from explorer.core.errors import ExplorerError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid
    from explorer.features.metric import Metric

__all__ = ["add"]

_METRIC = "NAME=KIND(COL[,COL|,Q])[:increase|:decrease][:primary]"


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "experiment",
        _experiment,
        "compare the arms of an experiment: effects, then verdicts in words",
    )
    add_files(parser)
    parser.add_argument(
        "--variant", required=True, metavar="COL", help="column that names the arm of a row"
    )
    parser.add_argument(
        "--control",
        required=True,
        metavar="VALUE",
        help="the arm that the others are compared with",
    )
    parser.add_argument(
        "--metric",
        required=True,
        action="append",
        metavar="METRIC",
        help=f"{_METRIC}; KIND is mean, proportion, ratio or quantile; may be repeated",
    )
    parser.add_argument(
        "--allocation",
        type=weights,
        metavar="A=.5,B=.5",
        help="declared share of each arm (default: SRM not checked)",
    )
    parser.add_argument("--by", type=names, metavar="A,B", help="columns of segments")
    parser.add_argument(
        "--unit",
        metavar="COL",
        help="column that names what was assigned: a user, a patient; none: each row",
    )
    parser.add_argument(
        "--pre",
        type=_said,
        action="append",
        default=[],
        metavar="METRIC=COL",
        help="the same from before the assignment, that a metric is adjusted for (CUPED)",
    )
    parser.add_argument(
        "--aggregate",
        type=_said,
        action="append",
        default=[],
        metavar="METRIC=HOW",
        help=(
            "what a unit with several rows has: mean (default), sum, min, max, count; "
            "rows: a quantile of all rows"
        ),
    )
    parser.add_argument(
        "--cap",
        type=_said,
        action="append",
        default=[],
        metavar="METRIC=N",
        help="larger values of a unit count as N",
    )
    parser.add_argument(
        "--count",
        metavar="COL",
        help="the table holds aggregates: column with how many units a row stands for",
    )
    parser.add_argument(
        "--variance",
        type=_said,
        action="append",
        default=[],
        metavar="METRIC=COL",
        help="of aggregates: variance of a row's units, where the metric's column has their mean",
    )
    parser.add_argument(
        "--squares",
        type=_said,
        action="append",
        default=[],
        metavar="METRIC=COL",
        help="of aggregates: sum of their squares, where the metric's column has their sum",
    )
    parser.add_argument("--time", metavar="COL", help="column of times")
    parser.add_argument(
        "--status",
        choices=["running", "final"],
        default="final",
        help="running: verdicts and intervals that hold however often one looks",
    )
    parser.add_argument(
        "--planned",
        type=int,
        metavar="N",
        help="units that a running experiment is to have in the end",
    )
    parser.add_argument(
        "--alpha",
        type=_levels,
        default=(0.05, 0.001),
        metavar="A,B",
        help="two levels of significance (default: .05,.001)",
    )
    parser.add_argument("--where", metavar="EXPR", help="rows to read")
    parser.add_argument(
        "--experiments",
        metavar="COL",
        help="column that names experiments: a wall, one line for each, corrected together",
    )
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns"
    )
    add_outputs(parser, "cell")


def _experiment(arguments: argparse.Namespace) -> None:
    check_outputs(arguments)
    found = _found(arguments)
    say_notes(found.notes, found.repeated)
    hand_out(arguments, found, partial(_lines, found))


def _lines(found: Experiment | ExperimentGrid, width: int) -> Iterator[str]:
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid
    from explorer.experiment.text_table import experiment_table, grid_table

    return (
        grid_table(found, width)
        if isinstance(found, ExperimentGrid)
        else experiment_table(found, width)
    )


def _found(arguments: argparse.Namespace) -> Experiment | ExperimentGrid:
    from explorer.experiment.compute import experiment
    from explorer.experiment.compute_grid import experiment_wall

    metrics = _metrics(arguments)
    table = open_files(arguments.files, arguments.catalogue)
    with Bar() as bar:
        if arguments.experiments:
            return experiment_wall(
                table,
                arguments.experiments,
                arguments.variant,
                arguments.control,
                metrics,
                arguments.allocation,
                unit=arguments.unit,
                alpha=arguments.alpha,
                status=arguments.status,
                planned=arguments.planned,
                count=arguments.count,
                where=arguments.where,
                progress=bar,
            )
        return experiment(
            table,
            arguments.variant,
            arguments.control,
            metrics,
            arguments.allocation,
            arguments.by,
            arguments.unit,
            arguments.time,
            arguments.status,
            arguments.alpha,
            where=arguments.where,
            planned=arguments.planned,
            count=arguments.count,
            progress=bar,
        )


def _metrics(arguments: argparse.Namespace) -> list[Metric]:
    """Read the metrics, and what other options say of them."""
    from explorer.features.metric import parse_metric

    found = {metric.name: metric for metric in map(parse_metric, arguments.metric)}
    if len(found) < len(arguments.metric):
        raise ExplorerError("two metrics have one name: give each --metric a name of its own")
    for option in ("pre", "aggregate", "cap", "variance", "squares"):
        for name, value in getattr(arguments, option):
            if name not in found:
                raise unknown_name("metric", name, found)
            change: dict[str, Any] = {option: _limit(value) if option == "cap" else value}
            found[name] = replace(found[name], **change)
    return list(found.values())


def _limit(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ExplorerError(f"--cap is written METRIC=NUMBER, came {text!r}") from None


def _said(text: str) -> tuple[str, str]:
    """Read METRIC=VALUE."""
    name, equals, value = (part.strip() for part in text.rpartition("="))
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"expected METRIC=VALUE, came {text!r}")
    return name, value


def _levels(text: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"two levels are written .05,.001, came {text!r}"
        ) from None
    return first, second
