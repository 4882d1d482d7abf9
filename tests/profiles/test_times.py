from __future__ import annotations

import json

import numpy as np
import pandas as pd

from explorer.profiles.distribution import Distribution
from explorer.profiles.times import Times, times_of

DAY = 86_400.0


def of(times: pd.DatetimeIndex) -> Times:
    found = times_of(Distribution.of(times.as_unit("s").asi8.astype(float)))
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
    assert of(pd.date_range("2000-01-01", periods=60, freq="MS")).rhythm == "a month apart (100 % of steps)"
    assert of(pd.date_range("1950-01-01", periods=60, freq="YS")).rhythm == "a year apart (100 % of steps)"


def test_hours_are_those_of_pandas() -> None:
    rng = np.random.default_rng(0)
    times = pd.DatetimeIndex(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, 500), "s"))
    found = of(times)
    assert list(found.hours) == np.bincount(times.hour, minlength=24).tolist()
    assert found.rhythm == "irregular"


def test_one_moment_has_no_step_and_nothing_has_no_times() -> None:
    found = of(pd.DatetimeIndex(["2024-01-01", "2024-01-01"]))
    assert found.rhythm == "single moment"
    assert np.isnan(found.step)
    assert times_of(Distribution.of(np.empty(0))) is None


def test_it_survives_json() -> None:
    found = of(pd.date_range("2024-01-01", periods=30, freq="6h"))
    assert Times.from_document(json.loads(json.dumps(found.document()))) == found
