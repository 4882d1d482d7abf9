"""How much of a map is the seed's doing: the same rows laid out from several seeds and compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from projections.errors import Progress, ProjectionError, report
from projections.neighbors.search import exact_nearest
from projections.umap import UMAP
from projections.validation import as_matrix, check_integer, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Stability", "stability"]

_RESAMPLES = 1000


@dataclass(frozen=True)
class Stability:
    """How alike the maps of several seeds are.

    Attributes
    ----------
    neighbors_shared : float
        Share of the nearest rows on one map that are among as many nearest rows on another, mean
        over rows and pairs of maps.
    low, high : float
        Ends of its 95 % bootstrap interval over rows.
    chance : float
        What rows strewn at random would share.
    disparity : float
        Largest share of the variance of a map that another, moved, turned, mirrored and scaled onto
        it, leaves unexplained (Procrustes; Gower 1975, doi:10.1007/BF02291478): 0 for the same
        picture, 1 for nothing in common.
    per_point : tuple of (ndarray of int64, ndarray of float32), each of shape (n_rows,)
        Rows that were laid out, increasing, and the share of their neighbours that the maps share.
    seeds : tuple of int
    n_rows, n_neighbors : int
    """

    neighbors_shared: float
    low: float
    high: float
    chance: float
    disparity: float
    per_point: tuple[NDArray[np.int64], NDArray[np.float32]] = field(repr=False, compare=False)
    seeds: tuple[int, ...]
    n_rows: int
    n_neighbors: int

    def document(self) -> dict[str, Any]:
        """Return everything but ``per_point``, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "per_point"}


def stability(
    X: Any,
    umap: UMAP | None = None,
    n_seeds: int = 3,
    n_rows: int = 10_000,
    n_neighbors: int = 15,
    random_state: int = 0,
    *,
    progress: Progress | None = None,
) -> Stability:
    """Lay out the same rows of `X` from several seeds and compare the maps.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
    umap : UMAP, optional
        Whose parameters to use; its own fit and seed play no part. Default parameters without it.
    n_seeds : int
        Maps, from 2; of the seeds `random_state`, `random_state` + 1 and so on.
    n_rows : int
        Rows, chosen at random, that are laid out each time; all if there are no more.
    n_neighbors : int
        Neighbours that are compared.
    random_state : int
        First seed, and that of the choice of rows.
    progress : callable, optional
        ``progress("stability", done, total)``; returning False stops.

    Returns
    -------
    Stability
    """
    X = as_matrix(X)
    check_rows(len(X), 4, "stability")
    first = check_integer("random_state", random_state, 0)
    seeds = tuple(range(first, first + check_integer("n_seeds", n_seeds, 2)))
    if check_integer("n_rows", n_rows, 4) < len(X):
        rows = np.sort(np.random.default_rng(first).choice(len(X), n_rows, replace=False))
    else:
        rows = np.arange(len(X))
    k = check_integer("n_neighbors", n_neighbors, 1)
    if k >= len(rows):
        raise ProjectionError(
            f"n_neighbors must be less than the {len(rows)} rows that are laid out, got {k}"
        )
    maps = [
        _map(X[rows], umap or UMAP(), seed, (number, n_seeds), progress)
        for number, seed in enumerate(seeds)
    ]
    shared = _shared(maps, k)
    low, high = _interval(shared, np.random.default_rng(first))
    return Stability(
        float(shared.mean()),
        low,
        high,
        k / (len(rows) - 1),
        _disparity(maps),
        (rows, shared.astype(np.float32)),
        seeds,
        len(rows),
        k,
    )


def _map(
    rows: NDArray[Any], umap: UMAP, seed: int, turn: tuple[int, int], progress: Progress | None
) -> NDArray[np.float32]:
    parameters = {**umap.get_params(), "random_state": seed, "landmarks": None}

    def within(_stage: str, _done: int, _total: int) -> Any:
        return None if progress is None else progress("stability", *turn)

    fitted = UMAP(**parameters).fit_transform(rows, progress=within)
    report(progress, "stability", turn[0] + 1, turn[1])
    return fitted


def _shared(maps: list[NDArray[np.float32]], k: int) -> NDArray[np.float64]:
    """Return each row's share of `k` nearest rows in common, the mean over pairs of maps."""
    every = np.arange(len(maps[0]))
    near = [np.sort(exact_nearest(points, points, k, own=every)[0], axis=1) for points in maps]
    pairs = list(combinations(near, 2))
    total = np.zeros(len(every))
    for a, b in pairs:
        together = np.sort(np.concatenate((a, b), axis=1), axis=1)
        total += (together[:, 1:] == together[:, :-1]).sum(axis=1) / k
    return total / len(pairs)


def _interval(shared: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    means = [shared[rng.integers(0, len(shared), len(shared))].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _disparity(maps: list[NDArray[np.float32]]) -> float:
    from scipy.spatial import procrustes

    if any(
        np.ptp(points) == 0 for points in maps
    ):  # all rows on one spot: nothing that could be turned
        return 0.0 if all(np.ptp(points) == 0 for points in maps) else 1.0
    return max(
        float(procrustes(a.astype(float), b.astype(float))[2]) for a, b in combinations(maps, 2)
    )
