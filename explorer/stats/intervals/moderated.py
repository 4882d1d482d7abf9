"""Moderated variances: of series with few repeats, drawn towards what is typical of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ModeratedVariances", "moderated_variances"]

_FEWEST = 3  # series from which a distribution of variances can be told
_FEWEST_ROBUST = 8  # from which those of another kind can be told
_STRANGE = 0.01  # chance that any series of the same kind is taken for one of another
_STEADIER = 1e-3  # chance below which a series is taken to be steadier than chance would let it be


class ModeratedVariances(NamedTuple):
    """Variances with the degrees of freedom that they are worth; both of shape (m,), float64.

    Parameters
    ----------
    variance : ndarray
        NaN where it is not above 0 or unknown.
    df : ndarray
    """

    variance: NDArray[np.float64]
    df: NDArray[np.float64]


def moderated_variances(
    variance: ArrayLike, df: ArrayLike, keep_larger: bool = True, least: ArrayLike = 0.0
) -> ModeratedVariances:
    """Draw variances towards a typical one by as much as they resemble each other.

    Smyth 2004 (doi:10.2202/1544-6115.1027): the true variances are taken as s₀² d₀ / χ² of d₀
    degrees of freedom; d₀ and s₀² follow from the mean and the variance of the log variances, and
    each variance becomes (d₀ s₀² + d s²) / (d₀ + d) with d₀ + d degrees.

    Parameters
    ----------
    variance : array-like of shape (m,)
        In units in which they can be compared. Those that are NaN, or not above 0, have no part.
    df : array-like of shape (m,)
        Above 0.
    keep_larger : bool
        Whether a series that varies more than the typical one keeps its own variance: so no series
        is called steadier than it was.
    least : array-like of shape (m,)
        What chance alone makes of the variance. A series that varies far less is none of chance, as
        positions that every page has: it has no part, since it would say that variances resemble
        each other little.

    Returns
    -------
    moderated : ModeratedVariances
        As they are where fewer than three series have a variance, and of a series that varies far
        more than all others. The degrees are never more than those of all series together.
    """
    from scipy.special import chdtri

    own, free = (
        np.array(argument, dtype=np.float64) for argument in np.broadcast_arrays(variance, df)
    )
    with np.errstate(all="ignore"):
        steadiest = np.asarray(least, dtype=np.float64) * chdtri(free, 1 - _STEADIER) / free
    usable = (own > 0) & (free > 0) & np.isfinite(own) & ~(own < steadiest)
    own = np.where(usable, own, np.nan)
    if usable.sum() < _FEWEST:
        return ModeratedVariances(own, free)
    alike = usable.copy()
    alike[usable] = ~_strange(own[usable], free[usable])
    prior, middle = _typical(own[alike], free[alike])
    with np.errstate(all="ignore"):
        drawn = (
            (prior * middle + free * own) / (prior + free)
            if np.isfinite(prior)
            else np.full(own.shape, middle)
        )
    drawn = np.where(alike, np.maximum(drawn, own) if keep_larger else drawn, own)
    return ModeratedVariances(
        drawn, np.where(usable & ~alike, free, np.minimum(free + prior, free[alike].sum()))
    )


def _typical(own: NDArray[np.float64], d: NDArray[np.float64]) -> tuple[float, float]:
    """Return d₀ and s₀² by the mean and the variance of the log variances."""
    from scipy.special import digamma, polygamma

    logs = np.log(own) - digamma(d / 2) + np.log(d / 2)
    excess = float(logs.var(ddof=1)) - float(polygamma(1, d / 2).mean())
    prior = 2 * _inverse_trigamma(excess) if excess > 0 else np.inf
    from_prior = float(digamma(prior / 2) - np.log(prior / 2)) if np.isfinite(prior) else 0.0
    return prior, float(np.exp(logs.mean() + from_prior))


def _strange(own: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which series vary so much more than the calmer ones that they are of another kind.

    One of them would say that variances resemble each other little, and cost all others their
    degrees of freedom (Phipson et al. 2016, doi:10.1214/16-AOAS920). From the calmer half on,
    series are taken in as long as they are no surprise beside those that are in.
    """
    from scipy.special import chdtrc, fdtrc

    if own.size < _FEWEST_ROBUST:
        return np.zeros(own.shape, np.bool_)
    alike = own <= np.median(own)
    while not alike.all():
        prior, middle = _typical(own[alike], d[alike])
        ratio = own / middle
        chance = fdtrc(d, prior, ratio) if np.isfinite(prior) else chdtrc(d, d * ratio)
        grown = alike | (chance >= _STRANGE / own.size)
        if (grown == alike).all():
            break
        alike = grown
    return ~alike


def _inverse_trigamma(value: float) -> float:
    """Return y with trigamma(y) = value, by Newton's method on the convex 1 / trigamma.

    Smyth 2004, appendix.
    """
    from scipy.special import polygamma

    y = 0.5 + 1 / value
    for _ in range(50):
        now = float(polygamma(1, y))
        step = now * (1 - now / value) / float(polygamma(2, y))
        y += step
        if abs(step) < 1e-10 * y:
            break
    return y
