"""Lasting deviations: how much of what a chunk deviates by is still there in the next ones, from few chunks of many series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Lasting", "lasting_part"]

_DECAYS = np.arange(0.1, 0.951, 0.05)
_LAGS = 4
_MOST_CHUNKS = 400  # of the reference that are looked at, the last ones


@dataclass(frozen=True, eq=False)
class Lasting:
    """Deviations of m series as white noise and a first-order autoregression: correlation share · decay^lag.

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
        """Return the variance of a mean of n chunks that are so many apart, times n / the variance of one; of n's shape (..., m).

        1 without a lasting part: Σ over all pairs of their correlation, over n.
        """
        left = self.decay**apart
        size = np.maximum(n, 1.0)
        sum_of_pairs = (1 + left) / (1 - left) - 2 * left * (1 - left**size) / (size * (1 - left) ** 2)
        return np.asarray(1 - self.share + self.share * sum_of_pairs)

    def between_seasons(self, seasons: int) -> NDArray[np.float64]:
        """Return the correlations of the lasting part, summed over all chunks of one season, with those of another, (seasons, seasons)."""
        apart = np.abs(np.subtract.outer(np.arange(seasons), np.arange(seasons)))
        once = np.where(apart == 0, 1.0, self.decay**apart)
        # both ways round: d chunks on, and S − d chunks back, then whole rounds more
        return np.asarray((once + self.decay ** (seasons - apart)) / (1 - self.decay**seasons))

    @property
    def repeats(self) -> NDArray[np.float64]:
        """By how much the degrees of freedom of a variance are fewer, (m,): 1 + 2 Σ correlation² over the lags (Bartlett 1946)."""
        square = self.decay**2
        return np.asarray(1 + 2 * self.share**2 * square / (1 - square))


def lasting_part(
    off: NDArray[np.float64],
    seen: NDArray[np.bool_],
    season: NDArray[np.int64],
    kind: NDArray[np.int64] | None = None,
    safe: float = 0.25,
) -> Lasting:
    """Fit the lasting part to deviations from the means of seasons.

    The products of deviations up to four chunks apart, of all series together, are held against their expectation, which is exact for
    few chunks too: taking means off makes chunks look less alike than they are (Marriott & Pope 1954, doi:10.1093/biomet/41.3-4.390). The
    series share the decay; their own share is drawn towards that of their kind by as much as chance explains their differences.

    Parameters
    ----------
    off : ndarray of shape (k, m), float64
        Values less the mean of their season, in units in which series can be compared; 0 where none was seen.
    seen : ndarray of shape (k, m), bool
    season : ndarray of shape (k,), int64
    kind : ndarray of shape (m,), int64, optional
        From 0. What moves the mean of a number moves the rate of a level less: series of one kind resemble each other.
    safe : float
        Standard errors by which chunks are taken to be more alike than they look.
    """
    off, seen, season = off[-_MOST_CHUNKS:], seen[-_MOST_CHUNKS:], season[-_MOST_CHUNKS:]
    k, m = off.shape
    lags = min(_LAGS, k // 3)
    squares = (off**2).sum(axis=0)
    some = (squares > 0) & (seen.sum(axis=0) > 2 * lags)
    if not lags or not some.any():
        return Lasting(0.0, np.zeros(m))
    products = np.stack([(off[: k - lag] * off[lag:]).sum(axis=0) for lag in range(1, lags + 1)])
    kinds = [some & (kind == one) for one in np.unique(kind[some])] if kind is not None else [some]
    looks = [_looks(products[:, one], squares[one], k, safe) for one in kinds]
    white, ramps = _expected(0.0, season, lags), [_expected(float(d), season, lags) for d in _DECAYS]
    fits = [[_share(one, white, ramp) for one in looks] for ramp in ramps]
    sizes = [int(one.sum()) for one in kinds]
    missed = [sum(n * miss for n, (_, miss) in zip(sizes, fit, strict=True)) for fit in fits]
    best = int(np.argmin(missed))
    found = Lasting(float(_DECAYS[best]), np.zeros(m))
    for one, (common, _) in zip(kinds, fits[best], strict=True):
        if common > 0:
            found.share[one] = _own_shares(products[0, one], squares[one], (white, ramps[best]), common)
    return found if found.share.any() else Lasting(0.0, np.zeros(m))


def _looks(
    products: NDArray[np.float64], squares: NDArray[np.float64], k: int, safe: float
) -> NDArray[np.float64]:
    """Return how alike chunks look by lag, all series together, and a little more."""
    # a series that varies much does not decide alone
    weight = 1 / (squares + np.median(squares))
    looks = (products @ weight) / (squares @ weight)
    return np.asarray(
        looks + safe * np.sqrt(np.sum((weight * squares) ** 2)) / (weight @ squares) / np.sqrt(k)
    )


def _expected(decay: float, season: NDArray[np.int64], lags: int) -> NDArray[np.float64]:
    """Return the expected sum of squares of deviations from season means, then of their products by lag, (lags + 1,)."""
    k = season.size
    correlation = decay ** np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    members = (season == np.arange(season.max() + 1)[:, None]).astype(np.float64)
    members = members[members.any(axis=1)]
    average = (members / members.sum(axis=1, keepdims=True)).T
    left = correlation - average @ (members @ correlation)
    left = left - (left @ members.T) @ average.T
    return np.array([np.trace(left, lag) for lag in range(lags + 1)])


def _share(
    looks: NDArray[np.float64], white: NDArray[np.float64], ramp: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the share that brings the expectation nearest to what was seen, and by how much it misses: least squares, linear."""
    start = looks * white[0] - white[1:]
    slope = looks * (ramp[0] - white[0]) - (ramp[1:] - white[1:])
    share = float(np.clip(-(start @ slope) / (slope @ slope), 0.0, 1.0))
    miss = (start + share * slope) / (white[0] + share * (ramp[0] - white[0]))
    return share, float(miss @ miss)


def _own_shares(
    product: NDArray[np.float64],
    squares: NDArray[np.float64],
    expected: tuple[NDArray[np.float64], NDArray[np.float64]],
    common: float,
) -> NDArray[np.float64]:
    """Return the share of each series from its products at lag 1, drawn towards the common one."""
    white, ramp = expected
    looks = product / squares
    slope = looks * (ramp[0] - white[0]) - (ramp[1] - white[1])
    with np.errstate(all="ignore"):
        own = -(looks * white[0] - white[1]) / slope
        # how far chance moves a share: the correlation at lag 1 by 1 / √k
        chance = (white[0] / slope) ** 2 / white[0]
    own, chance = np.clip(own, -1.0, 2.0), np.where(np.isfinite(chance), chance, np.inf)
    known = np.isfinite(own)
    if known.sum() < 2:
        return np.full(own.shape, common)
    between = max(float(own[known].var(ddof=1) - np.median(chance[known])), 0.0)
    drawn = common + between / (between + chance) * (np.where(known, own, common) - common)
    return np.clip(drawn, 0.0, 1.0)
