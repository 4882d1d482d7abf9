"""The same analysis with its arms shuffled at random, in which every colour is noise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.aggregates import refuse_rows
from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.units import ExperimentLog

__all__ = ["shuffled_analysis"]


def shuffled_analysis(analysis: ExperimentAnalysis, seed: int = 0) -> ExperimentAnalysis:
    """Assign the arms to the units at random, as many of each as there were.

    A unit keeps its values and its segments, so that whatever is coloured afterwards is coloured by
    chance. Where rows seem to belong together and no unit is named, rows are shuffled one by one.
    """
    refuse_rows(analysis.log, _("shuffling the arms"))
    return ExperimentAnalysis(
        _shuffled_log(analysis.log, analysis.units.arm, seed),
        analysis.metrics,
        analysis.allocation,
        analysis.alpha,
        analysis.running,
        analysis.planned,
        needs_unit=analysis.needs_unit,
    )


def _shuffled_log(log: ExperimentLog, arm: NDArray[np.int8], seed: int) -> ExperimentLog:
    counted = np.flatnonzero(arm >= 0)
    shuffled = arm.copy()
    shuffled[counted] = np.random.default_rng(seed).permutation(arm[counted])
    if log.unit is None:
        return replace(log, arm=shuffled)
    with_unit = (log.arm >= 0) & (log.unit >= 0)
    rows = np.where(with_unit, shuffled[np.maximum(log.unit, 0)], np.int8(-1))
    return replace(log, arm=rows.astype(np.int8))
