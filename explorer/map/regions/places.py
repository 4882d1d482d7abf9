"""Places: where on a map the label of a region stands, and how far the region reaches around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Place", "places_of"]

_CELLS = 48  # along an axis of the rectangle that holds a region's middle 96 %
_SMOOTH = 2.5  # cells: as wide as a label is high on a region that fills the screen


class Place(NamedTuple):
    """Coordinates of a label in data units, and the distance that holds half of the rows."""

    x: float
    y: float
    reach: float


def places_of(xy: NDArray[np.float32], labels: NDArray[np.int32]) -> dict[int, Place]:
    """Return where each region has most of its rows.

    It is the row nearest to the mode of their smoothed density.

    Parameters
    ----------
    xy : ndarray of shape (k, 2)
        Rows that are not finite count as without a place.
    labels : ndarray of shape (k,), int32
        Region of each row; −1 is none.

    Returns
    -------
    dict of int to Place
        Without regions that have no row on the map.
    """
    usable = np.isfinite(xy).all(axis=1) & (labels >= 0)
    points, labels = xy[usable].astype(np.float64), labels[usable]
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    return {
        int(labels[rows[0]]): _place(points[rows])
        for rows in np.split(order, starts[1:])
        if len(rows)
    }


def _place(points: NDArray[np.float64]) -> Place:
    from scipy.ndimage import gaussian_filter

    low, high = np.percentile(points, (2, 98), axis=0)
    span = np.where(high > low, high - low, 1.0)
    cells = np.floor((points - low) / span * _CELLS).astype(np.int64)
    inside = ((cells >= 0) & (cells <= _CELLS)).all(axis=1)
    density = np.zeros((_CELLS + 1, _CELLS + 1))
    np.add.at(density, tuple(cells[inside].T), 1.0)
    peak = np.unravel_index(
        np.argmax(gaussian_filter(density, _SMOOTH, mode="constant")), density.shape
    )
    mode = low + (np.asarray(peak) + 0.5) / _CELLS * span
    x, y = points[((points - mode) ** 2).sum(axis=1).argmin()]
    reach = float(np.median(np.hypot(points[:, 0] - x, points[:, 1] - y)))
    return Place(float(x), float(y), reach)
