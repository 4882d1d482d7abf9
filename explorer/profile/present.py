"""Present cells of a column: finite and no sentinel, as stored, and the count of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pyarrow as pa

from explorer.sources.columns import column_as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PresentCells", "StoredUnit", "present_cells"]

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True)
class StoredUnit:
    """What a stored 1 is: ``seconds / per_second`` of a second for times, 1 for numbers."""

    seconds: int = 1
    per_second: int = 1

    @property
    def factor(self) -> float:
        """A stored 1 in units of the page."""
        return self.seconds / self.per_second

    def values(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        """Return stored values in units of the page, of the same shape."""
        values = stored.astype(np.float64)
        if self.seconds != 1:
            values *= self.seconds
        # dividing, since 1e-6 has no exact float and whole seconds must stay whole
        return values / self.per_second if self.per_second != 1 else values

    def stored(self, value: float, dtype: np.dtype[Any]) -> Any:
        """Return how a column would store a value; NaN when it cannot."""
        amount = value * self.per_second / self.seconds
        if dtype.kind == "f":
            with np.errstate(over="ignore"):
                return dtype.type(amount)
        limits = np.iinfo(dtype)
        return int(amount) if amount.is_integer() and limits.min <= amount <= limits.max else np.nan


@dataclass(eq=False)
class PresentCells:
    """Present cells.

    Parameters
    ----------
    rows : int
    dtype : numpy.dtype
        Of the cells: float or integer.
    sentinels : tuple of float
    unit : StoredUnit
        Of the cells.
    arrays : list of ndarray
        The cells, without empty arrays; views of the column where nothing had to be left out.
    sentinel_counts : ndarray, int64
        How often each sentinel came.
    infinite : ndarray of shape (2,), int64
        Cells at −∞ and ∞.
    """

    rows: int
    dtype: np.dtype[Any]
    sentinels: tuple[float, ...] = ()
    unit: StoredUnit = field(default_factory=StoredUnit)
    arrays: list[NDArray[Any]] = field(default_factory=list)
    sentinel_counts: NDArray[np.int64] = field(init=False)
    infinite: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, dtype=np.int64))

    def __post_init__(self) -> None:
        self.sentinel_counts = np.zeros(len(self.sentinels), dtype=np.int64)

    @property
    def n(self) -> int:
        """How many present cells there are."""
        return sum(array.size for array in self.arrays)

    @property
    def missing(self) -> int:
        """How many cells are null, NaN or a sentinel."""
        return self.rows - self.n - int(self.infinite.sum())


def present_cells(
    column: pa.ChunkedArray, name: str, sentinels: Sequence[float | str] = ()
) -> PresentCells:
    """Take the present cells of a column of numbers, booleans or times.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
    name : str
        For the error.
    sentinels : sequence of float or str
        Compared in the type of the column, times in seconds; texts are passed over.

    Raises
    ------
    TableError
        When the column does not hold numbers.
    """
    numeric_sentinels = tuple(float(value) for value in sentinels if not isinstance(value, str))
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    elif pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_integer(column.type) or pa.types.is_temporal(column.type):
        return _integers(column, numeric_sentinels)
    if not pa.types.is_floating(column.type):
        column = pa.chunked_array([pa.array(column_as_numbers(column, name))])
    return _floats(column, numeric_sentinels)


def _floats(column: pa.ChunkedArray, sentinels: tuple[float, ...]) -> PresentCells:
    cells = PresentCells(len(column), np.dtype(column.type.to_pandas_dtype()), sentinels)
    stored = np.array(
        [cells.unit.stored(value, cells.dtype) for value in sentinels], dtype=cells.dtype
    )
    for chunk in column.chunks:
        if chunk.null_count == len(chunk):
            continue
        validity, data = chunk.buffers()
        values = np.frombuffer(data, cells.dtype, len(chunk), chunk.offset * cells.dtype.itemsize)
        if chunk.null_count or _is_mixed(values, stored):
            valid = np.frombuffer(validity if chunk.null_count else b"", np.uint8)
            out = np.empty(len(chunk) - chunk.null_count, dtype=cells.dtype)
            size = _compact(
                values, valid, chunk.offset, stored, cells.sentinel_counts, cells.infinite, out
            )
            values = out[:size]
        if values.size:
            cells.arrays.append(values)
    return cells


def _integers(column: pa.ChunkedArray, sentinels: tuple[float, ...]) -> PresentCells:
    """Take integers and times as stored: half the bytes to sort, exact beyond 2⁵³."""
    kind, unit = _storage(column.type)
    cells = PresentCells(len(column), np.dtype(kind.to_pandas_dtype()), sentinels, unit)
    stored = [unit.stored(value, cells.dtype) for value in sentinels]
    for chunk in column.chunks:
        whole = chunk.drop_null() if chunk.null_count else chunk
        values = whole.view(kind).to_numpy()
        for place, value in enumerate(stored):
            same = values == value
            matches = int(np.count_nonzero(same))
            cells.sentinel_counts[place] += matches
            values = values[~same] if matches else values
        if values.size:
            cells.arrays.append(values)
    return cells


def _storage(kind: pa.DataType) -> tuple[pa.DataType, StoredUnit]:
    if pa.types.is_integer(kind):
        return kind, StoredUnit()
    stored = pa.int32() if kind.bit_width == 32 else pa.int64()
    if pa.types.is_date(kind):
        return stored, StoredUnit(seconds=86_400) if kind.bit_width == 32 else StoredUnit(
            per_second=1_000
        )
    return stored, StoredUnit(per_second=_PER_SECOND[kind.unit])


@numba.njit(nogil=True, cache=True)
def _is_mixed(cells: NDArray[Any], sentinels: NDArray[Any]) -> bool:
    """Tell whether there is NaN, infinity or a sentinel; a full count, which vectorises."""
    count = 0
    for i in range(cells.size):
        count += not abs(cells[i]) < np.inf
    for sentinel in sentinels:
        for i in range(cells.size):
            count += cells[i] == sentinel
    return count > 0


@numba.njit(nogil=True, cache=True)
def _compact(
    cells: NDArray[Any],
    valid: NDArray[np.uint8],
    offset: int,
    sentinels: NDArray[Any],
    sentinel_counts: NDArray[np.int64],
    infinite: NDArray[np.int64],
    out: NDArray[Any],
) -> int:
    """Copy present cells and count the others; ``valid`` is Arrow's bitmap, empty for no nulls."""
    size = 0
    for i in range(cells.size):
        x = cells[i]
        if valid.size:
            bit = offset + i
            if not (valid[bit >> 3] >> (bit & 7)) & 1:
                continue
        if not abs(x) < np.inf:
            if not np.isnan(x):
                infinite[1 if x > 0 else 0] += 1
            continue
        place = -1
        for j in range(sentinels.size):
            if x == sentinels[j]:
                place = j
        if place >= 0:
            sentinel_counts[place] += 1
        else:
            out[size] = x
            size += 1
    return size
