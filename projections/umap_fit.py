"""One fit of UMAP: seeds, clock, notes and progress on the way through the stages."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import Progress, report
from projections.layout.force_layout import find_curve, oriented, run_layout
from projections.layout.fuzzy_graph import Graph, fuzzy_graph, n_pieces
from projections.layout.initial_layout import pca_start
from projections.layout.placement import Placement
from projections.layout.supervision import with_classes
from projections.metrics import as_distances
from projections.neighbors.nearest_neighbors import Neighbors, nearest_neighbors
from projections.neighbors.partition import Partition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["UMAPFit", "UMAPLayout", "UMAPParameters"]

_SMALL = 10_000
_EPOCHS_SMALL, _EPOCHS = 500, 200  # umap-learn's defaults up to and above 10,000 rows
_SAVED_BY_LANDMARKS = 0.6  # share of the epochs that a start from landmarks makes unnecessary
_ARRANGED_ABOVE = 4_096  # fewer rows fit the nearest caches in any order

# What the stages of a layout of landmarks are of it, in per cent.
_SHARES = {"start": (0, 2), "neighbors": (2, 35), "graph": (35, 40), "layout": (40, 100)}


@dataclass(frozen=True)
class UMAPParameters:
    """The parameters of `projections.UMAP` that the stages of a fit use."""

    n_components: int
    n_neighbors: int
    min_dist: float
    n_epochs: int | None
    n_jobs: int | None
    metric: str = "euclidean"
    target_weight: float = 0.5


@dataclass(frozen=True)
class UMAPLayout:
    """Distinct rows that were laid out.

    Attributes
    ----------
    placement : Placement
        The rows and their positions, in the order in which they were worked on.
    order : ndarray of shape (n_rows,), int64
        Which of the rows given stands at each place of that order.
    recall : float
    """

    placement: Placement
    order: NDArray[np.int64]
    recall: float

    def in_order(self) -> NDArray[np.float32]:
        """Return the positions of the rows as they were given."""
        positions = np.empty_like(self.placement.positions)
        positions[self.order] = self.placement.positions
        return positions


@dataclass
class UMAPFit:
    """What the stages of one fit share."""

    parameters: UMAPParameters
    progress: Progress | None
    hash_seed: int
    start_seed: int
    search_seed: int
    layout_seed: int
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, parameters: UMAPParameters, random_state: int | None, progress: Progress | None
    ) -> UMAPFit:
        """Derive the seeds of the stages from ``random_state``."""
        entropy = None if random_state is None else int(random_state)
        seeds = np.random.SeedSequence(entropy).generate_state(4, np.uint64).tolist()
        return cls(parameters, progress, *seeds)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Report that a stage begins, and keep how long it took."""
        report(self.progress, name, 0, 0)
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin

    def lay_out(
        self, rows: NDArray[np.float32], classes: NDArray[np.int64] | None = None
    ) -> UMAPLayout:
        """Lay out distinct `rows`, which may have classes, from their principal components."""
        if len(rows) == 1:
            self.notes.append("all rows are equal: the map is one point")
            nowhere = np.zeros((1, self.parameters.n_components), dtype=np.float32)
            alone = Placement.of(rows, nowhere, np.zeros((1, 1), dtype=np.float32))
            return UMAPLayout(alone, np.zeros(1, dtype=np.int64), 1.0)
        with self.stage("start"):
            start = pca_start(
                rows, self.parameters.n_components, np.random.default_rng(self.start_seed)
            )
        return self._lay_out_from(rows, start, 0.0, classes)

    def start_from_landmarks(
        self,
        rows: NDArray[np.float32],
        n_landmarks: int,
        classes: NDArray[np.int64] | None = None,
    ) -> NDArray[np.float32]:
        """Return the positions of `rows`: the first are laid out, the others placed among them."""
        inner = UMAPFit(
            self.parameters,
            self._as_landmarks,
            self.hash_seed,
            self.start_seed,
            self.search_seed,
            self.layout_seed,
        )
        with self.stage("landmarks"):
            layout = inner.lay_out(
                rows[:n_landmarks], None if classes is None else classes[:n_landmarks]
            )
        placed = self.place(layout.placement, rows[n_landmarks:], note=False)
        return np.concatenate((layout.in_order(), placed))

    def finish(
        self,
        rows: NDArray[np.float32],
        start: NDArray[np.float32],
        classes: NDArray[np.int64] | None = None,
    ) -> UMAPLayout:
        """Lay out all `rows` from where landmarks have put them."""
        return self._lay_out_from(rows, start, _SAVED_BY_LANDMARKS, classes)

    def place(
        self, placement: Placement, rows: NDArray[np.float32], note: bool = True
    ) -> NDArray[np.float32]:
        """Return positions of `rows` among those laid out."""
        with self.stage("place"):
            placed, _distance = placement.place(
                rows,
                random_state=self.search_seed,
                n_jobs=self.parameters.n_jobs,
                progress=self.progress,
            )
        if note:
            n_rows = len(placement.X)
            self.notes.append(
                f"{n_rows:,} distinct rows, chosen at random, were laid out; "
                f"{len(rows):,} were placed among them"
            )
        return placed

    def _as_landmarks(self, stage: str, done: int, total: int) -> Any:
        first, last = _SHARES[stage]
        percent = first + ((last - first) * done // total if total else 0)
        return self.progress("landmarks", percent, 100) if self.progress is not None else None

    def _lay_out_from(
        self,
        rows: NDArray[np.float32],
        start: NDArray[np.float32],
        saved: float,
        classes: NDArray[np.int64] | None,
    ) -> UMAPLayout:
        with self.stage("neighbors"):
            partition = self._partition(rows)
            order = np.arange(len(rows)) if partition is None else partition.order
            if partition is not None:
                rows, start, partition = rows[order], start[order], partition.arranged()
            neighbors = self._neighbors(rows, partition)
        with self.stage("graph"):
            graph = self._graph(neighbors)
            if classes is not None:
                graph = with_classes(graph, classes[order], self.parameters.target_weight)
        distances, recall = neighbors.distances, neighbors.recall
        del neighbors
        with self.stage("layout"):
            n_epochs = self.parameters.n_epochs or (
                _EPOCHS_SMALL if len(start) <= _SMALL else _EPOCHS
            )
            positions = run_layout(
                graph,
                start,
                find_curve(self.parameters.min_dist),
                n_epochs=n_epochs,
                random_state=self.layout_seed,
                first_epoch=int(n_epochs * saved),
                n_jobs=self.parameters.n_jobs,
                progress=self.progress,
            )
        placement = Placement.of(rows, oriented(positions), distances, partition)
        return UMAPLayout(placement, order, recall)

    def _partition(self, rows: NDArray[np.float32]) -> Partition | None:
        if len(rows) <= _ARRANGED_ABOVE:
            return None
        return Partition.of(rows, self.search_seed, n_jobs=self.parameters.n_jobs)

    def _neighbors(self, rows: NDArray[np.float32], partition: Partition | None) -> Neighbors:
        k = min(self.parameters.n_neighbors, len(rows)) - 1
        if k < self.parameters.n_neighbors - 1:
            self.notes.append(
                f"n_neighbors was reduced from {self.parameters.n_neighbors} to {k + 1}, "
                "the number of distinct rows laid out"
            )
        neighbors = nearest_neighbors(
            rows,
            k,
            partition=partition,
            random_state=self.search_seed,
            n_jobs=self.parameters.n_jobs,
            progress=self.progress,
        )
        if neighbors.recall < 0.95:
            self.notes.append(f"the search found {neighbors.recall:.0%} of the nearest neighbours")
        return neighbors

    def _graph(self, neighbors: Neighbors) -> Graph:
        graph = fuzzy_graph(
            neighbors.indices,
            as_distances(neighbors.distances, self.parameters.metric),
            n_jobs=self.parameters.n_jobs,
            progress=self.progress,
        )
        if (pieces := n_pieces(graph)) > 1:
            self.notes.append(
                f"the graph of neighbours has {pieces} separate pieces: "
                "the distances between these come from the starting positions alone"
            )
        return graph
