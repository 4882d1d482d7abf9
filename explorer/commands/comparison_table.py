"""Comparison table: a line a feature, the largest sure effect first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.commands.profile_table import MOST_LINES, printable, shortened, width_of
from explorer.reports.figures import NONE, finite, number, probability, rate, small

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.groups import Compared, Comparison

__all__ = ["comparison_table"]

_HEADS = ("feature", "effect", "95 %", "A", "B", "missing A", "missing B", "p adj")
_NAME = 28


def comparison_table(found: Comparison, width: int) -> Iterator[str]:
    """Write a comparison line by line: first what had no part in making the groups, then what had.

    Parameters
    ----------
    found : Comparison
    width : int
        Columns of the terminal, for the last column alone.

    Yields
    ------
    str
    """
    yield f"{found.words}; δ = 2 AUC − 1 of numbers, V of categories; p: is |δ| or V larger than {small(found.margin)}?"
    for heading, rows in (
        ("not seen when the groups were made: tested", found.unseen),
        ("seen when the groups were made: described, never tested", found.seen),
    ):
        if not rows:
            continue
        yield f"{heading} ({len(rows):,})"
        lines = [_cells(row) for row in rows[:MOST_LINES]]
        yield from _aligned([_HEADS, *lines], [row.seen or row.note for row in rows[:MOST_LINES]], width)
        if len(rows) > MOST_LINES:
            yield f"… and {len(rows) - MOST_LINES:,} more: --json or --out"


def _cells(row: Compared) -> tuple[str, ...]:
    symbol = "V" if row.cramers_v == row.cramers_v else "δ"
    value, low, high = (
        (row.cramers_v, row.cramers_low, row.cramers_high) if symbol == "V"
        else (row.cliffs_delta, row.cliffs_low, row.cliffs_high)
    )  # fmt: skip
    middle = row.median_a, row.median_b
    return (
        row.feature, f"{symbol} {finite(value)}" if value == value else NONE,
        f"{finite(low)} … {finite(high)}" if low == low else "",
        *(number(one) if one == one else "" for one in middle),
        *(rate(missing / rows) if missing else "" for missing, rows in ((row.missing_a, row.missing_a + row.n_a),
                                                                       (row.missing_b, row.missing_b + row.n_b))),
        probability(row.p_adjusted),
    )  # fmt: skip


def _aligned(lines: Sequence[Sequence[str]], notes: Sequence[str], width: int) -> Iterator[str]:
    lines = [(shortened(printable(name), _NAME), *rest) for name, *rest in lines]
    wide = [max(width_of(line[i]) for line in lines) for i in range(len(_HEADS))]
    room = max(width - sum(wide) - 2 * len(wide), 12)
    for line, note in zip(lines, ["", *notes], strict=True):
        cells = [
            line[i] + " " * (wide[i] - width_of(line[i]))
            if i == 0
            else " " * (wide[i] - width_of(line[i])) + line[i]
            for i in range(len(_HEADS))
        ]
        yield "  ".join([*cells, shortened(printable(note), room)]).rstrip()
