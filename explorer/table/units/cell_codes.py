"""Cells of a column as codes, ranks and indicators, for correlations within units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.kind import is_text
from explorer.stats.intraclass import dummy_columns
from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "all_whole",
    "code_cells",
    "group_means",
    "less_group_means",
    "numeric_columns",
    "rank_column",
    "share_equal",
]


def code_cells(cells: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Return codes in the order of the values, −1 where missing, and the values."""
    if pa.types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    encoded = (
        cells.unify_dictionaries()
        if pa.types.is_dictionary(cells.type)
        else pc.dictionary_encode(cells)
    ).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            encoded.chunk(0) if encoded.num_chunks else pa.array([], cells.type).dictionary_encode()
        )
    raw = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    used = np.unique(raw[raw >= 0])
    labels = encoded.dictionary.take(pa.array(used))
    place = np.full(len(encoded.dictionary) + 1, -1, np.int64)
    place[used[pc.array_sort_indices(labels).to_numpy()]] = np.arange(len(used))
    return place[raw], labels


def _decoded(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells


def share_equal(a: pa.ChunkedArray, b: pa.ChunkedArray) -> float:
    """Return the share of places in which two columns have the same cell.

    Missing is like missing.
    """
    both = pa.chunked_array([*_decoded(a).chunks, *_decoded(b).chunks], type=_decoded(a).type)
    codes = code_cells(both)[0]
    return float((codes[: len(a)] == codes[len(a) :]).mean())


def all_whole(labels: pa.Array) -> bool:
    """Tell whether all numbers are whole."""
    if pa.types.is_integer(labels.type):
        return True
    values = labels.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return bool((values == np.floor(values)).all())


def numeric_columns(cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return ranks of numbers, or indicators of categories, (n, k), missing as the mean."""
    if is_text(cells.type) or pa.types.is_dictionary(cells.type) or pa.types.is_boolean(cells.type):
        return dummy_columns(code_cells(cells)[0])
    return rank_column(cells.cast(pa.float64(), safe=False).to_numpy().astype(np.float64))


def rank_column(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks as a column, (n, 1), missing as the mean."""
    result = np.full(len(values), np.nan)
    present = ~np.isnan(values)
    result[present] = average_ranks(values[present])
    result[~present] = float(result[present].mean()) if present.any() else 0.0
    return result[:, None]


def less_group_means(values: NDArray[np.float64], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Return columns less their means in each group.

    What is left is alike within a unit beyond its group.
    """
    codes = np.unique(groups, return_inverse=True)[1]
    return values - group_means(values, codes, np.bincount(codes))[codes]


def group_means(
    values: NDArray[np.float64], codes: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean of each column (n, k) in each group of ``sizes`` rows, (groups, k)."""
    return np.stack([np.bincount(codes, weights=column) / sizes for column in values.T], axis=1)
