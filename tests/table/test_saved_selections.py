"""Saved selections of a table: kept, shared, and found again by a table that is opened later."""

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.errors import SelectionError, TableError, UnknownName
from explorer.core.folders import data_folder
from explorer.selection.selection import Selection
from explorer.table.saved_selections import saved_ids
from explorer.table.selecting import rows_of_text, where
from explorer.table.table import open_table


@pytest.fixture
def columns(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    rng = np.random.default_rng(1)
    return pa.table({"a": rng.normal(size=500), "b": rng.integers(0, 5, 500)})


@pytest.fixture
def table(columns):
    return open_table(columns)


def test_saved_rows_are_found_again_by_a_later_table(table, columns):
    chosen = where(table, "a > 0.5")
    kept = table.selections.save(chosen, " high ", "Ann ")
    assert (kept.name, kept.author, kept.count, dict(kept.definition)) == (
        "high",
        "Ann",
        chosen.count(),
        {"expression": "a > 0.5"},
    )
    later = open_table(columns)
    assert later.selections.names == ["high"]
    for name in ("high", kept.id):
        found = later.selections[name]
        np.testing.assert_array_equal(found.mask, columns["a"].to_numpy() > 0.5)
        assert found.definition == {"saved": kept.id, "name": "high"}
        assert found.seen == {"a": "made the group"}
    assert (data_folder() / "documents.db").is_file()
    assert open_table(columns.slice(1)).selections.names == []


def test_a_derived_table_has_the_selections_of_its_rows(table):
    kept = table.selections.save(where(table, "a > 0.5"), "high")
    wider = table.derive("c", "a + 1")
    found = wider.selections["high"]
    assert found.fingerprint == wider.fingerprint != table.fingerprint
    assert (found & where(wider, "c > 1.5")).count() == kept.count
    # and the other way round
    assert (
        wider.selections.save(where(wider, "c > 2"), "higher").count
        == table.selections["higher"].count()
    )


def test_what_cannot_be_saved_is_said_and_nothing_is_kept(table):
    with pytest.raises(SelectionError, match="no row is selected"):
        table.selections.save(where(table, "a > 99"), "none")
    with pytest.raises(SelectionError, match="readable characters"):
        table.selections.save(where(table, "a > 0"), " ")
    with pytest.raises(TableError, match="of another table"):
        table.selections.save(Selection(np.ones(500, bool), "other", {}), "x")
    table.selections.save(where(table, "a > 0"), "positive")
    with pytest.raises(SelectionError, match="called 'positive' is saved already: choose another"):
        table.selections.save(where(table, "a > 1"), "positive")
    with pytest.raises(SelectionError, match="saved already, as 'positive'"):
        table.selections.save(where(table, "not a <= 0"), "the same rows")
    assert table.selections.names == ["positive"]


def test_names_change_and_rows_do_not(table):
    kept = table.selections.save(where(table, "a > 0"), "positive")
    table.selections.save(where(table, "b = 1"), "ones")
    assert table.selections.rename("positive", "above").id == kept.id
    assert table.selections.names == ["above", "ones"]
    with pytest.raises(SelectionError, match="'ones' is saved already"):
        table.selections.rename(kept.id, "ones")
    with pytest.raises(UnknownName, match="did you mean 'above'"):
        table.selections.rename("abov", "x")


def test_who_listens_hears_of_each_change_and_whether_rows_went_away(table):
    heard, before = [], table.columns.edit_count
    stop = table.selections.listen(heard.append)
    kept = table.selections.save(where(table, "a > 0"), "positive")
    table.selections.rename("positive", "above")
    assert (heard, table.columns.edit_count) == ([False, False], before)
    table.selections.remove(kept.id)
    assert (heard, table.columns.edit_count) == ([False, False, True], before + 1)
    stop()
    with pytest.raises(
        SelectionError,
        match="'above' is not known here: it was removed, or saved in the data folder of another",
    ):
        table.selections.rows(kept.id, "above")
    with pytest.raises(UnknownName, match="there are none"):
        table.selections.remove(kept.id)
    assert len(heard) == 3


def test_ids_are_found_at_any_depth():
    one, two = {"saved": "1"}, {"saved": "2", "name": "x"}
    assert saved_ids({"and": [{"not": one}, {"or": [two, {"expression": "a"}]}]}) == ["1", "2"]
    assert saved_ids({"expression": "a"}) == []


def test_text_names_saved_rows_or_is_an_expression(table):
    high = table.selections.save(where(table, "a > 0.5"), "high ones")
    table.selections.save(where(table, "b = 1"), "b = 1")
    assert rows_of_text(table, "a > 0") == "a > 0"
    assert rows_of_text(table, "high ones").definition["saved"] == high.id
    assert rows_of_text(table, "saved:high ones").count() == high.count
    assert rows_of_text(table, "saved:b = 1").definition["name"] == "b = 1"
    assert rows_of_text(table, "(b = 1)") == "(b = 1)"
    with pytest.raises(SelectionError, match="saved rows, and an expression too: write saved:b"):
        rows_of_text(table, "b = 1")
    with pytest.raises(UnknownName, match="did you mean 'high ones'"):
        rows_of_text(table, "saved:high one")
