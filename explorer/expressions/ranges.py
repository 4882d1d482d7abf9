"""Which numbers lie in a range.

Read where they are, without a copy of the column and without the interpreter lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["in_range", "warm_ranges"]


def in_range(
    cells: pa.ChunkedArray,
    low: float,
    high: float,
    read: Callable[[pa.ChunkedArray], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Return which cells, as float64, lie in [low, high]; a missing one does not.

    Parameters
    ----------
    cells : pa.ChunkedArray of length n
    low, high : float
        Both inclusive.
    read : callable
        From a column to float64, NaN where missing: for cells that are not plain numbers.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    mask = np.empty(len(cells), np.bool_)
    start = 0
    for chunk in cells.chunks:
        plain = (
            pa.types.is_integer(chunk.type) or pa.types.is_floating(chunk.type)
        ) and not chunk.null_count
        plain = plain and not pa.types.is_float16(chunk.type)
        values: Any = (
            chunk.to_numpy(zero_copy_only=True)
            if plain
            else np.ascontiguousarray(read(pa.chunked_array([chunk])))
        )
        _test(values, float(low), float(high), mask[start : start + len(chunk)])
        start += len(chunk)
    return mask


def warm_ranges() -> None:
    """Compile, or load from disk, the kernel for the usual types of numbers."""
    for kind in (pa.float64(), pa.float32(), pa.int64(), pa.int32()):
        in_range(pa.chunked_array([pa.array([1], kind)]), 0.0, 1.0, lambda cells: cells.to_numpy())


@numba.njit(nogil=True, cache=True)
def _test(values: NDArray[Any], low: float, high: float, mask: NDArray[np.bool_]) -> None:
    for i in range(values.size):
        value = np.float64(values[i])
        mask[i] = (value >= low) & (value <= high)
