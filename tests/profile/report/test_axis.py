"""Axes put values where they belong, with ticks at round ones."""

import numpy as np
import pytest

from explorer.profile.report.axis import linear_axis, log_axis, ordinal_axis, time_axis

DAY = 86_400.0


def test_a_linear_axis_is_straight():
    axis = linear_axis(-3, 7, 100, 200)
    values = np.linspace(-3, 7, 11)
    np.testing.assert_allclose(axis(values), 100 + (values + 3) * 10)
    assert axis([-9, 9]) == [100, 200]


def test_an_axis_upwards_has_its_start_below():
    assert linear_axis(0, 10, 200, 0)([0, 5, 10]) == [200, 100, 0]


def test_a_log_axis_gives_equal_ratios_equal_room():
    axis = log_axis(1, 1000, 0, 300)
    np.testing.assert_allclose(axis([1, 10, 100, 1000]), [0, 100, 200, 300])
    assert [tick for tick, _ in axis.ticks] == [1, 10, 100, 1000]
    assert axis([0, -5]) == [0, 0]


def test_an_ordinal_axis_gives_every_bin_equal_room():
    axis = ordinal_axis([0, 1, 100, 1e6], 0, 300, "numeric")
    np.testing.assert_allclose(axis([0, 1, 100, 1e6]), [0, 100, 200, 300])


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 1), (64.9, 190), (-1e-7, 3e-7), (1e15, 1e15 + 8), (-1.7e308, 1.7e308), (5, 5)],
)
def test_ticks_are_a_few_round_values_inside(low, high):
    axis = linear_axis(low, high, 0, 500)
    ticks = [tick for tick, _ in axis.ticks]
    assert 1 <= len(ticks) <= 12
    assert all(axis.knots[0] <= tick <= axis.knots[-1] for tick in ticks)
    assert np.isfinite(axis(ticks)).all()
    assert (np.diff(axis(ticks)) > 0).all()


@pytest.mark.parametrize(("low", "high"), [(5e-324, 1.7e308), (0.9, 1.1), (2, 3), (1e-3, 1e9)])
def test_log_ticks_lie_inside_whatever_the_range(low, high):
    axis = log_axis(low, high, 0, 500)
    assert 1 <= len(axis.ticks) <= 12
    assert all(low <= tick <= high for tick, _ in axis.ticks)
    assert np.isfinite(axis([low, high])).all()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-946_771_200, 1_419_984_000, "1960"),  # 1940 to 2014
        (0, 100 * DAY, "1970-01-29"),
        (0, 6 * 3_600, "1970-01-01 04:00"),
    ],
)
def test_times_have_ticks_at_round_moments(low, high, words):
    ticks = time_axis(low, high, 0, 500).ticks
    assert words in [shown for _, shown in ticks]
    assert 2 <= len(ticks) <= 12
    assert all(low <= tick <= high for tick, _ in ticks)


def test_a_single_moment_and_times_before_the_calendar_have_an_axis():
    assert time_axis(0, 0, 0, 500).ticks == ((0, "1970-01-01"),)
    assert len(time_axis(-1e14, 1e14, 0, 500).ticks) >= 2
