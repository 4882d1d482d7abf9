"""Hexagons: the regions of a map where nobody drew any, from the coordinates alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.map.geometry import crosses
from explorer.map.raster import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CORNERS", "Hexagons", "hexagons_of", "warm_hexagons"]

CORNERS = ((0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1))
"""Corners around a centre on the lattice of centres and corners, clockwise from the upper."""

_LOOKED_AT = (
    200_000  # points from which the size of the hexagons is chosen; all points are then put in one
)
_COARSE, _FINE = 14, 8  # sizes that are tried: over the whole range, then beside the best of these
_BLOCK = 1 << 19  # points
_EVEN = (
    20  # a hexagon is one of those wanted from this part of what it would hold if all held as much
)
# Share of the points that filled hexagons are to hold: rather fewer hexagons than a map full of
# holes.
_COVERED = 0.8
_DEAR = (
    10.0  # what a point that they miss costs, beside a number of hexagons that is e times too small
)
_NEAR = 1e-6  # of a hexagon: nearer to an edge than this, its corners decide and no rounding
_WIDE = 1 << 32  # keeps the two numbers of a place apart in one
_CORNERS = np.array(CORNERS, np.int64)

# axial coordinates of a hexagon and of those around it
_AROUND = np.array([(0, 0), (1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)], np.int64)


@dataclass(frozen=True, eq=False)
class Hexagons:
    """A map in hexagons with a corner up, the fullest first.

    Of as many points the lower one first, then the one to the left.

    Parameters
    ----------
    codes : ndarray of shape (n,), int32
        Hexagon of each point.
    places : ndarray of shape (k, 2), int64
        Centres on a lattice whose steps are half a hexagon's width to the right and a quarter of
        its height upwards.
    origin : tuple of float
        Where that lattice starts, in data units: the lowest x and the lowest y of the points.
    size : float
        From the centre to a corner, in data units.
    counts : ndarray of shape (k,), int64
        Points in each.
    """

    codes: NDArray[np.int32]
    places: NDArray[np.int64]
    origin: tuple[float, float]
    size: float
    counts: NDArray[np.int64]

    @property
    def step(self) -> tuple[float, float]:
        """Steps of the lattice to the right and upwards, in data units."""
        return _step(self.size)

    @property
    def x(self) -> NDArray[np.float64]:
        """Centres, (k,), in data units."""
        return np.asarray(self.origin[0] + self.step[0] * self.places[:, 0])

    @property
    def y(self) -> NDArray[np.float64]:
        """Centres, (k,), in data units."""
        return np.asarray(self.origin[1] + self.step[1] * self.places[:, 1])

    @property
    def labels(self) -> list[str]:
        """Names of the hexagons: "H1" is the fullest."""
        return [f"H{number}" for number in range(1, len(self.places) + 1)]

    def polygon(self, number: int) -> list[list[float]]:
        """Return the corners of a hexagon in data units: a lasso of its points and no other.

        Corners of neighbours are the same numbers to the last bit, so that a point on an edge is in
        exactly one.
        """
        (x, y), (right, up) = self.places[number].tolist(), self.step
        return [
            [self.origin[0] + right * (x + dx), self.origin[1] + up * (y + dy)]
            for dx, dy in CORNERS
        ]

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the hexagon at each place, (n,), in data units; -1 where none holds a point.

        Parameters
        ----------
        x, y : ndarray of shape (n,), float64
            Within some hundred thousand hexagons of the points.
        """
        places = np.empty((len(x), 2), np.int64)
        _lattice(x, y, *self.origin, *self.step, self.size, places)
        keys, wanted = (place[:, 0] * _WIDE + place[:, 1] for place in (self.places, places))
        order = np.argsort(keys)
        place = np.minimum(np.searchsorted(keys, wanted, sorter=order), max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(len(x), -1, np.int32)
        return np.where(keys[order[place]] == wanted, order[place], -1).astype(np.int32)

    def owners(self, regions: NDArray[np.int32], n_regions: int) -> NDArray[np.int32]:
        """Return the region that most points of each hexagon lie in; -1 where none lies in any.

        Of two with as many the lower one.

        Parameters
        ----------
        regions : ndarray of shape (n,), int32
            Of each point, from 0; negative in none.
        n_regions : int
        """
        inside = regions >= 0
        pairs = self.codes[inside] * np.int64(n_regions) + regions[inside]
        counts = np.bincount(pairs, minlength=len(self.places) * n_regions).reshape(
            -1, max(n_regions, 1)
        )
        return np.where(counts.any(axis=1), counts.argmax(axis=1), -1).astype(np.int32)


def hexagons_of(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    about: int = 100,
    shift: tuple[float, float] = (0.0, 0.0),
    fewest: int = 1,
) -> Hexagons:
    """Put points in hexagons of one size, so that about so many are filled.

    A hexagon counts as filled from a twentieth of the points that it would hold if all held as
    many. The size lies between two and 8 √about across the longer side; it and the grid follow from
    the coordinates alone, so that the regions are the same whatever is looked at in them. A point
    is in the hexagon with the nearest centre and, on an edge, as of a lasso (`Hexagons.polygon`).

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Finite.
    about : int
        Hexagons that are wanted.
    shift : tuple of float
        What is added, in float64, to x and y to have data units.
    fewest : int
        Points below which none counts as filled: where points are few, so are the hexagons, which
        are to hold four fifths of them.

    Returns
    -------
    Hexagons
        Those that hold a point. The same on any number of threads.
    """
    if not len(x):
        none = np.empty(0, np.int64)
        return Hexagons(none.astype(np.int32), none.reshape(0, 2), (0.0, 0.0), 1.0, none)
    low = float(x.min()) + shift[0], float(y.min()) + shift[1]
    span = float(x.max()) + shift[0] - low[0], float(y.max()) + shift[1] - low[1]
    size = _chosen_size(x, y, shift, low, span, about, fewest)
    cells, counts = _counted(x, y, shift, low, span, size)
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    rank = np.empty(len(counts), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)

    def renumber(block: slice) -> None:
        cells[block] = rank[cells[block]]

    pool.run(renumber, _blocks(len(x)))
    return Hexagons(cells, _places(order, _shape(span, size)[1]), low, size, counts[order])


def warm_hexagons() -> None:
    """Compile, or load from disk, the kernel here, for coordinates of a map."""
    for some in (np.arange(3, dtype=np.float32), np.arange(3, dtype=np.float64)):
        some.flags.writeable = False  # as those of a map are
        hexagons_of(some, some, 2)


def _step(size: float) -> tuple[float, float]:
    return size * math.sqrt(3) / 2, size / 2


def _chosen_size(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    shift: tuple[float, float],
    low: tuple[float, float],
    span: tuple[float, float],
    about: int,
    fewest: int,
) -> float:
    """Return the size at which about the wanted number of hexagons is filled.

    And few points lie in others.
    """
    every = max(len(x) // _LOOKED_AT, 1)
    some = np.ascontiguousarray(x[::every]), np.ascontiguousarray(y[::every])
    longest = max(span) or 1.0
    least = max(len(x) / about / _EVEN, fewest) / every

    def far(size: float) -> float:
        counts = np.zeros(math.prod(_shape(span, size)), np.int64)
        _count(
            *some,
            *shift,
            *low,
            *_step(size),
            size,
            _shape(span, size)[1],
            counts,
            np.empty(0, np.int32),
        )
        filled = counts[counts >= least]
        missed = max(_COVERED - float(filled.sum()) / len(some[0]), 0.0)
        return abs(math.log(max(len(filled), 0.5) / about)) + _DEAR * missed

    across = np.geomspace(2, max(4.0, 8 * math.sqrt(about)), _COARSE)
    best = int(np.argmin(pool.run(far, (longest / across).tolist())))
    beside = np.geomspace(across[max(best - 1, 0)], across[min(best + 1, _COARSE - 1)], _FINE + 1)
    sizes = [longest / float(across[best]), *(longest / beside).tolist()]
    return float(sizes[int(np.argmin(pool.run(far, sizes)))])


def _shape(span: tuple[float, float], size: float) -> tuple[int, int]:
    """Return rows and columns of a grid that holds every filled hexagon, with a border of one."""
    return int(span[1] / (1.5 * size)) + 4, int(span[0] / (math.sqrt(3) * size)) + 4


def _counted(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    shift: tuple[float, float],
    low: tuple[float, float],
    span: tuple[float, float],
    size: float,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the cell of the grid for each point, and the points in each cell."""
    rows, columns = _shape(span, size)
    cells = np.empty(len(x), np.int32)

    def work(block: slice) -> NDArray[np.int64]:
        counts = np.zeros(rows * columns, np.int64)
        _count(x[block], y[block], *shift, *low, *_step(size), size, columns, counts, cells[block])
        return counts

    return cells, np.sum(pool.run(work, _blocks(len(x))), axis=0)


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK)]


def _places(cells: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """Return the centres of cells of the grid on the lattice."""
    row = cells // columns - 1
    return np.stack([2 * (cells % columns) - 2 + (row & 1), 3 * row], axis=1)


@numba.njit(nogil=True, cache=True)
def _count(
    x: Any,
    y: Any,
    shift_x: float,
    shift_y: float,
    low_x: float,
    low_y: float,
    right: float,
    up: float,
    size: float,
    columns: int,
    counts: Any,
    cells: Any,
) -> None:
    """Add the points to the counts of their cells; write the cells where there is room for them."""
    for i in range(len(x)):
        px, py = np.float64(x[i]) + shift_x, np.float64(y[i]) + shift_y
        q, r = _nearest(px, py, low_x, low_y, right, up, size)
        # a grid of whole rows, in which every second one is half a hexagon to the right
        cell = (r + 1) * columns + ((2 * q + r + 2) >> 1)
        counts[cell] += 1
        if len(cells):
            cells[i] = cell


@numba.njit(nogil=True, cache=True)
def _lattice(
    x: Any, y: Any, low_x: float, low_y: float, right: float, up: float, size: float, places: Any
) -> None:
    """Write the centre around each point, on the lattice."""
    for i in range(len(x)):
        q, r = _nearest(x[i], y[i], low_x, low_y, right, up, size)
        places[i, 0], places[i, 1] = 2 * q + r, 3 * r


@numba.njit(nogil=True, cache=True)
def _nearest(
    px: float, py: float, low_x: float, low_y: float, right: float, up: float, size: float
) -> tuple[int, int]:
    """Return the axial coordinates of the hexagon around a point.

    By rounding in three coordinates that sum to 0.
    """
    r = (py - low_y) / (1.5 * size)
    q = (px - low_x) / (math.sqrt(3.0) * size) - r / 2
    near_q, near_r, near_s = np.rint(q), np.rint(r), np.rint(-q - r)
    off_q, off_r, off_s = abs(q - near_q), abs(r - near_r), abs(-q - r - near_s)
    if off_q > off_r and off_q > off_s:
        near_q = -near_r - near_s
    elif off_r > off_s:
        near_r = -near_q - near_s
    dq, dr = q - near_q, r - near_r
    # 1 on the edges
    out = max(abs(dq - dr), abs(2 * dr + dq), abs(2 * dq + dr))
    if out < 1 - _NEAR:
        return int(near_q), int(near_r)
    held: tuple[int, int] = _by_corners(px, py, int(near_q), int(near_r), low_x, low_y, right, up)
    return held


@numba.njit(nogil=True, cache=True)
def _by_corners(
    px: float, py: float, q: int, r: int, low_x: float, low_y: float, right: float, up: float
) -> tuple[int, int]:
    """Return which hexagon, of one and its six neighbours, holds a point near an edge.

    As its lasso would.
    """
    for k in range(7):
        near_q, near_r = q + _AROUND[k, 0], r + _AROUND[k, 1]
        i, j, odd = 2 * near_q + near_r, 3 * near_r, False
        for c in range(6):
            d = (c + 1) % 6
            odd = odd != crosses(
                px,
                py,
                low_x + right * (i + _CORNERS[c, 0]),
                low_y + up * (j + _CORNERS[c, 1]),
                low_x + right * (i + _CORNERS[d, 0]),
                low_y + up * (j + _CORNERS[d, 1]),
            )
        if odd:
            return near_q, near_r
    return q, r
