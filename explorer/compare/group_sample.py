"""GroupSample: random rows of two groups, compared long before all rows are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.compare.edges import MISSING
from explorer.compare.pair import GroupPair
from explorer.features.cells import without_sentinels
from explorer.sources.samples import random_rows
from explorer.table.blocks import numbers_in
from explorer.table.coding import CategoricalColumn, code_categories
from explorer.table.row_sample import RowSample, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ComparisonRequest
    from explorer.features.kind import Feature
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ENOUGH", "GroupSample", "sample_groups"]

ENOUGH = 2_000  # rows of a group: the interval of its δ is then at most ± .03 on its account
_OWN = 5_000  # rows of a group that has fewer in the sample of the table
_SEED = 1


@dataclass(frozen=True, eq=False)
class GroupSample:
    """Random rows of A and of B, drawn apart, with their cells, for `compare_features`.

    Parameters
    ----------
    table : Table
    kept : RowSample
        Of the table.
    used : ndarray of int64
        Places in `kept` of the rows that are used.
    own : ndarray of int64
        Rows of the table that were drawn for a group of its own; they follow.
    own_cells : pa.Table
        Their cells, of columns that are not in steps.
    """

    table: Table
    kept: RowSample
    used: NDArray[np.int64]
    own: NDArray[np.int64]
    own_cells: pa.Table

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the table."""
        return np.concatenate((self.kept.rows[self.used], self.own))

    @property
    def features(self) -> dict[str, Feature]:
        """Those of the table."""
        return self.table.features

    def is_number(self, name: str) -> bool:
        """Tell whether a column has an order."""
        return self.table.columns.is_number(name)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of these rows, NaN where missing."""
        feature = self.features[name]
        first = numbers_in(feature, self._kept(name))[self.used]
        if name in self.own_cells.column_names:
            return np.concatenate((first, numbers_in(feature, self.own_cells.column(name))))
        return np.concatenate((first, self._by_steps(name)))

    def blocks(self, name: str, keep: bool = False) -> Iterable[NDArray[np.float64]]:  # noqa: ARG002  all of it is kept
        """Return the same as one block."""
        return [self.numbers(name)]

    def levels(self, name: str) -> CategoricalColumn:
        """Return a column of these rows as levels."""
        cells = [self._kept(name).take(pa.array(self.used))]
        if len(self.own):
            cells.append(self.own_cells.column(name))
        return code_categories(without_sentinels(_joined(cells), self.features[name].sentinels))

    def _kept(self, name: str) -> pa.ChunkedArray:
        """Return a column of the table's sample; labels that change are read as they are now."""
        if name in self.kept.cells.column_names:
            return self.kept.cells.column(name)
        return self.table.source.lookup(self.kept.rows, [name]).column(0)

    def _by_steps(self, name: str) -> NDArray[np.float64]:
        steps = self.table.columns.quantized(name) if len(self.own) else None
        if steps is None:
            return np.zeros(0)
        codes = steps.codes[self.own]
        values = np.append(steps.values, np.nan)
        return values[np.where(codes == MISSING, len(values) - 1, codes)]


def sample_groups(
    table: Table,
    names: Sequence[str],
    request: ComparisonRequest,
    size: int | None = None,
    progress: Progress | None = None,
    fewest: int = ENOUGH,
    most: int | None = None,
) -> tuple[GroupSample, ComparisonRequest]:
    """Draw rows of both groups.

    Those of the table's sample, and own ones of a group that has few there.

    Parameters
    ----------
    table : Table
    names : sequence of str
        Features that will be read.
    request : ComparisonRequest
        Over all rows.
    size : int, optional
        Rows of each group, or all it has; else as many as are enough for an order.
    progress : callable, optional
        ``progress("sample", done, total)`` in columns; returning False cancels.
    fewest : int
        Rows of a group in the table's sample from which it gets none of its own.
    most : int, optional
        Rows of a group in the table's sample that are used, at random; default: all.

    Returns
    -------
    sample : GroupSample
    request : ComparisonRequest
        The same over the rows of the sample.
    """
    pair = request.pair
    row_sample = (
        table.columns.sample(progress)
        if size is None
        else RowSample(np.zeros(0, np.int64), _nothing(table))
    )
    used, own = [], []
    for mask, count in ((pair.a, pair.count_a), (pair.b, pair.count_b)):
        inside = np.flatnonzero(mask[row_sample.rows])
        if size is None and len(inside) >= min(fewest, count):
            used.append(inside if most is None else inside[random_rows(len(inside), most, _SEED)])
        else:
            own.append(np.flatnonzero(mask)[random_rows(count, size or _OWN, _SEED)])
    chosen = np.sort(np.concatenate([*used, np.zeros(0, np.int64)]))
    drawn = np.sort(np.concatenate([*own, np.zeros(0, np.int64)]))
    read = [name for name in names if not _in_steps(table, name)] if len(drawn) else []
    sample = GroupSample(
        table, row_sample, chosen, drawn, read_rows(table.source, drawn, read, progress)
    )
    return sample, _narrowed(request, sample.rows)


def _narrowed(request: ComparisonRequest, rows: NDArray[np.int64]) -> ComparisonRequest:
    pair = request.pair
    few = GroupPair(pair.a[rows], pair.b[rows], False, pair.overlap, pair.definitions, pair.notes)
    codes: dict[str, Any] = {
        name: None if (values := getattr(request, name)) is None else values[rows]
        for name in ("unit", "stratum")
    }
    return replace(request, pair=few, **codes)


def _in_steps(table: Table, name: str) -> bool:
    return (
        table.columns.is_number(name) or table.features[name].kind == "boolean"
    ) and table.columns.quantized(name) is not None


def _nothing(table: Table) -> pa.Table:
    return table.source.schema.empty_table()


def _joined(cells: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for column in cells for chunk in column.chunks], cells[0].type)
