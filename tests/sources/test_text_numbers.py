"""Numbers written as text: what is recognised, what it becomes, and what is left alone."""

import pyarrow as pa
import pytest

from explorer.core.cache import Cache
from explorer.sources.source import open_source
from explorer.sources.text_numbers import numbers_as_text, parse_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("-3", -3.0),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1,416,481", 1416481.0),
        ("-1,416.25", -1416.25),
        ("89.10%", 89.1),
        ("1,200 %", 1200.0),
        ("$1,416,481", 1416481.0),
        ("-€12.50", -12.5),
        ("£ 3", 3.0),
        ("0:00:47", 47.0),
        ("12:01:00.5", 43260.5),
        ("-1:00:00", -3600.0),
        ("007", 7.0),
        ("N/A", None),
        ("", None),
        ("-", None),
        ("None", None),
        (None, None),
        ("1,41", None),
        ("1,2345", None),
        ("12 apples", None),
        ("1:99:00", None),
        ("1-2", None),
        ("1.2.3", None),
        ("%", None),
        ("$", None),
        ("inf", None),
        ("2001-01-01", None),
    ],
)
def test_parses(text: str | None, number: float | None) -> None:
    for array in (
        pa.array([text], pa.string()),
        pa.array([text], pa.large_string()),
        pa.array([text], pa.string()).dictionary_encode(),
        pa.chunked_array([pa.array([text], pa.string())]),
    ):
        parsed = parse_numbers(array)
        assert parsed.type == pa.float64()
        assert parsed.to_pylist() == [number]


def test_keeps_the_order_of_a_column_of_several_chunks() -> None:
    column = pa.chunked_array([["3%", "1%"], [], [None, "x", "1%"]], pa.string())

    assert parse_numbers(column).to_pylist() == [3.0, 1.0, None, None, 1.0]
    assert parse_numbers(pa.chunked_array([], pa.string())).to_pylist() == []


def test_offers_columns_that_parse_and_says_how_they_are_written() -> None:
    n = 200
    source = open_source(
        pa.table(
            {
                "gross": ["1,416,481", "12", "N/A", "3,000"] * (n // 4),
                "rate": ["89.10%"] * (n - 1) + ["unknown"],
                "time": pa.array(["0:00:47", None] * (n // 2)).dictionary_encode(),
                "title": ["1984", "Alien", "Brazil", "Cube"] * (n // 4),
                "empty": pa.array([None] * n, pa.string()),
                "real": list(range(n)),
            }
        )
    )
    found = numbers_as_text(source)

    assert list(found) == ["gross", "rate", "time"]
    assert found["gross"].pattern == "commas between thousands, plain numbers"
    assert (found["gross"].share, found["gross"].values, found["gross"].sampled) == (1.0, 150, None)
    assert found["rate"].share == 1 - 1 / n
    assert found["rate"].unparsed == ("unknown",)
    assert found["rate"].pattern.startswith("per cent")
    assert found["time"].pattern.startswith("h:mm:ss")
    assert list(numbers_as_text(source, ["rate", "title"])) == ["rate"]


def test_says_when_it_looked_at_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.sources.text_numbers._SAMPLE_ROWS", 50)
    source = open_source(pa.table({"x": ["1%"] * 200}), Cache())

    assert numbers_as_text(source)["x"].sampled == 50
