"""Association with groups: Cramér's V, the correlation ratio of ranks, and mutual information."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Association", "correlation_ratio", "cramers_v", "cross_table", "mutual_information"]


@dataclass(frozen=True, kw_only=True)
class Association:
    """A strength from 0 (none) to 1 (determined), corrected for chance; NaN where undefined.

    Parameters
    ----------
    value, low, high : float
        The strength and its interval.
    statistic : float
        Of the test: χ² or Kruskal–Wallis' H.
    p_value : float
        Of independence.
    n : int
        Rows.
    """

    value: float
    low: float
    high: float
    statistic: float
    p_value: float
    n: int


def cross_table(
    a: NDArray[np.int64], b: NDArray[np.int64], rows: int | None = None, columns: int | None = None
) -> NDArray[np.int64]:
    """Count rows by two codes, both from 0.

    Returns
    -------
    table : ndarray of shape (rows, columns), int64
    """
    height = int(a.max(initial=-1)) + 1 if rows is None else rows
    width = int(b.max(initial=-1)) + 1 if columns is None else columns
    return np.bincount(a * width + b, minlength=height * width).reshape(height, width)


def cramers_v(table: NDArray[np.int64], confidence: float = 0.95) -> Association:
    """Compute Cramér's V with Bergsma's bias correction (2013, doi:10.1016/j.jkss.2012.10.002).

    The interval inverts a score test of φ² = χ²/n, whose variance is 2 df/n² under independence and
    grows to that of the delta method for a multinomial sample (gradient: Bishop, Fienberg & Holland
    1975, section 11.3). The p-value is that of Pearson's χ² test, without continuity correction.

    Parameters
    ----------
    table : ndarray of shape (r, c), int64
        Counts; empty rows and columns are left out.
    confidence : float
        In (0, 1).

    Returns
    -------
    association : Association
    """
    counts = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.float64)
    r, c = counts.shape
    n = int(counts.sum())
    if r < 2 or c < 2 or n < 2:
        return _undefined(n)
    shares = counts / n
    row, column = shares.sum(axis=1, keepdims=True), shares.sum(axis=0, keepdims=True)
    ratio = shares / (row * column)
    phi2 = max(float((shares * ratio).sum()) - 1, 0.0)
    df = (r - 1) * (c - 1)
    gradient = 2 * ratio - (shares * ratio / row).sum(axis=1, keepdims=True)
    gradient = gradient - (shares * ratio / column).sum(axis=0, keepdims=True)
    variance = (float((shares * gradient**2).sum()) - float((shares * gradient).sum()) ** 2) / n
    # Bergsma's r̃ and c̃: tables of chance reach V = 1 less easily than their size says
    most = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if most <= 0:
        return _undefined(n)
    ends = _ends(phi2 - df / (n - 1), variance, phi2, 2 * df / n**2, confidence)
    value, low, high = (math.sqrt(min(max(x / most, 0.0), 1.0)) for x in ends)
    return Association(
        value=value, low=low, high=high, statistic=n * phi2, p_value=_chi2_tail(n * phi2, df), n=n
    )


def correlation_ratio(
    values: NDArray[np.float64], codes: NDArray[np.int64], confidence: float = 0.95
) -> Association:
    """Return the share of the variance of ranks of ``values`` that groups explain (η² of ranks).

    It is H / (n − 1) of the Kruskal–Wallis test, corrected for chance as Kelley's ε² (1935,
    doi:10.1073/pnas.21.9.554), and so is the same for every rising transform of the values. The
    interval inverts a score test, with the variance 2 (k − 1)/n² that η² has when groups explain
    nothing, growing to that of the influence of each row, so that groups may spread differently.
    The p-value is Kruskal & Wallis' (1952, doi:10.1080/01621459.1952.10483441).

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    codes : ndarray of shape (n,), int64
        Group of each value, from 0.

    Returns
    -------
    association : Association
    """
    n = values.size
    sizes = np.bincount(codes)
    groups = int((sizes > 0).sum())
    if groups < 2 or n <= groups:
        return _undefined(n)
    ranks = average_ranks(values) - (n + 1) / 2
    total = float(ranks @ ranks) / n
    if total == 0:
        return _undefined(n)
    means = np.bincount(codes, weights=ranks) / np.maximum(sizes, 1)
    left = (ranks - means[codes]) ** 2
    within = float(left.mean()) / total
    influence = within * ranks**2 / total - left / total
    share = 1 - within * (n - 1) / (n - groups)
    spread = float(influence.var()) / n
    ends = _ends(share, spread, 1 - within, 2 * (groups - 1) / n**2, confidence)
    value, low, high = (min(max(x, 0.0), 1.0) for x in ends)
    statistic = (n - 1) * (1 - within)
    p_value = _chi2_tail(statistic, groups - 1)
    return Association(value=value, low=low, high=high, statistic=statistic, p_value=p_value, n=n)


def mutual_information(table: NDArray[np.int64]) -> float:
    """Estimate the mutual information of two codes, in nats, from their cross table.

    The plug-in estimate less (K₁₂ − K₁ − K₂ + 1) / 2n, K the cells that occur: the correction of
    Miller 1955 (in Quastler, ed., Information Theory in Psychology, 95–100) applied to each
    entropy. 0 at least.
    """
    n = float(table.sum())
    if n == 0:
        return math.nan
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    plain = _plain_entropy(rows, n) + _plain_entropy(columns, n) - _plain_entropy(table.ravel(), n)
    excess = int((table > 0).sum()) - int((rows > 0).sum()) - int((columns > 0).sum()) + 1
    return max(plain - excess / (2 * n), 0.0)


def _plain_entropy(counts: NDArray[np.int64], n: float) -> float:
    shares = counts[counts > 0] / n
    return float(-(shares * np.log(shares)).sum())


def _ends(
    share: float, variance: float, plain: float, null_variance: float, confidence: float
) -> tuple[float, float, float]:
    """Return a share corrected for chance and the ends of its interval, by inverting a score test.

    The variance of the estimate is taken as ``null_variance`` where the true share is 0, growing in
    proportion to the share to ``variance`` more at the estimate ``plain``: an interval then leaves
    out 0 about when the test rejects it.
    """
    from scipy.special import ndtri

    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    slope = max(variance, 0.0) / plain if plain > 0 else 0.0
    inside = null_variance + slope * share + z2 * slope**2 / 4
    half = math.sqrt(z2 * max(inside, 0.0))
    middle = share + z2 * slope / 2
    return share, middle - half, middle + half


def _chi2_tail(statistic: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def _undefined(n: int) -> Association:
    nan = math.nan
    return Association(value=nan, low=nan, high=nan, statistic=nan, p_value=nan, n=n)
