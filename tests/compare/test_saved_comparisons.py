import json

import numpy as np
import pandas as pd
import pytest

from explorer.compare import saved_comparisons as comparisons
from explorer.compare.comparison import Comparison
from explorer.compare.compute import compare
from explorer.compare.saved_comparisons import SavedComparisons
from explorer.core.documents import user_documents
from explorer.core.errors import ComparisonError
from explorer.table.table import open_table


@pytest.fixture
def found(own_folders):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=200), "c": rng.choice(["p", "q"], 200), "hole": np.nan}
    )
    return compare(open_table(frame), "x > 0")


@pytest.fixture
def store(tmp_path):
    return SavedComparisons("f" * 64, tmp_path)


def test_what_is_kept_comes_back_the_newest_first(store, found):
    keys = [store.keep(found, name) for name in ("first", "second")]
    assert [(one["key"], one["name"]) for one in store.listed()] == [
        (keys[1], "second"),
        (keys[0], "first"),
    ]
    again = Comparison.from_document(store.load(keys[0]))
    assert again.document() == found.document()
    assert again["c"].levels == found["c"].levels


def test_what_is_damaged_or_of_another_form_is_passed_over(store, found, tmp_path):
    key = store.keep(found, "whole")
    with user_documents(tmp_path).writing() as documents:
        documents.put(f"comparisons/{'f' * 32}", "other", {"form": 99})
    assert [one["key"] for one in store.listed()] == [key]
    with pytest.raises(ComparisonError, match="compare again"):
        store.load("nothing")
    user_documents(tmp_path).path.write_bytes(b"nonsense" * 200)
    assert store.listed() == []
    with pytest.raises(ComparisonError, match="cannot be read"):
        store.load(key)


def test_files_of_an_earlier_version_are_taken_over(found, tmp_path):
    folder = tmp_path / "comparisons" / ("f" * 32)
    folder.mkdir(parents=True)
    document = {"form": 1, "name": "old", "time": 1.0, **found.document()}
    (folder / "00000000000000000001-abc.json").write_text(json.dumps(document))
    (folder / "00000000000000000002-bad.json").write_text('{"form": 1, ')
    for _ in range(2):
        assert [
            (one["key"], one["name"]) for one in SavedComparisons("f" * 64, tmp_path).listed()
        ] == [("abc", "old")]


def test_only_the_newest_are_kept(tmp_path, found, monkeypatch):
    monkeypatch.setattr(comparisons, "_MOST", 3)
    store = SavedComparisons("f" * 64, tmp_path)
    for name in "abcde":
        store.keep(found, name)
    assert [one["name"] for one in store.listed()] == ["e", "d", "c"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path, found):
    (tmp_path / "none").write_text("a file")
    store = SavedComparisons("f" * 64, tmp_path / "none")
    with pytest.raises(ComparisonError, match="could not be kept"):
        store.keep(found, "x")
    assert store.listed() == []


def test_tables_do_not_see_each_other_s(tmp_path, found):
    SavedComparisons("a" * 64, tmp_path).keep(found, "x")
    assert SavedComparisons("b" * 64, tmp_path).listed() == []
