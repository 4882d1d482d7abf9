"""Counting one column of a feature by its kind: numbers, levels, or only what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.features.kind import Feature, countable, is_text
from explorer.profile.counting.counts import NumberCounts, count_numbers
from explorer.profile.counting.level_counts import LevelCounts, count_levels
from explorer.sources.text_numbers import parse_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cells_of", "count_column", "numeric_sentinels"]

_NUMBERS = ("numeric", "boolean", "temporal")


def cells_of(feature: Feature, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the cells to count: numbers where text is declared numeric, else the column."""
    if feature.kind not in _NUMBERS or not is_text(column.type):
        return column
    return pa.chunked_array([parse_numbers(chunk) for chunk in column.chunks], pa.float64())


def count_column(
    feature: Feature, cells: pa.ChunkedArray, *, mergeable: bool = True
) -> NumberCounts | LevelCounts | NDArray[np.int64]:
    """Count one block of one feature: the pure function whose results are merged.

    Parameters
    ----------
    feature : Feature
    cells : pyarrow.ChunkedArray
        As `cells_of` returns them.
    mergeable : bool
        Whether more blocks of the column follow.

    Returns
    -------
    counts : NumberCounts, LevelCounts, or ndarray of shape (2,), int64
        The last holds rows and missing cells, of a vector or what is not profiled.
    """
    if feature.kind in _NUMBERS:
        return count_numbers(cells, feature.name, numeric_sentinels(feature), mergeable=mergeable)
    if not countable(feature):
        return np.array([len(cells), cells.null_count])
    return count_levels(cells, feature.sentinels)


def numeric_sentinels(feature: Feature) -> tuple[float, ...]:
    """Return the sentinels of the catalogue that are numbers."""
    return tuple(float(value) for value in feature.sentinels if not isinstance(value, str))
