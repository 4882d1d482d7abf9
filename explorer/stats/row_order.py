"""Rows in the order of the cells of a column, of any type; stable, missing ones last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import TableError
from explorer.sources.columns import column_as_numbers
from explorer.stats.radix import key_order, number_keys, text_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["can_order", "cell_order"]

_LONGEST = 64  # bytes of a text that is ordered eight at a time; longer ones are compared
_MOST = np.iinfo(np.uint32).max


def can_order(kind: pa.DataType) -> bool:
    """Say whether cells of this type have an order: numbers, booleans, times and texts have one."""
    if pa.types.is_dictionary(kind):
        return can_order(kind.value_type)
    return not (pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_interval(kind))


def cell_order(cells: pa.ChunkedArray, descending: bool = False) -> tuple[NDArray[np.uint32], int]:
    """Return the positions of cells in order, and how many are missing: these are last.

    The order is exact and stable. Numbers, times and booleans go by value, texts by the code points
    of their characters ("Z" before "a").

    Parameters
    ----------
    cells : pa.ChunkedArray of length n
        Null and NaN are missing.
    descending : bool
        Largest first; equal cells still as they come.

    Raises
    ------
    TableError
        When the cells have no order, as lists, or are more than 2³² − 1.
    """
    if not can_order(cells.type) or len(cells) > _MOST:
        raise TableError(
            f"cells of type {cells.type} cannot be sorted: "
            "choose a column of numbers, times or texts"
        )
    if pa.types.is_dictionary(cells.type):
        return _by_dictionary(cells, descending)
    if _is_text(cells.type):
        return _by_text(cells, descending)
    keys, missing = _keys(cells)
    return _ordered(keys, missing, descending)


def _ordered(
    keys: NDArray[np.uint64], missing: NDArray[np.bool_], descending: bool
) -> tuple[NDArray[np.uint32], int]:
    n_missing = int(np.count_nonzero(missing))
    if descending:
        np.invert(keys, out=keys)
    if not n_missing:
        return key_order(keys), 0
    present = np.flatnonzero(~missing).astype(np.uint32)
    ordered = present[key_order(keys[present])]
    return np.concatenate([ordered, np.flatnonzero(missing).astype(np.uint32)]), n_missing


def _keys(cells: pa.ChunkedArray) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return unsigned keys of numbers, times or booleans, and which are missing."""
    kind = cells.type
    if pa.types.is_int64(kind) or pa.types.is_uint64(kind) or pa.types.is_timestamp(kind):
        # beyond 2⁵³ a float would call different numbers equal
        missing = cells.is_null().to_numpy()
        whole = cells if pa.types.is_integer(kind) else cells.cast(pa.int64())
        bits = pc.fill_null(whole, 0).to_numpy().view(np.uint64)
        return bits.copy() if pa.types.is_uint64(kind) else bits ^ np.uint64(1 << 63), missing
    numbers = column_as_numbers(cells, "the column")
    return number_keys(numbers), np.isnan(numbers)


def _by_dictionary(cells: pa.ChunkedArray, descending: bool) -> tuple[NDArray[np.uint32], int]:
    """Order by the place of each cell's level among the levels."""
    unified = cells.unify_dictionaries()
    levels = (
        unified.chunk(0).dictionary if unified.num_chunks else pa.array([], cells.type.value_type)
    )
    order, n_missing = cell_order(pa.chunked_array([levels]))
    ranks = np.empty(len(levels) + 1, np.uint64)
    ranks[order] = np.arange(len(levels), dtype=np.uint64)
    # equal levels, should a dictionary have them, share a rank; a level that is missing is none
    if n_missing:
        ranks[order[-n_missing:]] = len(levels)
    ranks[-1] = len(levels)
    codes = [
        chunk.indices.fill_null(len(levels)).to_numpy(zero_copy_only=False)
        for chunk in unified.chunks
    ]
    keys = ranks[np.concatenate(codes).astype(np.int64)] if codes else np.empty(0, np.uint64)
    return _ordered(keys, keys == len(levels), descending)


def _by_text(cells: pa.ChunkedArray, descending: bool) -> tuple[NDArray[np.uint32], int]:
    missing = cells.is_null().to_numpy()
    n_missing = int(np.count_nonzero(missing))
    binary = cells.cast(pa.large_binary())
    longest = pc.max(pc.binary_length(binary)).as_py() or 0
    if longest > _LONGEST:
        # stable, and with missing ones at the end both ways
        places = pc.sort_indices(
            binary, sort_keys=[("", "descending" if descending else "ascending")]
        )
        return places.to_numpy().astype(np.uint32), n_missing
    starts, data = _texts(binary)
    # the length last of all: zeros behind the end of a text stand for nothing
    order = key_order(_turned(np.diff(starts).astype(np.uint64), descending))
    for word in reversed(range(-(-longest // 8))):
        order = key_order(_turned(text_keys(starts, data, word), descending), order)
    if not n_missing:
        return order, 0
    missing_in_order = missing[order]
    return np.concatenate([order[~missing_in_order], np.sort(order[missing_in_order])]), n_missing


def _turned(keys: NDArray[np.uint64], descending: bool) -> NDArray[np.uint64]:
    return ~keys if descending else keys


def _texts(cells: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return where each text starts, and all their bytes; nothing for a missing one."""
    filled = pc.fill_null(cells, b"").combine_chunks()
    array = filled if isinstance(filled, pa.Array) else pa.concat_arrays(filled.chunks)
    _, offsets, data = array.buffers()
    starts = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return starts, np.frombuffer(data or b"", np.uint8)


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )
