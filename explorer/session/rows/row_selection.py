"""The rows that a person has chosen: what the filters leave, and what is selected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.errors import EmbeddingError, ExplorerError, SelectionError
from explorer.session.rows.level_filter import column_of, level_filter
from explorer.session.rows.selection_resolver import SelectionResolver, filter_definition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.selection.saved_selection import SavedSelection
    from explorer.selection.selection import Selection
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["RowSelection"]


class RowSelection:
    """What a `Session` knows of its rows."""

    table: Table
    state: State
    definitions: SelectionResolver

    def note(self, text: str) -> None:
        """Keep a line that the page shows beside the rows."""
        raise NotImplementedError

    def population(self, without: str | None = None) -> Selection | None:
        """Return the rows that the filters leave, None for all; ``without`` leaves a column's own filter aside.

        A filter drawn on a map that is not there, or on a saved selection that is not known, leaves
        all rows, with a note.
        """
        parts = self._conditions(without)
        return self.definitions.rows_of(_all_of(parts)) if parts else None

    def column_filter(self, column: str) -> dict[str, Any] | None:
        """Return the filter that the strips and the legend set on a column, None when there is none."""
        return next(
            (f for f in self.state.document["filters"] if f["id"] == f"column:{column}"), None
        )

    def filter_levels(self, column: str, kept: NDArray[np.bool_]) -> None:
        """Show only these levels of a column, (levels + 1,) bool, missing last; all of them takes the filter away."""
        name = f"column:{column}"
        condition = level_filter(column, kept, self.table.columns.levels(column))
        if condition is not None:
            self.state.act("add_filter", id=name, **condition)
        elif self.column_filter(column) is not None:
            self.state.act("remove_filter", id=name)

    def selection(self) -> Selection | None:
        """Return the selected rows inside the population, None when nothing is selected."""
        definition = self.state.document["selection"]
        if definition is None:
            return None
        try:
            self.definitions.rows_of(definition)
        except ExplorerError as error:
            self.note(str(error))
            return None
        return self.definitions.rows_of(_all_of([definition, *self._conditions()]))

    def clear(self) -> None:
        """Clear the selection."""
        self.state.act("select", selection=None)

    def invert(self) -> None:
        """Select the rows that are not selected."""
        self.state.act("invert_selection")

    def keep_selection(self) -> None:
        """Turn the selection into a filter: only its rows are shown."""
        definition = self.state.document["selection"]
        if definition is not None:
            self.state.act("add_filter", id=f"rows:{key_of(definition)[:12]}", rows=definition)
            self.clear()

    def save_selection(self, name: str, author: str = "") -> SavedSelection:
        """Save the selected rows, within the filters of this moment, under a name; see `SavedSelections.save`.

        May be called from any thread; to select what was saved is another step, for the thread that
        changes the state.
        """
        chosen = self.selection()
        if chosen is None:
            raise SelectionError("no row is selected: select the rows that are to be saved")
        return self.table.selections.save(chosen, name, author)

    def _conditions(self, without: str | None = None) -> list[dict[str, Any]]:
        """Return the definitions of the filters that are on and can be evaluated."""
        parts = [
            filter_definition(entry)
            for entry in self.state.document["filters"]
            if entry["on"] and (without is None or column_of(entry) != without)
        ]
        return [part for part in parts if self._has_map(part)]

    def _has_map(self, definition: dict[str, Any]) -> bool:
        try:
            self.definitions.rows_of(definition)
        except (EmbeddingError, SelectionError) as error:
            self.note(str(error))
            return False
        return True


def _all_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {"and": parts}
