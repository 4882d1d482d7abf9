"""Relevance: how much each feature says of a chosen target, and whether it says too much."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.gettext import _
from explorer.core.json_values import fields_document
from explorer.core.number_format import fraction
from explorer.features.cells import columns_of
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.profile.relations.correlations import numbers_of, standardized
from explorer.profile.relations.leakage import (
    FEWEST,
    LEAK,
    leak_of_auc,
    leak_of_classes,
    leak_of_levels,
    leak_of_r,
    leak_of_v,
)
from explorer.profile.relations.relevance_target import RelevanceTarget, binned, coded, read_target
from explorer.stats.association import (
    Association,
    correlation_ratio,
    cramers_v,
    cross_table,
    mutual_information,
)
from explorer.stats.classification.auc import Auc, auc, auc_of_counts
from explorer.stats.correlation import correlation_interval, correlation_p_value
from explorer.stats.ranks import average_ranks
from explorer.stats.testing.fdr import adjusted
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["Relevance", "RelevanceRow", "relevance"]

# Conventions.
_BINS = 16  # for the mutual information
_FINE_BINS = 256  # for the leakage check of a number against classes, at least 50 rows each


@dataclass(frozen=True, kw_only=True)
class RelevanceRow:
    """What one feature says of the target.

    Parameters
    ----------
    feature, kind : str
    measure : {"auc", "spearman", "correlation_ratio", "cramers_v"}
        For two classes and a number "auc", the chance that a row of the positive class has the
        larger value; for two numbers "spearman"; for a number and a category (or more classes)
        "correlation_ratio", the share of the variance of the number's ranks between them (η²,
        corrected for chance); for two categories "cramers_v", corrected for chance.
    value, low, high : float
        With its 95 % interval; NaN where undefined.
    p_value, p_adjusted : float
        Of independence (Mann–Whitney, Spearman's t, Kruskal–Wallis, χ²), and adjusted for all tests
        of the table.
    strength : float
        The value on one scale from 0 to 1 for all measures: |2 AUC − 1|, |r|, √η², V.
    n : int
        Rows where both are present.
    mutual_information : float
        In nats, of numbers in 16 bins of equal counts, corrected for chance.
    leak : str
        Why it seems to give the target away, in words; empty when it does not.
    missing : int
        Rows with the target in which the feature is missing.
    missing_measure : {"auc", "cramers_v"}
        For two classes, the chance that a row of the positive class misses the feature and another
        does not (half for equal ones); for a number, the chance that the target is larger where the
        feature is missing.
    missing_value, missing_low, missing_high, missing_p_value, missing_p_adjusted : float
        How much being missing says of the target; NaN when nothing or everything is missing.
    """

    feature: str
    kind: str
    measure: str
    value: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    strength: float
    n: int
    mutual_information: float
    leak: str
    missing: int
    missing_measure: str
    missing_value: float
    missing_low: float
    missing_high: float
    missing_p_value: float
    missing_p_adjusted: float

    @property
    def least_strength(self) -> float:
        """The smallest strength within the interval; 0 when it holds no relation."""
        neutral = 0.5 if self.measure == "auc" else 0.0
        if math.isnan(self.value) or self.low <= neutral <= self.high:
            return 0.0
        return min(_strength(self.measure, self.low), _strength(self.measure, self.high))


@dataclass(frozen=True, kw_only=True)
class Relevance:
    """How much each feature says of a target.

    Parameters
    ----------
    target : str
    target_kind : {"number", "two classes", "classes"}
    classes : tuple of str
        By falling count, at most 51; of two the last is the positive one. Empty for a number.
    rows : list of RelevanceRow
        By falling least strength within the interval.
    left_out : dict of str to str
        Features that cannot be compared, with the reason.
    looked_at : int
        Rows that have the target.
    sampled : int or None
        How many of the table's rows were drawn at random; None: all.
    """

    target: str
    target_kind: str
    classes: tuple[str, ...]
    rows: list[RelevanceRow]
    left_out: dict[str, str]
    looked_at: int
    sampled: int | None

    @property
    def words(self) -> str:
        """How it was computed, in a sentence."""
        rows_text = (
            _("a random sample of {count:,} rows").format(count=self.sampled)
            if self.sampled
            else _("all rows")
        )
        target_text = (
            f"{self.target} = {self.classes[-1]}"
            if self.target_kind == "two classes"
            else self.target
        )
        tests = sum(
            not math.isnan(p) for row in self.rows for p in (row.p_value, row.missing_p_value)
        )
        return _(
            "{features:,} features against {target}, on {count:,} rows that have it, of {rows}; "
            "95 % intervals, p-values adjusted over {tests:,} tests (Benjamini–Hochberg)"
        ).format(
            features=len(self.rows),
            target=target_text,
            count=self.looked_at,
            rows=rows_text,
            tests=tests,
        )

    def to_arrow(self) -> pa.Table:
        """Return a row a feature."""
        import pyarrow as pa

        return pa.Table.from_pylist([asdict(row) for row in self.rows])

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as null."""
        return {**fields_document(self), "words": self.words}


def relevance(
    source: ArrowSource,
    features: Mapping[str, Feature],
    target: str,
    *,
    rows: int = 100_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Relevance:
    """Hold every feature against a target.

    Rows without the target are left out; each feature is compared on the rows where it is present
    (an infinite cell counts as missing), and its being missing is compared by itself.

    Parameters
    ----------
    source : ArrowSource
    features : mapping of str to Feature
        The target among them.
    target : str
        A numeric, temporal, boolean or categorical feature; a number of two different values is two
        classes.
    rows : int
        At most this many, drawn at random.
    seed : int
        Of the random rows.
    progress : callable, optional
        ``progress("relevance", done, total)`` in features.

    Returns
    -------
    relevance : Relevance

    Raises
    ------
    UnknownName
        No such target.
    FeatureError
        A target that does not vary, is of another kind, or whose levels hardly repeat.
    """
    if target not in features:
        raise unknown_name("feature", target, features)
    sampled = rows if rows < source.num_rows else None
    target_column = read_target(source, features[target], sampled, seed)
    left_out = {
        name: why
        for name, feature in features.items()
        if name != target and (why := _unfit(feature))
    }
    names = [name for name in features if name != target and name not in left_out]
    results: list[RelevanceRow] = []
    for name, column in columns_of(source, names, sampled, seed):
        results.append(_row_of(features[name], column, target_column))
        report(progress, "relevance", len(results), len(names))
    results = _corrected(results)
    return Relevance(
        target=target,
        target_kind=target_column.kind,
        classes=target_column.classes,
        rows=sorted(results, key=lambda row: (-row.least_strength, -_or_less(row.strength))),
        left_out=left_out,
        looked_at=int(target_column.present.sum()),
        sampled=sampled,
    )


def _unfit(feature: Feature) -> str:
    if NUMBERS_AS_TEXT in feature.notes:
        return NUMBERS_AS_TEXT
    if feature.kind in ("numeric", "boolean", "temporal", "categorical"):
        return ""
    return NOT_PROFILED if NOT_PROFILED in feature.notes else feature.kind


def _corrected(rows: list[RelevanceRow]) -> list[RelevanceRow]:
    """Adjust all tests of the table as one family."""
    tests = (
        adjusted([p for row in rows for p in (row.p_value, row.missing_p_value)])
        .reshape(-1, 2)
        .tolist()
    )
    return [
        replace(row, p_adjusted=own, missing_p_adjusted=missing)
        for row, (own, missing) in zip(rows, tests, strict=True)
    ]


class _Figure(NamedTuple):
    measure: str
    value: float
    low: float
    high: float
    p_value: float


def _strength(measure: str, value: float) -> float:
    if measure == "auc":
        return abs(2 * value - 1)
    return math.sqrt(value) if measure == "correlation_ratio" else abs(value)


def _or_less(strength: float) -> float:
    return -1.0 if math.isnan(strength) else strength


def _row_of(feature: Feature, column: pa.ChunkedArray, target: RelevanceTarget) -> RelevanceRow:
    if feature.kind == "categorical":
        codes, _more = coded(column, feature)
        used = target.present & (codes >= 0)
        figure, information, leak = _of_category(codes[used], target, used)
    else:
        cells = numbers_of(column, feature.name, feature.sentinels)
        used = target.present & ~np.isnan(cells)
        figure, information, leak = _of_number(cells[used], target, used)
    gone = target.present & ~used
    missing = _of_missing(gone[target.present], target)
    if target.kind != "number" and not leak:
        present = target.present
        leak = leak_of_levels(
            gone[present].astype(np.int64),
            target.codes[present],
            _("whether it is missing"),
            target.name,
        )
    return RelevanceRow(
        feature=feature.name,
        kind=feature.kind,
        **figure._asdict(),
        p_adjusted=math.nan,
        strength=_strength(figure.measure, figure.value),
        n=int(used.sum()),
        mutual_information=information,
        leak=leak,
        missing=int(gone.sum()),
        **{f"missing_{key}": value for key, value in missing._asdict().items()},
        missing_p_adjusted=math.nan,
    )


def _of_number(
    cells: NDArray[np.float64], target: RelevanceTarget, used: NDArray[np.bool_]
) -> tuple[_Figure, float, str]:
    ranks, codes = average_ranks(cells), target.codes[used]
    information = _information(binned(ranks, _BINS), codes)
    if target.kind == "number":
        values = target.values[used]
        figure = _spearman(ranks, values)
        linear = float(standardized(cells, "pearson") @ standardized(values, "pearson"))
        return (
            figure,
            information,
            leak_of_r(max((figure.value, linear), key=abs), cells.size, target.name),
        )
    if target.kind == "two classes":
        figure = _auc(ranks, codes == 1)
        leak = leak_of_auc(figure.value, cells.size, target.name)
    else:
        figure = _figure("correlation_ratio", correlation_ratio(cells, codes))
        leak = leak_of_classes(ranks, codes, target.classes, target.name) if codes.size else ""
    fine = binned(ranks, max(1, min(_FINE_BINS, cells.size // 50)))
    return figure, information, leak or leak_of_levels(fine, codes, _("its value"), target.name)


def _of_category(
    codes: NDArray[np.int64], target: RelevanceTarget, used: NDArray[np.bool_]
) -> tuple[_Figure, float, str]:
    classes = target.codes[used]
    information = _information(codes, classes)
    if target.kind == "number":
        figure = _figure("correlation_ratio", correlation_ratio(target.values[used], codes))
        gives = figure.value >= LEAK**2 and codes.size >= FEWEST
        return (
            figure,
            information,
            _("its level reveals {target} (η² {eta})").format(
                target=target.name, eta=fraction(figure.value)
            )
            if gives
            else "",
        )
    figure = _figure("cramers_v", cramers_v(cross_table(codes, classes)))
    leak = leak_of_levels(codes, classes, _("its level"), target.name)
    return figure, information, leak or leak_of_v(figure.value, codes.size, target.name)


def _of_missing(missing: NDArray[np.bool_], target: RelevanceTarget) -> _Figure:
    if not missing.any() or missing.all():
        measure = "cramers_v" if target.kind == "classes" else "auc"
        return _Figure(measure, math.nan, math.nan, math.nan, math.nan)
    if target.kind == "number":
        return _of_auc(auc(target.values[target.present], missing))
    table = cross_table(missing.astype(np.int64), target.codes[target.present])
    if target.kind == "two classes":
        return _of_auc(auc_of_counts(table[:, 1], table[:, 0]))
    return _figure("cramers_v", cramers_v(table))


def _information(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    return mutual_information(cross_table(first, second)) if first.size else math.nan


def _auc(ranks: NDArray[np.float64], positive: NDArray[np.bool_]) -> _Figure:
    """Count by twice the rank, which is whole: no second sort."""
    place = (2 * ranks).astype(np.int64)
    table = cross_table(place, positive.astype(np.int64), columns=2)
    table = table[table.any(axis=1)] if place.size else np.zeros((1, 2), np.int64)
    return _of_auc(auc_of_counts(table[:, 1], table[:, 0]))


def _of_auc(result: Auc) -> _Figure:
    return _Figure("auc", result.value, result.low, result.high, result.p_value)


def _figure(measure: str, association: Association) -> _Figure:
    return _Figure(
        measure, association.value, association.low, association.high, association.p_value
    )


def _spearman(ranks: NDArray[np.float64], values: NDArray[np.float64]) -> _Figure:
    first, second = standardized(ranks, "pearson"), standardized(values, "spearman")
    r = float(np.clip(first @ second, -1, 1)) if first.any() and second.any() else math.nan
    low, high = correlation_interval(r, ranks.size)
    return _Figure("spearman", r, low, high, correlation_p_value(r, ranks.size))
