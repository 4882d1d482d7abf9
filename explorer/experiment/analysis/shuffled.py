"""Shuffled: the same experiment with the arms dealt out anew, in which every colour is noise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.experiment.analysis.aggregates import refuse_rows
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment import Experiment, judged
from explorer.experiment.analysis.trial import Trial

if TYPE_CHECKING:
    from explorer.experiment.analysis.units import Log
    from projections.errors import Progress

__all__ = ["shuffled"]


def shuffled(experiment: Experiment, seed: int = 0, progress: Progress | None = None) -> Experiment:
    """Deal the arms out to the units at random, as many of each as there were, and compute everything again.

    A unit keeps its values and its segments, so that whatever is coloured afterwards is coloured by
    chance. Where rows seem to belong together and no unit is named, rows are dealt one by one,
    which is said, and verdicts wait as they do before.

    Parameters
    ----------
    experiment : Experiment
        Computed, not read from a file.
    seed : int
    progress : callable, optional
        As `explorer.experiment` has it, from "metrics" on.
    """
    trial = experiment.trial
    if trial is None:
        raise ValueError("an experiment that was read from a file has no units")
    refuse_rows(trial.log, "dealing out the arms anew")
    again = Trial(
        _dealt(trial.log, trial.units.arm, seed),
        trial.metrics,
        trial.allocation,
        trial.alpha,
        trial.running,
        trial.planned,
        needs_unit=trial.needs_unit,
    )
    blocks, families, told = judged(again, experiment.segments, progress)
    notes = [one for one in told if one != trial.needs_unit]
    if experiment.repeated is not None and trial.needs_unit:
        notes = [
            experiment.repeated.words,
            "rows were dealt one by one, since no unit is named: there is no verdict here either",
            *notes,
        ]
    return replace(
        experiment,
        cells=Cells(blocks),
        families=families,
        srm=again.ratio,
        trial=again,
        blocks=blocks,
        dealt=seed,
        notes=[f"the arms were dealt out anew (seed {seed}): every colour is noise", *notes],
    )


def _dealt(log: Log, arm: np.ndarray, seed: int) -> Log:
    counted = np.flatnonzero(arm >= 0)
    dealt = arm.copy()
    dealt[counted] = np.random.default_rng(seed).permutation(arm[counted])
    if log.unit is None:
        return replace(log, arm=dealt)
    rows = np.where((log.arm >= 0) & (log.unit >= 0), dealt[np.maximum(log.unit, 0)], np.int8(-1))
    return replace(log, arm=rows.astype(np.int8))
