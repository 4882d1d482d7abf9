"""Recalibration: the logistic line from stated to true log odds; calibrated: slope 1 through 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["Recalibration", "recalibrate", "warm_recalibration"]

_MOST_STEPS = 40
_SETTLED = 1e-9  # of Newton's step, in log odds
_FAR = (
    30.0  # log odds beyond which a line has left the data: truth and probability are then separate
)
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True)
class Recalibration:
    """logit P(truth = 1) = intercept + slope · logit(probability), by maximum likelihood.

    Cox 1958, doi:10.1093/biomet/45.3-4.562.

    Parameters
    ----------
    slope, intercept : float
        A slope below 1 says that probabilities are too extreme. NaN where the line is not
        determined: truth of one kind only, all probabilities equal, or ones and zeros apart.
    slope_error, intercept_error : float
        Standard errors of rows that are independent of each other, from the information matrix.
    in_the_large, in_the_large_error : float
        The intercept of the line of slope 1: how far the log odds are too low altogether.
    p_value : float
        Of intercept 0 and slope 1 together: likelihood ratio, χ² of two degrees of freedom.
    """

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float
    in_the_large: float
    in_the_large_error: float
    p_value: float


def recalibrate(counts: ScoreCounts) -> Recalibration:
    """Fit the recalibration line to rows that have been counted by probability.

    Parameters
    ----------
    counts : ScoreCounts
        Probabilities in [0, 1]; those nearer to an end than 2.2e-16 are taken as so near, as in
        scikit-learn's log loss.
    """
    p = np.clip(counts.score, _EPSILON, 1 - _EPSILON)
    logit = np.log(p) - np.log1p(-p)
    both = counts.ones.sum() > 0 and counts.zeros.sum() > 0
    given = _moments(logit, counts.ones, counts.zeros, 0.0, 1.0)
    offset = _fitted(logit, counts, slope=False) if both else None
    # one probability for all: any slope will do
    line = _fitted(logit, counts, slope=True) if both and logit[0] < logit[-1] else None
    nan, gap, p_value = math.nan, math.nan, math.nan
    if line is not None:
        gap = 2 * max(line[1][0] - given[0], 0.0)
        p_value = math.exp(-gap / 2)  # χ² of two degrees of freedom is exponential
    (intercept, slope), errors = (line[0], _errors(line[1])) if line else ((nan, nan), (nan, nan))
    return Recalibration(
        slope=slope,
        intercept=intercept,
        slope_error=errors[1],
        intercept_error=errors[0],
        in_the_large=offset[0][0] if offset else nan,
        in_the_large_error=1 / math.sqrt(offset[1][3]) if offset else nan,
        p_value=p_value,
    )


def warm_recalibration() -> None:
    """Compile, or load from disk, the kernel here."""
    _moments(np.zeros(1), np.ones(1), np.ones(1), 0.0, 1.0)


def _fitted(
    logit: NDArray[np.float64], counts: ScoreCounts, slope: bool
) -> tuple[tuple[float, float], tuple[float, ...]] | None:
    """Return the line and its moments by Newton's method; None where it does not converge.

    Steps are halved while they make the fit worse.
    """
    a, b = 0.0, 1.0
    current = _moments(logit, counts.ones, counts.zeros, a, b)
    for _ in range(_MOST_STEPS):
        step = _step(current, slope)
        if step is None:
            return None
        size = 1.0
        while size > 1e-6:
            new = a + size * step[0], b + size * step[1]
            then = _moments(logit, counts.ones, counts.zeros, *new)
            if then[0] >= current[0] - 1e-12 * abs(current[0]):
                break
            size /= 2
        (a, b), current = new, then
        if abs(a) > _FAR or abs(b) > _FAR:
            return None
        if abs(step[0]) + abs(step[1]) < _SETTLED:
            return (a, b), current
    return None


def _step(moments: tuple[float, ...], slope: bool) -> tuple[float, float] | None:
    _, g0, g1, h00, h01, h11 = moments
    if not slope:
        return (g0 / h00, 0.0) if h00 > 0 else None
    determinant = h00 * h11 - h01 * h01
    if not determinant > 1e-14 * h00 * h11:
        return None
    return (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant


def _errors(moments: tuple[float, ...]) -> tuple[float, float]:
    _, _, _, h00, h01, h11 = moments
    determinant = h00 * h11 - h01 * h01
    return math.sqrt(h11 / determinant), math.sqrt(h00 / determinant)


@numba.njit(nogil=True, cache=True)
def _moments(logit: Any, ones: Any, zeros: Any, a: float, b: float) -> tuple[float, ...]:
    """Return the log likelihood, its gradient and the information matrix at a line."""
    likelihood, g0, g1, h00, h01, h11 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(logit.size):
        x = logit[i]
        eta = a + b * x
        small = np.exp(-abs(eta))
        chance = 1 / (1 + small) if eta >= 0 else small / (1 + small)
        n = ones[i] + zeros[i]
        # log P(1) = η − softplus(η), log P(0) = −softplus(η)
        likelihood += ones[i] * eta - n * (max(eta, 0.0) + np.log1p(small))
        left = ones[i] - n * chance
        w = n * small / (1 + small) ** 2
        g0 += left
        g1 += left * x
        h00 += w
        h01 += w * x
        h11 += w * x * x
    return likelihood, g0, g1, h00, h01, h11
