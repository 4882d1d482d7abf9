"""What the colour of a row means: how many rows there are, a number, or a category."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import EmbeddingError, unknown_name
from explorer.map.paint.palettes import MOST_CATEGORIES, Theme, palette

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Categorical", "Colour", "Continuous", "Density", "Scale"]

_KINDS = ("linear", "log", "rank")


@dataclass(frozen=True)
class Scale:
    """How a number per pixel becomes a place on a palette.

    Parameters
    ----------
    kind : str
        ``"linear"``, ``"log"`` (numbers of 0 and below take the first colour) or ``"rank"`` (equal
        histogram: each colour on about equally many pixels).
    clip : tuple of float
        Percentiles (low, high) of the pixels that have a number; what lies beyond takes the end
        colours.
    center : float, optional
        The value of the middle colour: the scale then reaches equally far on both sides (on a log
        scale, by the same factor). Not for a rank scale.
    """

    kind: str = "linear"
    clip: tuple[float, float] = (0.0, 100.0)
    center: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise unknown_name("colour scale", self.kind, _KINDS)
        if not 0.0 <= self.clip[0] < self.clip[1] <= 100.0:
            raise EmbeddingError(
                f"clip={self.clip!r} must be two percentiles, 0 ≤ low < high ≤ 100"
            )
        if self.center is not None and (
            self.kind == "rank"
            or not math.isfinite(self.center)
            or (self.kind == "log" and self.center <= 0)
        ):
            raise EmbeddingError(
                f"a {self.kind} scale cannot be around {self.center}: use a linear one, or a log "
                "one around a value above 0"
            )


@dataclass(frozen=True, eq=False)
class Density:
    """Colour by the number of rows on a pixel, on the theme's ramp or a named palette."""

    scale: Scale = field(default_factory=lambda: Scale("rank"))
    palette: str | None = None
    invert: bool = False

    def __post_init__(self) -> None:
        if self.palette is not None:
            palette(self.palette)


@dataclass(frozen=True, eq=False)
class Continuous:
    """Colour by the mean of a number over the rows of a pixel.

    Parameters
    ----------
    values : ndarray of shape (n,), float32 or float64, in tile order
        NaN is missing: a pixel without any value is drawn in the grey of the context.
    origin : float
        What the values, and the ends of their scale, are counted from: a moment, since float32
        tells apart the times of 1970 to a second and those of today to two minutes.
    """

    values: NDArray[np.floating]
    scale: Scale = field(default_factory=lambda: Scale("linear", (1.0, 99.0)))
    palette: str = "viridis"
    invert: bool = False
    origin: float = 0.0

    def __post_init__(self) -> None:
        palette(self.palette)


@dataclass(frozen=True, eq=False)
class Categorical:
    """Colour by category, mixed on a pixel by the number of rows of each.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint8, in tile order
        0 to k - 1; the last is "other or missing". A code has the same colour in every
        frame of a theme.
    k : int
        Number of codes.
    colours : ndarray of shape (k, 3), uint8, optional
        Default: the first k - 1 categories of the theme, then its grey.
    """

    codes: NDArray[np.uint8]
    k: int
    colours: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        most = MOST_CATEGORIES + 1
        if self.colours is None and not 1 <= self.k <= most:
            raise EmbeddingError(
                f"k={self.k} codes have no colours: group rare levels so that k ≤ {most}, or pass "
                "colours"
            )
        if self.colours is not None and (
            self.colours.shape != (self.k, 3) or self.colours.dtype != np.uint8
        ):
            raise EmbeddingError(
                f"colours must be uint8 of shape ({self.k}, 3), got {self.colours.dtype} "
                f"{self.colours.shape}"
            )

    def table(self, theme: Theme) -> NDArray[np.uint8]:
        """Return the colour of every code, (k, 3) uint8."""
        if self.colours is not None:
            return self.colours
        return np.concatenate([theme.categories[: self.k - 1], np.array([theme.other], np.uint8)])


Colour = Density | Continuous | Categorical
