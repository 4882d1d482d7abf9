"""Medians of columns of the same rows, with errors of their differences by a bootstrap of units."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.bootstrap import MOST_GROUPS, Bootstrap, sums_bootstrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["paired_medians"]

_STEPS = 512  # places between which the median of a draw is told apart
_MIDDLE = (0.2, 0.8)  # the median of a draw lies beyond only where there are a few units


def paired_medians(
    columns: Sequence[NDArray[np.float64]],
    unit: NDArray[np.int32] | None = None,
    draws: int = 1_000,
    seed: int = 0,
) -> Bootstrap:
    """Bootstrap the medians of columns under the same draws, so that differences are paired.

    Every draw reads the median off a histogram of the draw, with 512 places in the middle three
    fifths of the rows, or every value where there are fewer; rows, or units, are assigned to 4,096
    groups at most, as `sums_bootstrap` does it.

    Parameters
    ----------
    columns : sequence of M ndarrays of shape (n,), float64
        Without NaN.
    unit : ndarray of shape (n,), int32, optional
        Code of each row's unit, from 0. Without it each row is drawn by itself.
    draws, seed : int

    Returns
    -------
    bootstrap : Bootstrap
        Values (M,) are the exact medians, as in `numpy.median`; NaN without rows.
    """
    n = columns[0].size if columns else 0
    if not n:
        nothing = np.full(len(columns), np.nan)
        return Bootstrap(nothing, np.full((draws, len(columns)), np.nan))
    group, groups = _groups(n, unit, seed)
    places = [_places(values) for values in columns]
    counts = np.concatenate(
        [_counted(values, at, group, groups) for values, at in zip(columns, places, strict=True)],
        axis=1,
    )
    bounds = np.cumsum([0, *(at.size for at in places)]).tolist()

    def medians(totals: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = [totals[..., low:high] for low, high in pairwise(bounds)]
        return np.stack(
            [_median(part, at) for part, at in zip(parts, places, strict=True)], axis=-1
        )

    drawn = sums_bootstrap(medians, counts, draws, seed)
    return Bootstrap(np.array([float(np.median(values)) for values in columns]), drawn.draws)


def _groups(n: int, unit: NDArray[np.int32] | None, seed: int) -> tuple[NDArray[np.int64], int]:
    """Assign units to groups of about as many each."""
    codes = np.arange(n) if unit is None else unit
    units = n if unit is None else int(unit.max()) + 1
    if units <= MOST_GROUPS:
        return np.asarray(codes, np.int64), units
    assigned = np.random.default_rng(seed).permutation(units) % MOST_GROUPS
    return np.asarray(assigned[codes], np.int64), MOST_GROUPS


def _places(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ascending values among which medians are looked for."""
    if values.size <= _STEPS:
        return np.unique(values)
    return np.unique(np.quantile(values, np.linspace(*_MIDDLE, _STEPS), method="lower"))


def _counted(
    values: NDArray[np.float64], at: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Return each group's rows by the nearest place at or above, (groups, places)."""
    bins = np.minimum(np.searchsorted(at, values), at.size - 1)
    counts = np.bincount(group * at.size + bins, minlength=groups * at.size)
    return counts.reshape(groups, at.size).astype(np.float64)


def _median(counts: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the place at which half of the rows are reached, (...); NaN for draws without rows."""
    upto = np.cumsum(counts, axis=-1)
    total = upto[..., -1]
    first = np.minimum((upto < total[..., None] / 2).sum(axis=-1), at.size - 1)
    return np.where(total > 0, at[first], np.nan)
