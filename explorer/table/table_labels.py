"""TableLabels: the row labels of a table as columns of it, while people change them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.core.errors import TableError
from explorer.core.gettext import _
from explorer.selection.label_column import LabelColumn, checked_name
from explorer.selection.label_store import LabelDocuments, any_labels
from explorer.selection.row_labels import RowLabels
from explorer.sources.widened import AddedColumn, WidenedSource, base_source, check_new_name

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from explorer.selection.selection import Selection
    from explorer.sources.source import ArrowSource
    from explorer.table.table_columns import TableColumns

__all__ = ["TableLabels"]

Listener = Callable[[frozenset[str]], None]


class TableLabels:
    """The label columns of a table, which are columns of `table.source` as soon as they are known.

    They belong to the rows: a table that is derived or joined from this one has the same. They are
    known at once where there are any and the table's rows have a name soon, else from the first
    look at `columns`.

    Parameters
    ----------
    columns : TableColumns
    """

    def __init__(self, columns: TableColumns) -> None:
        self._table_columns = columns
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._labels: RowLabels | None = None

    @property
    def loaded(self) -> bool:
        """Whether the labels are known."""
        return self._labels is not None

    def load(self, *, soon: bool = False) -> None:
        """Read the labels of these rows.

        ``soon``: only where there are any, and without reading a large file through.
        """
        if soon and (self._table_columns.source.slow_to_hash or not any_labels()):
            return
        self._opened()

    @property
    def columns(self) -> dict[str, LabelColumn]:
        """The label columns by name, oldest first."""
        return {
            name: column for name, column in self._opened().columns.items() if self._is_free(name)
        }

    @property
    def trouble(self) -> list[str]:
        """What could not be read, in sentences."""
        labels = self._opened()
        taken = [name for name in labels.columns if not self._is_free(name)]
        return labels.trouble + [
            _("the row label {name!r} is ignored: a column has this name").format(name=name)
            for name in taken
        ]

    def label(self, selection: Selection, column: str, level: str, author: str = "") -> None:
        """Give rows a level; see `Table.label`."""
        if selection.fingerprint != self._table_columns.source.fingerprint:
            raise TableError(
                "the selection is of another table: select the rows in this one, then label them"
            )
        column = checked_name(column, "label column")
        check_new_name(self._table_columns.lasting_source, column)
        self._opened().label(selection, column, level, author)
        self._table_columns.cleared -= {column}
        self._changed(column)

    def rename(self, column: str, level: str, name: str) -> None:
        """Give a level another name.

        Raises
        ------
        UnknownName
            There is no such column or level.
        LabelError
            The name is taken or none, or the change cannot be kept.
        """
        self._opened().rename(column, level, name)
        self._changed(column)

    def clear(self, column: str, level: str | None = None) -> None:
        """Take a level away, or with None the whole column: it is listed no more."""
        if self._opened().clear(column, level) is None:
            self._table_columns.cleared |= {column}
        self._changed(column)

    def to_arrow(self) -> pa.Table:
        """Return the labelled rows: ``row``, then a column of text for each label column."""
        return self._opened().table()

    def export(self, path: str | os.PathLike[str], safe: bool = True) -> None:
        """Write `to_arrow` as .parquet or .csv; whole or not at all.

        Parameters
        ----------
        path : path
        safe : bool
            Whether text in CSV that a spreadsheet would run as a formula gets an apostrophe before
            it; False writes every value exactly.
        """
        self._opened().export(path, safe)

    def seen_through(self, columns: Iterable[str]) -> dict[str, str]:
        """Return what had a part in the rows of those of these columns that are labels.

        See `Selection.seen`.
        """
        labelled = self._labels.columns if self._labels is not None else {}
        return {
            name: seen
            for column in columns
            if column in labelled
            for name, seen in labelled[column].seen.items()
        }

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call this with the columns that changed, from any thread.

        Returns a function that ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _opened(self) -> RowLabels:
        with self._lock:
            if self._labels is None:
                rows = base_source(self._table_columns.lasting_source)
                self._labels = RowLabels(
                    rows.num_rows, LabelDocuments(rows.fingerprint, rows.num_rows)
                )
                if result := frozenset(filter(self._is_free, self._labels.columns)):
                    self._table_columns.replace_labels(self._source(), result)
            return self._labels

    def _changed(self, column: str) -> None:
        with self._lock:
            self._table_columns.replace_labels(self._source(), frozenset([column]))
        for listener in tuple(self._listeners):
            listener(frozenset([column]))

    def _source(self) -> ArrowSource:
        """Return the table with its label columns, those that were cleared without a cell."""
        labelled = self._opened().columns
        names = [
            name
            for name in (*labelled, *sorted(self._table_columns.cleared - set(labelled)))
            if self._is_free(name)
        ]
        nothing = LabelColumn("", self._table_columns.num_rows)
        cells = {name: pa.chunked_array([labelled.get(name, nothing).cells()]) for name in names}
        added = [AddedColumn(name, column, "", mutable=True) for name, column in cells.items()]
        return (
            WidenedSource(self._table_columns.lasting_source, added)
            if added
            else self._table_columns.lasting_source
        )

    def _is_free(self, name: str) -> bool:
        return name not in self._table_columns.lasting_source.column_names
