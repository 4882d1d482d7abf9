"""The dip: how far a distribution is from the nearest one with a single mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["dip_of_polygon", "dip_of_steps"]

_KNOTS = 513  # places at which the smoothed distribution is looked at


def dip_of_steps(distribution: Distribution) -> float:
    """Return the dip statistic of the cells as they are.

    Hartigan & Hartigan 1985, doi:10.1214/aos/1176346577.

    Half the distance between the empirical distribution function and the closest unimodal one, in
    shares of the cells: from 1/(2n) to 1/4. Rounded values are steps of their own and raise it; see
    `dip_of_polygon`.

    Parameters
    ----------
    distribution : Distribution
        Exact, at least one cell.
    """
    upper = distribution.cumulative / distribution.n
    lower = (distribution.cumulative - distribution.equal) / distribution.n
    return float(_dip(distribution.values, lower, upper))


def dip_of_polygon(distribution: Distribution, equal: NDArray[np.int64] | None = None) -> float:
    """Return the dip with the cells of each value spread half-way to its neighbours.

    So rounded values do not count as modes. 0 where there are fewer than four different values.

    Parameters
    ----------
    distribution : Distribution
    equal : ndarray of shape (k,), int64, optional
        Cells to count at each value instead of ``distribution.equal``: spikes taken off.
    """
    values = distribution.values
    if values.size < 4:
        return 0.0
    edges, share = _polygon(distribution, distribution.equal if equal is None else equal)
    if edges.size > _KNOTS:
        at = np.linspace(0.0, 1.0, _KNOTS)
        edges, share = np.interp(at, share, edges), at
    rising = np.append(True, np.diff(edges) > 0)
    edges, share = edges[rising], share[rising]
    return float(_dip(edges, share, share))


def _polygon(
    distribution: Distribution, equal: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the smoothed distribution function: half-way places and shares below them."""
    values = distribution.values
    between = values[:-1] + np.diff(values) / 2
    edges = np.concatenate([[2 * values[0] - between[0]], between, [2 * values[-1] - between[-1]]])
    cells = equal.astype(np.float64)
    unseen = np.diff(distribution.cumulative) - distribution.equal[1:]
    cells[:-1] += unseen / 2
    cells[1:] += unseen / 2
    share = np.concatenate([[0.0], np.cumsum(cells)])
    return edges, share / share[-1]


@numba.njit(nogil=True, cache=True)
def _hull(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    first: int,
    last: int,
    sign: float,
    hull: NDArray[np.int64],
) -> int:
    """Write the corners of the greatest convex minorant or least concave majorant.

    ``sign`` is 1 or −1. Returns their number.
    """
    size = 0
    for i in range(first, last + 1):
        while size > 1:
            a, b = hull[size - 2], hull[size - 1]
            if sign * ((y[b] - y[a]) * (x[i] - x[b]) - (y[i] - y[b]) * (x[b] - x[a])) < 0:
                break
            size -= 1
        hull[size] = i
        size += 1
    return size


@numba.njit(nogil=True, cache=True)
def _line(x: NDArray[np.float64], y: NDArray[np.float64], a: int, b: int, at: float) -> float:
    if a == b:
        return float(y[a])
    return float(y[a] + (y[b] - y[a]) * ((at - x[a]) / (x[b] - x[a])))


@numba.njit(nogil=True, cache=True)
def _widest(
    x: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    minorant: NDArray[np.int64],
    g_size: int,
    majorant: NDArray[np.int64],
    l_size: int,
) -> tuple[float, int, int]:
    """Largest distance of the two hulls at their corners, and the modal interval from it."""
    widest, left, right = -1.0, minorant[0], majorant[l_size - 1]
    j = 0
    for i in range(g_size):
        corner = minorant[i]
        while j < l_size - 2 and majorant[j + 1] <= corner:
            j += 1
        gap = (
            _line(x, upper, majorant[j], majorant[min(j + 1, l_size - 1)], x[corner])
            - lower[corner]
        )
        if gap > widest:
            widest, left, right = gap, corner, majorant[min(j + 1, l_size - 1)]
    i = 0
    for j in range(l_size):
        corner = majorant[j]
        while i < g_size - 2 and minorant[i + 1] < corner:
            i += 1
        gap = upper[corner] - _line(
            x, lower, minorant[i], minorant[min(i + 1, g_size - 1)], x[corner]
        )
        if gap > widest:
            widest, left, right = gap, minorant[i], corner
    return widest, left, right


@numba.njit(nogil=True, cache=True)
def _misfit(
    x: NDArray[np.float64],
    line: NDArray[np.float64],
    steps: NDArray[np.float64],
    hull: NDArray[np.int64],
    size: int,
    first: int,
    last: int,
    sign: float,
) -> float:
    """Largest distance of the distribution from a hull between two corners, less inner steps."""
    worst, corner = 0.0, 0
    for i in range(first, last + 1):
        while corner < size - 2 and hull[corner + 1] <= i:
            corner += 1
        on_hull = _line(x, line, hull[corner], hull[min(corner + 1, size - 1)], x[i])
        worst = max(worst, sign * (steps[i] - on_hull))
    return worst


@numba.njit(nogil=True, cache=True)
def _dip(x: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> float:
    """Shrink the modal interval until hulls inside are closer than the misfit outside.

    Hartigan 1985.
    """
    minorant, majorant = np.empty(x.size, np.int64), np.empty(x.size, np.int64)
    left, right, worst = 0, x.size - 1, 0.0
    while left < right:
        g_size = _hull(x, lower, left, right, 1.0, minorant)
        l_size = _hull(x, upper, left, right, -1.0, majorant)
        widest, new_left, new_right = _widest(x, lower, upper, minorant, g_size, majorant, l_size)
        if widest <= worst:
            break
        worst = max(worst, _misfit(x, lower, upper, minorant, g_size, left, new_left - 1, 1.0))
        worst = max(worst, _misfit(x, upper, lower, majorant, l_size, new_right + 1, right, -1.0))
        if new_left == left and new_right == right:
            # a straight stretch: one of the steps at its ends can be the mode, the other is misfit
            worst = max(worst, min(upper[left] - lower[left], upper[right] - lower[right]))
            break
        left, right = new_left, new_right
    return worst / 2
