"""CellBlock: one metric and one arm over the whole, the segments of a column, or regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from explorer.experiment.analysis.experiment_verdict import verdict_of
from explorer.stats.intervals.power import detectable_effect
from explorer.stats.intervals.student import critical_value, two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.experiment.analysis.effects import Effects
    from explorer.experiment.analysis.experiment_verdict import CellVerdict
    from explorer.experiment.analysis.metric_values import MetricValues
    from explorer.stats.intervals.sequences import ConfidenceSequence

    Floats = NDArray[np.float64]

__all__ = ["ALL", "CellBlock"]

ALL = "all"


@dataclass(eq=False)
class CellBlock:
    """Cells of one metric and one arm that are looked at together.

    Parameters
    ----------
    measured : MetricValues
    arm : str
    by : str
        Column of the segments; "" for the whole and for regions.
    labels : sequence of str
        Segments, regions, or "all".
    effects : Effects
        Adjusted for the value from before, where the metric has one.
    plain : Effects, optional
        Not adjusted, where `effects` is.
    reasons : list of str
        Why a cell says nothing, by cell; empty where it does.
    distrust : list of str
        Why a cell is not to be trusted, by cell; empty where it is.
    family : str
        Name of the family of tests.
    looks, deviation_looks : ConfidenceSequence, optional
        Of a running experiment: every p-value and interval, and those of the deviations from the
        whole, hold at every look.
    arms_p : ndarray of shape (cells,), float64, optional
        p-value that no arm of the metric differs from another; NaN with two arms.
    waiting : str
        Why a running experiment has no p-value and no interval here; empty where it has.
    """

    measured: MetricValues
    arm: str
    by: str
    labels: Sequence[str]
    effects: Effects
    plain: Effects | None = None
    on_map: bool = False
    reasons: list[str] = field(default_factory=list)
    distrust: list[str] = field(default_factory=list)
    family: str = ""
    p_value: Floats = field(default_factory=lambda: np.empty(0))
    p_adjusted: Floats = field(default_factory=lambda: np.empty(0))
    coverage: float = 0.95
    opened: bool = True
    omnibus: float = float("nan")
    arms_p: Floats | None = None
    turned: float = float("nan")
    deviation: Floats | None = None
    deviation_error: Floats | None = None
    deviation_adjusted: Floats | None = None
    shrunk: Floats | None = None
    looks: ConfidenceSequence | None = None
    deviation_looks: ConfidenceSequence | None = None
    waiting: str = ""
    verdicts: list[tuple[CellVerdict, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Cells."""
        return len(self.labels)

    @property
    def testable(self) -> NDArray[np.bool_]:
        """Cells with a test: trusted or not, but with enough data."""
        return np.array([not reason for reason in self.reasons], np.bool_)

    @property
    def error(self) -> Floats:
        """Standard error of each difference."""
        return self.effects.error

    @property
    def detectable(self) -> Floats:
        """Smallest effect that would be found with a power of .8 at .05, in the metric's unit."""
        return detectable_effect(self.error)

    def interval(
        self, confidence: float = 0.95, effects: Effects | None = None
    ) -> tuple[Floats, Floats]:
        """Return the ends of the difference's interval.

        They hold at every look where the experiment is running.

        ``effects``: others of the same cells, as those without an adjustment.
        """
        some = self.effects if effects is None else effects
        if self.waiting:
            return np.full(self.size, np.nan), np.full(self.size, np.nan)
        if self.looks is None:
            return some.interval(confidence)
        value, half = some.estimate.value, self.looks.width(some.error, confidence)
        least, most = (-1.0, 1.0) if some.arms.hits is not None else (-np.inf, np.inf)
        return np.maximum(value - half, least), np.minimum(value + half, most)

    def lift(self, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Return the lift and the ends of its interval.

        They hold at every look where the experiment is running.
        """
        if self.looks is None and not self.waiting:
            return self.effects.lift(confidence)
        from scipy.special import ndtr

        # an interval that holds at every look is one of a single look at a higher confidence
        z = np.full(self.size, np.nan) if self.looks is None else self.looks.width(1.0, confidence)
        return self.effects.lift(2 * ndtr(z) - 1)

    def deviation_interval(self) -> tuple[Floats, Floats]:
        """Return the ends at 95 % of the deviations from the whole; NaN where there are none."""
        if self.deviation is None or self.deviation_error is None or self.waiting:
            return np.full(self.size, np.nan), np.full(self.size, np.nan)
        looks = self.deviation_looks
        half = (
            critical_value(0.95) * self.deviation_error
            if looks is None
            else looks.width(self.deviation_error)
        )
        return self.deviation - half, self.deviation + half

    @property
    def deviation_p(self) -> Floats:
        """p-values of no deviation from the whole, not corrected; NaN where there are none."""
        if self.deviation is None or self.deviation_error is None or self.waiting:
            return np.full(self.size, np.nan)
        if self.deviation_looks is not None:
            return self.deviation_looks.p_value(self.deviation, self.deviation_error)
        with np.errstate(invalid="ignore", divide="ignore"):
            return two_sided(self.deviation / self.deviation_error)

    def judge(self, alpha: Sequence[float]) -> None:
        """Give every cell its verdict, from its reasons and its corrected p-value."""
        goal, value = self.measured.metric.goal, self.effects.estimate.value
        self.verdicts = [
            ("untrusted", 0)
            if wrong
            else ("not enough data", 0)
            if few
            else ("as the whole", 0)
            if not (self.opened or self.waiting)
            else verdict_of(float(d), float(p), goal, alpha)
            for wrong, few, d, p in zip(
                self.distrust, self.reasons, value, self.p_adjusted, strict=True
            )
        ]
