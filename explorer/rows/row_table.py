"""RowTable: the chosen rows as pages of a table, in the order of any column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.cache import key_of
from explorer.core.gettext import _, ngettext
from explorer.core.memo import Memo
from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT, countable
from explorer.session.rows.row_cells import format_cell
from explorer.session.rows.row_search import title_column
from explorer.stats.row_order import can_order, cell_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.selection.selection import Selection
    from explorer.session.maps.projection import Projection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["RowTable", "default_columns", "listed_columns", "listed_rows"]

_KEPT = 3  # orders of four bytes a row
_MOST_COLUMNS = 12  # of their own accord
_NEAR = (
    1 << 20
)  # rows between the first and the last of a page up to which they are read where they lie
_FIRST = {
    "numeric": (_("smallest first"), _("largest first")),
    "temporal": (_("earliest first"), _("latest first")),
    "boolean": (_("no first"), _("yes first")),
}


@dataclass(frozen=True, eq=False)
class _Listing:
    """Rows in the order in which they are listed.

    `rows` None stands for all of the table as they come.
    """

    rows: NDArray[np.uint32] | None
    count: int
    missing: int


class RowTable:
    """Pages of the selected rows, or of all that are shown. Safe for several threads.

    Parameters
    ----------
    table : Table
    state : State
    rows : RowSelection
    projection : Projection
        Its features are listed where nobody has chosen columns.
    """

    def __init__(
        self, table: Table, state: State, rows: RowSelection, projection: Projection
    ) -> None:
        self._table, self._state = table, state
        self._rows, self._projection = rows, projection
        self._listings: Memo[str, _Listing] = Memo(_KEPT, lambda _: 1)

    def page(self, first: int, size: int) -> dict[str, Any]:
        """Return a page as plain JSON; never one beyond the last whole page.

        Parameters
        ----------
        first : int
            Place of its first row in the listing.
        size : int
            Rows of a page.

        Returns
        -------
        dict
            "first", "size", "count" (of all rows listed), "words", "order" (the words of the
            sorting), "columns": [{"name", "label", "unit", "about", "number", "sorted"}], "rows":
            [{"row", "cells"}], a missing cell as None.
        """
        listing = self._listing()
        first = max(0, min(first, listing.count - 1) // size * size if size else 0)
        rows = _slice(listing, first, size)
        names = listed_columns(self._table, self._state, self._projection)
        features = [self._table.features[name] for name in names]
        cells = self._cells(rows, names)
        written = [
            [format_cell(cell, feature) for cell in column]
            for column, feature in zip(cells, features, strict=True)
        ]
        return {
            "first": first,
            "size": size,
            "count": listing.count,
            "words": self._words(listing),
            "order": self._order_words(listing),
            "columns": [self._column(feature) for feature in features],
            "rows": [
                {"row": row, "cells": [column[k] for column in written]}
                for k, row in enumerate(rows.tolist())
            ],
        }

    def place_of(self, row: int) -> int | None:
        """Return the place of a row in the listing; None when it is not listed."""
        listing = self._listing()
        if listing.rows is None:
            return row if row < listing.count else None
        places = np.flatnonzero(listing.rows == row)
        return int(places[0]) if len(places) else None

    # --- inside

    def _listing(self) -> _Listing:
        order = self._state.document.table
        key = key_of([self._rows.selection_key, order.sort, order.descending])
        return self._listings.get(
            key, lambda: self._made(listed_rows(self._rows), order.sort, order.descending)
        )

    def _made(self, chosen: Selection | None, sort: str | None, descending: bool) -> _Listing:
        rows = None if chosen is None else np.flatnonzero(chosen.mask).astype(np.uint32)
        count = self._table.num_rows if rows is None else len(rows)
        if sort is None or not count:
            return _Listing(rows, count, 0)
        cells = self._sorted_cells(sort)
        if chosen is not None and rows is not None and count < len(cells):
            cells = cells.filter(pa.array(chosen.mask))
        order, missing = cell_order(cells, descending)
        return _Listing(order if rows is None else rows[order], count, missing)

    def _sorted_cells(self, name: str) -> pa.ChunkedArray:
        """Return a column as it is sorted: sentinels are missing, numbers as text are numbers."""
        table = self._table
        feature = table.features[name]
        if NUMBERS_AS_TEXT in feature.notes:
            return pa.chunked_array([pa.array(table.columns.numbers(name))])
        return without_sentinels(table.source.column(name), feature.sentinels)

    def _cells(self, rows: NDArray[np.int64], names: list[str]) -> list[list[Any]]:
        """Read the cells of a page: near rows where they lie, others from whole columns.

        The columns are decoded once.
        """
        source = self._table.source
        near = len(rows) > 0 and int(rows.max() - rows.min()) < _NEAR
        apart = [name for name in names if near and not source.is_decoded(name)]
        order = np.argsort(rows)
        back = np.argsort(order)
        near_rows = source.lookup(rows[order], apart) if apart else None
        whole = [name for name in names if name not in apart]
        taken = source.take(rows, whole) if whole else None
        by_name = (
            {name: taken.column(name).to_pylist() for name in whole} if taken is not None else {}
        )
        for name in apart:
            cells = near_rows.column(name).to_pylist() if near_rows is not None else []
            by_name[name] = [cells[k] for k in back.tolist()]
        return [by_name[name] for name in names]

    def _column(self, feature: Feature) -> dict[str, Any]:
        order = self._state.document.table
        direction = "descending" if order.descending else "ascending"
        return {
            "name": feature.name,
            "label": feature.label,
            "unit": feature.unit,
            "about": feature.description,
            "number": feature.kind == "numeric" or NUMBERS_AS_TEXT in feature.notes,
            "sorted": direction if feature.name == order.sort else "",
            "sorts": can_order(self._table.source.schema.field(feature.name).type),
        }

    def _words(self, listing: _Listing) -> str:
        total, selection = self._table.num_rows, self._rows.selection()
        noun = "row" if listing.count == 1 else "rows"
        if selection is not None:
            return _("{count:,} selected {noun} of {total:,}").format(
                count=listing.count, noun=noun, total=total
            )
        if self._rows.population() is not None:
            return _("{count:,} {noun} shown of {total:,}: none is selected").format(
                count=listing.count, noun=noun, total=total
            )
        text = ngettext(
            "{count} row: none is selected", "all {count} rows: none is selected", total
        )
        return text.format(count=f"{total:,}")

    def _order_words(self, listing: _Listing) -> str:
        order = self._state.document.table
        if order.sort is None:
            return _("in the order of the table")
        feature = self._table.features[order.sort]
        ends = _FIRST.get(
            "numeric" if NUMBERS_AS_TEXT in feature.notes else feature.kind, ("A first", "Z first")
        )
        last = (
            _(", {missing:,} without a value last").format(missing=listing.missing)
            if listing.missing
            else ""
        )
        return _("by {label}, {ends}{last}").format(
            label=feature.label, ends=ends[order.descending], last=last
        )


def listed_rows(rows: RowSelection) -> Selection | None:
    """Return the rows that are listed: the selected ones, else those that the filters leave.

    None stands for all.
    """
    selection = rows.selection()
    return rows.population() if selection is None else selection


def listed_columns(table: Table, state: State, projection: Projection) -> list[str]:
    """Return the columns that are listed: the chosen ones, or those of their own accord."""
    chosen = state.document.table.columns
    if chosen is None:
        return default_columns(table, state, projection)
    names = set(table.column_names)
    return [name for name in chosen if name in names]


def default_columns(table: Table, state: State, projection: Projection) -> list[str]:
    """Return the columns listed when nobody has chosen: title, colour, projected features."""
    features = projection.settings().features
    # without a map whoever looks at the rows sees what there is
    wanted = [title_column(table), state.document.color.column, *(features or table.column_names)]
    names = set(table.column_names)
    named = [
        name for name in dict.fromkeys(wanted) if name in names and countable(table.features[name])
    ]
    return named[:_MOST_COLUMNS]


def _slice(listing: _Listing, first: int, size: int) -> NDArray[np.int64]:
    last = min(first + size, listing.count)
    if listing.rows is None:
        return np.arange(first, last)
    return listing.rows[first:last].astype(np.int64)
