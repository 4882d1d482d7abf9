"""Lift, the relative change of a value against a control, with an interval by Fieller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.student import critical_value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ends = tuple[NDArray[np.float64], NDArray[np.float64]]

__all__ = ["lift"]


def lift(
    value: ArrayLike,
    variance: ArrayLike,
    other_value: ArrayLike,
    other_variance: ArrayLike,
    confidence: ArrayLike = 0.95,
    df: ArrayLike = np.inf,
    critical: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the relative change T/C − 1 of two independent estimates, and its interval.

    Fieller 1954 (doi:10.1111/j.2517-6161.1954.tb00159.x): all θ with (T − θC)² ≤ t² (v_T + θ² v_C).
    At θ = 1 that is the test of the difference, so that this interval holds 0 exactly where the
    interval of the difference, by the same t, does. The delta method has no such promise.

    The control must be distinguishable from 0 at the same confidence (g = t² v_C / C² < 1): else no
    bounded set of lifts is left, and the ends are NaN beside a value. A control at or below 0 has
    no lift: divided by it, a gain is called a loss; all three are NaN.

    Parameters
    ----------
    value, other_value : array-like
        Treatment T and control C; broadcast against all others.
    variance, other_variance : array-like
        Of these estimates (squared standard errors).
    confidence : array-like
        In (0, 1).
    df : array-like
        Degrees of freedom of the difference; inf is the normal distribution.
    critical : array-like, optional
        t itself, in place of the one of ``confidence`` and ``df``.

    Returns
    -------
    lift, low, high : ndarray, float64
        As a share: .05 is 5 % more. Both ends belong to the interval.
    """
    first, spread, control, control_spread = (
        np.asarray(argument, dtype=np.float64)
        for argument in (value, variance, other_value, other_variance)
    )
    t = (
        critical_value(confidence, df)
        if critical is None
        else np.asarray(critical, dtype=np.float64)
    )
    with np.errstate(all="ignore"):
        ratio = np.where(control > 0, first / control, np.nan)
        ends = _fieller(ratio, spread / control**2, control_spread / control**2, t)
        inside = np.abs(first - control) <= t * np.sqrt(spread + control_spread)
        low, high = _agreeing(*ends, inside, first > control)
    change = ratio - 1 + np.zeros_like(low)
    return change, low, high


def _fieller(
    ratio: NDArray[np.float64],
    spread: NDArray[np.float64],
    control_spread: NDArray[np.float64],
    t: NDArray[np.float64],
) -> Ends:
    """Return the ends of the lift where bounded; variances relative to the control's square."""
    g = t**2 * control_spread
    root = t * np.sqrt(ratio**2 * control_spread + (1 - g) * spread)
    scale = np.where(g < 1, 1 - g, np.nan)
    # less 1 before the division: a lift of a millionth keeps its digits
    middle = ratio - 1 + g
    return (middle - root) / scale, (middle + root) / scale


def _agreeing(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    inside: NDArray[np.bool_],
    more: NDArray[np.bool_],
) -> Ends:
    """Return the ends moved by rounding errors where they contradict the difference about 0."""
    least = np.finfo(np.float64).tiny
    low = np.where(inside & (low > 0), 0.0, np.where(~inside & more & (low <= 0), least, low))
    high = np.where(inside & (high < 0), 0.0, np.where(~inside & ~more & (high >= 0), -least, high))
    return np.minimum(low, high), np.maximum(low, high)
