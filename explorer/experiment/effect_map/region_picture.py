"""An effect map painted over the density of the map's rows, at any size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.experiment.effect_map.effect_scale import scale_of
from explorer.map.paint.color import Density
from explorer.map.raster.frame import frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effect_map import EffectMap
    from explorer.experiment.analysis.hexagons import Hexagons
    from explorer.map.map_store import MapStore
    from explorer.map.paint.palettes import Theme
    from explorer.map.raster.frame import Frame
    from explorer.map.viewport import Viewport

__all__ = [
    "FEW",
    "HATCHED",
    "PLAIN",
    "UNTRUSTED",
    "RegionPaint",
    "draw_density",
    "paint_regions",
    "region_kinds",
    "region_paint",
]

PLAIN, HATCHED, FEW, UNTRUSTED = range(4)
"""A region that differs from the whole; does not; has not enough data; is not to be trusted."""

_YELLOW = (240, 229, 67)  # of the verdict "untrusted"
_GREYS = {"light": ((216, 220, 225), (140, 149, 158)), "dark": ((36, 42, 49), (104, 115, 126))}
_LINES = {"light": (186, 192, 199), "dark": (70, 79, 88)}
_RINGS = {"light": (120, 130, 140), "dark": (125, 136, 147)}
_HATCH, _HATCH_LINE, _STRIPE, _RING = 6.0, 2.0, 10.0, 1.4  # pixels of the page
_FILL = 0.9  # what is under a region shines through, and is not to change its colour
_BLOCK = 128  # rows of pixels


@dataclass(frozen=True, eq=False)
class RegionPaint:
    """How each region is painted.

    Parameters
    ----------
    colours : ndarray of shape (regions, 3), uint8
    kinds : ndarray of shape (regions,), uint8
        `PLAIN`, `HATCHED`, `FEW` or `UNTRUSTED`.
    """

    colours: NDArray[np.uint8]
    kinds: NDArray[np.uint8]


def region_kinds(effect_map: EffectMap, metric: str, arm: str) -> NDArray[np.uint8]:
    """Return how each region is painted for one metric and arm, (regions,) uint8."""
    block = effect_map.block(metric, arm)
    kinds = np.where(effect_map.differing(metric, arm), PLAIN, HATCHED).astype(np.uint8)
    kinds[[bool(reason) for reason in block.distrust]] = UNTRUSTED
    kinds[~block.testable] = FEW  # trusted or not, there is no effect to be shown
    return kinds


def region_paint(effect_map: EffectMap, metric: str, arm: str, theme: str = "light") -> RegionPaint:
    """Return the colours of one metric and arm: hue by the shrunken deviation from the whole.

    Whatever the size of a region.
    """
    block = effect_map.block(metric, arm)
    shrunk = np.zeros(block.size) if block.shrunk is None else block.shrunk
    return RegionPaint(
        scale_of(block).colours(shrunk, theme), region_kinds(effect_map, metric, arm)
    )


def draw_density(
    store: MapStore, viewport: Viewport, theme: Theme, shown: NDArray[np.bool_] | None = None
) -> Frame:
    """Draw the rows of a map in faint grey.

    Parameters
    ----------
    shown : ndarray of shape (n,), bool, in tile order, optional
        Rows that pass the filters.
    """
    low, high = np.array(_GREYS[theme.name], float)
    ramp = (low + np.linspace(0, 1, 256)[:, None] * (high - low)).round().astype(np.uint8)
    return frame(store, viewport, Density(), shown=shown, theme=replace(theme, density=ramp))


def paint_regions(
    under: Frame,
    hexagons: Hexagons,
    owners: NDArray[np.int32] | None,
    paint: RegionPaint,
    theme: Theme,
    scale: float = 1.0,
) -> NDArray[np.uint8]:
    """Paint regions over a picture of the rows.

    Parameters
    ----------
    under : Frame
    hexagons : Hexagons
    owners : ndarray of shape (hexagons,), int32, optional
        As of `explorer.experiment.analysis.effect_map.EffectMap`.
    paint : RegionPaint
    theme : Theme
    scale : float
        Pixels for one of the page: lines and hatches keep their width to the eye.

    Returns
    -------
    ndarray of shape (height, width, 4), uint8
        Row 0 = lowest y, transparent where there is neither region nor row.
    """
    view, out = under.viewport, under.rgba.copy()
    line = max(1, round(scale))
    for low in range(0, view.height, _BLOCK):
        # the next rows and columns too, since a line lies where another region begins
        rows = np.arange(low, min(low + _BLOCK, view.height) + line)
        x, y = _centres(view, np.arange(view.width + line), rows)
        codes = hexagons.at(x.ravel(), y.ravel()).reshape(x.shape)
        regions = codes if owners is None else np.where(codes < 0, -1, owners[codes])
        inside = codes[:-line, :-line]
        part = out[low : low + _BLOCK]
        kinds = np.where(regions < 0, -1, paint.kinds.astype(np.int8)[regions])
        _fill(part, regions[:-line, :-line], kinds[:-line, :-line], paint, theme, rows[0], scale)
        _ring(
            part,
            hexagons,
            inside,
            kinds[:-line, :-line],
            (x[:-line, :-line], y[:-line, :-line]),
            view,
            theme,
            scale,
        )
        _edge(part, regions, kinds, line, theme)
    return out


def _centres(
    view: Viewport, columns: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centres of pixels in data units, each of shape (rows, columns)."""
    x = view.x_range[0] + (columns + 0.5) * view.unit[0]
    y = view.y_range[0] + (rows + 0.5) * view.unit[1]
    found_x, found_y = np.meshgrid(x, y)
    return found_x, found_y


def _fill(
    part: NDArray[np.uint8],
    regions: NDArray[np.int32],
    kinds: NDArray[np.int8],
    paint: RegionPaint,
    theme: Theme,
    first: int,
    scale: float,
) -> None:
    """Fill what is to be seen, and lay lines or stripes over what is not to be read."""
    height, width = kinds.shape
    across = (np.arange(width)[None, :] + (first + np.arange(height))[:, None]) / scale
    background = np.array(theme.background, np.float64)
    filled = (kinds == PLAIN) | (kinds == HATCHED) | (kinds == UNTRUSTED)
    ink = paint.colours[np.maximum(regions, 0)].astype(np.float64)
    ink[(kinds == HATCHED) & (across % _HATCH < _HATCH_LINE)] = background
    ink[(kinds == UNTRUSTED) & (across % _STRIPE < _STRIPE / 2)] = _YELLOW
    alpha = part[..., 3:] / 255
    under = part[..., :3] * alpha + background * (1 - alpha)
    part[filled, :3] = (ink * _FILL + under * (1 - _FILL)).round()[filled].astype(np.uint8)
    part[filled, 3] = 255


def _ring(
    part: NDArray[np.uint8],
    hexagons: Hexagons,
    codes: NDArray[np.int32],
    kinds: NDArray[np.int8],
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    view: Viewport,
    theme: Theme,
    scale: float,
) -> None:
    """Draw a ring, ○, in hexagons without enough data, where it is large enough to be one."""
    radius = min(0.3 * hexagons.size / view.unit[0], 5 * scale)
    few = kinds == FEW
    if radius < 2 * scale or not few.any():
        return
    at = np.maximum(codes, 0)
    away = np.hypot(
        (places[0] - hexagons.x[at]) / view.unit[0], (places[1] - hexagons.y[at]) / view.unit[1]
    )
    ring = few & (np.abs(away - radius) < _RING / 2 * scale)
    part[ring] = (*_RINGS[theme.name], 255)


def _edge(
    part: NDArray[np.uint8],
    regions: NDArray[np.int32],
    kinds: NDArray[np.int8],
    line: int,
    theme: Theme,
) -> None:
    """Part the regions: by the page's colour where one is filled, in grey around hollow ones."""
    filled, hollow = (kinds >= 0) & (kinds != FEW), kinds == FEW
    here = (slice(None, -line), slice(None, -line))
    for dy in range(line + 1):
        for dx in range(line + 1):
            there = (slice(dy, dy + part.shape[0]), slice(dx, dx + part.shape[1]))
            other = regions[here] != regions[there]
            solid = other & (filled[here] | filled[there])
            part[solid] = (*theme.background, 255)
            part[other & ~solid & (hollow[here] | hollow[there])] = (*_LINES[theme.name], 255)
