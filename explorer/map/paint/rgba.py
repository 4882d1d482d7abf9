"""From levels, or from counts by category, to RGBA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from explorer.map.paint.shade import CONTEXT_LEVEL, FIRST_LEVEL
from explorer.map.raster import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.paint.palettes import Theme

__all__ = ["level_table", "shade_categories", "shade_levels"]

_STEPS = 255 - FIRST_LEVEL
_LEAST_ALPHA = 0.75  # of a pixel with one row among pixels with many: it must not look empty
_ENCODE_STEPS = 4095


def shade_levels(
    levels: NDArray[np.uint8], colours: NDArray[np.uint8], theme: Theme, invert: bool = False
) -> NDArray[np.uint8]:
    """Colour levels by a palette.

    Parameters
    ----------
    levels : ndarray of shape (h, w), uint8
    colours : ndarray of shape (256, 3), uint8
    invert : bool
        Run through the palette backwards.

    Returns
    -------
    ndarray of shape (h, w, 4), uint8
        Red, green, blue, alpha (not premultiplied); empty pixels are 0.
    """
    packed = level_table(colours, theme, invert).view(np.uint32).ravel()[levels]
    return packed.view(np.uint8).reshape(*levels.shape, 4)


def level_table(
    colours: NDArray[np.uint8], theme: Theme, invert: bool = False
) -> NDArray[np.uint8]:
    """Return the colour of every level of `shade_levels`, (256, 4) uint8, as RGBA."""
    table = np.zeros((256, 4), np.uint8)
    table[CONTEXT_LEVEL] = (*theme.context, 255)
    places = np.linspace(0, len(colours) - 1, _STEPS + 1).round().astype(np.intp)
    table[FIRST_LEVEL:, :3] = colours[places[::-1] if invert else places]
    table[FIRST_LEVEL:, 3] = 255
    return table


def shade_categories(
    planes: NDArray[np.uint32], levels: NDArray[np.uint8], colours: NDArray[np.uint8], theme: Theme
) -> NDArray[np.uint8]:
    """Mix the colours of categories by their counts, in linear light.

    Parameters
    ----------
    planes : ndarray of shape (h, w, k), uint32
        Rows by category.
    levels : ndarray of shape (h, w), uint8
        Of all rows of a pixel: alpha grows along them from 0.75 to 1.
    colours : ndarray of shape (k, 3), uint8

    Returns
    -------
    ndarray of shape (h, w, 4), uint8
    """
    out = np.zeros((levels.size, 4), np.uint8)
    counts, places = planes.reshape(levels.size, -1), levels.ravel()
    light, encode, alpha = _decoded(colours), _encoder(), _alpha()
    grey = np.array([*theme.context, 255], np.uint8)
    pool.share(
        levels.size,
        lambda part: _mix(counts[part], places[part], light, encode, alpha, grey, out[part]),
    )
    return out.reshape(*levels.shape, 4)


def _alpha() -> NDArray[np.uint8]:
    """Return the alpha of every level."""
    share = (np.arange(256) - FIRST_LEVEL).clip(0) / _STEPS
    return np.round(255 * (_LEAST_ALPHA + (1 - _LEAST_ALPHA) * share)).astype(np.uint8)


def _decoded(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return sRGB colours as linear light, 0 to 1 (IEC 61966-2-1)."""
    share = colours / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def _encoder() -> NDArray[np.uint8]:
    """Return the table from linear light in _ENCODE_STEPS steps to sRGB bytes."""
    light = np.arange(_ENCODE_STEPS + 1) / _ENCODE_STEPS
    share = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(share * 255).astype(np.uint8)


@numba.njit(nogil=True, cache=True)
def _mix(
    counts: NDArray[np.uint32],
    levels: NDArray[np.uint8],
    light: NDArray[np.float32],
    encode: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    grey: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    for i in range(levels.size):
        if levels[i] < FIRST_LEVEL:
            if levels[i] == CONTEXT_LEVEL:
                out[i, :] = grey
            continue
        red, green, blue, total = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
        for code in range(counts.shape[1]):
            rows = np.float32(counts[i, code])
            red += rows * light[code, 0]
            green += rows * light[code, 1]
            blue += rows * light[code, 2]
            total += rows
        scale = np.float32(encode.size - 1) / total
        # rounding may carry a sum of shares past 1
        out[i, 0] = encode[min(int(red * scale + np.float32(0.5)), encode.size - 1)]
        out[i, 1] = encode[min(int(green * scale + np.float32(0.5)), encode.size - 1)]
        out[i, 2] = encode[min(int(blue * scale + np.float32(0.5)), encode.size - 1)]
        out[i, 3] = alpha[levels[i]]
