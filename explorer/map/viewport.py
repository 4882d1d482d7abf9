"""The part of the plane that is drawn, and the pixels it is drawn on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Extent", "Viewport"]

Extent = tuple[float, float, float, float]
"""``(x_min, x_max, y_min, y_max)`` of some points, both ends inclusive, in data units."""


@dataclass(frozen=True)
class Viewport:
    """A closed rectangle of the plane and its size in pixels.

    Parameters
    ----------
    x_range, y_range : tuple of float
        ``(low, high)`` in data units, both ends inclusive. A range without width is widened by one
        unit (or one millionth of its value, if that is more) on both sides.
    width, height : int
        Size in pixels, 1 or more.

    Raises
    ------
    EmbeddingError
        If a range is not finite or runs downwards, or a size is below one pixel.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int
    height: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", _pixels("width", self.width))
        object.__setattr__(self, "height", _pixels("height", self.height))
        object.__setattr__(self, "x_range", _interval("x_range", self.x_range, self.width))
        object.__setattr__(self, "y_range", _interval("y_range", self.y_range, self.height))

    @classmethod
    def fitted(cls, extent: Extent, width: int, height: int, margin: float = 0.03) -> Viewport:
        """Return the smallest viewport that shows a whole extent with the same scale on both axes.

        Parameters
        ----------
        extent : tuple of float
            ``(x_min, x_max, y_min, y_max)`` in data units.
        width, height : int
            Pixels.
        margin : float
            Empty border on each side, as a share of the picture (0 ≤ margin < 0.5).
        """
        x_low, x_high, y_low, y_high = extent
        width, height = _pixels("width", width), _pixels("height", height)
        inner = 1.0 - 2.0 * margin
        # halves first: the difference of two extreme floats may overflow, their halves do not
        half_x, half_y = x_high / 2 - x_low / 2, y_high / 2 - y_low / 2
        unit = max(half_x / (width * inner), half_y / (height * inner))  # half data units a pixel
        if unit <= 0.0:
            unit = 1.0 / min(width, height)
        x_mid, y_mid = x_low + half_x, y_low + half_y
        x_half, y_half = unit * width, unit * height
        return cls(
            (x_mid - x_half, x_mid + x_half), (y_mid - y_half, y_mid + y_half), width, height
        )

    def scaled(self, factor: float) -> Viewport:
        """Return the same rectangle on ``factor`` times as many pixels each way, at least one."""
        return Viewport(
            self.x_range,
            self.y_range,
            max(1, round(self.width * factor)),
            max(1, round(self.height * factor)),
        )

    def padded(self, overscan: float) -> Viewport:
        """Return the viewport with ``overscan`` of its width and height added on every side.

        The added border is a whole number of pixels, so that the pixels inside keep their places.
        """
        columns, rows = round(self.width * overscan), round(self.height * overscan)
        dx, dy = columns * self.unit[0], rows * self.unit[1]
        return Viewport(
            (self.x_range[0] - dx, self.x_range[1] + dx),
            (self.y_range[0] - dy, self.y_range[1] + dy),
            self.width + 2 * columns,
            self.height + 2 * rows,
        )

    def zoomed(self, x: float, y: float, factor: float) -> Viewport:
        """Return the viewport magnified ``factor`` times with the point (x, y) kept in place.

        A factor above 1 is closer.

        Closer than float64 can tell two neighbouring pixels apart, the viewport is returned as it
        is.
        """
        x_range = (x - (x - self.x_range[0]) / factor, x + (self.x_range[1] - x) / factor)
        y_range = (y - (y - self.y_range[0]) / factor, y + (self.y_range[1] - y) / factor)
        if not (_resolved(x_range, self.width) and _resolved(y_range, self.height)):
            return self
        return Viewport(x_range, y_range, self.width, self.height)

    @property
    def unit(self) -> tuple[float, float]:
        """Width and height of one pixel in data units."""
        return (
            (self.x_range[1] - self.x_range[0]) / self.width,
            (self.y_range[1] - self.y_range[0]) / self.height,
        )


def _resolved(interval: tuple[float, float], pixels: int) -> bool:
    """Say whether float64 separates the pixels of an interval at least eight times over."""
    magnitude = max(abs(interval[0]), abs(interval[1]))
    return (interval[1] - interval[0]) / pixels > 8 * math.ulp(magnitude)


def _pixels(name: str, value: int) -> int:
    if isinstance(value, bool) or not math.isfinite(value) or int(value) != value or value < 1:
        raise EmbeddingError(
            f"{name}={value!r} must be a whole number of pixels, 1 or more: draw when the window "
            "has a size"
        )
    return int(value)


def _interval(name: str, value: Sequence[float], pixels: int) -> tuple[float, float]:
    try:
        low, high = (float(v) for v in value)
    except (TypeError, ValueError):
        raise EmbeddingError(
            f"{name}={value!r} must be two numbers (low, high) in data units"
        ) from None
    if not math.isfinite(high - low):
        raise EmbeddingError(
            f"{name}={value!r} must be two finite numbers (low, high): pass the extent of the map"
        )
    if high < low:
        raise EmbeddingError(f"{name}={value!r} runs downwards: pass ({high}, {low})")
    # below that width the scale of the pixels would overflow
    if high == low or not math.isfinite(pixels / (high - low)):
        half = max(1.0, abs(low) * 1e-6)
        low, high = low - half, high + half
    return low, high
