"""Summary of each feature: what its strip shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.gettext import gettext_noop
from explorer.core.number_format import percent
from explorer.features.cells import columns_of
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.profile.counting.column_counts import cells_of, count_column
from explorer.profile.counting.counts import NumberCounts
from explorer.profile.counting.histogram import Histogram, histogram
from explorer.profile.counting.level_counts import LevelCounts
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from explorer.features.kind import Feature
    from explorer.profile.counting.distribution import Distribution
    from explorer.sources.source import ArrowSource

__all__ = ["EXACT_CELLS", "FeatureSummary", "count_outside_range", "summarize", "summary_notes"]

EXACT_CELLS = (
    60_000_000  # rows × columns up to which every cell is read: a few seconds on two cores
)
_SAMPLE_CELLS = 20_000_000
_SAMPLE_ROWS = 20_000  # at least: a share of 1 % is then known to ±.14 %
_LEVELS = 50
_ALL_MISSING = gettext_noop("all missing")
_MISSING = gettext_noop("{share} missing")
_CONSTANT = gettext_noop("constant")
_IDENTIFIER = gettext_noop("identifier")
_INFINITE = gettext_noop("{count} infinite")
_OUTSIDE = gettext_noop("{count} outside the valid range")


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureSummary:
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
        False: an estimate, ± .8 %.
    minimum, maximum, mean, std : float or None
        Of the finite values (std with ddof=1); times in seconds since 1970-01-01 UTC. None where
        they do not exist.
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
) -> dict[str, FeatureSummary]:
    """Count each feature once.

    Exact when rows × columns is at most 60 million cells or there are at most 20,000 rows;
    otherwise of rows drawn at random from the whole table, the same rows for every feature, and
    every summary says how many.

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
    summaries: dict[str, FeatureSummary] = {}
    for name, column in columns_of(source, wanted, sampled):
        summaries[name] = _summary_of(features[name], column, sampled)
        report(progress, "summary", len(summaries), len(wanted))
    return summaries


def _sample_rows(rows: int, columns: int) -> int | None:
    if rows * columns <= EXACT_CELLS:
        return None
    wanted = max(_SAMPLE_ROWS, _SAMPLE_CELLS // columns)
    return wanted if wanted < rows else None


def _summary_of(feature: Feature, column: pa.ChunkedArray, sampled: int | None) -> FeatureSummary:
    counts = count_column(feature, cells_of(feature, column), mergeable=False)
    if isinstance(counts, NumberCounts):
        return _of_numbers(feature, counts, sampled)
    if isinstance(counts, LevelCounts):
        return _of_levels(feature, counts, sampled)
    rows, missing = counts.tolist()
    notes = summary_notes(feature, rows, missing)
    return FeatureSummary(
        name=feature.name,
        kind=feature.kind,
        rows=rows,
        sampled=sampled,
        missing=missing,
        notes=notes,
    )


def _of_numbers(feature: Feature, counts: NumberCounts, sampled: int | None) -> FeatureSummary:
    values, std = counts.distribution.values, counts.moments.std
    any_value = values.size > 0
    out = count_outside_range(feature, counts.distribution)
    return FeatureSummary(
        name=feature.name,
        kind=feature.kind,
        rows=counts.rows,
        sampled=sampled,
        missing=counts.missing,
        infinite=counts.infinite,
        distinct=counts.distinct,
        distinct_exact=counts.distinct_exact,
        minimum=float(values[0]) if any_value else None,
        maximum=float(values[-1]) if any_value else None,
        mean=counts.moments.mean if any_value else None,
        std=std if math.isfinite(std) else None,
        histogram=histogram(counts.distribution),
        notes=summary_notes(
            feature, counts.rows, counts.missing, counts.infinite, counts.distinct, out
        ),
    )


def _of_levels(feature: Feature, counts: LevelCounts, sampled: int | None) -> FeatureSummary:
    listed = counts.levels[:_LEVELS] if feature.kind == "categorical" else ()
    present = counts.rows - counts.missing
    return FeatureSummary(
        name=feature.name,
        kind=feature.kind,
        rows=counts.rows,
        sampled=sampled,
        missing=counts.missing,
        distinct=counts.distinct,
        distinct_exact=counts.distinct_exact,
        levels=listed,
        others=present - sum(count for _, count in listed),
        notes=summary_notes(feature, counts.rows, counts.missing, distinct=counts.distinct),
    )


def count_outside_range(feature: Feature, distribution: Distribution) -> int:
    """Count the finite cells outside the catalogue's valid range."""
    low, high = feature.valid_range or (None, None)
    under = 0 if low is None else int(distribution.below(np.array([low]))[0])
    over = (
        0
        if high is None
        else distribution.n - int(distribution.below(np.array([high]), inclusive=True)[0])
    )
    return under + over


def summary_notes(
    feature: Feature,
    rows: int,
    missing: int,
    infinite: int = 0,
    distinct: int | None = None,
    outside: int = 0,
) -> tuple[str, ...]:
    """Return the chips that name a failure; empty when there is none."""
    notes: list[str] = []
    if rows and missing == rows:
        notes.append(_ALL_MISSING)
    elif rows and missing >= 0.01 * rows:
        notes.append(_MISSING.format(share=percent(missing / rows)))
    if distinct == 1:
        notes.append(_CONSTANT)
    if infinite:
        notes.append(_INFINITE.format(count=f"{infinite:,}"))
    if outside:
        notes.append(_OUTSIDE.format(count=f"{outside:,}"))
    if feature.kind == "identifier":
        notes.append(_IDENTIFIER)
    notes.extend(note for note in feature.notes if note in (NUMBERS_AS_TEXT, NOT_PROFILED))
    return tuple(notes)
