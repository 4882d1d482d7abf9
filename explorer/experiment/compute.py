"""Read an experiment from a table: arms, units, metrics and segments."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExperimentError
from explorer.experiment.analysis.aggregates import check_metrics, counted_log
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment import Experiment, judged
from explorer.experiment.analysis.trial import Trial
from explorer.experiment.assignment import allocation_of, log_of
from explorer.features.metric import Metric, parse_metric
from explorer.table.units.repeated_rows import chosen_unit, needs_unit, repeated_arms
from explorer.table.units.segments_of import segments_of
from explorer.table.units.unit_codes import words_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ALPHA", "check_status", "experiment", "levels_of_alpha", "metrics_of"]

ALPHA = (0.05, 0.001)
"""Two levels of significance: those of Microsoft's scorecards."""


def experiment(
    table: Table,
    variant: str,
    control: object,
    metrics: Iterable[Metric | str],
    allocation: Mapping[Any, float] | None = None,
    by: str | Iterable[str] | None = None,
    unit: str | None = None,
    time: str | None = None,
    status: str = "final",
    alpha: Sequence[float] = ALPHA,
    *,
    where: Selection | ArrayLike | str | None = None,
    planned: int | None = None,
    count: str | None = None,
    progress: Progress | None = None,
) -> Experiment:
    """Compare the arms of an experiment in every metric, in the whole and in segments.

    Parameters
    ----------
    table : Table
    variant : str
        Column that names the arm of a row; rows where it is missing are left out, and counted.
    control : object
        The arm that the others are compared with: a value of `variant`, or the text that is shown
        for it.
    metrics : iterable of Metric or str
        Or as the command line writes them, as in ``"plays=mean(plays):increase"``.
    allocation : mapping of arm to float, optional
        Declared share of each arm. It is made to sum to 1 over the arms that have units; a declared
        arm without units and an arm that is not declared are said. Without an allocation the sample
        ratio is not checked.
    by : str or iterable of str, optional
        Columns of segments: levels of a category; of a number its values, or fifths of its rows
        where there are more than 12.
    unit : str, optional
        Column that names what was assigned; its rows are one unit, with the value that the metric
        makes of them. Rows without one are left out. "none": each row was assigned by itself. While
        nothing is said and rows seem to belong together (`Experiment.repeated`), no verdict is
        given.
    time : str, optional
        Column of when a row happened: effects over time are read along it.
    status : {"final", "running"}
        Running: every p-value, interval and verdict holds however often one looks, of the whole,
        segments, regions and the sample ratio; what has no such form (quantiles, units with several
        rows, Gail & Simon's test) is left out until the end, and said.
    alpha : sequence of 2 float
        Levels of significance, the larger first.
    where : Selection, bool array of shape (num_rows,) or expression, optional
        Rows that are read; default: all.
    planned : int, optional
        Units that a running experiment is to have in the end: its sequences are narrowest there.
        Default: 5,000.
    count : str, optional
        Column with how many units a row stands for: the table holds aggregates, one row for each
        arm (and time, segment). A proportion is then of hits; a mean of sums with `Metric.squares`,
        or of means with `Metric.variance`.
    progress : callable, optional
        ``progress(stage, done, total)``: "columns" of the metrics that are read, then "metrics" in
        the whole and by each column of segments; returning False cancels and raises
        `explorer.Cancelled`.

    Returns
    -------
    Experiment

    Raises
    ------
    ExperimentError
        Without an arm beside the control, without metrics, with two of one name, or where a column
        cannot be read as asked.
    UnknownName
        A column or an arm that does not exist, with the nearest.
    """
    started = clock.perf_counter()
    wanted = metrics_of(metrics)
    levels = levels_of_alpha(alpha)
    check_status(status, planned)
    segmented = [by] if isinstance(by, str) else list(by or ())
    for name in segmented:
        table.columns.feature(name)
    unit, said = chosen_unit(table, unit)
    check_metrics(wanted, count, unit)
    columns = [name for metric in wanted for name in metric.columns] + (
        [] if count is None else [count]
    )
    log, notes = log_of(table, variant, control, unit, time, where, columns, progress)
    if count is not None:
        log, counted = counted_log(log, count)
        notes += counted
    without = [variant, *columns, *([] if time is None else [time])]
    seen = None if said or count is not None else repeated_arms(table, log.arm, without)
    shares = allocation_of(table, variant, allocation)
    trial = Trial(
        log, wanted, shares, levels, status == "running", planned, needs_unit=needs_unit(seen)
    )
    segments = {name: segments_of(table, name) for name in segmented}
    blocks, families, told = judged(trial, segments, progress)
    if seen is not None:
        told = [seen.words, *(one for one in told if one != trial.needs_unit)]
    return Experiment(
        variant=variant,
        control=log.arms[0],
        arms=log.arms,
        metrics=wanted,
        cells=Cells(blocks),
        families=families,
        srm=trial.ratio,
        alpha=levels,
        status=status,
        by=tuple(segmented),
        unit=unit,
        time=time,
        where=words_of_rows(where),
        notes=[*told, *notes],
        n_rows=table.num_rows,
        n_units=trial.n_units,
        fingerprint=table.fingerprint,
        seconds=clock.perf_counter() - started,
        trial=trial,
        blocks=blocks,
        segments=segments,
        repeated=seen,
        assignments=lambda name: table.features[name].assignment,
    )


def metrics_of(metrics: Iterable[Metric | str]) -> tuple[Metric, ...]:
    """Return metrics, those that are written out too; refuse none, and two of one name."""
    if isinstance(metrics, (str, Metric)):
        metrics = [metrics]
    found = tuple(parse_metric(one) if isinstance(one, str) else one for one in metrics)
    if not found:
        raise ExperimentError(
            "an experiment needs a metric: explorer.Metric('plays', 'mean', 'plays'), for instance"
        )
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ExperimentError(f"two metrics are called {twice[0]!r}: give each a name of its own")
    return found


def check_status(status: str, planned: int | None) -> None:
    """Refuse a status, or a number of planned units, that is none."""
    if status not in ("final", "running"):
        raise ExperimentError(f"status is 'final' or 'running', came {status!r}")
    if planned is not None and planned < 1:
        raise ExperimentError(f"planned is a number of units, 1 or more; came {planned!r}")


def levels_of_alpha(alpha: Sequence[float]) -> tuple[float, float]:
    """Return two levels of significance, the larger first; refuse anything else."""
    found = [float(one) for one in alpha]
    if len(found) != 2 or not 0 < found[1] <= found[0] < 1:
        raise ExperimentError(
            f"alpha is two levels between 0 and 1, the larger first, as in (0.05, 0.001); came {tuple(alpha)!r}"
        )
    return found[0], found[1]
