"""Experiment table: a line a cell, with its verdict in a sign and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned, printable
from explorer.core.number_format import NONE, number, probability

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid

__all__ = ["experiment_or_grid_table", "experiment_table", "grid_table"]

_HEADS = (
    "metric",
    "arm",
    "units",
    "control",
    "treatment",
    "difference",
    "95 %",
    "lift",
    "p adj",
    "",
)


def experiment_table(found: Experiment, width: int) -> Iterator[str]:
    """Write an experiment line by line.

    What may be trusted of it, the whole, then each column of segments.

    Parameters
    ----------
    found : Experiment
    width : int
        Columns of the terminal, for the words at the end alone.

    Yields
    ------
    str
    """
    yield f"{found.variant}: {', '.join(found.arms[1:])} against {found.control}; {found.srm.text}"
    yield found.ledger
    whole = [cell for cell in found.cells if not cell.by]
    together = {cell.metric: cell.arms_p for cell in whole if cell.arms_p == cell.arms_p}
    if together:
        yield "all arms together: " + ", ".join(
            f"{name} p = {p:.2g}" for name, p in together.items()
        )
    yield from _lines(whole, width)
    yield from _own_tests(found, whole)
    for by in found.by:
        some = [cell for cell in found.cells if cell.by == by]
        yield f"by {by} ({len(some):,} cells)"
        yield from _lines(some[:MOST_LINES], width, by)
        if len(some) > MOST_LINES:
            yield f"… and {len(some) - MOST_LINES:,} more: --json or --out"


def experiment_or_grid_table(result: Experiment | ExperimentGrid, width: int) -> Iterator[str]:
    """Write an experiment, or a grid of them, line by line."""
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid

    if isinstance(result, ExperimentGrid):
        return grid_table(result, width)
    return experiment_table(result, width)


def grid_table(found: ExperimentGrid, width: int) -> Iterator[str]:
    """Write a wall of experiments line by line; as `experiment_table`."""
    yield found.ledger
    for name, check in found.srm.items():
        if check.mismatch:
            yield f"! {name}: {check.text}"
    yield from _lines(found.cells[:MOST_LINES], width, found.experiment)
    if len(found.cells) > MOST_LINES:
        yield f"… and {len(found.cells) - MOST_LINES:,} more: --json or --out"


def _own_tests(found: Experiment, cells: Sequence[Cell]) -> Iterator[str]:
    """Say in full which cells are tested by another method than that of their kind.

    At the end of a line there is no room.
    """
    own = {one.method for block in found.blocks for one in block.effects.own.values()}
    for method in sorted(own):
        named = [f"{cell.metric} of {cell.arm}" for cell in cells if cell.method == method]
        if named:
            yield printable(f"{', '.join(named)}: {method}")


def _lines(cells: Sequence[Cell], width: int, by: str = "") -> Iterator[str]:
    heads = (by, *_HEADS) if by else _HEADS
    lines = [((cell.segment, *_cells(cell)) if by else _cells(cell)) for cell in cells]
    yield from aligned([heads, *lines], [cell.words for cell in cells], width, names=3 if by else 2)


def _cells(cell: Cell) -> tuple[str, ...]:
    return (
        cell.metric,
        cell.arm,
        f"{cell.n_control:,} + {cell.n_treatment:,}",
        _figure(cell.control),
        _figure(cell.treatment),
        _figure(cell.difference),
        f"{_figure(cell.low)} … {_figure(cell.high)}",
        _lift(cell.lift),
        probability(cell.p_adjusted),
        cell.glyph,
    )


def _lift(value: float) -> str:
    """Write a lift in percent, with its sign: "+1.2 %", "−11 %"."""
    if value != value:
        return NONE
    digits = 0 if abs(value) >= 0.1 else 1 if abs(value) >= 0.001 else 2
    return f"{100 * value:+,.{digits}f} %".replace("-", "−")


def _figure(value: float) -> str:
    return number(value) if value == value else NONE
