"""Exact numbers per pixel for any viewport, from the tiles that touch it, on all cores.

Every function equals Datashader's ``Canvas.points`` fed the stored coordinates (``origin + x``, in
float64). Row 0 of a plane is the lowest y. Arrays that go with the rows (values, codes, masks) are
in tile order: see `MapStore.arrange`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.core.errors import EmbeddingError
from explorer.map.raster import kernels, pool
from explorer.map.raster.bands import Bands

if TYPE_CHECKING:
    from explorer.map.map_store import MapStore
    from explorer.map.viewport import Viewport

__all__ = [
    "Mask",
    "by",
    "by_and_context",
    "count",
    "count_and_context",
    "in_view",
    "mean",
    "mean_and_count",
    "sums",
    "total",
]

Plane = NDArray[np.uint32]
Mask = NDArray[np.bool_] | NDArray[np.uint8]

_SPARSE = 1.0  # rows a pixel: up to here what a picture costs are its pixels, not the rows
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
    return _means(store, viewport, values, mask, context=False, counted=False)[0]


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
    return _means(store, viewport, values, mask, context, counted=True)


def sums(
    store: MapStore,
    viewport: Viewport,
    values: NDArray[np.floating],
    mask: Mask | None = None,
    context: bool = False,
) -> tuple[NDArray[np.float64], Plane, Plane, Plane]:
    """Add up the values of every pixel, and count the rows with one and those without.

    Returns
    -------
    sums : ndarray of shape (height, width), float64
    present, missing : ndarray of shape (height, width), uint32
    context : ndarray of shape (height, width), uint32
        As for `mean_and_count`.
    """
    bands, values = Bands.of(store, viewport), _values(store, values)
    added, missing, others = _sums(bands, values, _states(store, mask), context, counted=True)
    shape = (viewport.height, viewport.width)
    present = added[:, 1].astype(np.uint32)
    return (
        added[:, 0].reshape(shape),
        present.reshape(shape),
        missing.reshape(shape),
        _picture(others, shape),
    )


def _means(
    store: MapStore,
    viewport: Viewport,
    values: NDArray[np.floating],
    mask: Mask | None,
    context: bool,
    counted: bool,
) -> tuple[NDArray[np.float32], Plane, Plane]:
    """Return means, rows unless they are not ``counted``, and any context, as pictures."""
    size, shape = _size(viewport), (viewport.height, viewport.width)
    values, states = _values(store, values), _states(store, mask)
    bands = Bands.of(store, viewport)
    if bands.rows <= _SPARSE * size:
        bits = np.empty(size, np.int32)
        counts, others = _zeros(size, counted), _zeros(size, context)
        bands.run(kernels.few_means_runs, states, values, bits, counts, others)
        result = bits.view(np.float32)
    else:
        added, missing, others = _sums(bands, values, states, context, counted)
        result, counts = np.empty(size, np.float32), np.empty(missing.size, np.uint32)
        pool.share(
            size,
            lambda part: kernels.divide(added[part], missing[part], result[part], counts[part]),
        )
    return result.reshape(shape), _picture(counts, shape), _picture(others, shape)


def _sums(
    bands: Bands,
    values: NDArray[np.floating],
    states: NDArray[np.uint8],
    context: bool,
    counted: bool,
) -> tuple[NDArray[np.float64], Plane, Plane]:
    """Return sums and numbers of values (pixels, 2), rows without a value, and the context.

    The last two are (pixels,) or empty.
    """
    size = _size(bands.viewport)
    # a sum and its number lie in one cache line: a row then costs one miss, not two
    added, missing, others = (
        np.zeros((size, 2), np.float64),
        _zeros(size, counted),
        _zeros(size, context),
    )
    bands.run(kernels.mean_runs, states, values, added, missing, others)
    return added, missing, others


def by(
    store: MapStore, viewport: Viewport, codes: NDArray[np.uint8], k: int, mask: Mask | None = None
) -> Plane:
    """Count the rows of every pixel and category.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint8, in tile order
        Category of a row, 0 to k - 1; greater codes count as k - 1, the place of "other or
        missing".
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
    """Count rows per pixel and category and, in the same pass, rows of mask state 0.

    See `count_and_context`.
    """
    return _by(store, viewport, codes, k, mask, context=True)


def in_view(store: MapStore, viewport: Viewport, mask: Mask | None = None) -> int:
    """Return how many rows (of the mask) lie in the closed rectangle of the viewport."""
    return sum(Bands.of(store, viewport).run(kernels.in_view_runs, _states(store, mask)))


def total(planes: Plane) -> Plane:
    """Return the sum over the categories of `by`, (h, w) uint32."""
    out = np.empty(planes.shape[0] * planes.shape[1], np.uint32)
    flat = planes.reshape(out.size, -1)
    pool.share(out.size, lambda part: kernels.total(flat[part], out[part]))
    return out.reshape(planes.shape[:2])


def _count(
    store: MapStore, viewport: Viewport, mask: Mask | None, context: bool
) -> tuple[Plane, Plane]:
    size, shape = _size(viewport), (viewport.height, viewport.width)
    counts, others = np.zeros(size, np.uint32), _zeros(size, context)
    Bands.of(store, viewport).run(kernels.count_runs, _states(store, mask), counts, others)
    return counts.reshape(shape), _picture(others, shape)


def _by(
    store: MapStore,
    viewport: Viewport,
    codes: NDArray[np.uint8],
    k: int,
    mask: Mask | None,
    context: bool,
) -> tuple[Plane, Plane]:
    if codes.dtype != np.uint8 or not 1 <= k <= 256:
        raise EmbeddingError(
            f"categories must be uint8 codes of 1 to 256 levels, got {codes.dtype} of {k}: group "
            "rare levels"
        )
    _check_rows(store, codes, "codes")
    size, shape = _size(viewport), (viewport.height, viewport.width)
    codes, states = _read_only(np.ascontiguousarray(codes)), _states(store, mask)
    bands = Bands.of(store, viewport)
    sparse = bands.rows <= _SPARSE * size
    counts, others = (
        pool.zeros.take(size * k) if sparse else np.zeros(size * k, np.uint32),
        _zeros(size, context),
    )
    bands.run(kernels.by_runs, states, codes, k, counts, others)
    if sparse:
        pool.zeros.refill(size * k)
    return counts.reshape(*shape, k), _picture(others, shape)


def _zeros(size: int, wanted: bool) -> Plane:
    return np.zeros(size, np.uint32) if wanted else _NOTHING


def _picture(plane: Plane, shape: tuple[int, int]) -> Plane:
    return plane.reshape(shape) if plane.size else plane


def _size(viewport: Viewport) -> int:
    size = viewport.width * viewport.height
    if size > _MOST_PIXELS:
        raise EmbeddingError(
            f"a picture of {viewport.width} × {viewport.height} pixels is too large: at most "
            f"{_MOST_PIXELS:,}"
        )
    return size


def _values(store: MapStore, values: NDArray[np.floating]) -> NDArray[np.floating]:
    values = np.ascontiguousarray(values, np.float32 if values.dtype == np.float32 else np.float64)
    _check_rows(store, values, "values")
    return _read_only(values)


def _states(store: MapStore, mask: Mask | None) -> NDArray[np.uint8]:
    if mask is None:
        return _NO_MASK
    if mask.dtype not in (np.bool_, np.uint8):
        raise EmbeddingError(
            f"a mask must be bool, got {mask.dtype}: compare the column with a value first"
        )
    _check_rows(store, mask, "a mask")
    return _read_only(np.ascontiguousarray(mask).view(np.uint8))


def _check_rows(store: MapStore, rows: NDArray[Any], what: str) -> None:
    if rows.shape != (store.n,):
        raise EmbeddingError(
            f"{what} must have shape ({store.n},), got {rows.shape}: put it in tile order with "
            "store.arrange"
        )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view.

    Numba compiles a kernel once for these, not again for writable arrays.
    """
    view = array.view()
    view.flags.writeable = False
    return view
