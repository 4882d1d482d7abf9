"""A quantile of two arms with ties: interval and test that hold for any distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TiedQuantiles"]

_STEPS = 60  # of a bisection: beyond, levels differ by rounding only


@dataclass(frozen=True, eq=False)
class TiedQuantiles:
    """The difference of a quantile of two arms, from intervals at the root of the confidence.

    The interval of an arm lies between two order statistics, whose ranks leave at most the stated
    chance in either tail of the binomial distribution, and holds for discrete distributions too
    (Scheffé & Tukey 1945, doi:10.1214/aoms/1177731119). Arms are independent: both intervals hold
    at once with the stated confidence, and so does the interval from the lower end of the one less
    the upper end of the other. It is wider than one from standard errors; where the same value is
    both ends of an arm, the quantile of that arm is certain at this confidence. The p-value is the
    level at which the intervals of the arms part.

    Parameters
    ----------
    treatment, control : ndarray of shape (n,), float64
        Ascending, without NaN.
    q : float
        In (0, 1).
    spread, other_spread : float
        By how much the variance of a share of rows is larger than the binomial, of the treatment
        and of the control: 1 for rows that are units.
    """

    treatment: NDArray[np.float64]
    control: NDArray[np.float64]
    q: float
    spread: float = 1.0
    other_spread: float = 1.0

    @property
    def p_value(self) -> float:
        """Two-sided, of quantiles that are equal."""
        if not self._apart(0.0):
            return 1.0
        # the level is looked for by its logarithm: p-values of clear differences are tiny
        low, high = -690.0, 0.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            if self._apart(middle):
                high = middle
            else:
                low = middle
        return float(np.exp(high))

    @property
    def method(self) -> str:
        """The method in words."""
        clustered = (
            " of rows, widened for units of several rows"
            if max(self.spread, self.other_spread) > 1
            else ""
        )
        return (
            f"interval between order statistics of each arm{clustered}, "
            f"without a standard error: {self.why}"
        )

    @property
    def short(self) -> str:
        """The method in two words."""
        return "tied values"

    @property
    def why(self) -> str:
        """Why standard errors of order statistics do not hold."""
        return "values tie at the quantile"

    @property
    def sentence(self) -> str:
        """The method for the methods section."""
        return (
            "Where values tie at a quantile, its difference lies between the order statistics "
            "of both arms, each at the square root of the "
            "confidence (Scheffé and Tukey 1945)."
        )

    def ends(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the difference's interval; NaN where too few values lie beyond."""
        (low, high), (other_low, other_high) = self._both(_log_level(confidence))
        return _finite_or_nan(low - other_high), _finite_or_nan(high - other_low)

    def lift(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the lift's interval; NaN where the control's may lie at 0 or below."""
        (low, high), (other_low, other_high) = self._both(_log_level(confidence))
        if not other_low > 0:
            return float("nan"), float("nan")
        return _finite_or_nan(low / (other_high if low > 0 else other_low) - 1), _finite_or_nan(
            high / (other_low if high > 0 else other_high) - 1
        )

    def _apart(self, log_level: float) -> bool:
        (low, high), (other_low, other_high) = self._both(log_level)
        return low > other_high or high < other_low

    def _both(self, log_level: float) -> tuple[tuple[float, float], tuple[float, float]]:
        # 1 − √(1 − level), without losing the digits of small levels
        missed = -np.expm1(np.log1p(-np.exp(log_level)) / 2) if log_level < 0 else 1.0
        return (
            _between(self.treatment, self.q, missed / 2, self.spread),
            _between(self.control, self.q, missed / 2, self.other_spread),
        )


def _between(
    values: NDArray[np.float64], q: float, tail: float, spread: float
) -> tuple[float, float]:
    """Return bounds of the quantile, with the chance ``tail`` beyond each; infinite for none."""
    n = values.size
    if not tail > 0:
        return -np.inf, np.inf
    if spread > 1:
        from scipy.special import ndtri

        reach = -float(ndtri(tail))
        half = reach * np.sqrt(n * q * (1 - q) * spread)
        low, high = int(np.floor(n * q - half)) - 1, int(np.ceil(n * q + half))
    else:
        from scipy.stats import binom

        # the upper rank by the lower tail of what lies beyond it: tiny upper tails are lost in 1 −
        # tail
        low, high = int(binom.ppf(tail, n, q)) - 1, n - int(binom.ppf(tail, n, 1 - q))
    return float(values[low]) if low >= 0 else -np.inf, float(values[high]) if high < n else np.inf


def _log_level(confidence: float) -> float:
    return float(np.log1p(-confidence)) if confidence < 1 else -np.inf


def _finite_or_nan(end: float) -> float:
    return end if np.isfinite(end) else float("nan")
