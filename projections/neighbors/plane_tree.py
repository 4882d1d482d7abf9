"""The nearest rows on a map: an exact search in two dimensions, fast at any density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.neighbors.search import insert_nearest
from projections.threads import run_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.errors import Progress

__all__ = ["PlaneTree"]

LEAF = 24
"""Most rows of a leaf; the least is half of it. Measured: 8 and 48 are slower."""

_SPLIT_ALONE = 3  # levels that are split node by node, until there are parts enough for all threads
_DEPTH = 64  # of the stack: two nodes a level, and no tree has more than 31 levels


@dataclass(frozen=True, eq=False)
class PlaneTree:
    """Points of a plane in a balanced tree.

    Friedman, Bentley and Finkel 1977, doi:10.1145/355744.355745.

    Every node is cut at the median of its longer side, so that all leaves are as deep and hold
    equally many rows, and nothing but boxes and the order of the rows need be kept. The children of
    node i are 2 i and 2 i + 1; node 1 is the root.

    Attributes
    ----------
    x, y : ndarray of shape (n,), float32
        In the order of the tree.
    rows : ndarray of shape (n,), int32
        Place in the tree → row.
    starts : ndarray of shape (n_leaves + 1,), int64
        First place of each leaf, and the end.
    boxes : ndarray of shape (2 n_leaves, 4), float32
        ``x_min, x_max, y_min, y_max`` of every node.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    boxes: NDArray[np.float32]

    @classmethod
    def of(
        cls, xy: NDArray[np.float32], n_jobs: int | None = None, progress: Progress | None = None
    ) -> PlaneTree:
        """Put rows into a tree.

        Parameters
        ----------
        xy : ndarray of shape (n, 2), float32
            Finite; n from 1.
        n_jobs, progress
            As in `projections.threads.run_blocks`, stage "tree". The tree does not depend on the
            number of threads.
        """
        n = len(xy)
        depth = max(0, int(np.ceil(np.log2(n / LEAF))))
        x, y = xy.T.copy()
        starts = np.arange((1 << depth) + 1, dtype=np.int64) * n >> depth
        boxes = np.empty((2 << depth, 4), dtype=np.float32)
        tree = cls(x, y, np.arange(n, dtype=np.int32), starts, boxes)
        alone = min(_SPLIT_ALONE, depth)
        for level in range(alone):
            tree._split(level, depth, 1, n_jobs, _as_part(progress, level, alone + 1))
        tree._split(alone, depth, _DEPTH, n_jobs, _as_part(progress, alone, alone + 1))
        return tree

    def _split(
        self, level: int, depth: int, levels: int, n_jobs: int | None, progress: Progress | None
    ) -> None:
        """Box and split the nodes of a level, and `levels` more below, each on one thread."""
        first = 1 << level

        def work(start: int, stop: int) -> None:
            for node in range(first + start, first + stop):
                _build(
                    self.x, self.y, self.rows, self.starts, self.boxes, node, depth - level, levels
                )

        run_blocks(work, first, 1, stage="tree", n_jobs=n_jobs, progress=progress)

    def nearest(
        self,
        queries: NDArray[np.float32],
        k: int,
        own: NDArray[np.int32] | None = None,
        groups: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Find the `k` rows nearest to each query, exactly: distances are compared in float64.

        On the thread of the caller, without the interpreter lock, so that blocks of queries may run
        on several.

        Parameters
        ----------
        queries : ndarray of shape (q, 2), float32
            Finite; fastest where near ones stand beside each other.
        k : int
            From 1 to n, or to n - 1 with `own`.
        own : ndarray of shape (q,), int32, optional
            The row that each query is, which is not its own neighbour.
        groups : ndarray of shape (n_groups + 1,), int64, optional
            First query of each group that is searched for together, and the end: near ones, as
            those of a leaf. Each query by itself by default.

        Returns
        -------
        rows : ndarray of shape (q, k), int32
            Nearest first. Of equally near rows any may be the last ones.
        squared_distances : ndarray of shape (q, k), float64
        """
        q = len(queries)
        own = np.full(q, -1, dtype=np.int32) if own is None else own
        groups = np.arange(q + 1, dtype=np.int64) if groups is None else groups
        indices = np.full((q, k), -1, dtype=np.int32)
        squared = np.full((q, k), np.inf, dtype=np.float64)
        tree = (self.x, self.y, self.rows, self.starts, self.boxes)
        _search(*tree, np.ascontiguousarray(queries), own, groups, indices, squared)
        return indices, squared


def _as_part(progress: Progress | None, part: int, parts: int) -> Progress | None:
    """Return a progress whose whole is one of several equal parts."""
    if progress is None:
        return None
    return lambda stage, done, total: progress(stage, part * total + done, parts * total)


@njit(cache=True, nogil=True)
def _build(x, y, rows, starts, boxes, root, below, levels):  # type: ignore[no-untyped-def]
    """Box and split a node with `below` levels under it, and `levels` levels of its children."""
    stack = np.empty((_DEPTH, 2), dtype=np.int64)
    stack[0, 0], stack[0, 1] = root, below
    size = 1
    while size > 0:
        size -= 1
        node, under = stack[size, 0], stack[size, 1]
        leaves = np.int64(1) << under
        leaf = node * leaves - (len(starts) - 1)
        first, end = starts[leaf], starts[leaf + leaves]
        _box(x[first:end], y[first:end], boxes[node])
        if under == 0:
            continue
        middle = starts[leaf + leaves // 2]
        wide = boxes[node, 1] - boxes[node, 0] >= boxes[node, 3] - boxes[node, 2]
        if wide:
            _part(x, y, rows, first, end, middle)
        else:
            _part(y, x, rows, first, end, middle)
        if below - under + 1 < levels:
            stack[size, 0], stack[size, 1] = 2 * node, under - 1
            stack[size + 1, 0], stack[size + 1, 1] = 2 * node + 1, under - 1
            size += 2


@njit(cache=True, nogil=True)
def _box(xs, ys, box):  # type: ignore[no-untyped-def]
    x_min, x_max, y_min, y_max = xs[0], xs[0], ys[0], ys[0]
    for i in range(len(xs)):
        x_min, x_max = min(x_min, xs[i]), max(x_max, xs[i])
        y_min, y_max = min(y_min, ys[i]), max(y_max, ys[i])
    box[0], box[1], box[2], box[3] = x_min, x_max, y_min, y_max


@njit(cache=True, nogil=True)
def _part(keys, others, rows, low, high, place):  # type: ignore[no-untyped-def]
    """Order rows so that no key before `place` is larger than one from there on.

    Hoare 1961, doi:10.1145/366622.366647.

    Values are parted without branches, which no processor could guess here.
    """
    while high - low > 1:
        pivot = _pivot(keys, low, high, place)
        middle = low
        for i in range(low, high):
            key, other, row = keys[i], others[i], rows[i]
            keys[i], others[i], rows[i] = keys[middle], others[middle], rows[middle]
            keys[middle], others[middle], rows[middle] = key, other, row
            middle += key < pivot
        if place < middle:
            high = middle
        elif middle > low:
            low = middle
        else:  # none is below the pivot: put those that equal it first
            for i in range(low, high):
                key, other, row = keys[i], others[i], rows[i]
                keys[i], others[i], rows[i] = keys[middle], others[middle], rows[middle]
                keys[middle], others[middle], rows[middle] = key, other, row
                middle += key == pivot
            if place < middle:
                return
            low = middle


@njit(cache=True, nogil=True)
def _pivot(keys, low, high, place):  # type: ignore[no-untyped-def]
    """Return a key that is likely near that of rank `place`: from a few evenly spaced ones."""
    size = high - low
    size_of_sample = 3 if size < 512 else (31 if size < 100_000 else 513)
    sample = np.empty(size_of_sample, dtype=keys.dtype)
    for i in range(size_of_sample):
        sample[i] = keys[low + (size - 1) * i // (size_of_sample - 1)]
    sample.sort()
    return sample[min(size_of_sample - 1, (place - low) * size_of_sample // size)]


@njit(cache=True, nogil=True)
def _apart(box, x_min, x_max, y_min, y_max):  # type: ignore[no-untyped-def]
    """Return the squared distance of two boxes, 0 where they meet."""
    dx = max(np.float64(box[0]) - x_max, x_min - np.float64(box[1]), 0.0)
    dy = max(np.float64(box[2]) - y_max, y_min - np.float64(box[3]), 0.0)
    return dx * dx + dy * dy


@njit(cache=True, nogil=True)
def _search(x, y, rows, starts, boxes, queries, own, groups, indices, squared):  # type: ignore[no-untyped-def]
    n_leaves, last = len(starts) - 1, indices.shape[1] - 1
    nodes, gaps = np.empty(_DEPTH, dtype=np.int64), np.empty(_DEPTH, dtype=np.float64)
    distances = np.empty(LEAF, dtype=np.float64)
    for group in range(len(groups) - 1):
        first, end = groups[group], groups[group + 1]
        x_min, x_max = np.float64(queries[first, 0]), np.float64(queries[first, 0])
        y_min, y_max = np.float64(queries[first, 1]), np.float64(queries[first, 1])
        for q in range(first + 1, end):
            x_min, x_max = min(x_min, queries[q, 0]), max(x_max, queries[q, 0])
            y_min, y_max = min(y_min, queries[q, 1]), max(y_max, queries[q, 1])
        nodes[0], gaps[0], size, bound = 1, 0.0, 1, np.inf
        while size > 0:
            size -= 1
            node = nodes[size]
            if gaps[size] >= bound:
                continue
            if node >= n_leaves:
                leaf = node - n_leaves
                bound = 0.0
                for q in range(first, end):
                    qx, qy = np.float64(queries[q, 0]), np.float64(queries[q, 1])
                    if _apart(boxes[node], qx, qx, qy, qy) < squared[q, last]:
                        _scan(
                            x,
                            y,
                            rows,
                            starts[leaf],
                            starts[leaf + 1],
                            qx,
                            qy,
                            own[q],
                            distances,
                            indices[q],
                            squared[q],
                        )
                    bound = max(bound, squared[q, last])
            else:
                near, far = 2 * node, 2 * node + 1
                to_near = _apart(boxes[near], x_min, x_max, y_min, y_max)
                to_far = _apart(boxes[far], x_min, x_max, y_min, y_max)
                if to_far < to_near or (
                    to_far == to_near
                    and _middle_nearer(boxes, far, near, x_min, x_max, y_min, y_max)
                ):
                    near, far, to_near, to_far = far, near, to_far, to_near
                nodes[size], gaps[size] = far, to_far
                nodes[size + 1], gaps[size + 1] = near, to_near
                size += 2


@njit(cache=True, nogil=True)
def _middle_nearer(boxes, a, b, x_min, x_max, y_min, y_max):  # type: ignore[no-untyped-def]
    """Whether the middle of node `a` is nearer to the middle of the queries than that of `b`."""
    x, y = x_min + x_max, y_min + y_max
    ax, ay = boxes[a, 0] + boxes[a, 1] - x, boxes[a, 2] + boxes[a, 3] - y
    bx, by = boxes[b, 0] + boxes[b, 1] - x, boxes[b, 2] + boxes[b, 3] - y
    return ax * ax + ay * ay < bx * bx + by * by


@njit(cache=True, nogil=True)
def _scan(x, y, rows, first, end, qx, qy, own, distances, indices, squared):  # type: ignore[no-untyped-def]
    """Put the rows of a leaf nearer than the worst neighbour of a query into its sorted list."""
    last, nearer = len(squared) - 1, 0
    for lane in range(end - first):
        dx, dy = np.float64(x[first + lane]) - qx, np.float64(y[first + lane]) - qy
        distances[lane] = dx * dx + dy * dy
        nearer += distances[lane] < squared[last]
    if nearer == 0:
        return
    for lane in range(end - first):
        distance = distances[lane]
        if distance < squared[last] and rows[first + lane] != own:
            insert_nearest(distance, rows[first + lane], squared, indices)
