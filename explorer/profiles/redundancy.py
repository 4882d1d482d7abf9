"""Redundancy: features that say nearly the same, by the correlation of their ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.features.cells import columns_of
from explorer.table.columns import as_numbers
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.table.source import ArrowSource

__all__ = ["THRESHOLD", "Redundancy", "correlations", "written"]

THRESHOLD = 0.9  # a convention: from here on two features are shown as nearly one
_MOST_CELLS = 15_000_000
_FEWEST_ROWS = 4_000  # a correlation of .9 is then known to ±.006
_BLOCK = 512


@dataclass(frozen=True, eq=False)
class Redundancy:
    """Pairs of features whose ranks correlate with |r| ≥ .9.

    Parameters
    ----------
    names : tuple of str
        The features that were compared.
    first, second : ndarray of shape (n_pairs,), int64
        Positions in ``names``, first < second; strongest pair first.
    r : ndarray of shape (n_pairs,), float64
        Spearman's rank correlation.
    rows : int
        Rows it was computed on, drawn at random.
    exact : bool
        Whether these are all rows of the table.
    """

    names: tuple[str, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    r: NDArray[np.float64]
    rows: int
    exact: bool

    @cached_property
    def pairs(self) -> tuple[tuple[str, str, float], ...]:
        """Pairs (one, other, r), the strongest first."""
        return tuple(
            (self.names[i], self.names[j], r)
            for i, j, r in zip(self.first.tolist(), self.second.tolist(), self.r.tolist(), strict=True)
        )

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Features linked by pairs, in table order; each group has two or more."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        size = len(self.names)
        links = coo_array(
            (np.ones(self.first.size, dtype=np.int8), (self.first, self.second)), shape=(size, size)
        )
        group = connected_components(links, directed=False)[1]
        members: dict[int, list[str]] = {}
        for position in np.union1d(self.first, self.second).tolist():
            members.setdefault(int(group[position]), []).append(self.names[position])
        return tuple(tuple(names) for names in members.values())

    @cached_property
    def partners(self) -> dict[str, dict[str, float]]:
        """For each feature that has any: the others it is nearly one with, and r, the strongest first."""
        partners: dict[str, dict[str, float]] = {}
        for one, other, r in self.pairs:
            partners.setdefault(one, {})[other] = r
            partners.setdefault(other, {})[one] = r
        return partners

    @property
    def chips(self) -> dict[str, str]:
        """For each feature that has a partner, its strongest: "r .93 tomatometer"."""
        strongest = {name: next(iter(others.items())) for name, others in self.partners.items()}
        return {name: f"r {written(r)} {other}" for name, (other, r) in strongest.items()}


def written(r: float) -> str:
    """Write a correlation as the page does: ".93", "−.95", "1.00"."""
    return ("−" if r < 0 else "") + f"{abs(r):.2f}".removeprefix("0")


def correlations(
    source: ArrowSource,
    names: Sequence[str],
    rows: int = 20_000,
    *,
    features: Mapping[str, Feature] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Redundancy:
    """Find pairs of features that say nearly the same.

    Spearman's correlation (Pearson's of average ranks) between all pairs, on rows drawn at random. A missing or
    infinite cell takes the mean rank of its feature (a median fill), which approximates pairwise complete rows:
    it weakens r where two features are missing in different rows, so that such a pair can be overlooked.

    Parameters
    ----------
    source : ArrowSource
    names : sequence of str
        Numeric, boolean or temporal features.
    rows : int
        At most this many; fewer, but never under 4,000, where rows × features would pass 15 million cells.
    features : mapping of str to Feature, optional
        Their sentinels count as missing.
    seed : int
        Of the random rows.
    progress : callable, optional
        ``progress("redundancy", done, total)`` in features.

    Returns
    -------
    redundancy : Redundancy
    """
    wanted = min(rows, max(_FEWEST_ROWS, _MOST_CELLS // max(len(names), 1)))
    used = min(wanted, source.num_rows)
    ranks = np.empty((len(names), used), dtype=np.float32)
    exact = used == source.num_rows
    for k, (name, column) in enumerate(columns_of(source, names, None if exact else used, seed)):
        sentinels = features[name].sentinels if features and name in features else ()
        ranks[k] = _standard_ranks(column, name, sentinels)
        report(progress, "redundancy", k + 1, len(names))
    first, second, r = _strong_pairs(ranks)
    order = np.lexsort((second, first, -np.abs(r)))
    return Redundancy(tuple(names), first[order], second[order], r[order], rows=used, exact=exact)


def _standard_ranks(
    column: pa.ChunkedArray, name: str, sentinels: Sequence[float | str]
) -> NDArray[np.float64]:
    """Return average ranks with mean 0 and norm 1; 0 where missing, and throughout for a constant."""
    from scipy.stats import rankdata

    cells = as_numbers(column, name)
    told = [float(value) for value in sentinels if not isinstance(value, str)]
    present = np.isfinite(cells) & ~np.isin(cells, told) if told else np.isfinite(cells)
    standard = np.zeros(cells.size)
    if present.any():
        ranks = rankdata(cells[present])
        standard[present] = ranks - ranks.mean()
    norm = float(np.linalg.norm(standard))
    return standard / norm if norm > 0 else standard


def _strong_pairs(
    ranks: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Multiply block by block, so that no features × features matrix is held."""
    size = ranks.shape[0]
    first, second, strength = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for start in range(0, size, _BLOCK):
        r = ranks[start : start + _BLOCK] @ ranks[start:].T
        i, j = np.nonzero(np.abs(r) >= THRESHOLD)
        above = i < j  # both counted from `start`
        first.append(i[above] + start)
        second.append(j[above] + start)
        strength.append(r[i[above], j[above]].astype(np.float64).round(6))  # what float32 sums hold
    return np.concatenate(first), np.concatenate(second), np.concatenate(strength)
