"""The strips beside the rows: how many rows of each level or bin are shown, and selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.features.kind import NOT_PROFILED
from explorer.selection.code_counts import code_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.selection.selection import Selection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.coding import BinnedColumn
    from explorer.table.table import Table

__all__ = ["Strip", "count_strip", "default_strips", "strip_columns"]

_MOST_LEVELS = 50


@dataclass(frozen=True, eq=False)
class Strip:
    """Counts of one column under the filters of all other columns.

    Attributes
    ----------
    column : str
    shown, selected : ndarray of shape (k,), int64
        Rows of each level (last: missing) or bin in the population, and in the selection.
    labels : list of str or None
        Levels, most frequent in the table first.
    values : list or None
        The same as values of the column.
    edges : ndarray of shape (k + 1,), float64, or None
        Of the bins.
    below, above, missing : int
        Rows of the population that are in no bin: under the first edge, over the last (infinite
        ones too), without a value. Of levels, missing is the last of `shown`.
    """

    column: str
    shown: NDArray[np.int64]
    selected: NDArray[np.int64]
    labels: list[str] | None = None
    values: list[object] | None = None
    edges: NDArray[np.float64] | None = None
    below: int = 0
    above: int = 0
    missing: int = 0


def default_strips(table: Table, features: Sequence[str]) -> list[str]:
    """Choose strips when nobody has: one category of few levels, then numbers of these features.

    Columns of a block come last, and pixels of an image not at all: one by one they say little.
    """
    profiled = table.profiles.finished()
    categories = [
        name
        for name, feature in table.features.items()
        # of a large table only what is counted already: nobody waits for a strip that was not asked
        # for
        if feature.kind == "categorical"
        and name in profiled
        and 2 <= profiled[name].distinct <= _MOST_LEVELS
    ]
    # the category with most levels tells most
    categories.sort(key=lambda name: -profiled[name].distinct)
    blocks = table.column_blocks
    in_blocks = {name for block in blocks for name in block.columns}
    pixels = {name for block in blocks if block.shape for name in block.columns}
    numbers = [
        name
        for name in sorted(features, key=lambda name: name in in_blocks)
        if table.features[name].kind in ("numeric", "temporal") and name not in pixels
    ]
    return [
        *categories[:1],
        *[name for name in numbers if table.summaries[name].histogram][: 3 if categories else 4],
    ]


def strip_columns(table: Table) -> list[str]:
    """Return the columns that can have a strip.

    They have levels, or they are numbers or times with a finite value.
    """
    profiled = table.profiles.finished()
    empty = {name for name, profile in profiled.items() if profile.strip is None}
    listed = set(table.column_names)
    return [
        name
        for name, feature in table.features.items()
        if name in listed
        and NOT_PROFILED not in feature.notes
        and (
            feature.kind in ("categorical", "boolean")
            or (feature.kind in ("numeric", "temporal") and name not in empty)
        )
    ]


def count_strip(table: Table, rows: RowSelection, column: str) -> Strip:
    """Count one column of the table: exact, over all rows."""
    kind = table.features[column].kind
    population = rows.population(without=column)
    selection = rows.selection()
    if kind in ("numeric", "temporal"):
        return _numbers(table.summaries.bins(column), column, population, selection)
    levels = table.columns.levels(column)
    size = len(levels.labels) + 1
    shown = levels.counts if population is None else _count(levels.codes, size, population)
    selected = _selected(levels.codes, size, selection)
    return Strip(column, shown, selected, levels.labels, levels.values, missing=int(shown[-1]))


def _numbers(
    bins: BinnedColumn, column: str, population: Selection | None, selection: Selection | None
) -> Strip:
    n_bins = len(bins.edges) - 1
    shown = _count(bins.codes, n_bins + 3, population)
    missing, below, above = shown[n_bins:].tolist()
    return Strip(
        column,
        shown[:n_bins],
        _selected(bins.codes, n_bins + 3, selection)[:n_bins],
        edges=bins.edges,
        below=below,
        above=above,
        missing=missing,
    )


def _selected(
    codes: NDArray[np.uint8] | NDArray[np.int32], size: int, selection: Selection | None
) -> NDArray[np.int64]:
    return np.zeros(size, np.int64) if selection is None else _count(codes, size, selection)


def _count(
    codes: NDArray[np.uint8] | NDArray[np.int32], size: int, rows: Selection | None
) -> NDArray[np.int64]:
    return code_counts(codes, size, None if rows is None else rows.mask)
