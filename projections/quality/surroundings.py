"""What one row sees of all others: distances, the nearest of them, and the rank of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from projections.neighbors.search import TILE, tile_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Surroundings", "all_distances", "find_neighborhoods", "ranks"]

_PILOT, _PILOT_NEAR = (
    8192,
    200,
)  # rows looked at first, and how many of them lie within the neighbourhood: no more is needed
_BLOCK = 1024


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
def find_neighborhoods(distances, n_samples, sizes, buffer):  # type: ignore[no-untyped-def]
    """Find the neighbourhoods of `sizes`, ascending, of one row; `buffer` is n_samples int32."""
    gathered, factor, limit = 0, 1.0, np.float32(0.0)
    while gathered < sizes[-1]:
        limit = _guess_limit(distances, n_samples, sizes[-1], factor)
        gathered = _gather(distances, n_samples, limit, buffer)
        factor *= 4.0
    rows = buffer[:gathered]
    values = distances[rows]
    reaches = np.empty(sizes.shape[0], dtype=np.float32)
    n_values = gathered
    for size in range(sizes.shape[0] - 1, -1, -1):
        reaches[size] = _select(values, n_values, sizes[size] - 1)
        n_values = sizes[size]
    return Surroundings(distances, rows, values, limit, reaches)


@njit(cache=True, nogil=True)
def ranks(view, n_samples, rows, truth):  # type: ignore[no-untyped-def]
    """Return the rank of each of some rows by distance.

    An equally near row that is farther by `truth` counts half.
    """
    order = np.argsort(truth[rows], kind="mergesort")
    order = order[np.argsort(view.distances[rows][order], kind="mergesort")]
    # copies of a row lie at one distance: each distance is looked for once
    wanted, place_of = view.distances[rows][order], np.empty(len(rows), dtype=np.int64)
    n_wanted = 0
    for i in range(len(order)):
        if i == 0 or wanted[i] != wanted[n_wanted - 1]:
            wanted[n_wanted] = wanted[i]
            n_wanted += 1
        place_of[i] = n_wanted - 1
    wanted = wanted[:n_wanted]
    nearer, equal = np.zeros((2, n_wanted), dtype=np.int64)
    if n_wanted > 0:
        if wanted[n_wanted - 1] <= view.limit:
            _count(view.values, wanted, nearer, equal)
        else:
            _count(view.distances[:n_samples], wanted, nearer, equal)
    result, last, tied = np.empty(len(rows)), -1, np.int64(0)
    for i in range(len(order)):
        place, row = place_of[i], rows[order[i]]
        if equal[place] > 1 and (i == 0 or place != place_of[i - 1] or truth[row] != truth[last]):
            tied = _tied_farther(view.distances, truth, n_samples, wanted[place], truth[row])
        result[order[i]] = 1.0 + nearer[place] + (0.5 * tied if equal[place] > 1 else 0.0)
        last = row
    return result


@njit(cache=True, nogil=True)
def _tied_farther(distances, truth, n_samples, distance, own_truth):  # type: ignore[no-untyped-def]
    """Count the rows as far as `distance` and in truth farther than `own_truth`, in blocks."""
    total, whole = np.int64(0), n_samples - n_samples % _BLOCK
    for first in range(0, whole, _BLOCK):
        block, true = distances[first : first + _BLOCK], truth[first : first + _BLOCK]
        count = np.int32(0)
        for lane in range(_BLOCK):
            count += np.int32((block[lane] == distance) & (true[lane] > own_truth))
        total += count
    for row in range(whole, n_samples):
        total += (distances[row] == distance) & (truth[row] > own_truth)
    return total


@njit(cache=True, nogil=True)
def _count(distances, wanted, nearer, equal):  # type: ignore[no-untyped-def]
    """Count which distances are below and at each of those wanted, a block at a time.

    Of many rows a few are equally far by the rounding of float32 alone, which means nothing: where
    none of 16,384 spread over all is at a distance wanted, ties are not looked for.
    """
    sampled, equal_count = distances[:: max(1, len(distances) >> 14)].copy(), np.int32(0)
    for limit in wanted:
        for other in range(sampled.shape[0]):
            equal_count += np.int32(sampled[other] == limit)
    ties = equal_count > 0
    whole = len(distances) - len(distances) % _BLOCK
    for first in range(0, whole, _BLOCK):
        block = distances[first : first + _BLOCK]
        for place in range(len(wanted)):
            nearer[place] += _below(block, wanted[place])
            if ties:
                equal[place] += _at(block, wanted[place])
    for other in range(whole, len(distances)):
        for place in range(len(wanted)):
            nearer[place] += distances[other] < wanted[place]
            equal[place] += distances[other] == wanted[place]


@njit(cache=True, nogil=True)
def _below(block, limit):  # type: ignore[no-untyped-def]
    """Count in a loop of constant length, which becomes vector instructions where inlined."""
    count = np.int32(0)
    for lane in range(_BLOCK):
        count += np.int32(block[lane] < limit)
    return count


@njit(cache=True, nogil=True)
def _at(block, limit):  # type: ignore[no-untyped-def]
    count = np.int32(0)
    for lane in range(_BLOCK):
        count += np.int32(block[lane] == limit)
    return count


@njit(cache=True, nogil=True)
def _guess_limit(distances, n_samples, k, factor):  # type: ignore[no-untyped-def]
    """Guess from every so many-th row a distance that more than k rows stay below."""
    stride = max(1, n_samples // _PILOT, k // _PILOT_NEAR)
    pilot = distances[:n_samples:stride].copy()
    expected = k * pilot.shape[0] / n_samples
    place = int(factor * (expected + 3.0 * np.sqrt(expected) + 4.0))
    return _select(pilot, pilot.shape[0], place) if place < pilot.shape[0] else np.float32(np.inf)


@njit(cache=True, nogil=True)
def _gather(distances, n_samples, limit, rows):  # type: ignore[no-untyped-def]
    """List the rows up to `limit`, block by block; most blocks hold none."""
    size, whole = 0, n_samples - n_samples % 16
    for first in range(0, whole, 16):
        count = np.int32(0)
        for lane in range(16):
            count += np.int32(distances[first + lane] <= limit)
        if count > 0:
            for row in range(first, first + 16):
                rows[size] = row
                size += distances[row] <= limit
    for row in range(whole, n_samples):
        if distances[row] <= limit:
            rows[size] = row
            size += 1
    return size


@njit(cache=True, nogil=True)
def _select(values, n_values, place):  # type: ignore[no-untyped-def]
    """Put the value of rank `place` of the first `n_values` there, none larger before it.

    Hoare 1961, doi:10.1145/366622.366647.

    Values are parted without branches, which no processor could guess here.
    """
    low, high = 0, n_values
    while high - low > 1:
        a, b, c = values[low], values[(low + high) // 2], values[high - 1]
        pivot = max(min(a, b), min(max(a, b), c))
        middle = low
        for i in range(low, high):
            value = values[i]
            values[i] = values[middle]
            values[middle] = value
            middle += value < pivot
        if place < middle:
            high = middle
        elif middle > low:
            low = middle
        else:  # none is below the pivot: put those that equal it first
            for i in range(low, high):
                value = values[i]
                values[i] = values[middle]
                values[middle] = value
                middle += value == pivot
            if place < middle:
                break
            low = middle
    return values[place]
