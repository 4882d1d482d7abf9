"""UMAP: the stages in their order, and what each of them found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from projections.canonical import Canonical
from projections.distinct import distinct_rows, find_rows
from projections.errors import Progress, ProjectionError, report
from projections.estimator import Estimator
from projections.graph import fuzzy_graph, n_pieces
from projections.layout import find_curve, oriented, run_layout
from projections.neighbors import Neighbors, nearest_neighbors
from projections.placement import Placement
from projections.start import pca_start
from projections.threads import n_threads
from projections.validation import as_matrix, check_integer, check_number, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LANDMARKS_ABOVE", "N_LANDMARKS", "UMAP"]

LANDMARKS_ABOVE = 150_000
"""With ``landmarks="auto"``, more distinct rows than this are not all laid out."""

N_LANDMARKS = 100_000
"""With ``landmarks="auto"``, the number of rows that are laid out then."""

_SMALL = 10_000
_EPOCHS_SMALL, _EPOCHS = 500, 200  # umap-learn's defaults up to and above 10,000 rows


class UMAP(Estimator):
    """Uniform manifold approximation and projection: near rows stay near.

    Parameters
    ----------
    n_components : int
        Dimensions of the map.
    n_neighbors : int
        How many rows count as near, the row itself among them as in umap-learn. At least 2; reduced, with a note, when
        there are fewer distinct rows.
    min_dist : float
        How close rows may lie on the map, in [0, 1].
    n_epochs : int or None
        Rounds of optimisation; None: 500 up to 10,000 rows laid out, else 200.
    landmarks : "auto", int or None
        How many rows, chosen at random, are laid out; the others are placed among them. "auto": all up to 150,000 distinct
        rows, else 100,000. None: all.
    random_state : int or None
        With a number the same data give the same bits on the same kind of machine, whatever the order of the columns, the
        order of the rows, copies of rows and the number of threads. None is the fastest mode, not repeatable.
    n_jobs : int or None
        Threads; None and -1: all cores.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components), float32
        Equal rows share one position. Centred, turned to its principal axes. Near means similar; distances, sizes and
        empty space mean little.
    optimised_ : ndarray of shape (n_samples,), bool
        False where the row was placed from its neighbours.
    neighbors_recall_ : float
        Share of the nearest neighbours that the search found, 1 where it was exact.
    stage_seconds_ : dict of str to float
        prepare, start, neighbors, graph, layout, place.
    notes_ : list of str
        What a reader of the map should know about the data.
    n_features_in_ : int

    Notes
    -----
    Distances are Euclidean. The layout starts from the principal components. All stages but the layout use all threads
    in every mode; a seeded layout runs in one. Equal rows are laid out once: copies change nothing.

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426.

    Examples
    --------
    >>> import numpy as np
    >>> from projections import UMAP
    >>> UMAP().fit_transform(np.random.default_rng(0).normal(size=(100, 5))).shape
    (100, 2)
    """

    embedding_: NDArray[np.float32]
    optimised_: NDArray[np.bool_]
    neighbors_recall_: float
    stage_seconds_: dict[str, float]
    notes_: list[str]
    n_features_in_: int

    def __init__(
        self,
        n_components: int = 2,
        n_neighbors: int = 15,
        min_dist: float = 0.1,
        n_epochs: int | None = None,
        landmarks: str | int | None = "auto",
        random_state: int | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.n_epochs = n_epochs
        self.landmarks = landmarks
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: object = None, *, progress: Progress | None = None) -> Self:  # noqa: ARG002
        """Lay out the rows of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            At least 4 rows of finite numbers.
        y : ignored
        progress : callable, optional
            ``progress(stage, done, total)`` several times a second; returning False stops.

        Returns
        -------
        UMAP
            Itself.

        Raises
        ------
        Cancelled
            When `progress` returned False; the estimator is as it was before.
        ProjectionError
            If data or parameters cannot be used.
        """
        self._check_parameters()
        if isinstance(X, Iterator):
            raise ProjectionError(
                "UMAP needs an array of all rows, got an iterator; collect its batches with np.concatenate"
            )
        run = _Run(self, progress)
        with run.stage("prepare"):
            canonical, rows, hashes, inverse = _prepare(X, run.hash_seed, progress)
        placement, recall = run.lay_out(rows[: self._n_landmarks(len(rows))])
        positions = run.place_rest(placement, rows)
        self._canonical, self._hash_seed, self._hashes = canonical, run.hash_seed, hashes
        self._placement, self._positions = placement, positions
        self._keep_public(inverse, len(placement.X), recall, run)
        return self

    def _keep_public(self, inverse: NDArray[np.int64], n_laid_out: int, recall: float, run: _Run) -> None:
        self.n_features_in_ = len(self._canonical.shift)
        self.embedding_ = self._positions[inverse]
        self.optimised_ = inverse < n_laid_out
        self.neighbors_recall_ = recall
        self.stage_seconds_ = run.seconds
        self.notes_ = run.notes

    def fit_transform(
        self, X: Any, y: object = None, *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Fit, and return ``embedding_``; see `fit`."""
        return self.fit(X, y, progress=progress).embedding_

    def transform(
        self, X: Any, return_distance: bool = False
    ) -> NDArray[np.float32] | tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Place rows on the fitted map, none of which moves.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            A row that equals a fitted one gets its position, others the weighted mean of their nearest rows laid out.
        return_distance : bool
            Return how far outside the fitted data each row lies, too.

        Returns
        -------
        positions : ndarray of shape (n_samples, n_components), float32
        distance : ndarray of shape (n_samples,), float32
            Only with `return_distance`: distance to the nearest row laid out, 0 for fitted rows, in units that 99 % of the
            rows laid out stay below among themselves: do not believe the position of a row much above 1.
        """
        self._check_fitted()
        rows = self._canonical.apply(as_matrix(X, self.n_features_in_))
        known = find_rows(rows, self._hash_seed, self._hashes)
        positions, distance = self._positions[known], np.zeros(len(rows), dtype=np.float32)
        new = np.flatnonzero(known < 0)
        if len(new):
            positions[new], distance[new] = self._placement.place(rows[new], n_jobs=self.n_jobs)
        return (positions, distance) if return_distance else positions

    def _check_parameters(self) -> None:
        check_integer("n_components", self.n_components, 1)
        check_integer("n_neighbors", self.n_neighbors, 2)
        check_number("min_dist", self.min_dist, 0.0, 1.0)
        n_threads(self.n_jobs)
        if self.n_epochs is not None:
            check_integer("n_epochs (or None)", self.n_epochs, 1)
        if self.random_state is not None:
            check_integer("random_state (or None)", self.random_state, 0)
        if self.landmarks is not None and not (isinstance(self.landmarks, str) and self.landmarks == "auto"):
            check_integer('landmarks (or "auto", or None)', self.landmarks, 4)

    def _n_landmarks(self, n_distinct: int) -> int:
        if self.landmarks is None:
            return n_distinct
        if isinstance(self.landmarks, str):
            return N_LANDMARKS if n_distinct > LANDMARKS_ABOVE else n_distinct
        return min(self.landmarks, n_distinct)


def _prepare(
    X: Any, hash_seed: int, progress: Progress | None
) -> tuple[Canonical, NDArray[np.float32], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct rows in canonical form and an order of their own, their hashes, and which each row of `X` is."""
    X = as_matrix(X)
    check_rows(len(X), 4, "UMAP")
    copies = distinct_rows(X, hash_seed)
    inverse = copies.inverse
    if len(copies.first) < len(X):
        X = X[copies.first]
    else:
        inverse = np.arange(len(X))
    report(progress, "prepare", 1, 4)
    canonical = Canonical.of(X)
    report(progress, "prepare", 2, 4)
    rows = canonical.apply(X)
    report(progress, "prepare", 3, 4)
    distinct = distinct_rows(rows, hash_seed)  # once more: float64 rows may have become equal
    return canonical, rows[distinct.first], distinct.hashes, distinct.inverse[inverse]


class _Run:
    """One fit: seeds, clock, notes and progress on the way through the stages."""

    def __init__(self, umap: UMAP, progress: Progress | None) -> None:
        self.umap = umap
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.notes: list[str] = []
        entropy = None if umap.random_state is None else int(umap.random_state)
        seeds = np.random.SeedSequence(entropy).generate_state(4, np.uint64)
        self.hash_seed, self._start_seed, self._search_seed, self._layout_seed = (int(seed) for seed in seeds)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        report(self.progress, name, 0, 0)
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin

    def lay_out(self, rows: NDArray[np.float32]) -> tuple[Placement, float]:
        """Return the layout of distinct `rows`, and the recall of their neighbours."""
        if len(rows) == 1:
            self.notes.append("all rows are equal: the map is one point")
            nowhere = np.zeros((1, self.umap.n_components), dtype=np.float32)
            return Placement.of(rows, nowhere, np.zeros((1, 1), dtype=np.float32)), 1.0
        with self.stage("start"):
            rng = np.random.default_rng(self._start_seed)
            positions = pca_start(rows, self.umap.n_components, rng)
        with self.stage("neighbors"):
            neighbors = self._neighbors(rows)
        positions = self._optimise(neighbors, positions)
        return Placement.of(rows, positions, neighbors.distances), neighbors.recall

    def _neighbors(self, rows: NDArray[np.float32]) -> Neighbors:
        k = min(self.umap.n_neighbors, len(rows)) - 1
        if k < self.umap.n_neighbors - 1:
            self.notes.append(
                f"n_neighbors was reduced from {self.umap.n_neighbors} to {k + 1}, the number of distinct rows laid out"
            )
        neighbors = nearest_neighbors(
            rows, k, random_state=self._search_seed, n_jobs=self.umap.n_jobs, progress=self.progress
        )
        if neighbors.recall < 0.95:
            self.notes.append(f"the search found {neighbors.recall:.0%} of the nearest neighbours")
        return neighbors

    def _optimise(self, neighbors: Neighbors, start: NDArray[np.float32]) -> NDArray[np.float32]:
        umap = self.umap
        with self.stage("graph"):
            graph = fuzzy_graph(
                neighbors.indices, neighbors.distances, n_jobs=umap.n_jobs, progress=self.progress
            )
            pieces = n_pieces(graph)
        if pieces > 1:
            self.notes.append(
                f"the neighbours fall into {pieces} separate pieces: where these lie to each other is the start's doing"
            )
        with self.stage("layout"):
            positions = run_layout(
                graph,
                start,
                find_curve(umap.min_dist),
                n_epochs=umap.n_epochs or (_EPOCHS_SMALL if len(start) <= _SMALL else _EPOCHS),
                random_state=self._layout_seed,
                n_threads=n_threads(umap.n_jobs) if umap.random_state is None else 1,
                progress=self.progress,
            )
            return oriented(positions)

    def place_rest(self, placement: Placement, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return positions of all distinct `rows`, of which the first are those laid out."""
        rest = rows[len(placement.X) :]
        if len(rest) == 0:
            return placement.positions
        with self.stage("place"):
            placed, _distance = placement.place(
                rest, random_state=self._search_seed, n_jobs=self.umap.n_jobs, progress=self.progress
            )
        self.notes.append(
            f"{len(placement.X):,} distinct rows, chosen at random, were laid out; {len(rest):,} were placed among them"
        )
        return np.concatenate((placement.positions, placed))
