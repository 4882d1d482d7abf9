"""The loops over rows: which pixel a row falls on, and what is added up there.

A kernel works through *runs* of consecutive rows in tile order and one *band* of pixel rows. It is
single-threaded and releases the interpreter lock; threads take different bands, so that they write
into one plane without meeting.

The pixel of a row is that of Datashader's ``Canvas.points``: a row counts when it lies in the
closed viewport, its column is ``int(x * sx + tx)`` in float64, and a row on the upper end belongs
to the last column.

The viewport comes as ten numbers, ``(x_low, x_high, y_low, y_high, sx, tx, sy, ty, x_origin,
y_origin)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BLOCK",
    "Geometry",
    "by_runs",
    "count_runs",
    "in_view_runs",
    "pixel_of",
    "place_rows",
    "total",
]

Geometry = tuple[float, float, float, float, float, float, float, float, float, float]

BLOCK = 1024
"""Rows whose pixels are found at a time: the buffer stays in the first-level cache."""


@numba.njit(nogil=True, cache=True, inline="always")
def pixel_of(value: float, scale: float, shift: float, size: int) -> np.int32:
    """Return the pixel of a place along one axis."""
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
        column = pixel_of(np.float64(xs[i]) + ox, sx, tx, width)
        row = pixel_of(np.float64(ys[i]) + oy, sy, ty, height)
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
    """Write the pixel of every row, -1 outside the viewport or the band of pixel rows.

    The band is ``first ≤ pixel row < last``.
    """
    x_low, x_high, y_low, y_high, sx, tx, sy, ty, ox, oy = geometry
    for i in range(xs.size):
        x = np.float64(xs[i]) + ox
        y = np.float64(ys[i]) + oy
        pixel[i] = -1
        if x_low <= x <= x_high and y_low <= y <= y_high:
            row = pixel_of(y, sy, ty, height)
            if first <= row < last:
                pixel[i] = row * width + pixel_of(x, sx, tx, width)


@numba.njit(nogil=True, cache=True, inline="always")
def place_rows(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    inside: int,
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
    pixel: NDArray[np.int32],
) -> None:
    """Write the pixel of every row of a piece of a run."""
    if inside:
        _locate_inside(xs, ys, geometry, shape[1], shape[0], pixel)
    else:
        _locate(xs, ys, geometry, shape[1], shape[0], band[0], band[1], pixel)


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

    mask is empty (all rows count) or one state per row: 1 adds to counts, 0 to context unless that
    is empty, 2 to none.
    """
    pixel = np.empty(BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], BLOCK):
            stop = min(start + BLOCK, runs[r, 1])
            place_rows(xs[start:stop], ys[start:stop], runs[r, 2], geometry, shape, band, pixel)
            if mask.size > 0:
                _count_masked(mask[start:stop], pixel, counts, context)
            else:
                for i in range(np.uint32(stop - start)):
                    if pixel[i] >= 0:
                        # unsigned: an index that may be negative costs a test more
                        counts[np.uint32(pixel[i])] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def _count_masked(
    mask: NDArray[np.uint8],
    pixel: NDArray[np.int32],
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    for i in range(np.uint32(mask.size)):
        if pixel[i] >= 0:
            if mask[i] == 1:
                counts[np.uint32(pixel[i])] += np.uint32(1)
            elif mask[i] == 0 and context.size > 0:
                context[np.uint32(pixel[i])] += np.uint32(1)


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
    """Count rows per pixel and code; the k counts of a pixel lie together.

    Codes of k and above count as k - 1.
    """
    pixel = np.empty(BLOCK, np.int32)
    planes, last = np.uint64(k), np.uint8(k - 1)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], BLOCK):
            stop = min(start + BLOCK, runs[r, 1])
            place_rows(xs[start:stop], ys[start:stop], runs[r, 2], geometry, shape, band, pixel)
            piece = codes[start:stop]
            if mask.size == 0:
                for i in range(np.uint32(stop - start)):
                    if pixel[i] >= 0:
                        counts[np.uint64(pixel[i]) * planes + np.uint64(min(piece[i], last))] += (
                            np.uint32(1)
                        )
                continue
            states = mask[start:stop]
            for i in range(np.uint32(stop - start)):
                if pixel[i] >= 0:
                    if states[i] == 1:
                        counts[np.uint64(pixel[i]) * planes + np.uint64(min(piece[i], last))] += (
                            np.uint32(1)
                        )
                    elif states[i] == 0 and context.size > 0:
                        context[np.uint32(pixel[i])] += np.uint32(1)


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
    pixel = np.empty(BLOCK, np.int32)
    total = 0
    for r in range(runs.shape[0]):
        if runs[r, 2] and mask.size == 0:
            total += runs[r, 1] - runs[r, 0]
            continue
        for start in range(runs[r, 0], runs[r, 1], BLOCK):
            stop = min(start + BLOCK, runs[r, 1])
            pixel[: stop - start] = 0
            if not runs[r, 2]:
                _locate(
                    xs[start:stop],
                    ys[start:stop],
                    geometry,
                    shape[1],
                    shape[0],
                    band[0],
                    band[1],
                    pixel,
                )
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
