"""MapFigure: a frame of a map and what stands around it.

A value, drawn by `figure` and written by `output`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.features.matrix_memory import available_memory
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.paint.palettes import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.map.export.legend import Legend
    from explorer.map.paint.color import Colour
    from explorer.map.raster.frame import Frame
    from explorer.map.viewport import Viewport

__all__ = ["MapFigure", "check_size", "theme_of"]

_LONGEST = 30_000  # pixels: what writes and reads pictures gives up not far above
_SCALES = (0.1, 16.0)
# Bytes a pixel while a frame is made and written, measured and rounded up: counts, levels, colours,
# two copies of them.
_BYTES, _BYTES_OF_A_MEAN, _BYTES_OF_A_LEVEL = 28, 12, 5
_GIB = 1 << 30


@dataclass(frozen=True, eq=False)
class MapFigure:
    """What is on a picture.

    Parameters
    ----------
    rgba : ndarray of shape (h, w, 4), uint8
        The frame of the map, row 0 = top, transparent where there is no row.
    viewport : Viewport
        What it is exact for.
    theme : Theme
    scale : float
        Pixels of the frame for each pixel of the lettering: 2 is the same picture, twice as sharp.
    title : str
    axes : tuple of (str, str), optional
        Names of the two axes; no axes without them.
    legend : Legend, optional
    caption : tuple of str
        Its paragraphs.
    metadata : mapping of str to str
        "Title", "Caption" and "Description" (the provenance as JSON), written into the file.
    """

    rgba: NDArray[np.uint8]
    viewport: Viewport
    theme: Theme = LIGHT
    scale: float = 1.0
    title: str = ""
    axes: tuple[str, str] | None = None
    legend: Legend | None = None
    caption: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        frame: Frame,
        full_caption: tuple[str, ...],
        provenance: Mapping[str, Any],
        **parts: Any,
    ) -> MapFigure:
        """Make a figure of a frame.

        Parameters
        ----------
        frame : Frame
        full_caption : tuple of str
            The caption, which goes into the file even where it is not drawn.
        provenance : mapping
            Of the embedding, plain JSON.
        **parts
            Theme, scale, and what is drawn around the frame: title, axes, legend, caption.
        """
        metadata = {
            "Title": parts.get("title") or str(provenance.get("name", "Map")),
            "Caption": "\n".join(full_caption),
        }
        if provenance:
            metadata["Description"] = json.dumps(provenance)
        rgba = np.ascontiguousarray(frame.rgba[::-1])
        return cls(rgba=rgba, viewport=frame.viewport, metadata=metadata, **parts)

    @property
    def is_plain(self) -> bool:
        """Whether nothing stands around the frame."""
        return not (self.title or self.axes or self.legend or self.caption)

    def document(self) -> dict[str, Any]:
        """Return what is drawn, without the pixels, as JSON."""
        return {
            "pixels": [self.viewport.width, self.viewport.height],
            "view": {"x": list(self.viewport.x_range), "y": list(self.viewport.y_range)},
            "scale": self.scale,
            "theme": self.theme.name,
            "title": self.title,
            "axes": list(self.axes or ()),
            "legend": None if self.legend is None else self.legend.document(),
            "caption": self.metadata.get("Caption", "").split("\n"),
        }


def theme_of(name: str) -> Theme:
    """Return "light" or "dark".

    Raises
    ------
    EmbeddingError
        If it is another word.
    """
    themes = {"light": LIGHT, "dark": DARK}
    if name not in themes:
        raise EmbeddingError(f"theme={name!r} must be 'light' or 'dark'")
    return themes[name]


def check_size(size: Any, scale: float, colour: Colour) -> tuple[int, int]:
    """Return the size of the frame in pixels, scale applied, and refuse one that cannot be made.

    Parameters
    ----------
    size : tuple of int
        Width and height, in pixels of the lettering.
    scale : float
        Pixels of the frame for each of them, 0.1 to 16.
    colour : Density, Continuous or Categorical
        A category takes memory for each of its levels.

    Raises
    ------
    EmbeddingError
        If it is no size, a side is above 30,000 pixels, or the memory that is free does not
        suffice.
    """
    try:
        width, height = (int(side) for side in size if int(side) == side and side >= 1)
    except (TypeError, ValueError, OverflowError):
        raise EmbeddingError(
            f"size={size!r} must be (width, height) in whole pixels, 1 or more, such as (900, 700)"
        ) from None
    if not isinstance(scale, int | float) or not _SCALES[0] <= scale <= _SCALES[1]:
        raise EmbeddingError(
            f"scale={scale!r} must be a number from {_SCALES[0]} to {_SCALES[1]:.0f}: 2 is twice "
            "as sharp"
        )
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    if max(width, height) > _LONGEST:
        raise EmbeddingError(
            f"a picture of {width:,} × {height:,} pixels is too large: ask for at most "
            f"{_LONGEST:,} on either side"
        )
    _check_memory(width, height, colour)
    return width, height


def _check_memory(width: int, height: int, colour: Colour) -> None:
    bytes_per_pixel = _BYTES
    if isinstance(colour, Continuous):
        bytes_per_pixel += _BYTES_OF_A_MEAN
    elif isinstance(colour, Categorical):
        bytes_per_pixel += _BYTES_OF_A_LEVEL * colour.k
    needed, free = width * height * bytes_per_pixel, available_memory()
    if free is not None and needed > free:
        share = np.sqrt(free / needed) * 0.95
        raise EmbeddingError(
            f"a picture of {width:,} × {height:,} pixels needs about {needed / _GIB:.1f} GiB, "
            f"{free / _GIB:.1f} GiB are free: "
            f"ask for at most {int(width * share):,} × {int(height * share):,}"
        )
