"""Correlation within groups: do two features go together inside the levels of a third."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.json_values import fields_document
from explorer.core.number_format import correlation_text
from explorer.stats.correlation import correlation_interval
from explorer.stats.ranks import average_ranks, ranks_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.profile.relations.correlations import Method


__all__ = ["GroupCorrelation", "WithinGroups", "within_groups"]

_SHOWN = 20  # largest groups given one by one


@dataclass(frozen=True, kw_only=True)
class GroupCorrelation:
    """Correlation of two features in some rows.

    Parameters
    ----------
    group : str
        Level of the column that groups; empty for all rows.
    n : int
        Rows where both features are present.
    r, low, high : float
        Correlation with its 95 % interval; NaN where one of the two does not vary.
    """

    group: str
    n: int
    r: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class WithinGroups:
    """Correlation of a pair of features over all rows and within groups.

    Parameters
    ----------
    one, other, by : str
        The pair, and the column whose levels are the groups.
    method : {"pearson", "spearman"}
        Spearman ranks over all rows for ``overall`` and ``between``, and within each group
        otherwise.
    overall : GroupCorrelation
        Of all rows that are in a group.
    pooled : GroupCorrelation
        Of the distances from the mean of each group: what is left when groups do not differ.
    between : float
        Of the groups' means, weighted by rows.
    groups : tuple of GroupCorrelation
        The 20 largest, the largest first.
    n_groups : int
        How many there are.
    without_group : int
        Rows with both features whose group is missing; they are left out.
    rows : int
        Rows looked at, drawn at random unless ``exact``.
    exact : bool
    """

    one: str
    other: str
    by: str
    method: Method
    overall: GroupCorrelation
    pooled: GroupCorrelation
    between: float
    groups: tuple[GroupCorrelation, ...]
    n_groups: int
    without_group: int
    rows: int
    exact: bool

    @property
    def reversed(self) -> bool:
        """Whether signs within groups and overall are opposite, and both intervals leave out 0."""
        return _sign(self.overall) * _sign(self.pooled) < 0

    @property
    def words(self) -> tuple[str, ...]:
        """What a reader must know, in sentences."""
        overall, pooled = self.overall.r, self.pooled.r
        if math.isnan(overall) or math.isnan(pooled):
            text = _(
                "{feature} and {other} cannot be correlated within {group}: "
                "one of them does not vary there"
            )
            return (text.format(feature=self.one, other=self.other, group=self.by),)
        if self.reversed:
            text = _(
                "Simpson's paradox: r {overall} overall, {within} within {group}. The "
                "means of the groups have the opposite correlation"
            )
        elif _sign(self.overall) and not _sign(self.pooled):
            text = _(
                "r {overall} overall, {within} within {group}: the means of the groups are "
                "correlated, the rows within a group are not"
            )
        elif _sign(self.pooled) and not _sign(self.overall):
            text = _(
                "r {overall} overall, {within} within {group}: differences between the "
                "groups hide the correlation overall"
            )
        else:
            text = _("r {overall} overall, {within} within {group}")
        return (
            text.format(
                overall=correlation_text(overall), within=correlation_text(pooled), group=self.by
            ),
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as null."""
        extra = {"reversed": self.reversed, "words": list(self.words)}
        return {**fields_document(self), **extra}


def _sign(part: GroupCorrelation) -> int:
    return int(part.low > 0) - int(part.high < 0)


def within_groups(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    codes: NDArray[np.int64],
    labels: Sequence[str],
    *,
    names: tuple[str, str, str] = ("x", "y", "group"),
    method: Method = "spearman",
    exact: bool = True,
) -> WithinGroups:
    """Correlate cells over all rows and within groups.

    Parameters
    ----------
    x, y : ndarray of shape (n,), float64
        NaN where missing.
    codes : ndarray of shape (n,), int64
        Position in ``labels``; −1 where missing.
    labels : sequence of str
    names : tuple of str
        Of x, y and the groups, for the words.
    method : {"pearson", "spearman"}
    exact : bool
        Whether these are all rows.

    Returns
    -------
    found : WithinGroups
    """
    present = ~(np.isnan(x) | np.isnan(y))
    used = present & (codes >= 0)
    present_codes, group = np.unique(codes[used], return_inverse=True)
    x, y = x[used], y[used]
    outer = (average_ranks(x), average_ranks(y)) if method == "spearman" else (x, y)
    inner = (ranks_within(x, group), ranks_within(y, group)) if method == "spearman" else (x, y)
    sizes = np.bincount(group, minlength=present_codes.size)
    whole, across = _sums(*outer, np.zeros_like(group), 1), _between(*outer, group, sizes)
    sums = _sums(*inner, group, present_codes.size)
    largest = np.argsort(-sizes, kind="stable")[:_SHOWN]
    return WithinGroups(
        one=names[0],
        other=names[1],
        by=names[2],
        method=method,
        overall=_correlation(
            "", used.sum(), _r(*whole[:, 0]) if present_codes.size else math.nan, method
        ),
        pooled=_correlation(
            "", used.sum(), _r(*sums.sum(axis=1)), method, fixed=max(present_codes.size - 1, 0)
        ),
        between=across,
        groups=tuple(
            _correlation(labels[present_codes[g]], sizes[g], _r(*sums[:, g]), method)
            for g in largest
        ),
        n_groups=present_codes.size,
        without_group=int((present & (codes < 0)).sum()),
        rows=present.size,
        exact=exact,
    )


def _sums(
    x: NDArray[np.float64], y: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Return Σdx², Σdy², Σdxdy of the distances from each group's means, shape (3, groups)."""
    sizes = np.maximum(np.bincount(group, minlength=groups), 1)

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(group, weights=values, minlength=groups).astype(np.float64, copy=False)

    dx, dy = x - (total(x) / sizes)[group], y - (total(y) / sizes)[group]
    return np.stack([total(dx * dx), total(dy * dy), total(dx * dy)])


def _between(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    group: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> float:
    if sizes.size < 2:
        return math.nan
    mx, my = (np.bincount(group, weights=values)[group] / sizes[group] for values in (x, y))
    return _r(*_sums(mx, my, np.zeros_like(group), 1)[:, 0])


def _r(xx: float, yy: float, xy: float) -> float:
    return max(-1.0, min(1.0, float(xy / math.sqrt(xx * yy)))) if xx > 0 and yy > 0 else math.nan


def _correlation(group: str, n: int, r: float, method: Method, fixed: int = 0) -> GroupCorrelation:
    low, high = correlation_interval(r, int(n), method, fixed=fixed)
    return GroupCorrelation(group=group, n=int(n), r=r, low=low, high=high)
