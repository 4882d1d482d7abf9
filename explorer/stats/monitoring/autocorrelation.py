"""Autocorrelation of chunks, estimated from few chunks of many series together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CANDIDATES", "Autocorrelation", "autocorrelation_weights"]

_DECAYS = (0.3, 0.5, 0.7, 0.8, 0.88)
_SHARES = (0.35, 0.7, 0.97)
CANDIDATES = ((_DECAYS[0], 0.0), *((decay, share) for decay in _DECAYS for share in _SHARES))
"""Decays and shares of the autocorrelations considered; the first is none; same decays adjoin."""

_MOST_CHUNKS = 400  # of the reference that are looked at, the last ones
_MOST_SERIES = 300  # by which it is told how much series resemble each other
_NONE = 0.5  # prior probability of no autocorrelation; the rest is shared evenly
_ROUNDS = 60  # of the EM algorithm


@dataclass(frozen=True, eq=False)
class Autocorrelation:
    """Deviations of m series: white noise and AR(1), with correlation share · decay^lag.

    Parameters
    ----------
    decay : float
        What is left of the lasting part from chunk to chunk, in [0, 1); common to all series.
    share : ndarray of shape (m,), float64
        The lasting part of each series' variance, in [0, 1].
    """

    decay: float
    share: NDArray[np.float64]

    def of_mean(self, n: NDArray[np.float64], apart: int = 1) -> NDArray[np.float64]:
        """Return n · the variance of a mean of n chunks over that of one; of n's shape (..., m).

        The chunks are ``apart`` from each other.

        1 without a lasting part: Σ over all pairs of their correlation, over n.
        """
        left = self.decay**apart
        size = np.maximum(n, 1.0)
        sum_of_pairs = (1 + left) / (1 - left) - 2 * left * (1 - left**size) / (
            size * (1 - left) ** 2
        )
        return np.asarray(1 - self.share + self.share * sum_of_pairs)

    def between_seasons(self, seasons: int) -> NDArray[np.float64]:
        """Return correlations of the lasting part between seasons, (seasons, seasons).

        Summed over all chunks of a season.
        """
        apart = np.abs(np.subtract.outer(np.arange(seasons), np.arange(seasons)))
        once = np.where(apart == 0, 1.0, self.decay**apart)
        # both ways round: d chunks on, and S − d chunks back, then whole rounds more
        return np.asarray((once + self.decay ** (seasons - apart)) / (1 - self.decay**seasons))

    @property
    def repeats(self) -> NDArray[np.float64]:
        """How many times fewer the degrees of freedom of a variance are, (m,).

        1 + 2 Σ correlation² over the lags (Bartlett 1946).
        """
        square = self.decay**2
        return np.asarray(1 + 2 * self.share**2 * square / (1 - square))


def autocorrelation_weights(
    off: NDArray[np.float64],
    season: NDArray[np.int64],
    chance: ArrayLike = 0.0,
    kind: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return the posterior probability of each of `CANDIDATES` for each series, (candidates, m).

    A dozen chunks tell little of their autocorrelation: a test at a small level has to count with
    what cannot be excluded, not with the best estimate. The likelihood is that of the deviations
    from the means of seasons (restricted, Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545:
    taking means off makes chunks look less alike than they are, Marriott & Pope 1954,
    doi:10.1093/biomet/41.3-4.390). The prior of the series of a kind is learnt from all of them by
    EM, with one prior series beside; series that move together count as the fewer.

    Parameters
    ----------
    off : ndarray of shape (k, m), float64
        Values less the mean of their season; 0 where none was seen.
    season : ndarray of shape (k,), int64
    chance : array-like of shape (m,)
        Variance of a chunk by chance alone, which has no autocorrelation: it bounds the share that
        may have one.
    kind : ndarray of shape (m,), int64, optional
        From 0. Series of one kind resemble each other.
    """
    off, season = off[-_MOST_CHUNKS:], season[-_MOST_CHUNKS:]
    m = off.shape[1]
    prior = np.full(len(CANDIDATES), (1 - _NONE) / (len(CANDIDATES) - 1))
    prior[0] = _NONE
    basis = _left_by_means(season)
    size = basis.shape[1]
    squares = (off**2).sum(axis=0)
    varies = squares > 0
    weights = np.repeat(prior[:, None], m, axis=1)
    # what is steadier than chance has no part that may last
    weights[:, ~varies] = np.eye(len(CANDIDATES))[:, :1]
    if size < 2 or not varies.any():
        return weights
    least = np.broadcast_to(np.asarray(chance, dtype=np.float64), (m,))[varies]
    deviations = basis.T @ off[:, varies]
    logs = np.stack(
        [_log_likelihood(deviations, basis, least, *candidate) for candidate in CANDIDATES]
    )
    likelihood = np.exp(logs - logs.max(axis=0))
    posterior = np.empty_like(likelihood)
    kinds = np.zeros(m, np.int64)[varies] if kind is None else kind[varies]
    for number in np.unique(kinds):
        own = kinds == number
        posterior[:, own] = _posterior(likelihood[:, own], prior, int(own.sum()))
        count = _independent(deviations[:, own], posterior[:, own])
        if count < 0.9 * own.sum():
            posterior[:, own] = _posterior(likelihood[:, own], prior, count)
    weights[:, varies] = posterior
    return weights


def _left_by_means(season: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return an orthonormal basis of what season means leave, (k, k − seasons)."""
    members = (season == np.unique(season)[:, None]).astype(np.float64)
    return np.asarray(np.linalg.qr(members.T, mode="complete")[0][:, len(members) :])


def _log_likelihood(
    deviations: NDArray[np.float64],
    basis: NDArray[np.float64],
    chance: NDArray[np.float64],
    decay: float,
    share: float,
) -> NDArray[np.float64]:
    """Return the log restricted likelihood of each series, integrated over its variance.

    Over variances from that of chance on.
    """
    from scipy.special import chdtr

    k, size = basis.shape
    correlation = share * decay ** np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    np.fill_diagonal(correlation, 1.0)
    factor = np.linalg.cholesky(basis.T @ correlation @ basis)
    squares = (np.linalg.solve(factor, deviations) ** 2).sum(axis=0)
    log_likelihood = -np.log(np.diag(factor)).sum() - size / 2 * np.log(squares)
    with np.errstate(all="ignore"):
        allowed = chdtr(size, squares * (1 - share) / chance)
    return np.asarray(
        log_likelihood + np.log(np.where(chance > 0, np.maximum(allowed, 1e-300), 1.0))
    )


def _posterior(
    likelihood: NDArray[np.float64], prior: NDArray[np.float64], count: float
) -> NDArray[np.float64]:
    """Return the posterior of each series, the prior being learnt from so many independent ones."""
    share, m = prior, likelihood.shape[1]
    posterior = likelihood
    for _ in range(_ROUNDS):
        posterior = share[:, None] * likelihood
        posterior /= posterior.sum(axis=0)
        share = (prior + count / m * posterior.sum(axis=1)) / (1 + count)
    return posterior


def _independent(deviations: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the number of independent series, from the mean square of excess correlations."""
    size, m = deviations.shape
    sampled = deviations[:, :: -(-m // _MOST_SERIES)]
    unit = sampled / np.sqrt((sampled**2).sum(axis=0))
    pairs = unit.T @ unit
    n = len(pairs)
    if n < 2:
        return float(m)
    square = ((pairs**2).sum() - n) / (n * (n - 1))
    repeats = [
        float(Autocorrelation(decay, np.array([share])).repeats[0]) for decay, share in CANDIDATES
    ]
    chance = min(float(np.array(repeats) @ weights.mean(axis=1)) / size, 0.9)
    alike = float(np.clip((square - chance) / (1 - chance), 0.0, 1.0))
    return float(m / (1 + (m - 1) * alike))
