"""Which chunks of which features differ by more than chunks of the reference do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.drift.analysis.tallies import NumberTally
from explorer.drift.analysis.timetable import FEWEST_CHUNKS
from explorer.stats.monitoring.drift_alarms import AlarmRule
from explorer.stats.monitoring.drift_series import level_series, missing_series, number_series
from explorer.stats.monitoring.drift_tests import TESTS, run_drift_tests
from explorer.stats.monitoring.year_season import beyond_wave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.drift.analysis.feature_drift import ChunkReferences, FeatureDrift
    from explorer.drift.analysis.missing_seasons import MissingSeasons
    from explorer.stats.monitoring.drift_series import DriftSeries
    from explorer.stats.monitoring.drift_tests import DriftTests

__all__ = ["OUTSIDE", "RULE", "DriftTest", "Test", "is_trending", "judge_chunks"]

# Rank correlation of a mean with time, within the reference, from which nothing usual can be named.
_ONE_WAY = 0.9

RULE = AlarmRule()
"""Family-wise 5 % over features and chunks, and an effect above .05 standard deviations."""

_RANGES = 0.1  # of the level, on top of it: what is called by ranges alone
# Chunks of which it is asked whether they leave the wave of a year; of long streams later ones may
# be the season.
_MOST_WAVES = 100
_CHANCE = 0.001  # of saying that independent rows repeat
OUTSIDE = 0.01
"""Share of a chunk's values outside the range of the reference below which nothing is called."""

Test = Literal["distance", "creep", "missing", "range"]


@dataclass(frozen=True, eq=False)
class DriftTest:
    """One test of one feature by chunk; arrays of shape (chunks,), NaN where nothing is judged.

    Parameters
    ----------
    feature : str
    test : {"distance", "creep", "missing", "range"}
        Sudden change of the distribution; slow creep of its level; missing values; values outside
        the range of the reference.
    value : ndarray
        The effect in standard deviations of the reference: of numbers the Wasserstein distance, of
        levels the Jensen–Shannon distance on that scale; the moving mean; of the missing rate, on
        the scale 2 arcsin √rate; the share of rows outside the range.
    score : ndarray
        log p / log of what may be spent, p adjusted within the chunk: 1 is the limit.
    threshold : ndarray
        About from which value on a chunk is an alarm.
    alarm : ndarray, bool
    seasonal : ndarray, bool
        What would be an alarm, and may be a season that the reference is too short to know.
    """

    feature: str
    test: Test
    value: NDArray[np.float64]
    score: NDArray[np.float64]
    threshold: NDArray[np.float64]
    alarm: NDArray[np.bool_]
    seasonal: NDArray[np.bool_]


def judge_chunks(
    drifts: Sequence[FeatureDrift],
    against: ChunkReferences,
    can: NDArray[np.bool_],
    calendar: MissingSeasons | None = None,
) -> list[DriftTest]:
    """Judge every feature in every chunk after the reference, in the order of time.

    See `explorer.stats.monitoring.drift_tests.run_drift_tests`.

    Parameters
    ----------
    drifts : sequence of FeatureDrift
    against : ChunkReferences
    can : ndarray of shape (chunks,), bool
        Chunks that are judged.
    calendar : MissingSeasons, optional
        Which seasons the reference is too short to know; None for none.

    Returns
    -------
    list of DriftTest
        Three for each feature but those that are `moving`, four for numbers; none where the
        reference has too few chunks.
    """
    drifts = [drift for drift in drifts if not is_trending(drift, against)]
    if (
        int(against.reference.sum()) < FEWEST_CHUNKS
        or not drifts
        or not (can & ~against.reference).any()
    ):
        return []
    reference, season = against.reference[can], against.season[can]
    series = [_series(drift, reference, season, can) for drift in drifts]
    missing = np.column_stack([drift.tally.missing[can] for drift in drifts])
    seen = run_drift_tests(series, missing, reference, season, RULE)
    fresh = np.flatnonzero(can)[~reference]
    level = np.broadcast_to(seen.level[:, None, None], seen.adjusted.shape)
    threshold = _thresholds(seen.effects, seen.adjusted, level)
    with np.errstate(divide="ignore"):
        score = np.log(np.maximum(seen.adjusted, 1e-300)) / np.log(level)
    places = [
        i
        for i, drift in enumerate(drifts)
        if isinstance(drift.tally, NumberTally) and not drift.constant
    ]
    ranges = _outside([drifts[i] for i in places], places, against, fresh, seen) if places else []
    every = [
        *ranges,
        *(
            _judgement(
                drift.feature,
                place,
                test,
                fresh,
                len(can),
                (seen.effects, score, threshold),
                seen.called,
            )
            for place, drift in enumerate(drifts)
            for test in range(len(TESTS))
        ),
    ]
    if calendar is None or not any(test.alarm.any() for test in every):
        return every
    sure = _sure_chunks(every, drifts, series, missing, seen, calendar, (reference, season, can))
    return [
        replace(
            test,
            alarm=test.alarm & sure[test.feature, test.test],
            seasonal=test.alarm & ~sure[test.feature, test.test],
        )
        for test in every
    ]


def _sure_chunks(
    every: Sequence[DriftTest],
    drifts: Sequence[FeatureDrift],
    series: Sequence[DriftSeries],
    missing: NDArray[np.int64],
    seen: DriftTests,
    calendar: MissingSeasons,
    chunks: tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]],
) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Return in which chunks an alarm cannot be a season that the reference lacks, (chunks,).

    For each feature and test.

    Those in a part of the year that the reference has; and all from the chunk on in which a figure
    of the feature leaves the wave of a year through the chunks before it, at the level of the
    chunk.
    """
    reference, season, can = chunks
    names = [drift.feature for drift in drifts]
    called = {
        name: np.any([test.alarm for test in every if test.feature == name], axis=0)
        for name in names
    }
    jumped = {name: np.zeros(len(can), bool) for name in names}
    if not calendar.week:
        rows = np.column_stack([series_.rows for series_ in series])
        figures, owner, chance = _figures(series, missing, rows)
        years, own = calendar.years[can], np.flatnonzero(can)
        before, fresh = np.flatnonzero(reference), np.flatnonzero(~reference)
        tests = np.bincount(owner, minlength=len(names)) * len(names)
        left = _MOST_WAVES
        for t, place in enumerate(fresh):
            tested = [
                i
                for i, name in enumerate(names)
                if called[name][own[place]] and not jumped[name].any()
            ]
            if not tested or not left:
                continue
            left -= 1
            past = np.concatenate([before, fresh[: t + 1]])
            p = beyond_wave(
                figures[past], years[past], season[past], chance[past], seen.weights[:, owner]
            )
            for i in tested:
                least = np.nanmin(np.append(p[owner == i], 1.0)) * tests[i]
                jumped[names[i]][own[place] :] = least <= seen.level[t]
    return {
        (test.feature, test.test): jumped[test.feature]
        | (calendar.covered & (test.test != "creep"))
        for test in every
    }


def _figures(
    series: Sequence[DriftSeries], missing: NDArray[np.int64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return all signed figures by chunk, the feature of each, and their chance variances."""
    figures, owner, chance = [missing_series(missing, rows + missing)], [np.arange(len(series))], []
    with np.errstate(divide="ignore"):
        chance.append(1 / (rows + missing))
        for i, series_ in enumerate(series):
            both = np.column_stack([series_.levels, series_.shapes])
            variance = np.append(
                np.full(series_.levels.shape[1], series_.level_variance), series_.shape_variance
            )
            figures.append(both)
            owner.append(np.full(both.shape[1], i))
            chance.append(variance / rows[:, i : i + 1])
    return np.concatenate(figures, axis=1), np.concatenate(owner), np.concatenate(chance, axis=1)


def _outside(
    drifts: Sequence[FeatureDrift],
    places: Sequence[int],
    against: ChunkReferences,
    fresh: NDArray[np.int64],
    seen: DriftTests,
) -> list[DriftTest]:
    """Judge values where the reference has none.

    Of R rows of which k lie outside an interval between two of them, the rate beyond it is a beta
    variable of k + 2 and R − k − 1 (Wilks 1941, doi:10.1214/aoms/1177731788), and the number in a
    chunk beta-binomial. That is so where chunks are alike. Where the levels of chunks differ, one
    of them alone may bring so many values there: the p-value is never smaller than that of the
    level which would, on the scale of normal scores. Rows that repeat, such as those of one person,
    bring several such values at once: rows are counted as so many fewer as the reference says, see
    `_clumping`.
    """
    from scipy.special import ndtri
    from scipy.stats import betabinom

    size, m = len(against.reference), len(drifts)
    level = (_RANGES * seen.level / m)[:, None]
    tallies = [drift.tally for drift in drifts]
    counts = np.stack(
        [
            tally.counts[:, [0, -2]].sum(axis=1)
            for tally in tallies
            if isinstance(tally, NumberTally)
        ],
        axis=1,
    )
    rows = np.stack([drift.rows for drift in drifts], axis=1)
    clumping = np.array([_clumping(tally.counts[against.reference, :-1]) for tally in tallies])
    k = np.ceil(counts[against.reference].sum(axis=0) / clumping)
    usual = np.floor(rows[against.reference].sum(axis=0) / clumping)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts[fresh] / rows[fresh]
        hits, n = np.floor(counts[fresh] / clumping), np.ceil(rows[fresh] / clumping)
        p = betabinom.sf(hits - 1, n, k + 2, np.maximum(usual - k - 1, 1))
        shifts = np.zeros((len(fresh), seen.effects.shape[1]))
        shifts[:, places] = np.maximum(ndtri(1 - 0.5 / usual) + ndtri(share), 0.0)
        p = np.where(
            counts[fresh] > 0, np.maximum(p, seen.reference_levels.moved(shifts)[:, places]), 1.0
        )
        called = (p <= level) & (share >= OUTSIDE)
        # what is sure and small is no alarm: its score stays below the limit
        sure = np.log(np.maximum(p, 1e-300)) / np.log(level)
        scores = np.where(called, sure, np.minimum(sure, np.minimum(share / OUTSIDE, 0.99)))
    value, score, alarm = (
        np.full((m, size), np.nan),
        np.full((m, size), np.nan),
        np.zeros((m, size), bool),
    )
    value[:, fresh], score[:, fresh], alarm[:, fresh] = share.T, scores.T, called.T
    threshold = np.where(np.isnan(value), np.nan, OUTSIDE)
    return [
        DriftTest(
            drift.feature, "range", value[i], score[i], threshold[i], alarm[i], np.zeros(size, bool)
        )
        for i, drift in enumerate(drifts)
    ]


def _clumping(counts: NDArray[np.int64]) -> float:
    """Return how many times more counts of bins differ between chunks than by chance.

    1 within what independent rows would give.

    Pearson's X² of chunks × bins over its degrees of freedom, the mean design effect of the cells
    (Rao and Scott 1981, doi:10.1080/01621459.1981.10477633).
    """
    from scipy.stats import chi2

    held = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    freedom = (held.shape[0] - 1) * (held.shape[1] - 1)
    if freedom < 1:
        return 1.0
    expected = held.sum(axis=1, keepdims=True) * held.sum(axis=0) / held.sum()
    statistic = float(((held - expected) ** 2 / expected).sum())
    return max(statistic / freedom, 1.0) if statistic > chi2.isf(_CHANCE, freedom) else 1.0


def is_trending(drift: FeatureDrift, against: ChunkReferences) -> bool:
    """Say whether a number rises or falls all through the reference.

    As counters and parts of dates do: nothing of it is usual.

    It would also make all features look as if they moved so, since what lasts from chunk to chunk
    is learnt from all of them.
    """
    from scipy.stats import rankdata

    some = drift.mean[against.reference]
    if (
        drift.constant
        or len(some) < FEWEST_CHUNKS
        or not np.isfinite(some).all()
        or np.ptp(some) == 0
    ):
        return False
    return bool(abs(np.corrcoef(rankdata(some), np.arange(len(some)))[0, 1]) >= _ONE_WAY)


def _series(
    drift: FeatureDrift,
    reference: NDArray[np.bool_],
    season: NDArray[np.int64],
    can: NDArray[np.bool_],
) -> DriftSeries:
    tally = drift.tally
    if not isinstance(tally, NumberTally):
        return level_series(tally.counts[can], reference, season)
    return number_series(
        tally.counts[can, :-1],
        tally.sums[can],
        tally.bins.edges - tally.shift,
        reference,
        season,
        0.0 if drift.constant else drift.deviation,
    )


def _thresholds(
    effects: NDArray[np.float64], adjusted: NDArray[np.float64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return about from which effects on tests are called.

    Effects grow about as normal quantiles of their p-values do.

    Where a chunk is near what is usual its own p-value says little: the median of the feature's
    other chunks is taken, NaN without any.
    """
    from scipy.special import ndtri

    with np.errstate(all="ignore"):
        own, limit = -ndtri(adjusted / 2), -ndtri(level / 2)
        ratios = np.where((own > 1) & np.isfinite(own), np.abs(effects) / own, np.nan)
        several = np.isfinite(ratios).sum(axis=0)
        ordered = np.sort(ratios, axis=0)
        usual = np.take_along_axis(ordered, np.maximum(several - 1, 0)[None] // 2, axis=0)
        thresholds = np.where(np.isfinite(ratios), ratios, usual) * limit
    return np.where(
        np.isnan(effects) | np.isnan(thresholds), np.nan, np.maximum(thresholds, RULE.floor)
    )


def _judgement(
    feature: str,
    place: int,
    test: int,
    fresh: NDArray[np.int64],
    chunks: int,
    figures: tuple[NDArray[np.float64], ...],
    called: NDArray[np.bool_],
) -> DriftTest:
    value, score, threshold = (np.full(chunks, np.nan) for _ in range(3))
    for whole, part in zip((value, score, threshold), figures, strict=True):
        whole[fresh] = part[:, place, test]
    alarm = np.zeros(chunks, bool)
    alarm[fresh] = called[:, place, test]
    names: tuple[Test, ...] = ("distance", "creep", "missing")
    return DriftTest(feature, names[test], value, score, threshold, alarm, np.zeros(chunks, bool))
