"""Assignment: who was in which arm, read from the columns of a table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError, UnknownName
from explorer.core.gettext import _
from explorer.experiment.analysis.units import ExperimentLog
from explorer.table.blocks import numbers_in
from explorer.table.units.unit_codes import filter_text, level_label, row_mask, unit_codes
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["allocation_of", "log_of"]

_readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="read")
_MOST_ARMS = 100  # beyond, a column names something else than arms


def log_of(
    table: Table,
    variant: str,
    control: object,
    unit: str | None,
    time: str | None,
    where: Selection | ArrayLike | str | None,
    columns: Iterable[str] = (),
    progress: Progress | None = None,
) -> tuple[ExperimentLog, list[str]]:
    """Read who was in which arm; say what was left out.

    Parameters
    ----------
    table : Table
    variant, control, unit, time, where
        As for `explorer.experiment`.
    columns : iterable of str
        Of the metrics: an unknown one is refused before anything is read.
    progress : callable, optional
        Called with "columns", and those of the metrics that are read and to be read.

    Returns
    -------
    log : ExperimentLog
    notes : list of str
    """
    columns = tuple(dict.fromkeys(columns))
    for name in (variant, *columns, *(column for column in (unit, time) if column is not None)):
        table.columns.feature(name)
    notes = []
    report(progress, "columns", 0, len(columns))
    arms, arm = _arms(table, variant, control)
    if missing := int((arm < 0).sum()):
        notes.append(
            _("{missing:,} rows without {variant} are left out").format(
                missing=missing, variant=variant
            )
        )
    mask = row_mask(table, where)
    if mask is not None:
        arm[~mask] = -1
        notes.append(
            _("{rows:,} of {total:,} rows are read: {where}").format(
                rows=int(mask.sum()), total=table.num_rows, where=filter_text(where)
            )
        )
    units, n_units = None, table.num_rows
    if unit is not None:
        units, n_units = unit_codes(table, unit)
        if lost := int(((units < 0) & (arm >= 0)).sum()):
            notes.append(
                _("{lost:,} rows without {unit} are left out").format(lost=lost, unit=unit)
            )
        arm[units < 0] = -1
    if len(arms) < 2:
        raise ExperimentError(
            f"{variant!r} has one arm, {arms[0]!r}: an experiment needs another to compare it with"
        )
    present = np.bincount(arm[arm >= 0], minlength=len(arms))
    if not present[0]:
        raise ExperimentError(f"no row that is read is in the control {arms[0]!r}")
    notes += [
        _("no row that is read is in arm {name!r}").format(name=name)
        for name, n in zip(arms, present, strict=True)
        if not n
    ]
    column = cache(lambda name: _numbers(table, name))
    for done, _values in enumerate(_readers.map(column, columns), 1):
        report(progress, "columns", done, len(columns))
    return ExperimentLog(
        arms, arm, units, n_units, column, None if time is None else _times(table, time)
    ), notes


def _arms(table: Table, variant: str, control: object) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """Return the arms, the control first, and the arm of each row."""
    levels = table.columns.levels(variant)
    if len(levels.labels) > _MOST_ARMS:
        raise ExperimentError(
            f"{variant!r} has {len(levels.labels):,} different values: "
            "the column of the arms has a few; is another meant?"
        )
    first = level_label(table, variant, control, "arm")
    order = [first, *sorted(label for label in levels.labels if label != first)]
    place = np.array([*(order.index(label) for label in levels.labels), -1], np.int8)
    return tuple(order), place[levels.codes]


def allocation_of(
    table: Table, variant: str, allocation: Mapping[Any, float] | None
) -> dict[str, float] | None:
    """Return the declared share of each arm by its label.

    An arm that the column does not have keeps the name it was given.

    Raises
    ------
    UnknownName
        Where fewer than two of the names are arms of the column: with the nearest of the first that
        is none.
    """
    if allocation is None:
        return None
    shares, unknown = {}, []
    for name, share in allocation.items():
        try:
            shares[level_label(table, variant, name, "arm")] = float(share)
        except UnknownName as error:
            unknown.append(error)
            shares[str(name)] = float(share)
    if unknown and len(shares) - len(unknown) < 2:
        raise unknown[0]
    return shares


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    feature = table.features[name]
    if feature.kind != "boolean" and not table.columns.is_number(name):
        raise ExperimentError(
            f"a metric is made of numbers, yes and no, or times; {name!r} is {feature.kind}"
        )
    # metrics are read once and kept by the experiment: nothing is written for them
    return numbers_in(feature, table.source.uncached_column(name))


def _times(table: Table, name: str) -> NDArray[np.float64]:
    if not table.columns.is_number(name):
        raise ExperimentError(
            "time is a column of times, or of numbers that rise; "
            f"{name!r} is {table.features[name].kind}: read it as a timestamp in one time zone"
        )
    return table.columns.numbers(name)
