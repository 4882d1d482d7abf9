"""Experiments of which a table holds aggregates: one row a cell, and no row a unit.

Counts, sums or means, and squares or variances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.analysis.metric_values import MetricValues
from explorer.experiment.analysis.sums import VALUES, CellSums
from explorer.experiment.analysis.units import column_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.units import ExperimentLog, Units
    from explorer.features.metric import Metric

    Floats = NDArray[np.float64]

__all__ = [
    "NOT_KNOWN",
    "AggregateValues",
    "check_metrics",
    "counted_log",
    "measure_aggregates",
    "refuse_rows",
]

NOT_KNOWN = _(
    "the table holds aggregates: how skewed the values of means are, "
    "and whether a unit is in several arms, cannot be checked"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class AggregateValues(MetricValues):
    """A metric of rows that stand for many units each.

    Parameters
    ----------
    values : ndarray of shape (rows,), float64
        Mean of the units of each row.
    count : ndarray of shape (rows,), float64
        Units of each row.
    within : ndarray of shape (rows,), float64
        Sum of the squared deviations of a row's units from its mean.
    """

    count: Floats
    within: Floats

    @property
    def by_unit(self) -> bool:
        """Whether the value of each unit is known."""
        return False

    def sums(self, cells: NDArray[np.int32], n_cells: int) -> CellSums:
        """Sum the units by cell; sums of third and fourth powers are not known, NaN."""
        inside = (cells >= 0) & np.isfinite(self.values) & (self.count > 0)
        at, n, mean = cells[inside], self.count[inside], self.values[inside]
        shift = float(n @ mean / n.sum()) if n.sum() > 0 else 0.0
        table = np.full((n_cells, len(VALUES)), np.nan)
        powers = {
            "n": n,
            "y": n * (mean - shift),
            "yy": self.within[inside] + n * (mean - shift) ** 2,
        }
        for name, parts in powers.items():
            table[:, VALUES.index(name)] = np.bincount(at, parts, minlength=n_cells)
        return CellSums(table, VALUES, (shift,))


def check_metrics(metrics: tuple[Metric, ...], count: str | None, unit: str | None) -> None:
    """Refuse metrics that cannot be had of aggregates, or that need a count of units and have none.

    Raises
    ------
    ExperimentError
    """
    if count is None:
        for metric in metrics:
            if metric.variance or metric.squares:
                raise ExperimentError(
                    f"metric {metric.name!r} has a column of "
                    f"{'variances' if metric.variance else 'sums of squares'}: "
                    "name the column that "
                    "counts the units of a row too, as count"
                )
        return
    if unit is not None:
        raise ExperimentError("a table of aggregates has no units: give count, or unit, not both")
    for metric in metrics:
        why = ""
        if metric.kind in ("quantile", "ratio"):
            why = _(
                "a {kind} cannot be computed from aggregates: give a table with a row for each unit"
            ).format(kind=metric.kind)
        elif metric.pre is not None or metric.cap is not None or metric.aggregate != "mean":
            why = _(
                "pre, cap and aggregate need the value of each unit, which aggregates do not have"
            )
        elif metric.kind == "mean" and not (metric.variance or metric.squares):
            why = _(
                "a mean of aggregates needs squares, the column with the sums of squares beside "
                "that of the sums, or variance beside that of the means"
            )
        if why:
            raise ExperimentError(f"metric {metric.name!r}: {why}")


def counted_log(log: ExperimentLog, count: str) -> tuple[ExperimentLog, list[str]]:
    """Return the log with the units of each row; rows without a count are left out, and said.

    Raises
    ------
    ExperimentError
        Where a count is negative, or no whole number.
    """
    units = log.column(count)
    inside = log.arm >= 0
    bad = inside & (~np.isnan(units)) & ((units < 0) | (units != np.rint(units)))
    if bad.any():
        raise ExperimentError(
            f"{count} counts the units of a row: whole numbers, 0 or more; came {units[bad][0]:g}"
        )
    lost = inside & np.isnan(units)
    notes = [NOT_KNOWN] + (
        [_("{lost:,} rows without {count} are left out").format(lost=int(lost.sum()), count=count)]
        if lost.any()
        else []
    )
    arm = np.where(lost, np.int8(-1), log.arm).astype(np.int8)
    return replace(log, arm=arm, count=np.nan_to_num(units)), notes


def measure_aggregates(metric: Metric, units: Units, count: Floats) -> AggregateValues:
    """Look at what the rows hold of a metric before anything is computed of it.

    Raises
    ------
    ExperimentError
        Hits that are no whole numbers from 0 to the count, negative variances, or squares that are
        smaller than the sums allow.
    """
    held = units.columns[column_key(metric.column, "mean")]
    there = (units.arm >= 0) & (count > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if metric.kind == "proportion":
            wrong = (held < 0) | (held > count) | (held != np.rint(held))
            expected = _("hits of a proportion are whole numbers from 0 to the count of the row")
            mean, within = held / count, held * (1 - held / count)
        elif metric.variance:
            spread = np.where(count > 1, units.columns[column_key(metric.variance, "mean")], 0.0)
            wrong, expected = spread < 0, _("variances are 0 or more")
            mean, within = np.where(np.isnan(spread), np.nan, held), spread * (count - 1)
        else:
            squares = units.columns[column_key(metric.squares or "", "mean")]
            mean, within = held / count, squares - held**2 / count
            # what rounding leaves of a constant is no variance
            wrong, expected = (
                within < -1e-9 * squares,
                _("a sum of squares is at least the squared sum over the count"),
            )
            mean, within = np.where(np.isnan(within), np.nan, mean), np.maximum(within, 0.0)
    if (wrong & there).any():
        row = int(np.flatnonzero(wrong & there)[0])
        raise ExperimentError(
            f"metric {metric.name!r}: {expected}; row {row:,} has {metric.column} "
            f"{held[row]:g} of {count[row]:,.0f} units"
        )
    infinite = bool((np.isinf(mean) | np.isinf(within))[there].any())
    refused = (
        _("{column} is infinite in some rows: filter these").format(column=metric.column)
        if infinite
        else ""
    )
    present = there & np.isfinite(mean) & np.isfinite(within)
    empty = (
        ""
        if present.any()
        else _("every value of {column} is missing").format(column=metric.column)
    )
    return AggregateValues(
        metric,
        metric.kind,
        np.where(present, mean, np.nan),
        refused=refused,
        empty=empty,
        count=count,
        within=np.nan_to_num(within),
    )


def refuse_rows(log: ExperimentLog, what: str) -> None:
    """Refuse what needs the value of each unit.

    Raises
    ------
    ExperimentError
        Of a table of aggregates.
    """
    if log.count is not None:
        raise ExperimentError(
            f"{what} needs a row for each unit, and this table holds aggregates: there is none"
        )
