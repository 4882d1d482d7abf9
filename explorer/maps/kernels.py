"""The loops over rows: which pixel a row falls on, and what is added up there.

A kernel works through *runs* of consecutive rows in tile order and one *band* of pixel rows. It is single-threaded
and releases the interpreter lock; threads take different bands, so that they write into one plane without meeting.

The pixel of a row is that of Datashader's ``Canvas.points``: a row counts when it lies in the closed viewport, its
column is ``int(x * sx + tx)`` in float64, and a row on the upper end belongs to the last column.

The viewport comes as ten numbers, ``(x_low, x_high, y_low, y_high, sx, tx, sy, ty, x_origin, y_origin)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Geometry",
    "by_runs",
    "count_runs",
    "in_view_runs",
    "mean_runs",
    "runs_of_band",
    "total",
    "weigh_tiles",
]

Geometry = tuple[float, float, float, float, float, float, float, float, float, float]

_BLOCK = 1024  # rows whose pixels are found at a time: the buffer stays in the first-level cache


@numba.njit(nogil=True, cache=True, inline="always")
def _pixel(value: float, scale: float, shift: float, size: int) -> np.int32:
    # never below 0 in a viewport that float64 resolves; the guard keeps any other in bounds
    return min(max(np.int32(value * scale + shift), np.int32(0)), np.int32(size - 1))


@numba.njit(nogil=True, cache=True)
def _locate_inside(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    geometry: Geometry,
    width: int,
    height: int,
    pixel: NDArray[np.int32],
) -> None:
    """Write the pixel of every row; all rows are known to lie in the viewport and the band."""
    _, _, _, _, sx, tx, sy, ty, ox, oy = geometry
    for i in range(xs.size):
        column = _pixel(np.float64(xs[i]) + ox, sx, tx, width)
        row = _pixel(np.float64(ys[i]) + oy, sy, ty, height)
        pixel[i] = row * np.int32(width) + column


@numba.njit(nogil=True, cache=True)
def _locate(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    geometry: Geometry,
    width: int,
    height: int,
    first: int,
    last: int,
    pixel: NDArray[np.int32],
) -> None:
    """Write the pixel of every row, -1 for a row outside the viewport or the band ``first ≤ pixel row < last``."""
    x_low, x_high, y_low, y_high, sx, tx, sy, ty, ox, oy = geometry
    for i in range(xs.size):
        x = np.float64(xs[i]) + ox
        y = np.float64(ys[i]) + oy
        pixel[i] = -1
        if x_low <= x <= x_high and y_low <= y <= y_high:
            row = _pixel(y, sy, ty, height)
            if first <= row < last:
                pixel[i] = row * width + _pixel(x, sx, tx, width)


@numba.njit(nogil=True, cache=True)
def weigh_tiles(
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    geometry: Geometry,
    height: int,
    weights: NDArray[np.int64],
) -> int:
    """Add the rows of each tile that touches the viewport to the pixel row of its middle; return their sum."""
    x_low, x_high, y_low, y_high, _, _, sy, ty, ox, oy = geometry
    total = 0
    for t in range(bounds.shape[0]):
        low, high = np.float64(bounds[t, 2]) + oy, np.float64(bounds[t, 3]) + oy
        if (
            np.float64(bounds[t, 0]) + ox <= x_high
            and np.float64(bounds[t, 1]) + ox >= x_low
            and low <= y_high
            and high >= y_low
        ):
            rows = offsets[t + 1] - offsets[t]
            middle = min(max(low * 0.5 + high * 0.5, y_low), y_high)
            weights[_pixel(middle, sy, ty, height)] += rows
            total += rows
    return total


@numba.njit(nogil=True, cache=True)
def runs_of_band(
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    geometry: Geometry,
    height: int,
    first: int,
    last: int,
) -> NDArray[np.int64]:
    """Return ``start, stop, inside`` of the rows to visit for a band, (runs, 3) int64.

    Neighbouring tiles of one kind are joined. ``inside`` is 1 where every row lies in the viewport and the band:
    the bounding boxes are mapped to pixels by the same arithmetic as rows, which keeps order.
    """
    x_low, x_high, y_low, y_high, _, _, sy, ty, ox, oy = geometry
    runs = np.empty((bounds.shape[0], 3), np.int64)
    found = 0
    for t in range(bounds.shape[0]):
        left, right = np.float64(bounds[t, 0]) + ox, np.float64(bounds[t, 1]) + ox
        low, high = np.float64(bounds[t, 2]) + oy, np.float64(bounds[t, 3]) + oy
        if left > x_high or right < x_low or low > y_high or high < y_low:
            continue
        bottom, top = _pixel(max(low, y_low), sy, ty, height), _pixel(min(high, y_high), sy, ty, height)
        if top < first or bottom >= last:
            continue
        whole = left >= x_low and right <= x_high and low >= y_low and high <= y_high
        inside = 1 if whole and bottom >= first and top < last else 0
        start = offsets[t]
        if found == 0 or runs[found - 1, 1] != start or runs[found - 1, 2] != inside:
            runs[found, 0] = start
            runs[found, 2] = inside
            found += 1
        runs[found - 1, 1] = offsets[t + 1]
    return runs[:found]


@numba.njit(nogil=True, cache=True)
def count_runs(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    mask: NDArray[np.uint8],
    runs: NDArray[np.int64],
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Count rows per pixel into the flat planes.

    mask is empty (all rows count) or one state per row: 1 adds to counts, 0 to context unless that is empty, 2 to none.
    """
    pixel = np.empty(_BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], _BLOCK):
            stop = min(start + _BLOCK, runs[r, 1])
            if runs[r, 2]:
                _locate_inside(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], pixel)
            else:
                _locate(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], band[0], band[1], pixel)
            if mask.size == 0:
                for i in range(stop - start):
                    if pixel[i] >= 0:
                        counts[pixel[i]] += np.uint32(1)
            else:
                _count_masked(mask[start:stop], pixel, counts, context)


@numba.njit(nogil=True, cache=True)
def _count_masked(
    mask: NDArray[np.uint8], pixel: NDArray[np.int32], counts: NDArray[np.uint32], context: NDArray[np.uint32]
) -> None:
    for i in range(mask.size):
        if pixel[i] >= 0:
            if mask[i] == 1:
                counts[pixel[i]] += np.uint32(1)
            elif mask[i] == 0 and context.size > 0:
                context[pixel[i]] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def mean_runs(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    mask: NDArray[np.uint8],
    runs: NDArray[np.int64],
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
    values: NDArray[np.floating],
    sums: NDArray[np.float64],
    present: NDArray[np.uint32],
    missing: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Add up the values that are not NaN (sums), count them (present) and the others (missing), per pixel."""
    pixel = np.empty(_BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], _BLOCK):
            stop = min(start + _BLOCK, runs[r, 1])
            if runs[r, 2]:
                _locate_inside(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], pixel)
            else:
                _locate(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], band[0], band[1], pixel)
            for i in range(stop - start):
                p = pixel[i]
                if p < 0:
                    continue
                state = np.uint8(1) if mask.size == 0 else mask[start + i]
                if state == 1:
                    value = values[start + i]
                    if value == value:
                        sums[p] += value
                        present[p] += np.uint32(1)
                    else:
                        missing[p] += np.uint32(1)
                elif state == 0 and context.size > 0:
                    context[p] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def by_runs(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    mask: NDArray[np.uint8],
    runs: NDArray[np.int64],
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
    codes: NDArray[np.uint8],
    k: int,
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Count rows per pixel and code; the k counts of a pixel lie together. Codes of k and above count as k - 1."""
    pixel = np.empty(_BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], _BLOCK):
            stop = min(start + _BLOCK, runs[r, 1])
            if runs[r, 2]:
                _locate_inside(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], pixel)
            else:
                _locate(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], band[0], band[1], pixel)
            for i in range(stop - start):
                p = int(pixel[i])
                if p < 0:
                    continue
                state = np.uint8(1) if mask.size == 0 else mask[start + i]
                if state == 1:
                    counts[p * k + min(int(codes[start + i]), k - 1)] += np.uint32(1)
                elif state == 0 and context.size > 0:
                    context[p] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def in_view_runs(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    mask: NDArray[np.uint8],
    runs: NDArray[np.int64],
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
) -> int:
    """Return how many rows of state 1 lie in the viewport."""
    pixel = np.empty(_BLOCK, np.int32)
    total = 0
    for r in range(runs.shape[0]):
        if runs[r, 2] and mask.size == 0:
            total += runs[r, 1] - runs[r, 0]
            continue
        for start in range(runs[r, 0], runs[r, 1], _BLOCK):
            stop = min(start + _BLOCK, runs[r, 1])
            pixel[: stop - start] = 0
            if not runs[r, 2]:
                _locate(xs[start:stop], ys[start:stop], geometry, shape[1], shape[0], band[0], band[1], pixel)
            for i in range(stop - start):
                total += pixel[i] >= 0 and (mask.size == 0 or mask[start + i] == 1)
    return total


@numba.njit(nogil=True, cache=True)
def total(planes: NDArray[np.uint32], out: NDArray[np.uint32]) -> None:
    """Write the sum of the k counts of every pixel."""
    for i in range(planes.shape[0]):
        rows = np.uint32(0)
        for code in range(planes.shape[1]):
            rows += planes[i, code]
        out[i] = rows
