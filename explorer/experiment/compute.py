"""Read an experiment from a table: arms, units, metrics and segments."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment import Experiment, judge_experiment
from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
from explorer.experiment.assignment import allocation_of
from explorer.experiment.inputs import ALPHA, read_inputs
from explorer.table.units.repeated_rows import needs_unit, repeated_arms
from explorer.table.units.segments_of import segments_of
from explorer.table.units.unit_codes import filter_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from explorer.features.metric import Metric
    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["experiment"]


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
    segmented = [by] if isinstance(by, str) else list(by or ())
    for name in segmented:
        table.columns.feature(name)
    inputs = read_inputs(
        table,
        variant,
        control,
        metrics,
        unit,
        time,
        alpha,
        status=status,
        planned=planned,
        count=count,
        where=where,
        progress=progress,
    )
    log = inputs.log
    without = [variant, *inputs.columns, *([] if time is None else [time])]
    repeated = repeated_arms(table, log.arm, without) if inputs.look_for_unit else None
    analysis = ExperimentAnalysis(
        log,
        inputs.metrics,
        allocation_of(table, variant, allocation),
        inputs.alpha,
        status == "running",
        planned,
        needs_unit=needs_unit(repeated),
    )
    segments = {name: segments_of(table, name) for name in segmented}
    blocks, families, notes = judge_experiment(analysis, segments, progress)
    if repeated is not None:
        notes = [repeated.words, *(note for note in notes if note != analysis.needs_unit)]
    return Experiment(
        variant=variant,
        control=log.arms[0],
        arms=log.arms,
        metrics=inputs.metrics,
        cells=Cells(blocks),
        families=families,
        srm=analysis.ratio,
        alpha=inputs.alpha,
        status=status,
        by=tuple(segmented),
        unit=inputs.unit,
        time=time,
        where=filter_text(where),
        notes=[*notes, *inputs.notes],
        n_rows=table.num_rows,
        n_units=analysis.n_units,
        fingerprint=table.fingerprint,
        seconds=clock.perf_counter() - started,
        analysis=analysis,
        blocks=blocks,
        segments=segments,
        repeated=repeated,
        assignments=lambda name: table.features[name].assignment,
    )
