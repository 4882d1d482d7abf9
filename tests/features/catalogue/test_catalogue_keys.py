from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.catalogue_keys import checked_value, value_as_text, value_from_text

DAY = datetime(1990, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("attribute", "text", "value"),
    [
        ("unit", " µm ", "µm"),
        ("unit", "5", "5"),
        ("description", "[a, b: c", "[a, b: c"),
        ("kind", "categorical", "categorical"),
        ("assignment", "", ""),
        ("valid_range", "40, 240", (40, 240)),
        ("valid_range", "[40, null]", (40, None)),
        ("valid_range", "40,", (40, None)),
        ("valid_range", ", −1.5e3", (None, -1500.0)),
        ("valid_range", "", (None, None)),
        ("valid_range", "40 – 240", (40, 240)),
        ("valid_range", "40 to 240", (40, 240)),
        ("valid_range", "40-240", (40, 240)),
        ("valid_range", "−40 - −1.5", (-40, -1.5)),
        ("valid_range", "-40--10", (-40, -10)),
        ("valid_range", "40..240", (40, 240)),
        ("valid_range", ".5..1.5", (0.5, 1.5)),
        ("valid_range", "≥ 40", (40, None)),
        ("valid_range", ">=40", (40, None)),
        ("valid_range", "≤ 240", (None, 240)),
        ("valid_range", "40 –", (40, None)),
        ("valid_range", "– 240", (None, 240)),
        ("valid_range", "to 240", (None, 240)),
        ("valid_range", "1,000 – 20,000.5", (1000, 20_000.5)),
        ("valid_range", "1990-01-01 – 1990-01-01 06:00:00", (DAY, DAY + 21_600)),
        ("valid_range", "1990-01-01 - 1990-01-01 06:00:00", (DAY, DAY + 21_600)),
        ("valid_range", "≥ 1990-01-01", (DAY, None)),
        ("valid_range", "1990-01-01, 1990-01-01 06:00:00", (DAY, DAY + 21_600)),
        ("sentinels", "−999, unknown, '7'", (-999, "unknown", "7")),
        ("sentinels", "", ()),
        ("tags", "a, 2024, no", ("a", "2024", "no")),
        ("tags", "'no', b", ("no", "b")),
    ],
)
def test_what_was_typed_is_read_as_it_was_meant(attribute: str, text: str, value: Any) -> None:
    assert value_from_text("f", attribute, text) == value


@pytest.mark.parametrize(
    ("attribute", "text", "words"),
    [
        (
            "valid_range",
            "40",
            "two ends, such as 40 – 240; leave out an end that is open; came '40'",
        ),
        ("valid_range", "a, b", "two ends, such as"),
        ("valid_range", "≥", "two ends, such as"),
        ("valid_range", "–240", "two ends, such as"),
        ("valid_range", "1 – 2 – 3", "two ends, such as"),
        ("valid_range", "inf, 1", "two ends, such as"),
        ("valid_range", "2 – 1", "the lower end first"),
        ("valid_range", "[[1", "two ends, such as"),
        ("sentinels", "{", "values with commas between"),
        ("kind", "number", "did you mean 'numeric'"),
        ("colour", "red", "known are label"),
    ],
)
def test_what_cannot_be_meant_is_one_line_for_who_typed_it(
    attribute: str, text: str, words: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        value_from_text("f", attribute, text)
    assert words in str(caught.value)
    assert not any(trace in str(caught.value) for trace in ("\n", "null", "[lowest", "YAML"))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("unit", "µm"),
        ("valid_range", (None, 240)),
        ("valid_range", (DAY, DAY + 0.25)),
        ("valid_range", (None, None)),
        (
            "sentinels",
            (-999, 0.1, 1e300, "unknown", "7", "a, b", "it's", "", "[x]", "no", "2024-01-01"),
        ),
        ("sentinels", (DAY, "1990-01-01")),
        ("tags", ("no", "a b", "ü, ö", "null")),
        ("tags", ()),
    ],
)
@pytest.mark.parametrize("times", [False, True])
def test_what_a_field_shows_reads_back_as_it_was(attribute: str, value: Any, times: bool) -> None:
    assert value_from_text("f", attribute, value_as_text(value, times=times)) == value


def test_times_are_shown_as_dates_and_as_numbers_where_no_date_is_exact() -> None:
    assert value_as_text((DAY, DAY + 21_600), times=True) == "1990-01-01, 1990-01-01 06:00:00+00:00"
    assert value_as_text((-1e18, 1e-9), times=True) == "-1e+18, 1e-09"
    assert value_as_text(None) == ""


def test_values_of_python_are_checked_like_those_of_a_file() -> None:
    assert checked_value("f", "valid_range", (date(1990, 1, 1), None)) == (DAY, None)
    assert checked_value("f", "tags", ["a"]) == ("a",)
    for attribute, value in [
        ("unit", 3),
        ("tags", "a"),
        ("valid_range", [float("nan"), 1]),
        ("sentinels", [True]),
    ]:
        with pytest.raises(CatalogueError, match=f"'{attribute}' of feature 'f' must be"):
            checked_value("f", attribute, value)
