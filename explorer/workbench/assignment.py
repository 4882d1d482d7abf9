"""Assignment: who was in which arm, read from the columns of a table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import ExperimentError, UnknownName, unknown_name
from explorer.experiments.numbering import number_integers
from explorer.experiments.units import Log, check_units
from explorer.features.cells import without_sentinels
from explorer.rows.selection import Selection
from explorer.workbench.blocks import numbers_in
from explorer.workbench.selecting import where as select_where
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.workbench.table import Table
    from projections.errors import Progress

__all__ = [
    "allocation_of",
    "arm_name",
    "log_of",
    "named_label",
    "number_of",
    "rows_in",
    "units_in",
    "words_of_rows",
]

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
) -> tuple[Log, list[str]]:
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
    log : Log
    notes : list of str
    """
    columns = tuple(dict.fromkeys(columns))
    for name in (variant, *columns, *(one for one in (unit, time) if one is not None)):
        table.feature(name)
    notes = []
    report(progress, "columns", 0, len(columns))
    arms, arm = _arms(table, variant, control)
    if missing := int((arm < 0).sum()):
        notes.append(f"{missing:,} rows without {variant} are left out")
    mask = rows_in(table, where)
    if mask is not None:
        arm[~mask] = -1
        notes.append(f"{int(mask.sum()):,} of {table.num_rows:,} rows are read: {words_of_rows(where)}")
    units, n_units = None, table.num_rows
    if unit is not None:
        units, n_units = units_in(table, unit)
        if lost := int(((units < 0) & (arm >= 0)).sum()):
            notes.append(f"{lost:,} rows without {unit} are left out")
        arm[units < 0] = -1
    if len(arms) < 2:
        raise ExperimentError(
            f"{variant!r} has one arm, {arms[0]!r}: an experiment needs another to compare it with"
        )
    present = np.bincount(arm[arm >= 0], minlength=len(arms))
    if not present[0]:
        raise ExperimentError(f"no row that is read is in the control {arms[0]!r}")
    notes += [
        f"no row that is read is in arm {name!r}" for name, n in zip(arms, present, strict=True) if not n
    ]
    column = cache(lambda name: _numbers(table, name))
    for done, _ in enumerate(_readers.map(column, columns), 1):
        report(progress, "columns", done, len(columns))
    return Log(arms, arm, units, n_units, column, None if time is None else _times(table, time)), notes


def _arms(table: Table, variant: str, control: object) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """Return the arms, the control first, and the arm of each row."""
    levels = table.levels(variant)
    if len(levels.labels) > _MOST_ARMS:
        raise ExperimentError(
            f"{variant!r} has {len(levels.labels):,} different values: the column of the arms has a few; is another meant?"
        )
    first = arm_name(table, variant, control)
    order = [first, *sorted(label for label in levels.labels if label != first)]
    place = np.array([*(order.index(label) for label in levels.labels), -1], np.int8)
    return tuple(order), place[levels.codes]


def number_of(label: str) -> float | None:
    """Return the number that a label writes, None where it writes none."""
    try:
        return float(label)
    except ValueError:
        return None


def arm_name(table: Table, variant: str, value: object, what: str = "arm") -> str:
    """Return the label of an arm, or whatever else is meant, that was named by its value or by its label: 2 is 2.0 too."""
    levels = table.levels(variant)
    for label, one in zip(levels.labels, levels.values, strict=True):
        if one == value and isinstance(one, bool) == isinstance(value, bool):
            return label
    return named_label(str(value), levels.labels, what)


def allocation_of(
    table: Table, variant: str, allocation: Mapping[Any, float] | None
) -> dict[str, float] | None:
    """Return the declared share of each arm by its label; an arm that the column does not have keeps the name it was given.

    Raises
    ------
    UnknownName
        Where fewer than two of the names are arms of the column: with the nearest of the first that is none.
    """
    if allocation is None:
        return None
    found, unknown = {}, []
    for name, share in allocation.items():
        try:
            found[arm_name(table, variant, name)] = float(share)
        except UnknownName as error:
            unknown.append(error)
            found[str(name)] = float(share)
    if unknown and len(found) - len(unknown) < 2:
        raise unknown[0]
    return found


def named_label(given: str, labels: Sequence[str], what: str) -> str:
    """Return the label that is meant: itself, or one that writes the same number.

    Raises
    ------
    UnknownName
        Where none is, with the nearest.
    """
    number = number_of(given)
    alike = (one for one in labels if number is not None and number_of(one) == number)
    found = given if given in labels else next(alike, None)
    if found is None:
        raise unknown_name(what, given, labels)
    return found


def units_in(table: Table, unit: str) -> tuple[NDArray[np.int32], int]:
    """Give the values of a column that names units, or lists, numbers from 0, (num_rows,); rows without one have -1."""
    column = without_sentinels(table.source.passed(unit), table.feature(unit).sentinels)
    if pa.types.is_integer(column.type):
        codes, n_units = number_integers([_integers(chunk) for chunk in column.chunks])
    else:
        codes, n_units = _encoded(column)
    check_units(n_units)
    return codes, n_units


def _integers(chunk: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    there = chunk.is_valid().to_numpy(zero_copy_only=False) if chunk.null_count else None
    wide = chunk.fill_null(0) if chunk.null_count else chunk
    # beyond 2**63 integers without a sign become negative ones: names stay different
    return wide.to_numpy(zero_copy_only=False).astype(np.int64, copy=False), there


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], int]:
    """Give the values of any other column numbers; NaN is missing, as everywhere."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        chunks = column.chunks
    else:
        chunks = [
            pc.dictionary_encode(column.combine_chunks() if column.num_chunks else pa.array([], column.type))
        ]
    chunks = [
        part for chunk in chunks for part in (chunk.chunks if isinstance(chunk, pa.ChunkedArray) else [chunk])
    ]
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32) for chunk in chunks]
    n_units = max((len(chunk.dictionary) for chunk in chunks), default=0)
    return np.concatenate([np.empty(0, np.int32), *codes]), n_units


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    feature = table.feature(name)
    if feature.kind != "boolean" and not table.is_number(name):
        raise ExperimentError(
            f"a metric is made of numbers, yes and no, or times; {name!r} is {feature.kind}"
        )
    # metrics are read once and kept by the experiment: nothing is written for them
    return numbers_in(feature, table.source.passed(name))


def _times(table: Table, name: str) -> NDArray[np.float64]:
    if not table.is_number(name):
        raise ExperimentError(
            f"time is a column of times, or of numbers that rise; {name!r} is {table.feature(name).kind}: read it as a timestamp in one time zone"
        )
    return table.numbers(name)


def rows_in(table: Table, where: Selection | ArrayLike | str | None) -> NDArray[np.bool_] | None:
    """Return which rows were asked for, (num_rows,); None for all of them."""
    if where is None:
        return None
    if isinstance(where, str):
        return select_where(table, where).mask
    if isinstance(where, Selection):
        if where.fingerprint != table.fingerprint:
            raise ExperimentError("the selection belongs to another table: select again on this one")
        return where.mask
    mask = np.asarray(where)
    if mask.dtype != np.bool_ or mask.shape != (table.num_rows,):
        raise ExperimentError(
            f"where is a Selection, an expression or {table.num_rows:,} booleans, came {mask.dtype} {mask.shape}"
        )
    return mask


def words_of_rows(where: Selection | ArrayLike | str | None) -> str:
    """Say in a few words which rows were asked for; nothing for all of them."""
    if where is None:
        return ""
    return (
        where
        if isinstance(where, str)
        else "a selection"
        if isinstance(where, Selection)
        else "rows of an array"
    )
