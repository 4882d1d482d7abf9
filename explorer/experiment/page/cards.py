"""What the Experiment tab shows, as plain values: gates, ledger, and a line for each cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.core.number_format import NONE, p_value, small
from explorer.experiment.analysis.experiment_verdict import PALETTE, style_of
from explorer.experiment.page.value_format import ValueFormat, format_lift, format_p
from explorer.ui.repeated_card import other_notes, repeated_card

if TYPE_CHECKING:
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.family import Family
    from explorer.features.metric import Metric

__all__ = [
    "cell_line",
    "metric_kind_text",
    "metric_of",
    "palette",
    "result_card",
    "value_format_of",
]

_ARROWS = {"increase": "↑", "decrease": "↓", None: ""}


def result_card(experiment: Experiment, seed: int | None = None) -> dict[str, Any]:
    """Return an experiment as the page shows it.

    Parameters
    ----------
    experiment : Experiment
    seed : int, optional
        With which its arms were shuffled; None for the real ones.
    """
    tests, shown = (
        sum(getattr(family, name) for family in experiment.families) for name in ("tests", "shown")
    )
    wholes = [
        experiment.cells[i] for i in range(len(experiment.metrics) * (len(experiment.arms) - 1))
    ]
    return {
        "control": experiment.control,
        "arms": list(experiment.arms),
        "metrics": [metric.name for metric in experiment.metrics],
        "by": list(experiment.by),
        "gates": {
            "words": experiment.srm.words,
            "mismatch": experiment.srm.mismatch,
            "trusted": experiment.trusted,
            "checked": experiment.srm.p_value is not None,
        },
        "notes": other_notes(experiment.notes, experiment.repeated),
        "repeated": repeated_card(experiment.repeated),
        "ledger": experiment.ledger,
        "families": [_family(family) for family in experiment.families],
        "rows": [cell_line(cell, metric_of(experiment, cell.metric)) for cell in wholes],
        "palette": palette(),
        "method": experiment.method,
        "timed": experiment.time is not None,
        "running": experiment.status == "running",
        "words": _("{n_units:,} units · {seconds:.1f} s").format(
            n_units=experiment.n_units, seconds=experiment.seconds
        ),
        "noise": {} if seed is None else {"seed": seed, "coloured": shown, "tested": tests},
    }


def metric_of(experiment: Experiment, name: str) -> Metric:
    """Return a metric of an experiment by its name."""
    return next(metric for metric in experiment.metrics if metric.name == name)


def palette() -> list[dict[str, Any]]:
    """Return how each verdict looks, in the order in which cells name them by number."""
    return [
        {"verdict": verdict, "strength": strength, **look._asdict()}
        for (verdict, strength), look in PALETTE.items()
    ]


def value_format_of(cell: Cell, metric: Metric) -> ValueFormat:
    """Return how the figures of a cell are written."""
    return ValueFormat.of(cell, metric.kind == "proportion")


def cell_line(cell: Cell, metric: Metric) -> dict[str, Any]:
    """Return a cell as a line of a table: what is written, and what is drawn (NaN as null)."""
    value_format, look = value_format_of(cell, metric), style_of(cell.verdict, cell.strength)
    lift, lift_interval = format_lift(
        cell.lift, cell.lift_low, cell.lift_high, math.isfinite(cell.low)
    )
    return {
        "metric": cell.metric,
        "arm": cell.arm,
        "by": cell.by,
        "segment": cell.segment,
        "kind": f"{metric_kind_text(metric)}{_own_test(cell)}",
        "arrow": _ARROWS[metric.goal],
        "primary": metric.primary,
        "n": [cell.n_control, cell.n_treatment],
        "control": value_format.value(cell.control),
        "treatment": value_format.value(cell.treatment),
        "difference": value_format.change(cell.difference),
        "interval": value_format.interval(cell.low, cell.high),
        "fcr": value_format.interval(cell.low_fcr, cell.high_fcr) if cell.strength else "",
        "always": value_format.interval(cell.low_always, cell.high_always),
        "lift": lift,
        "lift_interval": lift_interval,
        "p": format_p(cell.p_adjusted),
        "p_raw": format_p(cell.p_value),
        "detectable": value_format.size(cell.detectable) if cell.detectable > 0 else NONE,
        "verdict": {
            **look._asdict(),
            "short": _short(cell),
            "words": cell.words,
            "strength": cell.strength,
        },
        "drawn": [
            plain(value)
            for value in (cell.difference, cell.low, cell.high, cell.low_always, cell.high_always)
        ],
        "order": [plain(value) for value in (cell.difference, cell.lift, cell.p_adjusted)],
        "grey": cell.verdict == "as the whole",
    }


def metric_kind_text(metric: Metric) -> str:
    """Say in a few words what is measured."""
    if metric.kind == "ratio":
        return f"{metric.column} / {metric.denominator}"
    if metric.kind == "quantile":
        of_rows = (" " + _("of rows")) if metric.aggregate == "rows" else ""
        return f"{100 * (metric.quantile or 0):g} % quantile{of_rows}"
    return f"{metric.kind}{', adjusted' if metric.pre else ''}"


def _own_test(cell: Cell) -> str:
    """Name the test where it is another than that of its kind."""
    return _(", permutation test") if cell.method.startswith("permutation test") else ""


def _short(cell: Cell) -> str:
    """Return the verdict in a word or two; how strong it is, is said by the glyph."""
    return _("given at the end") if cell.words.startswith("still running") else cell.verdict


def _family(family: Family) -> dict[str, Any]:
    return {
        "name": family.name,
        "what": family.what,
        "tests": f"{family.tests:,}",
        "opened": family.opened,
        "omnibus": p_value(family.omnibus_p, all_digits=True),
        "turned": p_value(family.turned_p, all_digits=True),
        "level": small(family.level, 4) if family.opened else "",
        "expected": small(family.expected, 1),
        "shown": f"{family.shown:,}",
        "coverage": f"{100 * family.coverage:.4g} %" if family.opened else "",
    }
