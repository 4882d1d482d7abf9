"""L-moments: mean, spread and shape of a distribution by expectations of order statistics.

They exist wherever the mean does and one wild value moves them little, which skewness and kurtosis
cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.profile.counting.condensed import cells_per_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["NORMAL_L_KURTOSIS", "LMoments", "l_moments", "log_normal_l_kurtosis"]

# 30/π · arctan √2 − 9 (Hosking 1990, table 1)
NORMAL_L_KURTOSIS = 30 / np.pi * np.arctan(np.sqrt(2)) - 9


@dataclass(frozen=True, kw_only=True)
class LMoments:
    """Sample L-moments.

    Parameters
    ----------
    mean : float
        First L-moment, in units of the values.
    scale : float
        Second L-moment, half the expected distance of two cells; a normal has sd/√π.
    skewness, kurtosis : float
        Ratios τ₃ and τ₄, in (−1, 1): a normal has 0 and .1226, a uniform 0 and 0, an exponential ⅓
        and ⅙. NaN with fewer than three (four) cells, or where all cells are equal.
    """

    mean: float
    scale: float
    skewness: float
    kurtosis: float


def l_moments(distribution: Distribution) -> LMoments:
    """Compute the unbiased sample L-moments (Hosking 1990, doi:10.1111/j.2517-6161.1990.tb01775.x).

    Equal cells are taken together: the sum of (i−1)(i−2)…(i−r) over the ranks i of a value is a
    difference of falling factorials of the cumulative counts, so ties and weights are exact. Where
    the distribution is not exact, cells between kept values are counted as `cells_per_value` does.

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    """
    values, last = distribution.values, np.cumsum(cells_per_value(distribution))
    n = float(distribution.n)
    origin = float(values[values.size // 2])  # near the middle: large offsets do not cancel
    from_origin = values - origin
    weighted = [
        _weighted_moment(from_origin, last, n, order) for order in range(min(4, distribution.n))
    ]
    b0, b1, b2, b3 = weighted + [np.nan] * (4 - len(weighted))
    scale = 2 * b1 - b0
    third, fourth = 6 * b2 - 6 * b1 + b0, 20 * b3 - 30 * b2 + 12 * b1 - b0
    defined = scale > 0
    return LMoments(
        mean=origin + b0,
        scale=scale,
        skewness=third / scale if defined else np.nan,
        kurtosis=fourth / scale if defined else np.nan,
    )


def log_normal_l_kurtosis(skewness: float) -> float:
    """Return the L-kurtosis of the log-normal with this L-skewness: skewed, no heavy tails.

    Polynomial of Hosking & Wallis (1997), Regional Frequency Analysis,
    doi:10.1017/CBO9780511529443, appendix; within .0005 of the integrals up to a skewness of .46.
    """
    square = min(skewness * skewness, 1.0)
    return 0.12282 + square * (
        0.77518 + square * (0.12279 + square * (-0.13638 + square * 0.11368))
    )


def _weighted_moment(
    values: NDArray[np.float64], last: NDArray[np.float64], n: float, order: int
) -> float:
    """Hosking's b_r = mean of x_(i) · (i−1)…(i−r) / ((n−1)…(n−r)) over all ranks i."""
    falling = last / n
    for step in range(1, order + 1):
        falling = falling * ((last - step) / (n - step))
    share = np.diff(falling, prepend=0.0)
    return float(values @ share) / (order + 1)
