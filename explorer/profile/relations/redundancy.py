"""Redundancy: features that say nearly the same, by the correlation of their ranks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, ngettext
from explorer.core.number_format import correlation_text
from explorer.profile.relations.correlations import (
    FEWEST_TOGETHER,
    StandardizedFeatures,
    sampled_numbers,
)
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["NEIGHBOURS", "THRESHOLD", "Redundancy", "correlations"]

THRESHOLD = 0.9  # a convention: from here on two features are shown as nearly one
NEIGHBOURS = 10
_FEWEST_ANYHOW = 10  # a convention: below it, chance alone brings ranks near |r| = .9
_MOST_CELLS = 20_000_000
_FEWEST_ROWS = 4_000  # a correlation of .9 is then known to ±.006
_MOST_PAIRS = 200_000  # pairs kept one by one; groups are made of all
_BLOCK = 1_024


@dataclass(frozen=True, eq=False)
class Redundancy:
    """Pairs of features with rank correlations |r| ≥ .9, and the nearest of each feature.

    Parameters
    ----------
    names : tuple of str
        The features that were compared.
    first, second : ndarray of shape (n_pairs,), int32
        Positions in ``names``, first < second; strongest pair first. At most 200,000, the
        strongest.
    r : ndarray of shape (n_pairs,), float64
        Spearman's rank correlation: Pearson's of each feature's own ranks, over the rows where both
        are present.
    rows : int
        Rows it was computed on, drawn at random.
    exact : bool
        Whether these are all rows of the table.
    pearson : ndarray of shape (n_pairs,), float64
        Pearson's correlation of the same pairs, NaN where undefined.
    found : int
        How many pairs there are, kept or not.
    leaders : ndarray of shape (p,), int32
        For each feature the position of the one that stands for its group; −1 for a feature in no
        group.
    copies : ndarray of shape (p,), int32
        For each feature the position of the first one that has the same cells in all rows looked
        at; −1 for none.
    nearest : ndarray of shape (p, 10), int32
        For each feature the positions of those it correlates with most, the strongest first; −1
        fills up.
    nearest_r, nearest_pearson : ndarray of shape (p, 10), float32
        Their correlations, NaN where there is none.
    """

    names: tuple[str, ...]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    r: NDArray[np.float64]
    rows: int
    exact: bool
    pearson: NDArray[np.float64] = field(kw_only=True)
    found: int = field(kw_only=True)
    leaders: NDArray[np.int32] = field(kw_only=True)
    copies: NDArray[np.int32] = field(kw_only=True)
    nearest: NDArray[np.int32] = field(kw_only=True)
    nearest_r: NDArray[np.float32] = field(kw_only=True)
    nearest_pearson: NDArray[np.float32] = field(kw_only=True)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str, float], ...]:
        """Pairs (one, other, r), the strongest first."""
        return tuple(
            (self.names[i], self.names[j], r)
            for i, j, r in zip(
                self.first.tolist(), self.second.tolist(), self.r.tolist(), strict=True
            )
        )

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Features that one of them stands for, in table order; each group has two or more.

        Every member correlates at |r| ≥ .9 with the representative, and so with any other member at
        .62 at least (2 · .9² − 1, when no cell is missing). The feature with most partners forms
        the first group, and so on.
        """
        members: dict[int, list[str]] = {}
        for position in np.flatnonzero(self.leaders >= 0).tolist():
            members.setdefault(int(self.leaders[position]), []).append(self.names[position])
        return tuple(tuple(names) for names in members.values())

    @cached_property
    def representatives(self) -> dict[str, str]:
        """For each feature in a group, the one that stands for the group."""
        grouped = np.flatnonzero(self.leaders >= 0).tolist()
        return {
            self.names[position]: self.names[int(self.leaders[position])] for position in grouped
        }

    @cached_property
    def same(self) -> dict[str, str]:
        """For each feature that repeats an earlier one in all rows compared: the earlier one."""
        copied = np.flatnonzero(self.copies >= 0).tolist()
        return {self.names[position]: self.names[int(self.copies[position])] for position in copied}

    @cached_property
    def partners(self) -> dict[str, dict[str, float]]:
        """For each feature in a pair: the others it is nearly one with, and r, strongest first."""
        partners: dict[str, dict[str, float]] = {}
        for first, second, r in self.pairs:
            partners.setdefault(first, {})[second] = r
            partners.setdefault(second, {})[first] = r
        return partners

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def neighbours(self, name: str) -> tuple[tuple[str, float, float], ...]:
        """Return the best correlated features: (other, Spearman's r, Pearson's r), at most 10."""
        position = self._positions.get(name)
        if position is None:
            return ()
        near = zip(
            self.nearest[position].tolist(),
            self.nearest_r[position].tolist(),
            self.nearest_pearson[position].tolist(),
            strict=True,
        )
        return tuple((self.names[other], r, pearson) for other, r, pearson in near if other >= 0)

    @property
    def words(self) -> str:
        """What was compared, and on which rows."""
        rows = _("all {count:,} rows") if self.exact else _("a random sample of {count:,} rows")
        pairs = ngettext(
            "{count:,} pair of {features:,} features with |r| ≥ {limit}, on {rows}",
            "{count:,} pairs of {features:,} features with |r| ≥ {limit}, on {rows}",
            self.found,
        ).format(
            count=self.found,
            features=len(self.names),
            limit=correlation_text(THRESHOLD),
            rows=rows.format(count=self.rows),
        )
        if self.found <= self.first.size:
            return pairs
        listed = _("the {count:,} strongest are listed").format(count=self.first.size)
        return f"{pairs}; {listed}"

    def document(self) -> dict[str, Any]:
        """Return it as JSON: pairs and neighbours by position in ``names``, NaN as null."""
        arrays = (
            "first",
            "second",
            "r",
            "pearson",
            "leaders",
            "copies",
            "nearest",
            "nearest_r",
            "nearest_pearson",
        )
        return {
            "names": list(self.names),
            "rows": self.rows,
            "exact": self.exact,
            "found": self.found,
            "words": self.words,
            "groups": [list(group) for group in self.groups],
            "same": self.same,
            "representatives": self.representatives,
            **{name: _plain(getattr(self, name)) for name in arrays},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Redundancy:
        """Build it from `document`."""
        size = len(document["names"])

        def near(name: str, dtype: type[np.generic]) -> NDArray[Any]:
            return np.array(document[name], dtype).reshape(size, NEIGHBOURS)

        return cls(
            names=tuple(document["names"]),
            first=np.array(document["first"], np.int32),
            second=np.array(document["second"], np.int32),
            r=np.array(document["r"], np.float64),
            rows=document["rows"],
            exact=document["exact"],
            pearson=np.array(document["pearson"], np.float64),
            found=document["found"],
            leaders=np.array(document["leaders"], np.int32),
            copies=np.array(document["copies"], np.int32),
            nearest=near("nearest", np.int32),
            nearest_r=near("nearest_r", np.float32),
            nearest_pearson=near("nearest_pearson", np.float32),
        )


def _plain(values: NDArray[Any]) -> list[Any]:
    cells = values.astype(object)
    if values.dtype.kind == "f":
        cells = values.astype(np.float64).round(6).astype(object)
        cells[np.isnan(values)] = None
    plain: list[Any] = cells.tolist()
    return plain


def correlations(
    source: ArrowSource,
    names: Sequence[str],
    rows: int = 100_000,
    *,
    features: Mapping[str, Feature] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Redundancy:
    """Find features that say nearly the same, and the nearest neighbours of each.

    Pairs are sought by Spearman's correlation between all features, over the rows where both of a
    pair are present; Pearson's is given beside it. Infinite cells count as missing. A pair present
    together in fewer than 30 rows (or not all rows of a shorter table, or under ten) is not
    compared.

    Parameters
    ----------
    source : ArrowSource
    names : sequence of str
        Numeric, boolean or temporal features.
    rows : int
        At most this many, drawn at random; fewer, but never under 4,000, where rows × features
        would pass 20 million cells.
    features : mapping of str to Feature, optional
        Their sentinels count as missing.
    seed : int
        Of the random rows.
    progress : callable, optional
        ``progress("redundancy", done, total)``: a step for each feature read and each one compared.

    Returns
    -------
    redundancy : Redundancy
    """
    wanted = min(rows, max(_FEWEST_ROWS, _MOST_CELLS // max(len(names), 1)))
    used = min(wanted, source.num_rows)
    ranks, values = (
        StandardizedFeatures.empty(len(names), used),
        np.zeros((len(names), used), np.float32),
    )
    linear = StandardizedFeatures(values, ranks.present, ranks.complete)
    marks: list[bytes] = []
    for k, (_name, cells) in enumerate(sampled_numbers(source, names, used, features, seed)):
        ranks.put(k, cells, "spearman")
        linear.put(k, cells, "pearson")
        marks.append(_mark(cells) if ranks.cells[k].any() else b"")
        report(progress, "redundancy", k + 1, 2 * len(names))
    search = _Search(ranks, progress)
    first, second, r = search.strong_pairs()
    order = np.lexsort((second, first, -np.abs(r)))
    first, second, r = first[order], second[order], r[order]
    nearest, nearest_r = search.nearest()
    strongest = slice(0, _MOST_PAIRS)
    return Redundancy(
        tuple(names),
        first[strongest],
        second[strongest],
        r[strongest].astype(np.float64).round(6),  # what float32 sums hold
        rows=used,
        exact=used == source.num_rows,
        found=first.size,
        pearson=linear.pairs(first[strongest], second[strongest]).round(6),
        leaders=_leaders(first, second, len(names)),
        copies=_copies(marks),
        nearest=nearest,
        nearest_r=nearest_r,
        nearest_pearson=_pearson_of(linear, nearest),
    )


class _Search:
    """Goes through all pairs block by block, so that no features × features matrix is held."""

    def __init__(self, ranks: StandardizedFeatures, progress: Progress | None) -> None:
        self._ranks, self._progress = ranks, progress
        self._size, rows = ranks.cells.shape
        self._fewest = max(_FEWEST_ANYHOW, min(FEWEST_TOGETHER, rows))
        # one more column than is kept: each feature meets itself
        self._top = np.full((self._size, NEIGHBOURS), -1, np.int32)
        self._top_r = np.zeros((self._size, NEIGHBOURS), np.float32)

    def strong_pairs(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """Return pairs with |r| ≥ .9, and remember the nearest of each feature on the way."""
        first, second, strength = (
            [np.empty(0, np.int32)],
            [np.empty(0, np.int32)],
            [np.empty(0, np.float32)],
        )
        for row_start, column_start, r in self._blocks():
            i, j = np.nonzero(np.abs(r) >= THRESHOLD)
            above = i + row_start < j + column_start
            first.append((i[above] + row_start).astype(np.int32))
            second.append((j[above] + column_start).astype(np.int32))
            strength.append(r[i[above], j[above]])
            self._keep_nearest(row_start, column_start, r)
            if row_start != column_start:
                self._keep_nearest(column_start, row_start, r.T)
        return np.concatenate(first), np.concatenate(second), np.concatenate(strength)

    def _blocks(self) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
        for row_start in range(0, self._size, _BLOCK):
            for column_start in range(row_start, self._size, _BLOCK):
                r, n = self._ranks.block(
                    slice(row_start, row_start + _BLOCK), slice(column_start, column_start + _BLOCK)
                )
                r = np.where((n >= self._fewest) & ~np.isnan(r), r, 0).astype(np.float32)
                if row_start == column_start:
                    np.fill_diagonal(r, 0)
                yield row_start, column_start, r
            report(
                self._progress,
                "redundancy",
                self._size + min(row_start + _BLOCK, self._size),
                2 * self._size,
            )

    def _keep_nearest(self, row_start: int, column_start: int, r: NDArray[np.float32]) -> None:
        """Merge a block's strongest columns into what is known of its rows."""
        rows = slice(row_start, row_start + r.shape[0])
        best = min(NEIGHBOURS, r.shape[1])
        place = np.argpartition(-np.abs(r), best - 1, axis=1)[:, :best]
        value = np.concatenate([self._top_r[rows], np.take_along_axis(r, place, axis=1)], axis=1)
        index = np.concatenate([self._top[rows], (place + column_start).astype(np.int32)], axis=1)
        order = np.argsort(-np.abs(value), axis=1, kind="stable")[:, :NEIGHBOURS]
        self._top_r[rows] = np.take_along_axis(value, order, axis=1)
        self._top[rows] = np.take_along_axis(index, order, axis=1)

    def nearest(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        none = self._top_r == 0
        return np.where(none, -1, self._top).astype(np.int32), np.where(none, np.nan, self._top_r)


def _pearson_of(linear: StandardizedFeatures, nearest: NDArray[np.int32]) -> NDArray[np.float32]:
    r = np.full(nearest.shape, np.nan, np.float32)
    i, k = np.nonzero(nearest >= 0)
    r[i, k] = linear.pairs(i, nearest[i, k])
    return r


def _mark(cells: NDArray[np.float64]) -> bytes:
    """Name cells by their content: equal cells, equal names."""
    settled = np.where(np.isnan(cells), np.nan, cells + 0.0)  # one NaN, one zero
    return blake2b(settled.tobytes(), digest_size=16).digest()


def _copies(marks: Sequence[bytes]) -> NDArray[np.int32]:
    seen: dict[bytes, int] = {}
    copies = np.full(len(marks), -1, np.int32)
    for position, mark in enumerate(marks):
        if mark and seen.setdefault(mark, position) != position:
            copies[position] = seen[mark]
    return copies


def _leaders(first: NDArray[np.int32], second: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Group features around representatives, most partners first, ties in table order."""
    from scipy.sparse import coo_array

    leaders = np.full(size, -1, np.int32)
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    links = coo_array((np.ones(ends[0].size, np.int8), ends), shape=(size, size)).tocsr()
    degree = np.diff(links.indptr).astype(np.int64)
    while degree.size and degree.max() > 0:
        leader = int(degree.argmax())
        near = links.indices[links.indptr[leader] : links.indptr[leader + 1]]
        group = np.append(near[leaders[near] < 0], leader)
        leaders[group] = leader
        for member in group.tolist():
            degree[links.indices[links.indptr[member] : links.indptr[member + 1]]] -= 1
        degree[group] = 0
    return leaders
