"""Selection: a set of rows of one table, and how it was made."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import TableError, unknown_name
from explorer.core.gettext import gettext_noop
from explorer.expressions.expression import parse_expression
from explorer.expressions.sentinels import without_sentinels
from explorer.selection.row_files import read_rows, row_schema, write_rows

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["COLOURED", "DREW", "UNKNOWN", "Selection", "selection_of", "where"]

DREW, COLOURED = gettext_noop("drew this map"), gettext_noop("coloured the map")
"""How features took part in making a selection on a map, in `Selection.seen`."""

UNKNOWN = "*"
"""Stands in `Selection.seen` for columns that nobody can name: any may have had a part in it."""

_MADE = gettext_noop("made the group")
_BATCH_ROWS = 131_072
_LISTED_ROWS = 10_000  # beyond, the definition of a selection made of rows says only how many


class Selection:
    """A set of rows of a table; immutable.

    Combine selections of the same table with ``&``, ``|`` and ``~`` (the complement in the table).

    Parameters
    ----------
    mask : array of shape (n,), bool
        Which of the table's n rows are in; copied.
    fingerprint : str
        Of the table.
    definition : dict
        How it was made, as JSON: ``{"expression": text}``, ``{"rows": [...]}``, a box or lasso as
        the map says it, ``{"and": [...]}``, ``{"or": [...]}``, ``{"not": ...}``.
    source : ArrowSource, optional
        The table, needed by `to_parquet`.
    seen : mapping of str to str, optional
        Columns that had a part in it, and which: where rows chosen by a column, or on a map of it,
        differ in that column, this is no finding.
    """

    def __init__(
        self,
        mask: ArrayLike,
        fingerprint: str,
        definition: Mapping[str, Any],
        source: ArrowSource | None = None,
        seen: Mapping[str, str] | None = None,
    ) -> None:
        own = np.array(mask, copy=True)
        if own.dtype != np.bool_ or own.ndim != 1:
            raise TableError(
                f"mask: expected one boolean for each row of the table, got {own.dtype} of shape "
                f"{own.shape}"
            )
        own.flags.writeable = False
        self._mask: NDArray[np.bool_] = own
        self._fingerprint = fingerprint
        self._definition = json.dumps(definition)
        self._source = source
        self._seen = dict(seen or {})

    @classmethod
    def of_rows(cls, rows: ArrayLike, num_rows: int, fingerprint: str) -> Selection:
        """Make a selection of row numbers.

        Parameters
        ----------
        rows : array of shape (k,), integer
            Positions in [0, num_rows), in any order; a row given twice counts once.
        num_rows : int
            Rows of the table.
        fingerprint : str
            Of the table.
        """
        positions = np.asarray(rows)
        if positions.size == 0:
            positions = positions.astype(np.int64)
        if positions.ndim != 1 or positions.dtype.kind not in "iu":
            raise TableError(
                f"rows: expected row numbers, got {positions.dtype} of shape {positions.shape}"
            )
        if positions.size and not 0 <= positions.min() <= positions.max() < num_rows:
            raise TableError(
                f"rows: expected row numbers from 0 to {num_rows - 1}, got {positions.min()} to "
                f"{positions.max()}"
            )
        mask = np.zeros(num_rows, dtype=np.bool_)
        mask[positions] = True
        result = np.flatnonzero(mask)
        listed = result.tolist() if len(result) <= _LISTED_ROWS else None
        return cls(
            mask,
            fingerprint,
            {"rows": listed} if listed is not None else {"row_count": len(result)},
        )

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which rows of the table are in: of shape (n,), bool, read-only."""
        return self._mask

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the table whose rows these are."""
        return self._fingerprint

    @property
    def definition(self) -> dict[str, Any]:
        """How the selection was made, as JSON (a copy)."""
        document: dict[str, Any] = json.loads(self._definition)
        return document

    @property
    def seen(self) -> dict[str, str]:
        """Columns that had a part in it, and which (a copy)."""
        return dict(self._seen)

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return len(self._mask)

    @cached_property
    def _count(self) -> int:
        return int(np.count_nonzero(self._mask))

    def count(self) -> int:
        """Return how many rows are in."""
        return self._count

    def rows(self) -> NDArray[np.int64]:
        """Return the rows that are in: of shape (count,), int64, ascending."""
        return np.flatnonzero(self._mask).astype(np.int64, copy=False)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write the rows that are in, with all columns, in table order and constant memory.

        The file appears whole or not at all.

        Raises
        ------
        TableError
            When the selection does not know its table, or the file cannot be written.
        """
        write_rows(self._table(), self._mask, path, numbered=False)

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows that are in: ``row``, their number in the table, then their columns.

        Parameters
        ----------
        columns : sequence of str, optional
            In the order wanted; default: all.

        Raises
        ------
        UnknownName
            A column that does not exist, with the nearest one.
        TableError
            When the selection does not know its table.
        """
        source = self._table()
        self._known(source, columns)
        batches = read_rows(source, self._mask, columns)
        return pa.Table.from_batches(batches, row_schema(source, columns)).unify_dictionaries()

    def save(
        self, path: str | os.PathLike[str], columns: Sequence[str] | None = None, safe: bool = True
    ) -> None:
        """Write the same as `to_arrow` returns, as .parquet or .csv, in constant memory.

        Whole or not at all.

        Parameters
        ----------
        path : path
        columns : sequence of str, optional
            Default: all, in CSV without those that hold lists.
        safe : bool
            Whether text in CSV that a spreadsheet would run as a formula gets an apostrophe before
            it: text and column names that begin with =, +, -, @, a tab or a line break, unless they
            are numbers such as "-5". False writes every value exactly.

        Raises
        ------
        UnknownName
            A column that does not exist, with the nearest one.
        TableError
            When the selection does not know its table, the ending is another one, CSV is asked for
            lists, or the file cannot be written.
        """
        source = self._table()
        self._known(source, columns)
        if columns is None and Path(path).suffix == ".csv":
            columns = [field.name for field in source.schema if not pa.types.is_nested(field.type)]
        write_rows(source, self._mask, path, columns, safe=safe)

    def require_same_table(self, other: Selection) -> None:
        """Refuse a selection of another table.

        Raises
        ------
        TableError
            When the tables are not the same.
        """
        if (self._fingerprint, self.num_rows) != (other._fingerprint, other.num_rows):
            raise TableError(
                f"the selections are of different tables ({self.num_rows:,} rows, fingerprint "
                f"{self._fingerprint[:8]}…, "
                f"and {other.num_rows:,} rows, {other._fingerprint[:8]}…): select both in the same "
                "table"
            )

    def __and__(self, other: Selection) -> Selection:
        self.require_same_table(other)
        return self._combined(self._mask & other._mask, "and", other)

    def __or__(self, other: Selection) -> Selection:
        self.require_same_table(other)
        return self._combined(self._mask | other._mask, "or", other)

    def __invert__(self) -> Selection:
        return Selection(
            ~self._mask, self._fingerprint, {"not": self.definition}, self._source, self._seen
        )

    def __len__(self) -> int:
        raise TypeError(
            "len() of a Selection could mean its rows or the table's: use count() or num_rows"
        )

    def __bool__(self) -> bool:
        raise TypeError(
            "a Selection is neither true nor false: use count(), and & | ~ for and, or, not"
        )

    def __repr__(self) -> str:
        return f"<Selection of {self.count():,} of {self.num_rows:,} rows: {self._definition[:80]}>"

    def _table(self) -> ArrowSource:
        if self._source is None:
            raise TableError(
                "the selection does not know its table, so its rows cannot be written: make it "
                "with "
                "explorer.where(table, ...), or on a map that was opened with table="
            )
        return self._source

    @staticmethod
    def _known(source: ArrowSource, columns: Sequence[str] | None) -> None:
        for name in columns or ():
            if name not in source.column_names:
                raise unknown_name("column", name, source.column_names)

    def _combined(self, mask: NDArray[np.bool_], operator: str, other: Selection) -> Selection:
        definition = {operator: [self.definition, other.definition]}
        seen = {**other._seen, **self._seen}
        return Selection(mask, self._fingerprint, definition, self._source or other._source, seen)


def selection_of(source: ArrowSource, rows: Selection | ArrayLike) -> Selection:
    """Return rows of a table as a selection.

    Parameters
    ----------
    source : ArrowSource
        The table.
    rows : Selection or array
        A selection of it, one boolean for each row, or row numbers.

    Raises
    ------
    TableError
        When the selection is of another table, or the array is neither.
    """
    if isinstance(rows, Selection):
        if (rows.fingerprint, rows.num_rows) != (source.fingerprint, source.num_rows):
            raise TableError(
                f"the selected rows are of another table ({rows.num_rows:,} rows, this one has "
                f"{source.num_rows:,}): select them in this table"
            )
        return rows
    if isinstance(rows, str):
        raise TableError(
            f"rows must be a Selection, one boolean for each row, or row numbers, came {rows!r}: "
            "pass an expression as where=..."
        )
    array = np.asarray(rows)
    if array.dtype == np.bool_:
        if array.shape != (source.num_rows,):
            raise TableError(
                f"rows must have one boolean for each of the {source.num_rows:,} rows, got shape "
                f"{array.shape}"
            )
        array = np.flatnonzero(array)
    return Selection.of_rows(array, source.num_rows, source.fingerprint)


def where(
    source: ArrowSource, text: str, sentinels: Mapping[str, tuple[float | str, ...]] | None = None
) -> Selection:
    """Select the rows of a table that meet a condition.

    See `explorer.expressions.expression.parse_expression`.

    Only the columns that the condition names are read; a row of which it is unknown, for a value is
    missing, is out.

    Parameters
    ----------
    source : ArrowSource
    text : str
    sentinels : mapping of str to tuple, optional
        Values that stand for a missing one, by column.

    Raises
    ------
    UnknownName
        When the table has no such column.
    ExpressionError
        When the condition cannot be parsed or evaluated.
    """
    expression = parse_expression(text)
    expression.check(source.schema)
    mask = np.zeros(source.num_rows, dtype=np.bool_)
    if not expression.columns:
        single_row = pa.RecordBatch.from_pydict({"row": [0]})
        mask[:] = expression.mask(single_row)[0]
        return Selection(mask, source.fingerprint, {"expression": text}, source)
    columns = {name: source.column(name) for name in expression.columns}
    seen = dict.fromkeys(expression.columns, _MADE)
    start = 0
    for batch in pa.table(columns).to_batches(max_chunksize=_BATCH_ROWS):
        mask[start : start + batch.num_rows] = expression.mask(
            without_sentinels(batch, sentinels or {})
        )
        start += batch.num_rows
    return Selection(mask, source.fingerprint, {"expression": text}, source, seen)
