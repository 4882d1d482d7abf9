"""Row labels: the label columns of one table, changed by several people and kept."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from explorer.core.atomic_write import atomic_path
from explorer.core.csv_text import write_csv
from explorer.core.errors import LabelError, unknown_name
from explorer.selection.label_column import LabelColumn, Labelling, checked_name
from explorer.selection.saved_selection import definition_to_keep

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from explorer.selection.selection import Selection

__all__ = ["LabelStore", "RowLabels", "write_labels"]


class LabelStore(Protocol):
    """Where label columns are kept."""

    trouble: list[str]

    def read_all(self) -> list[LabelColumn]:
        """Return every column that can be read."""

    def read(self, name: str) -> LabelColumn | None:
        """Return a column as it is kept now."""

    def change(
        self, name: str, change: Callable[[LabelColumn | None], LabelColumn | None]
    ) -> LabelColumn | None:
        """Change a column as it is kept now, or raise a `LabelError` and keep what was there."""


class RowLabels:
    """The label columns of one table; safe for several threads.

    A change is kept before it is seen: when it cannot be kept, nothing has changed. It is made to
    what is kept at that moment, so that somebody else's labels of the same column stay.

    Parameters
    ----------
    num_rows : int
        Of the table.
    store : LabelStore
    """

    def __init__(self, num_rows: int, store: LabelStore) -> None:
        self.num_rows = num_rows
        self._store = store
        self._lock = threading.Lock()
        self._columns = {column.name: column for column in store.read_all()}

    @property
    def columns(self) -> dict[str, LabelColumn]:
        """The columns by name, oldest first."""
        return dict(self._columns)

    @property
    def trouble(self) -> list[str]:
        """What could not be read, in sentences."""
        return list(self._store.trouble)

    def label(self, selection: Selection, column: str, level: str, author: str = "") -> LabelColumn:
        """Give the rows of a selection a level of a column, new ones where there are none.

        Raises
        ------
        LabelError
            An empty selection, one of a table of another length, a name that is none, or what
            cannot be kept.
        """
        column = checked_name(column, "label column")
        if column == "row":
            raise LabelError(
                "a label column cannot be called 'row', which is the row's number: choose another "
                "name"
            )
        if selection.num_rows != self.num_rows:
            raise LabelError(
                f"the selection is of {selection.num_rows:,} rows, the table has "
                f"{self.num_rows:,}: select in this table"
            )
        if not selection.count():
            raise LabelError("no row is selected: select the rows that are to be labelled")
        author = checked_name(author, "author") if author else ""
        labelling = Labelling(
            author, time.time(), definition_to_keep(selection), selection.count(), selection.seen
        )

        def labelled(present: LabelColumn | None) -> LabelColumn:
            return (present or LabelColumn(column, self.num_rows)).labelled(
                selection.mask, level, labelling
            )

        changed = self._change(column, labelled)
        assert changed is not None  # a selection has rows, so that the column has a level
        return changed

    def rename(self, column: str, level: str, name: str) -> LabelColumn:
        """Give a level another name; an `UnknownName` when there is no such level."""
        changed = self._change(
            column, lambda present: self._known(column, present).renamed(level, name)
        )
        assert changed is not None  # it has the level
        return changed

    def clear(self, column: str, level: str | None = None) -> LabelColumn | None:
        """Take a level away, or the whole column.

        Return what is left, None when that is nothing.
        """

        def cleared(present: LabelColumn | None) -> LabelColumn | None:
            current = self._known(column, present)
            return None if level is None else current.cleared(level)

        return self._change(column, cleared)

    def table(self) -> pa.Table:
        """Return the labelled rows: ``row``, then a column of text for each label column.

        It is null where a label says nothing.
        """
        cells = {name: column.cells() for name, column in self._columns.items()}
        labelled = np.zeros(self.num_rows, bool)
        for column in cells.values():
            labelled |= column.is_valid().to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(labelled)
        texts = {
            name: column.take(pa.array(rows)).dictionary_decode() for name, column in cells.items()
        }
        return pa.table({"row": pa.array(rows, pa.int64()), **texts})

    def export(self, path: str | os.PathLike[str], safe: bool = True) -> None:
        """Write `table` as Parquet or CSV, as the name of the file says; whole or not at all.

        Parameters
        ----------
        path : path
        safe : bool
            Whether text in CSV that a spreadsheet would run as a formula gets an apostrophe before
            it.

        Raises
        ------
        LabelError
            Another kind of file, or one that cannot be written.
        """
        target = Path(path)
        try:
            with atomic_path(target) as draft:
                write_labels(self.table(), draft, target.suffix, safe)
        except OSError as error:
            raise LabelError(
                f"the labels cannot be written to {str(target)!r}: {error.strerror or error}"
            ) from error

    def _known(self, name: str, present: LabelColumn | None) -> LabelColumn:
        if name not in self._columns and present is None:
            raise unknown_name("label column", name, self._columns)
        return present or LabelColumn(name, self.num_rows)

    def _change(
        self, name: str, change: Callable[[LabelColumn | None], LabelColumn | None]
    ) -> LabelColumn | None:
        with self._lock:
            changed = self._store.change(name, change)
            if changed is None:
                self._columns.pop(name, None)
            else:
                self._columns[name] = changed
            return changed


def write_labels(table: pa.Table, where: Any, suffix: str, safe: bool = True) -> None:
    """Write labelled rows to a path or a buffer, as ".parquet" or ".csv".

    ``safe`` as in `explorer.core.csv_text.CsvWriter`.
    """
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, where, compression="zstd")
    elif suffix == ".csv":
        write_csv(table, where, safe)
    else:
        raise LabelError(
            f"labels are written as .parquet or .csv, not {suffix or 'without an ending'!r}"
        )
