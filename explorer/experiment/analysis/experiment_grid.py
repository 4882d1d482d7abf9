"""ExperimentGrid: many experiments at once, one group of cells each, corrected together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.json_values import result_document
from explorer.core.name_list import list_names
from explorer.experiment.analysis.assignment_checks import check_counts, format_small_p
from explorer.experiment.analysis.family import Family, arms_words, by_metrics, closed_arms
from explorer.experiment.analysis.units import units_of
from explorer.stats.testing.arms import selected_families
from explorer.stats.testing.families import coverage_levels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from explorer.experiment.analysis.assignment_checks import SampleRatioCheck
    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.cell import Cells
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.features.metric import Metric
    from explorer.features.segments import Segments
    from explorer.stats.repeated import RepeatedRows
    from projections.errors import Progress

__all__ = ["ExperimentGrid", "arms_notes", "judge_grid"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ExperimentGrid:
    """Many experiments.

    Parameters
    ----------
    experiment : str
        Column that names them.
    variant, control : str
    metrics : tuple of Metric
    cells : Cells
        By metric and arm, in each the experiments in their order (`segment`).
    srm : dict of str to SampleRatioCheck
        Of each experiment.
    families : list of Family
        One: all cells.
    alpha : tuple of 2 float
    status : {"running", "final"}
    notes : list of str
    fingerprint : str
    repeated : RepeatedRows, optional
        Rows that seem to belong together, where nobody has named the unit or said that there is
        none: no verdict is given.
    """

    experiment: str
    variant: str
    control: str
    metrics: tuple[Metric, ...]
    cells: Cells
    srm: dict[str, SampleRatioCheck]
    families: list[Family]
    alpha: tuple[float, float]
    status: str = "final"
    notes: list[str] = field(default_factory=list)
    fingerprint: str = ""
    repeated: RepeatedRows | None = None

    @property
    def ledger(self) -> str:
        """How many cells were looked at, would be coloured by chance alone, and are."""
        (family,) = self.families
        wrong = sum(check.mismatch for check in self.srm.values())
        running = (
            _("; the experiments are running: p-values and intervals hold however often one looks")
            if self.status == "running"
            else ""
        )
        return _(
            "{count:,} experiments: {tests:,} cells tested; false positives expected at "
            "{alpha:.0%} without correction: {expected:.1f}; coloured: {shown:,}; {wrong:,} with "
            "a sample ratio mismatch{running}"
        ).format(
            count=len(self.srm),
            tests=family.tests,
            alpha=self.alpha[0],
            expected=family.expected,
            shown=family.shown,
            wrong=wrong,
            running=running,
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per cell."""
        return self.cells.to_arrow()

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        return result_document(
            self,
            (
                "experiment variant control alpha status notes fingerprint ledger repeated metrics "
                "srm families"
            ),
            cells=list(self.cells),
        )


def judge_grid(
    analysis: ExperimentAnalysis,
    by: str,
    experiments: Segments,
    allocation: Mapping[str, float] | None,
    progress: Progress | None = None,
) -> tuple[list[CellBlock], list[Family], dict[str, SampleRatioCheck]]:
    """Compute the cells of many experiments and correct all of them together.

    By Benjamini & Hochberg 1995.

    Of three arms or more all are tested together first, in each experiment and metric, and pairs
    with the control only where that is selected (`explorer.stats.testing.arms.selected_families`).

    Parameters
    ----------
    analysis : ExperimentAnalysis
        Whose units are parts of one experiment each, without an allocation of its own.
    by : str
        Column that names the experiments.
    experiments : Segments
    allocation : mapping of str to float, optional
        Declared share of each arm, in every experiment.
    progress : callable, optional
        Called with "metrics", how many are done and how many there are.
    """
    blocks = analysis.grouped(by, experiments, progress=progress)
    checks = _checks(analysis, experiments, allocation)
    for block in blocks:
        bad = [checks[str(label)] for label in block.labels]
        block.distrust = [
            was
            or (
                _("sample ratio mismatch (p {p_value})").format(
                    p_value=format_small_p(check.p_value or 0.0)
                )
                if check.mismatch
                else ""
            )
            for was, check in zip(block.distrust, bad, strict=True)
        ]
    # the arms of a metric in an experiment are a family, selected by the test of all of them
    # together
    closed = [closed_arms(some) for some in by_metrics(blocks)]
    p = np.concatenate([arms.pairs.T.ravel() for arms in closed])
    corrected = selected_families(p, np.concatenate([arms.together for arms in closed]))
    tests = int((~np.isnan(p)).sum())
    reached = int((corrected <= analysis.alpha[0]).sum())
    coverage = float(coverage_levels(reached, max(tests, 1), analysis.alpha[0]))
    starts = np.cumsum([0, *(block.size for block in blocks)])
    for block, low, high in zip(blocks, starts, starts[1:], strict=False):
        block.p_adjusted, block.coverage, block.family = corrected[low:high], coverage, "wall"
        block.judge(analysis.alpha)
    shown = sum(strength > 0 for block in blocks for _, strength in block.verdicts)
    family = Family(
        name="wall",
        what=_("all experiments × metrics × arms: Benjamini–Hochberg{blocks}").format(
            blocks=arms_words(blocks)
        ),
        tests=tests,
        opened=True,
        omnibus_p=np.nan,
        turned_p=np.nan,
        level=analysis.alpha[0],
        shown=shown,
        expected=analysis.alpha[0] * tests,
        coverage=coverage,
    )
    return blocks, [family], checks


def arms_notes(checks: Mapping[str, SampleRatioCheck]) -> list[str]:
    """Say in how many experiments the allocation and the data do not share their arms."""
    notes = []
    if absent := sum(bool(check.absent) for check in checks.values()):
        notes.append(
            _(
                "{absent:,} of {count:,} experiments lack an arm that was declared: their "
                "sample ratio is checked over the arms that they have"
            ).format(absent=absent, count=len(checks))
        )
    if extra := {name: check.undeclared for name, check in checks.items() if check.undeclared}:
        arms = sorted({arm for some in extra.values() for arm in some})
        notes.append(
            _(
                "{undeclared:,} of {experiments:,} experiments have arms that were not declared, "
                "and are not checked: {arms}"
            ).format(undeclared=len(extra), experiments=len(checks), arms=list_names(arms))
        )
    return notes


def _checks(
    analysis: ExperimentAnalysis, experiments: Segments, allocation: Mapping[str, float] | None
) -> dict[str, SampleRatioCheck]:
    """Check every experiment's arms against the declared allocation."""
    n_arms = len(analysis.arms)
    cells = units_of(analysis.log, (), experiments.codes).cells(n_arms)
    counts = analysis.count(cells, len(experiments.labels) * n_arms).reshape(-1, n_arms)
    return {
        str(label): check_counts(analysis.arms, row, allocation, analysis.running)
        for label, row in zip(experiments.labels, counts, strict=True)
    }
