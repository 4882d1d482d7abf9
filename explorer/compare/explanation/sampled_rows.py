"""SampledRows: random rows of a group and of the others, with their cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.compare.edges import MISSING
from explorer.compare.group_features import SampledAssociation
from explorer.table.coding import CategoricalColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource
    from explorer.features.kind import Feature
    from explorer.table.table_columns import TableColumns

__all__ = ["RowsOfColumns", "SampledRows"]


@dataclass(frozen=True, eq=False)
class RowsOfColumns:
    """Some rows of the columns of a table, from their steps and levels where these are in memory.

    Parameters
    ----------
    columns : TableColumns
    rows : ndarray of int64
    """

    columns: TableColumns
    rows: NDArray[np.int64]

    @property
    def features(self) -> Mapping[str, Feature]:
        """Those of the table."""
        return self.columns.features

    def is_number(self, name: str) -> bool:
        """Tell whether a column has an order."""
        return self.columns.is_number(name)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of these rows, NaN where missing; long columns as means of steps."""
        steps = self.columns.quantized(name)
        if steps is None:
            return self.columns.numbers(name)[self.rows]
        codes = steps.codes[self.rows]
        values = np.append(steps.values, np.nan)
        return values[np.where(codes == MISSING, len(values) - 1, codes)]

    def blocks(self, name: str, keep: bool = False) -> Iterable[NDArray[np.float64]]:  # noqa: ARG002  all of it is kept
        """Return the same as one block."""
        return [self.numbers(name)]

    def levels(self, name: str) -> CategoricalColumn:
        """Return a column of these rows as levels."""
        levels = self.columns.levels(name)
        codes = levels.codes[self.rows]
        counts = np.bincount(codes, minlength=len(levels.labels) + 1)
        return CategoricalColumn(codes, levels.labels, levels.values, counts)


@dataclass(frozen=True, eq=False)
class SampledRows:
    """Random rows of a group and of the others.

    Parameters
    ----------
    columns : ColumnSource
        Cells of these rows alone.
    rows : ndarray of shape (k,), int64
        Of the table.
    inside : ndarray of shape (k,), bool
        Which of them are of the group.
    """

    columns: ColumnSource
    rows: NDArray[np.int64]
    inside: NDArray[np.bool_]

    @cached_property
    def of_all(self) -> SampledAssociation:
        """Cells of all these rows."""
        return SampledAssociation(self.columns, np.arange(len(self.rows)))

    @cached_property
    def of_others(self) -> SampledAssociation:
        """Cells of the rows that are not of the group."""
        return SampledAssociation(self.columns, np.flatnonzero(~self.inside))
