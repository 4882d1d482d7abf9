"""What each feature adds to the neighbourhoods of a map: what is lost when it is shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import Progress, ProjectionError, report
from projections.validation import as_matrix, check_integer, check_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Share", "feature_shares"]

_ANCHORS = 500
_RESAMPLES = 1000


@dataclass(frozen=True)
class Share:
    """Part of the neighbours kept that is lost when a feature is shuffled.

    Attributes
    ----------
    value, low, high : float
        0: the map's neighbourhoods do not need the feature, or another says the same; 1: nothing is
        kept without it. The interval is a 95 % bootstrap over rows; the value may fall a little
        below 0 by chance.
    """

    value: float
    low: float
    high: float


def feature_shares(
    X: Any,
    Y: Any,
    groups: Sequence[Sequence[int]] | None = None,
    n_rows: int = 4_000,
    n_neighbors: int = 15,
    random_state: int = 0,
    *,
    progress: Progress | None = None,
) -> list[Share]:
    """Return for each feature how many kept neighbours are lost when it is shuffled in `X`.

    Permutation importance (Breiman 2001, doi:10.1023/A:1010933404324) of the share of neighbours
    kept, on landmarks: rows chosen at random. Shuffling leaves the distribution of a feature and
    breaks its relation to all others.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_columns)
        As it was projected.
    Y : array-like of shape (n_samples, n_components)
        The map.
    groups : sequence of sequences of int, optional
        Columns of each feature, shuffled together; each column by itself without it.
    n_rows : int
        Landmarks; all rows if there are no more.
    n_neighbors : int
        Fewer than the landmarks.
    random_state : int
        Seed of landmarks, shuffles and bootstrap.
    progress : callable, optional
        ``progress("shares", done, total)`` in features; returning False stops.

    Returns
    -------
    list of Share
        In the order of `groups`.
    """
    X, Y = as_matrix(X), as_matrix(Y, name="Y")
    if len(X) != len(Y):
        raise ProjectionError(f"X and Y must have the same rows, got {len(X)} and {len(Y)}")
    check_rows(len(X), 4, "feature_shares")
    rng = np.random.default_rng(check_integer("random_state", random_state, 0))
    rows = rng.permutation(len(X))[: check_integer("n_rows", n_rows, 4)]
    k = min(check_integer("n_neighbors", n_neighbors, 1), len(rows) - 2)
    x, y = X[rows].astype(np.float64), Y[rows].astype(np.float64)
    anchors = np.arange(min(_ANCHORS, len(rows)))
    on_map = _near(_squared(y[anchors], y), anchors, k)
    whole = _squared(x[anchors], x)
    whole_kept = _share_kept(_near(whole, anchors, k), on_map, len(rows))
    weights = rng.integers(0, len(anchors), size=(_RESAMPLES, len(anchors)))
    columns = (
        [[j] for j in range(x.shape[1])] if groups is None else [list(group) for group in groups]
    )
    result = []
    for place, group in enumerate(columns):
        report(progress, "shares", place, len(columns))
        own, order = x[:, group], rng.permutation(len(rows))
        without = whole - _squared(own[anchors], own) + _squared(own[order][anchors], own[order])
        lost = whole_kept - _share_kept(_near(without, anchors, k), on_map, len(rows))
        result.append(_share(lost, whole_kept, weights))
    report(progress, "shares", len(columns), len(columns))
    return result


def _share(
    lost: NDArray[np.float64], whole_kept: NDArray[np.float64], weights: NDArray[np.int64]
) -> Share:
    base = whole_kept.mean()
    if base == 0:
        return Share(0.0, 0.0, 0.0)
    resampled = lost[weights].mean(axis=1) / np.maximum(whole_kept[weights].mean(axis=1), 1e-12)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Share(float(lost.mean() / base), float(low), float(high))


def _squared(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances (len(a), len(b)), from differences where there are few columns."""
    if a.shape[1] <= 4:
        total = np.zeros((len(a), len(b)))
        for f in range(a.shape[1]):
            total += (a[:, f, None] - b[None, :, f]) ** 2
        return total
    middle = b.mean(axis=0)
    a, b = a - middle, b - middle
    squared: NDArray[np.float64] = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * (a @ b.T)
    return np.maximum(squared, 0.0, out=squared)


def _near(squared: NDArray[np.float64], own: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    distances = squared.copy()
    distances[np.arange(len(own)), own] = np.inf
    return np.argpartition(distances, k, axis=1)[:, :k]


def _share_kept(
    near: NDArray[np.int64], on_map: NDArray[np.int64], n_rows: int
) -> NDArray[np.float64]:
    """Return the share of the neighbours on the map that are neighbours, for each anchor."""
    marked = np.zeros((len(near), n_rows), dtype=np.bool_)
    np.put_along_axis(marked, near, True, axis=1)
    shares: NDArray[np.float64] = np.take_along_axis(marked, on_map, axis=1).mean(axis=1)
    return shares
