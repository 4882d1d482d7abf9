"""The loops over rows: which pixel a row falls on, and what is added up there.

A kernel works through *runs* of consecutive rows in tile order and one *band* of pixel rows. It is
single-threaded and releases the interpreter lock; threads take different bands, so that they write
into one plane without meeting.

The pixel of a row is that of Datashader's ``Canvas.points``: a row counts when it lies in the
closed viewport, its column is ``int(x * sx + tx)`` in float64, and a row on the upper end belongs
to the last column.

The viewport comes as ten numbers, ``(x_low, x_high, y_low, y_high, sx, tx, sy, ty, x_origin,
y_origin)``.

Values are added up on planes where rows are many, in a list where they are few. The rows of a pixel
come in the order of the tiles both ways, so that both give the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = [
    "BandRows",
    "Geometry",
    "by_runs",
    "count_runs",
    "divide",
    "few_means_runs",
    "in_view_runs",
    "mean_runs",
    "pixel_of",
    "total",
]

Geometry = tuple[float, float, float, float, float, float, float, float, float, float]

_BLOCK = 1024  # rows whose pixels are found at a time: the buffer stays in the first-level cache
_NO_VALUE = 0x7FC00000  # the bits of a NaN of float32; as an integer above 0


class BandRows(NamedTuple):
    """The rows that a kernel works through.

    Attributes
    ----------
    x, y : ndarray of shape (n,), float32
        Of all rows of the map, in tile order.
    states : ndarray of shape (n,), uint8, or empty
        1 is in colour, 0 context, 2 not drawn; empty: all rows are in colour.
    runs : ndarray of shape (runs, 3), int64
        ``start, stop, inside`` of the rows to visit; ``inside`` is 1 where all are known to lie in
        the viewport and the band.
    geometry : tuple of float
        The viewport.
    shape : tuple of int
        Height and width of the picture.
    band : tuple of int
        First pixel row, and the one after the last.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    states: NDArray[np.uint8]
    runs: NDArray[np.int64]
    geometry: Geometry
    shape: tuple[int, int]
    band: tuple[int, int]


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


# Without a cache: numba finds no generator that another process has compiled, so that a kernel
# compiled after it would fail. Each kernel holds a copy of its own.
@numba.njit(nogil=True)
def _blocks(rows: BandRows, pixel: NDArray[np.int32]) -> Iterator[slice]:
    """Yield the rows a block at a time, with the pixel of each in the buffer."""
    height, width = rows.shape
    for r in range(rows.runs.shape[0]):
        for start in range(rows.runs[r, 0], rows.runs[r, 1], _BLOCK):
            stop = min(start + _BLOCK, rows.runs[r, 1])
            xs, ys = rows.x[start:stop], rows.y[start:stop]
            if rows.runs[r, 2]:
                _locate_inside(xs, ys, rows.geometry, width, height, pixel)
            else:
                _locate(xs, ys, rows.geometry, width, height, rows.band[0], rows.band[1], pixel)
            yield slice(start, stop)


@numba.njit(nogil=True, cache=True)
def count_runs(rows: BandRows, counts: NDArray[np.uint32], context: NDArray[np.uint32]) -> None:
    """Count rows per pixel into the flat planes, context unless it is empty."""
    pixel = np.empty(_BLOCK, np.int32)
    for block in _blocks(rows, pixel):
        if rows.states.size > 0:
            _count_masked(rows.states[block], pixel, counts, context)
        else:
            for i in range(np.uint32(block.stop - block.start)):
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
    rows: BandRows,
    codes: NDArray[np.uint8],
    k: int,
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Count rows per pixel and code; the k counts of a pixel lie together.

    Codes of k and above count as k - 1.
    """
    pixel = np.empty(_BLOCK, np.int32)
    planes, last = np.uint64(k), np.uint8(k - 1)
    for block in _blocks(rows, pixel):
        piece, states = codes[block], rows.states[block]
        for i in range(np.uint32(piece.size)):
            if pixel[i] >= 0:
                state = np.uint8(1) if states.size == 0 else states[i]
                if state == 1:
                    place = np.uint64(pixel[i]) * planes + np.uint64(min(piece[i], last))
                    counts[place] += np.uint32(1)
                elif state == 0 and context.size > 0:
                    context[np.uint32(pixel[i])] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def mean_runs(
    rows: BandRows,
    values: NDArray[np.floating],
    sums: NDArray[np.float64],
    missing: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Add up the values that are not NaN and count them, side by side in sums (pixels, 2).

    Count the others unless missing is empty.
    """
    pixel = np.empty(_BLOCK, np.int32)
    for block in _blocks(rows, pixel):
        piece, states = values[block], rows.states[block]
        for i in range(np.uint32(piece.size)):
            if pixel[i] < 0:
                continue
            p = np.uint32(pixel[i])
            state = np.uint8(1) if states.size == 0 else states[i]
            if state == 1:
                value = np.float64(piece[i])
                if value == value:
                    sums[p, 0] += value
                    sums[p, 1] += 1.0
                elif missing.size > 0:
                    missing[p] += np.uint32(1)
            elif state == 0 and context.size > 0:
                context[p] += np.uint32(1)


@numba.njit(nogil=True, cache=True)
def few_means_runs(
    rows: BandRows,
    values: NDArray[np.floating],
    means: NDArray[np.int32],
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Write the means of a band, NaN where no value is, and count the rows unless counts is empty.

    Where there are fewer rows than pixels, clearing planes of sums and dividing all of them costs
    more than the rows. So a pixel is given a place in a list when its first value comes; until the
    end the picture holds the places.

    Parameters
    ----------
    means : ndarray of shape (pixels,), int32
        The bits of float32; written, not read. While rows are added up, a pixel in the list holds
        ``-1 - place``.
    counts, context : ndarray of shape (pixels,), uint32
        Zeros, or empty.
    """
    width, (first, last) = rows.shape[1], rows.band
    means[first * width : last * width] = np.int32(_NO_VALUE)
    most = min((rows.runs[:, 1] - rows.runs[:, 0]).sum(), (last - first) * width)
    # uninitialised: a place is written when it is given away
    sums, pixels = np.empty((most, 2), np.float64), np.empty(most, np.uint32)
    n = 0
    pixel = np.empty(_BLOCK, np.int32)
    for block in _blocks(rows, pixel):
        n = _add_values(
            values[block], rows.states[block], pixel, means, sums, pixels, n, counts, context
        )
    for place in range(n):
        p = pixels[place]
        means[p] = np.float32(sums[place, 0] / sums[place, 1]).view(np.int32)
        if counts.size > 0:
            counts[p] += np.uint32(sums[place, 1])


@numba.njit(nogil=True, cache=True)
def _add_values(
    values: NDArray[np.floating],
    states: NDArray[np.uint8],
    pixel: NDArray[np.int32],
    means: NDArray[np.int32],
    sums: NDArray[np.float64],
    pixels: NDArray[np.uint32],
    n: int,
    counts: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> int:
    """Add up one block of rows; return how many places are given away, of which n were before."""
    for i in range(np.uint32(values.size)):
        if pixel[i] < 0:
            continue
        p = np.uint32(pixel[i])
        state = np.uint8(1) if states.size == 0 else states[i]
        if state == 1:
            value = np.float64(values[i])
            if value == value:
                # without a branch: which pixel comes for the first time cannot be foretold
                new = means[p] >= 0
                place = np.uint32(n if new else -1 - means[p])
                means[p] = np.int32(-1) - np.int32(place)
                n += int(new)
                pixels[place] = p
                before, many = sums[place, 0], sums[place, 1]
                sums[place, 0] = (0.0 if new else before) + value
                sums[place, 1] = (0.0 if new else many) + 1.0
            elif counts.size > 0:
                counts[p] += np.uint32(1)
        elif state == 0 and context.size > 0:
            context[p] += np.uint32(1)
    return n


@numba.njit(nogil=True, cache=True)
def divide(
    sums: NDArray[np.float64],
    missing: NDArray[np.uint32],
    means: NDArray[np.float32],
    counts: NDArray[np.uint32],
) -> None:
    """Write the mean of every pixel, NaN where no value is.

    Unless counts is empty, also its rows with those without a value.
    """
    for p in range(sums.shape[0]):
        present = sums[p, 1]
        means[p] = np.float32(sums[p, 0] / present) if present > 0.0 else np.float32(np.nan)
        if counts.size > 0:
            counts[p] = np.uint32(present) + missing[p]


@numba.njit(nogil=True, cache=True)
def in_view_runs(rows: BandRows) -> int:
    """Return how many rows in colour lie in the viewport."""
    height, width = rows.shape
    pixel = np.empty(_BLOCK, np.int32)
    n = 0
    for r in range(rows.runs.shape[0]):
        first, last = rows.runs[r, 0], rows.runs[r, 1]
        if rows.runs[r, 2]:
            n += (last - first) if rows.states.size == 0 else (rows.states[first:last] == 1).sum()
            continue
        for start in range(first, last, _BLOCK):
            stop = min(start + _BLOCK, last)
            xs, ys = rows.x[start:stop], rows.y[start:stop]
            _locate(xs, ys, rows.geometry, width, height, rows.band[0], rows.band[1], pixel)
            for i in range(stop - start):
                n += pixel[i] >= 0 and (rows.states.size == 0 or rows.states[start + i] == 1)
    return n


@numba.njit(nogil=True, cache=True)
def total(planes: NDArray[np.uint32], out: NDArray[np.uint32]) -> None:
    """Write the sum of the k counts of every pixel."""
    for i in range(planes.shape[0]):
        rows = np.uint32(0)
        for code in range(planes.shape[1]):
            rows += planes[i, code]
        out[i] = rows
