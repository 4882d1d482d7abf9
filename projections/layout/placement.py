"""Rows that were not laid out, placed among those that were."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.layout.fuzzy_graph import memberships
from projections.neighbors.nearest_neighbors import nearest_rows
from projections.neighbors.neighbor_cells import CellIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress
    from projections.neighbors.partition import Partition

__all__ = ["Placement"]

_TYPICAL_QUANTILE = 0.99
_BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class Placement:
    """A layout that takes more rows, without moving any.

    Attributes
    ----------
    X : ndarray of shape (n_laid_out, n_features), float32
        Rows laid out, in canonical form.
    positions : ndarray of shape (n_laid_out, n_components), float32
    k : int
        Neighbours that decide where a row goes.
    mean_distance : float
        Mean distance of a row laid out to its neighbours.
    far : float
        Distance to the nearest other row that 99 % of the rows laid out stay below.
    partition : Partition or None
        Of `X`, when there is one: the search for neighbours begins from it.
    """

    X: NDArray[np.float32]
    positions: NDArray[np.float32]
    k: int
    mean_distance: float
    far: float
    partition: Partition | None = None
    _kept: dict[str, CellIndex] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        X: NDArray[np.float32],
        positions: NDArray[np.float32],
        distances: NDArray[np.float32],
        partition: Partition | None = None,
    ) -> Placement:
        """Build from rows laid out and `distances` to their neighbours, shape (n_laid_out, k)."""
        far = float(np.quantile(distances[:, 0], _TYPICAL_QUANTILE))
        mean = float(distances.mean(dtype=np.float64))
        return cls(X, positions, distances.shape[1], mean, far, partition)

    def _cells(self) -> CellIndex | None:
        """Return the cells to search in; made once, as large as the rows, never pickled."""
        if self.partition is None:
            return None
        if "cells" not in self._kept:
            self._kept["cells"] = CellIndex.of(self.X, self.partition)
        return self._kept["cells"]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}}

    def place(
        self,
        X: NDArray[np.float32],
        *,
        random_state: int = 0,
        n_jobs: int | None = None,
        progress: Progress | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Put each row at the mean of its nearest rows, weighted as in the fuzzy graph.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float32
            In canonical form, none of them laid out.
        random_state, n_jobs, progress
            As in `projections.neighbors.nearest_neighbors.nearest_neighbors`.

        Returns
        -------
        positions : ndarray of shape (n_rows, n_components), float32
        distances : ndarray of shape (n_rows,), float32
            Distance to the nearest row laid out, in units of `far`: above 1 the row is farther from
            all of them than 99 % of them are from each other.
        """
        indices, distances = nearest_rows(
            X,
            self.X,
            self.k,
            cells=self._cells(),
            random_state=random_state,
            n_jobs=n_jobs,
            progress=progress,
        )
        weights = memberships(distances, mean_distance=self.mean_distance, n_jobs=n_jobs)
        weights /= weights.sum(axis=1, keepdims=True)
        placed = np.empty((len(X), self.positions.shape[1]), dtype=np.float32)
        for start in range(0, len(X), _BLOCK_ROWS):
            part = slice(start, start + _BLOCK_ROWS)
            placed[part] = np.einsum("ij,ijc->ic", weights[part], self.positions[indices[part]])
        # Where fitted rows lie on one spot in float32, any distance at all is outside.
        unit = np.float32(self.far if self.far > 0 else np.finfo(np.float32).tiny)
        return placed, np.minimum(distances[:, 0] / unit, np.finfo(np.float32).max)
