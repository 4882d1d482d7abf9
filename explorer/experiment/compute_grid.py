"""Read many experiments from one table: a grid of tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
from explorer.experiment.analysis.experiment_grid import ExperimentGrid, arms_notes, judge_grid
from explorer.experiment.analysis.units import paired_units
from explorer.experiment.assignment import allocation_of
from explorer.experiment.inputs import ALPHA, read_inputs
from explorer.features.segments import Segments
from explorer.table.units.repeated_rows import needs_unit, repeated_arms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.experiment.analysis.units import ExperimentLog
    from explorer.features.metric import Metric
    from explorer.selection.selection import Selection
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.coding import CategoricalColumn
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["experiment_wall"]

_MOST_EXPERIMENTS = 100_000  # beyond, a column names something else: members, mostly


def experiment_wall(
    table: Table,
    experiment: str,
    variant: str,
    control: object,
    metrics: Iterable[Metric | str],
    allocation: Mapping[Any, float] | None = None,
    unit: str | None = None,
    alpha: Sequence[float] = ALPHA,
    *,
    status: str = "final",
    planned: int | None = None,
    count: str | None = None,
    where: Selection | ArrayLike | str | None = None,
    progress: Progress | None = None,
) -> ExperimentGrid:
    """Compare the arms of many experiments in one table, and correct all of them together.

    Parameters
    ----------
    table : Table
    experiment : str
        Column that names the experiment of a row; rows where it is missing are left out. The grid
        has the experiments with rows that are read, in the order of their first rows in the table.
    variant, control, metrics, allocation, unit, alpha, status, where
        As for `explorer.experiment`, and the same for every experiment: an allocation is that of
        all arms, and each experiment is checked over the arms that it has. A unit may take part in
        several, in any arm of each.
    planned : int, optional
        Units that each of the running experiments is to have in the end. Default: 5,000.
    count : str, optional
        Column with how many units a row stands for: the table holds aggregates, one row for each
        arm (and time, segment). A proportion is then of hits; a mean of sums with `Metric.squares`,
        or of means with `Metric.variance`.
    progress : callable, optional
        ``progress(stage, done, total)``: "columns" of the metrics that are read, then "metrics",
        each in all experiments. Where it returns False, `Cancelled` is raised.

    Returns
    -------
    ExperimentGrid

    Raises
    ------
    ExperimentError
        As `explorer.experiment`, and for a column that is no column of levels, or that names no
        experiment in the rows that are read.
    """
    if table.features[experiment].kind == "vector":
        raise ExperimentError(
            f"{experiment!r} is a vector: name a column that says which experiment a row belongs to"
        )
    inputs = read_inputs(
        table,
        variant,
        control,
        metrics,
        unit,
        None,
        alpha,
        status=status,
        planned=planned,
        count=count,
        where=where,
        progress=progress,
    )
    log, notes = inputs.log, inputs.notes
    levels = table.columns.levels(experiment)
    if lost := int(((levels.codes == len(levels.labels)) & (log.arm >= 0)).sum()):
        notes.append(
            _("{lost:,} rows without {experiment} are left out").format(
                lost=lost, experiment=experiment
            )
        )
    codes, labels = _in_order(levels, log.arm >= 0)
    if not labels:
        raise ExperimentError(f"no row that is read names an experiment in {experiment!r}")
    if len(labels) > _MOST_EXPERIMENTS:
        raise ExperimentError(
            f"{experiment!r} has {len(labels):,} different values, {_MOST_EXPERIMENTS:,} at most "
            "can be read as experiments: is another column meant?"
        )
    if log.unit is not None:  # a unit of two experiments is two units, each in an arm of its own
        pairs, n_pairs = paired_units(log.unit, codes, log.n_units)
        log = replace(log, unit=pairs, n_units=n_pairs)
    repeated = None
    if inputs.look_for_unit:
        repeated = _repeated(table, log, codes, [experiment, variant, *inputs.columns])
    if repeated is not None:
        notes.insert(0, repeated.words)
    shares = allocation_of(table, variant, allocation)
    analysis = ExperimentAnalysis(
        log,
        inputs.metrics,
        None,
        inputs.alpha,
        status == "running",
        planned,
        of_grid=True,
        needs_unit=needs_unit(repeated),
    )
    blocks, families, checks = judge_grid(
        analysis, experiment, Segments(codes, labels), shares, progress
    )
    return ExperimentGrid(
        experiment=experiment,
        variant=variant,
        control=log.arms[0],
        metrics=inputs.metrics,
        cells=Cells(blocks),
        srm=checks,
        families=families,
        alpha=inputs.alpha,
        status=status,
        notes=[*notes, *arms_notes(checks)],
        repeated=repeated,
        fingerprint=table.fingerprint,
    )


def _repeated(
    table: Table, log: ExperimentLog, codes: NDArray[np.int32], without: list[str]
) -> RepeatedRows | None:
    """Look for what was assigned in the largest experiment.

    A unit of several may be in another arm of each.
    """
    read = (log.arm >= 0) & (codes >= 0)
    largest = int(np.bincount(codes[read]).argmax())
    return repeated_arms(table, np.where(read & (codes == largest), log.arm, -1), without)


def _in_order(
    levels: CategoricalColumn, read: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], list[str]]:
    """Return the levels that rows are read of, and each row's place among them.

    In the order of their first rows; the place is negative in none.

    Parameters
    ----------
    levels : CategoricalColumn
    read : ndarray of shape (n,), bool
    """
    n_levels, rows = len(levels.labels), np.flatnonzero(read)
    first = np.full(n_levels + 1, len(read), np.int64)
    first[levels.codes[rows[::-1]]] = rows[
        ::-1
    ]  # of rows of one level, the last that is written is the first
    first[n_levels] = len(read)
    order = np.argsort(first, kind="stable")[: int((first < len(read)).sum())]
    place = np.full(n_levels + 1, -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place[levels.codes], [levels.labels[i] for i in order]
