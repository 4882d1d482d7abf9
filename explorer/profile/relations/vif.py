"""Variance inflation: how far the others together explain each feature of a chosen set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.profile.relations.correlations import sampled_numbers, standardized
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["TOLERANCE", "VarianceInflation", "variance_inflation", "vif_from_correlations"]

# A convention far above the rounding of float64 sums: a combination of features whose variance is a
# smaller share than this of the greatest one's is taken as constant, so that inflations beyond
# about 10¹⁰ are infinite.
TOLERANCE = 1e-10
_LINKED = 1e-6  # share of a constant combination from which a feature is said to be in it


@dataclass(frozen=True, kw_only=True)
class VarianceInflation:
    """Variance inflation factor of each feature of a set.

    Parameters
    ----------
    names : tuple of str
    values : tuple of float
        1 / (1 − R²) of the regression of a feature on the others: 1 when it follows from none of
        them, inf when it follows from them exactly, NaN when it does not vary. (10 is a customary
        alarm: R² = .9.)
    bound : tuple of tuple of str
        Features that determine each other exactly, in table order; two or more each.
    rows : int
        Rows without a missing cell in any of them, on which it was computed.
    looked_at : int
        Rows looked at, drawn at random unless ``exact``.
    exact : bool
        Whether these were all rows of the table.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    bound: tuple[tuple[str, ...], ...]
    rows: int
    looked_at: int
    exact: bool

    @property
    def words(self) -> tuple[str, ...]:
        """What a reader must know, in sentences."""
        sentences = [
            _("{features} determine each other exactly").format(features=list_names(names))
            for names in self.bound
        ]
        sentences += [
            _("{feature} does not vary").format(feature=name)
            for name, value in zip(self.names, self.values, strict=True)
            if value != value
        ]
        if self.rows <= len(self.names):
            sentences.append(
                _(
                    "{rows:,} complete rows are too few to separate {features:,} features: "
                    "choose fewer features"
                ).format(rows=self.rows, features=len(self.names))
            )
        text = (
            _("on {count:,} rows without a missing cell, of all {total:,}")
            if self.exact
            else _("on {count:,} rows without a missing cell, of a random sample of {total:,}")
        )
        sentences.append(text.format(count=self.rows, total=self.looked_at))
        return tuple(sentences)

    def document(self) -> dict[str, Any]:
        """Return it as JSON: inf as the word "inf", NaN as null."""
        written = {
            name: "inf" if value == np.inf else None if value != value else value
            for name, value in zip(self.names, self.values, strict=True)
        }
        return {
            "vif": written,
            "bound": [list(names) for names in self.bound],
            "rows": self.rows,
            "looked_at": self.looked_at,
            "exact": self.exact,
            "words": list(self.words),
        }


def variance_inflation(
    source: ArrowSource,
    names: Sequence[str],
    rows: int = 100_000,
    *,
    features: Mapping[str, Feature] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> VarianceInflation:
    """Compute the variance inflation of each feature of a chosen set.

    Parameters
    ----------
    source : ArrowSource
    names : sequence of str
        Numeric, boolean or temporal features, hundreds at most: the cost grows with their number
        cubed.
    rows : int
        At most this many, drawn at random; those with a missing or infinite cell in any feature are
        left out.
    features : mapping of str to Feature, optional
        Their sentinels count as missing.
    seed : int
        Of the random rows.
    progress : callable, optional
        ``progress("variance inflation", done, total)`` in features.

    Returns
    -------
    inflation : VarianceInflation

    Raises
    ------
    FeatureError
        Fewer than two features, or fewer than three complete rows.
    """
    if len(names) < 2:
        raise FeatureError(
            f"variance inflation compares features with each other: {len(names)} came, "
            "choose two or more"
        )
    used = min(rows, source.num_rows)
    cells = np.empty((len(names), used))
    for k, (_name, column) in enumerate(sampled_numbers(source, names, used, features, seed)):
        cells[k] = column
        report(progress, "variance inflation", k + 1, len(names))
    present = ~np.isnan(cells)
    complete = present.all(axis=0)
    if complete.sum() < 3:
        worst = names[int(present.sum(axis=1).argmin())]
        raise FeatureError(
            "variance inflation needs rows without a missing cell: "
            f"{int(complete.sum())} of {used:,} have none in the "
            f"{len(names)} features; leave out {worst!r}, which misses most"
        )
    standard = np.stack([standardized(line[complete], "pearson") for line in cells])
    values, bound = vif_from_correlations(standard @ standard.T)
    return VarianceInflation(
        names=tuple(names),
        values=tuple(values.tolist()),
        bound=tuple(tuple(names[i] for i in group) for group in bound),
        rows=int(complete.sum()),
        looked_at=used,
        exact=used == source.num_rows,
    )


def vif_from_correlations(r: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[list[int]]]:
    """Return variance inflation factors from a correlation matrix.

    They are the diagonal of its inverse (Marquardt 1970, doi:10.2307/1267205); where combinations
    of features are constant, of the pseudo-inverse, for the features that are in none of them.

    Parameters
    ----------
    r : ndarray of shape (p, p), float64
        Without NaN; a feature that does not vary has a row of zeros.

    Returns
    -------
    values : ndarray of shape (p,), float64
        Inf for a feature that follows exactly from others, NaN for one that does not vary.
    bound : list of list of int
        Positions of features that determine each other exactly.
    """
    varies = np.flatnonzero(np.diag(r) > 0)
    values = np.full(r.shape[0], np.nan)
    if varies.size == 0:
        return values, []
    weights, vectors = np.linalg.eigh(r[np.ix_(varies, varies)])
    null = weights <= TOLERANCE * weights[-1]
    values[varies] = (vectors[:, ~null] ** 2 / weights[~null]).sum(axis=1)
    constant = vectors[:, null] @ vectors[:, null].T  # projects onto the constant combinations
    values[varies[np.diag(constant) > _LINKED]] = np.inf
    return values, [
        [int(varies[i]) for i in group] for group in _linked(np.abs(constant) > _LINKED)
    ]


def _linked(links: NDArray[np.bool_]) -> list[list[int]]:
    from scipy.sparse.csgraph import connected_components

    count, label = connected_components(links, directed=False)
    groups = [np.flatnonzero(label == component).tolist() for component in range(count)]
    return [group for group in groups if len(group) > 1]
