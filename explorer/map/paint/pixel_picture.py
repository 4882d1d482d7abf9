"""Columns that hold the pixels of an image, as a small picture."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from explorer.map.paint.picture import png_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["picture_address", "pixel_levels", "pixel_picture"]


def pixel_levels(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Return values as levels from 0, the least value, to 255, the greatest.

    Parameters
    ----------
    values : ndarray, float64
        Of any shape; NaN is 0 here.
    low, high : float
        What lies beyond, infinite values too, has the level of the nearer one.
    """
    span = high - low if high > low else 1.0
    shares = np.clip((np.nan_to_num(values, nan=low) - low) / span, 0, 1)
    return np.round(255 * shares).astype(np.uint8)


def pixel_picture(
    levels: NDArray[np.uint8], missing: NDArray[np.bool_] | None, shape: Sequence[int]
) -> NDArray[np.uint8]:
    """Draw pixels from black, level 0, to white.

    Parameters
    ----------
    levels : ndarray of shape (height × width,) or (height × width × 3,), uint8
        In row order; of three channels red, green and blue of each pixel.
    missing : ndarray of the same shape, bool, or None
        What is transparent.
    shape : sequence of int
        (height, width) or (height, width, 3).

    Returns
    -------
    ndarray of shape (height, width, 4), uint8
    """
    height, width, *channels = shape
    whole = (height, width, *(channels or [1]))
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = levels.reshape(whole)
    if missing is not None:
        rgba[..., 3] = np.where(missing.reshape(whole).any(axis=2), 0, 255)
    return rgba


def picture_address(rgba: NDArray[np.uint8]) -> str:
    """Return a picture as an address that an image of a page may have: its PNG itself."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(rgba)).decode()}"
