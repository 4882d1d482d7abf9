"""Units and metrics of an experiment, of which the cells of any groups are computed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.gettext import _
from explorer.experiment.analysis.adjusted import (
    UNBALANCED,
    adjusted_mean_arms,
    adjusted_ratio_arms,
    balance_of,
)
from explorer.experiment.analysis.aggregates import measure_aggregates
from explorer.experiment.analysis.assignment_checks import (
    SRM_LEVEL,
    SampleRatioCheck,
    check_counts,
    checked_arms,
    crossed_units_text,
    format_small_p,
    weights_of,
)
from explorer.experiment.analysis.block import ALL, CellBlock
from explorer.experiment.analysis.effects import effects_of, mean_arms, ratio_arms, share_arms
from explorer.experiment.analysis.metric_values import MetricValues, measure_metric, middle
from explorer.experiment.analysis.skewed import SkewedValues, linearised, residuals
from explorer.experiment.analysis.sums import VALUES, cell_counts, cell_sums
from explorer.experiment.analysis.units import units_of
from explorer.features.segments import Segments
from explorer.stats.intervals.sequences import ConfidenceSequence
from explorer.stats.testing.fdr import holm
from explorer.stats.testing.srm import balance_by_region, sequential_sample_ratio
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from explorer.experiment.analysis.effects import ArmSummaries, Effects
    from explorer.experiment.analysis.order_statistics import Quantiles
    from explorer.experiment.analysis.sums import CellSums
    from explorer.experiment.analysis.units import ExperimentLog, Units
    from explorer.features.metric import Metric
    from projections.errors import Progress

__all__ = ["PLANNED", "ExperimentAnalysis", "MetricEffects", "compute_metric"]

PLANNED = 5_000
"""Units for which a sequence is narrowest where nobody says how many are planned: a convention."""

_metrics = ThreadPoolExecutor(max_workers=2, thread_name_prefix="metrics")


class MetricEffects(NamedTuple):
    """What a metric says of each arm of each cell."""

    arms: ArmSummaries
    plain: ArmSummaries | None
    quantiles: Quantiles | None
    unbalanced: NDArray[np.bool_]
    skewed: SkewedValues | None = None
    plain_skewed: SkewedValues | None = None


@dataclass(eq=False)
class ExperimentAnalysis:
    """An experiment.

    Parameters
    ----------
    log : ExperimentLog
    metrics : tuple of Metric
    allocation : mapping of str to float, optional
    alpha : tuple of 2 float
    running : bool
        Verdicts come from sequences that hold at every moment.
    planned : int, optional
        Units that the experiment is to have in the end.
    of_grid : bool
        Groups are experiments, each with as many units planned.
    needs_unit : str
        Why rows seem to belong together, where nobody has named their unit: no verdict is given.
    """

    log: ExperimentLog
    metrics: tuple[Metric, ...]
    allocation: Mapping[str, float] | None
    alpha: tuple[float, float]
    running: bool = False
    planned: int | None = None
    of_grid: bool = False
    needs_unit: str = ""
    arms: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.arms = self.log.arms

    @cached_property
    def units(self) -> Units:
        """All units, in no segment."""
        return units_of(self.log, self.metrics)

    @cached_property
    def measured(self) -> list[MetricValues]:
        """The metrics at the units."""
        return self._measure(self.units)

    def _measure(self, units: Units) -> list[MetricValues]:
        if self.log.count is None:
            return [measure_metric(metric, units) for metric in self.metrics]
        return [measure_aggregates(metric, units, self.log.count) for metric in self.metrics]

    def count(self, cells: NDArray[np.int32], n_cells: int) -> NDArray[np.int64]:
        """Count the units by cell, (n_cells,); negative codes are left out.

        Those of a row of aggregates are as many as it says.
        """
        if self.log.count is None:
            return cell_counts(cells, n_cells)
        inside = cells >= 0
        return np.rint(
            np.bincount(cells[inside], self.log.count[inside], minlength=n_cells)
        ).astype(np.int64)

    @property
    def n_units(self) -> int:
        """Units in any arm."""
        return int(self.count(self.units.arm.astype(np.int32), len(self.arms)).sum())

    @cached_property
    def ratio(self) -> SampleRatioCheck:
        """The arms' sizes beside the declared allocation."""
        counts = self.count(self.units.arm.astype(np.int32), len(self.arms))
        return check_counts(self.arms, counts, self.allocation, self.running)

    @cached_property
    def distrust(self) -> str:
        """Why no verdict of the experiment is to be trusted; empty when it is."""
        too_many, text = crossed_units_text(self.units)
        if self.ratio.mismatch:
            return _("sample ratio mismatch (p {p_value}): units are missing from an arm").format(
                p_value=format_small_p(self.ratio.p_value or 0.0)
            )
        return text if too_many else self.needs_unit

    @cached_property
    def whole(self) -> list[CellBlock]:
        """A cell for each metric and arm, without corrected p-values."""
        return self.blocks("", Segments(np.empty(0, np.int32), [ALL]), None)

    def grouped(
        self, by: str, segments: Segments, on_map: bool = False, progress: Progress | None = None
    ) -> list[CellBlock]:
        """Return the cells of each metric and arm in segments, or in regions.

        In regions a unit lies in one.

        ``progress`` is called with "metrics", how many are done and how many there are.
        """
        if not len(segments.labels):
            return []
        units = units_of(self.log, self.metrics, segments.codes, one_each=on_map, whole=self.units)
        return self.blocks(by, segments, units, on_map, progress)

    def blocks(
        self,
        by: str,
        segments: Segments,
        units: Units | None,
        on_map: bool = False,
        progress: Progress | None = None,
    ) -> list[CellBlock]:
        """Compute the cells of every metric and arm; ``progress`` as for `grouped`."""
        some = self.units if units is None else units
        # sums of several millions of rows run on the threads beside each other; a metric's own sums
        # do too
        same = some.columns is self.units.columns
        measured = self.measured if same else self._measure(some)
        n_arms, n_cells = len(self.arms), len(segments.labels) * len(self.arms)
        cells = some.cells(n_arms)
        wrong = self._distrust(cells, len(segments.labels), whole=units is None)
        made: list[MetricEffects] = []
        looks = self.looks if self.running else None
        for effects in _metrics.map(
            lambda values: compute_metric(values, cells, n_cells, n_arms, looks), measured
        ):
            made.append(effects)
            report(progress, "metrics", len(made), len(measured))
        return [
            self._block(metric, effects, arm, by, segments, wrong, on_map)
            for metric, effects in zip(measured, made, strict=True)
            for arm in range(1, n_arms)
        ]

    def _block(
        self,
        measured: MetricValues,
        computed: MetricEffects,
        arm: int,
        by: str,
        segments: Segments,
        wrong: list[str],
        on_map: bool,
    ) -> CellBlock:
        effects = effects_of(computed.arms, arm)
        if computed.skewed is not None:
            effects = computed.skewed.tested(effects, self.running)
        if computed.quantiles is not None:
            effects = computed.quantiles.tested(effects)
        block = CellBlock(measured, self.arms[arm], by, segments.labels, effects, on_map=on_map)
        if computed.plain is not None:
            block.plain = effects_of(computed.plain, arm)
            if computed.plain_skewed is not None:
                block.plain = computed.plain_skewed.tested(block.plain, self.running)
        block.reasons = _reasons(measured, computed, effects, arm, self.arms)
        before = _("{pre} differs between the arms already before the assignment").format(
            pre=measured.metric.pre
        )
        block.distrust = [
            reason or measured.refused or (before if computed.unbalanced[i, arm] else "")
            for i, reason in enumerate(wrong)
        ]
        block.p_value = effects.estimate.p_value
        if self.needs_unit:
            block.p_value = np.full(block.size, np.nan)
        elif self.running:
            self._wait(block, per_cell=not block.on_map and (not by or self.of_grid))
        return block

    def metric_values(self, metric: str) -> MetricValues:
        """Return a metric by name."""
        for measured in self.measured:
            if measured.metric.name == metric:
                return measured
        raise unknown_name("metric", metric, [measured.metric.name for measured in self.measured])

    def arm_number(self, arm: str) -> int:
        """Return the place of an arm that is compared with the control."""
        if arm not in self.arms[1:]:
            raise unknown_name("arm", arm, self.arms[1:])
        return self.arms.index(arm)

    def no_sequence(self, measured: MetricValues) -> str:
        """Say why no sequence of a metric holds at every moment; empty where one does."""
        if self.units.several:
            return _("units have several rows, so the value of a unit still changes")
        return _("a quantile has none here") if measured.kind == "quantile" else ""

    def _wait(self, block: CellBlock, per_cell: bool) -> None:
        """Take the test of a block from a sequence valid at every moment, where there is one."""
        effects, why = block.effects, self.no_sequence(block.measured)
        if why:
            block.waiting = _(
                "still running, and there is no confidence sequence ({why}): the verdict "
                "is given at the end"
            ).format(why=why)
            block.p_value = np.full(block.size, np.nan)
            return
        n = effects.arms.n[:, 0] + effects.arms.n[:, effects.treatment]
        block.looks = self.looks(n, per_cell=per_cell)
        block.p_value = block.looks.p_value(effects.estimate.value, block.error)

    def looks(self, n: NDArray[np.float64], per_cell: bool = True) -> ConfidenceSequence:
        """Return the sequences of cells with ``n`` units each.

        Narrowest at the planned units, or at a cell's share of them.

        Parameters
        ----------
        n : ndarray of shape (cells,), float64
        per_cell : bool
            The plan is of every cell: of the whole, of the experiments of a grid.
        """
        planned = np.full(n.shape, float(self.planned or PLANNED))
        if self.planned and not per_cell:
            planned = np.maximum(planned * n / max(float(self.n_units), 1.0), 1.0)
        return ConfidenceSequence(n, planned, self.alpha[0])

    def _distrust(self, cells: NDArray[np.int32], n_groups: int, whole: bool) -> list[str]:
        """Say of each group why its verdicts are not to be trusted."""
        reasons = [self.distrust] * n_groups
        if whole or self.distrust or self.allocation is None or self.ratio.p_value is None:
            return reasons
        weights = weights_of(self.arms, self.allocation)
        inside = checked_arms(weights, np.array(list(self.ratio.counts.values())))
        counts = self.count(cells, n_groups * len(self.arms)).reshape(n_groups, -1)[:, inside]
        if self.running:
            p_values = sequential_sample_ratio(counts, weights[inside])
        else:
            omnibus, p_values = balance_by_region(counts, weights[inside])
            if not omnibus < SRM_LEVEL:
                return reasons
        return [
            _("sample ratio mismatch here (p {p})").format(p=format_small_p(p))
            if p < SRM_LEVEL
            else ""
            for p in np.nan_to_num(holm(p_values), nan=1.0)
        ]


def compute_metric(
    measured: MetricValues,
    cells: NDArray[np.int32],
    n_cells: int,
    n_arms: int,
    looks: Callable[[NDArray[np.float64]], ConfidenceSequence] | None = None,
) -> MetricEffects:
    """Compute what a metric says of each arm of each cell.

    Parameters
    ----------
    measured : MetricValues
    cells : ndarray of shape (n,), int32
        Group × arms + arm of each unit, negative in none.
    n_cells, n_arms : int
    looks : callable, optional
        Of a running experiment: the sequences of cells with so many units.
    """
    shape = n_cells // n_arms, n_arms
    even = np.zeros(shape, np.bool_)
    if measured.kind == "quantile":
        quantiles = measured.quantiles(cells, n_cells, n_arms)
        return MetricEffects(quantiles.arms, None, quantiles, even)
    sums = measured.sums(cells, n_cells).shaped(*shape)
    make = {"mean": mean_arms, "proportion": share_arms, "ratio": ratio_arms}[measured.kind]
    plain = make(sums)
    values = measured.values
    if measured.denominator is not None:
        values = linearised(cells, n_arms, sums, values, measured.denominator)
    skewed = (
        None
        if plain.hits is not None or not measured.by_unit
        else _skewed(values, cells, shape, sums)
    )
    if measured.pre is None:
        return MetricEffects(plain, None, None, even, skewed)
    with_pre = measured.sums_with_pre(cells, n_cells).shaped(*shape)
    for arm in range(1, n_arms):
        before = balance_of(with_pre, arm)
        p_value = before.p_value
        if looks is not None:
            p_value = looks(with_pre["n"][:, 0] + with_pre["n"][:, arm]).p_value(
                before.value, before.error
            )
        with np.errstate(invalid="ignore"):
            even[:, arm] = p_value < UNBALANCED
    if measured.denominator is not None:
        explained = np.where(np.isnan(measured.pre), np.nan, values)
        own = MetricValues(measured.metric, "mean", explained, None, measured.pre).sums_with_pre(
            cells, n_cells
        )
        left = residuals(cells, n_arms, own.shaped(*shape), explained, measured.pre)
        return MetricEffects(
            adjusted_ratio_arms(with_pre, plain),
            plain,
            None,
            even,
            _skewed(left, cells, shape),
            skewed,
        )
    # an adjusted share is a mean: its test and its interval are those of means
    base = plain if plain.hits is None else mean_arms(sums)
    left = residuals(cells, n_arms, with_pre, values, measured.pre)
    return MetricEffects(
        adjusted_mean_arms(with_pre, base), plain, None, even, _skewed(left, cells, shape), skewed
    )


def _skewed(
    values: NDArray[np.float64],
    cells: NDArray[np.int32],
    shape: tuple[int, int],
    sums: CellSums | None = None,
) -> SkewedValues:
    if sums is None or sums.names != VALUES:
        sums = cell_sums(cells, shape[0] * shape[1], VALUES, (values,), (middle(values),)).shaped(
            *shape
        )
    return SkewedValues(values, cells, sums)


def _reasons(
    measured: MetricValues,
    computed: MetricEffects,
    effects: Effects,
    arm: int,
    arms: tuple[str, ...],
) -> list[str]:
    """Say of each cell why it has not enough data; empty where it has."""
    # of all cells at once: thousands of small ones each ask for them
    n, few, still, smaller, needed = (
        computed.arms.n,
        effects.few,
        effects.still,
        effects.smaller,
        effects.needed,
    )
    p = effects.estimate.p_value
    reasons = []
    for i in range(len(n)):
        missing = [arms[a] for a in (0, arm) if n[i, a] == 0]
        if measured.empty:
            reasons.append(measured.empty)
        elif missing:
            reasons.append(
                _("no unit of {arm} has a value").format(arm=missing[0])
                if len(missing) == 1
                else _("no unit of {arm} and none of {other} has a value").format(
                    arm=missing[0], other=missing[1]
                )
            )
        elif still[i]:
            reasons.append(_("neither arm varies"))
        elif few[i]:
            reasons.append(_few_words(measured, smaller[i], needed[i]))
        elif i in effects.refused:
            reasons.append(effects.refused[i])
        else:
            reasons.append("" if np.isfinite(p[i]) else _("too few units"))
    return reasons


def _few_words(measured: MetricValues, n: float, needed: float) -> str:
    if not np.isfinite(needed):
        return (
            _("too few units")
            if measured.kind != "quantile"
            else _("too few units for the bounds of the quantile")
        )
    have = _("too few units: {n:,.0f} in an arm where {needed:,.0f} are needed").format(
        n=n, needed=np.ceil(needed)
    )
    if measured.kind == "proportion":
        return _("{have} for 5 hits and 5 misses").format(have=have)
    return _("{have} to compare groups").format(have=have) if needed > 2 else have
