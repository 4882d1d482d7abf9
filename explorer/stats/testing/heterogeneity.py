"""Effects in several regions: whether they differ, also in sign, and each from the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["cochran_q", "deviations", "gail_simon"]


def cochran_q(
    values: ArrayLike, errors: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Test whether independent effects are all the same.

    Cochran 1954 (doi:10.2307/3001666): Q = Σ (v − v̄)² / e², v̄ weighted by 1/e².

    Parameters
    ----------
    values, errors : array-like of shape (..., k)
        Effects and their standard errors. A cell of which either is NaN, or whose error is not
        above 0, is left out.

    Returns
    -------
    statistic : ndarray of shape (...), float64
        NaN with fewer than two cells.
    df : ndarray of shape (...), int64
        Cells less one; −1 where there is none.
    p_value : ndarray of shape (...), float64
        By χ², which takes the errors as known: regions need units enough for that.
    """
    from scipy.special import chdtrc

    effect, weight, usable = _cells(values, errors)
    df = usable.sum(axis=-1).astype(np.int64) - 1
    with np.errstate(all="ignore"):
        # in units of the largest weight: 1/e² of very small errors must not overflow where they are
        # summed
        scaled = weight / weight.max(axis=-1, keepdims=True, initial=0.0)
        mean = (scaled * effect).sum(axis=-1, keepdims=True) / scaled.sum(axis=-1, keepdims=True)
        statistic = np.where(df > 0, (weight * (effect - mean) ** 2).sum(axis=-1), np.nan)
        return statistic, df, np.asarray(chdtrc(np.maximum(df, 1), statistic))


def gail_simon(
    values: ArrayLike, errors: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test whether independent effects differ in sign (a qualitative interaction).

    Gail & Simon 1985 (doi:10.2307/2530862): the lesser of Σ v²/e² over the effects above 0 and over
    those below. When all true effects have one sign its tail is Σ_h binomial(h; k − 1, ½) P(χ²_h >
    x), h from 1 to k − 1, at most.

    Parameters
    ----------
    values, errors : array-like of shape (..., k)
        As in `cochran_q`.

    Returns
    -------
    statistic : ndarray of shape (...), float64
        NaN with fewer than two cells.
    p_value : ndarray of shape (...), float64
        1 where all effects have one sign.
    """
    effect, weight, usable = _cells(values, errors)
    cells = usable.sum(axis=-1)
    with np.errstate(all="ignore"):
        squares = weight * effect**2
        above = np.where(effect > 0, squares, 0.0).sum(axis=-1)
        below = np.where(effect < 0, squares, 0.0).sum(axis=-1)
        statistic = np.where(cells > 1, np.minimum(above, below), np.nan)
        p_value = np.where(statistic == 0, 1.0, _mixed_tail(statistic, cells))
        return statistic, np.where(cells > 1, p_value, np.nan)


def deviations(
    values: ArrayLike,
    errors: ArrayLike,
    weights: ArrayLike | None = None,
    overall_value: ArrayLike | None = None,
    overall_error: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the effect in each region less the overall effect, and the standard error of that.

    The region is a part of the whole, so that both share its noise: error² = e² + E² − 2 w e², w
    the region's part of the overall estimate. For a difference of means, overall = Σ a T̄ᵢ − Σ b
    C̄ᵢ with the shares a and b of the region among the units of either arm, and the covariance is a
    var(T̄ᵢ) + b var(C̄ᵢ): w e² where a = b = w, as randomisation makes it but for chance. That
    holds whatever the regions' own means are; what differs between them is in E², if E is the error
    of the overall estimate as it was made, and not Σ w² e², which leaves it out.

    For a ratio, w is the region's share of the denominator, near enough where the regions' ratios
    are alike. For quantiles it holds only where the regions are distributed alike. Regions are
    disjoint, and need not cover the whole.

    Parameters
    ----------
    values, errors : array-like of shape (..., k)
        Effects of the regions and their standard errors; NaN gives NaN.
    weights : array-like of shape (..., k), optional
        w: the region's share of all units, those outside every region included. Without it 1/e²
        over its sum: the regions make up the whole, and a unit varies alike in all of them.
    overall_value, overall_error : array-like of shape (...), optional
        The overall effect and its standard error. Without them Σ w v and √(Σ w² e²), over the
        regions that are not NaN, their weights made to sum to 1.

    Returns
    -------
    value, error : ndarray of shape (..., k), float64

    Raises
    ------
    ValueError
        One of the overall value and error without the other.
    """
    if (overall_value is None) != (overall_error is None):
        raise ValueError(
            "the overall effect needs its value and its error, or neither: "
            "came one without the other"
        )
    effect, precision, usable = _cells(values, errors)
    with np.errstate(all="ignore"):
        variance = np.where(usable, np.square(np.asarray(errors, dtype=np.float64)), 0.0)
        parts = (
            precision
            if weights is None
            else np.where(usable, np.asarray(weights, dtype=np.float64), 0.0)
        )
        if weights is None or overall_value is None:
            parts = parts / parts.sum(axis=-1, keepdims=True)
        if overall_value is None or overall_error is None:
            whole = (parts * effect).sum(axis=-1)
            whole_variance = (parts**2 * variance).sum(axis=-1)
        else:
            whole = np.asarray(overall_value, dtype=np.float64)
            whole_variance = np.square(np.asarray(overall_error, dtype=np.float64))
        squared = variance + whole_variance[..., None] - 2 * parts * variance
        # a region that is the whole differs from it by nothing, which rounding may put below 0
        error = np.where(usable, np.sqrt(np.maximum(squared, 0.0)), np.nan)
        return np.where(usable, effect - whole[..., None], np.nan), error


def _cells(
    values: ArrayLike, errors: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return effects and weights 1/e², both 0 where a cell is left out, and which are not."""
    effect, error = np.broadcast_arrays(
        np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    )
    with np.errstate(all="ignore"):
        weight = 1 / np.square(error)
    # an error whose square is beyond the numbers has no weight that could be summed
    usable = np.isfinite(effect) & (error > 0) & np.isfinite(weight) & (weight > 0)
    return np.where(usable, effect, 0.0), np.where(usable, weight, 0.0), usable


def _mixed_tail(statistic: NDArray[np.float64], cells: NDArray[np.int64]) -> NDArray[np.float64]:
    from scipy.special import chdtrc, gammaln

    tail = np.zeros(np.broadcast(statistic, cells).shape)
    others = np.maximum(cells - 1, 0).astype(np.float64)
    for count in range(1, int(others.max(initial=0)) + 1):
        chosen = np.where(
            count <= others,
            gammaln(others + 1) - gammaln(count + 1) - gammaln(others - count + 1),
            -np.inf,
        )
        tail += np.exp(chosen - others * np.log(2)) * np.where(
            chosen > -np.inf, chdtrc(count, statistic), 0.0
        )
    return tail
