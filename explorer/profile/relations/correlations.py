"""Correlation of features: cells on one scale, and Pearson's or Spearman's r of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from explorer.features.cells import columns_of, without_sentinels
from explorer.features.kind import is_text
from explorer.sources.columns import column_as_numbers
from explorer.sources.text_numbers import parse_numbers
from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = [
    "FEWEST_TOGETHER",
    "Method",
    "StandardizedFeatures",
    "numbers_of",
    "sampled_numbers",
    "standardized",
]

Method = Literal["pearson", "spearman"]
FEWEST_TOGETHER = 30  # a convention: features present together in fewer rows are not compared
_CONSTANT = (
    1e-6  # share of a feature's variance below which, in the rows of a pair, it does not vary
)


def numbers_of(
    column: pa.ChunkedArray, name: str, sentinels: Sequence[float | str] = ()
) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where it is missing, infinite or a sentinel.

    Returns
    -------
    cells : ndarray of shape (n,), float64
        It may be the column itself: not to be written to.
    """
    if is_text(column.type):
        column = pa.chunked_array([parse_numbers(column)])
    column = without_sentinels(column, sentinels)  # compared in the type of the column
    cells = column_as_numbers(column, name)
    out = ~np.isfinite(cells)
    return np.where(out, np.nan, cells) if out.any() else cells


def sampled_numbers(
    source: ArrowSource,
    names: Sequence[str],
    rows: int,
    features: Mapping[str, Feature] | None = None,
    seed: int = 0,
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Read features as `numbers_of` gives them, all rows or the same ``rows`` random ones."""
    sampled = rows if rows < source.num_rows else None
    for name, column in columns_of(source, names, sampled, seed):
        sentinels = features[name].sentinels if features and name in features else ()
        yield name, numbers_of(column, name, sentinels)


def standardized(cells: NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """Return cells, or their average ranks, with mean 0 and norm 1 over those present.

    Parameters
    ----------
    cells : ndarray of shape (n,), float64
        NaN where missing.
    method : {"pearson", "spearman"}
        Spearman ranks them first.

    Returns
    -------
    standard : ndarray of shape (n,), float64
        0 where missing, and throughout for a feature that does not vary.
    """
    present = ~np.isnan(cells)
    values = cells if present.all() else cells[present]
    if values.size == 0 or values.min() == values.max():
        return np.zeros(cells.size)
    if method == "spearman":
        values = average_ranks(values)
    greatest = float(np.abs(values).max())
    if not 1e-100 < greatest < 1e100:  # their squares would overflow, or vanish
        values = values / greatest
    values = values - values.mean()
    norm = float(np.linalg.norm(values))
    standard = np.zeros(cells.size)
    standard[present] = values / norm if norm > 0 else 0.0
    return standard


@dataclass(frozen=True, eq=False)
class StandardizedFeatures:
    """Features on one scale, ready to be multiplied.

    Parameters
    ----------
    cells : ndarray of shape (p, n), float32 or float64
        A feature a row, as `standardized` gives them.
    present : ndarray of shape (p, n), of the same dtype
        1 where a cell is present, 0 where missing.
    complete : ndarray of shape (p,), bool
        Features without a missing cell.
    """

    cells: NDArray[np.floating[Any]]
    present: NDArray[np.floating[Any]]
    complete: NDArray[np.bool_]

    @classmethod
    def empty(
        cls, features: int, rows: int, dtype: type[np.floating[Any]] = np.float32
    ) -> StandardizedFeatures:
        """Make room for features; each is then `put`."""
        cells, present = np.zeros((features, rows), dtype), np.ones((features, rows), dtype)
        return cls(cells, present, np.ones(features, dtype=bool))

    def put(self, position: int, cells: NDArray[np.float64], method: Method) -> None:
        """Set one feature from its cells of shape (n,), NaN where missing."""
        self.cells[position] = standardized(cells, method)
        missing = np.isnan(cells)
        if missing.any():
            self.present[position] = ~missing
            self.complete[position] = False

    def block(
        self, first: slice, second: slice
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
        """Correlate some features with some others, each pair over the rows where both are present.

        Returns
        -------
        r : ndarray of shape (features of ``first``, features of ``second``)
            NaN where undefined: one of the two does not vary in those rows.
        n : ndarray of the same shape
            How many rows those are.
        """
        a, b = self.cells[first], self.cells[second]
        cross = a @ b.T
        if self.complete[first].all() and self.complete[second].all():
            varies = np.outer(a.any(axis=1), b.any(axis=1))
            return np.where(varies, np.clip(cross, -1, 1), np.nan), np.full(
                cross.shape, float(self.cells.shape[1]), a.dtype
            )
        in_a, in_b = self.present[first], self.present[second]
        sums = (cross, a @ in_b.T, in_a @ b.T, (a * a) @ in_b.T, in_a @ (b * b).T, in_a @ in_b.T)
        return _from_sums(*sums), sums[-1]

    def pairs(
        self, first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
    ) -> NDArray[np.float64]:
        """Correlate pairs of features, by their positions; shape (k,), NaN where undefined."""
        r = np.empty(first.size)
        order = np.argsort(first, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(first[order])) + 1):
            if group.size:
                r[group] = self._with_one(int(first[group[0]]), second[group])
        return r

    def _with_one(self, feature: int, others: NDArray[np.integer[Any]]) -> NDArray[Any]:
        a, in_a, b = self.cells[feature], self.present[feature], self.cells[others]
        if self.complete[feature] and self.complete[others].all():
            return np.where(a.any() & b.any(axis=1), np.clip(b @ a, -1, 1), np.nan)
        in_b = self.present[others]
        (cross, sum_b), (sum_a, square_a, n) = (
            np.stack([a, in_a]) @ b.T,
            np.stack([a, a * a, in_a]) @ in_b.T,
        )
        return _from_sums(cross, sum_a, sum_b, square_a, (b * b) @ in_a, n)


def _from_sums(
    cross: NDArray[Any],
    sum_a: NDArray[Any],
    sum_b: NDArray[Any],
    square_a: NDArray[Any],
    square_b: NDArray[Any],
    n: NDArray[Any],
) -> NDArray[Any]:
    """Return r from the sums over the rows where both are present."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread_a, spread_b = square_a - sum_a**2 / n, square_b - sum_b**2 / n
        r = (cross - sum_a * sum_b / n) / np.sqrt(spread_a * spread_b)
        return np.where((spread_a > _CONSTANT) & (spread_b > _CONSTANT), np.clip(r, -1, 1), np.nan)
