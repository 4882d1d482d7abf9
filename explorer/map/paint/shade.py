"""From numbers per pixel to levels on a colour scale.

A *level* is what a pixel shows, one byte: 0 nothing, 1 rows without a colour (context, value
missing), 2 to 255 the places of a palette. Another palette needs no other levels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
from numpy.typing import NDArray

from explorer.core.errors import EmbeddingError
from explorer.map.raster import pool
from explorer.map.raster.value_ranks import at_ranks

if TYPE_CHECKING:
    from explorer.map.paint.color import Scale

__all__ = [
    "CONTEXT_LEVEL",
    "FIRST_LEVEL",
    "Span",
    "count_levels",
    "count_span",
    "value_levels",
    "value_span",
]

CONTEXT_LEVEL = 1
FIRST_LEVEL = 2
_STEPS = 255 - FIRST_LEVEL

_EXACT = 1 << 16  # counts below have a bin each
_PER_OCTAVE = 256  # bins for each doubling above
_COUNT_BINS = _EXACT + 16 * _PER_OCTAVE
_VALUE_BINS = 1 << 16

Plane = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Span:
    """The ends of a colour scale and, where it is no formula, the way between them.

    Pass it again to lock the colours.

    Attributes
    ----------
    kind : str
        As in `Scale`.
    low, high : float
        Numbers (rows or values) of the first and the last colour.
    table : ndarray of uint8, optional
        Level of every bin; a rank scale cannot be without.
    """

    kind: str
    low: float
    high: float
    table: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and self.low <= self.high < math.inf):
            raise EmbeddingError(
                f"a colour scale from {self.low} to {self.high} must run upwards between finite "
                "numbers"
            )
        if self.kind == "log" and self.low <= 0.0:
            raise EmbeddingError(f"a log scale cannot start at {self.low}: start above 0")
        if self.kind == "rank" and self.table is None:
            raise EmbeddingError(
                "the span of a rank scale is made by count_span or value_span: lock one of theirs"
            )


def count_span(counts: Plane, scale: Scale) -> Span:
    """Return the span of a plane of counts; pixels without rows have no part in it."""
    histogram = np.zeros(_COUNT_BINS, np.int64)
    _count_histogram(counts.ravel(), histogram)
    histogram[0] = 0
    filled = np.cumsum(histogram)
    if filled[-1] == 0:
        return Span(scale.kind, 1.0, 1.0, np.full(_COUNT_BINS, FIRST_LEVEL, np.uint8))
    first, last = (
        int(np.searchsorted(filled, rank + 1)) for rank in _ranks(int(filled[-1]), scale)
    )
    bins = _bin_counts()
    low, high = float(bins[first]), float(bins[last])
    if scale.kind != "rank":
        return Span(scale.kind, low, high)
    return Span(scale.kind, low, high, _to_levels(_rank_places(histogram, first, last)))


def value_span(values: NDArray[np.float32], scale: Scale) -> Span:
    """Return the span of a plane of values; NaN and infinite pixels have no part in it.

    The table of a rank scale has 65,536 even bins between its ends (as Datashader's ``eq_hist``),
    so that a few far values can push all others into one bin: clip them.
    """
    ends = at_ranks(np.ravel(values), lambda n: [0, *_ranks(n, scale)])
    if scale.kind == "log" and ends and ends[0] <= 0:
        ends = at_ranks(values[values > 0], lambda n: [0, *_ranks(n, scale)])
    if not ends:
        return Span(
            scale.kind,
            1.0,
            1.0,
            np.full(_VALUE_BINS, FIRST_LEVEL, np.uint8) if scale.kind == "rank" else None,
        )
    _, low, high = ends
    if scale.center is not None:
        return _around(scale.kind, low, high, scale.center)
    if scale.kind != "rank":
        return Span(scale.kind, low, high)
    histogram = np.zeros(_VALUE_BINS, np.int64)
    _value_histogram(
        values[np.isfinite(values)], low, _per_unit(low, high, _VALUE_BINS - 1), histogram
    )
    return Span(scale.kind, low, high, _to_levels(_rank_places(histogram, 0, _VALUE_BINS - 1)))


def _around(kind: str, low: float, high: float, center: float) -> Span:
    """Return a span that holds both ends and has a value in its middle."""
    if kind == "log":
        factor = max(high / center, center / low)
        return Span(kind, center / factor, center * factor)
    reach = max(high - center, center - low)
    most = float(np.finfo(np.float64).max)
    return Span(kind, max(center - reach, -most), min(center + reach, most))


def _count_table(span: Span) -> NDArray[np.uint8]:
    """Return the level of every bin of counts, see `_count_bin`."""
    if span.table is not None:
        return _checked(span.table, _COUNT_BINS)
    return _to_levels(_places(_bin_counts(), span.low, span.high, span.kind))


def count_levels(counts: Plane, context: Plane | None, span: Span) -> NDArray[np.uint8]:
    """Return the level of every pixel, (h, w) uint8.

    Of a plane of counts and one of rows without colour.
    """
    out = np.empty(counts.size, np.uint8)
    flat, others = counts.ravel(), _flat(context)
    table = _count_table(span)
    pool.share(counts.size, lambda part: _count_levels(flat[part], others[part], table, out[part]))
    return out.reshape(counts.shape)


def value_levels(
    values: NDArray[np.float32], counts: Plane, context: Plane | None, span: Span
) -> NDArray[np.uint8]:
    """Return the level of every pixel, (h, w) uint8.

    A NaN pixel with rows (in counts or context) is context.
    """
    out = np.empty(counts.size, np.uint8)
    flat, rows, others = values.ravel(), counts.ravel(), _flat(context)
    table = np.empty(0, np.uint8) if span.table is None else _checked(span.table, _VALUE_BINS)
    log = span.kind == "log"

    def work(part: slice) -> None:
        _value_levels(
            flat[part], rows[part], others[part], log, span.low, span.high, table, out[part]
        )

    pool.share(counts.size, work)
    return out.reshape(counts.shape)


def _ranks(size: int, scale: Scale) -> tuple[int, int]:
    """Return the places, in ascending order, of the two percentiles: the nearest ones outwards."""
    low, high = (share / 100.0 * (size - 1) for share in scale.clip)
    return math.floor(low), math.ceil(high)


def _checked(table: NDArray[np.uint8], bins: int) -> NDArray[np.uint8]:
    if table.size != bins:
        raise EmbeddingError(
            "this span was made for another kind of number: lock one from a frame of the same "
            "colour"
        )
    return table


def _places(values: NDArray[np.float64], low: float, high: float, kind: str) -> NDArray[np.float64]:
    """Return where values lie between low (0) and high (1) on a linear or log scale."""
    if high == low:
        return 0.5 + 0.5 * np.sign(values - low)
    if kind == "log":
        values, low, high = np.log(np.maximum(values, 1.0)), math.log(low), math.log(high)
    return (values - low) / (high - low)


def _rank_places(histogram: NDArray[np.int64], first: int, last: int) -> NDArray[np.float64]:
    """Return the share of pixels in lower bins, from 0 for the first filled bin to 1.

    It is 0.5 if there is one bin.
    """
    inside = np.zeros_like(histogram)
    inside[first : last + 1] = histogram[first : last + 1]
    filled = np.cumsum(inside)
    lowest = inside[np.argmax(inside > 0)]
    if filled[-1] == lowest:
        return np.full(histogram.size, 0.5)
    places: NDArray[np.float64] = (filled - lowest) / (filled[-1] - lowest)
    return places


def _to_levels(places: NDArray[np.float64]) -> NDArray[np.uint8]:
    return (FIRST_LEVEL + np.round(np.clip(places, 0.0, 1.0) * _STEPS)).astype(np.uint8)


def _per_unit(low: float, high: float, steps: float) -> float:
    per_unit = steps / (high - low) if high > low else 0.0
    return per_unit if math.isfinite(per_unit) else 0.0


def _bin_counts() -> NDArray[np.float64]:
    """Return the smallest count of every bin."""
    above = 2.0 ** (16 + np.arange(16 * _PER_OCTAVE) / _PER_OCTAVE)
    return np.concatenate([np.arange(_EXACT, dtype=np.float64), above])


def _flat(context: Plane | None) -> Plane:
    """Return a plane as (h · w,), or an empty array for none: the kernels take no None."""
    return np.empty(0, np.uint32) if context is None else context.ravel()


@numba.njit(nogil=True, cache=True)
def _count_bin(count: int) -> int:
    """Return the bin of a count: exact below 65,536, 256 bins an octave above."""
    if count < _EXACT:
        return int(count)
    return _EXACT + int((math.log2(count) - 16.0) * _PER_OCTAVE)


@numba.njit(nogil=True, cache=True)
def _count_histogram(counts: Plane, histogram: NDArray[np.int64]) -> None:
    for i in range(counts.size):
        histogram[_count_bin(counts[i])] += 1


@numba.njit(nogil=True, cache=True)
def _value_histogram(
    values: NDArray[np.float32], low: float, per_unit: float, histogram: NDArray[np.int64]
) -> None:
    for i in range(values.size):
        place = (values[i] - low) * per_unit
        if 0.0 <= place <= histogram.size - 1:
            histogram[int(place)] += 1


@numba.njit(nogil=True, cache=True)
def _count_levels(
    counts: Plane, context: Plane, table: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    for i in range(counts.size):
        if counts[i] > 0:
            out[i] = table[_count_bin(counts[i])]
        else:
            out[i] = CONTEXT_LEVEL if context.size > 0 and context[i] > 0 else 0


@numba.njit(nogil=True, cache=True)
def _value_level(place: float, table: NDArray[np.uint8]) -> int:
    place = min(max(place, 0.0), 1.0)
    if table.size > 0:
        return int(table[int(place * (table.size - 1))])
    return FIRST_LEVEL + int(place * _STEPS + 0.5)


@numba.njit(nogil=True, cache=True)
def _value_levels(
    values: NDArray[np.float32],
    counts: Plane,
    context: Plane,
    log: bool,
    low: float,
    high: float,
    table: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    start, end = (math.log(low), math.log(high)) if log else (low, high)
    for i in range(values.size):
        value = float(values[i])
        if value != value:
            out[i] = CONTEXT_LEVEL if counts[i] > 0 or (context.size > 0 and context[i] > 0) else 0
        elif value <= low or value >= high:
            # the middle where low and high are one
            out[i] = _value_level(0.5 * ((value > low) + (value >= high)), table)
        else:
            out[i] = _value_level(
                ((math.log(value) if log else value) - start) / (end - start), table
            )
