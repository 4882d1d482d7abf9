"""Experiment table: a line a cell, with its verdict in a sign and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, Column, printable, text_table
from explorer.core.number_format import interval, number, p_value, signed_percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid

__all__ = ["experiment_or_grid_table", "experiment_table", "grid_table"]


def experiment_or_grid_table(result: Experiment | ExperimentGrid, width: int) -> Iterator[str]:
    """Write an experiment, or a grid of them, line by line."""
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid

    if isinstance(result, ExperimentGrid):
        return grid_table(result, width)
    return experiment_table(result, width)


def experiment_table(experiment: Experiment, width: int) -> Iterator[str]:
    """Write what may be trusted of an experiment, the whole, then each column of segments."""
    arms = ", ".join(experiment.arms[1:])
    yield f"{experiment.variant}: {arms} against {experiment.control}; {experiment.srm.words}"
    yield experiment.ledger
    whole = [cell for cell in experiment.cells if not cell.by]
    together = {cell.metric: cell.arms_p for cell in whole if cell.arms_p == cell.arms_p}
    if together:
        yield "all arms together: " + ", ".join(
            f"{name} p = {p:.2g}" for name, p in together.items()
        )
    yield from _cell_table(whole, width, most=max(len(whole), MOST_LINES))
    yield from _own_tests(experiment, whole)
    for by in experiment.by:
        cells = [cell for cell in experiment.cells if cell.by == by]
        yield f"by {by} ({len(cells):,} cells)"
        yield from _cell_table(cells, width, by)


def grid_table(grid: ExperimentGrid, width: int) -> Iterator[str]:
    """Write many experiments: a line a cell."""
    yield grid.ledger
    for name, check in grid.srm.items():
        if check.mismatch:
            yield f"! {name}: {check.words}"
    yield from _cell_table(grid.cells, width, grid.experiment)


def _own_tests(experiment: Experiment, cells: Sequence[Cell]) -> Iterator[str]:
    """Say in full which cells are tested by another method than that of their kind.

    At the end of a line there is no room.
    """
    own = {effect.method for block in experiment.blocks for effect in block.effects.own.values()}
    for method in sorted(own):
        named = [f"{cell.metric} of {cell.arm}" for cell in cells if cell.method == method]
        if named:
            yield printable(f"{', '.join(named)}: {method}")


def _cell_table(
    cells: Sequence[Cell], width: int, by: str = "", most: int = MOST_LINES
) -> Iterator[str]:
    columns = [Column(by, _segment, is_text=True), *_COLUMNS] if by else _COLUMNS
    return text_table(columns, cells, width, note=lambda cell: cell.words, most=most)


def _segment(cell: Cell) -> str:
    return cell.segment


_COLUMNS: tuple[Column[Cell], ...] = (
    Column("metric", lambda cell: cell.metric, is_text=True),
    Column("arm", lambda cell: cell.arm, is_text=True),
    Column("units", lambda cell: f"{cell.n_control:,} + {cell.n_treatment:,}"),
    Column("control", lambda cell: number(cell.control)),
    Column("treatment", lambda cell: number(cell.treatment)),
    Column("difference", lambda cell: number(cell.difference)),
    Column("95 %", lambda cell: interval(cell.low, cell.high)),
    Column("lift", lambda cell: signed_percent(cell.lift)),
    Column("p adj", lambda cell: p_value(cell.p_adjusted)),
    Column("", lambda cell: cell.glyph),
)
