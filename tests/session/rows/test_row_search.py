"""Rows found by their title, against a loop over all of them."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.session.rows import row_search as titles
from explorer.session.rows.row_search import find_rows, row_titles, title_column
from explorer.table.table import open_table


@cache
def films() -> list[str | None]:
    n = 3000
    rng = np.random.default_rng(0)
    words = ["Star", "STARS", "the", "war", "Wär", "ß", "100%", "a.b", "Night"]
    made = [" ".join(rng.choice(words, rng.integers(1, 4))) for _ in range(n)]
    return [None if place % 50 == 0 else title for place, title in enumerate(made)]


def expected(cells: list[str | None], text: str) -> list[int]:
    low = [(row, cell.lower()) for row, cell in enumerate(cells) if cell is not None]
    begins = [row for row, cell in low if cell.startswith(text.lower())]
    return begins + [row for row, cell in low if text.lower() in cell and row not in set(begins)]


@pytest.fixture(params=["plain", "dictionary", "large"])
def table(request, tmp_path, monkeypatch):
    monkeypatch.setattr(titles, "_BLOCK", 700)
    (tmp_path / "c.yaml").write_text("table: {row_title: name}")
    column = pa.array(films(), pa.large_string() if request.param == "large" else pa.string())
    column = column.dictionary_encode() if request.param == "dictionary" else column
    return open_table(
        pa.table({"x": np.arange(3000.0), "name": column}), catalogue=tmp_path / "c.yaml"
    )


@pytest.mark.parametrize(
    "text", ["star", "STAR", "wär", "war n", "%", "100%", ".", "ß", " star ", "no such"]
)
def test_rows_are_those_that_begin_with_a_text_then_those_that_hold_it(table, text):
    found, wanted = find_rows(table, text), expected(films(), text.strip())
    assert (found.rows, found.count) == (wanted[:20], len(wanted))
    assert found.titles == [films()[row] for row in found.rows]


def test_nothing_is_found_by_an_empty_text(table):
    assert find_rows(table, "  ").count == 0


def test_a_number_is_the_row_of_that_number_first(table):
    found = find_rows(table, "100")
    wanted = [100, *(row for row in expected(films(), "100") if row != 100)]
    assert (found.rows, found.count) == (wanted[:20], len(wanted))
    assert find_rows(table, "3000").count == 0
    assert find_rows(table, "9" * 400).count == 0


def test_without_a_named_title_the_first_text_or_identifier_is_taken(people):
    assert title_column(people) == "person_id"
    assert find_rows(people, "P001").rows == list(range(10, 20))
    numbers = open_table(pd.DataFrame({"a": [1.5, 2.5, 3.5]}))
    assert title_column(numbers) is None
    assert row_titles(numbers, [2]) == ["Row 2"]
    assert find_rows(numbers, "1").rows == [1]
    assert find_rows(numbers, "x").count == 0


def test_identifiers_of_whole_numbers_are_found_as_they_are_written():
    table = open_table(pd.DataFrame({"film_id": [171, 5, 17], "x": [1.0, 2.0, 3.0]}))
    assert title_column(table) == "film_id"
    assert find_rows(table, "17").rows == [0, 2]
    assert row_titles(table, [1, 0]) == ["5", "171"]


def test_a_table_without_rows_finds_none():
    empty = open_table(
        pa.table({"name": pa.array([], pa.string()), "x": pa.array([], pa.float64())})
    )
    assert find_rows(empty, "a").count == 0
