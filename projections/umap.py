"""UMAP: parameters, fit and transform; the stages of a fit are in `projections.umap_fit`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from projections.errors import Progress, ProjectionError, report
from projections.estimator import Estimator, feature_names_of
from projections.layout.force_layout import oriented
from projections.metrics import NATIVE_METRICS, unit_rows
from projections.neighbors.canonical import Canonical
from projections.neighbors.distinct_rows import distinct_rows, find_rows
from projections.target import Target
from projections.threads import n_threads
from projections.umap_fit import UMAPFit, UMAPParameters
from projections.umap_learn import fit_umap_learn, umap_learn_version
from projections.umap_parameters import check_umap_parameters
from projections.validation import as_matrix, check_rows, is_sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

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
    engine : {"auto", "native", "umap-learn"}
        What lays out the rows. "native" knows the metrics "euclidean", "cosine" and "correlation",
        classes as `y`, and dense arrays. "umap-learn" is ``umap.UMAP`` with the same parameters,
        all rows laid out, one thread where there is a seed. "auto": the native engine where it
        knows what is asked for, else umap-learn, and `notes_` says why.
    metric : str or callable
        By what rows are near: any that umap-learn knows by name, or a function compiled by numba.
    densmap : bool
        Keep local density too (Narayan, Berger and Cho 2021, doi:10.1038/s41587-020-00801-7).
    target_weight : float
        How much `y` counts, from 0 to 1.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components), float32
        Equal rows share one position. Centred, turned to its principal axes. Near means similar;
        distances, sizes and empty space mean little.
    optimised_ : ndarray of shape (n_samples,), bool
        False where the row was placed from its neighbours and stayed there.
    neighbors_recall_ : float
        Share of the nearest neighbours that the search found, 1 where it was exact; NaN of
        umap-learn, which does not tell it.
    engine_ : {"native", "umap-learn"}
        The engine that laid out the rows.
    stage_seconds_ : dict of str to float
        Of umap-learn, or of prepare, landmarks (with neighbours, graph and layout of their own),
        place, start, neighbors, graph, layout those that there were.
    notes_ : list of str
        What a reader of the map should know about the data.
    n_features_in_ : int

    Notes
    -----
    Under "cosine" and "correlation" rows are compared as points on the unit sphere, whose Euclidean
    distance d is √(2 (1 − cos)): the order is the same, and the graph is made of 1 − cos. The
    layout starts from the principal components, or from landmarks that
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
    engine_: str
    _umap_learn: Any

    def __init__(
        self,
        n_components: int = 2,
        n_neighbors: int = 15,
        min_dist: float = 0.1,
        n_epochs: int | None = None,
        landmarks: str | int | None = "auto",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        *,
        engine: str = "auto",
        metric: str | Callable[..., float] = "euclidean",
        densmap: bool = False,
        target_weight: float = 0.5,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.n_epochs = n_epochs
        self.landmarks = landmarks
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.engine = engine
        self.metric = metric
        self.densmap = densmap
        self.target_weight = target_weight

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
        X : array-like or sparse matrix of shape (n_samples, n_features)
            At least 4 rows of finite numbers.
        y : array-like of shape (n_samples,), optional
            A target that the map follows too (supervised UMAP). Fractions are numbers; all else are
            classes, of which -1 and missing values are not known.
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
        """
        self._check_parameters()
        if isinstance(X, Iterator):
            raise ProjectionError(
                "UMAP needs an array of all rows, got an iterator; "
                "collect its batches with np.concatenate"
            )
        names = feature_names_of(X)
        matrix = as_matrix(X, sparse=True)
        check_rows(matrix.shape[0], 4, "UMAP")
        target = None if y is None else Target.of(y, matrix.shape[0])
        engine, reason = self._choose_engine(matrix, target)
        if engine == "native":
            self._fit_native(matrix, target, progress, preview)
            self._umap_learn = None
        else:
            self._fit_umap_learn(matrix, target, progress, reason)
        self.engine_ = engine
        self.n_features_in_ = matrix.shape[1]
        self._keep_feature_names(names)
        return self

    def _choose_engine(self, X: Any, target: Target | None) -> tuple[str, str]:
        """Return the engine, and what the native one does not know."""
        unknown = []
        if is_sparse(X):
            unknown.append("sparse matrices")
        if self.metric not in NATIVE_METRICS:
            unknown.append(f"metric {self.metric!r}")
        if self.densmap:
            unknown.append("densmap")
        if target is not None and not target.is_class:
            unknown.append("numbers as y")
        reason = " and ".join(unknown)
        if self.engine == "native" and unknown:
            raise ProjectionError(
                f"the native engine does not know {reason}; "
                "leave engine at 'auto', which takes umap-learn then"
            )
        use_native = self.engine == "native" or (self.engine == "auto" and not unknown)
        return ("native" if use_native else "umap-learn"), reason

    def _fit_native(
        self, X: Matrix, target: Target | None, progress: Progress | None, preview: Preview | None
    ) -> None:
        metric = str(self.metric)
        parameters = UMAPParameters(
            self.n_components,
            self.n_neighbors,
            self.min_dist,
            self.n_epochs,
            self.n_jobs,
            metric,
            self.target_weight,
        )
        fit = UMAPFit.of(parameters, self.random_state, progress)
        with fit.stage("prepare"):
            X = unit_rows(X, metric, self.n_jobs)
            canonical, rows, hashes, inverse = _prepare(X, fit.hash_seed, self.n_jobs, progress)
            classes = None if target is None else target.of_distinct(inverse)
        if metric != "euclidean" and (n_without := int((~X.any(axis=1)).sum())):
            fit.notes.append(
                f"{n_without:,} rows have no direction, all their values are equal or 0: "
                f"by {metric} they are one point, equally far from all others"
            )
        self._fit_rows(fit, rows, inverse, classes, preview)
        self._canonical, self._hash_seed, self._hashes = canonical, fit.hash_seed, hashes

    def _fit_umap_learn(
        self, X: Any, target: Target | None, progress: Progress | None, reason: str
    ) -> None:
        if isinstance(self.landmarks, Integral):
            raise ProjectionError(
                f"landmarks={self.landmarks} is for the native engine; umap-learn lays out all "
                "rows: leave landmarks at 'auto'"
            )
        n_neighbors = min(self.n_neighbors, X.shape[0] - 1)
        parameters = {
            "n_components": self.n_components,
            "n_neighbors": n_neighbors,
            "min_dist": self.min_dist,
            "n_epochs": self.n_epochs,
            "random_state": self.random_state,
            "n_jobs": (self.n_jobs or -1) if self.random_state is None else 1,
            "metric": self.metric,
            "densmap": self.densmap,
            "target_weight": self.target_weight,
            "target_metric": "categorical" if target is None or target.is_class else "l2",
        }
        values = None if target is None else target.values
        fitted, seconds = fit_umap_learn(X, values, parameters, progress)
        self._umap_learn = fitted
        self.embedding_ = np.asarray(fitted.embedding_, dtype=np.float32)
        self.optimised_ = np.ones(len(self.embedding_), dtype=np.bool_)
        self.neighbors_recall_ = float("nan")
        self.stage_seconds_ = {"umap-learn": seconds}
        because = f", because the native engine does not know {reason}" if reason else ""
        self.notes_ = [f"umap-learn {umap_learn_version()} laid out the rows{because}"]
        if n_neighbors < self.n_neighbors:
            self.notes_.append(
                f"n_neighbors was reduced from {self.n_neighbors} to {n_neighbors}, "
                "one less than there are rows"
            )

    def _fit_rows(
        self,
        fit: UMAPFit,
        rows: NDArray[np.float32],
        inverse: NDArray[np.int64],
        classes: NDArray[np.int64] | None,
        preview: Preview | None,
    ) -> None:
        """Lay out distinct `rows`, of which those of the caller are ``rows[inverse]``."""
        n_laid_out, first = self._n_landmarks(len(rows)), 0
        if isinstance(self.landmarks, str) and n_laid_out < len(rows):
            n_laid_out, first = len(rows), n_laid_out
        if first:
            start = fit.start_from_landmarks(rows, first, classes)
            if preview is not None:
                preview(oriented(start)[inverse], inverse < first)
            layout = fit.finish(rows, start, classes)
            fit.notes.append(
                f"{first:,} distinct rows, chosen at random, were laid out first "
                "and the others placed among them; "
                f"then all {len(rows):,} were laid out from there"
            )
        else:
            layout = fit.lay_out(
                rows[:n_laid_out], None if classes is None else classes[:n_laid_out]
            )
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
        tags.input_tags.sparse = True
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
        matrix: Any = self._as_fitted(X, sparse=True)
        if self._umap_learn is not None:
            if return_distance:
                raise ProjectionError(
                    "return_distance is for the native engine; umap-learn laid out these rows"
                )
            return np.asarray(self._umap_learn.transform(matrix), dtype=np.float32)
        if is_sparse(matrix):
            raise ProjectionError("X must be dense, as it was in the fit; pass X.toarray()")
        rows = self._canonical.apply(unit_rows(matrix, str(self.metric), self.n_jobs))
        places = find_rows(rows, self._hash_seed, self._hashes)
        positions, distance = self._positions[places], np.zeros(len(rows), dtype=np.float32)
        new = np.flatnonzero(places < 0)
        if len(new):
            positions[new], distance[new] = self._placement.place(rows[new], n_jobs=self.n_jobs)
        return (positions, distance) if return_distance else positions

    def inverse_transform(self, X: Any) -> NDArray[np.float32]:
        """Return rows of features that would lie at positions of the map.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32

        Raises
        ------
        ProjectionError
            Where the native engine laid out the rows, or umap-learn has no way back for the metric.
        """
        self._check_fitted()
        if self._umap_learn is None:
            raise ProjectionError(
                "the native engine has no way back from the map; fit with engine='umap-learn'"
            )
        try:
            return np.asarray(self._umap_learn.inverse_transform(as_matrix(X)), dtype=np.float32)
        except ValueError as error:
            raise ProjectionError(f"umap-learn refuses this: {error}") from error

    def _check_parameters(self) -> None:
        check_umap_parameters(
            self.n_components,
            self.n_neighbors,
            self.min_dist,
            self.n_epochs,
            self.landmarks,
            self.random_state,
            engine=self.engine,
            metric=self.metric,
            densmap=self.densmap,
            target_weight=self.target_weight,
        )
        n_threads(self.n_jobs)

    def _n_landmarks(self, n_distinct: int) -> int:
        if self.landmarks is None:
            return n_distinct
        if isinstance(self.landmarks, str):
            return N_LANDMARKS if n_distinct > LANDMARKS_ABOVE else n_distinct
        return min(self.landmarks, n_distinct)


def _prepare(
    X: Matrix, hash_seed: int, n_jobs: int | None, progress: Progress | None
) -> tuple[Canonical, NDArray[np.float32], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct rows in canonical form, their hashes, and which each row of `X` is."""
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
