"""Units: what was assigned to an arm, with one value a metric, made of a log of rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.core.gettext import _
from explorer.features.metric import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from explorer.features.metric import Aggregate

__all__ = [
    "ExperimentLog",
    "Units",
    "column_key",
    "paired_units",
    "parts_of",
    "units_of",
    "warm_units",
]

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="units")


@dataclass(frozen=True, eq=False)
class ExperimentLog:
    """The rows of an experiment.

    Parameters
    ----------
    arms : tuple of str
        The control first.
    arm : ndarray of shape (n,), int8
        Arm of each row; -1 for rows that are not in the experiment.
    unit : ndarray of shape (n,), int32, optional
        Unit of each row from 0, -1 where missing; None: each row is a unit.
    n_units : int
        Different units; n without `unit`.
    column : callable
        Column by name as (n,) float64, NaN where missing.
    time : ndarray of shape (n,), float64, optional
        Seconds since 1970-01-01 UTC, or another number that rises.
    count : ndarray of shape (n,), float64, optional
        Units that each row stands for, in a table of aggregates; None: a row is a unit, or one of a
        unit's rows.
    """

    arms: tuple[str, ...]
    arm: NDArray[np.int8]
    unit: NDArray[np.int32] | None
    n_units: int
    column: Callable[[str], NDArray[np.float64]]
    time: NDArray[np.float64] | None = None
    count: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Units:
    """Units, or parts of units that lie in different segments, each with a value a metric.

    Parameters
    ----------
    arm : ndarray of shape (m,), int8
        -1 for a unit that is not counted: in no arm, or in several.
    values : dict of str to ndarray of shape (m,), float64
        By what `key` says of a metric's column.
    codes : ndarray of shape (m,), int32, optional
        Segment of each; negative in none.
    n_crossed : int
        Units that were seen in more than one arm.
    n_seen : int
        Units that were seen in any.
    several : bool
        Some have more than one row.
    part : ndarray of shape (rows of the log,), int32, optional
        Place here of each row, -1 in none; kept where a metric counts rows, whose columns are then
        those of the log.
    """

    arm: NDArray[np.int8]
    columns: Mapping[str, NDArray[np.float64]]
    codes: NDArray[np.int32] | None = None
    time: NDArray[np.float64] | None = None
    n_crossed: int = 0
    n_seen: int = 0
    several: bool = False
    part: NDArray[np.int32] | None = None

    def cells(self, n_arms: int) -> NDArray[np.int32]:
        """Return the cell of each unit: segment × arms + arm, -1 where it is in none."""
        arm = self.arm.astype(np.int32)
        if self.codes is None:
            return arm
        return np.where(
            (arm < 0) | (self.codes < 0), np.int32(-1), self.codes * np.int32(n_arms) + arm
        )


def column_key(column: str, how: Aggregate) -> str:
    """Name what a column says of a unit: its mean for one metric may be its sum for another."""
    return _("{how} of {column}").format(how=how, column=column)


def parts_of(metric: Metric) -> list[tuple[str, Aggregate]]:
    """Return the columns of a metric and what a unit has of each."""
    if metric.kind == "ratio":
        wanted: list[tuple[str, Aggregate]] = [
            (metric.column, "sum"),
            (metric.denominator or "", "sum"),
        ]
    else:
        wanted = [(metric.column, metric.aggregate)]
    beside = (metric.pre, metric.variance, metric.squares)
    return wanted + [(name, "mean") for name in beside if name is not None]


def units_of(
    log: ExperimentLog,
    metrics: tuple[Metric, ...],
    codes: NDArray[np.int32] | None = None,
    one_each: bool = False,
    whole: Units | None = None,
) -> Units:
    """Make units of rows.

    Parameters
    ----------
    log : ExperimentLog
    metrics : tuple of Metric
        Whose columns are wanted.
    codes : ndarray of shape (n,), int32, optional
        Segment of each row, negative in none. A unit with rows in several segments is, in each,
        what its rows there say.
    one_each : bool
        A unit lies in one segment, that of most of its rows (the lower of two with as many).
    whole : Units, optional
        The units of the same log and metrics in no segment: what they say is not read again where a
        unit lies in one segment.

    Returns
    -------
    Units
    """
    wanted = list(dict.fromkeys(part for metric in metrics for part in parts_of(metric)))
    if log.unit is None:
        if whole is not None:
            return replace(whole, codes=codes)
        columns = {column_key(*part): _row_values(log, *part) for part in wanted}
        return Units(
            arm=log.arm,
            columns=columns,
            codes=codes,
            time=log.time,
            n_seen=int((log.arm >= 0).sum()),
        )
    if codes is not None:
        codes_of = _segment_of_units(log.unit, codes, log.arm, log.n_units, one_each)
        if codes_of is None:
            return _in_parts(log, wanted, codes)
        return replace(units_of(log, metrics) if whole is None else whole, codes=codes_of)
    arm, crossed, seen = _arms_of_units(log.unit, log.arm, log.n_units)
    counted = int(((log.arm >= 0) & (log.unit >= 0)).sum())
    return Units(
        arm=arm,
        columns=_columns(log, wanted, log.unit, log.n_units),
        time=_entered(log, log.unit, log.n_units),
        n_crossed=crossed,
        n_seen=seen,
        several=seen < counted,
        part=_part(log, wanted, log.unit),
    )


def _in_parts(
    log: ExperimentLog, wanted: list[tuple[str, Aggregate]], codes: NDArray[np.int32]
) -> Units:
    """Return the parts of units in different segments: each counts wherever it has rows."""
    assert log.unit is not None
    arm, crossed, seen = _arms_of_units(log.unit, log.arm, log.n_units)
    part, unit_of, codes_of = _parts(log.unit, codes, log.n_units)
    return Units(
        arm=arm[unit_of],
        columns=_columns(log, wanted, part, len(unit_of)),
        codes=codes_of,
        time=_entered(log, part, len(unit_of)),
        n_crossed=crossed,
        n_seen=seen,
        several=True,
        part=_part(log, wanted, part),
    )


def _part(
    log: ExperimentLog, wanted: list[tuple[str, Aggregate]], group: NDArray[np.int32]
) -> NDArray[np.int32] | None:
    if all(how != "rows" for _, how in wanted):
        return None
    return np.where(log.arm >= 0, group, np.int32(-1))


def _columns(
    log: ExperimentLog, wanted: list[tuple[str, Aggregate]], group: NDArray[np.int32], n: int
) -> dict[str, NDArray[np.float64]]:
    made = _threads.map(lambda part: _group_values(group, log, n, *part), wanted)
    return {column_key(*part): values for part, values in zip(wanted, made, strict=True)}


def _entered(log: ExperimentLog, group: NDArray[np.int32], n: int) -> NDArray[np.float64] | None:
    return None if log.time is None else _least(group, log.time, log.arm, n)


def paired_units(
    unit: NDArray[np.int32], codes: NDArray[np.int32], n_units: int
) -> tuple[NDArray[np.int32], int]:
    """Make units of the pairs of a unit and a code.

    Returns the pair of each row, -1 in none, and how many there are.
    """
    pair, unit_of, _ = _parts(unit, codes, n_units)
    return pair, len(unit_of)


def _row_values(log: ExperimentLog, column: str, how: Aggregate) -> NDArray[np.float64]:
    values = log.column(column)
    return (~np.isnan(values)).astype(np.float64) if how == "count" else values


def _group_values(
    group: NDArray[np.int32], log: ExperimentLog, n: int, column: str, how: Aggregate
) -> NDArray[np.float64]:
    values = log.column(column)
    if how == "rows":
        return values
    if how in ("min", "max"):
        sign = 1.0 if how == "min" else -1.0
        return np.asarray(sign * _least(group, sign * values, log.arm, n))
    total, count = _totals(group, values, log.arm, n)
    if how == "count":
        return np.asarray(count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / count if how == "mean" else np.where(count > 0, total, np.nan))


def _arms_of_units(
    unit: NDArray[np.int32], arm: NDArray[np.int8], n_units: int
) -> tuple[NDArray[np.int8], int, int]:
    """Return the arm of each unit, -1 for those in several.

    And how many are in several and in any.
    """
    arms = np.full(n_units, -1, np.int8)
    crossed, seen = _read_arms(unit, arm, arms)
    arms[arms == -2] = -1
    return arms, crossed, seen


def _segment_of_units(
    unit: NDArray[np.int32],
    codes: NDArray[np.int32],
    arm: NDArray[np.int8],
    n_units: int,
    one_each: bool,
) -> NDArray[np.int32] | None:
    """Return the segment of each unit; None where some have rows in several, and may."""
    segments = np.full(n_units, -1, np.int32)
    if _read_segments(unit, codes, arm, segments):
        return segments
    if not one_each:
        return None
    starts, order = _by_unit(unit, n_units)
    width = int(codes.max(initial=-1)) + 1
    _most_frequent(starts, order, codes, arm, np.zeros(max(width, 1), np.int64), segments)
    return segments


def _parts(
    unit: NDArray[np.int32], codes: NDArray[np.int32], n_units: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Give pairs of unit and segment numbers from 0.

    Returns the pair of each row, and unit and segment of each pair.
    """
    starts, order = _by_unit(unit, n_units)
    width = max(int(codes.max(initial=-1)) + 1, 1)
    pair = np.full(len(unit), -1, np.int32)
    unit_of = np.empty(len(unit), np.int32)
    segment_of = np.empty(len(unit), np.int32)
    stamps = np.full(width, -1, np.int32), np.zeros(width, np.int32)
    n = _number_pairs(starts, order, codes, *stamps, pair, unit_of, segment_of)
    return pair, unit_of[:n].copy(), segment_of[:n].copy()


def _by_unit(unit: NDArray[np.int32], n_units: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where the rows of each unit start in an order by unit, and that order."""
    starts = np.zeros(n_units + 1, np.int64)
    order = np.empty(len(unit), np.int32)
    _sort_by_unit(unit, starts, order)
    return starts, order


def warm_units() -> None:
    """Compile, or load from disk, every kernel here."""
    unit, arm = np.array([0, 0, 1], np.int32), np.array([0, 0, 1], np.int8)
    values = np.ones(3)
    values.flags.writeable = False
    some = ExperimentLog(("A", "B"), arm, unit, 2, lambda _: values, values)
    for metric in (Metric("m", "mean", "c"), Metric("m", "mean", "c", aggregate="min")):
        for codes in (np.array([0, 1, 0], np.int32), np.array([0, 0, 0], np.int32)):
            for one_each in (True, False):
                units_of(some, (metric,), codes, one_each)


@numba.njit(nogil=True, cache=True)
def _read_arms(unit: Any, arm: Any, arms: Any) -> tuple[int, int]:
    crossed = seen = 0
    for i in range(len(unit)):
        u, a = unit[i], arm[i]
        if u < 0 or a < 0:
            continue
        if arms[u] == -1:
            arms[u] = a
            seen += 1
        elif arms[u] != a and arms[u] != -2:
            arms[u] = -2
            crossed += 1
    return crossed, seen


@numba.njit(nogil=True, cache=True)
def _read_segments(unit: Any, codes: Any, arm: Any, segments: Any) -> bool:
    """Write the first segment of each unit; tell whether all its rows that lie in one lie there."""
    for i in range(len(unit)):
        u, c = unit[i], codes[i]
        if u < 0 or c < 0 or arm[i] < 0:
            continue
        if segments[u] == -1:
            segments[u] = c
        elif segments[u] != c:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _sort_by_unit(unit: Any, starts: Any, order: Any) -> None:
    for i in range(len(unit)):
        if unit[i] >= 0:
            starts[unit[i]] += 1
    for u in range(1, len(starts)):
        starts[u] += starts[u - 1]
    for i in range(len(unit) - 1, -1, -1):  # backwards, so that each unit's rows stay in order
        if unit[i] >= 0:
            starts[unit[i]] -= 1
            order[starts[unit[i]]] = i


@numba.njit(nogil=True, cache=True)
def _most_frequent(
    starts: Any, order: Any, codes: Any, arm: Any, counts: Any, segments: Any
) -> None:
    for u in range(len(starts) - 1):
        best = -1
        for j in range(starts[u], starts[u + 1]):
            c = codes[order[j]]
            if c >= 0 and arm[order[j]] >= 0:
                counts[c] += 1
                if best < 0 or counts[c] > counts[best] or (counts[c] == counts[best] and c < best):
                    best = c
        for j in range(starts[u], starts[u + 1]):
            if codes[order[j]] >= 0:
                counts[codes[order[j]]] = 0
        segments[u] = best


@numba.njit(nogil=True, cache=True)
def _number_pairs(
    starts: Any,
    order: Any,
    codes: Any,
    stamped: Any,
    number: Any,
    pair: Any,
    unit_of: Any,
    segment_of: Any,
) -> int:
    n = 0
    for u in range(len(starts) - 1):
        for j in range(starts[u], starts[u + 1]):
            i = order[j]
            c = codes[i]
            if c < 0:
                continue
            if stamped[c] != u:
                stamped[c], number[c] = u, n
                unit_of[n], segment_of[n] = u, c
                n += 1
            pair[i] = number[c]
    return n


@numba.njit(nogil=True, cache=True)
def _totals(group: Any, values: Any, arm: Any, n: int) -> Any:
    total, count = np.zeros(n), np.zeros(n)
    for i in range(len(group)):
        g, v = group[i], values[i]
        if g >= 0 and arm[i] >= 0 and v == v:
            total[g] += v
            count[g] += 1.0
    return total, count


@numba.njit(nogil=True, cache=True)
def _least(group: Any, values: Any, arm: Any, n: int) -> Any:
    least = np.full(n, np.nan)
    for i in range(len(group)):
        g, v = group[i], values[i]
        if g >= 0 and arm[i] >= 0 and v == v and not least[g] <= v:
            least[g] = v
    return least
