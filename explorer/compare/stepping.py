"""Put a column of numbers into steps: a short one by sorting, a long one through a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.compare.edges import MISSING, Edges, edges_of_sample
from explorer.profile.counting.cell_order import sort_cells
from explorer.profile.counting.quantized_column import QuantizedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["quantize", "quantize_blocks"]

_SAMPLE = 1 << 19  # eight cells a step: its rows are then right within a half
_LONG = 1 << 20  # rows from which sorting costs more than it gives
_GOLDEN = (
    0.6180339887498949  # multiples of the golden ratio fall evenly whatever the period of the data
)


def quantize(values: NDArray[np.float64]) -> QuantizedColumn:
    """Put numbers (n,), NaN where missing, into steps of about as many rows each."""
    ascending = sort_cells(np.ascontiguousarray(values[~np.isnan(values)]))
    different = (
        ascending[np.append(True, ascending[1:] != ascending[:-1])] if len(ascending) else ascending
    )
    if len(different) < MISSING:
        return _coded([values], len(values), Edges(different.copy()))
    infinite = bool(ascending[0] == -np.inf), bool(ascending[-1] == np.inf)
    return _coded([values], len(values), edges_of_sample(ascending, infinite))


def quantize_blocks(blocks: Iterable[NDArray[np.float64]], rows: int) -> QuantizedColumn:
    """Put a column that comes in blocks into steps.

    A long one is not sorted: its edges are drawn through 524,288 of its cells, and what each step
    holds is counted over all.

    Parameters
    ----------
    blocks : iterable of ndarray of float64
        Gone through twice, or three times; NaN where missing.
    rows : int
        Of all blocks.
    """
    if rows >= _LONG:
        sample, infinite = _sampled(blocks, rows)
        different = np.count_nonzero(sample[1:] != sample[:-1]) + 1
        steps = _coded(blocks, rows, edges_of_sample(sample, infinite))
        # a cell that the sample did not have may be one of few values all the same: then they are
        # told apart by sorting
        if steps.exact or different >= MISSING:
            return steps
    return quantize(np.concatenate([*blocks, np.zeros(0)]))


def _sampled(
    blocks: Iterable[NDArray[np.float64]], rows: int
) -> tuple[NDArray[np.float64], tuple[bool, bool]]:
    """Return cells from all over the blocks in ascending order, and whether any is −∞, and ∞."""
    drawn, low, high = [], False, False
    for block in blocks:
        size = -(-_SAMPLE * len(block) // rows)
        cells = block[(np.arange(1, size + 1) * _GOLDEN % 1.0 * len(block)).astype(np.int64)]
        drawn.append(cells[~np.isnan(cells)])
        if np.isinf(block).any():
            low, high = low or bool((block == -np.inf).any()), high or bool((block == np.inf).any())
    sample = np.concatenate([*drawn, np.zeros(0)])
    return sort_cells(sample).copy() if len(sample) else sample, (low, high)


def _coded(blocks: Iterable[NDArray[np.float64]], rows: int, edges: Edges) -> QuantizedColumn:
    k = len(edges.values)
    codes = np.empty(rows, dtype=np.uint16)
    counts, sums = np.zeros(max(k, 1), dtype=np.int64), np.zeros(max(k, 1))
    start, exact = 0, True
    for block in blocks:
        part = codes[start : start + len(block)]
        if k:
            exact &= edges.encode(block, part, counts, sums)
        else:
            part[:], exact = MISSING, exact and bool(np.isnan(block).all())
        start += len(block)
    if exact:
        return QuantizedColumn(codes, edges.values, counts[:k], True)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(counts > 0, sums / counts, edges.values)
    return QuantizedColumn(codes, means, counts, False)
