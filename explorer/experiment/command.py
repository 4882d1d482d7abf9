"""`explorer experiment`: arms against a control in every metric; or a grid of experiments."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names, weights
from explorer.command_line.options import WHERE, option
from explorer.core.errors import ExplorerError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid
    from explorer.table.table import Table

__all__ = ["add"]

_METRIC = "NAME=KIND(COL[,COL|,Q])[:increase|:decrease][:primary]"
_OF_METRICS = ("pre", "aggregate", "cap", "variance", "squares")


def _prepare(options: dict[str, Any]) -> dict[str, Any]:
    """Read the metrics, and what other options say of them."""
    from explorer.features.metric import parse_metric

    metrics = {metric.name: metric for metric in map(parse_metric, options["metrics"])}
    if len(metrics) < len(options["metrics"]):
        raise ExplorerError("two metrics have one name: give each --metric a name of its own")
    for key in _OF_METRICS:
        for name, value in options.pop(key):
            if name not in metrics:
                raise unknown_name("metric", name, metrics)
            change: dict[str, Any] = {key: _cap(value) if key == "cap" else value}
            metrics[name] = replace(metrics[name], **change)
    return {**options, "metrics": list(metrics.values())}


def _compute(
    table: Table, *, experiments: str | None, by: list[str] | None, time: str | None, **options: Any
) -> Experiment | ExperimentGrid:
    from explorer.experiment.compute import experiment
    from explorer.experiment.compute_grid import experiment_wall

    if experiments:
        return experiment_wall(table, experiments, **options)
    return experiment(table, by=by, time=time, **options)


def _lines(result: Experiment | ExperimentGrid, width: int) -> Iterable[str]:
    from explorer.experiment.text_table import experiment_or_grid_table

    return experiment_or_grid_table(result, width)


def _cap(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ExplorerError(f"--cap is written METRIC=NUMBER, came {text!r}") from None


def _metric_value(text: str) -> tuple[str, str]:
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


def _of_metrics(text: str, metavar: str) -> dict[str, Any]:
    """Return an option that says something of single metrics, and may be repeated."""
    return option(text, metavar, type=_metric_value, action="append", default=[])


add = AnalysisCommand(
    name="experiment",
    text="compare the arms of an experiment: effects, then verdicts in words",
    options={
        "--variant": option("column that names the arm of a row", "COL", required=True),
        "--control": option("the arm that the others are compared with", "VALUE", required=True),
        "--metric": option(
            f"{_METRIC}; KIND is mean, proportion, ratio or quantile; may be repeated",
            "METRIC",
            dest="metrics",
            required=True,
            action="append",
        ),
        "--allocation": option(
            "declared share of each arm (default: SRM not checked)", "A=.5,B=.5", type=weights
        ),
        "--by": option("columns of segments", "A,B", type=names),
        "--unit": option(
            "column that names what was assigned: a user, a patient; none: each row", "COL"
        ),
        "--pre": _of_metrics(
            "the same from before the assignment, that a metric is adjusted for (CUPED)",
            "METRIC=COL",
        ),
        "--aggregate": _of_metrics(
            "what a unit with several rows has: mean (default), sum, min, max, count; "
            "rows: a quantile of all rows",
            "METRIC=HOW",
        ),
        "--cap": _of_metrics("larger values of a unit count as N", "METRIC=N"),
        "--count": option(
            "the table holds aggregates: column with how many units a row stands for", "COL"
        ),
        "--variance": _of_metrics(
            "of aggregates: variance of a row's units, where the metric's column has their mean",
            "METRIC=COL",
        ),
        "--squares": _of_metrics(
            "of aggregates: sum of their squares, where the metric's column has their sum",
            "METRIC=COL",
        ),
        "--time": option("column of times", "COL"),
        "--status": option(
            "running: verdicts and intervals that hold however often one looks",
            choices=["running", "final"],
            default="final",
        ),
        "--planned": option("units that a running experiment is to have in the end", "N", type=int),
        "--alpha": option(
            "two levels of significance (default: .05,.001)",
            "A,B",
            type=_levels,
            default=(0.05, 0.001),
        ),
        "--where": WHERE,
        "--experiments": option(
            "column that names experiments: a grid, one line for each, corrected together", "COL"
        ),
    },
    row="cell",
    prepare=_prepare,
    compute=_compute,
    lines=_lines,
).add
