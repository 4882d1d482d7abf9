"""Cells out of the table: columns one after the other, as levels or vectors."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import FeatureError
from explorer.features.kind import is_text
from explorer.sources.columns import column_as_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["columns_of", "levels", "vectors", "without_sentinels"]

# Cells read at once when many columns of a short table are wanted: 64 MB of float64. Opening a file
# with thousands of columns costs tens of milliseconds, so a short table is not read column by
# column.
_CELLS_AT_ONCE = 8_000_000
_LONG_TABLE = 1_000_000  # rows from which a column is worth keeping decoded in the cache


def columns_of(
    source: ArrowSource, names: Sequence[str], sample_rows: int | None = None, seed: int = 0
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Read columns one after the other, holding only a few in memory.

    Parameters
    ----------
    source : ArrowSource
    names : sequence of str
    sample_rows : int, optional
        Read this many random rows, the same for every column, in table order. None reads all rows.
    seed : int
        Of the random rows.

    Yields
    ------
    name : str
    column : pyarrow.ChunkedArray
    """
    rows = source.num_rows if sample_rows is None else sample_rows
    if sample_rows is None and rows > _LONG_TABLE:
        for name in names:
            yield name, source.column(name)
        return
    pending = iter(names)
    while block := list(islice(pending, max(1, _CELLS_AT_ONCE // max(rows, 1)))):
        table = (
            _read(source, block)
            if sample_rows is None
            else source.sample(block, sample_rows, seed)[0]
        )
        for name in block:
            yield name, table.column(name)


def _read(source: ArrowSource, names: list[str]) -> pa.Table:
    batches = list(source.batches(names))
    if not batches:
        return pa.schema([source.schema.field(name) for name in names]).empty_table()
    return pa.Table.from_batches(batches)


def levels(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
    """Return a column as codes into its levels.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
        Text, dictionary, numbers, booleans or times; what is not text is written as Arrow writes
        it.

    Returns
    -------
    codes : ndarray of shape (n,), int64
        Position in ``labels``; −1 is missing (null or NaN).
    labels : list of str
        By falling count, equal counts by name; every level occurs.
    counts : ndarray of shape (len(labels),), int64
    """
    encoded = _encoded(column)
    dictionary: list[str | None] = (
        encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
    )
    codes = np.empty(len(column), dtype=np.int64)
    start = 0
    for chunk in encoded.chunks:
        codes[start : start + len(chunk)] = pc.fill_null(
            chunk.indices.cast(pa.int64()), -1
        ).to_numpy()
        start += len(chunk)
    counts = np.bincount(codes + 1, minlength=len(dictionary) + 1)[1:]
    result = [
        (-int(counts[i]), label, i)
        for i, label in enumerate(dictionary)
        if label is not None and counts[i]
    ]
    order = [i for *_, i in sorted(result)]
    place = np.full(len(dictionary) + 1, -1, dtype=np.int64)  # the last slot serves code −1
    place[order] = np.arange(len(order))
    return place[codes], [str(dictionary[i]) for i in order], counts[order].astype(np.int64)


def _encoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary-encode as text, one dictionary without repeats for all chunks."""
    if pa.types.is_dictionary(column.type) and is_text(column.type):
        unified = column.unify_dictionaries()
        if unified.num_chunks == 0:
            return unified
        dictionary = unified.chunk(0).dictionary
        if len(dictionary.unique()) == len(dictionary):
            return unified
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.cast(pa.large_string()).dictionary_encode()


def without_sentinels(column: pa.ChunkedArray, sentinels: Sequence[float | str]) -> pa.ChunkedArray:
    """Return a column of text, numbers or times whose cells that are a sentinel are null.

    Texts are compared with all sentinels as they are written, other cells with those that are
    numbers (times in seconds since 1970-01-01 UTC).
    """
    if not sentinels:
        return column
    if is_text(column.type):
        column = column.cast(pa.large_string())
        is_sentinel = pc.is_in(
            column, pa.array([str(value) for value in sentinels], pa.large_string())
        )
    else:
        values = np.array(
            [value for value in sentinels if not isinstance(value, str)], dtype=np.float64
        )
        if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
            values = values.astype(column.type.to_pandas_dtype()).astype(
                np.float64
            )  # as such a column stores −999.9
        is_sentinel = pa.array(np.isin(column_as_numbers(column, ""), values))
    return pc.if_else(is_sentinel, None, column)


def vectors(
    column: pa.ChunkedArray, name: str, rows: NDArray[np.int64] | None = None
) -> NDArray[np.floating[Any]]:
    """Return a column of equally long lists of numbers as a matrix.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
        Fixed-size lists, or lists of one length.
    name : str
        For the error.
    rows : ndarray of shape (n,), int64, optional
        Row of the table of each list, for the error; 0, 1, 2 … when left out.

    Returns
    -------
    values : ndarray of shape (n, length), float32 when the lists hold float32 or less, else float64
        A missing list is a row of NaN.

    Raises
    ------
    FeatureError
        A list of another length than the first (its row is named), or no list at all.
    """
    length = _one_length(column, name, rows)
    narrow = pa.types.is_floating(column.type.value_type) and column.type.value_type.bit_width <= 32
    values = np.full((len(column), length), np.nan, dtype=np.float32 if narrow else np.float64)
    start = 0
    for chunk in column.chunks:
        present = chunk.is_valid().to_numpy(zero_copy_only=False)
        # flatten() leaves out the slots of missing lists and respects a slice's offset; .values
        # does neither
        flat = chunk.flatten()
        plain = flat.null_count == 0 and pa.types.is_floating(
            flat.type
        )  # then no float64 copy is made
        cells = flat.to_numpy() if plain else column_as_numbers(pa.chunked_array([flat]), name)
        values[start : start + len(chunk)][present] = cells.reshape(-1, length)
        start += len(chunk)
    return values


def _one_length(column: pa.ChunkedArray, name: str, rows: NDArray[np.int64] | None) -> int:
    if pa.types.is_fixed_size_list(column.type):
        return int(column.type.list_size)
    lengths = column_as_numbers(pc.list_value_length(column), name)
    present = np.flatnonzero(~np.isnan(lengths))
    if present.size == 0:
        raise FeatureError(
            f"feature {name!r} has no list in any of {len(column):,} rows: untick it"
        )
    first = int(lengths[present[0]])
    odd = present[lengths[present] != first]
    if odd.size:
        first_row, other_row = (
            (present[0], odd[0]) if rows is None else (rows[present[0]], rows[odd[0]])
        )
        raise FeatureError(
            f"feature {name!r} must hold lists of one length: row {first_row:,} has {first}, "
            f"row {other_row:,} has {int(lengths[odd[0]])} ({odd.size:,} rows differ); make them "
            "equal or untick it"
        )
    return first
