"""`explorer drift`: chunks of a stream against a reference; or a folder that is watched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import WHERE, option
from explorer.command_line.results import check_outputs
from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from explorer.drift.analysis.drift import Drift
    from explorer.table.table import Table

__all__ = ["add"]


def _compute(table: Table, *, multivariate: bool, **options: Any) -> Drift:
    from explorer.drift.compute import drift

    result = drift(table, **options)
    if multivariate:
        _ = result.multivariate  # computed when looked at
    return result


def _lines(result: Drift, width: int) -> Iterable[str]:
    from explorer.drift.text_table import drift_table

    return drift_table(result, width)


def _run(arguments: argparse.Namespace) -> None:
    if not arguments.watch:
        _COMMAND.execute(arguments)
        return
    from explorer.drift.watch import watch

    check_outputs(arguments)
    if arguments.out or arguments.json or arguments.multivariate:
        raise ExplorerError(
            "--watch writes lines of JSON to stdout: leave out --out, --json and --multivariate"
        )
    if not arguments.every > 0:
        raise ExplorerError(f"--every is a number of seconds above 0, came {arguments.every:g}")
    watch(arguments, partial(_COMMAND.computed, options=_COMMAND.prepared(arguments)))


_COMMAND = AnalysisCommand(
    name="drift",
    text="compare chunks of time with a reference: what has changed, when, by how much",
    options={
        "--time": option("column of times", "COL", required=True),
        "--chunk": option(
            "hour, day, week (default), month, quarter, year, or so many rows, as in 1000rows",
            "CHUNK",
            default="week",
        ),
        "--reference": option(
            "rows to compare with (default: the earliest quarter of the chunks)", "EXPR"
        ),
        "--features": option(
            "columns to look at (default: all but texts and identifiers)", "A,B", type=names
        ),
        "--truth": option("column of what happened", "COL"),
        "--prediction": option("column of what the model said: a probability, or a number", "COL"),
        "--where": WHERE,
        "--multivariate": option(
            "also tell chunks from the reference by classifiers, on samples", action="store_true"
        ),
    },
    run_options={
        "--watch": option(
            "go on with the files that come into a folder: "
            "each new alarm is a line of JSON, until stopped",
            "FOLDER",
        ),
        "--every": option(
            "how often --watch looks (default: 60)", "SECONDS", type=float, default=60.0
        ),
        "--rounds": option("with --watch: end after so many looks", "N", type=int),
    },
    row="feature and chunk",
    compute=_compute,
    lines=_lines,
    run=_run,
)
add = _COMMAND.add
