"""SavedSelections: the named selections of a table.

They are shared by all who look at it, and a later server finds them again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.core.errors import SelectionError, TableError, unknown_name
from explorer.selection.saved_selection import SavedSelection, definition_to_keep, selection_name
from explorer.selection.selection import Selection
from explorer.selection.selection_store import SelectionStore
from explorer.sources.widened import base_source

if TYPE_CHECKING:
    from explorer.table.table_columns import TableColumns
    from explorer.table.table_labels import TableLabels

__all__ = ["SavedSelections", "saved_ids"]

Listener = Callable[[bool], None]


class SavedSelections:
    """The saved selections of a table, which no new map and no cleared cache changes.

    They are kept in the user's data folder and belong to the rows: a table that is derived or
    joined from this one has the same.

    Parameters
    ----------
    columns : TableColumns
    labels : TableLabels
    """

    def __init__(self, columns: TableColumns, labels: TableLabels) -> None:
        self._columns, self._labels = columns, labels
        self._lock = threading.Lock()
        self._store: SelectionStore | None = None
        self._listeners: list[Listener] = []

    @property
    def names(self) -> list[str]:
        """Names of what is saved, the oldest first."""
        return [saved.name for saved in self.listed()]

    @property
    def trouble(self) -> list[str]:
        """What could not be read, in sentences."""
        return self._opened().listed()[1]

    def listed(self) -> list[SavedSelection]:
        """Return what is saved, the oldest first; also by other processes until now."""
        return self._opened().listed()[0]

    def save(self, selection: Selection, name: str, author: str = "") -> SavedSelection:
        """Save the rows of a selection under a name.

        Raises
        ------
        SelectionError
            No row is selected, the name is taken or none, the same rows are saved already, or they
            cannot be kept.
        TableError
            The selection is of another table.
        """
        name = selection_name(name)
        if selection.fingerprint != self._columns.source.fingerprint:
            raise TableError(
                "the selection is of another table: select the rows in this one, then save them"
            )
        if not selection.count():
            raise SelectionError("no row is selected: select the rows that are to be saved")
        with self._lock:
            saved_selection = SavedSelection(
                "",
                name,
                selection.count(),
                definition_to_keep(selection),
                author.strip(),
                time.time(),
                selection.seen,
            )
            saved = self._opened().save(saved_selection, selection.mask)
        self._tell(False)
        return saved

    def rename(self, name: str, new: str) -> SavedSelection:
        """Give a saved selection, by its id or name, another name; its rows and its id stay.

        Raises
        ------
        UnknownName
            There is no such selection.
        SelectionError
            The new name is taken or none, or cannot be kept.
        """
        new = selection_name(new)
        with self._lock:
            result = self.find(name)
            if new != result.name:
                result = self._opened().rename(result, new)
        self._tell(False)
        return result

    def remove(self, name: str) -> None:
        """Remove a saved selection, by its id or name, for everybody; this cannot be undone."""
        with self._lock:
            self._opened().remove(self.find(name))
        self._columns.edit_count += 1  # what is selected by it selects nothing any more
        self._tell(True)

    def find(self, name: str) -> SavedSelection:
        """Return a saved selection by its id or name.

        An `UnknownName` with the nearest one when there is none.
        """
        listed = self.listed()
        for selection in listed:
            if name in (selection.id, selection.name):
                return selection
        raise unknown_name("saved selection", name, [saved.name for saved in listed])

    def has(self, name: str) -> bool:
        """Say whether something is saved under an id."""
        return any(saved.id == name for saved in self.listed())

    def __getitem__(self, name: str) -> Selection:
        """Return the rows saved under a name or id."""
        return self.rows(self.find(name).id)

    def rows(self, name: str, called: str = "") -> Selection:
        """Return the rows saved under an id.

        Raises
        ------
        SelectionError
            In words, when they are not known here, or the file is damaged.
        """
        result = self._opened().get(name)
        if result is None:
            shown_name = f"the saved selection {called!r}" if called else "a saved selection"
            raise SelectionError(
                f"{shown_name} is not known here: it was removed, or saved in the data folder of "
                "another server"
            )
        seen = {**self._labels.seen_through(result.seen), **result.seen}
        definition = {"saved": result.id, "name": result.name}
        mask = self._opened().mask(result)
        return Selection(
            mask, self._columns.source.fingerprint, definition, self._columns.source, seen
        )

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call this after each change, from any thread, with whether something was removed.

        Returns a way to end it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _opened(self) -> SelectionStore:
        if self._store is None:
            rows = base_source(self._columns.lasting_source)
            self._store = SelectionStore(rows.fingerprint, rows.num_rows)
        return self._store

    def _tell(self, removed: bool) -> None:
        for listener in tuple(self._listeners):
            listener(removed)


def saved_ids(definition: Any) -> list[str]:
    """Return the ids of all saved selections in a definition of rows."""
    match definition:
        case {"saved": str(name)}:
            return [name]
        case {"not": inner}:
            return saved_ids(inner)
        case {"and": list(parts)} | {"or": list(parts)}:
            return [name for part in parts for name in saved_ids(part)]
    return []
