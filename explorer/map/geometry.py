"""Rows by place: inside a lasso, inside a box, nearest to a point.

Exact to the row, decided by tile where possible.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.core.errors import EmbeddingError
from explorer.map.raster import pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.map.map_store import MapStore

__all__ = ["box_mask", "crosses", "lasso_mask", "pick"]

_TILES_A_PART = 256

Edges = NDArray[np.float64]
"""(edges, 4): x and y of the start, x and y of the end, in data units."""


def lasso_mask(store: MapStore, polygon: ArrayLike) -> NDArray[np.bool_]:
    """Return which rows lie inside a polygon, by the even-odd rule.

    A row is inside when a ray from it towards greater x crosses the outline an odd number of times,
    where an edge holds its lower end and not its upper one (Franklin 1970, "pnpoly"): of two
    polygons that share an edge, a row on it is in exactly one. Every vertex counts; none is
    simplified away.

    Parameters
    ----------
    polygon : array of shape (vertices, 2)
        In data units, closed by itself; 3 or more vertices.

    Returns
    -------
    ndarray of shape (m,), bool
        In the order of xy; rows without coordinates are outside.
    """
    vertices = np.asarray(polygon, np.float64)
    if (
        vertices.ndim != 2
        or vertices.shape[1] != 2
        or len(vertices) < 3
        or not np.isfinite(vertices).all()
    ):
        raise EmbeddingError(
            "a lasso must be 3 or more finite (x, y) vertices, got an array of shape "
            f"{vertices.shape}: draw around some rows"
        )
    edges = np.concatenate([vertices, np.roll(vertices, -1, axis=0)], axis=1)
    inside = np.zeros(store.n, np.bool_)

    def part(tiles: slice) -> None:
        _lasso_tiles(
            store.x,
            store.y,
            store.bounds,
            store.offsets,
            tiles.start,
            tiles.stop,
            edges,
            *store.origin,
            inside,
        )

    pool.run(part, _parts(store))
    return store.restore(inside)


def box_mask(
    store: MapStore, x_range: Sequence[float], y_range: Sequence[float]
) -> NDArray[np.bool_]:
    """Return which rows lie in a closed box: ``low ≤ x ≤ high``, and so for y.

    Parameters
    ----------
    x_range, y_range : pair of float
        Two corners in data units, in either order.

    Returns
    -------
    ndarray of shape (m,), bool
        In the order of xy; rows without coordinates are outside.
    """
    box = (*sorted(map(float, x_range)), *sorted(map(float, y_range)))
    if len(box) != 4 or any(math.isnan(side) for side in box):
        raise EmbeddingError(
            f"a box must be two numbers each way, got x_range={x_range!r}, y_range={y_range!r}"
        )
    inside = np.zeros(store.n, np.bool_)

    def part(tiles: slice) -> None:
        _box_tiles(
            store.x,
            store.y,
            store.bounds,
            store.offsets,
            tiles.start,
            tiles.stop,
            *box,
            *store.origin,
            inside,
        )

    pool.run(part, _parts(store))
    return store.restore(inside)


def pick(
    store: MapStore,
    x: float,
    y: float,
    radius_x: float,
    radius_y: float | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> int | None:
    """Return the row nearest to a point within an ellipse around it, or None.

    Parameters
    ----------
    x, y : float
        Data units.
    radius_x, radius_y : float
        Half axes of the closed ellipse in data units, above 0, such as 8 pixels each way; distances
        are measured in them. Default of radius_y: radius_x.
    mask : ndarray of shape (n,), bool, in tile order, optional
        Rows to choose from; all without it.

    Returns
    -------
    int or None
        Row of xy; of equally near ones the first.
    """
    radius_y = radius_x if radius_y is None else radius_y
    if not (0 < radius_x < math.inf and 0 < radius_y < math.inf):
        raise EmbeddingError(
            f"radii of {radius_x} and {radius_y} pick nothing: pass finite lengths above 0 in data "
            "units"
        )
    states = np.empty(0, np.bool_) if mask is None else mask
    if mask is not None and mask.shape != (store.n,):
        raise EmbeddingError(
            f"a mask must have shape ({store.n},), got {mask.shape}: put it in tile order with "
            "store.arrange"
        )
    row = _nearest(
        store.x,
        store.y,
        store.order,
        store.bounds,
        store.offsets,
        states,
        x,
        y,
        radius_x,
        radius_y,
        *store.origin,
    )
    return None if row < 0 else int(row)


def _parts(store: MapStore) -> list[slice]:
    """Cut the tiles into parts small enough that no thread is left with the hard ones."""
    tiles = len(store.bounds)
    return [
        slice(start, min(start + _TILES_A_PART, tiles)) for start in range(0, tiles, _TILES_A_PART)
    ]


@numba.njit(nogil=True, cache=True)
def crosses(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> bool:
    """Say whether the ray from (x, y) towards greater x crosses the edge a–b, by `lasso_mask`."""
    if (ay > y) == (by > y):
        return False
    # always upwards: two polygons run along the edge that they share in opposite directions, and
    # must round alike
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    at = ax + (bx - ax) * ((y - ay) / (by - ay))
    # rounding must not carry the crossing beyond the edge, or rows would differ from what their
    # tile decides
    return bool(x < min(max(at, min(ax, bx)), max(ax, bx)))


@numba.njit(nogil=True, cache=True)
def _touches(left: float, right: float, low: float, high: float, edge: Edges) -> bool:
    """Say whether an edge may touch a tile: False only if it certainly passes it by."""
    ax, ay, bx, by = edge[0], edge[1], edge[2], edge[3]
    if max(ax, bx) < left or min(ax, bx) > right or max(ay, by) < low or min(ay, by) > high:
        return False
    dx, dy = bx - ax, by - ay
    # the sides of the line on which the nearest and the farthest corner lie
    middle = dx * (0.5 * (low + high) - ay) - dy * (0.5 * (left + right) - ax)
    reach = 0.5 * (abs(dx) * (high - low) + abs(dy) * (right - left))
    # rounding of the products, and of the crossing a row is compared with, is far below this
    slack = 1e-9 * (
        abs(dx) * (abs(high) + abs(low) + abs(ay)) + abs(dy) * (abs(left) + abs(right) + abs(ax))
    )
    return (
        not abs(middle) > reach + slack
    )  # so, NaN (from vertices near the end of float64) touches


@numba.njit(nogil=True, cache=True)
def _inside(x: float, y: float, edges: Edges, chosen: NDArray[np.int64]) -> bool:
    odd = False
    for e in chosen:
        odd = odd != crosses(x, y, edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3])
    return bool(odd)


@numba.njit(nogil=True, cache=True)
def _lasso_tiles(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    first: int,
    last: int,
    edges: Edges,
    ox: float,
    oy: float,
    inside: NDArray[np.bool_],
) -> None:
    """Decide the rows of the tiles first ≤ tile < last.

    A tile that no edge touches is in or out as a whole. Else its rows are tested against the edges
    at its height that do not lie to its left: the ray towards greater x can meet no other.
    """
    chosen = np.empty(edges.shape[0], np.int64)
    for tile in range(first, last):
        left, right = np.float64(bounds[tile, 0]) + ox, np.float64(bounds[tile, 1]) + ox
        low, high = np.float64(bounds[tile, 2]) + oy, np.float64(bounds[tile, 3]) + oy
        n_chosen, touched = 0, False
        for e in range(edges.shape[0]):
            ax, ay, bx, by = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
            if max(ay, by) < low or min(ay, by) > high or max(ax, bx) < left:
                continue
            chosen[n_chosen] = e
            n_chosen += 1
            touched |= _touches(left, right, low, high, edges[e])
        start, stop = offsets[tile], offsets[tile + 1]
        if not touched:
            inside[start:stop] = _inside(left, low, edges, chosen[:n_chosen])
            continue
        for i in range(start, stop):
            inside[i] = _inside(
                np.float64(xs[i]) + ox, np.float64(ys[i]) + oy, edges, chosen[:n_chosen]
            )


@numba.njit(nogil=True, cache=True)
def _box_tiles(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    first: int,
    last: int,
    x_low: float,
    x_high: float,
    y_low: float,
    y_high: float,
    ox: float,
    oy: float,
    inside: NDArray[np.bool_],
) -> None:
    for tile in range(first, last):
        left, right = np.float64(bounds[tile, 0]) + ox, np.float64(bounds[tile, 1]) + ox
        low, high = np.float64(bounds[tile, 2]) + oy, np.float64(bounds[tile, 3]) + oy
        if left > x_high or right < x_low or low > y_high or high < y_low:
            continue
        start, stop = offsets[tile], offsets[tile + 1]
        if left >= x_low and right <= x_high and low >= y_low and high <= y_high:
            inside[start:stop] = True
            continue
        for i in range(start, stop):
            x, y = np.float64(xs[i]) + ox, np.float64(ys[i]) + oy
            inside[i] = x_low <= x <= x_high and y_low <= y <= y_high


@numba.njit(nogil=True, cache=True)
def _nearest(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    order: NDArray[np.uint32],
    bounds: NDArray[np.float32],
    offsets: NDArray[np.int64],
    mask: NDArray[np.bool_],
    x: float,
    y: float,
    rx: float,
    ry: float,
    ox: float,
    oy: float,
) -> int:
    """Return the row nearest to (x, y) within the ellipse, the first of equal ones, or -1."""
    best, row = 1.0, -1
    for tile in range(bounds.shape[0]):
        dx = (
            max(np.float64(bounds[tile, 0]) + ox - x, x - (np.float64(bounds[tile, 1]) + ox), 0.0)
            / rx
        )
        dy = (
            max(np.float64(bounds[tile, 2]) + oy - y, y - (np.float64(bounds[tile, 3]) + oy), 0.0)
            / ry
        )
        if dx * dx + dy * dy > best:
            continue
        for i in range(offsets[tile], offsets[tile + 1]):
            if mask.size > 0 and not mask[i]:
                continue
            dx = (np.float64(xs[i]) + ox - x) / rx
            dy = (np.float64(ys[i]) + oy - y) / ry
            distance = dx * dx + dy * dy
            if distance < best or (distance == best and (row < 0 or int(order[i]) < row)):
                best, row = distance, int(order[i])
    return row
