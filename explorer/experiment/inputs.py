"""What every reading of an experiment begins with: metrics, levels, units and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explorer.core.errors import ExperimentError
from explorer.experiment.analysis.aggregates import check_metrics, counted_log
from explorer.experiment.assignment import log_of
from explorer.features.metric import Metric, parse_metric
from explorer.table.units.repeated_rows import chosen_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

    from explorer.experiment.analysis.units import ExperimentLog
    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ALPHA", "ExperimentInputs", "read_inputs"]

ALPHA = (0.05, 0.001)
"""Two levels of significance: those of Microsoft's scorecards."""


class ExperimentInputs(NamedTuple):
    """Checked options, and the log that was read with them.

    ``look_for_unit`` says that rows may belong together and nobody has said whether they do;
    ``columns`` are those of the metrics and of the count.
    """

    metrics: tuple[Metric, ...]
    alpha: tuple[float, float]
    unit: str | None
    look_for_unit: bool
    columns: list[str]
    log: ExperimentLog
    notes: list[str]


def read_inputs(
    table: Table,
    variant: str,
    control: object,
    metrics: Iterable[Metric | str],
    unit: str | None,
    time: str | None,
    alpha: Sequence[float],
    *,
    status: str,
    planned: int | None,
    count: str | None,
    where: Selection | ArrayLike | str | None,
    progress: Progress | None,
) -> ExperimentInputs:
    """Check the options of an experiment and read its log; parameters as `explorer.experiment`.

    Raises
    ------
    ExperimentError
        See `explorer.experiment`.
    """
    wanted, levels = _metrics_of(metrics), _levels_of(alpha)
    _check_status(status, planned)
    unit, unit_named = chosen_unit(table, unit)
    check_metrics(wanted, count, unit)
    columns = [name for metric in wanted for name in metric.columns]
    if count is not None:
        columns.append(count)
    log, notes = log_of(table, variant, control, unit, time, where, columns, progress)
    if count is not None:
        log, count_notes = counted_log(log, count)
        notes += count_notes
    look_for_unit = not unit_named and count is None
    return ExperimentInputs(wanted, levels, unit, look_for_unit, columns, log, notes)


def _metrics_of(metrics: Iterable[Metric | str]) -> tuple[Metric, ...]:
    """Return metrics, those that are written out too; refuse none, and two of one name."""
    if isinstance(metrics, (str, Metric)):
        metrics = [metrics]
    parsed = tuple(parse_metric(text) if isinstance(text, str) else text for text in metrics)
    if not parsed:
        raise ExperimentError(
            "an experiment needs a metric: explorer.Metric('plays', 'mean', 'plays'), for instance"
        )
    names = [metric.name for metric in parsed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ExperimentError(f"two metrics are called {twice[0]!r}: give each a name of its own")
    return parsed


def _check_status(status: str, planned: int | None) -> None:
    """Refuse a status, or a number of planned units, that is none."""
    if status not in ("final", "running"):
        raise ExperimentError(f"status is 'final' or 'running', came {status!r}")
    if planned is not None and planned < 1:
        raise ExperimentError(f"planned is a number of units, 1 or more; came {planned!r}")


def _levels_of(alpha: Sequence[float]) -> tuple[float, float]:
    """Return two levels of significance, the larger first; refuse anything else."""
    levels = [float(level) for level in alpha]
    if len(levels) != 2 or not 0 < levels[1] <= levels[0] < 1:
        raise ExperimentError(
            "alpha is two levels between 0 and 1, the larger first, as in (0.05, 0.001); "
            f"came {tuple(alpha)!r}"
        )
    return levels[0], levels[1]
