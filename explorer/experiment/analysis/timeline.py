"""The cumulative effect as units entered, with ends that hold at every moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.analysis.effects import (
    Effects,
    effects_of,
    mean_arms,
    ratio_arms,
    share_arms,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effects import ArmSummaries
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.experiment.analysis.metric_values import MetricValues

__all__ = ["STEPS", "Timeline", "timeline_of"]

STEPS = 60
_STEPS_OF_QUANTILES = 12  # each of which looks at all values so far


@dataclass(frozen=True, kw_only=True, eq=False)
class Timeline:
    """The effect of an arm on a metric over time; arrays of shape (steps,).

    Parameters
    ----------
    metric, arm : str
    time : ndarray, float64
        End of each step, included, in the unit of the time column (seconds since 1970-01-01 UTC for
        times).
    n : ndarray, float64
        Units of both arms that had entered by then.
    difference, low, high : ndarray, float64
        With the nominal interval at 95 % of somebody who looks once; its ends are NaN of a running
        experiment.
    low_always, high_always : ndarray, float64, optional
        Ends that hold at all moments at once; None where no such sequence is valid.
    note : str
        Why there are none; empty where there are.
    n_without : int
        Units without a time: left out.
    """

    metric: str
    arm: str
    time: NDArray[np.float64]
    n: NDArray[np.float64]
    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    low_always: NDArray[np.float64] | None
    high_always: NDArray[np.float64] | None
    note: str
    n_without: int


def timeline_of(
    analysis: ExperimentAnalysis, metric: str, arm: str, steps: int = STEPS
) -> Timeline:
    """Compute the cumulative effect, unadjusted, as units entered: each at its first row.

    Parameters
    ----------
    analysis : ExperimentAnalysis
    metric, arm : str
    steps : int
        Equal spans of time.

    Raises
    ------
    ExperimentError
        Without a time column, or where no unit has a time.
    """
    measured, treatment = analysis.metric_values(metric), analysis.arm_number(arm)
    entered = analysis.units.time
    if entered is None:
        raise ExperimentError("over time needs a column of times: name it as time")
    steps = min(steps, _STEPS_OF_QUANTILES) if measured.kind == "quantile" else steps
    inside = (analysis.units.arm >= 0) & np.isfinite(entered)
    if not inside.any():
        raise ExperimentError("no unit has a time: nothing can be shown over time")
    with np.errstate(over="ignore"):
        if not np.isfinite(np.ptp(entered[inside])):
            raise ExperimentError(
                "its times lie further apart than can be drawn: is another column meant?"
            )
    edges = np.linspace(entered[inside].min(), entered[inside].max(), steps + 1)[1:]
    step = np.minimum(np.searchsorted(edges, entered), steps - 1).astype(np.int32)
    cells = np.where(inside, step * np.int32(len(analysis.arms)) + analysis.units.arm, np.int32(-1))
    effects = effects_of(_cumulative(measured, cells, steps, len(analysis.arms)), treatment)
    # of a running experiment the interval of a single look is not shown: whoever watches it looks
    # often
    low, high = (np.full(steps, np.nan),) * 2 if analysis.running else effects.interval(0.95)
    always, text = _always(analysis, measured, effects)
    n = effects.arms.n
    return Timeline(
        metric=metric,
        arm=arm,
        time=edges,
        n=n[:, 0] + n[:, treatment],
        difference=effects.estimate.value,
        low=low,
        high=high,
        low_always=None if always is None else always[0],
        high_always=None if always is None else always[1],
        note=text,
        n_without=int(((analysis.units.arm >= 0) & ~np.isfinite(entered)).sum()),
    )


def _cumulative(
    measured: MetricValues, cells: NDArray[np.int32], steps: int, n_arms: int
) -> ArmSummaries:
    if measured.kind == "quantile":
        return _cumulative_quantiles(measured, cells, steps, n_arms)
    sums = measured.sums(cells, steps * n_arms).shaped(steps, n_arms)
    sums.table = np.cumsum(sums.table, axis=0)
    make = {"mean": mean_arms, "proportion": share_arms, "ratio": ratio_arms}[measured.kind]
    return make(sums)


def _cumulative_quantiles(
    measured: MetricValues, cells: NDArray[np.int32], steps: int, n_arms: int
) -> ArmSummaries:
    from explorer.experiment.analysis.effects import ArmSummaries

    steps_so_far = []
    for step in range(steps):
        by_then = np.where(
            (cells >= 0) & (cells < (step + 1) * n_arms), cells % n_arms, np.int32(-1)
        )
        steps_so_far.append(measured.quantiles(by_then.astype(np.int32), n_arms, n_arms).arms)
    n, value, variance, needed, df = (
        np.concatenate([getattr(arms, name) for arms in steps_so_far])
        for name in ("n", "value", "variance", "needed", "df")
    )
    return ArmSummaries(n, value, variance, needed, df=df)


def _always(
    analysis: ExperimentAnalysis, measured: MetricValues, effects: Effects
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]] | None, str]:
    why = analysis.no_sequence(measured)
    if why:
        return None, _("no confidence sequence: {why}").format(why=why)
    n = effects.arms.n[:, 0] + effects.arms.n[:, effects.treatment]
    value, half = effects.estimate.value, analysis.looks(n).width(effects.error)
    return (value - half, value + half), ""
