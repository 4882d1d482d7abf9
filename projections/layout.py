"""The layout of UMAP: neighbours attract, random others repel, while the step shrinks to nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from projections.graph import Graph

__all__ = ["Curve", "find_curve", "oriented", "run_layout"]

NEGATIVE_SAMPLES = 5
"""Random rows that repel a row each time a neighbour attracts it; umap-learn's default."""

_CLIP = np.float32(4.0)  # umap-learn's bound on one step along one axis
_TABLE_BITS = 15
_SLICE_SECONDS = 0.2
_SECONDS_PER_ATTRACTION = 1e-7  # with its five repulsions; measured 60–80 ns, rounded up


@dataclass(frozen=True)
class Curve:
    """The similarity ``1 / (1 + a·d^(2b))`` of two rows at distance d on the map."""

    a: float
    b: float

    def gradients(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return attraction and repulsion per unit of difference, by the leading bits of the squared distance.

        The upper 16 bits of a positive float32 (sign 0, 8 of exponent, 7 of fraction) number intervals no wider than
        1/128 of their values; the coefficient in the middle of each is right to half a per cent, far below the noise of
        the sampling, and looking it up costs a third of two powers.
        """
        bits = (np.arange(1 << _TABLE_BITS, dtype=np.uint32) << 16) + np.uint32(1 << 15)
        finite = bits < np.uint32(0x7F800000)
        squared = np.where(finite, bits, np.uint32(0x7F7FFFFF)).view(np.float32).astype(np.float64)
        power = squared**self.b
        attraction = -2.0 * self.a * self.b * power / (squared * (1.0 + self.a * power))
        repulsion = 2.0 * self.b / ((0.001 + squared) * (1.0 + self.a * power))
        attraction[: 1 << 7] = 0.0  # below the smallest normal number, which is to say on one spot
        return attraction.astype(np.float32), repulsion.astype(np.float32)


def find_curve(min_dist: float, spread: float = 1.0) -> Curve:
    """Fit the curve that is 1 up to `min_dist` and falls as ``exp(-(d - min_dist) / spread)`` beyond, as umap-learn does."""
    from scipy.optimize import curve_fit

    distance = np.linspace(0.0, 3.0 * spread, 300)
    wanted = np.where(distance < min_dist, 1.0, np.exp(-(distance - min_dist) / spread))
    (a, b), _covariance = curve_fit(lambda d, a, b: 1.0 / (1.0 + a * d ** (2.0 * b)), distance, wanted)
    return Curve(float(a), float(b))


def run_layout(
    graph: Graph,
    start: NDArray[np.float32],
    curve: Curve,
    *,
    n_epochs: int,
    random_state: int,
    n_threads: int = 1,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Optimise positions by stochastic gradient descent on the fuzzy cross-entropy.

    Parameters
    ----------
    graph : Graph
        Symmetric.
    start : ndarray of shape (n_samples, n_components), float32
        Left as it is.
    curve : Curve
    n_epochs : int
        Rounds over the edges. An edge of the largest weight attracts in every round, one of half that weight in every
        second; edges too weak to attract once are left out, as in umap-learn.
    random_state : int
        Seed of the random rows that repel.
    n_threads : int
        With 1 the same seed gives the same bits. With more, threads write to the shared positions without locks (Niu et
        al. 2011, arXiv:1106.5730): faster, as good, not repeatable.
    progress : callable, optional
        ``progress("layout", epoch, n_epochs)`` about every 0.2 seconds.

    Returns
    -------
    ndarray of shape (n_samples, n_components), float32

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426, algorithm 5.
    """
    positions = start.astype(np.float32, order="C", copy=True)
    edges = _schedule(graph, n_epochs)
    states = np.random.default_rng(random_state).integers(1, 1 << 32, size=(n_threads, 1), dtype=np.uint32)
    sweep = _sweep_plane if positions.shape[1] == 2 else _sweep_any
    tables = curve.gradients()
    per_epoch = float(edges[2].sum(dtype=np.float64)) * _SECONDS_PER_ATTRACTION / n_threads

    def work(thread: int, epochs: tuple[int, int], rows: tuple[int, int]) -> None:
        first, last = (rows[0] + (rows[1] - rows[0]) * t // n_threads for t in (thread, thread + 1))
        sweep(positions, *edges, *tables, states[thread], first, last, *epochs, n_epochs)

    with ThreadPoolExecutor(n_threads, thread_name_prefix="projections-layout") as pool:
        for epochs, rows in _slices(len(positions), n_epochs, per_epoch):
            report(progress, "layout", epochs[0], n_epochs)
            list(pool.map(work, range(n_threads), [epochs] * n_threads, [rows] * n_threads))
    report(progress, "layout", n_epochs, n_epochs)
    return positions


def oriented(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return positions centred and turned to their own principal axes, each with its longer tail on the positive side.

    The loss does not change under rotation and reflection; one choice among them makes runs look alike.
    """
    centred = positions - positions.mean(axis=0, dtype=np.float64)
    _values, axes = np.linalg.eigh(centred.T @ centred)
    turned = centred @ axes[:, ::-1]
    turned *= np.where((turned**3).sum(axis=0) < 0, -1.0, 1.0)
    return np.ascontiguousarray(turned, dtype=np.float32)


def _schedule(
    graph: Graph, n_epochs: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return the graph with weights as rates, attractions per epoch in (0, 1], without edges that never attract."""
    largest = graph.weights.max()
    kept = graph.weights >= largest / n_epochs
    before = np.concatenate(([0], np.cumsum(kept)))
    return before[graph.indptr], graph.indices[kept], graph.weights[kept] / largest


def _slices(
    n_samples: int, n_epochs: int, seconds_per_epoch: float
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut the work into pieces of about 0.2 s: several epochs, or an epoch of some of the rows."""
    epochs = int(max(1.0, min(float(n_epochs), _SLICE_SECONDS / max(seconds_per_epoch, 1e-9))))
    rows = int(np.ceil(n_samples * min(1.0, _SLICE_SECONDS / max(seconds_per_epoch, 1e-9))))
    for epoch in range(0, n_epochs, epochs):
        for row in range(0, n_samples, rows):
            yield (epoch, min(epoch + epochs, n_epochs)), (row, min(row + rows, n_samples))


@njit(cache=True, nogil=True)
def _clipped(step):  # type: ignore[no-untyped-def]
    return min(max(step, -_CLIP), _CLIP)


@njit(cache=True, nogil=True)
def _attracts(rate, epoch):  # type: ignore[no-untyped-def]
    """Say whether the whole part of epochs × rate grows in this epoch: a schedule that needs no memory per edge."""
    return np.int32(np.float32(epoch + 1) * rate) > np.int32(np.float32(epoch) * rate)


@njit(cache=True, nogil=True)
def _next(state):  # type: ignore[no-untyped-def]
    """Advance a 32-bit xorshift generator (Marsaglia 2003, doi:10.18637/jss.v008.i14).

    A shift of two uint32 is 64 bits wide in numba, hence the casts.
    """
    state ^= np.uint32(state << np.uint32(13))
    state ^= np.uint32(state >> np.uint32(17))
    state ^= np.uint32(state << np.uint32(5))
    return np.uint32(state)


@njit(cache=True, nogil=True)
def _below(state, n):  # type: ignore[no-untyped-def]
    """Map 32 random bits to [0, n) by multiplication (Lemire 2019, doi:10.1145/3230636)."""
    return np.int64((np.uint64(state) * np.uint64(n)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def _interval(squared):  # type: ignore[no-untyped-def]
    return np.float32(squared).view(np.int32) >> 16


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _sweep_plane(  # type: ignore[no-untyped-def]
    positions, indptr, ends, rates, attraction, repulsion, state, first, last, epoch, stop, n_epochs
):
    """Run epochs [epoch, stop) of the rows [first, last) of a layout in two dimensions."""
    random = state[0]
    for now in range(epoch, stop):
        step = np.float32(1.0) - np.float32(now) / np.float32(n_epochs)
        for i in range(first, last):
            x, y = positions[i, 0], positions[i, 1]
            for edge in range(indptr[i], indptr[i + 1]):
                if not _attracts(rates[edge], now):
                    continue
                j = ends[edge]
                dx, dy = x - positions[j, 0], y - positions[j, 1]
                pull = attraction[_interval(dx * dx + dy * dy)]
                dx, dy = _clipped(pull * dx) * step, _clipped(pull * dy) * step
                x += dx
                y += dy
                positions[j, 0] -= dx
                positions[j, 1] -= dy
                for _ in range(NEGATIVE_SAMPLES):
                    random = _next(random)
                    j = _below(random, positions.shape[0])
                    if j == i:
                        continue
                    dx, dy = x - positions[j, 0], y - positions[j, 1]
                    push = repulsion[_interval(dx * dx + dy * dy)]
                    x += _clipped(push * dx) * step
                    y += _clipped(push * dy) * step
            positions[i, 0] = x
            positions[i, 1] = y
    state[0] = random


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _squared_distance(a, b):  # type: ignore[no-untyped-def]
    total = np.float32(0.0)
    for c in range(a.shape[0]):
        total += (a[c] - b[c]) * (a[c] - b[c])
    return total


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _sweep_any(  # type: ignore[no-untyped-def]
    positions, indptr, ends, rates, attraction, repulsion, state, first, last, epoch, stop, n_epochs
):
    """Do as `_sweep_plane` in any number of dimensions; a quarter slower."""
    random = state[0]
    for now in range(epoch, stop):
        step = np.float32(1.0) - np.float32(now) / np.float32(n_epochs)
        for i in range(first, last):
            here = positions[i]
            for edge in range(indptr[i], indptr[i + 1]):
                if not _attracts(rates[edge], now):
                    continue
                there = positions[ends[edge]]
                pull = attraction[_interval(_squared_distance(here, there))]
                for c in range(here.shape[0]):
                    move = _clipped(pull * (here[c] - there[c])) * step
                    here[c] += move
                    there[c] -= move
                for _ in range(NEGATIVE_SAMPLES):
                    random = _next(random)
                    there = positions[_below(random, positions.shape[0])]
                    push = repulsion[_interval(_squared_distance(here, there))]
                    for c in range(here.shape[0]):
                        here[c] += _clipped(push * (here[c] - there[c])) * step
    state[0] = random
