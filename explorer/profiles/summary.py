"""Summary of each feature: what its strip shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import unknown_name
from explorer.features.cells import columns_of, levels, without_sentinels
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT, Feature
from explorer.features.share import percent
from explorer.features.spread import mean_and_std
from explorer.profiles.histogram import Histogram, histogram
from explorer.profiles.tally import Tally, tally
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.table.source import ArrowSource

__all__ = ["EXACT_CELLS", "Summary", "summarize"]

EXACT_CELLS = 60_000_000  # rows × columns up to which every cell is read: a few seconds on two cores
_SAMPLE_CELLS = 20_000_000
_SAMPLE_ROWS = 20_000  # at least: a share of 1 % is then known to ±.14 %
_LEVELS = 50
_DISTINCT = 100_000
_CHUNK = 131_072


@dataclass(frozen=True, eq=False, kw_only=True)
class Summary:
    """What was counted of one feature.

    Parameters
    ----------
    name, kind : str
    rows : int
        Rows counted: all rows of the table, or ``sampled`` of them.
    sampled : int or None
        None: every number is exact. Otherwise all of them are of this many rows drawn at random.
    missing : int
        Null, NaN or a sentinel of the catalogue.
    infinite : int
        Infinite cells; they are not missing and enter nothing else.
    distinct : int
        Different present values.
    distinct_exact : bool
        False: counting stopped, there are more than ``distinct``.
    minimum, maximum, mean, std : float or None
        Of the finite values (std with ddof=1); times in seconds since 1970-01-01 UTC. None where they do not exist.
    histogram : Histogram or None
        For numbers, booleans and times.
    levels : tuple of (str, int)
        The largest 50 levels of a categorical feature with their counts, falling.
    others : int
        Cells in further levels.
    notes : tuple of str
        Chips that name a failure; empty when there is none.
    """

    name: str
    kind: str
    rows: int
    sampled: int | None = None
    missing: int = 0
    infinite: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    histogram: Histogram | None = None
    levels: tuple[tuple[str, int], ...] = ()
    others: int = 0
    notes: tuple[str, ...] = ()

    @property
    def missing_share(self) -> float:
        """Share of rows without a value, 0 to 1; 0 for a table without rows."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def constant(self) -> bool:
        """Whether every present value is the same."""
        return self.distinct == 1


def summarize(
    source: ArrowSource,
    features: Mapping[str, Feature],
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Summary]:
    """Count each feature once.

    Exact when rows × columns is at most 60 million cells or there are at most 20,000 rows; otherwise of rows
    drawn at random from the whole table, the same rows for every feature, and every summary says how many.

    Parameters
    ----------
    source : ArrowSource
    features : mapping of str to Feature
    names : iterable of str, optional
        Which features; all when left out.
    progress : callable, optional
        ``progress("summary", done, total)`` in features.

    Returns
    -------
    summaries : dict of str to Summary
        In the order of ``names``.
    """
    wanted = list(features if names is None else names)
    for name in wanted:
        if name not in features:
            raise unknown_name("feature", name, features)
    sampled = _sample_rows(source.num_rows, len(wanted))
    summaries: dict[str, Summary] = {}
    for name, column in columns_of(source, wanted, sampled):
        summaries[name] = _summary_of(features[name], column, sampled)
        report(progress, "summary", len(summaries), len(wanted))
    return summaries


def _sample_rows(rows: int, columns: int) -> int | None:
    if rows * columns <= EXACT_CELLS:
        return None
    wanted = max(_SAMPLE_ROWS, _SAMPLE_CELLS // columns)
    return wanted if wanted < rows else None


def _summary_of(feature: Feature, column: pa.ChunkedArray, sampled: int | None) -> Summary:
    if feature.kind in ("numeric", "boolean", "temporal"):
        return _of_numbers(
            feature, tally(column, feature.name).without(feature.sentinels), len(column), sampled
        )
    if feature.kind == "categorical":
        return _of_levels(feature, column, sampled)
    distinct, exact = 0, True
    if not pa.types.is_nested(column.type):
        column = without_sentinels(column, feature.sentinels)
        distinct, exact = _count_distinct(column)
    return Summary(
        name=feature.name,
        kind=feature.kind,
        rows=len(column),
        sampled=sampled,
        missing=int(column.null_count),
        distinct=distinct,
        distinct_exact=exact,
        notes=_notes(feature, len(column), int(column.null_count), distinct=distinct),
    )


def _of_numbers(feature: Feature, counted: Tally, rows: int, sampled: int | None) -> Summary:
    mean, std = mean_and_std(counted.values, counted.counts)
    some = counted.values.size > 0
    outside = _outside(feature, counted)
    return Summary(
        name=feature.name,
        kind=feature.kind,
        rows=rows,
        sampled=sampled,
        missing=counted.missing,
        infinite=counted.infinite,
        distinct=counted.values.size,
        minimum=float(counted.values[0]) if some else None,
        maximum=float(counted.values[-1]) if some else None,
        mean=mean if some else None,
        std=std if counted.n > 1 else None,
        histogram=histogram(counted),
        notes=_notes(feature, rows, counted.missing, counted.infinite, counted.values.size, outside),
    )


def _of_levels(feature: Feature, column: pa.ChunkedArray, sampled: int | None) -> Summary:
    _, labels, counts = levels(without_sentinels(column, feature.sentinels))
    missing = len(column) - int(counts.sum())
    return Summary(
        name=feature.name,
        kind=feature.kind,
        rows=len(column),
        sampled=sampled,
        missing=missing,
        distinct=len(labels),
        levels=tuple(zip(labels[:_LEVELS], counts[:_LEVELS].tolist(), strict=True)),
        others=int(counts[_LEVELS:].sum()),
        notes=_notes(feature, len(column), missing, distinct=len(labels)),
    )


def _count_distinct(column: pa.ChunkedArray) -> tuple[int, bool]:
    """Count different cells until there are more than 100,000."""
    seen = pa.chunked_array([], column.type)
    for start in range(0, len(column), _CHUNK):
        fresh = pc.unique(column.slice(start, _CHUNK)).drop_null()
        seen = pa.chunked_array(
            [pc.unique(pa.chunked_array([*seen.chunks, fresh], column.type))], column.type
        )
        if len(seen) > _DISTINCT:
            return _DISTINCT, False
    return len(seen), True


def _outside(feature: Feature, counted: Tally) -> int:
    """Count the finite cells outside the catalogue's valid range."""
    low, high = feature.valid_range or (None, None)
    out = 0
    if low is not None:
        out += int((counted.counts[counted.values < low]).sum())
    if high is not None:
        out += int((counted.counts[counted.values > high]).sum())
    return out


def _notes(
    feature: Feature,
    rows: int,
    missing: int,
    infinite: int = 0,
    distinct: int | None = None,
    outside: int = 0,
) -> tuple[str, ...]:
    notes: list[str] = []
    if rows and missing == rows:
        notes.append("all missing")
    elif rows and missing >= 0.01 * rows:
        notes.append(f"miss {percent(missing / rows)}")
    if distinct == 1:
        notes.append("constant")
    if infinite:
        notes.append(f"{infinite:,} infinite")
    if outside:
        notes.append(f"{outside:,} outside the valid range")
    if feature.kind == "identifier":
        notes.append("identifier")
    notes.extend(note for note in feature.notes if note in (NUMBERS_AS_TEXT, NOT_PROFILED))
    return tuple(notes)
