"""Season of the year: whether a chunk is off a wave of one year through earlier chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.moderated import moderated_variances
from explorer.stats.intervals.student import two_sided
from explorer.stats.monitoring.autocorrelation import CANDIDATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["beyond_wave"]

_HISTORY = 104  # chunks that the wave is fitted to, the last ones: two years of weeks


def beyond_wave(
    figures: NDArray[np.float64],
    years: NDArray[np.float64],
    season: NDArray[np.int64],
    chance: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Test the last chunk against a season of the year that the chunks before it do not exclude.

    A mean for each short season and one wave of a year (sine and cosine) are fitted by least
    squares to the chunks before, and the last one is held against their prediction. Of a quarter of
    a year the wave is known for some weeks ahead only: the error of the prediction says so.
    P-values are means over the autocorrelations that may be, as in
    `explorer.stats.monitoring.season_reference`.

    Parameters
    ----------
    figures : ndarray of shape (n, m), float64
        By rising time.
    years : ndarray of shape (n,), float64
        Time of each chunk in years.
    season : ndarray of shape (n,), int64
    chance : ndarray of shape (n, m), float64
        Variance of each figure by chance alone.
    weights : ndarray of shape (candidates, m), float64
        Posterior probability of each of `CANDIDATES`.

    Returns
    -------
    p_value : ndarray of shape (m,), float64
        NaN where the chunks before are too few.
    """
    last = slice(-_HISTORY - 1, None)
    figures, chance = figures[last], chance[last]
    angle = 2 * np.pi * years[last]
    means = season[last, None] == np.unique(season[last])
    design = np.column_stack([means, np.cos(angle), np.sin(angle)]).astype(np.float64)
    left, n = np.linalg.pinv(design[:-1]), len(figures)
    before = np.where(np.isnan(figures[:-1]), np.nanmean(figures[:-1], axis=0), figures[:-1])
    miss = np.eye(n - 1) - design[:-1] @ left
    contrast = np.append(-design[-1] @ left, 1.0)
    squares = ((miss @ before) ** 2).sum(axis=0)
    off = figures[-1] + contrast[:-1] @ before
    typical = np.nanmean(chance[:-1], axis=0)
    smaller = np.maximum(chance[-1] / typical, 1.0)
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    p_value = np.zeros(off.shape)
    for (decay, share), weight in zip(CANDIDATES, weights, strict=True):
        correlation = share * decay**apart + (1 - share) * (apart == 0)
        residual_covariance = miss @ correlation[:-1, :-1] @ miss
        total, square = float(np.trace(residual_covariance)), float((residual_covariance**2).sum())
        if total < 1e-6 * n:
            return np.full(off.shape, np.nan)
        moderated = moderated_variances(squares / total / typical, total**2 / square, least=1.0)
        variance = typical * np.where(
            np.isnan(moderated.variance), 1.0, np.maximum(moderated.variance, 1.0)
        )
        spread = float(contrast @ correlation @ contrast) + smaller - 1
        p_value += weight * two_sided(off / np.sqrt(variance * spread), moderated.df)
    return p_value
