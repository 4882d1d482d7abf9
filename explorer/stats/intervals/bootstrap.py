"""Bootstrap over units, for figures whose error no formula gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Bootstrap", "random_group_sums", "sums_bootstrap"]

DRAWS = 1_000
MOST_GROUPS = 4_096
"""Groups to which more units are assigned: their error is known to 1 / √(2 · 4096), about 1.1 %."""

_AT_ONCE = 1 << 22  # weights drawn in one piece


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Draws of figures.

    Parameters
    ----------
    value : ndarray of shape (q,), float64
        The figures of the data.
    draws : ndarray of shape (draws, q), float64
        The figures of each draw; NaN where a draw leaves them undefined.
    """

    value: NDArray[np.float64]
    draws: NDArray[np.float64]

    @property
    def error(self) -> NDArray[np.float64]:
        """Standard errors, (q,): deviation of the defined draws; NaN with fewer than two."""
        defined = ~np.isnan(self.draws)
        n = defined.sum(axis=0)
        with np.errstate(all="ignore"):
            centred = np.where(
                defined, self.draws - np.where(defined, self.draws, 0).sum(axis=0) / n, 0.0
            )
            return np.asarray(np.sqrt(np.where(n > 1, (centred**2).sum(axis=0) / (n - 1), np.nan)))

    def interval(self, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the percentile interval of each figure, (q,) each.

        Efron 1979, doi:10.1214/aos/1176344552.
        """
        side = (1 - confidence) / 2
        ends = np.full((2, self.value.size), np.nan)
        for i, column in enumerate(self.draws.T):
            defined = column[~np.isnan(column)]
            if defined.size > 1:
                ends[:, i] = np.quantile(defined, [side, 1 - side])
        return ends[0], ends[1]

    @property
    def p_value(self) -> NDArray[np.float64]:
        """Two-sided, of a figure of 0: twice the share of draws beyond 0, (q,); never 0."""
        n = (~np.isnan(self.draws)).sum(axis=0)
        beyond = np.minimum((self.draws <= 0).sum(axis=0), (self.draws >= 0).sum(axis=0))
        return np.where(
            (n > 1) & ~np.isnan(self.value), np.minimum(2 * (beyond + 1) / (n + 1), 1.0), np.nan
        )


def sums_bootstrap(
    statistic: Callable[[NDArray[np.float64]], ArrayLike],
    sums: NDArray[np.float64],
    draws: int = DRAWS,
    seed: int = 0,
) -> Bootstrap:
    """Bootstrap figures that follow from sums over units, all draws at once.

    Parameters
    ----------
    statistic : callable
        From totals (..., s) to the figures (..., q), without warnings.
    sums : ndarray of shape (units, s), float64
        Of each unit: counts of a confusion, sums of residuals, counts by bins of a histogram. More
        than 4,096 units are assigned at random to as many groups first, which leaves the error
        as it is.
    draws, seed : int

    Returns
    -------
    bootstrap : Bootstrap
    """
    value = np.atleast_1d(np.asarray(statistic(sums.sum(axis=0)), dtype=np.float64))
    grouped = random_group_sums(sums, seed=seed)
    units = len(grouped)
    if units < 2:
        return Bootstrap(value, np.full((draws, value.size), np.nan))
    rng, figures = np.random.default_rng(seed), []
    piece = max(_AT_ONCE // units, 1)
    for start in range(0, draws, piece):
        weights = rng.poisson(1.0, (min(piece, draws - start), units)).astype(np.float64)
        figures.append(
            np.asarray(statistic(weights @ grouped), dtype=np.float64).reshape(len(weights), -1)
        )
    return Bootstrap(value, np.concatenate(figures))


def random_group_sums(
    sums: NDArray[np.float64], groups: int = MOST_GROUPS, seed: int = 0
) -> NDArray[np.float64]:
    """Assign units at random to groups of equally many, to within one, and sum them.

    Random groups (Wolter 2007, chapter 2).

    Parameters
    ----------
    sums : ndarray of shape (units, s), float64
    groups : int
    seed : int

    Returns
    -------
    grouped : ndarray of shape (min(units, groups), s), float64
        The sums as they are where units are no more than groups.
    """
    units = len(sums)
    if units <= groups:
        return sums
    group = np.random.default_rng(seed).permutation(units) % groups
    return np.column_stack(
        [np.bincount(group, weights=column, minlength=groups) for column in sums.T]
    )
