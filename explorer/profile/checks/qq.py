"""QQ plot: quantiles of a feature against a normal's, with a simultaneous band."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.core.json_values import fields_document
from explorer.profile.checks.gaussian_grade import FIT_SHARES, fit_normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["QQ", "qq_points"]

_COVERAGE = (
    0.956  # .95 on fresh samples: the band is a little narrow for having been fitted to its own
)
_SAMPLES = 1_500  # simulated, each used twice by symmetry: the coverage is then known to .006
_SIMULATED = 151  # points; the band is straight between them
_LOCAL = 0.05  # tail of a single point at which the widths of the band are compared
_FEWEST = 5  # rows; below, the fitted spread is too uncertain for a band
_SIZES_PER_DECADE = (
    40  # numbers of rows beyond 200 for which a band is simulated: within 3 % of any
)
_ALL_EQUAL = gettext_noop("no band: all cells are equal")
_NO_BAND = gettext_noop("no band for {rows} rows")
_INSIDE = gettext_noop(
    "95 of 100 normal features of {rows} rows lie wholly in the band; here all points lie in it"
)
_OUTSIDE = gettext_noop(
    "95 of 100 normal features of {rows} rows lie wholly in the band; "
    "here {outside} of {points} points lie outside"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class QQ:
    """Points of a QQ plot.

    Parameters
    ----------
    theoretical : ndarray of shape (k,), float64
        Quantiles of the standard normal, ascending.
    observed : ndarray of shape (k,), float64
        Quantiles of the feature, in its units.
    low, high : ndarray of shape (k,), float64
        Ends of the simultaneous 95 % band, in the feature's units; NaN where there is none.
    n : int
        Cells.
    words : str
        What the band means and how many points lie outside.
    """

    theoretical: NDArray[np.float64]
    observed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int
    words: str

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as None."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> QQ:
        """Build it from `document`."""
        names = ("theoretical", "observed", "low", "high")
        arrays = {name: np.array(document[name], dtype=np.float64) for name in names}
        return cls(**{**document, **arrays})


def qq_points(distribution: Distribution, points: int = 201) -> QQ:
    """Return the points of a QQ plot with a simultaneous 95 % band.

    Observed are mid-quantiles at the mid-probabilities (r − ½)/n of ranks r that are even in normal
    quantiles, so dense in the tails; all ranks where there are no more than ``points``. The band
    holds all points of 95 of 100 normal features at once, whatever their mean and spread: order
    statistics of normal samples are simulated at just these ranks (as ratios of sums of Gamma
    variables, exact for any number of rows) and fitted as `fit_normal` does; each point's band is
    as many times its own 5 % tail wide, so that all are about equally likely to leave it (equal
    local levels: Aldor-Noiman et al. 2013, doi:10.1080/00031305.2013.847865).

    Parameters
    ----------
    distribution : Distribution
        At least one cell. Where it is not exact, ranks that fall between two kept values move to
        the nearer one.
    points : int
        At most; at least 21.
    """
    from scipy.special import ndtri

    n = distribution.n
    shares = _kept_shares(distribution, (_ranks(n, points) - 0.5) / n)
    theoretical = ndtri(shares)
    observed = distribution.mid_quantile(shares)
    fit = fit_normal(distribution)
    if n < _FEWEST or fit.spread <= 0:
        none = np.full(shares.size, np.nan)
        text = _ALL_EQUAL if fit.spread <= 0 else _NO_BAND.format(rows=n)
        return QQ(theoretical=theoretical, observed=observed, low=none, high=none, n=n, words=text)
    line, at, low, high = (
        fit.center + fit.spread * theoretical,
        *_band(_simulated_size(n), min(points, _SIMULATED)),
    )
    low = line + fit.spread * np.interp(theoretical, at, low)
    high = line + fit.spread * np.interp(theoretical, at, high)
    outside = int(np.count_nonzero((observed < low) | (observed > high)))
    return QQ(
        theoretical=theoretical,
        observed=observed,
        low=low,
        high=high,
        n=n,
        words=_description(n, outside, shares.size),
    )


def _description(n: int, outside: int, points: int) -> str:
    text = _INSIDE if not outside else _OUTSIDE
    return text.format(rows=f"{n:,}", outside=outside, points=points)


def _ranks(n: int, points: int) -> NDArray[np.float64]:
    """Ranks from 1 to n, symmetric, even in normal quantiles."""
    from scipy.special import ndtr, ndtri

    if n <= points:
        return np.arange(1.0, n + 1)
    lower = ndtr(np.linspace(ndtri(0.5 / n), 0, points // 2, endpoint=False))
    lower = np.unique(np.round(lower * n + 0.5))
    return np.concatenate([lower, [(n + 1) / 2], (n + 1 - lower)[::-1]])


def _kept_shares(distribution: Distribution, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move shares to the nearest mid-probability of a kept value, where others are missing."""
    if distribution.exact:
        return shares
    mid = distribution.mid
    right = np.clip(np.searchsorted(mid, shares), 1, mid.size - 1)
    left = right - 1
    nearer = np.where(shares - mid[left] < mid[right] - shares, left, right)
    # a value of its own many cells is no gap
    unseen = (
        distribution.cumulative[right] - distribution.equal[right] - distribution.cumulative[left]
    )
    return np.unique(np.where(unseen > 0, mid[nearer], shares))


def _simulated_size(n: int) -> int:
    if n <= 200:
        return n
    return int(10 ** (round(np.log10(n) * _SIZES_PER_DECADE) / _SIZES_PER_DECADE))


@lru_cache(maxsize=1_024)
def _band(
    n: int, points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return normal quantiles, and the ends of the band as deviations from the line in sd."""
    from scipy.special import ndtri

    ranks = np.floor(_ranks(n, points))
    deviations = _simulate(n, ranks) - ndtri((ranks - 0.5) / n)
    deviations = np.concatenate([deviations, -deviations[:, ::-1]])
    tails = np.quantile(deviations, [_LOCAL, 0.5, 1 - _LOCAL], axis=0)
    below, middle, above = tails[1] - tails[0], tails[1], tails[2] - tails[1]
    off = deviations - middle
    reach = np.maximum(off / above, -off / below).max(axis=1)
    times = float(np.quantile(reach, _COVERAGE))
    return ndtri((ranks - 0.5) / n), middle - times * below, middle + times * above


def _simulate(n: int, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Simulate standardised order statistics of normal samples, shape (samples, ranks)."""
    from scipy.special import ndtri

    place = np.clip(FIT_SHARES * n + 0.5, 1, n)
    lower = np.floor(place + 1e-9)
    upper = np.minimum(lower + 1, n)
    wanted = np.unique(np.concatenate([ranks, lower, upper]))
    gaps = np.diff(wanted, prepend=0.0, append=n + 1.0)
    sums = np.cumsum(np.random.default_rng(n).standard_gamma(gaps, (_SAMPLES, gaps.size)), axis=1)
    ordered = ndtri(sums[:, :-1] / sums[:, -1:])
    share = place - lower
    quantiles = ordered[:, np.searchsorted(wanted, lower)] * (1 - share)
    quantiles += ordered[:, np.searchsorted(wanted, upper)] * share
    normal = ndtri(FIT_SHARES)
    spread = quantiles @ normal / (normal @ normal)
    chosen = ordered[:, np.searchsorted(wanted, ranks)]
    return np.asarray((chosen - quantiles.mean(axis=1)[:, None]) / spread[:, None])
