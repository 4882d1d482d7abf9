"""Experiment: arms compared in every metric, as cells, families and a ledger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.core.json_values import result_document
from explorer.experiment.analysis.assignment_checks import (
    SRM_LEVEL,
    SampleRatioCheck,
    crossed_units_text,
)
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.effect_map import effect_map
from explorer.experiment.analysis.family import Family, judge_groups, judge_whole
from explorer.experiment.analysis.shuffled_arms import shuffled_analysis
from explorer.experiment.analysis.timeline import timeline_of
from explorer.experiment.analysis.unit_spread import spread_of
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.effect_map import EffectMap
    from explorer.experiment.analysis.effect_map_regions import Labelled, MapLike
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.experiment.analysis.timeline import Timeline
    from explorer.experiment.analysis.unit_spread import Spread
    from explorer.features.metric import Metric
    from explorer.features.segments import Segments
    from explorer.map.regions.region import Regions
    from explorer.stats.repeated import RepeatedRows
    from projections.errors import Progress

__all__ = ["Experiment", "judge_experiment"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Experiment:
    """Arms against the control, in every metric, in the whole and in segments.

    Parameters
    ----------
    variant, control : str
        Column of the arms, and the arm that the others are compared with.
    arms : tuple of str
        The control first.
    metrics : tuple of Metric
    cells : Cells
        The whole first, then each column of segments.
    families : list of Family
    srm : SampleRatioCheck
    alpha : tuple of 2 float
    status : {"running", "final"}
    by : tuple of str
    unit, time : str or None
    where : str
        Which rows were read; empty for all.
    dealt : int, optional
        Seed with which the arms were shuffled: every colour is noise. None: these are the
        arms.
    notes : list of str
        What was left out, and why.
    repeated : RepeatedRows, optional
        Rows that seem to belong together, where nobody has named the unit or said that there is
        none: no verdict is given.
    n_rows, n_units : int
        Rows read, and units that are counted.
    fingerprint : str
        Of the table.
    seconds : float
    """

    variant: str
    control: str
    arms: tuple[str, ...]
    metrics: tuple[Metric, ...]
    cells: Cells
    families: list[Family]
    srm: SampleRatioCheck
    alpha: tuple[float, float]
    status: str
    by: tuple[str, ...] = ()
    unit: str | None = None
    time: str | None = None
    where: str = ""
    dealt: int | None = None
    notes: list[str] = field(default_factory=list)
    n_rows: int = 0
    n_units: int = 0
    fingerprint: str = ""
    seconds: float = 0.0
    analysis: ExperimentAnalysis | None = field(default=None, repr=False)
    blocks: tuple[CellBlock, ...] = field(default=(), repr=False)
    segments: Mapping[str, Segments] = field(default_factory=dict, repr=False)
    repeated: RepeatedRows | None = None
    assignments: Callable[[str], str] = field(default=lambda _: "", repr=False)

    @cached_property
    def ledger(self) -> str:
        """How many cells were looked at, would be coloured by chance alone, and are."""
        tests = sum(family.tests for family in self.families)
        shown = sum(family.shown for family in self.families)
        opened = [
            family
            for family in self.families
            if family.omnibus_p == family.omnibus_p or not family.opened
        ]
        text = _(
            "{tests:,} cells tested; false positives expected at {alpha:.0%} without correction: "
            "{expected:.1f}; coloured: {shown:,}"
        ).format(tests=tests, alpha=self.alpha[0], expected=self.alpha[0] * tests, shown=shown)
        if opened:
            text += _("; {opened:,} of {families:,} families of segments opened").format(
                opened=sum(family.opened for family in opened), families=len(opened)
            )
        return text

    @property
    def trusted(self) -> bool:
        """Whether nothing speaks against the experiment as a whole."""
        return self.analysis is None or not self.analysis.distrust

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        kinds = {metric.kind for metric in self.metrics}
        how = [sentence for kind, sentence in _HOW.items() if kind in kinds]
        adjusted = any(metric.pre for metric in self.metrics)
        declared = self.srm.p_value is not None
        ratio_words = _("checked against the declared allocation") if declared else _("not checked")
        return (
            (
                _(
                    "Units of {arms} were compared with those of {control!r} ({variant}): {how}."
                ).format(
                    arms=", ".join(map(repr, self.arms[1:])),
                    control=self.control,
                    variant=self.variant,
                    how="; ".join(how),
                )
                + " "
            )
            + self._own_methods
            + (
                (
                    _(
                        "Values from before the assignment were taken into account by an "
                        "arm-interacted regression (Lin 2013)."
                    )
                    + " "
                )
                if adjusted
                else ""
            )
            + (
                _("The sample ratio was {ratio} (flagged below {level:g}).")
                if self.status == "running"
                else _("The sample ratio was {ratio} (χ², flagged below {level:g}).")
            ).format(ratio=ratio_words, level=SRM_LEVEL)
            + " "
            + (
                _(
                    "In the whole, primary metrics were corrected by Holm's method and the "
                    "others by Benjamini and Hochberg's;"
                )
                + " "
            )
            + (
                (
                    _(
                        "all arms of a metric were tested together first (Welch 1951; shares by "
                        "Pearson's χ²), and each against the control by the closed test that this "
                        "opens (Marcus, Peritz and Gabriel 1976; Shaffer 1986);"
                    )
                    + " "
                )
                if len(self.arms) > 2
                else ""
            )
            + (
                _(
                    "segments were tested where Cochran's Q showed that their effects differ, at "
                    "the level times the share of families opened (Benjamini and Bogomolov 2014)."
                )
                + " "
            )
            + _("Levels of significance: {first_level:g} and {second_level:g}.").format(
                first_level=self.alpha[0], second_level=self.alpha[1]
            )
            + (
                (
                    " "
                    + _(
                        "The experiment was running: p-values and intervals are those of "
                        "asymptotic "
                        "confidence sequences (Waudby-Smith et al. 2021), the sample ratio was "
                        "tested by a sequential multinomial test (Lindon and Malek 2022), and "
                        "segments were opened by a sequential form of Cochran's Q (Lindon et al. "
                        "2022)."
                    )
                )
                if self.status == "running"
                else ""
            )
        )

    @property
    def _own_methods(self) -> str:
        """Sentences on the cells that are tested by a method of their own."""
        tests = {
            type(test).__name__: test
            for block in self.blocks
            for test in block.effects.own.values()
        }
        return "".join(f"{test.sentence} " for _, test in sorted(tests.items()))

    def assignment(self, column: str) -> str:
        """Return "before" or "after" where the catalogue says when a column was measured.

        "" where it does not.
        """
        return self.assignments(column)

    def on_map(
        self, m: MapLike, regions: int | Labelled | Regions = 100, before: Iterable[str] = ()
    ) -> EffectMap:
        """Compute the cells in the regions of a map.

        See `explorer.experiment.analysis.effect_map.effect_map`.
        """
        return effect_map(
            self._computed,
            m,
            regions,
            before,
            fingerprint=self.fingerprint,
            assignment=self.assignment,
        )

    def over_time(self, metric: str, arm: str, steps: int = 60) -> Timeline:
        """Compute the cumulative effect as units entered.

        See `explorer.experiment.analysis.timeline.timeline_of`.
        """
        return timeline_of(self._computed, metric, arm, steps)

    def spread(self, metric: str, arm: str) -> Spread:
        """Count a metric's values in both arms and compare their quantiles.

        See `explorer.experiment.analysis.unit_spread.spread_of`.
        """
        return spread_of(self._computed, metric, arm)

    def shuffled(self, seed: int = 0, progress: Progress | None = None) -> Experiment:
        """Return the experiment with its arms shuffled: an A/A test.

        What is coloured then is coloured by chance. Where rows seem to belong together and no unit
        is named, rows are shuffled one by one, which is said, and verdicts wait as they do before.

        Parameters
        ----------
        seed : int
        progress : callable, optional
            As `explorer.experiment` has it, from "metrics" on.
        """
        analysis = shuffled_analysis(self._computed, seed)
        blocks, families, notes = judge_experiment(analysis, self.segments, progress)
        if self.repeated is not None and analysis.needs_unit:
            notes = [
                self.repeated.words,
                _(
                    "rows were shuffled one by one, since no unit is named: "
                    "there is no verdict here either"
                ),
                *(note for note in notes if note != analysis.needs_unit),
            ]
        return replace(
            self,
            cells=Cells(blocks),
            families=families,
            srm=analysis.ratio,
            analysis=analysis,
            blocks=blocks,
            dealt=seed,
            notes=[f"the arms were shuffled (seed {seed}): every colour is noise", *notes],
        )

    @property
    def _computed(self) -> ExperimentAnalysis:
        if self.analysis is None:
            raise ExperimentError(
                "this experiment was read from a file and has no rows: compute it again"
            )
        return self.analysis

    def to_arrow(self) -> pa.Table:
        """Return a row per cell."""
        return self.cells.to_arrow()

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        return result_document(
            self,
            (
                "variant control arms alpha status by unit time where notes n_rows n_units "
                "fingerprint seconds ledger method repeated metrics srm families"
            ),
            cells=list(self.cells),
        )


_HOW = {
    "mean": _("means by Welch's test"),
    "proportion": _("shares by the score test, with Newcombe's interval (1998, method 10)"),
    "ratio": _("ratios by the delta method"),
    "quantile": _("quantiles by their order statistics"),
}


def judge_experiment(
    analysis: ExperimentAnalysis, segments: Mapping[str, Segments], progress: Progress | None = None
) -> tuple[tuple[CellBlock, ...], list[Family], list[str]]:
    """Compute the whole and its segments, and correct them within their families.

    And say what was left out.

    Parameters
    ----------
    analysis : ExperimentAnalysis
    segments : mapping of str to Segments
        By column.
    progress : callable, optional
        Called with "metrics", 0 and the whole and columns of segments to do, and again after each.
    """
    report(progress, "metrics", 0, 1 + len(segments))
    wholes: Sequence[CellBlock] = analysis.whole
    families = judge_whole(wholes, analysis.alpha)
    groups: list[CellBlock] = []
    for done, (by, some) in enumerate(segments.items(), 1):
        report(progress, "metrics", done, 1 + len(segments))
        groups += analysis.grouped(by, some)
    families += judge_groups(
        groups, [wholes[i % len(wholes)] for i in range(len(groups))], analysis.alpha
    )
    notes = [
        f"{measured.metric.name}: {note}"
        for measured in analysis.measured
        for note in (*measured.notes, measured.refused, measured.empty)
        if note
    ]
    crossed = crossed_units_text(analysis.units)[1]
    if analysis.distrust:
        notes.insert(0, analysis.distrust)
    if crossed and crossed != analysis.distrust:
        notes.insert(0, crossed)
    return (*wholes, *groups), families, notes
