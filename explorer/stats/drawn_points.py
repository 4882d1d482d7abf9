"""Which points of a long curve are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["drawn_points"]


def drawn_points(x: NDArray[np.float64], y: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return the positions of at most so many points that draw the same line as all of them.

    The range of x is cut into ``most // 4`` columns of equal width. Of each the first, the last,
    the lowest and the highest point are kept: on a screen of as many columns of pixels the line
    through them is the line through all (M4 of Jugel, Jerzak, Hackenbroich & Markl 2014,
    doi:10.14778/2732951.2732953).

    Parameters
    ----------
    x, y : ndarray of shape (n,), float64
        ``x`` ascending or descending; without NaN.
    most : int
        At least 4.

    Returns
    -------
    kept : ndarray of shape (k,), int64
        Ascending, k ≤ ``most``, the first and the last point among them; all where there are no
        more than ``most``.

    Raises
    ------
    ValueError
        Fewer than 4 points asked for.
    """
    if most < 4:
        raise ValueError(f"at least 4 points are needed to draw a curve, came {most}")
    if x.size <= most:
        return np.arange(x.size)
    falling = x[-1] < x[0]
    rising = x[::-1] if falling else x
    edges = np.linspace(rising[0], rising[-1], most // 4 + 1)[1:-1]
    bounds = np.unique(np.concatenate([[0], np.searchsorted(rising, edges), [x.size]]))
    if falling:
        bounds = x.size - bounds[::-1]
    points = [
        (first, last - 1, first + int(y[first:last].argmin()), first + int(y[first:last].argmax()))
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]
    return np.unique(np.array(points, dtype=np.int64))
