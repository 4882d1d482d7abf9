"""Mean and standard deviation of values that may be as large as float64 holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mean_and_std"]

# the square of a larger number may overflow float64: moments are then taken of scaled values
_HUGE = 1e150


def mean_and_std(
    values: NDArray[np.float64], counts: NDArray[np.int64] | None = None
) -> tuple[float, float]:
    """Return mean and standard deviation (ddof=1) without overflow.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
        Finite.
    counts : ndarray of shape (k,), int64, optional
        How often each value occurs; once when left out.

    Returns
    -------
    mean, std : float
        NaN where they do not exist: no value, or one value (std).
    """
    n = values.size if counts is None else int(counts.sum())
    if n == 0:
        return float("nan"), float("nan")
    largest = float(np.abs(values).max())
    unit = largest if largest > _HUGE else 1.0
    scaled = values / unit if unit != 1.0 else values
    mean = float((scaled if counts is None else scaled * counts).sum() / n)
    squares = (scaled - mean) ** 2
    total = float(squares.sum() if counts is None else (squares * counts).sum())
    return mean * unit, float(np.sqrt(total / (n - 1))) * unit if n > 1 else float("nan")
