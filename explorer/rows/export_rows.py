"""The listed rows as a file: the selected ones, else all that are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import TableError
from explorer.core.gettext import ngettext
from explorer.features.kind import countable
from explorer.rows.row_table import listed_rows
from explorer.selection.row_files import FORMS, ROW, write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["RowFile", "row_file", "saved_columns"]


@dataclass(frozen=True, eq=False)
class RowFile:
    """A file that is to be written: what it is called, and of which rows and columns."""

    table: Table
    mask: NDArray[np.bool_]
    columns: list[str]
    name: str

    @property
    def count(self) -> int:
        """Rows."""
        return int(np.count_nonzero(self.mask))

    @property
    def words(self) -> str:
        """How large it is."""
        return ngettext(
            "{count:,} row × {columns:,} columns",
            "{count:,} rows × {columns:,} columns",
            self.count,
        ).format(count=self.count, columns=len({*self.columns, ROW}))

    def write(self, path: Path) -> None:
        """Write it, whole or not at all; see `explorer.selection.row_files.write_rows`."""
        write_rows(self.table.source, self.mask, path, self.columns)


def row_file(table: Table, rows: RowSelection, form: str) -> RowFile:
    """Return the listed rows of this moment as a file.

    It is "csv" or "parquet", with ``row`` and all columns but vectors.

    Raises
    ------
    TableError
        When no row is listed, or the form is another one.
    """
    if f".{form}" not in FORMS:
        raise TableError(f"rows are written as csv or parquet, not {form!r}")
    chosen = listed_rows(rows)
    mask = np.ones(table.num_rows, np.bool_) if chosen is None else chosen.mask
    count = int(np.count_nonzero(mask))
    if not count:
        raise TableError("there is no row to save: select some, or let the filters show some")
    kind = "selected" if rows.selection() is not None else "shown" if chosen is not None else "all"
    name = f"{table.source.name}-{kind}-{count}-rows.{form}"
    return RowFile(table, mask, saved_columns(table), name)


def saved_columns(table: Table) -> list[str]:
    """Return the columns that are saved: all that have one value a row."""
    return [name for name in table.column_names if countable(table.features[name])]
