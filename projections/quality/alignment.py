"""One map laid onto another: turn, mirror, size and shift that bring the same rows together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from projections.errors import ProjectionError
from projections.threads import run_blocks
from projections.validation import as_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["Alignment", "procrustes"]

_BLOCK = 1 << 16  # rows; what is worked on stays in the caches, and sums stay short
_SCALINGS = (True, False, "size")
# Of squared sizes of float64 sums: what is below is the rounding of a map whose rows all lie at one
# point.
_NOTHING = 1e-28


@dataclass(frozen=True, eq=False)
class Alignment:
    """Takes points of a map Y onto a map X: ``scale * (points @ matrix) + translation``.

    Attributes
    ----------
    matrix : ndarray of shape (n_components, n_components), float64
        Orthogonal: a turn, with a mirror where its determinant is −1.
    scale : float
        Above 0, unless least squares found nothing in common to scale by.
    translation : ndarray of shape (n_components,), float64
    disparity : float
        Share of the variance of X that Y, moved, turned and scaled at its best, leaves unexplained:
        0 for the same picture, 1 for nothing in common. As in `scipy.spatial.procrustes`, whatever
        scaling was asked for.
    distance : float
        Root of the mean squared distance that is left between a row and its partner, in units of X.
    n_rows : int
        Rows with finite coordinates on both: those that decided.
    """

    matrix: NDArray[np.float64]
    scale: float
    translation: NDArray[np.float64]
    disparity: float
    distance: float
    n_rows: int

    def apply(self, points: Any) -> Matrix:
        """Return points (m, n_components) of Y as they lie on X, float32 if they were.

        What is not finite stays so.
        """
        array = np.ascontiguousarray(as_numbers(points, "points"))
        if array.ndim != 2 or array.shape[1] != len(self.matrix):
            raise ProjectionError(
                f"points must have shape (rows, {len(self.matrix)}), got {array.shape}; "
                "pass points of the second map"
            )
        out = np.empty_like(array)
        transform = self.scale * self.matrix
        run_blocks(
            lambda start, stop: _move(
                array[start:stop], transform, self.translation, out[start:stop]
            ),
            len(array),
            _BLOCK,
            stage="alignment",
        )
        return out

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "matrix": self.matrix.tolist(),
            "scale": self.scale,
            "translation": self.translation.tolist(),
            "disparity": self.disparity,
            "distance": self.distance,
            "n_rows": self.n_rows,
        }


def procrustes(X: Any, Y: Any, scaling: bool | str = True, reflection: bool = True) -> Alignment:
    """Find what takes a map `Y` nearest to a map `X` of the same rows, in least squares.

    The orthogonal matrix is Schönemann's (1966, doi:10.1007/BF02289451), from the singular values
    of the cross product of both maps, each about its own mean (Gower 1975, doi:10.1007/BF02291478).
    Everything follows from moments that one pass in blocks collects.

    Parameters
    ----------
    X, Y : array-like of shape (n_samples, n_components)
        Row i of both is the same. Rows that are not finite on either are left out.
    scaling : bool or "size"
        True: the scale of least squares, which draws `Y` the smaller the less the maps agree.
        "size": the one that spreads `Y` as far about its mean as `X`, for two maps that are looked
        at together. False: 1.
    reflection : bool
        Whether `Y` may be mirrored; without it a pure turn (Umeyama 1991, doi:10.1109/34.88573).

    Returns
    -------
    Alignment
        Where all rows of either lie at one point nothing tells a turn or a scale: then `Y` is only
        moved, and the disparity is 1, or 0 where both do. Rows on a line leave open on which side
        of it the others would lie: of both answers, which are equally near, the one without a
        mirror is taken.

    Raises
    ------
    ProjectionError
        Maps of different shapes, or without a row that is finite on both.
    """
    X, Y = np.ascontiguousarray(as_numbers(X, "X")), np.ascontiguousarray(as_numbers(Y, "Y"))
    if X.ndim != 2 or X.shape != Y.shape or X.shape[1] == 0:
        raise ProjectionError(
            f"X and Y must have the same shape (rows, components), got {X.shape} and {Y.shape}; "
            "pass the rows that are on both maps"
        )
    if scaling not in _SCALINGS:
        raise ProjectionError(f"scaling must be True, False or 'size', got {scaling!r}")
    moments = _Moments.of(X, Y)
    if moments.count == 0:
        raise ProjectionError(
            f"no row of {len(X):,} is finite on both maps: pass maps that have rows in common"
        )
    return _solved(moments, scaling, reflection)


@dataclass
class _Moments:
    """Means, squared sizes about them and cross product of the rows seen so far."""

    count: int
    mean_x: NDArray[np.float64]
    mean_y: NDArray[np.float64]
    size_x: float
    size_y: float
    cross: NDArray[np.float64]

    @classmethod
    def of(cls, X: Matrix, Y: Matrix) -> _Moments:
        """Collect the moments of all rows that are finite on both."""
        d, n_blocks = X.shape[1], -(-len(X) // _BLOCK)
        counts, sizes = np.zeros(n_blocks, np.int64), np.zeros((n_blocks, 2))
        means, crosses = np.zeros((n_blocks, 2, d)), np.zeros((n_blocks, d, d))

        def look(start: int, stop: int) -> None:
            place = start // _BLOCK
            part = slice(start, stop)
            counts[place] = _look(X[part], Y[part], means[place], sizes[place], crosses[place])

        run_blocks(look, len(X), _BLOCK, stage="alignment")
        moments = cls(0, np.zeros(d), np.zeros(d), 0.0, 0.0, np.zeros((d, d)))
        for place in np.flatnonzero(counts):
            moments._merge(int(counts[place]), means[place], sizes[place], crosses[place])
        return moments

    def _merge(
        self,
        n: int,
        means: NDArray[np.float64],
        sizes: NDArray[np.float64],
        cross: NDArray[np.float64],
    ) -> None:
        """Add rows that are known by their own moments.

        Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115.
        """
        total = self.count + n
        step_x, step_y, between = (
            means[0] - self.mean_x,
            means[1] - self.mean_y,
            self.count * n / total,
        )
        self.size_x += float(sizes[0]) + between * float(step_x @ step_x)
        self.size_y += float(sizes[1]) + between * float(step_y @ step_y)
        self.cross += cross + between * np.outer(step_y, step_x)
        self.mean_x += step_x * (n / total)
        self.mean_y += step_y * (n / total)
        self.count = total

    def is_point(self) -> tuple[bool, bool]:
        """Whether all rows of X, and of Y, lie at one point, but for rounding."""
        limit = self.count * _NOTHING
        return (
            self.size_x <= limit * float(self.mean_x @ self.mean_x),
            self.size_y <= limit * float(self.mean_y @ self.mean_y),
        )


@njit(cache=True, nogil=True)
def _look(X, Y, means, sizes, cross):  # type: ignore[no-untyped-def]
    """Write the moments of a block of rows about its means; return the rows finite on both."""
    n, d = 0, X.shape[1]
    finite = np.empty(len(X), dtype=np.bool_)
    for i in range(len(X)):
        good = True
        for j in range(d):
            good &= np.isfinite(X[i, j]) and np.isfinite(Y[i, j])
        finite[i] = good
        n += good
        if good:
            for j in range(d):
                means[0, j] += X[i, j]
                means[1, j] += Y[i, j]
    means /= max(n, 1)
    for i in range(len(X)):
        if finite[i]:
            for j in range(d):
                y = Y[i, j] - means[1, j]
                sizes[1] += y * y
                sizes[0] += (X[i, j] - means[0, j]) ** 2
                for f in range(d):
                    cross[j, f] += y * (X[i, f] - means[0, f])
    return n


@njit(cache=True, nogil=True)
def _move(points, turn, shift, out):  # type: ignore[no-untyped-def]
    for i in range(len(points)):
        for j in range(len(shift)):
            moved = shift[j]
            for f in range(len(shift)):
                moved += points[i, f] * turn[f, j]
            out[i, j] = moved


def _solved(moments: _Moments, scaling: bool | str, reflection: bool) -> Alignment:
    d, points = len(moments.mean_x), moments.is_point()
    if any(points):
        matrix, scale, explained, disparity = np.eye(d), 1.0, 0.0, 0.0 if all(points) else 1.0
    else:
        matrix, explained = _turn(moments.cross, reflection)
        agreement = min(explained / float(np.sqrt(moments.size_x) * np.sqrt(moments.size_y)), 1.0)
        disparity = (1.0 - agreement) * (1.0 + agreement)
        scale = {
            True: explained / moments.size_y,
            False: 1.0,
            "size": float(np.sqrt(moments.size_x) / np.sqrt(moments.size_y)),
        }[scaling]
    left = moments.size_x + scale**2 * moments.size_y - 2 * scale * explained
    translation = moments.mean_x - scale * (moments.mean_y @ matrix)
    distance = float(np.sqrt(max(left, 0.0) / moments.count))
    return Alignment(matrix, float(scale), translation, float(disparity), distance, moments.count)


def _turn(cross: NDArray[np.float64], reflection: bool) -> tuple[NDArray[np.float64], float]:
    """Return the orthogonal matrix nearest to a cross product, and the sum of singular values."""
    left, values, right = np.linalg.svd(cross)
    signs = np.ones(len(values))
    # rows on a line: a mirror on that line costs nothing, and is not asked for
    on_a_line = values[-1] <= 1e-14 * values[0]
    if (not reflection or on_a_line) and np.linalg.det(left @ right) < 0:
        signs[-1] = -1.0
    return (left * signs) @ right, float(values @ signs)
