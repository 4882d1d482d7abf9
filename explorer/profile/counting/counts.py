"""Counts of a block of rows of a feature of numbers, booleans or times: all a profile needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.profile.counting.cell_order import sample_keys, scratch, sorted_keys
from explorer.profile.counting.column_moments import Moments
from explorer.profile.counting.distinct_values import LIMIT, DistinctValues, Sketch
from explorer.profile.counting.distribution import OUTER, POINTS, Distribution
from explorer.profile.counting.frequent import (
    count_distinct,
    count_few,
    count_range,
    longest_runs,
    most_frequent,
    runs,
    spaced_runs,
)
from explorer.profile.counting.keys import KeyCode
from explorer.profile.counting.sorted_cells import SortedCells
from explorer.profile.present import PresentCells, StoredUnit, present_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["BLOCK_ROWS", "NumberCounts", "count_numbers"]

BLOCK_ROWS = 2**25  # rows counted at once: a column of float64 then takes .3 GB beside itself
_FREQUENT = 20
_CANDIDATES = 1000  # of a block, for those of all blocks
_SMALL_RANGE = 65_536
_SORTED = 4096  # cells up to which looking for few values costs more than sorting
_FEW_SAMPLED = (
    0.25  # share of different values in a sample below which counting is tried before sorting
)


@dataclass(frozen=True, eq=False, kw_only=True)
class NumberCounts:
    """What was counted of a block of rows; times in seconds since 1970-01-01 UTC.

    Parameters
    ----------
    rows : int
    missing : int
        Null, NaN or a sentinel.
    infinite, positive_infinite : int
        Infinite cells, and those of them above zero; they are not missing and enter nothing else.
    zeros, negatives : int
        Of the present cells: those that are neither missing nor infinite.
    sentinels : tuple of (float, int)
        How often each sentinel that is a number came; these cells are in ``missing``.
    moments : Moments
        Of the present cells, as is all that follows.
    distinct : int
        Different values; integers beyond 2⁵³ are told apart.
    distinct_exact : bool
        False: an estimate, ±.81 % (one standard error), where merged blocks have more than
        1,000,000 values.
    distribution : Distribution
        Values and ranks are exact for one block; merged blocks state a rank error.
    frequent : tuple of (float, int)
        Most frequent values with their counts, falling, at most 20, each at least twice.
    frequent_exact : bool
        False: counts are lower bounds, and a value may be left out.
    distinct_values : DistinctValues or None
        What `merged` needs, in stored units.
    unit : StoredUnit
        Of ``kept``.
    """

    rows: int
    missing: int
    infinite: int
    positive_infinite: int
    zeros: int
    negatives: int
    sentinels: tuple[tuple[float, int], ...]
    moments: Moments
    distinct: int
    distinct_exact: bool
    distribution: Distribution
    frequent: tuple[tuple[float, int], ...]
    frequent_exact: bool
    distinct_values: DistinctValues | None = None
    unit: StoredUnit = field(default_factory=StoredUnit)

    @property
    def n(self) -> int:
        """How many present cells there are."""
        return self.moments.n

    def merged(self, other: NumberCounts) -> NumberCounts:
        """Join the counts of two blocks of rows of one column, counted with the same sentinels."""
        if self.distinct_values is None or other.distinct_values is None:
            raise ValueError(
                "counts taken with mergeable=False cannot be merged: "
                "count both blocks with mergeable=True"
            )
        distinct_values = self.distinct_values.merged(other.distinct_values)
        sentinels = zip(self.sentinels, other.sentinels, strict=True)
        return NumberCounts(
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            infinite=self.infinite + other.infinite,
            positive_infinite=self.positive_infinite + other.positive_infinite,
            zeros=self.zeros + other.zeros,
            negatives=self.negatives + other.negatives,
            sentinels=tuple((value, count + more) for (value, count), (_, more) in sentinels),
            moments=self.moments.merged(other.moments),
            distinct=distinct_values.count,
            distinct_exact=distinct_values.exact,
            distribution=self.distribution.merged(other.distribution),
            frequent=_pairs(*distinct_values.top(_FREQUENT), self.unit),
            frequent_exact=distinct_values.sketch is None,
            distinct_values=distinct_values,
            unit=self.unit,
        )


def count_numbers(
    column: pa.ChunkedArray,
    name: str,
    sentinels: Sequence[float | str] = (),
    *,
    mergeable: bool = True,
) -> NumberCounts:
    """Count a block of rows of numbers, booleans or times.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length n
        More than 33,554,432 rows are counted in blocks of that many, which are merged.
    name : str
        For the error.
    sentinels : sequence of float or str
        Values that mean missing (times in seconds), compared in the type of the column. Texts are
        passed over.
    mergeable : bool
        Whether to keep what `NumberCounts.merged` needs: at most 16 MB.

    Raises
    ------
    TableError
        When the column does not hold numbers.
    """
    if len(column) > BLOCK_ROWS:
        starts = range(0, len(column), BLOCK_ROWS)
        blocks = (
            count_numbers(column.slice(start, BLOCK_ROWS), name, sentinels) for start in starts
        )
        return reduce(NumberCounts.merged, blocks)
    cells = present_cells(column, name, sentinels)
    sample = sample_keys(cells.arrays) if cells.n > _SORTED and cells.dtype.itemsize >= 4 else None
    few = _count_few(cells, sample)
    counts = _of_few(cells, *few) if few is not None else _of_many(cells, sample, mergeable)
    scratch.shrink()
    return counts


def _count_few(
    cells: PresentCells, sample: NDArray[Any] | None
) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
    """Count cells without sorting them where they are small integers or have few values."""
    if cells.n == 0:
        return np.empty(0, dtype=cells.dtype), np.empty(0, dtype=np.int64)
    if cells.dtype.kind != "f":
        low = min(int(array.min()) for array in cells.arrays)
        high = max(int(array.max()) for array in cells.arrays)
        if high - low < max(_SMALL_RANGE, cells.n // 4):
            return count_range(cells.arrays, low, high)
    if sample is None or count_distinct(sample) > _FEW_SAMPLED * sample.size:
        return None
    return count_few(cells.arrays)


def _of_few(cells: PresentCells, values: NDArray[Any], counts: NDArray[np.int64]) -> NumberCounts:
    """Put together the counts from the different values, ascending, and how often each occurs."""
    top = most_frequent(values, counts, _CANDIDATES)
    distinct_values = DistinctValues(values=values, counts=counts)
    if values.size > LIMIT:
        distinct_values = _distinct_values(
            top, Sketch.of_keys(KeyCode(values.dtype).keys(values)), values.size
        )
    scaled = cells.unit.values(values)
    distribution = _joined(scaled, np.cumsum(counts), counts, exact=True).thinned(POINTS)
    signs = int(counts[values == 0].sum()), int(counts[values < 0].sum())
    return _put_together(
        cells,
        Moments.weighted(scaled, counts),
        distribution,
        signs,
        values.size,
        top,
        distinct_values,
    )


def _of_many(cells: PresentCells, sample: NDArray[Any] | None, mergeable: bool) -> NumberCounts:
    """Put together the counts from the sorted cells."""
    code = KeyCode(cells.dtype)
    keys = sorted_keys(cells.arrays, sample)
    distinct = count_distinct(keys)
    zero = code.keys(np.zeros(1, dtype=cells.dtype))
    first, last = (int(np.searchsorted(keys, zero, side)[0]) for side in ("left", "right"))
    points, cumulative, equal = spaced_runs(keys, distinct, POINTS)
    scaled = cells.unit.values(code.values(points))
    distribution = _joined(scaled, cumulative, equal, exact=distinct <= POINTS)
    if not distribution.exact:
        plain = cells.dtype.kind == "f" and cells.unit == StoredUnit()
        decode = lambda keys: cells.unit.values(code.values(keys))  # noqa: E731
        ordered = SortedCells(keys, decode, code.keys if plain else None, cells.dtype)
        distribution = _with_ends(distribution, ordered)
        # what is merged outlives the sorted cells
        distribution = distribution if mergeable else replace(distribution, ordered=ordered)
    top, distinct_values = _most_frequent(keys, code, distinct, mergeable)
    largest = float(np.abs(code.values(keys[[0, -1]]).astype(np.float64)).max())
    moments = reduce(Moments.merged, [Moments.of(array, largest) for array in cells.arrays])
    return _put_together(
        cells,
        moments.rescaled(cells.unit.factor),
        distribution,
        (last - first, first),
        distinct,
        top,
        distinct_values,
    )


def _most_frequent(
    keys: NDArray[Any], code: KeyCode, distinct: int, mergeable: bool
) -> tuple[tuple[NDArray[Any], NDArray[np.int64]], DistinctValues | None]:
    if mergeable and distinct <= LIMIT:
        values, counts = runs(keys, distinct)
        distinct_values = DistinctValues(values=code.values(values), counts=counts)
        return distinct_values.top(_FREQUENT), distinct_values
    values, counts = longest_runs(keys, _CANDIDATES if mergeable else _FREQUENT)
    top = code.values(values), counts
    return top, _distinct_values(top, Sketch.of_keys(keys), distinct) if mergeable else None


def _distinct_values(
    top: tuple[NDArray[Any], NDArray[np.int64]], sketch: Sketch, known_count: int
) -> DistinctValues:
    order = np.argsort(top[0])
    return DistinctValues(
        values=top[0][order], counts=top[1][order], sketch=sketch, known_count=known_count
    )


def _with_ends(distribution: Distribution, ordered: SortedCells) -> Distribution:
    """Add the outermost values, which evenly spaced ranks pass over."""
    ends = ordered.ends(OUTER)
    fresh = ends[~np.isin(ends, distribution.values)]
    upto, before = ordered.below(fresh, inclusive=True), ordered.below(fresh)
    values = np.concatenate([distribution.values, fresh])
    order = np.argsort(values, kind="stable")
    cumulative = np.concatenate([distribution.cumulative, upto])[order]
    equal = np.concatenate([distribution.equal, upto - before])[order]
    return Distribution(values[order], cumulative, equal, False)


def _joined(
    values: NDArray[np.float64],
    cumulative: NDArray[np.int64],
    equal: NDArray[np.int64],
    *,
    exact: bool,
) -> Distribution:
    """Return a distribution, joining integers so large that float64 does not tell them apart."""
    distribution = Distribution(values, cumulative, equal, exact)
    return (
        distribution
        if (values[1:] > values[:-1]).all()
        else distribution.transformed(lambda same: same)
    )


def _put_together(
    cells: PresentCells,
    moments: Moments,
    distribution: Distribution,
    signs: tuple[int, int],
    distinct: int,
    top: tuple[NDArray[Any], NDArray[np.int64]],
    distinct_values: DistinctValues | None,
) -> NumberCounts:
    below, above = (int(count) for count in cells.infinite)
    return NumberCounts(
        rows=cells.rows,
        missing=cells.missing,
        infinite=below + above,
        positive_infinite=above,
        zeros=signs[0],
        negatives=signs[1],
        sentinels=tuple(zip(cells.sentinels, cells.sentinel_counts.tolist(), strict=True)),
        moments=moments,
        distinct=distinct,
        distinct_exact=True,
        distribution=distribution,
        frequent=_pairs(top[0][:_FREQUENT], top[1][:_FREQUENT], cells.unit),
        frequent_exact=True,
        distinct_values=distinct_values,
        unit=cells.unit,
    )


def _pairs(
    values: NDArray[Any], counts: NDArray[np.int64], unit: StoredUnit
) -> tuple[tuple[float, int], ...]:
    return tuple(zip(unit.values(values).tolist(), counts.tolist(), strict=True))
