"""The values of one metric, ready to be summed: capped, or refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.analysis.order_statistics import Clusters, quantiles_of, values_by_cell
from explorer.experiment.analysis.sums import (
    MISSING_PRE,
    PAIR,
    PAIR_PRE,
    PRE,
    VALUES,
    CellSums,
    cell_sums,
)
from explorer.experiment.analysis.units import column_key, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.order_statistics import Quantiles
    from explorer.experiment.analysis.units import Units
    from explorer.features.metric import Kind, Metric

__all__ = ["MetricValues", "measure_metric", "middle"]


@dataclass(frozen=True, eq=False)
class MetricValues:
    """The values of a metric.

    Parameters
    ----------
    metric : Metric
    kind : {"mean", "proportion", "ratio", "quantile"}
        How it is computed: a proportion of units with several rows each is a mean.
    values : ndarray of shape (n,), float64
        NaN where missing; of a ratio its numerator.
    denominator, pre : ndarray of shape (n,), float64, optional
    refused : str
        Why nothing that it says is to be trusted; empty else.
    empty : str
        Why it says nothing; empty else.
    notes : tuple of str
        What was done to it.
    part : ndarray of shape (n,), int32, optional
        Unit of each value, where the values are those of rows.
    """

    metric: Metric
    kind: Kind
    values: NDArray[np.float64]
    denominator: NDArray[np.float64] | None = None
    pre: NDArray[np.float64] | None = None
    refused: str = ""
    empty: str = ""
    notes: tuple[str, ...] = ()
    part: NDArray[np.int32] | None = None

    def own_cells(self, cells: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the cell of each value from that of each unit."""
        if self.part is None:
            return cells
        return np.where(self.part < 0, np.int32(-1), cells[np.maximum(self.part, 0)])

    def quantiles(self, cells: NDArray[np.int32], n_cells: int, n_arms: int) -> Quantiles:
        """Return the quantile of each arm of each cell."""
        own = self.own_cells(cells)
        clusters = None if self.part is None else Clusters(self.values, own, self.part)
        order = values_by_cell(self.values, own, n_cells)
        return quantiles_of(order, n_arms, float(self.metric.quantile or 0.5), clusters)

    @property
    def by_unit(self) -> bool:
        """Whether the value of each unit is known, as in all but aggregates."""
        return True

    def sums(self, cells: NDArray[np.int32], n_cells: int) -> CellSums:
        """Sum the values by cell; a ratio its pairs."""
        if self.denominator is None:
            return cell_sums(cells, n_cells, VALUES, (self.values,), (middle(self.values),))
        shifts = middle(self.values), middle(self.denominator)
        return cell_sums(cells, n_cells, PAIR, (self.values, self.denominator), shifts)

    def sums_with_pre(self, cells: NDArray[np.int32], n_cells: int) -> CellSums:
        """Sum what an adjusted mean, or ratio, follows from."""
        if self.pre is None:
            raise ValueError(f"{self.metric.name} has no value from before")
        before = middle(self.pre)
        if self.denominator is None:
            columns, shifts = (self.pre, self.values), (before, middle(self.values))
            return cell_sums(cells, n_cells, PRE + MISSING_PRE, columns, shifts)
        three = (self.values, self.denominator, self.pre)
        return cell_sums(
            cells, n_cells, PAIR_PRE, three, (middle(self.values), middle(self.denominator), before)
        )


_SMALL, _LARGE = (
    1e-75,
    1e75,
)  # what is beyond leaves the range of numbers when it is raised to the fourth power


def measure_metric(metric: Metric, units: Units) -> MetricValues:
    """Look at a metric's values before anything is computed of them.

    Parameters
    ----------
    metric : Metric
    units : Units
        That hold its columns.

    Returns
    -------
    MetricValues
        `refused` where values are infinite, all are missing, or a denominator is negative.

    Raises
    ------
    ExperimentError
        A proportion of values that are not 0 and 1.
    """
    parts = [units.columns[column_key(*part)] for part in parts_of(metric)]
    values, notes = parts[0], []
    part = units.part if metric.aggregate == "rows" else None
    inside = units.arm >= 0
    if part is not None:
        inside = (part >= 0) & inside[np.maximum(part, 0)]
    if metric.cap is not None:
        over = int((values[inside] > metric.cap).sum())
        values = np.minimum(values, metric.cap)
        notes = [
            _("{over:,} values above {cap:g} count as {cap:g}").format(over=over, cap=metric.cap)
        ]
    denominator = parts[1] if metric.kind == "ratio" else None
    pre = parts[-1] if metric.pre is not None else None
    kind: Kind = metric.kind
    if kind == "proportion":
        binary = _binary(values, inside)
        if units.several and metric.aggregate == "mean":
            kind = "mean"
            notes.append(
                _(
                    "units have several rows: "
                    "the share of a unit is its value, and is compared as a mean"
                )
            )
        elif not binary:
            raise _not_binary(metric, values[inside])
    named = [(metric.column, values), (metric.denominator, denominator), (metric.pre, pre)]
    cells = [(column or "", cells) for column, cells in named if cells is not None]
    refused, empty = _refusal(metric, cells, denominator, inside), _emptiness(cells, inside)
    return MetricValues(
        metric,
        kind,
        _finite(values),
        _finite(denominator),
        _finite(pre),
        refused,
        empty,
        tuple(notes),
        part,
    )


def _binary(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> bool:
    return bool(((values == 0) | (values == 1) | np.isnan(values) | ~inside).all())


def _not_binary(metric: Metric, values: NDArray[np.float64]) -> ExperimentError:
    values_seen = values[~np.isnan(values)]
    return ExperimentError(
        f"metric {metric.name!r}: a proportion is of values 0 and 1; "
        f"{metric.column} goes from {values_seen.min():g} to "
        f"{values_seen.max():g}: use mean({metric.column}), or a column that says yes or no"
    )


def _emptiness(cells: list[tuple[str, NDArray[np.float64]]], inside: NDArray[np.bool_]) -> str:
    if not inside.any():
        return _("no unit is left in any arm")
    for column, values in cells:
        if not (~np.isnan(values) & inside).any():
            return _("every value of {column} is missing").format(column=column)
    return ""


def _refusal(
    metric: Metric,
    cells: list[tuple[str, NDArray[np.float64]]],
    denominator: NDArray[np.float64] | None,
    inside: NDArray[np.bool_],
) -> str:
    for column, values in cells:
        infinite = int((np.isinf(values) & inside).sum())
        if infinite:
            return _(
                "{column} is infinite for {infinite:,} units: cap it, or filter these rows"
            ).format(column=column, infinite=infinite)
        largest = float(np.max(np.abs(values), where=inside & ~np.isnan(values), initial=0.0))
        if largest and not _SMALL < largest < _LARGE:
            return _(
                "{column} reaches {largest:.0e}, and its squares are no numbers of 64 bits: "
                "multiply it by a power of ten first"
            ).format(column=column, largest=largest)
    negative = 0 if denominator is None else int(((denominator < 0) & inside).sum())
    if negative:
        return _(
            "{denominator} is negative for {negative:,} units: a rate per such a "
            "denominator has no meaning"
        ).format(denominator=metric.denominator, negative=negative)
    return ""


@overload
def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]: ...
@overload
def _finite(values: None) -> None: ...
def _finite(values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return values with those beyond all arithmetic as missing; the same array if none is."""
    if values is None or not (np.abs(values) >= _LARGE).any():
        return values
    return np.where(np.abs(values) >= _LARGE, np.nan, values)


def middle(values: NDArray[np.float64]) -> float:
    """Return a constant near the mean of a column.

    That of up to some thousand of its finite values, evenly spread.
    """
    some = values[:: max(len(values) // 4096, 1)]
    finite = some[np.isfinite(some)]
    return float(finite.mean()) if len(finite) else 0.0
