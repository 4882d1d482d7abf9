"""How many rows fall on each cell of a picture of two numbers, far ones at its edge."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.core.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PredictionDensity", "prediction_densities", "warm_density"]

_THREADS = 2
_threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="density")
_LOOKED_AT = 1 << 16  # rows from which the ends of the axes are chosen; all rows are then counted
_TAIL = 0.001  # on either side of an axis
_NEARLY_WHOLE = 1.3  # where the whole range is at most so many times the middle, it is drawn whole
_MARGIN = 0.02


@dataclass(frozen=True, eq=False)
class PredictionDensity:
    """Rows by cell.

    Parameters
    ----------
    counts : ndarray of shape (height, width), uint32
        Row 0 is the lowest y. They sum to the rows.
    x, y : tuple of 2 float
        Ends of the axes; rows beyond are counted in the outermost cells.
    beyond : int
        How many those are.
    """

    counts: NDArray[np.uint32]
    x: tuple[float, float]
    y: tuple[float, float]
    beyond: int


def prediction_densities(
    truth: NDArray[np.float64], prediction: NDArray[np.float64], width: int, height: int
) -> tuple[PredictionDensity, PredictionDensity]:
    """Count all rows by predicted and actual, and by predicted and residual, in one pass.

    The residual is actual minus predicted.

    Parameters
    ----------
    truth, prediction : ndarray of shape (n,), float64
        Finite.
    width, height : int
        Cells of each picture.

    Returns
    -------
    actual : PredictionDensity
        Prediction across, truth upwards; both axes have the same ends, so that the diagonal is
        where they agree.
    residual : PredictionDensity
        Prediction across, residual upwards.

    Raises
    ------
    ModelError
        Where values lie further apart than float64 can measure.
    """
    low, high = _ends(truth), _ends(prediction)
    both = min(low[0], high[0]), max(low[1], high[1])
    if not math.isfinite(4 * (both[1] - both[0])):
        raise ModelError(
            f"values from {both[0]:.3g} to {both[1]:.3g} lie further apart than can be drawn"
        )
    step = max(truth.size // _LOOKED_AT, 1)
    left = _ends(truth[::step] - prediction[::step])
    reach = max(abs(left[0]), abs(left[1]))
    axes = np.array([*both, *both, *high, -reach, reach])
    bounds = np.linspace(0, truth.size, _THREADS + 1).astype(np.int64).tolist()
    counted = np.zeros((_THREADS, 2, height, width), np.uint32)
    beyond = np.zeros((_THREADS, 2), np.int64)
    jobs = [
        _threads.submit(
            _count,
            truth[bounds[i] : bounds[i + 1]],
            prediction[bounds[i] : bounds[i + 1]],
            axes,
            counted[i],
            beyond[i],
        )
        for i in range(_THREADS)
    ]
    for job in jobs:
        job.result()
    counts, out = counted.sum(axis=0, dtype=np.uint32), beyond.sum(axis=0).tolist()
    return PredictionDensity(counts[0], both, both, out[0]), PredictionDensity(
        counts[1], high, (-reach, reach), out[1]
    )


def warm_density() -> None:
    """Compile, or load from disk, the kernels here."""
    some = np.arange(4.0)
    prediction_densities(some, some.copy(), 2, 2)
    some.flags.writeable = False
    prediction_densities(some, some, 2, 2)


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of an axis: the middle 99.8 % of the values, or all if hardly more."""
    if not values.size:
        return 0.0, 1.0
    low, high = _least_and_most(values)
    inner = np.quantile(values[:: max(values.size // _LOOKED_AT, 1)], [_TAIL, 1 - _TAIL]).tolist()
    if high - low > _NEARLY_WHOLE * (inner[1] - inner[0]) > 0:
        low, high = inner
    margin = _MARGIN * (high - low) or max(1.0, abs(low)) * 0.5
    return (low - margin, high + margin) if math.isfinite(margin) else (low, high)


@numba.njit(nogil=True, cache=True)
def _least_and_most(values: Any) -> tuple[float, float]:
    low, high = values[0], values[0]
    for i in range(values.size):
        low, high = min(low, values[i]), max(high, values[i])
    return low, high


@numba.njit(nogil=True, cache=True)
def _count(truth: Any, prediction: Any, axes: Any, counts: Any, beyond: Any) -> None:
    height, width = counts.shape[1:]
    scale = np.empty(4)
    for k in range(4):
        cells = width if k % 2 == 0 else height
        span = axes[2 * k + 1] - axes[2 * k]
        scale[k] = cells / span if span > 0 else 0.0
    for i in range(truth.size):
        p, t = prediction[i], truth[i]
        for picture in range(2):
            upwards = t if picture == 0 else t - p
            u = (p - axes[4 * picture]) * scale[2 * picture]
            v = (upwards - axes[4 * picture + 2]) * scale[2 * picture + 1]
            if u < 0 or u > width or v < 0 or v > height:
                beyond[picture] += 1
            column = int(min(max(u, 0.0), width - 1.0))
            row = int(min(max(v, 0.0), height - 1.0))
            counts[picture, row, column] += 1
