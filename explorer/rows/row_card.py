"""The card of a row: all its columns, where it leads, and the rows that are truly nearest to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError
from explorer.rows.nearest_rows import NearestRows
from explorer.session.rows.row_detail import row_card
from explorer.session.rows.row_pictures import RowPictures
from explorer.state import actions
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["RowCard"]

_CARD = {"row", "filters", "maps", "embedding", "projected", "labels", "catalogue"}
_NEAREST = {"row", "maps", "embedding", "projected"}
# a search through a table of many millions of rows takes seconds
_searches = ThreadPoolExecutor(max_workers=2, thread_name_prefix="nearest")


class RowCard(SessionComponent):
    """The card of the row that is looked at."""

    _files = "row_card"

    card = param.Dict(default={}, doc="What is shown of the row; empty while none is looked at.")
    nearest = param.Dict(
        default={}, doc="Its nearest rows: row, words, rows [[row, title, distance]]."
    )

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._pictures = session.part(RowPictures)
        self._search = NearestRows(session.table, session.projection.embedding)
        self._cards: LatestTask[int, dict[str, Any]] = LatestTask(schedule, self._read, self._show)
        self._nearest: LatestTask[int, dict[str, Any]] = LatestTask(
            schedule, self._found, self._tell, _searches
        )
        self.refresh(frozenset(_CARD))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        row = self._row()
        if row is None:
            if self.card:
                self.card = self.nearest = {}
            return
        if changed & _CARD:
            self._cards.submit(row)
        if changed & _NEAREST:
            self._nearest.submit(row)

    # --- what the page sends

    def on_go(self, row: int) -> None:
        """Look at another row, and see to it that it is in view."""
        self._session.look_at_row(row, zoom=False)

    def on_place(self) -> None:
        """Bring the row into the middle of the map."""
        self._session.look_at_row(self._row(), tab="Map", zoom=True)

    def on_close(self) -> None:
        """Look at no row."""
        self._session.look_at_row(None)

    def on_look(self, name: str) -> None:
        """Show a column in its tab."""
        self._session.state.act(actions.look_at, name=name)

    def _row(self) -> int | None:
        row: int | None = self._session.state.document.row
        return row

    # --- in a thread

    def _read(self, row: int) -> dict[str, Any]:
        try:
            card = row_card(
                self._session.table, self._session.rows, self._session.projection.map(), row
            )
            return {**card, "pixels": self._pictures.read([row]).get(row)}
        except ExplorerError as error:  # a file of the table has changed
            return {"row": row, "title": f"Row {row:,}", "note": str(error), "groups": []}

    def _found(self, row: int) -> dict[str, Any]:
        nearest = self._search.find(row, lambda: self._row() == row)
        if nearest is None:
            return {}
        rows = zip(nearest.rows, nearest.titles, nearest.distances, strict=True)
        return {
            "row": row,
            "words": nearest.words,
            "rows": [[row, title, _short(distance)] for row, title, distance in rows],
        }

    # --- on the event loop

    def _show(self, card: dict[str, Any]) -> None:
        if card["row"] == self._row():
            self.card = card

    def _tell(self, nearest: dict[str, Any]) -> None:
        if nearest.get("row") == self._row():
            self.nearest = nearest


def _short(distance: float) -> str:
    if distance == 0:
        return "0"
    if distance < 0.001:
        return f"{distance:.1e}"
    return f"{distance:.3f}" if distance < 10 else f"{distance:,.1f}"
