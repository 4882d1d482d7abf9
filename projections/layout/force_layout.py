"""The layout of UMAP: neighbours attract, random rows repel, in ever smaller steps."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from projections.errors import Progress, report
from projections.layout.edge_blocks import EdgeBlocks
from projections.threads import n_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from projections.layout.fuzzy_graph import Graph

__all__ = ["SimilarityCurve", "find_curve", "oriented", "run_layout"]

NEGATIVE_SAMPLES = 5
"""Random rows that repel a row for each attraction; umap-learn's default."""

_CLIP = np.float32(4.0)  # umap-learn's bound on one step along one axis

# The tables of `Curve.gradients` hold squared distances from 2^-20 to 2^20, 32 to an octave: they
# fit the nearest cache.
_SHIFT = 18
_LOWEST = (127 - 20) << (23 - _SHIFT)
_SLOTS = 40 << (23 - _SHIFT)

# In each epoch the rows that repel come from a pool drawn anew, small enough to stay in a near
# cache, whatever the number of rows.
_POOL_LEAST, _POOL_MOST = 2_048, 16_384
_REPORT_SECONDS = 0.1


@dataclass(frozen=True)
class SimilarityCurve:
    """The similarity ``1 / (1 + a·d^(2b))`` of two rows at distance d on the map."""

    a: float
    b: float

    def gradients(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return attraction and repulsion per unit of difference, for classes of squared distance.

        The exponent and the five highest bits of the fraction of a float32 number intervals no
        wider than 1/32 of their values; the coefficient in the middle of each is right to three per
        cent, far below the noise of the sampling, and many can be looked up at once, which cannot
        be said of powers.
        """
        bits = (np.arange(_LOWEST, _LOWEST + _SLOTS, dtype=np.uint32) << _SHIFT) + np.uint32(
            1 << (_SHIFT - 1)
        )
        squared = bits.view(np.float32).astype(np.float64)
        power = squared**self.b
        attraction = -2.0 * self.a * self.b * power / (squared * (1.0 + self.a * power))
        repulsion = 2.0 * self.b / ((0.001 + squared) * (1.0 + self.a * power))
        return attraction.astype(np.float32), repulsion.astype(np.float32)


def find_curve(min_dist: float, spread: float = 1.0) -> SimilarityCurve:
    """Fit the curve 1 up to `min_dist`, then ``exp(-(d - min_dist) / spread)``, as umap-learn."""
    from scipy.optimize import curve_fit

    distance = np.linspace(0.0, 3.0 * spread, 300)
    wanted = np.where(distance < min_dist, 1.0, np.exp(-(distance - min_dist) / spread))
    (a, b), _covariance = curve_fit(
        lambda d, a, b: 1.0 / (1.0 + a * d ** (2.0 * b)), distance, wanted
    )
    return SimilarityCurve(float(a), float(b))


def run_layout(
    graph: Graph,
    start: NDArray[np.float32],
    curve: SimilarityCurve,
    *,
    n_epochs: int,
    random_state: int,
    first_epoch: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Optimise positions by stochastic gradient descent on the fuzzy cross-entropy.

    Parameters
    ----------
    graph : Graph
        Symmetric. The layout is fastest where near rows stand near each other.
    start : ndarray of shape (n_samples, n_components), float32
        Left as it is.
    curve : SimilarityCurve
    n_epochs : int
        Rounds over the edges. An edge of the largest weight attracts in every round, one of half
        that weight in every second; edges too weak to attract once are left out, as in umap-learn.
    random_state : int
        Seed of the random rows that repel.
    first_epoch : int
        Where to begin, for a start that is nearly a layout: the step is as small as it would be by
        then.
    n_jobs : int, optional
        Threads, as in `projections.threads.n_threads`. The result does not depend on them.
    progress : callable, optional
        ``progress("layout", epoch, n_epochs)`` about every 0.1 seconds.

    Returns
    -------
    ndarray of shape (n_samples, n_components), float32

    Notes
    -----
    As in umap-learn but for the order of the work: in an epoch each row is first repelled by five
    rows for each of its attractions, all seen from one place and as the pool of them stood when the
    epoch began; then neighbours attract each other, block after block (see
    `projections.layout.edge_blocks`).

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426, algorithm 5.
    """
    positions = start.astype(np.float32, order="C", copy=True)
    blocks = EdgeBlocks.of(graph, n_epochs)
    descent = _Descent(positions, blocks, curve, np.random.default_rng(random_state))
    workers = min(n_threads(n_jobs), blocks.n_pieces)
    report(progress, "layout", first_epoch, n_epochs)
    reported = time.perf_counter()
    with ThreadPoolExecutor(workers, thread_name_prefix="projections-layout") as pool:
        side_by_side: Any = pool.map if workers > 1 else map
        for epoch in range(first_epoch, n_epochs):
            step = np.float32(1.0 - epoch / n_epochs)
            for work, parts in descent.epoch(epoch, step):
                list(side_by_side(work, parts))
                if time.perf_counter() - reported > _REPORT_SECONDS:
                    report(progress, "layout", epoch, n_epochs)
                    reported = time.perf_counter()
    report(progress, "layout", n_epochs, n_epochs)
    return positions


def oriented(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return positions centred and turned to their principal axes, the longer tail positive.

    The loss does not change under rotation and reflection; one choice among them makes runs look
    alike.
    """
    centred = positions - positions.mean(axis=0, dtype=np.float64)
    _values, axes = np.linalg.eigh(centred.T @ centred)
    turned = centred @ axes[:, ::-1]
    turned *= np.where((turned**3).sum(axis=0) < 0, -1.0, 1.0)
    return np.ascontiguousarray(turned, dtype=np.float32)


class _Descent:
    """What the epochs of one layout share."""

    def __init__(
        self,
        positions: NDArray[np.float32],
        blocks: EdgeBlocks,
        curve: SimilarityCurve,
        rng: np.random.Generator,
    ) -> None:
        self.positions, self.blocks, self.rng = positions, blocks, rng
        self.attraction, self.repulsion = curve.gradients()
        self.rounds = blocks.rounds()
        self.repel = _repel_plane if positions.shape[1] == 2 else _repel_any
        self.attract = _attract_plane if positions.shape[1] == 2 else _attract_any

    def epoch(
        self, epoch: int, step: np.float32
    ) -> Iterable[tuple[Callable[[int], None], Iterable[int]]]:
        """Yield the work of an epoch, round by round, in parts that may be done side by side."""
        pieces, bounds = self.blocks.n_pieces, self.blocks.bounds
        size = int(np.clip(len(self.positions), _POOL_LEAST, _POOL_MOST))
        rows = self.rng.integers(0, len(self.positions), size, dtype=np.int32)
        pool = np.ascontiguousarray(self.positions[rows].T)
        cursors = self.rng.integers(0, size, pieces)

        def within(piece: int) -> None:
            self.repel(
                self.positions,
                self.blocks.totals,
                bounds[piece],
                bounds[piece + 1],
                self.repulsion,
                pool,
                rows,
                cursors[piece],
                epoch,
                step,
            )
            between(piece * pieces + piece)

        def between(block: int) -> None:
            blocks = self.blocks
            first, stop = blocks.block_starts[block : block + 2]
            self.attract(
                self.positions,
                blocks.heads,
                blocks.run_starts,
                blocks.ends,
                blocks.rates,
                first,
                stop,
                blocks.longest,
                self.attraction,
                epoch,
                step,
            )

        yield within, range(pieces)
        for parts in self.rounds:
            yield between, parts


@njit(cache=True, nogil=True, inline="always")
def _clipped(step):  # type: ignore[no-untyped-def]
    return min(max(step, -_CLIP), _CLIP)


@njit(cache=True, nogil=True, inline="always")
def _times(rate, epoch):  # type: ignore[no-untyped-def]
    """Return by how much the whole part of epochs × rate grows in this epoch.

    A schedule that needs no memory per edge.
    """
    return np.int32(np.float32(epoch + 1) * rate) - np.int32(np.float32(epoch) * rate)


@njit(cache=True, nogil=True, inline="always")
def _slot(squared):  # type: ignore[no-untyped-def]
    interval = np.float32(squared).view(np.int32) >> np.int32(_SHIFT)
    return np.uint32(min(max(interval - np.int32(_LOWEST), np.int32(0)), np.int32(_SLOTS - 1)))


# Unsigned indices save the test for negative ones, without which loops become vector instructions.


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _repel_plane(  # type: ignore[no-untyped-def]
    positions, totals, first, last, repulsion, pool, rows, cursor, epoch, step
):
    """Push rows [first, last) of a layout in two dimensions away from runs of rows of the pool."""
    px, py = pool[0], pool[1]
    for i in range(first, last):
        count = min(_times(totals[i], epoch) * NEGATIVE_SAMPLES, px.shape[0])
        if cursor + count > px.shape[0]:
            cursor = 0
        x, y, own, begin = positions[i, 0], positions[i, 1], np.int32(i), np.uint64(cursor)
        move_x, move_y = np.float32(0.0), np.float32(0.0)
        for place in range(np.uint64(count)):
            other = begin + np.uint64(place)
            dx, dy = x - px[other], y - py[other]
            push = repulsion[_slot(dx * dx + dy * dy)]
            push = push if rows[other] != own else np.float32(0.0)
            move_x += _clipped(push * dx)
            move_y += _clipped(push * dy)
        positions[i, 0] = x + move_x * step
        positions[i, 1] = y + move_y * step
        cursor += count


@njit(cache=True, nogil=True)
def _list_attractions(ends, rates, first, stop, epoch, out):  # type: ignore[no-untyped-def]
    """List the other rows of the edges that attract in this epoch, without branches."""
    count = 0
    for edge in range(first, stop):
        out[count] = ends[edge]
        count += _times(rates[edge], epoch)
    return count


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _attract_plane(  # type: ignore[no-untyped-def]
    positions, heads, run_starts, ends, rates, first, stop, longest, attraction, epoch, step
):
    """Let the edges of runs [first, stop) pull both their rows together in two dimensions."""
    attracted = np.empty(longest + 1, dtype=np.int32)
    for run in range(first, stop):
        count = _list_attractions(
            ends, rates, run_starts[run], run_starts[run + 1], epoch, attracted
        )
        i = np.uint32(heads[run])
        x, y = positions[i, 0], positions[i, 1]
        for place in range(count):
            j = np.uint32(attracted[place])
            there_x, there_y = positions[j, 0], positions[j, 1]
            dx, dy = x - there_x, y - there_y
            pull = attraction[_slot(dx * dx + dy * dy)]
            dx, dy = _clipped(pull * dx) * step, _clipped(pull * dy) * step
            x += dx
            y += dy
            positions[j, 0] = there_x - dx
            positions[j, 1] = there_y - dy
        positions[i, 0] = x
        positions[i, 1] = y


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _repel_any(  # type: ignore[no-untyped-def]
    positions, totals, first, last, repulsion, pool, rows, cursor, epoch, step
):
    """Do as `_repel_plane` in any number of dimensions; slower."""
    n_components = positions.shape[1]
    move = np.empty(n_components, dtype=np.float32)
    for i in range(first, last):
        count = min(_times(totals[i], epoch) * NEGATIVE_SAMPLES, pool.shape[1])
        if cursor + count > pool.shape[1]:
            cursor = 0
        move[:] = 0.0
        for other in range(cursor, cursor + count):
            if rows[other] == i:
                continue
            squared = np.float32(0.0)
            for c in range(n_components):
                squared += (positions[i, c] - pool[c, other]) ** 2
            push = repulsion[_slot(squared)]
            for c in range(n_components):
                move[c] += _clipped(push * (positions[i, c] - pool[c, other]))
        for c in range(n_components):
            positions[i, c] += move[c] * step
        cursor += count


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _attract_any(  # type: ignore[no-untyped-def]
    positions, heads, run_starts, ends, rates, first, stop, longest, attraction, epoch, step
):
    """Do as `_attract_plane` in any number of dimensions; slower."""
    attracted = np.empty(longest + 1, dtype=np.int32)
    for run in range(first, stop):
        count = _list_attractions(
            ends, rates, run_starts[run], run_starts[run + 1], epoch, attracted
        )
        position = positions[heads[run]]
        for place in range(count):
            other_position = positions[attracted[place]]
            squared = np.float32(0.0)
            for c in range(position.shape[0]):
                squared += (position[c] - other_position[c]) ** 2
            pull = attraction[_slot(squared)]
            for c in range(position.shape[0]):
                move = _clipped(pull * (position[c] - other_position[c])) * step
                position[c] += move
                other_position[c] -= move
