"""Tally: the different values of a column of numbers and how often each occurs.

Everything that a strip shows (extent, quantiles, moments, histogram) follows from it exactly, and it costs one
sort, or one pass for integers of a small range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.table.columns import as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Tally", "tally"]

_COUNTABLE = 2**62  # unsigned 64-bit cells above it are sorted instead
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, eq=False)
class Tally:
    """Different finite values, ascending, with their counts.

    Parameters
    ----------
    values : ndarray of shape (distinct,), float64
        Ascending. Distinct integers beyond 2⁵³ may appear as equal floats.
    counts : ndarray of shape (distinct,), int64
    missing, infinite : int
        Cells that are null, NaN or a sentinel; cells that are infinite. In neither ``values`` nor ``counts``.
    """

    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    missing: int
    infinite: int

    @cached_property
    def cumulative(self) -> NDArray[np.int64]:
        """How many cells are at or below each value, shape (distinct,), int64."""
        return np.cumsum(self.counts)

    @property
    def n(self) -> int:
        """How many finite cells there are."""
        return int(self.cumulative[-1]) if self.values.size else 0

    def quantile(self, share: float) -> float:
        """Return a quantile with linear interpolation between order statistics, as ``numpy.quantile``."""
        position = share * (self.n - 1)
        low, high = int(np.floor(position)), int(np.ceil(position))
        at = self.values[np.searchsorted(self.cumulative, [low, high], side="right")]
        return float(at[0] + (at[1] - at[0]) * (position - low)) if at[0] != at[1] else float(at[0])

    def below(self, edges: NDArray[np.float64], *, inclusive: bool = False) -> NDArray[np.int64]:
        """Count the cells below each edge, or at and below it."""
        place = np.searchsorted(self.values, edges, side="right" if inclusive else "left")
        return np.concatenate([[0], self.cumulative])[place]

    def without(self, sentinels: Sequence[float | str]) -> Tally:
        """Count the cells that hold a sentinel as missing."""
        told = [float(value) for value in sentinels if not isinstance(value, str)]
        out = np.isin(self.values, told)
        if not out.any():
            return self
        missing = self.missing + int(self.counts[out].sum())
        return replace(self, values=self.values[~out], counts=self.counts[~out], missing=missing)


def tally(column: pa.ChunkedArray, name: str) -> Tally:
    """Count the values of a column of numbers, booleans or times (in seconds).

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
    name : str
        For the error.
    """
    # Integers and times are counted as they are stored: half the bytes to sort, and distinct beyond 2⁵³ too.
    whole = pa.types.is_integer(column.type) or pa.types.is_temporal(column.type)
    infinite = 0
    if whole:
        cells = _integers(column)
    else:
        cells = as_numbers(column, name)
        finite = np.isfinite(cells)
        if not finite.all():
            infinite = int(np.isinf(cells).sum())
            cells = cells[finite]
    values, counts = _count_small(cells) if whole and _is_small(cells) else _count_sorted(cells)
    return Tally(
        values=_in_seconds(values.astype(np.float64), column.type),
        counts=counts,
        missing=len(column) - cells.size - infinite,
        infinite=infinite,
    )


def _integers(column: pa.ChunkedArray) -> NDArray[Any]:
    present = column.drop_null() if column.null_count else column
    chunks = [_stored_integers(chunk).to_numpy() for chunk in present.chunks]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=np.int64)


def _stored_integers(chunk: pa.Array) -> pa.Array:
    if not pa.types.is_temporal(chunk.type):
        return chunk
    return chunk.view(pa.int32() if chunk.type.bit_width == 32 else pa.int64())


def _in_seconds(stored: NDArray[np.float64], type_: pa.DataType) -> NDArray[np.float64]:
    if pa.types.is_date32(type_):
        return stored * 86_400
    if pa.types.is_date64(type_):
        return stored / _PER_SECOND["ms"]
    # dividing, since 1e-6 has no exact float and whole seconds must stay whole
    return stored / _PER_SECOND[type_.unit] if pa.types.is_temporal(type_) else stored


def _is_small(cells: NDArray[Any]) -> bool:
    """Tell whether counters for the whole range cost less than sorting the cells."""
    if cells.size == 0 or int(cells.max()) > _COUNTABLE:
        return False
    return int(cells.max()) - int(cells.min()) <= max(cells.size, 65_536)


def _count_small(cells: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    low = int(cells.min())
    every = np.bincount(cells.astype(np.int64) - low)
    kept = np.flatnonzero(every)
    return kept + low, every[kept]


def _count_sorted(cells: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    ordered = np.sort(cells)
    starts = (
        np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        if ordered.size
        else np.empty(0, int)
    )
    return ordered[starts], np.diff(np.append(starts, ordered.size))
