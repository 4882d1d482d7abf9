"""The Rows tab: the selected rows, or all that are shown, as a table of pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError
from explorer.features.kind import NOT_PROFILED
from explorer.rows.export_card import RowExport
from explorer.rows.row_table import RowTable, listed_columns
from explorer.session.rows.row_search import title_column
from explorer.state import actions
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["RowsPage"]

# What other rows, or another order of them, follow from; what only the columns and cells do.
_ROWS = {"selection", "filters", "maps", "labels", "selections"}
_CELLS = {"table", "color", "projected", "catalogue"}
_SIZE = 30  # rows of a page before the browser has said how many fit
_MOST = 500
# an order of many millions of rows takes a second
_orders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="rows")


class RowsPage(SessionComponent):
    """The table of rows."""

    _files = "page"

    page = param.Dict(
        default={}, doc="The rows in sight, see `explorer.rows.row_table.RowTable.page`."
    )
    columns = param.Dict(default={}, doc="All columns, and whether the listed ones were chosen.")
    saved = param.Dict(default={}, doc="A file to save, or that one is being written.")
    looked = param.Dict(default={}, doc="The row that is looked at.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._table = RowTable(session.table, session.state, session.rows, session.projection)
        self._first, self._size = 0, _SIZE
        self._sort = session.state.document.table
        self._pages: LatestTask[tuple[int, int], dict[str, Any]] = LatestTask(
            schedule, self._read, self._show, _orders
        )
        self._exports = RowExport(
            session.table, session.rows, session.offer_file, schedule, self._save
        )
        self.refresh(frozenset(_ROWS | _CELLS | {"row"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if "row" in changed:
            self.looked = {"row": self._session.state.document.row}
        table = self._session.state.document.table
        sorted_anew = (table.sort, table.descending) != (self._sort.sort, self._sort.descending)
        self._sort = table
        if changed & {"selection", "filters"} or sorted_anew:
            self._first = 0
        if changed & (_ROWS | _CELLS):
            self._list_columns()
            self._pages.submit((self._first, self._size))

    # --- what the page sends

    def on_page(self, first: int, size: int) -> None:
        """Show another page, or as many rows as fit now."""
        self._first, self._size = max(int(first), 0), min(max(int(size), 1), _MOST)
        self._pages.submit((self._first, self._size))

    def on_sort(self, column: str | None) -> None:
        """Sort by a column, then the other way, then not at all; None: in the table's order."""
        table = self._session.state.document.table
        if column is None or (table.sort == column and table.descending):
            self._session.state.act(actions.set_table, sort=None, descending=False)
        else:
            self._session.state.act(actions.set_table, sort=column, descending=table.sort == column)

    def on_columns(self, names: list[str] | None) -> None:
        """List these columns; with None those of their own accord."""
        self._session.state.act(actions.set_table, columns=None if names is None else tuple(names))

    def on_go(self, row: int) -> None:
        """Look at a row: its card opens here, and a ring stands on the map."""
        self._session.look_at_row(row, zoom=False)

    def on_feature(self, name: str) -> None:
        """Show a column in its tab."""
        self._session.state.act(actions.look_at, name=name)

    def on_export(self, form: str) -> None:
        """Hand out all listed rows as CSV or Parquet."""
        self._exports.submit(form)

    def on_invert(self) -> None:
        """List the rows that are not selected."""
        self._session.rows.invert_selection()

    # --- in a thread

    def _read(self, request: tuple[int, int]) -> dict[str, Any]:
        try:
            return self._table.page(*request)
        except ExplorerError as error:  # a file of the table has changed
            return {
                "error": str(error),
                "first": 0,
                "size": request[1],
                "count": 0,
                "words": "",
                "order": "",
                "columns": [],
                "rows": [],
            }

    # --- on the event loop

    def _list_columns(self) -> None:
        table = self._session.table
        names = [
            [name, table.features[name].label]
            for name in table.column_names
            if NOT_PROFILED not in table.features[name].notes
        ]
        chosen = self._session.state.document.table.columns is not None
        listed = listed_columns(table, self._session.state, self._session.projection)
        title = title_column(table)
        self.columns = {"names": names, "listed": listed, "chosen": chosen, "title": title}

    def _show(self, page: dict[str, Any]) -> None:
        self._first = page["first"]
        selected = self._session.state.document.selection is not None
        self.page = {**page, "selected": selected, "turn": self.page.get("turn", 0) + 1}

    def _save(self, saved: dict[str, Any]) -> None:
        self.saved = saved
