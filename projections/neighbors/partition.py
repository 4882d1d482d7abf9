"""Rows in cells of near rows, in an order in which near cells follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from projections.neighbors.search import exact_nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ROWS_PER_CELL", "Partition"]

ROWS_PER_CELL = 256
"""Rows of a cell on average, so that the cost of a search per row does not grow with the rows."""

_ROUNDS = 3
_SAMPLE_PER_CELL = 32


@dataclass(frozen=True)
class Partition:
    """Groups of cells of rows, by k-means of all rows, then of the rows of each group.

    Attributes
    ----------
    order : ndarray of shape (n_samples,), int64
        Rows, cell after cell.
    starts : ndarray of shape (n_cells + 1,), int64
        Where each cell begins in `order`, and the end. Cells may be empty.
    centroids : ndarray of shape (n_cells, n_features), float32
    groups : ndarray of shape (n_groups, n_features), float32
        Centroid of each group.
    group_starts : ndarray of shape (n_groups + 1,), int64
        First cell of each group, and the end.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    centroids: NDArray[np.float32]
    groups: NDArray[np.float32]
    group_starts: NDArray[np.int64]

    @classmethod
    def of(
        cls, X: NDArray[np.float32], random_state: int, *, n_jobs: int | None = None
    ) -> Partition:
        """Part `X` of shape (n_samples, n_features), alike with any number of threads."""
        rng = np.random.default_rng(random_state)
        n_cells = max(1, round(len(X) / ROWS_PER_CELL))
        groups, group_of = _parted(X, max(1, round(n_cells**0.5)), rng, n_jobs)
        members, ends = _listed(group_of, len(groups))
        order, centroids, sizes, n_cells_of = [], [], [], []
        for rows in np.split(members, ends[:-1]):
            part = X[rows]
            cells, cell_of = _parted(part, max(1, round(len(rows) / ROWS_PER_CELL)), rng, n_jobs)
            inside, inside_ends = _listed(cell_of, len(cells))
            order.append(rows[inside])
            centroids.append(cells)
            sizes.append(np.diff(inside_ends, prepend=0))
            n_cells_of.append(len(cells))
        return cls(
            np.concatenate(order),
            np.concatenate(([0], np.cumsum(np.concatenate(sizes)))),
            np.concatenate(centroids),
            groups,
            np.concatenate(([0], np.cumsum(n_cells_of))),
        )

    def arranged(self) -> Partition:
        """Return the partition of ``X[order]``: the same cells, their rows in order."""
        return Partition(
            np.arange(len(self.order)), self.starts, self.centroids, self.groups, self.group_starts
        )

    def cells_of_rows(self) -> NDArray[np.int32]:
        """Return the cell of each row, of shape (n_samples,)."""
        cells = np.empty(len(self.order), dtype=np.int32)
        cells[self.order] = np.repeat(
            np.arange(len(self.centroids), dtype=np.int32), np.diff(self.starts)
        )
        return cells

    def cells_for(self, X: NDArray[np.float32], n_jobs: int | None = None) -> NDArray[np.int32]:
        """Return the cell of each row of `X`, whose rows may be new."""
        nearest, _squared = exact_nearest(X, self.groups, 1, n_jobs=n_jobs)
        members, ends = _listed(nearest[:, 0], len(self.groups))
        cells = np.empty(len(X), dtype=np.int32)
        for group, rows in enumerate(np.split(members, ends[:-1])):
            first, stop = self.group_starts[group : group + 2]
            inside, _squared = exact_nearest(X[rows], self.centroids[first:stop], 1, n_jobs=n_jobs)
            cells[rows] = first + inside[:, 0]
        return cells


def _parted(
    X: NDArray[np.float32], n_parts: int, rng: np.random.Generator, n_jobs: int | None
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return centroids by k-means on a sample, ordered by nearness, and the nearest of each row."""
    n_parts = min(n_parts, max(1, len(X)))
    if len(X) == 0:
        return np.zeros((1, X.shape[1]), dtype=np.float32), np.zeros(0, dtype=np.int32)
    n_sampled = min(len(X), n_parts * _SAMPLE_PER_CELL)
    sample = X[rng.choice(len(X), size=n_sampled, replace=False)] if n_sampled < len(X) else X
    centroids = sample[:n_parts].copy()
    for _ in range(_ROUNDS if n_parts > 1 else 1):
        nearest, _squared = exact_nearest(sample, centroids, 1, n_jobs=n_jobs)
        members, _ends = _listed(nearest[:, 0], n_parts)
        parts, first = np.unique(nearest[members, 0], return_index=True)
        sums = np.add.reduceat(sample[members], first, axis=0, dtype=np.float64)
        counts = np.diff(np.append(first, n_sampled))
        centroids[parts] = sums / counts[:, None]
    centroids = centroids[_path(centroids)]
    nearest, _squared = exact_nearest(X, centroids, 1, n_jobs=n_jobs)
    return centroids, nearest[:, 0]


def _listed(
    part_of: NDArray[np.int32], n_parts: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows part after part, in each as they stood, and where each part ends."""
    order = np.argsort(part_of.astype(np.uint16 if n_parts < 1 << 16 else np.int32), kind="stable")
    return order, np.cumsum(np.bincount(part_of, minlength=n_parts))


def _path(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the points in an order in which each is followed by the nearest of those left."""
    left = np.ones(len(points), dtype=np.bool_)
    order = np.empty(len(points), dtype=np.int64)
    current = int(((points - points.mean(axis=0, dtype=np.float64)) ** 2).sum(axis=1).argmax())
    for place in range(len(points)):
        order[place] = current
        left[current] = False
        squared = ((points - points[current]) ** 2).sum(axis=1)
        squared[~left] = np.inf
        current = int(squared.argmin())
    return order
