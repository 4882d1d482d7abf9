"""Columns that hold the pixels of an image, as a small picture."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from explorer.map.paint.picture import png_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["picture_address", "pixel_picture"]


def pixel_picture(
    values: NDArray[np.float64], shape: Sequence[int], low: float, high: float
) -> NDArray[np.uint8]:
    """Draw pixels from black, the least value, to white, the greatest.

    Parameters
    ----------
    values : ndarray of shape (height × width,) or (height × width × 3,), float64
        In row order; of three channels red, green and blue of each pixel. NaN is transparent.
    shape : sequence of int
        (height, width) or (height, width, 3).
    low, high : float
        Values that are drawn black and white; what lies beyond is drawn as they are.

    Returns
    -------
    ndarray of shape (height, width, 4), uint8
    """
    height, width, *channels = shape
    pixels = values.reshape(height, width, *(channels or [1]))
    span = high - low if high > low else 1.0
    # infinite pixels are drawn as the ends
    levels = np.clip((np.nan_to_num(pixels, nan=low) - low) / span, 0, 1)
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = np.round(255 * levels)
    rgba[..., 3] = np.where(np.isnan(pixels).any(axis=2), 0, 255)
    return rgba


def picture_address(rgba: NDArray[np.uint8]) -> str:
    """Return a picture as an address that an image of a page may have: its PNG itself."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(rgba)).decode()}"
