"""Judgement: which chunks of which features are beyond what chunks of the reference differ by among themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.inference.drift_alarms import AlarmRule
from explorer.inference.drift_series import level_series, number_series
from explorer.inference.drift_watch import TESTS, watch
from explorer.models.tallies import NumberTally
from explorer.models.timetable import FEWEST_CHUNKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.inference.drift_series import DriftSeries
    from explorer.models.measured import Against, Measured

__all__ = ["OUTSIDE", "RULE", "Judgement", "Test", "judged", "moving"]

_ONE_WAY = (
    0.9  # rank correlation of a mean with time, within the reference, from which nothing usual can be named
)

RULE = AlarmRule()
"""Family-wise 5 % over features and chunks, and an effect above .05 standard deviations."""

_RANGES = 0.1  # of the level, on top of it: what is called by ranges alone
OUTSIDE = 0.01
"""Share of a chunk's values outside the range of the reference below which nothing is called."""

Test = Literal["distance", "creep", "missing", "range"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """One test of one feature by chunk; arrays of shape (chunks,), NaN where nothing is judged.

    Parameters
    ----------
    feature : str
    test : {"distance", "creep", "missing", "range"}
        Sudden change of the distribution; slow creep of its level; missing values; values outside the range of the reference.
    value : ndarray
        The effect in standard deviations of the reference: of numbers the Wasserstein distance, of levels the Jensen–Shannon distance on
        that scale; the moving mean; of the missing rate, on the scale 2 arcsin √rate; the share of rows outside the range.
    score : ndarray
        log p / log of what may be spent, p adjusted within the chunk: 1 is the limit.
    threshold : ndarray
        About from which value on a chunk is an alarm.
    alarm : ndarray, bool
    """

    feature: str
    test: Test
    value: NDArray[np.float64]
    score: NDArray[np.float64]
    threshold: NDArray[np.float64]
    alarm: NDArray[np.bool_]


def judged(found: Sequence[Measured], against: Against, can: NDArray[np.bool_]) -> list[Judgement]:
    """Judge every feature in every chunk after the reference, in the order of time; see `explorer.inference.drift_watch.watch`.

    Parameters
    ----------
    found : sequence of Measured
    against : Against
    can : ndarray of shape (chunks,), bool
        Chunks that are judged.

    Returns
    -------
    list of Judgement
        Three for each feature but those that are `moving`, four for numbers; none where the reference has too few chunks.
    """
    found = [one for one in found if not moving(one, against)]
    if int(against.reference.sum()) < FEWEST_CHUNKS or not found or not (can & ~against.reference).any():
        return []
    reference, season = against.reference[can], against.season[can]
    series = [_series(one, reference, season, can) for one in found]
    missing = np.column_stack([one.tally.missing[can] for one in found])
    seen = watch(series, missing, reference, season, RULE)
    fresh = np.flatnonzero(can)[~reference]
    level = np.broadcast_to(seen.level[:, None, None], seen.adjusted.shape)
    threshold = _thresholds(seen.effects, seen.adjusted, level)
    with np.errstate(divide="ignore"):
        score = np.log(np.maximum(seen.adjusted, 1e-300)) / np.log(level)
    numbers = [one for one in found if isinstance(one.tally, NumberTally) and not one.constant]
    return [*(_outside(one, against, can, fresh, _RANGES * seen.level / len(numbers)) for one in numbers), *(
        _judgement(one.feature, place, test, fresh, len(can), (seen.effects, score, threshold), seen.called)
        for place, one in enumerate(found) for test in range(len(TESTS))
    )]  # fmt: skip


def _outside(
    one: Measured, against: Against, can: NDArray[np.bool_], fresh: NDArray[np.int64], level: NDArray[np.float64]
) -> Judgement:  # fmt: skip
    """Judge values where the reference has none.

    Of R rows of which k lie outside an interval between two of them, the rate beyond it is a beta variable of k + 2 and R − k − 1
    (Wilks 1941, doi:10.1214/aoms/1177731788), and the number in a chunk beta-binomial. Whatever chunks differ by, a chunk of which one row in a hundred lies there is news: no reference row says what is usual there.
    """
    from scipy.stats import betabinom

    assert isinstance(one.tally, NumberTally)
    counts = one.tally.counts[:, [0, -2]].sum(axis=1)
    k, rows = int(counts[against.reference].sum()), int(one.rows[against.reference].sum())
    value, score, alarm = np.full(len(can), np.nan), np.full(len(can), np.nan), np.zeros(len(can), bool)
    m, n = counts[fresh], one.rows[fresh]
    with np.errstate(invalid="ignore", divide="ignore"):
        value[fresh] = m / n
        p = np.where(m > 0, betabinom.sf(m - 1, n, k + 2, max(rows - k - 1, 1)), 1.0)
        called = (p <= level) & (value[fresh] >= OUTSIDE)
        alarm[fresh] = called
        # what is sure and small is no alarm: its score stays below the limit
        sure = np.log(np.maximum(p, 1e-300)) / np.log(level)
        score[fresh] = np.where(called, sure, np.minimum(sure, np.minimum(value[fresh] / OUTSIDE, 0.99)))
    threshold = np.where(np.isnan(value), np.nan, OUTSIDE)
    return Judgement(one.feature, "range", value, score, threshold, alarm)


def moving(one: Measured, against: Against) -> bool:
    """Say whether a number rises or falls all through the reference, as counters and parts of dates do: nothing of it is usual.

    It would also make all features look as if they moved so, since what lasts from chunk to chunk is learnt from all of them.
    """
    from scipy.stats import rankdata

    some = one.mean[against.reference]
    if one.constant or len(some) < FEWEST_CHUNKS or not np.isfinite(some).all() or np.ptp(some) == 0:
        return False
    return bool(abs(np.corrcoef(rankdata(some), np.arange(len(some)))[0, 1]) >= _ONE_WAY)


def _series(
    one: Measured, reference: NDArray[np.bool_], season: NDArray[np.int64], can: NDArray[np.bool_]
) -> DriftSeries:
    tally = one.tally
    if not isinstance(tally, NumberTally):
        return level_series(tally.counts[can], reference, season)
    return number_series(
        tally.counts[can, :-1],
        tally.sums[can],
        tally.bins.edges - tally.shift,
        reference,
        season,
        0.0 if one.constant else one.deviation,
    )


def _thresholds(
    effects: NDArray[np.float64], adjusted: NDArray[np.float64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return about from which effects on tests are called: effects grow about as normal quantiles of their p-values do.

    Where a chunk is near what is usual its own p-value says little: the median of the feature's other chunks is taken, NaN without any.
    """
    from scipy.special import ndtri

    with np.errstate(all="ignore"):
        own, limit = -ndtri(adjusted / 2), -ndtri(level / 2)
        each = np.where((own > 1) & np.isfinite(own), np.abs(effects) / own, np.nan)
        several = np.isfinite(each).sum(axis=0)
        ordered = np.sort(each, axis=0)
        usual = np.take_along_axis(ordered, np.maximum(several - 1, 0)[None] // 2, axis=0)
        found = np.where(np.isfinite(each), each, usual) * limit
    return np.where(np.isnan(effects) | np.isnan(found), np.nan, np.maximum(found, RULE.floor))


def _judgement(
    feature: str, place: int, test: int, fresh: NDArray[np.int64], chunks: int, figures: tuple[NDArray[np.float64], ...],
    called: NDArray[np.bool_],
) -> Judgement:  # fmt: skip
    value, score, threshold = (np.full(chunks, np.nan) for _ in range(3))
    for whole, part in zip((value, score, threshold), figures, strict=True):
        whole[fresh] = part[:, place, test]
    alarm = np.zeros(chunks, bool)
    alarm[fresh] = called[:, place, test]
    names: tuple[Test, ...] = ("distance", "creep", "missing")
    return Judgement(feature, names[test], value, score, threshold, alarm)
