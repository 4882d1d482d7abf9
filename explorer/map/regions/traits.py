"""Traits: what may distinguish a region.

A number that is high or low, a level that is more or less frequent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.regions.region import Reason

__all__ = ["Candidate", "Category", "Flag", "Number", "Trait", "related"]


@dataclass(frozen=True, eq=False)
class Number:
    """A feature of the map along its scale.

    Parameters
    ----------
    column, label, unit, kind : str
    scaled : ndarray of shape (k,), float64
        As it went into the map, NaN where the cell is missing.
    values : ndarray of shape (k,), float64
        As the table has it.
    """

    column: str
    label: str
    unit: str
    kind: str
    scaled: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flag:
    """A column of yes and no: ``held`` (k,) float64 of 0, 1 and NaN."""

    column: str
    label: str
    held: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Category:
    """A column of levels: ``codes`` (k,), places in ``levels``, ``len(levels)`` = missing."""

    column: str
    label: str
    codes: NDArray[np.int32]
    levels: list[str]


Trait = Number | Flag | Category


@dataclass(frozen=True, eq=False)
class Candidate:
    """A reason that a region might be named by.

    Parameters
    ----------
    reason : Reason
    stem : str
        What the name says without its figure: two regions must not have the same.
    merit : float
        The larger the better.
    trait : Trait
    values : ndarray of shape (k,), float64
        The number, or 1 where the level holds; NaN where it is missing.
    """

    reason: Reason
    stem: str
    merit: float
    trait: Trait
    values: NDArray[np.float64]


def related(a: Candidate, b: Candidate) -> float:
    """Return how much two candidates say the same: |r| or the correlation ratio η.

    η where the column of one has levels.
    """
    if a.reason.column == b.reason.column:
        return 1.0
    strength = _correlation(a.values, b.values)
    for first, second in ((a, b), (b, a)):
        if isinstance(first.trait, Category):
            strength = max(strength, _correlation_ratio(second.values, first.trait.codes))
    return strength


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    has_values = np.isfinite(a) & np.isfinite(b)
    if np.count_nonzero(has_values) < 3:
        return 0.0
    a, b = a[has_values] - a[has_values].mean(), b[has_values] - b[has_values].mean()
    # sums and no dot product: the threads of BLAS take longer to wake than this takes
    size = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return abs(float((a * b).sum())) / size if size > 0 else 0.0


def _correlation_ratio(values: NDArray[np.float64], codes: NDArray[np.int32]) -> float:
    has_value = np.isfinite(values)
    if not has_value.any():
        return 0.0
    values, codes = values[has_value] - values[has_value].mean(), codes[has_value]
    n, sums = np.bincount(codes), np.bincount(codes, values)
    total = float((values * values).sum())
    return math.sqrt(float((sums[n > 0] ** 2 / n[n > 0]).sum()) / total) if total > 0 else 0.0
