"""Bins: frozen edges from a reference, between which every later value is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BINS", "Bins", "count_into", "quantile_bins", "warm_bins"]

BINS = 1_000
"""Bins between the reference's extremes; each holds a thousandth of it at most, or one value."""

_KEYS = (
    1 << 17
)  # first cells of the search for a bin: sign, exponent and 8 bits of a distance to the median


_CELLS = 1 << 12  # of equal width, which stay in the nearest cache: where most values lie
_INNER = (0.01, 0.99)  # quantiles of the edges between which these cells lie
_CROWDED = (
    3.0  # edges to a cell, as an edge sees it, from which cells of equal width part them too badly
)


@dataclass(frozen=True, eq=False)
class Bins:
    """Edges of bins, closed below and open above, the last one closed.

    Parameters
    ----------
    edges : ndarray of shape (k + 1,), float64
        Rising; the last two are equal where many share the largest value.
    first : ndarray of shape (cells + 1,), int16
        Last bin that begins before each cell of a grid that is finest at ``middle``.
    middle, scale : float
        Where the grid is finest, and 1 / its unit.
    inner : ndarray of shape (cells + 1,), int16
        The same for cells of equal width amid the edges.
    start, per : float
        Where these begin, and how many there are to a unit; NaN where they part the edges too
        badly, and are not used.
    """

    edges: NDArray[np.float64]
    first: NDArray[np.int16]
    middle: float
    scale: float
    inner: NDArray[np.int16]
    start: float
    per: float

    @cached_property
    def walls(self) -> NDArray[np.float64]:
        """Where each bin ends; the last, which holds its end, nowhere."""
        return np.append(self.edges[1:-1], [np.inf] * 3)

    @property
    def size(self) -> int:
        """Bins between the edges, 1 at least."""
        return len(self.edges) - 1

    @property
    def columns(self) -> int:
        """Columns of counts: below (with −∞), the bins, above (with ∞), missing."""
        return self.size + 3


def quantile_bins(values: NDArray[np.float64], most: int = BINS) -> Bins:
    """Choose bins that hold about as many of these values each.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Of the reference, or a sample of it; missing and infinite ones are passed over.
    most : int
        Bins at most, but for the outermost ones, which are halved down to single values.
    """
    finite = np.sort(values[np.isfinite(values)])
    if not len(finite):
        return Bins(np.zeros(2), np.zeros(_KEYS + 1, np.int16), 0.0, 1.0, *_inner(np.zeros(2)))
    edges = np.unique(
        np.append(
            np.quantile(finite, np.linspace(0, 1, most + 1), method="lower"), _tails(finite, most)
        )
    )
    if len(edges) == 1 or np.searchsorted(finite, edges[-1]) < len(finite) - 1:
        edges = np.append(edges, edges[-1])  # the largest value repeats: its bin has no width
    low, middle, high = (
        float(quartile) for quartile in np.quantile(finite, (0.25, 0.5, 0.75), method="lower")
    )
    with np.errstate(all="ignore"):
        wide = 1.0 / np.float64(high - low if high > low else edges[-1] - edges[0])
    scale = float(wide) if np.isfinite(wide) and wide > 0 else 1.0
    return Bins(edges, _first(edges, middle, scale), middle, scale, *_inner(edges))


def _tails(finite: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return values that halve the outermost bins repeatedly, since a few values may be far out."""
    steps = 2 ** np.arange(int(np.log2(max(len(finite) / most, 1))) + 1) - 1
    return np.concatenate([finite[steps], finite[-1 - steps]])


def _inner(edges: NDArray[np.float64]) -> tuple[NDArray[np.int16], float, float]:
    """Lay cells of equal width over the edges but for the outermost ones."""
    nothing = np.zeros(_CELLS + 1, np.int16), float("nan"), float("nan")
    low, high = (float(edge) for edge in np.quantile(edges, _INNER, method="nearest"))
    with np.errstate(all="ignore"):
        per = float(np.float64(_CELLS) / (high - low))
        cell = np.clip(np.floor((edges[:-1] - low) * per), -1, _CELLS)
    if not 0 < per < np.inf:
        return nothing
    before = np.searchsorted(cell, np.arange(_CELLS + 1), side="left") - 1
    starts = np.maximum(before, 0).astype(np.int16)
    shared = np.diff(starts).astype(np.float64)
    return nothing if shared @ shared > _CROWDED * max(shared.sum(), 1.0) else (starts, low, per)


def _first(edges: NDArray[np.float64], middle: float, scale: float) -> NDArray[np.int16]:
    """Return the last bin whose edge lies in an earlier cell, for each cell."""
    begins = edges[:-1]
    before = np.searchsorted(_keys(begins, middle, scale), np.arange(_KEYS + 1), side="left") - 1
    return np.maximum(before, 0).astype(np.int16)


def count_into(
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
    extra: NDArray[np.float64],
    bins: Bins,
    values: NDArray[np.float64],
    chunk: NDArray[np.int32],
    shift: float,
) -> None:
    """Add values to the counts of their chunks.

    Parameters
    ----------
    counts : ndarray of shape (chunks, bins.columns), int64
        Is added to.
    sums : ndarray of shape (chunks, bins.columns - 1), float64
        Of the values in each column but the last, less ``shift``; infinite ones count as the end
        that they are beyond. Is added to.
    extra : ndarray of shape (chunks, 3), float64
        Infinite values below and above, which are in the first and the last column too, and the sum
        of squares of finite values less ``shift``; is added to.
    bins : Bins
    values : ndarray of shape (n,), float64
    chunk : ndarray of shape (n,), int32
        Chunk of each value; negative ones are left out.
    shift : float
        Near the mean of the values, so that no digits are lost.
    """
    _count(
        values,
        chunk,
        bins.edges,
        bins.walls,
        bins.first,
        bins.middle,
        bins.scale,
        bins.inner,
        bins.start,
        bins.per,
        shift,
        counts,
        sums,
        extra,
    )


def warm_bins() -> None:
    """Compile, or load from disk, the kernel here."""
    values = np.arange(4.0)
    bins = quantile_bins(values)
    for numbers in (values, values.copy()):
        table = (
            np.zeros((1, bins.columns), np.int64),
            np.zeros((1, bins.columns - 1)),
            np.zeros((1, 3)),
        )
        count_into(*table, bins, numbers, np.zeros(4, np.int32), 0.0)
        values.flags.writeable = False


@numba.njit(nogil=True, cache=True, inline="always")
def _key(value: float, middle: float, scale: float) -> Any:
    """Return the cell of a value: the upper 17 bits of its distance to the middle, ascending."""
    bits = np.float32((value - middle) * scale).view(np.int32)
    return ((~bits if bits < 0 else bits ^ np.int32(-(2**31))) >> 15) & (_KEYS - 1)


@numba.njit(nogil=True, cache=True)
def _keys(values: Any, middle: float, scale: float) -> Any:
    keys = np.empty(len(values), np.int64)
    for i in range(len(values)):
        keys[i] = _key(values[i], middle, scale)
    return keys


@numba.njit(nogil=True, cache=True)
def _count(
    values: Any,
    chunk: Any,
    edges: Any,
    walls: Any,
    first: Any,
    middle: float,
    scale: float,
    inner: Any,
    start: float,
    per: float,
    shift: float,
    counts: Any,
    sums: Any,
    extra: Any,
) -> None:
    k = len(edges) - 1
    low, high = edges[0], edges[-1]
    last, squares = -1, 0.0  # of the present chunk: rows of a chunk mostly lie together
    for i in range(len(values)):
        c, v = chunk[i], values[i]
        if c != last:
            if last >= 0:
                extra[last, 2] += squares
            last, squares = c, 0.0
        if c < 0:
            continue
        if low <= v <= high:
            place = (v - start) * per
            if place >= 0.0 and place < _CELLS:
                near = np.uint64(place)
                b, end = np.int64(inner[near]), np.int64(inner[near + np.uint64(1)])
            else:
                cell = _key(v, middle, scale)
                b, end = np.int64(first[cell]), np.int64(first[cell + 1])
            while end - b > 2:
                half = (b + end + 1) >> 1
                if v >= edges[half]:
                    b = half
                else:
                    end = half - 1
            # added and not branched upon: a cell holds an edge or two, and on which side a value is
            # cannot be foreseen
            b += np.int64(v >= walls[b]) + np.int64(v >= walls[b + 1])
        elif v != v:
            counts[c, k + 2] += 1
            continue
        else:
            b = np.int64(-1) if v < low else np.int64(k)
            if abs(v) == np.inf:  # counts as the end that it is beyond
                side = 0 if v < low else 1
                extra[c, side] += 1.0
                counts[c, b + 1] += 1
                sums[c, b + 1] += (low if v < low else high) - shift
                continue
        off = v - shift
        squares += off * off
        counts[c, b + 1] += 1
        sums[c, b + 1] += off
    if last >= 0:
        extra[last, 2] += squares
