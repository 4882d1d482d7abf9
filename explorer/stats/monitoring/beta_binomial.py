"""Beta-binomial: rates of many items, shrunk towards the rate of all by their real differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ShrunkRates", "shrunk_rates"]


@dataclass(frozen=True, eq=False)
class ShrunkRates:
    """Rates of k items under a beta distribution of rates.

    Parameters
    ----------
    value : ndarray of shape (k,), float64
        Posterior mean (hits + α) / (n + α + β); the pooled rate for an item without rows.
    low, high : ndarray of shape (k,), float64
        Ends of the posterior interval, equal tails.
    rate : float
        Of all items pooled, α / (α + β); NaN without rows.
    rows : float
        α + β: how many rows the pooled rate weighs; inf where the items differ by no more than
        chance.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rate: float
    rows: float


def shrunk_rates(hits: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> ShrunkRates:
    """Shrink rates by the beta-binomial model, fitted by the method of moments.

    Kleinman 1973 (doi:10.1080/01621459.1973.10481332) with weights nᵢ: for the pooled rate μ and S
    = Σ nᵢ (pᵢ − μ)² the mean of S is μ (1 − μ) [(k − 1)(1 − ρ) + ρ (N − Σnᵢ² / N)], where ρ = 1 /
    (α + β + 1). The fitted α and β are taken as known.

    Parameters
    ----------
    hits, n : array-like of shape (k,)
        Rows with the outcome, and all rows, of each item.
    confidence : float
        In (0, 1).

    Returns
    -------
    rates : ShrunkRates
        Where nothing varies beyond chance every rate is the pooled one, and the interval is that of
        the pooled rate, the posterior of a uniform prior.
    """
    from scipy.special import betaincinv

    successes, rows = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    total = float(rows.sum())
    rate = float(successes.sum()) / total if total else float("nan")
    prior = _prior_rows(successes, rows, total, rate)
    side = (1 - confidence) / 2
    if np.isinf(prior) or np.isnan(rate):
        ends = (
            betaincinv(successes.sum() + 1, total - successes.sum() + 1, [side, 1 - side])
            if total
            else [0.0, 1.0]
        )
        value, low, high = (np.full(successes.shape, float(figure)) for figure in (rate, *ends))
        return ShrunkRates(value, low, high, rate, prior)
    a, b = successes + rate * prior, rows - successes + (1 - rate) * prior
    low, high = (np.asarray(betaincinv(a, b, tail), dtype=np.float64) for tail in (side, 1 - side))
    return ShrunkRates(a / (a + b), low, high, rate, prior)


def _prior_rows(
    successes: NDArray[np.float64], rows: NDArray[np.float64], total: float, rate: float
) -> float:
    """Return α + β by moments."""
    spread = rate * (1 - rate)
    k = int((rows > 0).sum())
    if not spread > 0 or k < 2:
        return float("inf")
    with np.errstate(all="ignore"):
        excess = np.where(rows > 0, (successes - rate * rows) ** 2 / rows, 0.0).sum() / spread - (
            k - 1
        )
    room = total - float(rows @ rows) / total - (k - 1)
    # items of one row each say nothing of how they differ
    correlation = float(excess) / room if room > 0 else 0.0
    if correlation <= 0:
        return float("inf")
    return 1 / min(correlation, 1 - 1e-9) - 1
