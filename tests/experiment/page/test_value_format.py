import math

import pytest

from explorer.experiment.page.value_format import ValueFormat, format_lift, format_p


@pytest.mark.parametrize(
    ("words", "value", "change", "interval"),
    [
        (ValueFormat(True, 2), "0.433 %", "+0.09 pp", "−0.02 … +0.20"),
        (ValueFormat(True, 0), "0.4 %", "0 pp", "0 … 0"),
        (ValueFormat(False, 4), "0.00433", "+0.0009", "−0.0002 … +0.0020"),
    ],
)
def test_a_share_is_in_per_cent_and_its_difference_in_points(words, value, change, interval):
    assert words.value(0.00433) == value
    assert words.change(0.0009) == change
    assert words.interval(-0.0002, 0.002) == interval


def test_an_interval_of_a_tenth_of_a_million_is_still_told_apart():
    words = ValueFormat(False, 8)
    assert words.value(1.23e-6) == "1.23e−6"
    assert words.end(1.23e-6) == "+1.23e−6"


def test_what_is_not_there_is_a_dash_and_never_nan():
    words = ValueFormat(True, 2)
    assert (words.value(math.nan), words.change(math.nan), words.interval(math.nan, math.nan)) == (
        "–",
        "–",
        "",
    )


@pytest.mark.parametrize(
    ("lift", "words"),
    [
        ((0.2077, -0.0421, 0.5222), ("+21 %", "−4 … +52")),
        ((0.012, 0.008, 0.016), ("+1.20 %", "+0.80 … +1.60")),
        ((0.5, 0.1, math.nan), ("+50 %", "+10 … ∞")),
        ((0.5, math.nan, math.nan), ("+50 %", "unbounded")),
        ((math.nan, math.nan, math.nan), ("", "")),
    ],
)
def test_a_lift_has_as_many_digits_as_its_interval_bears(lift, words):
    assert format_lift(*lift) == words


def test_p_values_are_written_as_statistics_are():
    assert [format_p(p) for p in (0.0004, 0.0224, 0.5, 0.9999, 1.0, math.nan)] == [
        "< .001",
        ".022",
        ".500",
        "1",
        "1",
        "–",
    ]
