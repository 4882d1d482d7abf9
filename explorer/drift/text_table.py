"""Drift table: a line a feature, its chunks as a strip of signs, then the alarms in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, Column, text_table
from explorer.core.number_format import number, significant_percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.drift.analysis.drift import Drift
    from explorer.drift.analysis.drift_cell import Alarm, DriftCell

__all__ = ["drift_table"]

# of the limit: a dot, a small circle, a circle; an alarm is a filled triangle
_STEPS = (0.25, 0.5, 0.75)
_SIGNS = "·∘○"
_MOST_STRIP = 80


def drift_table(drift: Drift, width: int) -> Iterator[str]:
    """Write what was found, a line a feature, the alarms, and performance over time."""
    yield drift.words
    yield f"by {drift.chunk} along {drift.time}; reference: {drift.reference}. {drift.seasons}"
    size = len(drift.timetable)
    rows = [
        _FeatureRow(drift.chunks[place * size : (place + 1) * size])
        for place in range(len(drift.measured))
    ]
    rows.sort(key=lambda row: row.order)
    yield from text_table(_COLUMNS, rows, width, note=_strip, more="features more: --json or --out")
    yield (
        "- reference, · ∘ ○ nearer and nearer to the limit, ▲ alarm, △ may be a season, "
        "x not judged"
    )
    yield from _alarms(drift.alarms, "▲ ", "alarms more")
    yield from _alarms(drift.seasonal, "△ may be a season: ", "more that may be a season")
    yield from _performance(drift)


def _alarms(alarms: Sequence[Alarm], sign: str, more: str) -> Iterator[str]:
    for alarm in alarms[:MOST_LINES]:
        yield f"{sign}{alarm.words}"
    if len(alarms) > MOST_LINES:
        yield f"… and {len(alarms) - MOST_LINES:,} {more}: --json"


class _FeatureRow:
    """The cells of a feature, and what a line says of them."""

    def __init__(self, cells: Sequence[DriftCell]) -> None:
        self.cells = cells
        fresh = [cell for cell in cells if cell.judged and not cell.reference]
        self.values = [cell.value for cell in fresh if cell.value == cell.value]
        self.scores = [cell.score for cell in fresh if cell.score == cell.score]
        self.missing = fresh[-1].missing if fresh else math.nan
        self.alarms = sum(cell.alarm for cell in cells)

    @property
    def order(self) -> tuple[float, float]:
        """Most alarms first, then the largest score."""
        scores = (cell.score for cell in self.cells if cell.score == cell.score)
        return -self.alarms, -max(scores, default=-1)


_COLUMNS: tuple[Column[_FeatureRow], ...] = (
    Column("feature", lambda row: row.cells[0].feature, is_text=True),
    Column("statistic", lambda row: row.cells[0].statistic, is_text=True),
    Column("usually", lambda row: number(row.cells[0].expected)),
    Column("last", lambda row: number(row.values[-1] if row.values else None)),
    Column("largest", lambda row: number(max(row.values, default=None))),
    Column("score", lambda row: number(max(row.scores, default=None))),
    Column("alarms", lambda row: f"{row.alarms:,}"),
    Column("missing", lambda row: significant_percent(row.missing)),
)


def _strip(row: _FeatureRow) -> str:
    return "".join(_sign(cell) for cell in row.cells[-_MOST_STRIP:])


def _sign(cell: DriftCell) -> str:
    if not cell.judged:
        return "x"
    if cell.reference:
        return "-"
    if cell.alarm:
        return "▲"
    if cell.seasonal:
        return "△"
    return _SIGNS[sum(cell.score > step for step in _STEPS[1:])] if cell.score > _STEPS[0] else " "


def _performance(drift: Drift) -> Iterator[str]:
    fresh = [i for i, chunk in enumerate(drift.timetable) if chunk.judged and not chunk.reference]
    for metric in drift.performance:
        values, estimates = metric.value.tolist(), metric.estimate.tolist()
        known = [i for i in fresh if values[i] == values[i]]
        text = f"{metric.metric}: usually {number(metric.expected)}"
        if known:
            worst = min(known, key=lambda i: values[i])
            text += (
                f"; worst {number(values[worst])} ({drift.timetable[worst].label}), "
                f"last {number(values[known[-1]])}"
            )
        if fresh and estimates[fresh[-1]] == estimates[fresh[-1]]:
            text += (
                f"; without labels, estimated {number(estimates[fresh[-1]])} "
                f"in the last chunk (± {number(metric.estimate_error)} on the reference)"
            )
        yield text
