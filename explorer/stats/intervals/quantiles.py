"""Quantiles of two arms: ranks of bounds, and the curve of differences with a joint band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.student import critical_value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "QuantileDifferences",
    "difference_curve",
    "quantile_bounds",
]


@dataclass(frozen=True, eq=False)
class QuantileDifferences:
    """The differences of the quantiles of two arms, b less a; all arrays of shape (m,), float64.

    Parameters
    ----------
    qs : ndarray
        In (0, 1), ascending.
    difference : ndarray
        In the units of the values; NaN everywhere when an arm has no value.
    low, high : ndarray
        The simultaneous band: it holds the whole true curve with the stated confidence.
    pointwise_low, pointwise_high : ndarray
        The intervals of single quantiles. They leave out part of the curve more often.
    """

    qs: NDArray[np.float64]
    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    pointwise_low: NDArray[np.float64]
    pointwise_high: NDArray[np.float64]


def quantile_bounds(
    n: ArrayLike, q: ArrayLike, confidence: ArrayLike = 0.95, spread: ArrayLike = 1.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ranks of the values between which a quantile lies.

    The order statistics at n (q ± z √(spread · q (1 − q) / n)), counted from 0 and rounded down
    (Deng, Knoblich & Lu 2018, doi:10.1145/3219819.3219919; the normal approximation of the
    binomial, David & Nagaraja 2003, section 7.1, doi:10.1002/0471722162). Rounded so, the ranks
    between them are as many as asked for, neither more nor fewer on average, and they lie evenly
    about the binomial's mean; outwards, the error of `quantile_difference` would be too large.

    Parameters
    ----------
    n : array-like
        Values; broadcast against all others.
    q : array-like
        In (0, 1).
    confidence : array-like
        In (0, 1).
    spread : array-like
        By how much the variance of a share of the values is larger than that of independent ones:
        the design effect of rows that belong to units (Woodruff 1952,
        doi:10.1080/01621459.1952.10483443).

    Returns
    -------
    low, high : ndarray, int64
        Counted from 0 in ascending values; both ends belong to the interval. Both are −1 where a
        bound would lie beyond the first or last value: too few values for this quantile, and
        clipped ranks would understate its error.
    """
    size, share = np.asarray(n, dtype=np.float64), np.asarray(q, dtype=np.float64)
    with np.errstate(all="ignore"):
        reach = critical_value(confidence) * np.sqrt(
            size * share * (1 - share) * np.asarray(spread)
        )
        first, last = np.floor(size * share - reach), np.floor(size * share + reach)
        inside = (first >= 0) & (last < size) & (share > 0) & (share < 1)
    low, high = np.where(inside, first, -1.0), np.where(inside, last, -1.0)
    return low.astype(np.int64), high.astype(np.int64)


def difference_curve(
    a_sorted: NDArray[np.floating],
    b_sorted: NDArray[np.floating],
    qs: ArrayLike,
    n_boot: int = 400,
    seed: int = 0,
    confidence: float = 0.95,
) -> QuantileDifferences:
    """Estimate the differences of the quantiles of two arms, with a band for all of them together.

    The band is sup-t (Montiel Olea & Plagborg-Møller 2019, doi:10.1002/jae.2656): difference ± c ·
    s, s the standard deviation of each difference over bootstrap samples, c the quantile of the
    largest |deviation| / s of a sample. Nothing is compressed or sampled to make these: the order
    statistics of n rows drawn with replacement are the values at the ranks of n ordered uniform
    numbers, whose spacings are those of sums of exponential ones (Rényi 1953,
    doi:10.1007/BF02127580). So only the ranks that are asked for are drawn, each jump one gamma
    number; it is the bootstrap of all rows, at a cost that does not depend on their number.

    Parameters
    ----------
    a_sorted, b_sorted : ndarray of shape (n,), (k,)
        Ascending, without NaN; read in place.
    qs : array-like of shape (m,)
        In (0, 1), ascending.
    n_boot : int
        Bootstrap samples, 2 at least.
    seed : int
        The same seed gives the same band.
    confidence : float
        In (0, 1).

    Returns
    -------
    curve : QuantileDifferences
        Quantiles are linear between order statistics. Where the values tie so much that no sample
        moves a difference, the band has no width there: the bootstrap cannot tell the error of such
        a quantile.

    Raises
    ------
    ValueError
        Quantiles that do not lie in (0, 1) or do not ascend; fewer than two samples.
    """
    shares = np.asarray(qs, dtype=np.float64)
    if not (((shares > 0) & (shares < 1)).all() and (np.diff(shares) > 0).all()) or n_boot < 2:
        raise ValueError(
            "quantiles must ascend between 0 and 1, and samples be two at least, "
            f"came {shares} and {n_boot}"
        )
    if not (a_sorted.size and b_sorted.size):
        return QuantileDifferences(shares, *np.full((5, shares.size), np.nan))
    rng = np.random.default_rng(seed)
    drawn = _resampled(b_sorted, shares, n_boot, rng) - _resampled(a_sorted, shares, n_boot, rng)
    difference = _quantiles(b_sorted, shares) - _quantiles(a_sorted, shares)
    error = drawn.std(axis=0, ddof=1)
    single = float(critical_value(confidence))
    with np.errstate(all="ignore"):
        furthest = np.where(error > 0, np.abs(drawn - difference) / error, 0.0).max(
            axis=1, initial=0.0
        )
    # a band narrower than its own single intervals would be the noise of few samples
    band = max(float(np.quantile(furthest, confidence)), single)
    return QuantileDifferences(
        shares,
        difference,
        difference - band * error,
        difference + band * error,
        difference - single * error,
        difference + single * error,
    )


def _quantiles(ordered: NDArray[np.floating], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    position, rank = _positions(ordered.size, shares)
    at_rank = ordered[rank].astype(np.float64)
    return at_rank + (position - rank) * (ordered[np.minimum(rank + 1, ordered.size - 1)] - at_rank)


def _positions(
    n: int, shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    position = shares * (n - 1)
    return position, np.floor(position).astype(np.int64)


def _resampled(
    ordered: NDArray[np.floating],
    shares: NDArray[np.float64],
    n_boot: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the quantiles of ``n_boot`` samples with replacement, of shape (n_boot, m)."""
    n = ordered.size
    position, rank = _positions(n, shares)
    upper = np.minimum(rank + 1, n - 1)
    ranks, place = np.unique(np.concatenate([rank, upper]), return_inverse=True)
    # of n uniform numbers the one of rank r, from 0, is a sum of r + 1 exponential numbers over
    # that of n + 1
    jumps = np.diff(ranks, prepend=-1)
    sums = np.cumsum(rng.standard_gamma(jumps, size=(n_boot, ranks.size)), axis=1)
    whole = sums[:, -1:] + rng.standard_gamma(n - ranks[-1], size=(n_boot, 1))
    values = ordered[np.minimum((sums / whole * n).astype(np.int64), n - 1)].astype(np.float64)
    at_rank, after = values[:, place[: rank.size]], values[:, place[rank.size :]]
    return at_rank + (position - rank) * (after - at_rank)
