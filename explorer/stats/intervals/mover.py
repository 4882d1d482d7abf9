"""Ratio of two independent shares; its interval agrees with that of their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.proportions import wilson_intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["share_ratio"]


def share_ratio(
    hits: ArrayLike,
    n: ArrayLike,
    other_hits: ArrayLike,
    other_n: ArrayLike,
    confidence: ArrayLike = 0.95,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the first share over the second, less 1, and the ends of its interval.

    Donner & Zou 2012 (doi:10.1177/0962280210384714): the ends r at which ``p − r q`` has an end of
    its interval at 0, by the method of variance estimates recovery from the two Wilson intervals.
    At r = 1 that is Newcombe's interval of the difference, so that 0 lies in the one just when it
    lies in the other.

    Parameters
    ----------
    hits, n, other_hits, other_n : array-like of shape (cells,)
    confidence : float or array-like
        In (0, 1).

    Returns
    -------
    ratio, low, high : ndarray of shape (cells,), float64
        Each less 1. NaN where the second share has no hit, or a group is empty.
    """
    p_hits, p_n, q_hits, q_n = (
        np.asarray(argument, np.float64) for argument in (hits, n, other_hits, other_n)
    )
    p_low, p_high = wilson_intervals(p_hits, p_n, confidence)
    q_low, q_high = wilson_intervals(q_hits, q_n, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        p, q = p_hits / p_n, q_hits / q_n
        defined = (q_hits > 0) & (p_n > 0)
        # the smaller root in the form that loses no digits where the leading coefficient is near 0
        below = p_low * (2 * p - p_low)
        low = below / (p * q + _root(p * q, q_high * (2 * q - q_high), below))
        leading = q_low * (2 * q - q_low)
        high = (p * q + _root(p * q, leading, p_high * (2 * p - p_high))) / leading
        ratio = p / q
    ends = ratio, np.where(p_hits > 0, low, 0.0), high
    return tuple(np.where(defined, end - 1, np.nan) for end in ends)  # type: ignore[return-value]


def _root(
    middle: NDArray[np.float64], leading: NDArray[np.float64], last: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the root of the discriminant of ``leading r² − 2 middle r + last``.

    Its zeros are the r where ``(p − r q)² = (p_end − p)² + r² (q_end − q)²``.
    """
    return np.asarray(np.sqrt(np.maximum(middle**2 - leading * last, 0)))
