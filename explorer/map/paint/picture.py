"""A frame as a PNG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.atomic_write import atomic_path
from explorer.core.errors import EmbeddingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["flatten", "png_bytes", "write_picture", "write_png"]

# Laid over the background at a time: a large picture must not take its size again in 32 bits.
_ROWS = 256


def flatten(rgba: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return a picture laid over a plain background: (h, w, 4) uint8 with alpha 255 everywhere."""
    out = np.full_like(rgba, 255)
    plain = np.array(background, np.uint32)
    for top in range(0, len(rgba), _ROWS):
        part = rgba[top : top + _ROWS]
        alpha = part[:, :, 3:].astype(np.uint32)
        out[top : top + _ROWS, :, :3] = (
            part[:, :, :3] * alpha + plain * (255 - alpha) + 127
        ) // 255
    return out


def png_bytes(
    rgba: NDArray[np.uint8],
    background: tuple[int, int, int] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Encode a picture as PNG.

    Parameters
    ----------
    rgba : ndarray of shape (h, w, 4), uint8
        Row 0 = top.
    background : tuple of int, optional
        Red, green, blue, 0 to 255; transparent without it.
    metadata : mapping of str to str, optional
        Written as text chunks, such as ``{"Software": ..., "Description": ...}``.
    """
    from PIL import Image, PngImagePlugin

    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise EmbeddingError(
            f"a picture must be uint8 of shape (height, width, 4), got {rgba.dtype} {rgba.shape}"
        )
    info = PngImagePlugin.PngInfo()
    for name, text in (metadata or {}).items():
        info.add_itxt(name, text)
    picture = Image.fromarray(
        np.ascontiguousarray(rgba if background is None else flatten(rgba, background))
    )
    buffer = io.BytesIO()
    # level 1: an eighth of the time of the default for pictures a sixth larger
    (picture if background is None else picture.convert("RGB")).save(
        buffer, "PNG", compress_level=1, pnginfo=info
    )
    return buffer.getvalue()


def write_png(
    rgba: NDArray[np.uint8],
    path: str | Path,
    background: tuple[int, int, int] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a picture as a PNG file, whole or not at all; the arguments are those of `png_bytes`.

    Raises
    ------
    EmbeddingError
        If the file cannot be written.
    """
    write_picture(png_bytes(rgba, background, metadata), path)


def write_picture(data: bytes, path: str | Path) -> None:
    """Write an encoded picture to a file, whole or not at all.

    Raises
    ------
    EmbeddingError
        If the file cannot be written.
    """
    try:
        with atomic_path(Path(path)) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise EmbeddingError(
            f"cannot write the picture to {path}: {error.strerror or error}"
        ) from error
