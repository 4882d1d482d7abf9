"""Adaptive shrinkage: how large many effects are, given how large such effects are altogether."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NULL_PENALTY", "ShrunkEffects", "shrink_effects"]

# λ₀ of Stephens 2017: the share of no effect is rather over- than underestimated.
NULL_PENALTY = 10.0

# Where a step of the EM raises the objective by less than this for each effect, the posterior no
# longer moves on a screen.
_SETTLED = 1e-9
_MOST_STEPS = 500


@dataclass(frozen=True, eq=False)
class ShrunkEffects:
    """The posterior of every effect.

    Parameters
    ----------
    mean, sd : ndarray of shape (k,), float64
        Posterior mean and standard deviation; NaN where the effect or its error is.
    lfsr : ndarray of shape (k,), float64
        Local false sign rate: the probability that the sign of the effect is called wrongly, at
        best. Up to 1 less what speaks for the better sign, since an effect of 0 has neither.
    pi0 : float
        The share of effects that are 0, estimated on the large side; NaN without any effect.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    lfsr: NDArray[np.float64]
    pi0: float


def shrink_effects(values: ArrayLike, errors: ArrayLike) -> ShrunkEffects:
    """Shrink effects towards 0 by as much as all of them together say.

    Stephens 2017 (doi:10.1093/biostatistics/kxw041): each effect is drawn from a mixture of normal
    distributions about 0, one of them of no width; the shares are fitted by penalised maximum
    likelihood, and what is known of each effect follows by Bayes. The widths are a grid by factors
    of √2, from a tenth of the smallest error to twice the largest excess √(v² − e²) (eight times
    the smallest width where there is none), as in ashr, the paper's own implementation.

    Parameters
    ----------
    values, errors : array-like of shape (k,)
        Effects and their standard errors, taken as normal and independent. Cells of which either is
        not finite (nor its square), or whose error is not above 0, pass through as NaN and have no
        part in the fit.

    Returns
    -------
    shrunk : ShrunkEffects
    """
    value, error = np.broadcast_arrays(
        np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    )
    with np.errstate(all="ignore"):
        # the squares are what is reckoned with, the largest four times
        squares = 4 * np.square(np.stack([value, error]))
    usable = np.isfinite(squares).all(axis=0) & (error > 0) & (squares[1] > 0)
    mean, sd, lfsr = (np.full(value.shape, np.nan) for _ in range(3))
    if not usable.any():
        return ShrunkEffects(mean, sd, lfsr, float("nan"))
    seen, variance = value[usable], np.square(error[usable])
    widths = _widths(seen, variance)
    shares = _fitted(_likelihood(seen, variance, widths))
    mean[usable], sd[usable], lfsr[usable] = _posterior(seen, variance, widths, shares)
    return ShrunkEffects(mean, sd, lfsr, float(shares[0]))


def _widths(seen: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variances of the components, 0 first."""
    least = np.sqrt(variance.min()) / 10
    excess = float((seen**2 - variance).max())
    most = 2 * np.sqrt(excess) if excess > 0 else 8 * least
    steps = max(int(np.ceil(2 * np.log2(most / least))), 1)
    return np.concatenate([[0.0], np.square(most * 2.0 ** (-np.arange(steps, -1, -1) / 2))])


def _likelihood(
    seen: NDArray[np.float64], variance: NDArray[np.float64], widths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each effect's density under each component over the row's largest, (k, components)."""
    total = variance[:, None] + widths
    log_density = -(np.log(total) + seen[:, None] ** 2 / total) / 2
    # only ratios within a row matter, and far effects have densities below the smallest number
    return np.asarray(np.exp(log_density - log_density.max(axis=1, keepdims=True)))


def _fitted(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares of the components by penalised EM, accelerated.

    Varadhan & Roland 2008.

    doi:10.1111/j.1467-9469.2007.00585.x. The problem is concave: where it starts does not matter.
    """
    shares = np.full(density.shape[1], 1 / density.shape[1])
    height = _objective(density, shares)
    for _ in range(_MOST_STEPS):
        shares, before = _leap(density, shares), height
        height = _objective(density, shares)
        if height - before < _SETTLED * density.shape[0]:
            break
    return shares


def _objective(density: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    null = max(float(shares[0]), float(np.finfo(np.float64).tiny))
    return float(np.log(density @ shares).sum()) + (NULL_PENALTY - 1) * float(np.log(null))


def _step(density: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares after a step of EM; the penalty acts as prior counts."""
    counts = shares * (density.T @ (1 / (density @ shares)))
    counts[0] += NULL_PENALTY - 1
    return np.asarray(counts / counts.sum())


def _leap(density: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares after two steps, or as far beyond them as raises the objective more."""
    first = _step(density, shares)
    second = _step(density, first)
    move, bend = first - shares, second - 2 * first + shares
    curved = float(np.linalg.norm(bend))
    if curved == 0:
        return second
    reach = max(float(np.linalg.norm(move)) / curved, 1.0)
    # kept above 0, where EM would leave a share for good; one more step makes shares of them again
    beyond = np.maximum(shares + 2 * reach * move + reach**2 * bend, 1e-12 * second)
    beyond = _step(density, beyond / beyond.sum())
    return beyond if _objective(density, beyond) >= _objective(density, second) else second


def _posterior(
    seen: NDArray[np.float64],
    variance: NDArray[np.float64],
    widths: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean, deviation and local false sign rate of mixtures of normal posteriors."""
    from scipy.special import ndtr

    weight = _likelihood(seen, variance, widths) * shares
    weight /= weight.sum(axis=1, keepdims=True)
    factors = widths / (variance[:, None] + widths)
    means, variances = factors * seen[:, None], factors * variance[:, None]
    mean = (weight * means).sum(axis=1)
    spread = (weight * (variances + (means - mean[:, None]) ** 2)).sum(axis=1)
    # components about 0 keep the sign of what was seen: that is the better one
    worse = ndtr(-np.abs(means[:, 1:]) / np.sqrt(variances[:, 1:]))
    return mean, np.sqrt(spread), weight[:, 0] + (weight[:, 1:] * worse).sum(axis=1)
