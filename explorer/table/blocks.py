"""Blocks: a column's cells as numbers, some at a time, so that no copy of a long column is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.sources.columns import column_as_numbers
from explorer.sources.text_numbers import parse_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from explorer.features.kind import Feature

__all__ = ["ColumnBlocks", "numbers_in"]

_ROWS = (
    131_072  # a megabyte of numbers: they stay in the processor's cache while they are worked on
)


@dataclass(frozen=True, eq=False)
class ColumnBlocks:
    """A column that can be gone through again and again.

    Parameters
    ----------
    feature : Feature
    cells : pa.ChunkedArray
    """

    feature: Feature
    cells: pa.ChunkedArray

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        for chunk in self.cells.chunks:
            for start in range(0, len(chunk), _ROWS):
                yield numbers_in(self.feature, pa.chunked_array([chunk.slice(start, _ROWS)]))


def numbers_in(feature: Feature, cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return cells of a feature as numbers.

    NaN where they are missing, a sentinel, or text that is no number.
    """
    cells = without_sentinels(cells, feature.sentinels)
    if NUMBERS_AS_TEXT in feature.notes:
        cells = pa.chunked_array([parse_numbers(cells)])
    return column_as_numbers(cells, feature.name)
