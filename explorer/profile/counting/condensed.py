"""A distribution reduced to few values, dense in the tails, with the cells each stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.profile.counting.distribution import Distribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cells_per_value", "condense"]

_TAIL = 8  # one in so many points goes to each tail
_GAPS = 32  # the widest, both sides of which are kept


def condense(distribution: Distribution, points: int) -> Distribution:
    """Return about ``points`` of the values, at even ranks and denser towards the ends.

    Ranks grow geometrically from each end. Where values repeat there are three times as many.

    Kept ranks stay exact, and so do values with at least 1/``points`` of the cells, those beside
    them, both sides of the widest gaps, both ends, and the outermost values one by one: what is
    computed of the tails does not suffer from the thinning.

    Parameters
    ----------
    distribution : Distribution
    points : int
        At least 64.
    """
    if distribution.values.size <= points:
        return distribution
    n = distribution.n
    even = np.arange(1, points - 2 * (points // _TAIL) + 1) * (n / (points - 2 * (points // _TAIL)))
    tail = np.geomspace(1, max(2.0, n * _TAIL / points), points // _TAIL)
    wanted = np.concatenate([np.ceil(even), np.ceil(tail), n + 1 - np.ceil(tail)])
    at = np.searchsorted(distribution.cumulative, np.clip(wanted, 1, n), side="left")
    heavy = np.flatnonzero(distribution.equal >= max(2, n // points))
    # what lies beside a spike or a gap: a line drawn across it would pass for values that are not
    # there
    widest = np.argpartition(np.diff(distribution.values), -_GAPS)[-_GAPS:]
    neighbours = np.concatenate([heavy - 1, heavy, heavy + 1, widest, widest + 1])
    keep = np.zeros(distribution.values.size, dtype=bool)
    keep[np.clip(neighbours, 0, keep.size - 1)] = True
    keep[at] = keep[0] = keep[-1] = True
    points_kept = np.flatnonzero(keep)
    return Distribution(
        distribution.values[points_kept],
        distribution.cumulative[points_kept],
        distribution.equal[points_kept],
        False,
        distribution.rank_error,
    )


def cells_per_value(distribution: Distribution) -> NDArray[np.float64]:
    """Count the cells that each kept value stands for.

    Its own, and where the distribution is not exact half of those between it and its neighbours.
    Cells in the outermost gap all go to its inner value: an end value stands for nobody else, for
    it may be far out.

    Returns
    -------
    ndarray of shape (k,), float64
        Sums to the number of cells.
    """
    cells = distribution.equal.astype(np.float64)
    if distribution.exact or cells.size < 2:
        return cells
    unseen = (np.diff(distribution.cumulative) - distribution.equal[1:]) / 2
    up, down = unseen.copy(), unseen.copy()
    up[-1] += down[-1]  # to the value below the gap
    down[-1] = 0
    if unseen.size > 1:
        down[0] += up[0]  # to the value above it
        up[0] = 0
    cells[:-1] += up
    cells[1:] += down
    return cells
