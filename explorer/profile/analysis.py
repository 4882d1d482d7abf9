"""From the counts of one feature to its profile: shape, Gaussian check, outliers, notes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.profile.checks.gaussian import check_gaussian
from explorer.profile.checks.outliers import find_outliers, rates_after
from explorer.profile.checks.qq import qq_points
from explorer.profile.counting.histogram import (
    histogram,
    log_histogram,
    rank_histogram,
    whole_histogram,
)
from explorer.profile.counting.times import describe_times
from explorer.profile.profile import FeatureProfile
from explorer.profile.statistics import statistics_of
from explorer.profile.summary import count_outside_range, summary_notes

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.profile.checks.gaussian import Gaussian
    from explorer.profile.checks.outliers import Outliers
    from explorer.profile.counting.counts import NumberCounts
    from explorer.profile.counting.level_counts import LevelCounts

__all__ = ["profile_of_levels", "profile_of_missing", "profile_of_numbers"]

_QUANTILES = (
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5,
    0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999,
)  # fmt: skip
_PAGE_BINS = 100
_ROUNDED = gettext_noop("integers beyond 2⁵³ rounded")


@np.errstate(over="ignore", invalid="ignore")  # near 1.8e308 differences are infinite
def profile_of_numbers(
    feature: Feature,
    counts: NumberCounts,
    sampled: int | None = None,
    cycles: tuple[str, ...] = ("day", "week"),
) -> FeatureProfile:
    """Analyse a numeric, boolean or temporal feature.

    Parameters
    ----------
    feature : Feature
    counts : NumberCounts
    sampled : int, optional
        How many random rows were counted; None when all were.
    cycles : tuple of str
        Of the calendar, that cells of a temporal feature have; see `describe_times`.
    """
    started = time.perf_counter()
    distribution = counts.distribution
    out = count_outside_range(feature, distribution)
    gaussian, outliers = _shape(feature, counts)
    quantiles = distribution.quantile(np.array(_QUANTILES)).tolist() if distribution.n else []
    shares = {
        "linear": histogram(distribution, _PAGE_BINS),
        "log": log_histogram(distribution),
        "rank": rank_histogram(distribution),
    }
    return FeatureProfile(
        name=feature.name,
        kind=feature.kind,
        label=feature.label,
        unit=feature.unit,
        rows=counts.rows,
        sampled=sampled,
        exact=sampled is None and counts.distinct_exact and distribution.quantile_error == 0,
        missing=counts.missing,
        infinite=counts.infinite,
        zeros=counts.zeros,
        negatives=counts.negatives,
        distinct=counts.distinct,
        distinct_exact=counts.distinct_exact,
        **statistics_of(counts),
        quantiles={str(share): value for share, value in zip(_QUANTILES, quantiles, strict=False)},
        rank_error=distribution.quantile_error,
        histogram=whole_histogram(distribution),
        strip=histogram(distribution),
        histograms={name: counted for name, counted in shares.items() if counted is not None},
        frequent=counts.frequent,
        times=describe_times(distribution, cycles) if feature.kind == "temporal" else None,
        outside=out,
        sentinels=counts.sentinels,
        gaussian=gaussian,
        qq=qq_points(distribution)
        if gaussian is not None and distribution.values.size > 2
        else None,
        outliers=outliers,
        notes=summary_notes(
            feature, counts.rows, counts.missing, counts.infinite, counts.distinct, out
        )
        + _rounding(counts),
        seconds=time.perf_counter() - started,
    )


def profile_of_levels(
    feature: Feature, counts: LevelCounts, sampled: int | None = None
) -> FeatureProfile:
    """Describe a categorical, text or identifier feature by its levels.

    Parameters
    ----------
    feature : Feature
    counts : LevelCounts
    sampled : int, optional
        How many random rows were counted; None when all were.
    """
    listed = (
        counts.levels
        if feature.kind == "categorical"
        else tuple(level for level in counts.levels[:20] if level[1] > 1)
    )
    return FeatureProfile(
        name=feature.name,
        kind=feature.kind,
        label=feature.label,
        unit=feature.unit,
        rows=counts.rows,
        sampled=sampled,
        exact=sampled is None and counts.distinct_exact,
        missing=counts.missing,
        distinct=counts.distinct,
        distinct_exact=counts.distinct_exact,
        levels=listed,
        longest=counts.longest,
        others=counts.rows - counts.missing - sum(count for _, count in listed),
        notes=summary_notes(feature, counts.rows, counts.missing, distinct=counts.distinct),
    )


def profile_of_missing(
    feature: Feature, rows: int, missing: int, sampled: int | None = None
) -> FeatureProfile:
    """Say of a vector, or of what is not profiled, only how many cells are missing."""
    return FeatureProfile(
        name=feature.name,
        kind=feature.kind,
        label=feature.label,
        unit=feature.unit,
        rows=rows,
        sampled=sampled,
        exact=sampled is None,
        missing=missing,
        notes=summary_notes(feature, rows, missing),
    )


def _shape(feature: Feature, counts: NumberCounts) -> tuple[Gaussian | None, Outliers | None]:
    distribution = counts.distribution
    if feature.kind != "numeric" or distribution.n == 0:
        return None, None
    outliers = find_outliers(
        distribution, frequent=counts.frequent, valid_range=feature.valid_range
    )
    gaussian = check_gaussian(distribution, isolated=outliers.isolated_range)
    tried = {grade.name: grade for grade in gaussian.transforms}
    if gaussian.transform is not None and (used := tried.get(gaussian.transform)) is not None:
        outliers = replace(outliers, after=rates_after(distribution, used.name, used.parameters))
    return gaussian, outliers


def _rounding(counts: NumberCounts) -> tuple[str, ...]:
    """Say when different integers are so large that float64, used for all figures, joins them."""
    distribution = counts.distribution
    joined = (
        counts.distinct_exact and distribution.exact and distribution.values.size < counts.distinct
    )
    return (_ROUNDED,) if joined else ()
