import numpy as np
import pandas as pd
import pytest

from explorer.ui.plots.ticks import ticks_of, time_in_words, times_in_words


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([-4, 3.25], ("−4", "−3", "−2", "−1", "0", "1", "2", "3")),
        ([0.02, 0.025], ("0.02", "0.021", "0.022", "0.023", "0.024", "0.025")),
        (
            [1998, 2002],
            ("1998", "1998.5", "1999", "1999.5", "2000", "2000.5", "2001", "2001.5", "2002"),
        ),
        ([9_000, 11_000], ("9000", "9500", "10,000", "10,500", "11,000")),
        ([0, 2.5e9], ("0", "5e8", "1e9", "1.5e9", "2e9", "2.5e9")),
        (
            [-2e-7, 2e-7],
            ("−2e−7", "−1.5e−7", "−1e−7", "−5e−8", "0", "5e−8", "1e−7", "1.5e−7", "2e−7"),
        ),
    ],
)
def test_numbers_at_ticks_are_short_and_tell_them_apart(edges, words):
    assert ticks_of(np.array(edges, float)).words == words


def test_times_are_written_as_pandas_reads_them():
    for text in ("1969-07-20 20:17", "2014-12-30", "2001-02-03 04:05:06"):
        seconds = pd.Timestamp(text, tz="UTC").timestamp()
        assert time_in_words(seconds) == text
    assert time_in_words(None) == "–"
    assert time_in_words(1e15) == "1e15 s since 1970"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ("1941-01-01T00:00", "2014-05-02T12:00", ("1941-01-01", "2014-05-02")),
        ("2024-05-06T07:00", "2024-05-06T11:30", ("2024-05-06 07:00", "11:30")),
        ("2024-05-06T07:00:10", "2024-05-06T07:09:59", ("2024-05-06 07:00:10", "07:09:59")),
        ("2024-05-06T22:00", "2024-05-07T04:00", ("2024-05-06 22:00", "05-07 04:00")),
        ("2024-12-31T22:00", "2025-01-01T04:00", ("2024-12-31 22:00", "2025-01-01 04:00")),
    ],
)
def test_two_times_are_told_apart_in_few_words(low, high, words):
    seconds = (float(np.datetime64(one, "s").astype(np.int64)) for one in (low, high))
    assert times_in_words(*seconds) == words


def test_times_that_no_calendar_has_are_seconds():
    assert times_in_words(0.0, 1e15) == ("1970-01-01", "1e15 s since 1970")


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (64, 191), (-29.4, 153.8), (1e-9, 3e-9), (1e12, 1e12 + 7), (-5, 5)]
)
def test_linear_ticks_are_three_to_nine_round_values_inside_the_edges(low, high):
    ticks = ticks_of(np.linspace(low, high, 41))
    at = np.array(ticks.at)
    assert 3 <= at.size <= 9
    assert at[0] >= low
    assert at[-1] <= high
    steps = np.diff(at)
    assert np.allclose(steps, steps[0], rtol=1e-6)
    mantissa = steps[0] / 10.0 ** np.floor(np.log10(steps[0]) + 1e-9)
    assert np.isclose(mantissa, [1, 2, 5], rtol=1e-6).any()
    assert len(set(ticks.words)) == at.size


def test_log_ticks_lie_at_logarithms_of_the_values_they_name():
    ticks = ticks_of(np.geomspace(0.5, 20_000, 30), "log")
    assert ticks.words == ("1", "10", "100", "1000", "10,000")
    assert ticks.at == pytest.approx([0, 1, 2, 3, 4])
    assert ticks_of(np.geomspace(1, 700, 30), "log").words[:4] == ("1", "2", "5", "10")


def test_rank_ticks_name_the_edges_they_stand_at():
    edges = np.array([0.0, 1, 5, 25, 400])
    ticks = ticks_of(edges, "rank")
    assert ticks.words == ("0", "1", "5", "25", "400")
    assert ticks.at == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("1940-01-01", "2014-12-30", ("1940", "1960", "1980", "2000")),
        ("2020-01-15", "2020-12-20", ("2020-04", "2020-07", "2020-10")),
        (
            "2020-01-01 06:00",
            "2020-01-02 20:00",
            ("2020-01-01 12:00", "2020-01-02 00:00", "2020-01-02 12:00"),
        ),
    ],
)
def test_ticks_of_times_lie_at_round_dates(first, last, words):
    ends = [pd.Timestamp(text, tz="UTC").timestamp() for text in (first, last)]
    ticks = ticks_of(np.linspace(*ends, 20), times=True)
    assert ticks.words == words
    assert [pd.Timestamp(at, unit="s") for at in ticks.at] == [pd.Timestamp(text) for text in words]


def test_nothing_and_a_single_value_have_ticks_too():
    assert ticks_of(np.empty(0)).at == ()
    assert ticks_of(np.array([3.0, 3.0])).at == (3.0,)
    moment = pd.Timestamp("2020-01-01", tz="UTC").timestamp()
    assert ticks_of(np.array([moment, moment + 0.5]), times=True).words[0] == "2020-01-01"


def test_years_have_no_comma_on_any_axis():
    assert ticks_of(np.arange(1939.5, 2015)).words[:2] == ("1940", "1950")
    near = ticks_of(np.array([1940.001, 1940.002]))  # so close that more digits are needed
    assert all(word.startswith("1940.00") for word in near.words)
