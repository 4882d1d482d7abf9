"""`explorer models`: how models perform and which is better, as lines, a table or JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from explorer.command_line.analysis_command import AnalysisCommand
from explorer.command_line.arguments import names
from explorer.command_line.options import WHERE, option
from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.performance.model_comparison import ModelComparison
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["add"]


def _prepare(options: dict[str, Any]) -> dict[str, Any]:
    predictions = dict(options["predictions"])
    if len(predictions) < len(options["predictions"]):
        raise ExplorerError(
            "two predictions have one name: give each --prediction a name of its own"
        )
    return {**options, "predictions": predictions}


def _compute(table: Table, progress: Progress, **options: Any) -> ModelComparison:
    from explorer.performance.compute import compare_models

    return compare_models(table, **options).measure(progress)


def _lines(result: ModelComparison, width: int) -> Iterable[str]:
    from explorer.performance.text_table import models_table

    return models_table(result, width)


def _prediction(text: str) -> tuple[str, str]:
    """Read NAME=COL."""
    name, equals, column = (part.strip() for part in text.partition("="))
    if not (name and equals and column):
        raise argparse.ArgumentTypeError(f"expected NAME=COL, came {text!r}")
    return name, column


add = AnalysisCommand(
    name="models",
    text="how models perform and which is better: figures with intervals, calibration, "
    "paired tests",
    options={
        "--truth": option("column of what happened", "COL", required=True),
        "--prediction": option(
            "a model and the column of its predictions; may be repeated",
            "NAME=COL",
            dest="predictions",
            required=True,
            action="append",
            type=_prediction,
        ),
        "--kind": option(
            "two classes (default), several, or numbers",
            choices=["binary", "multiclass", "regression"],
            default="binary",
        ),
        "--positive": option("level of the truth that counts as 1", "VALUE"),
        "--threshold": option(
            "probability from which on a row is called 1 (default: .5)",
            "P",
            type=float,
            default=0.5,
        ),
        "--unit": option(
            "column that names what rows belong to: a user, a patient; none: rows are independent",
            "COL",
        ),
        "--by": option("columns of slices", "A,B", type=names),
        "--where": WHERE,
    },
    row="model and figure",
    prepare=_prepare,
    compute=_compute,
    lines=_lines,
).add
