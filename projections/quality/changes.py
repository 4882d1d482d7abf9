"""Which rows have other neighbours on a second map than on a first one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from projections.errors import Progress, ProjectionError
from projections.neighbors.plane_tree import PlaneTree
from projections.threads import run_blocks
from projections.validation import as_matrix, check_integer, check_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["NeighborChange", "neighbor_change", "spread"]

_LEAVES_PER_BLOCK = 2_048  # some ten milliseconds of work: a person who cancels waits no longer
_ROWS_PER_BLOCK = 16_384
_SPREAD_NEIGHBORS = 8  # as for the trust of a row that was not scored


@dataclass(frozen=True, eq=False)
class NeighborChange:
    """How far the neighbours of rows differ between two maps.

    Attributes
    ----------
    rows : ndarray of shape (n_looked_at,), int64
        Rows that were looked at, increasing.
    changed : ndarray of shape (n_looked_at,), float32
        Share of the nearest rows on the first map that are not among as many nearest rows on the
        second: 0 for the same neighbours, 1 for none in common.
    share : float
        Mean of ``changed``.
    chance : float
        What a row of two maps that have nothing to do with each other would have.
    n_rows, n_neighbors : int
        Rows of each map, all of which may be neighbours; neighbours compared.
    """

    rows: NDArray[np.int64] = field(repr=False)
    changed: NDArray[np.float32] = field(repr=False)
    share: float
    chance: float
    n_rows: int
    n_neighbors: int


def neighbor_change(
    X: Any,
    Y: Any,
    n_neighbors: int = 15,
    n_looked_at: int | None = None,
    random_state: int = 0,
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> NeighborChange:
    """Return for each row the share of its nearest rows on map `X` that are not so on map `Y`.

    Without ties this is 1 − |A ∩ B| / k for the sets A and B of the k nearest rows on either map,
    the same from both sides. A row that is as near as the last of the k counts as one of them:
    copies of a row, which lie on one spot, are no change. Where ties make both sides differ the
    larger change is taken, so that a map that puts all rows on one spot keeps nobody's neighbours.

    Parameters
    ----------
    X, Y : array-like of shape (n_samples, 2)
        Row i of both is the same.
    n_neighbors : int
        k; fewer where there are not as many other rows.
    n_looked_at : int, optional
        How many random rows are looked at, each against all others; all without it.
    random_state : int
        Seed of their choice.
    n_jobs : int, optional
        Threads; all cores by default. The result does not depend on it.
    progress : callable, optional
        ``progress("change", done, total)``; returning False stops.

    Returns
    -------
    NeighborChange

    Raises
    ------
    ProjectionError
        Maps that are not finite, have other than two columns, or different rows.
    Cancelled
    """
    maps = [_plane(values, name) for name, values in (("X", X), ("Y", Y))]
    n = len(maps[0])
    if n != len(maps[1]):
        raise ProjectionError(
            f"X and Y must have the same rows, got {n} and {len(maps[1])}; "
            "pass the rows that are on both maps"
        )
    check_rows(n, 2, "neighbor_change")
    k = min(check_integer("n_neighbors", n_neighbors, 1), n - 1)
    rows = _drawn(n, n_looked_at, random_state)
    steps = _BlockProgress(progress, 2 * n + 2 * (n if rows is None else len(rows)))
    changed = _changed(maps[0], maps[1], rows, k, n_jobs, steps)
    rows = np.arange(n) if rows is None else rows
    return NeighborChange(
        rows, changed, float(changed.mean(dtype=np.float64)), 1.0 - k / (n - 1), n, k
    )


def spread(
    xy: NDArray[np.float32],
    rows: NDArray[np.int64],
    values: NDArray[np.float32],
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Give every row of a map the value of the rows around it.

    Exact where the value is known, elsewhere the mean of the 8 nearest known ones.

    Parameters
    ----------
    xy : ndarray of shape (n, 2), float32
        The map, finite.
    rows : ndarray of shape (a,), int64
        Rows whose value is known; a ≥ 1.
    values : ndarray of shape (a,), float32
    n_jobs, progress
        As in `neighbor_change`, stage "change".

    Returns
    -------
    ndarray of shape (n,), float32
    """
    tree = PlaneTree.of(xy[rows], n_jobs)
    out = np.empty(len(xy), dtype=np.float32)
    k = min(_SPREAD_NEIGHBORS, len(rows))

    def work(start: int, stop: int) -> None:
        near, _squared = tree.nearest(xy[start:stop], k)
        out[start:stop] = values[near].mean(axis=1, dtype=np.float32)

    run_blocks(work, len(xy), _ROWS_PER_BLOCK, stage="change", n_jobs=n_jobs, progress=progress)
    out[rows] = values
    return out


def _plane(values: Any, name: str) -> NDArray[np.float32]:
    array = np.ascontiguousarray(as_matrix(values, name=name), dtype=np.float32)
    if array.shape[1] != 2:
        raise ProjectionError(
            f"{name} must have 2 columns, got {array.shape[1]}; neighbours are compared on a plane"
        )
    return array


def _drawn(n: int, n_looked_at: int | None, random_state: int) -> NDArray[np.int64] | None:
    """Return random rows, increasing; None for all."""
    seed = check_integer("random_state", random_state, 0)
    if n_looked_at is None or check_integer("n_looked_at", n_looked_at, 1) >= n:
        return None
    drawn: NDArray[np.int64] = np.sort(
        np.random.default_rng(seed).choice(n, n_looked_at, replace=False)
    )
    return drawn


class _BlockProgress:
    """Progress over several runs of blocks as one."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._before, self._total = progress, 0, total

    def next(self, size: int) -> Progress | None:
        """Return what a run reports to that is worth `size` rows."""
        progress, before = self._progress, self._before
        self._before += size
        if progress is None:
            return None
        return lambda _, done, total: progress(
            "change", before + size * done // max(total, 1), self._total
        )


def _changed(
    X: NDArray[np.float32],
    Y: NDArray[np.float32],
    rows: NDArray[np.int64] | None,
    k: int,
    n_jobs: int | None,
    steps: _BlockProgress,
) -> NDArray[np.float32]:
    """Search on the first map and keep what was found; search on the second and compare."""
    n, looked_at = len(X), len(X) if rows is None else len(rows)
    near, reach = np.empty((looked_at, k), dtype=np.int32), np.empty(looked_at, dtype=np.float64)
    changed = np.empty(looked_at, dtype=np.float32)

    def keep(places: NDArray[np.int64], own: NDArray[np.int32], indices: Any, squared: Any) -> None:  # noqa: ARG001
        near[places], reach[places] = indices, squared[:, -1]

    def compare(
        places: NDArray[np.int64], own: NDArray[np.int32], indices: Any, squared: Any
    ) -> None:
        changed[places] = 1.0 - _share_kept(
            X, Y, own, near[places], reach[places], indices, squared[:, -1].copy()
        )

    for plane, then in ((X, keep), (Y, compare)):
        tree = PlaneTree.of(plane, n_jobs, steps.next(n))
        _visit(tree, plane, rows, k, then, n_jobs, steps.next(looked_at))
    return changed


def _visit(
    tree: PlaneTree,
    plane: NDArray[np.float32],
    rows: NDArray[np.int64] | None,
    k: int,
    then: Callable[[NDArray[np.int64], NDArray[np.int32], Any, Any], None],
    n_jobs: int | None,
    progress: Progress | None,
) -> None:
    """Search for the neighbours of rows in blocks, leaf by leaf for all rows; yield each block."""

    def leaves(start: int, stop: int) -> None:
        groups = tree.starts[start : stop + 1]
        part = slice(groups[0], groups[-1])
        own, queries = tree.rows[part], np.stack([tree.x[part], tree.y[part]], axis=1)
        then(own.astype(np.int64), own, *tree.nearest(queries, k, own, groups - groups[0]))

    def some(start: int, stop: int) -> None:
        assert rows is not None
        own = rows[start:stop].astype(np.int32)
        then(np.arange(start, stop), own, *tree.nearest(plane[own], k, own))

    if rows is None:
        run_blocks(
            leaves,
            len(tree.starts) - 1,
            _LEAVES_PER_BLOCK,
            stage="change",
            n_jobs=n_jobs,
            progress=progress,
        )
    else:
        run_blocks(
            some, len(rows), _ROWS_PER_BLOCK, stage="change", n_jobs=n_jobs, progress=progress
        )


@njit(cache=True, nogil=True)
def _share_kept(X, Y, own, near_x, reach_x, near_y, reach_y):  # type: ignore[no-untyped-def]
    """Return the share of neighbours that each row keeps, the smaller of both sides."""
    k = near_x.shape[1]
    share = np.empty(len(own), dtype=np.float32)
    for q in range(len(own)):
        forward, backward = 0, 0
        for j in range(k):
            forward += _squared(Y, own[q], near_x[q, j]) <= reach_y[q]
            backward += _squared(X, own[q], near_y[q, j]) <= reach_x[q]
        share[q] = np.float32(min(forward, backward) / k)
    return share


@njit(cache=True, nogil=True)
def _squared(xy, a, b):  # type: ignore[no-untyped-def]
    dx = np.float64(xy[a, 0]) - np.float64(xy[b, 0])
    dy = np.float64(xy[a, 1]) - np.float64(xy[b, 1])
    return dx * dx + dy * dy
