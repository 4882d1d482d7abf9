"""Join: the columns of another table beside the rows of this one, by a key that both have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.cache import key_of
from explorer.core.errors import TableError, unknown_name
from explorer.core.gettext import _, ngettext
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.cells import without_sentinels
from explorer.sources.columns import take_rows
from explorer.sources.widened import WidenedSource, cached_column
from explorer.table.table_columns import TableColumns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource
    from explorer.sources.widened import AddedColumn

__all__ = ["JoinReport", "join_columns"]

_BATCH_ROWS = 131_072


@dataclass(frozen=True)
class JoinReport:
    """What a join found.

    Attributes
    ----------
    on : str
        The key.
    matched, unmatched : int
        Rows of the table whose key is in the other table, and the others: their new cells are
        missing.
    missing : int
        Of the unmatched, rows without a key.
    duplicated : int
        Different keys that stand in more than one row of the other table; the first of these rows
        was taken.
    unused : int
        Different keys of the other table that no row of this table has.
    """

    on: str
    matched: int
    unmatched: int
    missing: int
    duplicated: int
    unused: int

    @property
    def words(self) -> str:
        """A sentence for who reads the notes of the table."""
        text = (
            _(
                "joined on {column!r}: {matched:,} rows matched, {unmatched:,} did not "
                "({missing:,} of them without a key)"
            )
            if self.missing
            else _("joined on {column!r}: {matched:,} rows matched, {unmatched:,} did not")
        ).format(
            column=self.on, matched=self.matched, unmatched=self.unmatched, missing=self.missing
        )
        if self.duplicated:
            repeated = ngettext(
                "{count:,} key stands in several rows of the other table, of which the first was "
                "taken",
                "{count:,} keys stand in several rows of the other table, of which the first was "
                "taken",
                self.duplicated,
            ).format(count=self.duplicated)
            return f"{text}; {repeated}"
        return text


def join_columns(
    columns: TableColumns, other: TableColumns, on: str
) -> tuple[TableColumns, JoinReport]:
    """Return the columns of a table with another one's beside them, and what matched.

    See `Table.join`.
    """
    names = _names(columns, other, on)
    places, match = _matched(columns, other, on)
    left, right = columns.lasting_source, other.lasting_source
    key = key_of(["joined", 1, left.fingerprint, right.fingerprint, on])
    source = WidenedSource(left, [_column(left, right, name, places, key) for name in names])
    source.notes.append(match.words)
    described = {name: dict(other.catalogue.features.get(name, {})) for name in names}
    catalogue = Catalogue(features={name: entry for name, entry in described.items() if entry})
    return TableColumns(source, columns.catalogue.merged(catalogue), columns.cache), match


def _names(columns: TableColumns, other: TableColumns, on: str) -> list[str]:
    if not isinstance(on, str):
        raise TableError(
            f"on must name one column that both tables have, got {on!r}: derive one key of several"
        )
    for source in (columns.lasting_source, other.lasting_source):
        if on not in source.column_names:
            raise unknown_name("column", on, source.column_names)
    names = [name for name in other.lasting_source.column_names if name != on]
    taken = [name for name in names if name in columns.source.column_names]
    if taken:
        shown = ", ".join(map(repr, taken[:4])) + (
            f" and {len(taken) - 4:,} more" if len(taken) > 4 else ""
        )
        raise TableError(
            f"both tables have {shown}: rename these columns in one of them, or leave them out"
        )
    if not names:
        raise TableError(f"the other table has no column but {on!r}: there is nothing to join")
    return names


def _matched(
    columns: TableColumns, other: TableColumns, on: str
) -> tuple[NDArray[np.int64], JoinReport]:
    """Return for each row the row of the other table with its key, −1 where there is none."""
    left_keys, right_keys = _keys(columns, on), _keys(other, on)
    left_keys = _as(right_keys.type, left_keys, on)
    different = pc.unique(right_keys).drop_null()
    code = (
        pc.index_in(right_keys, value_set=different)
        .fill_null(len(different))
        .to_numpy(zero_copy_only=False)
    )
    firsts = np.full(len(different) + 1, -1, np.int64)
    firsts[code[::-1]] = np.arange(
        len(code) - 1, -1, -1
    )  # the last that is written is the first row
    firsts[-1] = -1
    wanted = (
        pc.index_in(left_keys, value_set=different)
        .fill_null(len(different))
        .to_numpy(zero_copy_only=False)
    )
    places = firsts[wanted]
    times = np.bincount(code, minlength=len(different) + 1)[:-1]
    matched = int(np.count_nonzero(places >= 0))
    used = np.count_nonzero(np.bincount(wanted, minlength=len(different) + 1)[:-1])
    return places, JoinReport(
        on,
        matched,
        len(places) - matched,
        left_keys.null_count,
        int(np.count_nonzero(times > 1)),
        len(different) - int(used),
    )


def _as(kind: pa.DataType, keys: pa.Array, on: str) -> pa.Array:
    """Bring keys to the type of the other table's; text never stands for a number."""
    try:
        if pa.types.is_large_string(kind) == pa.types.is_large_string(keys.type):
            return keys.cast(kind)
    except pa.ArrowException:
        pass  # a whole number next to a fraction, a time next to a number
    raise TableError(
        f"the key {on!r} is {keys.type} in one table and {kind} in the other: bring both to one "
        "type"
    )


def _keys(columns: TableColumns, on: str) -> pa.Array:
    """Return the keys of a table as one array of comparable values.

    NaN and sentinels are missing.
    """
    column = without_sentinels(columns.lasting_source.column(on), columns.features[on].sentinels)
    cells = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    cells = pa.concat_arrays(cells.chunks) if isinstance(cells, pa.ChunkedArray) else cells
    kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
    if pa.types.is_nested(kind):
        raise TableError(f"the key {on!r} holds {kind}: expected text, whole numbers or times")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return cells.cast(pa.large_string())
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return cells.cast(pa.int64())
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(cells), pa.scalar(None, kind), cells)
    return cells.cast(kind)


def _column(
    source: ArrowSource, other: ArrowSource, name: str, places: NDArray[np.int64], key: str
) -> AddedColumn:
    field = other.schema.field(name)
    batches = _batches(other.column(name), field, places)
    return cached_column(source.cache, source.identity(), field, key, batches)


def _batches(
    column: pa.ChunkedArray, field: pa.Field, places: NDArray[np.int64]
) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(places), _BATCH_ROWS):
        right_rows = places[start : start + _BATCH_ROWS]
        matched = right_rows >= 0
        cells = take_rows(column, right_rows[matched])
        # from the matched rows to all of them, null where there is none
        spread = pa.array(np.cumsum(matched) - 1, mask=~matched)
        yield pa.RecordBatch.from_arrays([cells.take(spread)], schema=pa.schema([field]))
