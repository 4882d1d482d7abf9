"""Sums of values per pixel, on planes where rows are many, in a list where they are few.

As for all kernels (`explorer.map.raster.kernels`), a thread takes runs of rows and one band of
pixel rows. The rows of a pixel are added up in the order of the tiles both ways, so that both give
the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from explorer.map.raster.kernels import BLOCK, place_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.raster.kernels import Geometry

__all__ = ["divide", "few_means_runs", "mean_runs"]

_NO_VALUE = 0x7FC00000  # the bits of a NaN of float32; as an integer above 0


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
    missing: NDArray[np.uint32],
    context: NDArray[np.uint32],
) -> None:
    """Add up the values that are not NaN and count them, side by side in sums (pixels, 2).

    Count the others unless missing is empty.
    """
    pixel = np.empty(BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], BLOCK):
            stop = min(start + BLOCK, runs[r, 1])
            place_rows(xs[start:stop], ys[start:stop], runs[r, 2], geometry, shape, band, pixel)
            piece = values[start:stop]
            states = mask[start:stop] if mask.size > 0 else mask
            for i in range(np.uint32(stop - start)):
                if pixel[i] < 0:
                    continue
                p = np.uint32(pixel[i])
                state = np.uint8(1) if mask.size == 0 else states[i]
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
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    mask: NDArray[np.uint8],
    runs: NDArray[np.int64],
    geometry: Geometry,
    shape: tuple[int, int],
    band: tuple[int, int],
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
    means[band[0] * shape[1] : band[1] * shape[1]] = np.int32(_NO_VALUE)
    most = min((runs[:, 1] - runs[:, 0]).sum(), (band[1] - band[0]) * shape[1])
    # uninitialised: a place is written when it is given away
    sums, pixels = np.empty((most, 2), np.float64), np.empty(most, np.uint32)
    n = 0
    pixel = np.empty(BLOCK, np.int32)
    for r in range(runs.shape[0]):
        for start in range(runs[r, 0], runs[r, 1], BLOCK):
            stop = min(start + BLOCK, runs[r, 1])
            place_rows(xs[start:stop], ys[start:stop], runs[r, 2], geometry, shape, band, pixel)
            states = mask[start:stop] if mask.size > 0 else mask
            n = _add_values(
                values[start:stop], states, pixel, means, sums, pixels, n, counts, context
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
