"""AUC: how well a number tells two groups apart, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.proportions import margin_p_value
from explorer.stats.ranks import tie_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Auc", "auc", "auc_interval", "auc_margin_p_value", "auc_of_counts"]

# as in scipy.stats.mannwhitneyu: rows of the smaller group up to which the exact test is cheap
_EXACT_TEST = 8


@dataclass(frozen=True, kw_only=True)
class Auc:
    """Area under the ROC curve.

    Parameters
    ----------
    value : float
        Chance that a random member of the positive group has the larger value, ties counted half;
        NaN when a group is empty.
    low, high : float
        Ends of the interval.
    standard_error : float
        DeLong's; NaN where a group has fewer than two rows.
    p_value : float
        Of the two-sided Mann–Whitney test that the groups have the same distribution.
    n_positive, n_negative : int
    """

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float
    n_positive: int
    n_negative: int

    @property
    def cliffs_delta(self) -> float:
        """2 AUC − 1 (Cliff 1993, doi:10.1037/0033-2909.114.3.494), from −1 to 1."""
        return 2 * self.value - 1


def auc(values: NDArray[np.float64], positive: NDArray[np.bool_], confidence: float = 0.95) -> Auc:
    """Compute the AUC of values for telling the positive rows from the others.

    The variance is that of DeLong, DeLong & Clarke-Pearson 1988 (doi:10.2307/2531595), from one
    sort as in Sun & Xu 2014 (doi:10.1109/LSP.2014.2337313); the interval is symmetric on the logit
    scale, so that it stays in [0, 1] (Pepe 2003, section 5.2.5). Where the groups do not overlap,
    the variance is 0 and says nothing: the bound then comes from the m = min(n₊, n₋) disjoint pairs
    of rows, all in order with probability AUC^m.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN; infinities are values like others.
    positive : ndarray of shape (n,), bool
    confidence : float
        In (0, 1).

    Returns
    -------
    auc : Auc
    """
    order = np.argsort(values)
    if values.size == 0:
        return auc_of_counts(np.zeros(1, np.int64), np.zeros(1, np.int64), confidence)
    starts = tie_starts(values[order])
    sizes = np.diff(np.append(starts, values.size))
    ones = np.add.reduceat(positive[order].astype(np.int64), starts)
    return auc_of_counts(ones, sizes - ones, confidence)


def auc_of_counts(
    ones: NDArray[np.int64], zeros: NDArray[np.int64], confidence: float = 0.95
) -> Auc:
    """Compute `auc` from how many rows of each group share each value.

    Parameters
    ----------
    ones, zeros : ndarray of shape (different values,), int64
        Positive rows, and the others, by rising value.
    confidence : float
        In (0, 1).
    """
    n1, n0 = int(ones.sum()), int(zeros.sum())
    value = low = high = error = p_value = math.nan
    if n1 and n0:
        value, error = _placements(ones, zeros)
        low, high = auc_interval(value, error, min(n1, n0), confidence)
        sizes = ones + zeros
        if min(n1, n0) <= _EXACT_TEST and sizes.max() == 1:
            p_value = _exact_test(ones, zeros)
        else:
            p_value = _mann_whitney(value, sizes, n1, n0)
    return Auc(
        value=value,
        low=low,
        high=high,
        standard_error=error,
        p_value=p_value,
        n_positive=n1,
        n_negative=n0,
    )


def _placements(ones: NDArray[np.int64], zeros: NDArray[np.int64]) -> tuple[float, float]:
    """Return AUC and standard error from the counts of both groups at each value, ascending."""
    n1, n0 = int(ones.sum()), int(zeros.sum())
    beaten = (
        np.cumsum(zeros) - zeros / 2
    ) / n0  # share of negatives below a positive of this value
    beating = 1 - (np.cumsum(ones) - ones / 2) / n1
    value = float(ones @ beaten) / n1
    if n1 < 2 or n0 < 2:
        return value, math.nan
    spread1 = float(ones @ (beaten - value) ** 2) / (n1 - 1)
    spread0 = float(zeros @ (beating - value) ** 2) / (n0 - 1)
    return value, math.sqrt(spread1 / n1 + spread0 / n0)


def auc_interval(
    value: float, error: float, pairs: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of an AUC from its standard error, as `auc` describes it.

    Parameters
    ----------
    value, error : float
        NaN as error leaves everything open.
    pairs : int
        Disjoint pairs of rows, or of units, one of each group.
    confidence : float
        In (0, 1).
    """
    if math.isnan(error):
        return 0.0, 1.0
    side = (1 - confidence) / 2
    if _apart(value):
        bound = side ** (1 / pairs)
        return (bound, 1.0) if value > 0.5 else (0.0, 1 - bound)
    from scipy.special import ndtri

    middle = math.log(value / (1 - value))
    half = float(ndtri(1 - side)) * error / (value * (1 - value))
    return _logistic(middle - half), _logistic(middle + half)


def auc_margin_p_value(value: float, error: float, pairs: int, margin: float) -> float:
    """Return the p-value of the hypothesis that |2 AUC − 1| is no more than a margin.

    By the normal distribution on the logit scale, as the interval of `auc`. With a margin of 0 this
    is a two-sided test that AUC is ½.

    Parameters
    ----------
    value, error, pairs
        As for `auc_interval`; NaN as error gives NaN.
    margin : float
        In [0, 1): of Cliff's delta.
    """
    if math.isnan(error) or math.isnan(value):
        return math.nan
    bound = (1 + margin) / 2
    if _apart(value):
        return min(float(bound**pairs + (1 - bound) ** pairs), 1.0)
    larger = max(value, 1 - value)
    scale = error / (larger * (1 - larger))
    if scale == 0:  # all values equal
        return 1.0
    return margin_p_value(math.log(larger / (1 - larger)), math.log(bound / (1 - bound)), scale)


def _apart(value: float) -> bool:
    """Tell whether the groups do not overlap; rounding may leave a last digit."""
    return value >= 1 - 1e-12 or value <= 1e-12


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def _mann_whitney(value: float, sizes: NDArray[np.int64], n1: int, n0: int) -> float:
    """Return the p-value by the normal approximation, corrected for ties and continuity.

    Mann & Whitney 1947.
    """
    n = float(n1 + n0)
    ties = float((sizes.astype(np.float64) ** 3 - sizes).sum())
    variance = n1 * n0 / 12 * (n + 1 - ties / (n * (n - 1)))
    if variance <= 0:
        return 1.0
    distance = abs(value - 0.5) * n1 * n0 - 0.5
    return min(1.0, math.erfc(distance / math.sqrt(2 * variance)))


def _exact_test(ones: NDArray[np.int64], zeros: NDArray[np.int64]) -> float:
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(np.flatnonzero(ones), np.flatnonzero(zeros), method="exact").pvalue)
