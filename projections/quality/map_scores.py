"""How much of the data a map keeps: figures with intervals, chance levels and PCA beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import ProjectionError
from projections.neighbors.canonical import Canonical
from projections.pca import PCA
from projections.quality.anchor_scores import AnchorComparison, compare_anchors
from projections.validation import as_matrix, check_integer, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = ["Score", "Scores", "scores"]

_RESAMPLES = 1000
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Score:
    """One figure; larger is better.

    Attributes
    ----------
    value : float
    low, high : float
        Ends of its 95 % bootstrap interval over anchors.
    chance : float
        What rows strewn at random would get.
    pca : float
        What the principal components of the same data get on the same anchors.
    pca_low, pca_high : float
        Ends of its 95 % bootstrap interval, over the same resampled anchors.
    """

    value: float
    low: float
    high: float
    chance: float
    pca: float
    pca_low: float
    pca_high: float


@dataclass(frozen=True)
class Scores:
    """How much of the data a map keeps.

    Attributes
    ----------
    neighbors_kept : dict of int to Score
        Share of the nearest rows on the map that are among as many nearest rows of the data, by
        that number.
    trustworthiness, continuity : Score
        One less the mean rank by which neighbours on the map are none in the data, and the other
        way round, on a scale from 0 to 1 (Venna and Kaski 2001, doi:10.1007/3-540-44668-0_68).
    triplet_accuracy : Score
        Share of random triplets of which the map keeps which of two rows is nearer to the third.
    distance_correlation : Score
        Spearman's rank correlation of the distances of random pairs.
    per_point : tuple of (ndarray of int64, ndarray of float32), each of shape (n_anchors,)
        Anchor rows, increasing, and the share of `n_neighbors` that each keeps.
    n_samples, n_anchors, n_neighbors : int
        All rows; those that were looked at, each against all; neighbours for ranks.
    """

    neighbors_kept: dict[int, Score]
    trustworthiness: Score
    continuity: Score
    triplet_accuracy: Score
    distance_correlation: Score
    per_point: tuple[NDArray[np.int64], NDArray[np.float32]] = field(repr=False, compare=False)
    n_samples: int
    n_anchors: int
    n_neighbors: int

    def document(self) -> dict[str, Any]:
        """Return everything but ``per_point``, ready for JSON."""
        names = ("trustworthiness", "continuity", "triplet_accuracy", "distance_correlation")
        neighbors_kept = {str(k): asdict(score) for k, score in self.neighbors_kept.items()}
        counts = {
            "n_samples": self.n_samples,
            "n_anchors": self.n_anchors,
            "n_neighbors": self.n_neighbors,
        }
        return {
            "neighbors_kept": neighbors_kept,
            **{name: asdict(getattr(self, name)) for name in names},
            **counts,
        }


def scores(
    X: Any,
    Y: Any,
    n_neighbors: int = 15,
    n_anchors: int = 2000,
    random_state: int = 0,
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Scores:
    """Measure how much of the data `X` the map `Y` keeps.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The rows that were projected, in the scaling in which they were.
    Y : array-like of shape (n_samples, n_components)
        Their positions.
    n_neighbors : int
        Neighbours are counted at this number and at 10 and 100 times it, as far as that is below
        half of the rows.
    n_anchors : int
        How many random rows are compared with all others; all rows if there are no more.
    random_state : int
        Seed of anchors, triplets, pairs and the bootstrap.
    n_jobs : int, optional
        Threads; all cores by default. The result does not depend on it.
    progress : callable, optional
        ``progress("scores", done, total)`` in anchors; returning False stops.

    Returns
    -------
    Scores
    """
    X, Y = as_matrix(X), as_matrix(Y, name="Y")
    if len(X) != len(Y):
        raise ProjectionError(
            f"X and Y must have the same rows, got {len(X)} and {len(Y)}; "
            "pass the map of these data"
        )
    check_rows(len(X), 4, "scores")
    rng = np.random.default_rng(check_integer("random_state", random_state, 0))
    sizes = _sizes(check_integer("n_neighbors", n_neighbors, 1), len(X))
    n_anchors = min(check_integer("n_anchors", n_anchors, 2), len(X))
    anchors = np.sort(rng.choice(len(X), n_anchors, replace=False))
    rows = Canonical.of(X, n_jobs).apply(X, n_jobs)
    control = PCA(Y.shape[1]).fit_transform(rows).astype(np.float32)
    maps = [Canonical.of(Y, n_jobs).apply(Y, n_jobs), control]
    judgement = compare_anchors(rows, maps, anchors, sizes, rng, n_jobs, progress)
    return _summary(judgement, anchors, sizes, len(X), rng)


def _sizes(n_neighbors: int, n_samples: int) -> NDArray[np.int64]:
    """Return the sizes of neighbourhoods below half of the rows; at least one."""
    sizes = [k for k in (n_neighbors, 10 * n_neighbors, 100 * n_neighbors) if 2 * k < n_samples]
    return np.array(sizes or [(n_samples - 1) // 2])


def _summary(
    judgement: AnchorComparison,
    anchors: NDArray[np.int64],
    sizes: NDArray[np.int64],
    n: int,
    rng: np.random.Generator,
) -> Scores:
    k = int(sizes[0])
    weights = _bootstrap(len(anchors), rng)
    worst = k * (2 * n - 3 * k - 1) / 2
    chance_of_ranks = 1.0 - k * (n - 1 - k) * (n - k) / (2 * (n - 1)) / worst
    neighbors_kept = {
        int(size): _mean_score(judgement.kept[:, :, place], weights, int(size) / (n - 1))
        for place, size in enumerate(sizes)
    }
    return Scores(
        neighbors_kept=neighbors_kept,
        trustworthiness=_mean_score(1.0 - judgement.intruders / worst, weights, chance_of_ranks),
        continuity=_mean_score(1.0 - judgement.missing / worst, weights, chance_of_ranks),
        triplet_accuracy=_mean_score(judgement.triplets, weights, 0.5),
        distance_correlation=_rank_correlation(judgement.distances, weights),
        per_point=(anchors, judgement.kept[0, :, 0].astype(np.float32)),
        n_samples=n,
        n_anchors=len(anchors),
        n_neighbors=k,
    )


def _bootstrap(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the share of each of `n` anchors in each resample, of shape (1000, n)."""
    drawn = rng.integers(0, n, size=(_RESAMPLES, n)) + n * np.arange(_RESAMPLES)[:, None]
    return np.bincount(drawn.ravel(), minlength=n * _RESAMPLES).reshape(_RESAMPLES, n) / n


def _interval(resampled: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(resampled, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)


def _mean_score(
    per_anchor: NDArray[np.float64], weights: NDArray[np.float64], chance: float
) -> Score:
    """Return the mean over anchors of the map, with the PCA's in the second row of `per_anchor`."""
    # sums of many shares round to a little beyond 0 or 1
    value, pca = np.clip(per_anchor.mean(axis=1), 0.0, 1.0)
    on_map, control = (_interval(np.clip(weights @ values, 0.0, 1.0)) for values in per_anchor)
    return Score(float(value), *on_map, chance, float(pca), *control)


def _rank_correlation(distances: NDArray[np.float32], weights: NDArray[np.float64]) -> Score:
    data, on_map, pca = (_ranks(values) for values in distances)
    every = np.full((1, len(data)), 1 / len(data))
    value, control = (float(_correlation(data, ranks, every)[0]) for ranks in (on_map, pca))
    intervals = [_interval(_correlation(data, ranks, weights)) for ranks in (on_map, pca)]
    return Score(value, *intervals[0], 0.0, control, *intervals[1])


def _ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the ranks of all values, ties at their mean, centred."""
    _distinct, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    return (mean_rank[inverse] - (values.size + 1) / 2).reshape(values.shape)


def _correlation(
    a: NDArray[np.float64], b: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return correlations of pairs under each row of `weights` over anchors; 0 for constants."""
    sums = np.stack([a.mean(1), b.mean(1), (a * b).mean(1), (a * a).mean(1), (b * b).mean(1)])
    mean_a, mean_b, ab, aa, bb = sums @ weights.T
    scale = np.sqrt(np.maximum((aa - mean_a**2) * (bb - mean_b**2), 0.0))
    correlation: NDArray[np.float64] = np.zeros_like(scale)
    np.divide(ab - mean_a * mean_b, scale, out=correlation, where=scale > 0)
    return np.clip(correlation, -1.0, 1.0)  # rounding may leave it a little outside
