"""Exact numbers per pixel for any viewport, from the tiles that touch it, on all cores.

Every function equals Datashader's ``Canvas.points`` fed the stored coordinates (``origin + x``, in float64). Row 0
of a plane is the lowest y. Arrays that go with the rows (values, codes, masks) are in tile order: see
`MapStore.arrange`.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import EmbeddingError
from explorer.maps import kernels, pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.maps.store import MapStore
    from explorer.maps.viewport import Viewport

__all__ = [
    "Mask",
    "by",
    "by_and_context",
    "count",
    "count_and_context",
    "in_view",
    "mean",
    "mean_and_count",
    "total",
]

Plane = NDArray[np.uint32]
Mask = NDArray[np.bool_] | NDArray[np.uint8]

_FEW_ROWS = 50_000  # are not worth waking a second thread
_MOST_PIXELS = 2**31 - 1  # pixels are numbered in int32

_NOTHING = np.empty(0, np.uint32)
_NO_MASK = np.empty(0, np.uint8)


def count(store: MapStore, viewport: Viewport, mask: Mask | None = None) -> Plane:
    """Count the rows of every pixel.

    Parameters
    ----------
    mask : ndarray of shape (n,), bool, in tile order, optional
        Rows to count; all without it.

    Returns
    -------
    ndarray of shape (height, width), uint32
    """
    return _count(store, viewport, mask, context=False)[0]


def count_and_context(store: MapStore, viewport: Viewport, mask: Mask) -> tuple[Plane, Plane]:
    """Count the rows in the mask and, in the same pass, the others.

    Parameters
    ----------
    mask : ndarray of shape (n,), bool or uint8, in tile order
        1 (True): in the first plane; 0 (False): in the second; 2: in none.
    """
    return _count(store, viewport, mask, context=True)


def mean(
    store: MapStore, viewport: Viewport, values: NDArray[np.floating], mask: Mask | None = None
) -> NDArray[np.float32]:
    """Average the values of every pixel; NaN values are missing and do not count.

    Parameters
    ----------
    values : ndarray of shape (n,), float32 or float64, in tile order

    Returns
    -------
    ndarray of shape (height, width), float32
        NaN where a pixel has no value. Sums are taken in float64.
    """
    return mean_and_count(store, viewport, values, mask)[0]


def mean_and_count(
    store: MapStore,
    viewport: Viewport,
    values: NDArray[np.floating],
    mask: Mask | None = None,
    context: bool = False,
) -> tuple[NDArray[np.float32], Plane, Plane]:
    """Average the values and count the rows of every pixel, those without a value too, in one pass.

    Returns
    -------
    means : ndarray of shape (height, width), float32
    counts : ndarray of shape (height, width), uint32
    context : ndarray of shape (height, width), uint32
        Rows of mask state 0 (see `count_and_context`) if ``context``, else empty.
    """
    values = np.ascontiguousarray(values, np.float32 if values.dtype == np.float32 else np.float64)
    _check_rows(store, values, "values")
    size = _size(viewport)
    sums = np.zeros(size, np.float64)
    present, missing = np.zeros(size, np.uint32), np.zeros(size, np.uint32)
    others = np.zeros(size, np.uint32) if context else _NOTHING
    _each_band(kernels.mean_runs, store, viewport, mask, (_read_only(values), sums, present, missing, others))
    shape = (viewport.height, viewport.width)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.divide(sums, present, out=sums).astype(np.float32)
    missing += present
    return means.reshape(shape), missing.reshape(shape), others.reshape(shape) if context else others


def by(
    store: MapStore, viewport: Viewport, codes: NDArray[np.uint8], k: int, mask: Mask | None = None
) -> Plane:
    """Count the rows of every pixel and category.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint8, in tile order
        Category of a row, 0 to k - 1; greater codes count as k - 1, the place of "other or missing".
    k : int
        Number of planes, 1 to 256.

    Returns
    -------
    ndarray of shape (height, width, k), uint32
    """
    return _by(store, viewport, codes, k, mask, context=False)[0]


def by_and_context(
    store: MapStore, viewport: Viewport, codes: NDArray[np.uint8], k: int, mask: Mask
) -> tuple[Plane, Plane]:
    """Count rows per pixel and category and, in the same pass, the rows of mask state 0 (see `count_and_context`)."""
    return _by(store, viewport, codes, k, mask, context=True)


def in_view(store: MapStore, viewport: Viewport, mask: Mask | None = None) -> int:
    """Return how many rows (of the mask) lie in the closed rectangle of the viewport."""
    return sum(_each_band(kernels.in_view_runs, store, viewport, mask, ()))


def total(planes: Plane) -> Plane:
    """Return the sum over the categories of `by`, (h, w) uint32."""
    out = np.empty(planes.shape[0] * planes.shape[1], np.uint32)
    flat = planes.reshape(out.size, -1)
    pool.share(out.size, lambda part: kernels.total(flat[part], out[part]))
    return out.reshape(planes.shape[:2])


def _count(store: MapStore, viewport: Viewport, mask: Mask | None, context: bool) -> tuple[Plane, Plane]:
    counts = np.zeros(_size(viewport), np.uint32)
    others = np.zeros(_size(viewport), np.uint32) if context else _NOTHING
    _each_band(kernels.count_runs, store, viewport, mask, (counts, others))
    shape = (viewport.height, viewport.width)
    return counts.reshape(shape), others.reshape(shape) if context else others


def _by(
    store: MapStore, viewport: Viewport, codes: NDArray[np.uint8], k: int, mask: Mask | None, context: bool
) -> tuple[Plane, Plane]:
    if codes.dtype != np.uint8 or not 1 <= k <= 256:
        raise EmbeddingError(
            f"categories must be uint8 codes of 1 to 256 levels, got {codes.dtype} of {k}: group rare levels"
        )
    _check_rows(store, codes, "codes")
    counts = np.zeros(_size(viewport) * k, np.uint32)
    others = np.zeros(_size(viewport), np.uint32) if context else _NOTHING
    shared = (_read_only(np.ascontiguousarray(codes)), k, counts, others)
    _each_band(kernels.by_runs, store, viewport, mask, shared)
    shape = (viewport.height, viewport.width)
    return counts.reshape(*shape, k), others.reshape(shape) if context else others


def _each_band(
    kernel: Callable[..., Any],
    store: MapStore,
    viewport: Viewport,
    mask: Mask | None,
    shared: tuple[Any, ...],
) -> list[Any]:
    """Run a kernel once per band of pixel rows, the bands on different threads."""
    geometry, shape, states = (
        _geometry(store, viewport),
        (viewport.height, viewport.width),
        _states(store, mask),
    )

    def work(band: tuple[int, int]) -> Any:
        runs = kernels.runs_of_band(store.bounds, store.offsets, geometry, viewport.height, *band)
        return kernel(store.x, store.y, states, runs, geometry, shape, band, *shared)

    return pool.run(work, _bands(store, viewport, geometry))


def _bands(store: MapStore, viewport: Viewport, geometry: kernels.Geometry) -> list[tuple[int, int]]:
    """Cut the picture into one band of pixel rows per thread, with about as many rows of data in each."""
    weights = np.zeros(viewport.height, np.int64)
    total = kernels.weigh_tiles(store.bounds, store.offsets, geometry, viewport.height, weights)
    n_bands = pool.n_threads() if total > _FEW_ROWS else 1
    shares = np.arange(1, n_bands) * (total / n_bands)
    cuts = [0, *np.searchsorted(np.cumsum(weights), shares).tolist(), viewport.height]
    return [(first, last) for first, last in itertools.pairwise(cuts) if first < last]


def _geometry(store: MapStore, viewport: Viewport) -> kernels.Geometry:
    """Return what the kernels know of a viewport; the scale is computed as Datashader's ``LinearAxis`` does."""
    (x_low, x_high), (y_low, y_high) = viewport.x_range, viewport.y_range
    sx, sy = viewport.width / (x_high - x_low), viewport.height / (y_high - y_low)
    return (x_low, x_high, y_low, y_high, sx, -x_low * sx, sy, -y_low * sy, *store.origin)


def _size(viewport: Viewport) -> int:
    size = viewport.width * viewport.height
    if size > _MOST_PIXELS:
        raise EmbeddingError(
            f"a picture of {viewport.width} × {viewport.height} pixels is too large: at most {_MOST_PIXELS:,}"
        )
    return size


def _states(store: MapStore, mask: Mask | None) -> NDArray[np.uint8]:
    if mask is None:
        return _NO_MASK
    if mask.dtype not in (np.bool_, np.uint8):
        raise EmbeddingError(f"a mask must be bool, got {mask.dtype}: compare the column with a value first")
    _check_rows(store, mask, "a mask")
    return _read_only(np.ascontiguousarray(mask).view(np.uint8))


def _check_rows(store: MapStore, rows: NDArray[Any], what: str) -> None:
    if rows.shape != (store.n,):
        raise EmbeddingError(
            f"{what} must have shape ({store.n},), got {rows.shape}: put it in tile order with store.arrange"
        )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view: numba compiles a kernel once for these, not again for writable arrays."""
    view = array.view()
    view.flags.writeable = False
    return view
