"""Figures read as on the page."""

import pytest

from explorer.core import number_format as figures


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0"),
        (1941.0, "1941"),
        (12345.0, "12,345"),
        (9999.5, "10,000"),
        (-3.0, "−3"),
        (103.4567, "103.5"),
        (0.012345, "0.01235"),
        (1234.56, "1235"),
        (-0.00000321, "−3.21e−6"),
        (123456789012.0, "123,456,789,012"),
        (1.5e300, "1.5e300"),
        (5e-324, "4.941e−324"),
    ],
)
def test_numbers_have_four_digits_and_whole_ones_all(value, words):
    assert figures.number(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.0123, ".012"),
        (-0.5, "−.5"),
        (1.25, "1.25"),
        (-0.0001, "0"),
        (86.4812, "86.481"),
    ],
)
def test_statistics_have_no_leading_zero(value, words):
    assert figures.small(value) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.079, "7.9 %"),
        (0.00046526, ".047 %"),
        (2.342e-6, ".00023 %"),
        (1.0, "100 %"),
    ],
)
def test_rates_go_down_to_a_gaussians_far_tail(share, words):
    assert figures.rate(share) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.0, "1970-01-01"),
        (-86_400.0, "1969-12-31"),
        (3_661.0, "1970-01-01 01:01:01"),
        (3_660.0, "1970-01-01 01:01"),
        (1e18, "1e18 s"),
        (0.9, "1970-01-01"),
    ],
)
def test_times_are_dates(seconds, words):
    assert figures.instant(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (30.0, "30 s"), (7_200.0, "2 h"), (864_000.0, "10 days"), (5.7e8, "18.1 years")],
)
def test_lengths_of_time_have_their_natural_unit(seconds, words):
    assert figures.duration(seconds) == words


def test_numbers_close_to_each_other_have_all_their_digits():
    assert figures.all_digits(-1234.5678) == "−1234.5678"
    assert figures.all_digits(12345.0625) == "12,345.0625"
    assert figures.all_digits(1.25e-7) == "1.25e−7"
    assert figures.all_digits(1e20) == "1e20"


def test_narrow_columns_get_short_words():
    assert figures.brief(122_477_123.0, "numeric") == "1.225e8"
    assert figures.brief(-1234.0, "numeric") == "−1234"
    assert figures.brief(3_661.0, "temporal") == "1970-01-01"
    assert figures.brief(None, "numeric") == "–"
    assert figures.value("a level", "categorical") == "a level"
    assert figures.count(12_000, exact=False) == "≈ 12,000"


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (0.0214, 3, ".021"),
        (-0.1, 2, "−.10"),
        (1.204, 2, "1.20"),
        (0.0, 2, ".00"),
        (-0.001, 2, ".00"),
        (float("nan"), 3, "–"),
        (None, 3, "–"),
    ],
)
def test_small_figures_are_written_without_a_leading_zero(value, digits, words):
    assert figures.fraction(value, digits) == words


@pytest.mark.parametrize(("r", "text"), [(0.93, ".93"), (-0.951, "−.95"), (0.999, "1.00")])
def test_correlations_have_two_decimals(r, text):
    assert figures.correlation_text(r) == text


@pytest.mark.parametrize(
    ("p", "text", "all_digits"),
    [
        (0.0004, "< .001", "< .001"),
        (0.03, ".03", ".030"),
        (0.9996, "1", "1"),
        (float("nan"), "", ""),
    ],
)
def test_p_values_are_never_zero(p, text, all_digits):
    assert figures.p_value(p) == text
    assert figures.p_value(p, all_digits=True) == all_digits


def test_intervals_have_two_ends_or_are_not_written():
    nan = float("nan")
    assert figures.interval(-0.5, 12.25) == "−0.5 … 12.25"
    assert figures.interval(0.001, 0.02, figures.rate) == ".1 % … 2.0 %"
    assert figures.interval(nan, 3.0) == "– … 3"
    assert figures.interval(nan, nan) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(1.204, "+1.20"), (-0.5, "−0.50"), (0.001, "0.00"), (float("nan"), "–")]
)
def test_signs_are_written_where_digits_are(value, text):
    assert figures.signed(value, lambda amount: figures.decimals(amount, 2)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.012, "+1.2 %"), (-0.11, "−11 %"), (0.0, "+0.00 %"), (float("nan"), "–")],
)
def test_changes_have_fewer_decimals_the_larger_they_are(share, text):
    assert figures.signed_percent(share) == text


def test_what_is_not_there_is_a_dash():
    nan = float("nan")
    written = (figures.number(nan), figures.small(nan), figures.rate(nan))
    assert {*written, figures.significant_percent(nan)} == {"–"}
    assert figures.rate(-0.05) == "−5.0 %"
    assert figures.number(123_456.0, digits=3) == "123,000"
    assert figures.megabytes(1_234_567_890) == "1,234.6 MB"
