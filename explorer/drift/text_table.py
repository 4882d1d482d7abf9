"""Drift table: a line a feature, its chunks as a strip of signs, then the alarms in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned
from explorer.core.number_format import NONE, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.drift.analysis.drift import Drift
    from explorer.drift.analysis.drift_cell import DriftCell

__all__ = ["drift_table"]

_HEADS = ("feature", "statistic", "usually", "last", "largest", "score", "alarms", "missing")
_STEPS = (
    0.25,
    0.5,
    0.75,
)  # of the limit: a dot, a small circle, a circle; an alarm is a filled triangle
_SIGNS = "·∘○"
_MOST_STRIP = 80


def drift_table(found: Drift, width: int) -> Iterator[str]:
    """Write a drift line by line.

    What was found, a line a feature, the alarms, and performance over time.

    Parameters
    ----------
    found : Drift
    width : int
        Columns of the terminal, for the strips at the end alone.

    Yields
    ------
    str
    """
    yield found.words
    yield f"by {found.chunk} along {found.time}; reference: {found.reference}. {found.seasons}"
    size = len(found.timetable)
    rows = [found.chunks[place * size : (place + 1) * size] for place in range(len(found.measured))]
    rows.sort(
        key=lambda cells: (
            -sum(cell.alarm for cell in cells),
            -max((cell.score for cell in cells if cell.score == cell.score), default=-1),
        )
    )
    shown = rows[:MOST_LINES]
    yield from aligned(
        [_HEADS, *map(_figures, shown)], [_strip(cells) for cells in shown], width, names=2
    )
    if len(rows) > MOST_LINES:
        yield f"… and {len(rows) - MOST_LINES:,} features more: --json or --out"
    yield (
        "- reference, · ∘ ○ nearer and nearer to the limit, ▲ alarm, △ may be a season, "
        "x not judged"
    )
    for alarm in found.alarms[:MOST_LINES]:
        yield f"▲ {alarm.words}"
    if len(found.alarms) > MOST_LINES:
        yield f"… and {len(found.alarms) - MOST_LINES:,} alarms more: --json"
    for one in found.seasonal[:MOST_LINES]:
        yield f"△ may be a season: {one.words}"
    if len(found.seasonal) > MOST_LINES:
        yield f"… and {len(found.seasonal) - MOST_LINES:,} more that may be a season: --json"
    yield from _performance(found)


def _figures(cells: tuple[DriftCell, ...]) -> tuple[str, ...]:
    fresh = [cell for cell in cells if cell.judged and not cell.reference]
    values = [cell.value for cell in fresh if cell.value == cell.value]
    scores = [cell.score for cell in fresh if cell.score == cell.score]
    last = fresh[-1] if fresh else None
    return (
        cells[0].feature,
        cells[0].statistic,
        _number(cells[0].expected),
        _number(values[-1] if values else float("nan")),
        _number(max(values, default=float("nan"))),
        _number(max(scores, default=float("nan"))),
        f"{sum(cell.alarm for cell in cells):,}",
        NONE if last is None or last.missing != last.missing else f"{100 * last.missing:.3g} %",
    )


def _strip(cells: tuple[DriftCell, ...]) -> str:
    return "".join(_sign(cell) for cell in cells[-_MOST_STRIP:])


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


def _performance(found: Drift) -> Iterator[str]:
    for one in found.performance:
        fresh = [
            i for i, chunk in enumerate(found.timetable) if chunk.judged and not chunk.reference
        ]
        known = [i for i in fresh if one.value[i] == one.value[i]]
        words = f"{one.metric}: usually {_number(one.expected)}"
        if known:
            worst = min(known, key=lambda i: float(one.value[i]))
            words += (
                f"; worst {_number(float(one.value[worst]))} ({found.timetable[worst].label}), "
                f"last {_number(float(one.value[known[-1]]))}"
            )
        if fresh and one.estimate[fresh[-1]] == one.estimate[fresh[-1]]:
            words += (
                f"; without labels, estimated {_number(float(one.estimate[fresh[-1]]))} "
                f"in the last chunk (± {_number(one.estimate_error)} on the reference)"
            )
        yield words


def _number(value: float) -> str:
    return number(value) if value == value else NONE
