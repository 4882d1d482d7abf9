"""Whether rows form groups: their neighbour graph beside those of simulated single clouds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import ClusterError, kmeans2
from scipy.optimize import isotonic_regression
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from explorer.profile.checks.dip import dip_of_steps
from explorer.profile.counting.distribution import Distribution
from projections.communities import find_communities, modularity
from projections.errors import Progress, report
from projections.layout.fuzzy_graph import fuzzy_graph
from projections.neighbors.distinct_rows import distinct_rows
from projections.neighbors.nearest_neighbors import nearest_neighbors

__all__ = ["Grouping", "Measure", "find_grouping"]

_Floats = NDArray[np.float64]

_FIRST_ROWS, _MOST_ROWS = 2_000, 10_000  # all groups that are clear are found among the first
_FEWEST_ROWS, _MOST_VALUES = 500, 10_000_000  # fewer rows of more than 1,000 columns
_AXES = 20  # more columns than these are reduced to as many principal axes
_CLOUDS = 59  # each of two statistics is above all of these by chance 1 time in 60
_CLEAR = (
    (9, 6.0),
    (19, 4.0),
)  # clouds, and standard deviations beyond them, from which no more are needed
_LEAST_VALLEY = (
    0.03  # deviations that clouds have at least: where all are a single community theirs is 0
)
_LEAST_SEPARATION = 0.005
_CLUSTERS = (2, 3, 4, 6, 9)
_STARTS, _ROUNDS = 2, 12  # of k-means
_RESOLUTIONS = (0.02, 0.08, 0.32)  # one cloud parts into one to about ten communities
_LEAST_GAIN = 1e-9  # of modularity: less is rounding
_NEIGHBORS = 15  # as for the regions
_FEWEST = 3  # different rows
_KNOTS = 129  # quantiles of a column
_MODE_EVERY = 8  # knots
_EXTRA_AXES, _ITERATIONS = 10, 5  # of the search for principal axes
# Standard deviations by which equal values are told apart: below the resolution of float32.
_TIE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A statistic of the rows beside the same of simulated clouds.

    Parameters
    ----------
    value : float
        Of the rows.
    clouds : tuple of float
        Of the clouds, in the order in which they were simulated, up to the first that reaches the
        value.
    """

    value: float
    clouds: tuple[float, ...] = ()

    @property
    def above(self) -> bool:
        """Whether the rows are above all clouds."""
        return self.value > max(self.clouds, default=np.inf)

    def clear(self, least: float) -> bool:
        """Whether the rows are so far above the clouds that no more of these are needed.

        `least` is the least deviation.
        """
        needed = [far for clouds, far in _CLEAR if len(self.clouds) >= clouds]
        if not needed or not self.above:
            return False
        deviation = max(float(np.std(self.clouds, ddof=1)), least)
        return self.value > float(np.mean(self.clouds)) + needed[-1] * deviation


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """The result of the test whether rows form groups.

    Parameters
    ----------
    rows : int
        Different rows that were looked at: all, or up to 10,000 at random.
    valley, separation : Measure
        How empty it is between one cluster and every other; how well the graph of neighbours parts.
        See `find_grouping`.
    """

    rows: int
    valley: Measure
    separation: Measure

    @property
    def found(self) -> bool:
        """Whether the rows form groups: one of the two is above those of all simulated clouds."""
        return self.valley.above or self.separation.above

    @property
    def clear(self) -> bool:
        """Whether one of the two is so far above the clouds that no more of these are needed."""
        return self.valley.clear(_LEAST_VALLEY) or self.separation.clear(_LEAST_SEPARATION)

    @property
    def clouds(self) -> int:
        """How many single clouds were simulated."""
        return max(len(self.valley.clouds), len(self.separation.clouds))


def find_grouping(
    X: NDArray[np.float32],
    random_state: int = 0,
    *,
    progress: Progress | None = None,
    n_jobs: int | None = 1,
) -> Grouping:
    """Test whether rows form groups, beyond what one cloud of rows shows.

    The cloud has the same columns and correlations.

    The null hypothesis is one cloud: a Gaussian copula with the rows' correlations of normal
    scores, where each column has the distribution with a single mode that is nearest to its own. So
    skewed columns, long tails and correlations make no groups; several modes of a column do. A
    category or a column of yes and no makes groups by itself, also beside noise.

    More than 20 columns are replaced by their normal scores, at the scale of the columns, and these
    by their 20 leading principal axes. Of a Gaussian copula the coordinates of the rows on these
    axes, divided by their singular values, are a random orthonormal matrix, whatever the
    correlations (Mardia, Kent and Bibby 1979, Multivariate Analysis): such matrices are drawn as
    clouds. The modes of a single one of so many columns are not seen then, unless it bears much of
    the variance.

    Two statistics are compared with those of up to 59 simulated clouds, and the rows form groups if
    either is above all of these: by chance at most 2 times in 60. A statistic is no longer
    simulated once a cloud has reached it (Besag and Clifford 1991, doi:10.1093/biomet/78.2.301),
    and nothing is after 9 clouds where the rows are 6 standard deviations beyond them, or after 19
    where they are 4. Of more than 2,000 different rows, 2,000 are tried first: where they are not
    that clear, up to 10,000 decide.

    - Valley: k-means with 2, 3, 4, 6 and 9 clusters; of each pair of clusters, √n times the dip of
      the rows along the line through the two
      centres (Hartigan and Hartigan 1985, doi:10.1214/aos/1176346577); of each cluster the least
      over the others; of all the largest.
    - Separation: the mean of (Q − 1 + γ) / γ over three resolutions γ, where Q is the modularity of
      the communities in the graph of 15
      neighbours: 0 where the rows are best left in one community. It finds groups of any shape.

    All rows are tested together. Whether a region parts into finer ones is not tested: finer
    regions may be parts of one cloud.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled as distances are to be meant. Equal rows count once; of more than 10,000 different
        ones, 10,000 random ones are used, of more than 1,000 columns as many as have 10,000,000
        values, at least 500.
    random_state : int
    progress : callable, optional
        ``progress("groups", clouds simulated, 59)``; returning False cancels.
    n_jobs : int, optional
        Threads of the search for neighbours.

    Returns
    -------
    Grouping
        Without groups where fewer than 3 rows differ.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # products of small matrices take several times as long on threads that wait for each other
    with threadpool_limits(1, user_api="blas"):
        return _tested(X, random_state, progress, n_jobs)


def _tested(
    X: NDArray[np.float32], random_state: int, progress: Progress | None, n_jobs: int | None
) -> Grouping:
    rng = np.random.default_rng(random_state)
    first = np.sort(distinct_rows(X, random_state).first)
    most = min(_MOST_ROWS, max(_FEWEST_ROWS, _MOST_VALUES // max(X.shape[1], 1)))
    order = rng.permutation(len(first))[:most]
    if len(order) > _FIRST_ROWS:
        tried = _compared(
            X[first[np.sort(order[:_FIRST_ROWS])]], rng, progress, n_jobs, most=_CLEAR[0][0]
        )
        if tried.clear:
            return tried
    return _compared(X[first[np.sort(order)]], rng, progress, n_jobs, most=_CLOUDS)


def _compared(
    rows: NDArray[np.float32],
    rng: np.random.Generator,
    progress: Progress | None,
    n_jobs: int | None,
    *,
    most: int,
) -> Grouping:
    """Compare rows with at most so many clouds of as many rows."""
    if len(rows) < _FEWEST:
        return Grouping(rows=len(rows), valley=Measure(value=0.0), separation=Measure(value=0.0))
    rows = rows[:, np.ptp(rows, axis=0) > 0]
    two_valued = ((rows == rows.min(axis=0)) | (rows == rows.max(axis=0))).all(axis=0)
    cloud: _Cloud | _Axes
    if rows.shape[1] > _AXES:
        cloud = _Axes.of(rows, two_valued, rng)
        points = cloud.rows
    else:
        spread = np.stack(
            [_without_ties(column, rng) for column in rows.T.astype(np.float64)], axis=1
        )
        cloud = _Cloud.of(spread)
        points = np.where(two_valued, rows, spread)
    valley, separation = Measure(value=_valley(points)), Measure(value=_separation(points, n_jobs))
    for done in range(most):
        report(progress, "groups", done, most)
        simulated = cloud.draw(rng)
        if not done or valley.above:
            valley = _with(valley, _valley(simulated))
        if not done or separation.above:
            separation = _with(separation, _separation(simulated, n_jobs))
        result = Grouping(rows=len(rows), valley=valley, separation=separation)
        if result.clear or not (valley.above or separation.above):
            break
    return result


def _with(measure: Measure, value: float) -> Measure:
    return replace(measure, clouds=(*measure.clouds, value))


def _valley(rows: _Floats) -> float:
    """Return how empty it is between a cluster and the others, for the emptiest cluster."""
    valleys = [0.0]
    for k in _CLUSTERS:
        if k >= len(rows):
            break
        fitted = _clusters(rows, k)
        if fitted is None:
            continue
        centres, labels = fitted
        dips = np.full((k, k), np.inf)
        for i, j in combinations(range(k), 2):
            points = rows[(labels == i) | (labels == j)]
            along = Distribution.of(points @ (centres[i] - centres[j]))
            dips[i, j] = dips[j, i] = dip_of_steps(along) * np.sqrt(len(points))
        valleys.append(float(dips.min(axis=1).max()))
    return max(valleys)


def _clusters(rows: _Floats, k: int) -> tuple[_Floats, NDArray[np.int32]] | None:
    """Return centres and labels of k-means, the better of two starts.

    None where a cluster lost all its rows in both.
    """
    rng, best, least = np.random.default_rng(k), None, np.inf
    for _ in range(_STARTS):
        try:
            # on one thread: those of scikit-learn wait for each other while a page draws
            centres, labels = kmeans2(rows, k, iter=_ROUNDS, minit="++", missing="raise", seed=rng)
        except ClusterError:
            continue
        inertia = float(((rows - centres[labels]) ** 2).sum())
        if inertia < least:
            best, least = (centres, labels), inertia
    return best


def _separation(rows: _Floats, n_jobs: int | None) -> float:
    """Return the mean over resolutions of the modularity beyond a single community's.

    It is a share of the most there can be.
    """
    k = min(_NEIGHBORS, len(rows) - 1)
    result = nearest_neighbors(rows.astype(np.float32), k, random_state=0, n_jobs=n_jobs)
    graph = fuzzy_graph(result.indices, result.distances, n_jobs=n_jobs)
    gains = []
    for resolution in _RESOLUTIONS:
        reached = modularity(graph, find_communities(graph, resolution), resolution)
        gain = reached - 1.0 + resolution
        gains.append(gain / resolution if gain > _LEAST_GAIN else 0.0)
    return float(np.mean(gains))


@dataclass(frozen=True, eq=False)
class _Cloud:
    """A Gaussian copula with the correlations of some rows, and one mode in each column."""

    n: int
    root: _Floats  # R with RᵀR = the correlations of the rows' normal scores
    quantiles: list[tuple[_Floats, _Floats]]  # of each column: shares and values

    @classmethod
    def of(cls, rows: _Floats) -> _Cloud:
        ranks = rankdata(rows, axis=0)
        scores = ndtri((ranks - 0.5) / len(rows))
        scores -= scores.mean(axis=0)
        scores /= np.sqrt((scores * scores).mean(axis=0))
        root = np.linalg.qr(scores, mode="r") / np.sqrt(len(scores))
        return cls(len(rows), root, [_with_one_mode(column) for column in rows.T])

    def draw(self, rng: np.random.Generator) -> _Floats:
        """Draw as many rows as the cloud was made of."""
        normal = rng.standard_normal((self.n, len(self.root))) @ self.root
        shares = ndtr(normal)
        columns = [np.interp(shares[:, j], *self.quantiles[j]) for j in range(shares.shape[1])]
        return np.stack(columns, axis=1)


@dataclass(frozen=True, eq=False)
class _Axes:
    """Rows on the leading principal axes of their normal scores, and clouds like them.

    The clouds have the same singular values.
    """

    rows: _Floats
    lengths: _Floats  # the singular values

    @classmethod
    def of(
        cls, rows: NDArray[np.float32], two_valued: NDArray[np.bool_], rng: np.random.Generator
    ) -> _Axes:
        """Reduce rows to `_AXES` axes; columns of two values are taken as they are.

        The axes are found by randomised subspace iteration (Halko, Martinsson and Tropp 2011,
        doi:10.1137/090771806). Where they are not exactly the leading ones the test is as valid:
        they depend on the rows only by what no rotation of the rows changes.
        """
        n = len(rows)
        scores = rows - rows.mean(axis=0)
        deviations = scores.std(axis=0)
        normal = ndtri((np.arange(n) + 0.5) / n).astype(np.float32)
        for j in np.flatnonzero(~two_valued):
            # equal values in random order
            order = np.argsort(rows[:, j] + _TIE * deviations[j] * rng.random(n))
            scores[order, j] = normal * deviations[j]
        width = _AXES + _EXTRA_AXES
        result = scores @ rng.standard_normal((rows.shape[1], width), dtype=np.float32)
        for _ in range(_ITERATIONS):
            result = scores @ (scores.T @ np.linalg.qr(result).Q)
        basis = np.linalg.qr(result).Q
        axes, lengths, _ = np.linalg.svd(basis.T @ scores, full_matrices=False)
        n_axes = min(_AXES, len(lengths))
        return cls(
            (basis @ axes[:, :n_axes] * lengths[:n_axes]).astype(np.float64),
            lengths[:n_axes].astype(np.float64),
        )

    def draw(self, rng: np.random.Generator) -> _Floats:
        """Draw rows from all with the same singular values and means of 0."""
        noise = rng.standard_normal(self.rows.shape)
        return np.linalg.qr(noise - noise.mean(axis=0)).Q * self.lengths


def _with_one_mode(column: _Floats) -> tuple[_Floats, _Floats]:
    """Return quantiles of the distribution with a single mode that is nearest to a column's.

    As shares and values.

    Up to its mode the distribution function is the greatest convex minorant of the empirical one,
    from there on the least concave majorant; the mode is where the largest difference between the
    two is least (Hartigan and Hartigan 1985, doi:10.1214/aos/1176346577).
    """
    ends = 2.0 ** np.arange(np.log2(max(len(column) / _KNOTS, 1))) / len(
        column
    )  # the longest tails are not cut short
    shares = np.unique(np.concatenate([np.linspace(0.0, 1.0, _KNOTS), ends, 1 - ends]))
    edges = np.quantile(column, shares)
    rising = np.append(True, np.diff(edges) > 0)
    edges, shares = edges[rising], shares[rising]
    width, mass = np.diff(edges), np.diff(shares)
    density = mass / width
    best, least = shares, np.inf
    for mode in range(0, len(edges), _MODE_EVERY):
        rise, fall = slice(None, mode), slice(mode, None)
        fitted = np.concatenate(
            [
                isotonic_regression(density[side], weights=width[side], increasing=side is rise).x
                for side in (rise, fall)
                if len(density[side])
            ]
        )
        held = np.append(0.0, np.cumsum(fitted * width))
        difference = float(np.abs(held - shares).max())
        if difference < least:
            best, least = held, difference
    return best / best[-1], edges


def _without_ties(column: _Floats, rng: np.random.Generator) -> _Floats:
    """Spread the rows of equal values half-way to the neighbours.

    Rounded values are then no groups.
    """
    values, at, counts = np.unique(column, return_inverse=True, return_counts=True)
    between = values[:-1] + np.diff(values) / 2
    low = np.append(2 * values[0] - between[0], between)
    high = np.append(between, 2 * values[-1] - between[-1])
    spread = low[at] + (high - low)[at] * rng.random(len(column))
    return np.where(counts[at] > 1, spread, column)
