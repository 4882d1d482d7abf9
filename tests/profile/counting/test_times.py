from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.profile.counting.counts import count_numbers
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.times import Times, describe_times

DAY = 86_400.0


def of(times: pd.DatetimeIndex) -> Times:
    found = describe_times(Distribution.of(times.as_unit("s").asi8.astype(float)))
    assert found is not None
    return found


def test_days_are_a_rhythm_and_a_missing_month_is_a_gap() -> None:
    days = pd.date_range("2024-01-01", "2024-06-30", freq="D")
    kept = days[days.month != 3]
    found = of(kept)
    assert (found.step, found.rhythm) == (DAY, "1 day apart (99 % of steps)")
    assert [(gap.start, gap.end) for gap in found.gaps] == [
        (pd.Timestamp("2024-02-29").timestamp(), pd.Timestamp("2024-04-01").timestamp())
    ]
    assert list(found.weekdays) == kept.day_of_week.value_counts().sort_index().tolist()
    assert found.hours == ()


def test_months_and_years_are_told_although_their_lengths_differ() -> None:
    assert (
        of(pd.date_range("2000-01-01", periods=60, freq="MS")).rhythm
        == "a month apart (100 % of steps)"
    )
    assert (
        of(pd.date_range("1950-01-01", periods=60, freq="YS")).rhythm
        == "a year apart (100 % of steps)"
    )


def test_hours_are_those_of_pandas() -> None:
    rng = np.random.default_rng(0)
    times = pd.DatetimeIndex(
        pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, 500), "s")
    )
    found = of(times)
    assert list(found.hours) == np.bincount(times.hour, minlength=24).tolist()
    assert found.rhythm == "irregular"


def test_one_moment_has_no_step_and_nothing_has_no_times() -> None:
    found = of(pd.DatetimeIndex(["2024-01-01", "2024-01-01"]))
    assert found.rhythm == "single moment"
    assert np.isnan(found.step)
    assert describe_times(Distribution.of(np.empty(0))) is None


def test_it_survives_json() -> None:
    found = of(pd.date_range("2024-01-01", periods=30, freq="6h"))
    assert Times.from_document(json.loads(json.dumps(found.document()))) == found


def counted(cells: pd.DatetimeIndex) -> Distribution:
    """Return the distribution of a column too long for all its different times to be kept."""
    column = pa.chunked_array([pa.array(part) for part in np.array_split(cells.to_numpy(), 3)])
    found = count_numbers(column, "at", mergeable=False).distribution
    assert not found.exact
    return found


def test_a_million_times_have_the_gaps_steps_and_calendar_of_all_their_cells() -> None:
    rng = np.random.default_rng(1)
    seconds = np.cumsum(rng.integers(1, 4, 600_000))
    seconds[200_000:] += 9_000
    seconds[400_000:] += 500
    times = pd.DatetimeIndex(
        pd.Timestamp("1969-12-30") + pd.to_timedelta(np.repeat(seconds, 2), "s")
    )
    found = describe_times(counted(times[rng.permutation(times.size)]))
    assert found is not None
    unique = times.unique()
    steps = np.diff(unique.as_unit("s").asi8)
    assert found.exact
    assert (found.step, found.regular) == (
        float(np.median(steps)),
        float((steps == np.median(steps)).mean()),
    )
    assert found.rhythm == "irregular"
    expected = [
        (unique[i].timestamp(), unique[i + 1].timestamp()) for i in np.flatnonzero(steps >= 20)
    ]
    assert [(gap.start, gap.end) for gap in found.gaps] == expected
    assert len(expected) == 2
    assert list(found.weekdays) == np.bincount(times.day_of_week, minlength=7).tolist()
    assert list(found.hours) == np.bincount(times.hour, minlength=24).tolist()


def test_of_equal_gaps_the_earliest_ten_are_kept_also_across_blocks() -> None:
    steps = np.ones(700_000, dtype=np.int64)
    steps[50_000::50_000] = 100
    times = pd.DatetimeIndex(np.cumsum(steps).astype("datetime64[s]"))
    found = describe_times(counted(times))
    assert found is not None
    assert found.rhythm == "1 second apart (100 % of steps)"
    ends = times.asi8[50_000 : 50_000 * 11 : 50_000]
    assert [gap.end for gap in found.gaps] == ends.astype(float).tolist()


def test_where_only_some_times_are_kept_nothing_is_told_but_the_ends() -> None:
    times = pd.DatetimeIndex(np.arange(200_000).astype("datetime64[s]"))
    found = describe_times(replace(counted(times), ordered=None))
    assert found is not None
    assert (found.first, found.last, found.exact) == (0.0, 199_999.0, False)
    assert (found.gaps, found.weekdays, found.hours) == ((), (), ())
    assert found.rhythm == "too many different times to tell"
    assert np.isnan([found.step, found.regular]).all()
    again = Times.from_document(json.loads(json.dumps(found.document(), allow_nan=False)))
    assert again is not None
    assert np.isnan(again.step)
