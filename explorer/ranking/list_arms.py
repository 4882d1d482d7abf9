"""Layouts, or arms of an experiment, compared by the figures of their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment import Experiment, judge_experiment
from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
from explorer.experiment.analysis.family import judge_whole
from explorer.experiment.analysis.units import ExperimentLog
from explorer.features.metric import Metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock
    from explorer.stats.ranking.ranked_lists import NoHit, RankedLists

__all__ = ["ALPHA", "ANY_PLAY", "MOST_ARMS", "compare_arms"]

ALPHA = (0.05, 0.001)
MOST_ARMS = 10
"""Levels beyond which a column names something else than layouts."""
ANY_PLAY = "any play"
"""Name of the metric that is the share of all lists with a hit."""
_DENOMINATORS = ("lists", "all lists")


def compare_arms(
    ranked: RankedLists,
    arm: NDArray[Any],
    arms: Sequence[str],
    unit: NDArray[Any] | None,
    no_hit: NoHit,
    by: str,
    unit_name: str | None,
    needs_unit: str = "",
) -> Experiment:
    """Compare lists of the arms with those of the first one, the control.

    Parameters
    ----------
    ranked : RankedLists
    arm : ndarray of shape (lists,), integer
        In the order of `arms`; negative for lists in none.
    arms : sequence of str
        The control first; 2 to 10.
    unit : ndarray of shape (lists,), integer, optional
        Unit of each list; units with lists in several arms are left out, and counted. Without it
        each list is one.
    no_hit : {"count", "drop"}
    by, unit_name : str
        Columns of the arms and the units.
    needs_unit : str
        Why lists seem to belong together, where nobody has named their unit: no verdict is given.

    Returns
    -------
    Experiment
        Of every metric more is better. "any play" is of all lists, whatever `no_hit` is; it is the
        primary metric where lists without a hit are left out, since those with one need not be
        alike in the arms, and MRR is otherwise. Where arms differ in it, the other figures of lists
        with a hit are not to be trusted, and have no verdict.
    """
    columns = _columns(ranked, ranked.counted(no_hit))
    codes = np.where(ranked.exists, arm, -1).astype(np.int8)
    n = codes.size if unit is None else int(unit.max(initial=-1)) + 1
    log = ExperimentLog(
        tuple(arms), codes, None if unit is None else unit.astype(np.int32), n, columns.__getitem__
    )
    primary = "mrr" if no_hit == "count" else ANY_PLAY
    metrics = tuple(
        _metric(name, unit is not None, name == primary)
        for name in columns
        if name not in _DENOMINATORS
    )
    analysis = ExperimentAnalysis(log, metrics, None, ALPHA, needs_unit=needs_unit)
    blocks, families, said = judge_experiment(analysis, {})
    notes = [note for note in said if note != needs_unit]  # the ranking says it, with what to do
    if no_hit == "drop" and _unlike(blocks):
        families = judge_whole(blocks, ALPHA)
    return Experiment(
        variant=by,
        control=arms[0],
        arms=tuple(arms),
        metrics=metrics,
        cells=Cells(blocks),
        families=families,
        srm=analysis.ratio,
        alpha=ALPHA,
        status="final",
        unit=unit_name,
        where="" if no_hit == "count" else "lists with a hit",
        notes=notes,
        n_rows=int((codes >= 0).sum()),
        n_units=int((analysis.units.arm >= 0).sum()),
        analysis=analysis,
        blocks=blocks,
    )


def _unlike(blocks: Sequence[CellBlock]) -> bool:
    """Take the verdicts from figures of lists with a hit where arms differ in how many have one.

    Says whether any was taken.

    Whether a list has a hit came after the arm: lists with one are then different lists, and what
    differs among them is no effect.
    """
    played = {block.arm: block for block in blocks if block.measured.metric.name == ANY_PLAY}
    taken = False
    for block in blocks:
        other = played[block.arm]
        if block is not other and other.p_value[0] <= ALPHA[0]:
            block.distrust = [
                was
                or _(
                    "arms differ in how often anything is played: a difference among lists "
                    "with a hit cannot be read as an effect of the arm"
                )
                for was in block.distrust
            ]
            taken = True
    return taken


def _columns(ranked: RankedLists, counted: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Return the figures of each list, NaN where it does not count."""
    figures = {"mrr": ranked.reciprocal_rank}
    figures |= {f"ndcg@{k}": ranked.ndcg(k) for k in ranked.k}
    figures |= {f"success@{k}": ranked.success(k) for k in ranked.k}
    columns = {name: np.where(counted, values, np.nan) for name, values in figures.items()}
    columns[ANY_PLAY] = np.where(ranked.exists, ranked.any_hit, np.nan)
    return {
        **columns,
        "lists": np.where(counted, 1.0, np.nan),
        "all lists": np.where(ranked.exists, 1.0, np.nan),
    }


def _metric(name: str, several: bool, primary: bool) -> Metric:
    """Return the metric of a figure: over lists, where a unit may have several."""
    if several:
        lists = "all lists" if name == ANY_PLAY else "lists"
        return Metric(name, "ratio", name, lists, goal="increase", primary=primary)
    kind = "proportion" if name.startswith("success") or name == ANY_PLAY else "mean"
    return Metric(name, kind, name, goal="increase", primary=primary)  # type: ignore[arg-type]
