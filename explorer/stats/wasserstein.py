"""Wasserstein distance: how far values move for one distribution to become the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BinnedDistance",
    "warm_wasserstein",
    "wasserstein_of_bins",
]


class BinnedDistance(NamedTuple):
    """Distances from counts and sums by bin; all arrays of shape (chunks,), float64.

    Parameters
    ----------
    low, high : ndarray
        Between which the distance of the values themselves lies.
    value : ndarray
        The middle of them.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def wasserstein_of_bins(
    counts: NDArray[Any],
    sums: NDArray[np.float64],
    reference_counts: NDArray[Any],
    reference_sums: NDArray[np.float64],
    edges: NDArray[np.float64],
) -> BinnedDistance:
    """Return the distance of each chunk from the reference, by counts and sums in the same bins.

    At the edges both distribution functions are known, and their integrals over a bin follow from
    the sums. Where the difference cannot change its sign within a bin its part is exact; elsewhere
    it lies between |∫| and what the rows of the bin allow.

    Parameters
    ----------
    counts, sums : ndarray of shape (chunks, e + 1)
        Rows, and sum of values, in each bin: below the first edge, between edges, above the last.
    reference_counts, reference_sums : ndarray of shape (e + 1,) or (chunks, e + 1)
        The same of the reference, or of each chunk's own.
    edges : ndarray of shape (e,), float64
        Ascending, in the unit and from the origin of the sums.

    Returns
    -------
    distance : BinnedDistance
        NaN where chunk or reference has no row.
    """
    own = np.ascontiguousarray(counts, dtype=np.float64)
    other = np.ascontiguousarray(np.broadcast_to(reference_counts, own.shape), dtype=np.float64)
    other_sums = np.ascontiguousarray(np.broadcast_to(reference_sums, own.shape), dtype=np.float64)
    low, high = np.full(len(own), np.nan), np.full(len(own), np.nan)
    if edges.size:
        _bound(own, np.ascontiguousarray(sums), other, other_sums, edges, low, high)
    return BinnedDistance((low + high) / 2, low, high)


def warm_wasserstein() -> None:
    """Compile, or load from disk, every kernel here."""
    wasserstein_of_bins(np.ones((1, 3)), np.ones((1, 3)), np.ones(3), np.ones(3), np.arange(2.0))


@numba.njit(nogil=True, cache=True)
def _bound(
    counts: Any, sums: Any, other: Any, other_sums: Any, edges: Any, low: Any, high: Any
) -> None:
    last = edges.size
    for c in range(counts.shape[0]):
        n, m = counts[c].sum(), other[c].sum()
        if n == 0 or m == 0:
            continue
        least, most, gap = 0.0, 0.0, 0.0
        for i in range(last + 1):
            a, b = counts[c, i] / n, other[c, i] / m
            first, second = sums[c, i] / n, other_sums[c, i] / m
            if i == 0 or i == last:
                # outside the edges: each side's rows lie at a known mean distance from the edge
                edge = edges[0] if i == 0 else edges[last - 1]
                left, right = abs(a * edge - first), abs(b * edge - second)
                least += abs(left - right)
                most += left + right
                gap += a - b
                continue
            before, gap = gap, gap + a - b
            width = edges[i] - edges[i - 1]
            # ∫ (F_a − F_b) over the bin: what is there at its end, less what the rows inside take
            # off
            part = gap * edges[i] - before * edges[i - 1] - (first - second)
            least += abs(part)
            lowest = max(before - b, gap - a)
            highest = min(before + a, gap + b)
            if lowest >= 0 or highest <= 0:
                most += abs(part)
            else:
                # whatever the rows inside do, they take off no more than their own integrals do,
                # from either end
                from_first = abs(before) * width + (a * edges[i] - first) + (b * edges[i] - second)
                from_last = (
                    abs(gap) * width + (first - a * edges[i - 1]) + (second - b * edges[i - 1])
                )
                by_range = min(part - 2 * width * lowest, 2 * width * highest - part)
                most += max(
                    min(by_range, width * max(-lowest, highest), from_first, from_last), abs(part)
                )
        low[c], high[c] = least, most
