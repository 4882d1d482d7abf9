"""What of an experiment is looked at: a metric, an arm and a segment; and its figures."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.core.gettext import _
from explorer.experiment.analysis.experiment_verdict import style_of
from explorer.experiment.page.cards import metric_kind_text, metric_of, value_format_of
from explorer.experiment.page.segments_table import SegmentList
from explorer.experiment.page.value_format import format_lift, format_p
from explorer.stats.intervals.power import units_needed

if TYPE_CHECKING:
    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.state.experiment_settings import ExperimentCell

__all__ = ["ChosenCell", "choose_cell", "chosen_cell_card", "units_needed_text"]

_EFFECT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%|pp)?\s*", re.IGNORECASE)


class ChosenCell(NamedTuple):
    """What is looked at; `by` and `segment` are empty for the whole."""

    metric: str
    arm: str
    by: str
    segment: str


def choose_cell(experiment: Experiment, wanted: ExperimentCell) -> ChosenCell:
    """Return what is looked at: what was asked for, where it is there, else the first of each.

    Parameters
    ----------
    experiment : Experiment
    wanted : ExperimentCell
        `metric`, `arm`, `by` and `segment` of the state, each a text or None.
    """
    names = [metric.name for metric in experiment.metrics]
    metric = wanted.metric if wanted.metric in names else names[0]
    arm = wanted.arm if wanted.arm in experiment.arms[1:] else experiment.arms[1]
    by = wanted.by if wanted.by in experiment.by else next(iter(experiment.by), "")
    segment = wanted.segment or ""
    if not by or segment not in experiment.segments[by].labels:
        segment = ""
    return ChosenCell(str(metric), str(arm), str(by), segment)


def chosen_cell_card(experiment: Experiment, look: ChosenCell) -> dict[str, Any]:
    """Return the figures of what is looked at, each with its name and what it means; JSON."""
    cell, block, place = _cell_of(experiment, look)
    metric = metric_of(experiment, look.metric)
    verdict = style_of(cell.verdict, cell.strength)
    return {
        **look._asdict(),
        "control": experiment.control,
        "kind": metric_kind_text(metric),
        "goal": metric.goal or "",
        "verdict": {**verdict._asdict(), "words": cell.words},
        "method": cell.method,
        "figures": _figures(experiment, cell, block, place),
        "n": [f"{cell.n_control:,}", f"{cell.n_treatment:,}"],
        "timed": experiment.time is not None,
        "segmented": bool(experiment.by),
    }


def units_needed_text(experiment: Experiment, look: ChosenCell, text: str) -> str:
    """Say how many units an arm needs to find an effect.

    Parameters
    ----------
    experiment : Experiment
    look : ChosenCell
    text : str
        The effect: "2 %" of the control's value, "0.1 pp" of a share, or a number in the metric's
        unit.

    Returns
    -------
    str
        For a power of .8 at .05 in two equal arms (`explorer.stats.intervals.power.units_needed`),
        or what is wrong with the text.
    """
    cell, _metric, _control = _cell_of(experiment, look)
    read = _EFFECT.fullmatch(text.replace("−", "-").replace(",", "."))
    if read is None:
        return _(
            "write an effect as 2 % of the control, as 0.1 pp of a share, "
            "or as a number in the metric's unit"
        )
    effect = abs(float(read[1]))
    if read[2] == "%":
        effect *= abs(cell.control) / 100
    elif read[2]:
        effect /= 100
    inverse = (
        1 / cell.n_control + 1 / cell.n_treatment
        if cell.n_control and cell.n_treatment
        else math.nan
    )
    needed = float(units_needed(cell.error**2 / inverse, effect))
    if not math.isfinite(needed) or needed <= 0:
        return _(
            "no number of units detects this: the effect is 0, or nothing is known of the variance"
        )
    value_format = value_format_of(cell, metric_of(experiment, look.metric))
    now = min(cell.n_control, cell.n_treatment)
    return _("{needed:,} units in each arm detect {effect} with a power of .8; now {now:,}").format(
        needed=math.ceil(needed), effect=value_format.size(effect), now=now
    )


def _cell_of(experiment: Experiment, look: ChosenCell) -> tuple[Cell, CellBlock, int]:
    if look.segment:
        some = SegmentList(experiment, look.by, look.metric, look.arm)
        place = some.labels.index(look.segment)
        return some.cells[place], some.block, place
    arms = experiment.arms[1:]
    place = [metric.name for metric in experiment.metrics].index(look.metric) * len(
        arms
    ) + arms.index(look.arm)
    return experiment.cells[place], experiment.blocks[place], 0


def _figures(experiment: Experiment, cell: Cell, block: CellBlock, place: int) -> list[list[str]]:
    """Return [name, what it means, value, interval] for everything that is known of a cell."""
    value_format = value_format_of(cell, metric_of(experiment, cell.metric))
    lift, lift_interval = format_lift(
        cell.lift, cell.lift_low, cell.lift_high, math.isfinite(cell.low)
    )
    often = "" if block.looks is None else (" " + _("that holds however often one looks"))
    rows = [
        [
            experiment.control,
            _("the control"),
            value_format.value(cell.control),
            _("{n_control:,} units").format(n_control=cell.n_control),
        ],
        [
            cell.arm,
            _("the treatment"),
            value_format.value(cell.treatment),
            _("{n_treatment:,} units").format(n_treatment=cell.n_treatment),
        ],
        [
            "difference",
            _("treatment minus control, 95 % interval{often}").format(often=often),
            value_format.change(cell.difference),
            value_format.interval(cell.low, cell.high),
        ],
        [
            "lift",
            _(
                "treatment / control − 1, 95 % interval{often}; it never contradicts the difference"
            ).format(often=often),
            lift or "unbounded",
            lift_interval,
        ],
        [
            "p adjusted",
            _("within the family “{family}”").format(family=cell.family),
            format_p(cell.p_adjusted),
            "",
        ],
        ["p", _("of this cell alone, not corrected"), format_p(cell.p_value), ""],
    ]
    if math.isfinite(cell.arms_p):
        rows.append(
            [
                _("p, all arms"),
                _("that no arm differs from another, whichever is the control"),
                format_p(cell.arms_p),
                "",
            ]
        )
    if cell.strength:
        coverage = f"{100 * block.coverage:.4g} %"
        rows.append(
            [
                _("FCR interval"),
                _("holds for the coloured cells of the family together ({coverage} each)").format(
                    coverage=coverage
                ),
                "",
                value_format.interval(cell.low_fcr, cell.high_fcr),
            ]
        )
    if block.plain is not None:
        rows += _unadjusted(cell, block, place, value_format)
    if cell.detectable > 0:
        rows.append(
            [
                "detectable",
                _("smallest effect detected with a power of .8 at .05"),
                value_format.size(cell.detectable),
                "",
            ]
        )
    if math.isfinite(cell.deviation):
        rows += [
            [
                _("from the whole"),
                _("effect here minus the overall effect"),
                value_format.change(cell.deviation),
                value_format.interval(cell.deviation_low, cell.deviation_high),
            ],
            [
                "shrunk",
                _("the same, shrunk towards 0 by how alike the segments are (Stephens 2017)"),
                value_format.change(cell.shrunk),
                "",
            ],
        ]
    return rows


def _unadjusted(cell: Cell, block: CellBlock, place: int, value_format: Any) -> list[list[str]]:
    """Return the figures without the value from before, and how much variance it explains."""
    plain = block.plain
    if plain is None:
        return []
    saved = (
        1 - float(block.error[place] / plain.error[place]) ** 2
        if plain.error[place] > 0
        else math.nan
    )
    interval = value_format.interval(cell.unadjusted_low, cell.unadjusted_high)
    rows = [
        [
            _("not adjusted"),
            _("without the value from before the assignment"),
            value_format.change(cell.unadjusted),
            interval,
        ]
    ]
    if math.isfinite(saved):
        rows.append(
            [
                _("variance removed"),
                _("by the value from before (CUPED)"),
                f"{100 * saved:.1f} %".replace("-", "−"),
                "",
            ]
        )
    return rows
