"""UMAP: parameters, fit and transform; the stages of a fit are in `projections.umap_fit`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from projections.errors import Progress, ProjectionError, report
from projections.estimator import Estimator, feature_names_of
from projections.layout.force_layout import oriented
from projections.neighbors.canonical import Canonical
from projections.neighbors.distinct_rows import distinct_rows, find_rows
from projections.threads import n_threads
from projections.umap_fit import UMAPFit, UMAPParameters
from projections.umap_parameters import check_umap_parameters
from projections.validation import as_matrix, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LANDMARKS_ABOVE", "N_LANDMARKS", "UMAP"]

LANDMARKS_ABOVE = 150_000
"""With ``landmarks="auto"``, layouts of more distinct rows start from that of some of them."""

N_LANDMARKS = 100_000
"""With ``landmarks="auto"``, the number of rows that are laid out first."""

Preview = Callable[["NDArray[np.float32]", "NDArray[np.bool_]"], object]


class UMAP(Estimator):
    """Uniform manifold approximation and projection: near rows stay near.

    Parameters
    ----------
    n_components : int
        Dimensions of the map.
    n_neighbors : int
        How many rows count as near, the row itself among them as in umap-learn. At least 2;
        reduced, with a note, when there are fewer distinct rows.
    min_dist : float
        How close rows may lie on the map, in [0, 1].
    n_epochs : int or None
        Rounds of optimisation; None: 500 up to 10,000 rows laid out, else 200.
    landmarks : "auto", int or None
        With a number so many rows, chosen at random, are laid out, and the others placed among them
        for good: least memory. None: all are laid out. "auto": all; above 150,000 distinct rows
        from a start in which 100,000 are laid out and the others placed among them.
    random_state : int or None
        With a number the same data give the same bits on the same kind of machine, whatever the
        order of the columns, the order of the rows, copies of rows and the number of threads. None:
        another map each time, no faster.
    n_jobs : int or None
        Threads; None and -1: all cores.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components), float32
        Equal rows share one position. Centred, turned to its principal axes. Near means similar;
        distances, sizes and empty space mean little.
    optimised_ : ndarray of shape (n_samples,), bool
        False where the row was placed from its neighbours and stayed there.
    neighbors_recall_ : float
        Share of the nearest neighbours that the search found, 1 where it was exact.
    stage_seconds_ : dict of str to float
        Of prepare, landmarks (with neighbours, graph and layout of their own), place, start,
        neighbors, graph, layout those that there were.
    notes_ : list of str
        What a reader of the map should know about the data.
    n_features_in_ : int

    Notes
    -----
    Distances are Euclidean. The layout starts from the principal components, or from landmarks that
    did. All stages use all threads, and the number of these changes nothing. Equal rows are laid
    out once: copies change nothing.

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

    def fit(
        self,
        X: Any,
        y: object = None,
        *,
        progress: Progress | None = None,
        preview: Preview | None = None,
    ) -> Self:
        """Lay out the rows of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            At least 4 rows of finite numbers.
        y : object
            Not used, and said so: supervised UMAP is not available here.
        progress : callable, optional
            ``progress(stage, done, total)`` several times a second; returning False stops.
        preview : callable, optional
            ``preview(embedding, optimised)``, as the attributes of these names, once when all rows
            have been placed among landmarks, if they are to move on from there.

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

        Warns
        -----
        UserWarning
            If `y` is given.
        """
        self._check_parameters()
        if y is not None:
            warnings.warn(
                "UMAP does not use y: the map follows from X alone; "
                "for a supervised map use umap.UMAP of umap-learn",
                UserWarning,
                stacklevel=2,
            )
        if isinstance(X, Iterator):
            raise ProjectionError(
                "UMAP needs an array of all rows, got an iterator; "
                "collect its batches with np.concatenate"
            )
        names = feature_names_of(X)
        parameters = UMAPParameters(
            self.n_components, self.n_neighbors, self.min_dist, self.n_epochs, self.n_jobs
        )
        fit = UMAPFit.of(parameters, self.random_state, progress)
        with fit.stage("prepare"):
            canonical, rows, hashes, inverse = _prepare(X, fit.hash_seed, self.n_jobs, progress)
        self._fit_rows(fit, rows, inverse, preview)
        self._canonical, self._hash_seed, self._hashes = canonical, fit.hash_seed, hashes
        self.n_features_in_ = len(canonical.shift)
        self._keep_feature_names(names)
        return self

    def _fit_rows(
        self,
        fit: UMAPFit,
        rows: NDArray[np.float32],
        inverse: NDArray[np.int64],
        preview: Preview | None,
    ) -> None:
        """Lay out distinct `rows`, of which those of the caller are ``rows[inverse]``."""
        n_laid_out, first = self._n_landmarks(len(rows)), 0
        if isinstance(self.landmarks, str) and n_laid_out < len(rows):
            n_laid_out, first = len(rows), n_laid_out
        if first:
            start = fit.start_from_landmarks(rows, first)
            if preview is not None:
                preview(oriented(start)[inverse], inverse < first)
            layout = fit.finish(rows, start)
            fit.notes.append(
                f"{first:,} distinct rows, chosen at random, were laid out first "
                "and the others placed among them; "
                f"then all {len(rows):,} were laid out from there"
            )
        else:
            layout = fit.lay_out(rows[:n_laid_out])
        positions = layout.in_order()
        if n_laid_out < len(rows):
            positions = np.concatenate((positions, fit.place(layout.placement, rows[n_laid_out:])))
        self._placement, self._positions = layout.placement, positions
        self.embedding_ = positions[inverse]
        self.optimised_ = inverse < n_laid_out
        self.neighbors_recall_ = layout.recall
        self.stage_seconds_, self.notes_ = fit.seconds, fit.notes

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]  # positions are float32 always
        return tags

    @property
    def _n_features_out(self) -> int:
        """How many columns the result has, which scikit-learn names umap0, umap1 and so on."""
        return int(self.embedding_.shape[1])

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
            A row that equals a fitted one gets its position, others the weighted mean of their
            nearest rows laid out.
        return_distance : bool
            Return how far outside the fitted data each row lies, too.

        Returns
        -------
        positions : ndarray of shape (n_samples, n_components), float32
        distance : ndarray of shape (n_samples,), float32
            Only with `return_distance`: distance to the nearest row laid out, 0 for fitted rows, in
            units that 99 % of the rows laid out stay below among themselves: do not believe the
            position of a row much above 1.
        """
        matrix = self._as_fitted(X)
        rows = self._canonical.apply(matrix)
        places = find_rows(rows, self._hash_seed, self._hashes)
        positions, distance = self._positions[places], np.zeros(len(rows), dtype=np.float32)
        new = np.flatnonzero(places < 0)
        if len(new):
            positions[new], distance[new] = self._placement.place(rows[new], n_jobs=self.n_jobs)
        return (positions, distance) if return_distance else positions

    def _check_parameters(self) -> None:
        check_umap_parameters(
            self.n_components,
            self.n_neighbors,
            self.min_dist,
            self.n_epochs,
            self.landmarks,
            self.random_state,
        )
        n_threads(self.n_jobs)

    def _n_landmarks(self, n_distinct: int) -> int:
        if self.landmarks is None:
            return n_distinct
        if isinstance(self.landmarks, str):
            return N_LANDMARKS if n_distinct > LANDMARKS_ABOVE else n_distinct
        return min(self.landmarks, n_distinct)


def _prepare(
    X: Any, hash_seed: int, n_jobs: int | None, progress: Progress | None
) -> tuple[Canonical, NDArray[np.float32], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct rows in canonical form, their hashes, and which each row of `X` is."""
    X = as_matrix(X)
    check_rows(len(X), 4, "UMAP")
    copies = distinct_rows(X, hash_seed)
    inverse = copies.inverse
    if len(copies.first) < len(X):
        X = X[copies.first]
    else:
        inverse = np.arange(len(X))
    report(progress, "prepare", 1, 4)
    canonical = Canonical.of(X, n_jobs)
    report(progress, "prepare", 2, 4)
    rows = canonical.apply(X, n_jobs)
    report(progress, "prepare", 3, 4)
    distinct = distinct_rows(rows, hash_seed)  # once more: float64 rows may have become equal
    return canonical, rows[distinct.first], distinct.hashes, distinct.inverse[inverse]
