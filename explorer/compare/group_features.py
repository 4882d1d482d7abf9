"""Which features took part in making a group of rows, and so must not be tested with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.compare.dependence.feature_dependence import MOSTLY, PARTLY
from explorer.core.gettext import _
from explorer.sources.samples import random_rows
from explorer.stats.association import correlation_ratio, cramers_v, cross_table
from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource
    from explorer.compare.dependence.feature_dependence import FeatureDependence
    from explorer.profile.relations.redundancy import Redundancy

__all__ = ["SampledAssociation", "add_dependent", "add_redundant"]

_NEARLY_ONE = 0.9  # as `explorer.profile.relations.redundancy`: a convention
_ROWS = 4_000  # enough to tell .9 from .8
_FEWEST = 30


def add_redundant(
    seen: Mapping[str, str], columns: ColumnSource, redundancy: Redundancy | None, n_rows: int
) -> dict[str, str]:
    """Add the features that are nearly the same as one of those seen.

    Parameters
    ----------
    seen : mapping of str to str
        Feature: how it took part, as "drew this map".
    columns : ColumnSource
        The table: pairs that are not both in `redundancy` (times, categories) are looked at in
        4,000 random rows.
    redundancy : Redundancy, optional
        Pairs of numbers with |r| ≥ .9.
    n_rows : int
        Of the table.

    Returns
    -------
    dict of str to str
    """
    related = dict(seen)
    for name in seen:
        for partner, r in (redundancy.partners.get(name, {}) if redundancy else {}).items():
            related.setdefault(partner, f"r {r:.2f} with {name}, which {seen[name]}")
    names = set(redundancy.names) if redundancy else set()
    sample = SampledAssociation(columns, random_rows(n_rows, _ROWS, 0))
    for other in columns.features:
        if other in related or not sample.looked_at(other):
            continue
        for name in seen:
            if {name, other} <= names or not sample.looked_at(name):
                continue
            symbol, strength = sample.association(other, name)
            if strength >= _NEARLY_ONE:
                related[other] = _("{symbol} {strength:.2f} with {name}, which {seen}").format(
                    symbol=symbol, strength=strength, name=name, seen=seen[name]
                )
                break
    return related


def add_dependent(
    seen: Mapping[str, str],
    redundant: Mapping[str, str],
    dependences: Mapping[str, FeatureDependence],
    rows: int,
) -> tuple[dict[str, str], dict[str, str]]:
    """Add the columns that follow mostly from all features that made the groups together.

    Parameters
    ----------
    seen : mapping of str to str
        Features that made the groups, and how.
    redundant : mapping of str to str
        The same with what is nearly one of them.
    dependences : mapping of str to FeatureDependence
        Of other columns.
    rows : int
        Random rows that were looked at.

    Returns
    -------
    redundant : dict of str to str
    follows : dict of str to str
        Column: how far it follows, of those that do in part.
    """
    described, follows = dict(redundant), {}
    for name, dependence in dependences.items():
        if name in redundant or dependence.share < PARTLY:
            continue
        text = _("{words}, which {seen} ({rows:,} rows)").format(
            words=dependence.words, seen=seen[dependence.features[0]], rows=rows
        )
        if dependence.share >= MOSTLY:
            described[name] = text
        else:
            follows[name] = _("{text}: a difference is expected").format(text=text)
    return described, follows


class SampledAssociation:
    """How strongly two columns go together in the same random rows.

    Parameters
    ----------
    columns : ColumnSource
    rows : ndarray of int64
        Random ones.
    """

    def __init__(self, columns: ColumnSource, rows: NDArray[np.int64]) -> None:
        self._columns, self._rows = columns, rows
        self._kept: dict[str, NDArray[np.float64]] = {}

    def looked_at(self, name: str) -> bool:
        """Tell whether a column is a number or a category."""
        return name in self._columns.features and (self.ordered(name) or self._category(name))

    def association(self, first: str, other: str) -> tuple[str, float]:
        """Return r of ranks, η or V, by what the two are; 0 where too few rows have both."""
        a, b = self.cells(first), self.cells(other)
        both = ~(np.isnan(a) | np.isnan(b))
        a, b = a[both], b[both]
        if len(a) < _FEWEST:
            return "r", 0.0
        if self.ordered(first) and self.ordered(other):
            return "r", _rank_correlation(a, b)
        if self._category(first) and self._category(other):
            association = cramers_v(cross_table(_codes(a), _codes(b)))
            return "V", _or_zero(association.value)
        values, codes = (a, b) if self.ordered(first) else (b, a)
        return "η", math.sqrt(_or_zero(correlation_ratio(values, _codes(codes)).value))

    def ordered(self, name: str) -> bool:
        """Tell whether a column has an order."""
        return self._columns.is_number(name) or self._columns.features[name].kind == "boolean"

    def _category(self, name: str) -> bool:
        return self._columns.features[name].kind == "categorical"

    def cells(self, name: str) -> NDArray[np.float64]:
        """Return the cells of these rows: numbers, or codes of levels; NaN where missing."""
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    def _read(self, name: str) -> NDArray[np.float64]:
        if self.ordered(name):
            return self._columns.numbers(name)[self._rows]
        levels = self._columns.levels(name)
        codes = levels.codes[self._rows]
        return np.where(codes == len(levels.labels), np.nan, codes)


def _codes(cells: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.unique(cells, return_inverse=True)[1].astype(np.int64)


def _rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    first, other = average_ranks(a), average_ranks(b)
    if np.ptp(first) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(abs(np.corrcoef(first, other)[0, 1]))


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
