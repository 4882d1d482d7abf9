"""What one row sees of all others: distances, the nearest of them, and the rank of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from projections.search import TILE, tile_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Surroundings", "all_distances", "look", "rank"]

_PILOT = 1024


class Surroundings(NamedTuple):
    """All rows as seen from one.

    Attributes
    ----------
    distances : ndarray of shape (n_padded,), float32
        Squared distance to each row, infinite to the row itself.
    rows : ndarray of shape (n_near,), int32
        The rows up to `limit`, increasing; at least as many as the largest neighbourhood asked for.
    values : ndarray of shape (n_near,), float32
        Their distances, in another order.
    limit : float32
    reaches : ndarray of shape (n_sizes,), float32
        Distance at which each neighbourhood asked for ends.
    """

    distances: NDArray[np.float32]
    rows: NDArray[np.int32]
    values: NDArray[np.float32]
    limit: np.float32
    reaches: NDArray[np.float32]


@njit(cache=True, nogil=True)
def all_distances(queries, own, tiles, out):  # type: ignore[no-untyped-def]
    """Write the distances of a few queries to all rows; each tile is read once for all of them."""
    for tile in range(tiles.shape[0]):
        for q in range(queries.shape[0]):
            tile_distances(queries[q], tiles[tile], out[q, tile * TILE : (tile + 1) * TILE])
    for q in range(queries.shape[0]):
        out[q, own[q]] = np.inf


@njit(cache=True, nogil=True)
def look(distances, n_samples, sizes, buffer):  # type: ignore[no-untyped-def]
    """Find the neighbourhoods of `sizes`, increasing, in the distances of one row; `buffer` holds n_samples int32."""
    found, factor, limit = 0, 1.0, np.float32(0.0)
    while found < sizes[-1]:
        limit = _guess_limit(distances, n_samples, sizes[-1], factor)
        found = _gather(distances, n_samples, limit, buffer)
        factor *= 4.0
    rows = buffer[:found]
    values = distances[rows]
    reaches = np.empty(sizes.shape[0], dtype=np.float32)
    n_values = found
    for size in range(sizes.shape[0] - 1, -1, -1):
        reaches[size] = _select(values, n_values, sizes[size] - 1)
        n_values = sizes[size]
    return Surroundings(distances, rows, values, limit, reaches)


@njit(cache=True, nogil=True)
def rank(view, n_samples, row, truth):  # type: ignore[no-untyped-def]
    """Return the rank of a row by distance; an equally near row goes before it, half, where `truth` says it is farther."""
    distance = view.distances[row]
    all_values = view.values if distance <= view.limit else view.distances[:n_samples]
    nearer, equal = np.int32(0), np.int32(0)
    for value in all_values:
        nearer += np.int32(value < distance)
        equal += np.int32(value == distance)
    tied = 0
    if equal > 1:
        for other in range(n_samples):
            tied += (view.distances[other] == distance) & (truth[other] > truth[row])
    return 1.0 + nearer + 0.5 * tied


@njit(cache=True, nogil=True)
def _guess_limit(distances, n_samples, k, factor):  # type: ignore[no-untyped-def]
    """Guess from every so many-th row a distance that more than k rows stay below."""
    stride = max(1, n_samples // _PILOT)
    pilot = distances[:n_samples:stride].copy()
    expected = k * pilot.shape[0] / n_samples
    place = int(factor * (expected + 3.0 * np.sqrt(expected) + 4.0))
    return _select(pilot, pilot.shape[0], place) if place < pilot.shape[0] else np.float32(np.inf)


@njit(cache=True, nogil=True)
def _gather(distances, n_samples, limit, rows):  # type: ignore[no-untyped-def]
    """List the rows up to `limit`, block by block: most blocks hold none, which a count without branches tells."""
    found = 0
    for first in range(0, n_samples, 64):
        stop = min(first + 64, n_samples)
        count = np.int32(0)
        for row in range(first, stop):
            count += np.int32(distances[row] <= limit)
        if count > 0:
            for row in range(first, stop):
                rows[found] = row
                found += distances[row] <= limit
    return found


@njit(cache=True, nogil=True)
def _select(values, n_values, place):  # type: ignore[no-untyped-def]
    """Put the value of rank `place` of the first `n_values` there, none larger before it (Hoare 1961, doi:10.1145/366622.366647)."""
    low, high = 0, n_values - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            break
    return values[place]
