"""A pair of features: a picture of all rows by density, and the selection over it."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.map.paint import rgba
from explorer.map.paint.color import Scale
from explorer.map.paint.marks import point_radius, spread
from explorer.map.paint.palettes import LIGHT, Theme
from explorer.map.paint.picture import png_bytes
from explorer.map.paint.shade import count_levels, count_span
from explorer.map.viewport import Viewport
from explorer.selection.code_counts import code_counts
from explorer.ui.plots.ticks import Ticks, ticks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.selection.selection import Selection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = [
    "PairCells",
    "PairCounts",
    "PairRequest",
    "cells_of",
    "count_pair",
    "drawn_range",
    "pair_box",
    "pair_cells",
    "pair_counts",
    "pair_plot",
]

_TAIL = 0.001
# A convention: where the whole range is at most so many times the middle 99.8 %, it is drawn whole.
_NEARLY_WHOLE = 1.3
_MARGIN = 0.02
# Steps that recorded values come in; the coarsest that nearly all of them keep is the width of a
# cell of the picture.
_STEPS = (100.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1, 0.05, 0.01)
_MOST_WHOLE = 1e9
_TRIED = 1_000  # values that refuse most steps before all are looked at
# a convention: share of the values that keep a step; the others fall into the nearest cell
_MOSTLY = 0.95
_SMALLEST = 1.0  # pixels of radius: a point must be seen among few
_BLOCK = 1 << 20  # rows whose pixels are found at a time


@dataclass(frozen=True)
class PairRequest:
    """What is asked of a pair.

    Parameters
    ----------
    one, other : str
        Features across and upwards.
    width, height : int
        Pixels.
    shade : {"rank", "log"}
        How the number of rows of a pixel becomes a tone.
    whole : bool
        Draw the whole range, far values too; else the middle 99.8 % of each feature.
    """

    one: str
    other: str
    width: int
    height: int
    shade: str = "rank"
    whole: bool = False


@dataclass(frozen=True, eq=False)
class PairCells:
    """The cell of a pair's picture that each row lies in.

    Attributes
    ----------
    viewport : Viewport
        Where the picture lies, with ``width * height`` cells.
    codes : ndarray of shape (n,), int32
        ``line * width + column`` from the lowest y; ``width * height`` = missing in either, and
        one more = beyond the axes.
    """

    viewport: Viewport
    codes: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How many rows lie in each cell, are missing in either, and lie beyond the axes."""

    cells: NDArray[np.uint32]
    missing: int
    beyond: int

    @property
    def drawn(self) -> int:
        """Rows in the cells."""
        return int(self.cells.sum(dtype=np.int64))


def drawn_range(values: NDArray[np.float64], *, whole: bool = False) -> tuple[float, float]:
    """Return the ends of an axis: the .1 and 99.9 % points with a small margin, or the whole range.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Missing and infinite cells have no part in it.
    whole : bool
        From the least to the greatest. That is also the answer where they are hardly further out.

    Raises
    ------
    FeatureError
        No value is finite, or the range is not.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise FeatureError("it has no finite value")
    low, high = float(finite.min()), float(finite.max())
    if not whole:
        first = int(_TAIL * (finite.size - 1))
        last = finite.size - 1 - first
        inner = np.partition(finite, (first, last))[[first, last]].tolist()
        if high / _NEARLY_WHOLE - low / _NEARLY_WHOLE > inner[1] - inner[0] > 0:
            low, high = inner
    margin = _MARGIN * (high - low) or 0.5 * max(1.0, abs(low) * 1e-6)
    if not math.isfinite(high - low + 2 * margin):
        raise FeatureError(f"it runs from {low:.3g} to {high:.3g}, further than can be drawn")
    return low - margin, high + margin


def cells_of(
    values: NDArray[np.float64], ends: tuple[float, float], size: int
) -> tuple[tuple[float, float], int]:
    """Return ends and number of cells of an axis.

    Where values come in steps, there is a cell for each value that can occur.

    Whole numbers on an axis of several pixels a number would else be drawn as a lattice of dots,
    mostly empty.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
    ends : tuple of float
        What is to be drawn.
    size : int
        Pixels, and cells at most.

    Returns
    -------
    ends : tuple of float
        Half a step outside the first and the last value, where values come in steps; else as they
        were.
    cells : int
    """
    inside = values[_within(values, ends)]
    if inside.size == 0:
        return ends, size
    low, high = float(inside.min()), float(inside.max())
    for step in _STEPS:
        # larger numbers are all whole, and no pointer tells two of them apart
        if high - low >= size * step or max(abs(low), abs(high)) >= _MOST_WHOLE * step:
            continue
        first, last = round(low / step), round(high / step)
        if last - first < size and _in_steps(inside[:_TRIED], step) and _in_steps(inside, step):
            return ((first - 0.5) * step, (last + 0.5) * step), last - first + 1
    return ends, size


def _in_steps(values: NDArray[np.float64], step: float) -> bool:
    steps = values / step
    return bool((np.abs(steps - np.rint(steps)) < 1e-6).mean() >= _MOSTLY)


def pair_counts(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    viewport: Viewport,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint32]:
    """Count the rows of every pixel, as Datashader's ``Canvas.points`` does.

    Parameters
    ----------
    x, y : ndarray of shape (n,), float64
        NaN where missing: the row is not counted.
    viewport : Viewport
    mask : ndarray of shape (n,), bool, optional
        Rows to count; all without it.

    Returns
    -------
    ndarray of shape (height, width), uint32
        Row 0 = lowest y.
    """
    return count_pair(PairCells(viewport, _codes(x, y, viewport)), mask).cells


def count_pair(cells: PairCells, mask: NDArray[np.bool_] | None) -> PairCounts:
    """Count the rows of every cell, or those of a mask."""
    viewport = cells.viewport
    size = viewport.width * viewport.height
    counts = code_counts(cells.codes, size + 2, mask)
    drawn = counts[:size].reshape(viewport.height, viewport.width).astype(np.uint32)
    return PairCounts(drawn, int(counts[size]), int(counts[size + 1]))


def _codes(x: NDArray[np.float64], y: NDArray[np.float64], viewport: Viewport) -> NDArray[np.int32]:
    width, height = viewport.width, viewport.height
    codes = np.empty(len(x), np.int32)
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        inside = _within(x[part], viewport.x_range) & _within(y[part], viewport.y_range)
        column = _pixels(x[part][inside], viewport.x_range, width)
        line = _pixels(y[part][inside], viewport.y_range, height)
        missing = np.isnan(x[part]) | np.isnan(y[part])
        codes[part] = np.where(missing, width * height, width * height + 1)
        codes[part][inside] = line * width + column
    return codes


def _within(values: NDArray[np.float64], ends: tuple[float, float]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (values >= ends[0]) & (values <= ends[1])
    return inside


def _pixels(values: NDArray[np.float64], ends: tuple[float, float], size: int) -> NDArray[np.int64]:
    scale = size / (ends[1] - ends[0])
    # a row on the upper end belongs to the last pixel
    return np.clip((values * scale - ends[0] * scale).astype(np.int64), 0, size - 1)


def pair_cells(table: Table, request: PairRequest) -> PairCells:
    """Find the cell of each row; it is the same whatever is filtered or selected.

    Raises
    ------
    FeatureError
        A feature that is no number, or without a finite value.
    """
    x, y = table.columns.numbers(request.one), table.columns.numbers(request.other)
    times = [table.features[name].kind == "temporal" for name in (request.one, request.other)]
    across, columns = _cells(x, _ends(x, request.one, request.whole), request.width, times[0])
    upwards, lines = _cells(y, _ends(y, request.other, request.whole), request.height, times[1])
    viewport = Viewport(across, upwards, columns, lines)
    return PairCells(viewport, _codes(x, y, viewport))


def pair_plot(
    table: Table,
    rows: RowSelection,
    request: PairRequest,
    theme: Theme = LIGHT,
    cells: PairCells | None = None,
    own_filter: str | None = None,
) -> dict[str, Any]:
    """Draw the population and, over it, the selection; exact, of all rows.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    request : PairRequest
    theme : Theme
    cells : PairCells, optional
        Of the same request, where they were found before.
    own_filter : str, optional
        The id of a filter that this picture made: it hides no row of the picture.

    Returns
    -------
    dict
        Plain JSON: the picture, axes with ticks as shares of their length, and the account of all
        rows in words.

    Raises
    ------
    FeatureError
        A feature that is no number, or without a finite value.
    """
    cells = pair_cells(table, request) if cells is None else cells
    viewport = cells.viewport
    population, selection = rows.population(without_filter=own_filter), rows.selection()
    counted = count_pair(cells, _mask(population))
    counted_selection = None if selection is None else count_pair(cells, selection.mask)
    counts = counted.cells
    chosen = None if counted_selection is None else counted_selection.cells
    stepped = (viewport.width, viewport.height) != (request.width, request.height)
    picture = _picture(
        counts, chosen, request.shade, theme, 0.0 if stepped else _radius(counts, viewport)
    )
    data = base64.b64encode(png_bytes(picture[::-1])).decode()
    return {
        "one": request.one,
        "other": request.other,
        "shade": request.shade,
        "whole": request.whole,
        "src": f"data:image/png;base64,{data}",
        "width": request.width,
        "height": request.height,
        "x": _axis(table, request.one, viewport.x_range),
        "y": _axis(table, request.other, viewport.y_range),
        **_account(len(cells.codes), counted, counted_selection, population, selection),
    }


def _ends(values: NDArray[np.float64], name: str, whole: bool) -> tuple[float, float]:
    try:
        return drawn_range(values, whole=whole)
    except FeatureError as error:
        raise FeatureError(
            f"{name!r} cannot be an axis: {error}; choose another feature"
        ) from error


def _cells(
    values: NDArray[np.float64], ends: tuple[float, float], size: int, times: bool
) -> tuple[tuple[float, float], int]:
    return (ends, size) if times else cells_of(values, ends, size)


def _radius(counts: NDArray[np.uint32], viewport: Viewport) -> float:
    ends = (*viewport.x_range, *viewport.y_range)
    rows = int(counts.sum(dtype=np.int64))
    # many rows fill the picture by themselves
    crowded = np.count_nonzero(counts) > counts.size // 4
    return 0.0 if crowded else max(point_radius(rows, ends, viewport), _SMALLEST)


def _mask(rows: Selection | None) -> NDArray[np.bool_] | None:
    return None if rows is None else rows.mask


def _picture(
    counts: NDArray[np.uint32],
    chosen: NDArray[np.uint32] | None,
    shade: str,
    theme: Theme,
    radius: float,
) -> NDArray[np.uint8]:
    """Lay the selection in the map's ramp over the population in greys.

    Without a selection, the population takes the ramp.
    """
    if chosen is None:
        return spread(_shaded(counts, theme.density, shade, theme), radius)
    picture = _shaded(counts, _greys(theme), shade, theme)
    front = chosen > 0
    picture[front] = _shaded(chosen, theme.density, shade, theme)[front]
    return spread(picture, radius, front)


def _shaded(
    counts: NDArray[np.uint32], ramp: NDArray[np.uint8], shade: str, theme: Theme
) -> NDArray[np.uint8]:
    levels = count_levels(counts, None, count_span(counts, Scale(shade)))
    return rgba.shade_levels(levels, ramp, theme)


def _greys(theme: Theme) -> NDArray[np.uint8]:
    """Return 256 greys from that of the map's context to the one of "other"."""
    share = np.linspace(0, 1, 256)[:, None]
    mixed = (1 - share) * np.array(theme.context) + share * np.array(theme.other)
    greys: NDArray[np.uint8] = mixed.round().astype(np.uint8)
    return greys


def _axis(table: Table, name: str, ends: tuple[float, float]) -> dict[str, Any]:
    feature, (low, high) = table.features[name], ends
    ticks = ticks_of(np.array(ends), times=feature.kind == "temporal")
    if feature.kind == "boolean":
        ticks = Ticks((0.0, 1.0), ("no", "yes"))
    places = [(at - low) / (high - low) for at in ticks.at]
    # years and small counts are written without a comma
    plain = max(abs(low), abs(high)) < 10_000
    return {
        "label": feature.label,
        "unit": feature.unit,
        "low": low,
        "high": high,
        "ticks": [
            [place, label.replace(",", "") if plain else label]
            for place, label in zip(places, ticks.words, strict=True)
        ],
    }


def _account(
    total: int,
    counted: PairCounts,
    counted_selection: PairCounts | None,
    population: Selection | None,
    selection: Selection | None,
) -> dict[str, Any]:
    """Say where every row of the table is; the numbers add up to it."""
    hidden = 0 if population is None else total - population.count()
    drawn, missing, beyond = counted.drawn, counted.missing, counted.beyond
    parts = [_("{drawn:,} of {total:,} rows drawn").format(drawn=drawn, total=total)]
    parts += [_("{missing:,} missing in either").format(missing=missing)] if missing else []
    parts += [_("{beyond:,} beyond the axes").format(beyond=beyond)] if beyond else []
    parts += [_("{hidden:,} hidden by filters").format(hidden=hidden)] if hidden else []
    if selection is not None and counted_selection is not None:
        parts.append(
            _("{drawn:,} of {selection:,} selected rows drawn").format(
                drawn=counted_selection.drawn, selection=selection.count()
            )
        )
    return {
        "drawn": drawn,
        "missing": missing,
        "beyond": beyond,
        "hidden": hidden,
        "words": " · ".join(parts),
    }


def pair_box(
    request: PairRequest, x: tuple[float, float], y: tuple[float, float]
) -> dict[str, Any]:
    """Return the definition of the rows in a rectangle of the picture, its ends inclusive.

    Ends are rounded to a thousandth of the rectangle: a pointer cannot mean more digits than that.
    """
    ranges = {request.one: _rounded(x), request.other: _rounded(y)}
    parts = [{"column": name, "range": ends} for name, ends in ranges.items()]
    return {"and": parts} if len(parts) > 1 else parts[0]


def _rounded(ends: tuple[float, float]) -> list[float]:
    low, high = min(ends), max(ends)
    if not high > low:
        return [low, high]
    digits = 4 - math.ceil(math.log10(high - low))
    return [round(low, digits), round(high, digits)]
