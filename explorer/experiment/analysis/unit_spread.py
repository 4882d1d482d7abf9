"""Spread: the two distributions of a metric, and how they differ at every quantile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.aggregates import refuse_rows
from explorer.experiment.analysis.order_statistics import values_by_cell
from explorer.stats.intervals.quantiles import QuantileDifferences, difference_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis

__all__ = ["Spread", "spread_of"]

_BINS = 60
_TAIL = 0.005  # share beyond either end of the histogram, counted beside it
_FEWEST = 20  # values of an arm from which a curve of quantiles is drawn: a convention


@dataclass(frozen=True, kw_only=True, eq=False)
class Spread:
    """A metric's values in the control and in one arm.

    Parameters
    ----------
    metric, arm : str
    edges : ndarray of shape (bins + 1,), float64
        Bins are closed below and open above, the last one closed.
    control, treatment : ndarray of shape (bins,), int64
        Units in each bin.
    below, above : tuple of int
        Units of the control and of the treatment that lie beyond the edges.
    curve : Curve or None
        Treatment less control at the quantiles, with a band that holds for all of them at once;
        None for too few values, for rows of units, and of a running experiment.
    ratio : bool
        The values are numerator over denominator of each unit, which no ratio of sums is.
    note : str
        Why there is no curve; empty where there is one.
    """

    metric: str
    arm: str
    edges: NDArray[np.float64]
    control: NDArray[np.int64]
    treatment: NDArray[np.int64]
    below: tuple[int, int]
    above: tuple[int, int]
    curve: QuantileDifferences | None
    ratio: bool
    note: str = ""


def spread_of(analysis: ExperimentAnalysis, metric: str, arm: str, seed: int = 0) -> Spread:
    """Count a metric's values by arm, and compare their quantiles from .01 to .99.

    Parameters
    ----------
    analysis : ExperimentAnalysis
    metric, arm : str
    seed : int
        Of the bootstrap.
    """
    refuse_rows(analysis.log, _("the spread of values"))
    measured, treatment = analysis.metric_values(metric), analysis.arm_number(arm)
    values = measured.values
    if measured.denominator is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.where(measured.denominator > 0, values / measured.denominator, np.nan)
    arms = analysis.units.arm
    cells = np.where(arms == 0, 0, np.where(arms == treatment, 1, -1)).astype(np.int32)
    order = values_by_cell(values, measured.own_cells(cells), 2)
    sides = [np.sort(order[0]), np.sort(order[1])]
    edges = _edges(np.concatenate(sides) if sum(map(len, sides)) < 200_000 else _thinned(sides))
    counts = [np.histogram(side, edges)[0] for side in sides]
    below = [int(np.searchsorted(side, edges[0], side="left")) for side in sides]
    above = [len(side) - int(np.searchsorted(side, edges[-1], side="right")) for side in sides]
    text = "" if min(map(len, sides)) >= _FEWEST else _("too few values for a curve of quantiles")
    if measured.part is not None:
        text = _("rows of one unit are alike: no band here holds for the whole curve")
    if analysis.running:
        text = _(
            "the experiment is running, and there is no band of quantiles that is valid at "
            "every look: the curve is drawn at the end"
        )
    curve = (
        None if text else difference_curve(sides[0], sides[1], np.arange(1, 100) / 100, seed=seed)
    )
    return Spread(
        metric=metric,
        arm=arm,
        edges=edges,
        control=counts[0],
        treatment=counts[1],
        below=(below[0], below[1]),
        above=(above[0], above[1]),
        curve=curve,
        ratio=measured.denominator is not None,
        note=text,
    )


def _thinned(sides: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return evenly spaced sorted values of both sides, from which edges are chosen.

    Counts are of all values.
    """
    return np.concatenate([side[:: max(len(side) // 100_000, 1)] for side in sides])


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(values):
        return np.array([0.0, 1.0])
    distinct = np.unique(values)
    if len(distinct) == 1:
        return _around(distinct[0])
    # counts, stars, yes and no: a bin for each value, however rare
    if (distinct == np.rint(distinct)).all() and distinct[-1] - distinct[0] < _BINS:
        return np.asarray(np.arange(distinct[0], distinct[-1] + 2) - 0.5)
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    edges = np.linspace(low, high, _BINS + 1)
    return edges if (np.diff(edges) > 0).all() else _around(low)


def _around(value: float) -> NDArray[np.float64]:
    """Return a bin around a value that is wide enough to be told from it."""
    half = max(0.5, 4 * float(np.spacing(abs(value))))
    return np.array([value - half, value + half])
