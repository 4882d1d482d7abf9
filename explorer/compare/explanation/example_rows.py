"""Example rows: the rows nearest to the middle of a group, and farthest from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.compare.group_features import SampledAssociation

__all__ = ["distances_to_middle", "example_places"]


def distances_to_middle(
    cells: SampledAssociation, names: Sequence[str], group: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return how far each row of a group is from its middle, on average over some features.

    A number is replaced by its rank among all rows given, from 0 to 1, so that features of any
    scale and tail count alike; its middle is the median of the group. A category is at distance 0
    where it has the most frequent level of the group, else at 1. A missing cell is at .5.

    Parameters
    ----------
    cells : SampledAssociation
        Cells of random rows of the group and of the others.
    names : sequence of str
        Features; those that are neither numbers nor categories are passed over.
    group : ndarray of bool
        Which of these rows are of the group.

    Returns
    -------
    ndarray of shape (rows of the group,), float64
        In [0, 1]; 0 without features.
    """
    total, count = np.zeros(int(group.sum())), 0
    for name in names:
        if not cells.looked_at(name):
            continue
        values = cells.cells(name)
        present = ~np.isnan(values)
        inside = group & present
        if not inside.any():
            continue
        distance = np.full(len(values), 0.5)
        if cells.ordered(name):
            ranks = np.zeros(len(values))
            ranks[present] = average_ranks(values[present]) / present.sum()
            distance[present] = np.abs(ranks[present] - np.median(ranks[inside]))
        else:
            codes, counts = np.unique(values[inside], return_counts=True)
            distance[present] = values[present] != codes[np.argmax(counts)]
        total += distance[group]
        count += 1
    return total / max(count, 1)


def example_places(
    distances: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the nearest rows, and of the farthest, none of which is in both."""
    order = np.argsort(distances, kind="stable")
    near = order[: min(most, (len(order) + 1) // 2)]
    far = order[len(near) :][::-1][:most]
    return near, far
