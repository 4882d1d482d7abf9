"""Row labels against pandas, with everything that can go wrong with files."""

import base64
import json
import sqlite3
import threading
import zlib

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.core.errors import LabelError, UnknownName
from explorer.selection.label_column import LabelColumn, Labelling
from explorer.selection.label_store import LabelDocuments, any_labels
from explorer.selection.row_labels import RowLabels
from explorer.selection.selection import Selection

N = 1003  # no multiple of 8


def chosen(mask) -> Selection:
    return Selection(mask, "table", {"expression": "a > 1"}, seen={"a": "made the group"})


def some(seed: int, share: float = 0.3) -> np.ndarray:
    return np.random.default_rng(seed).random(N) < share


@pytest.fixture
def files(tmp_path) -> LabelDocuments:
    return LabelDocuments("f" * 32, N, tmp_path)


@pytest.fixture
def labels(files) -> RowLabels:
    return RowLabels(N, files)


def cells(labels: RowLabels, column: str) -> list[str | None]:
    return labels.columns[column].cells().to_pylist()


def test_a_later_label_overrides_an_earlier_one_of_the_same_rows(labels):
    expected = pd.Series([None] * N, dtype=object)
    for seed, level in enumerate(["a", "b", "a", "c", "b"]):
        labels.label(chosen(some(seed)), "segment", level)
        expected[some(seed)] = level
        assert cells(labels, "segment") == expected.tolist()
    counts = {level.name: level.count for level in labels.columns["segment"].levels}
    assert counts == expected.value_counts().to_dict()
    assert labels.columns["segment"].count == expected.notna().sum()


def test_columns_do_not_disturb_each_other(labels):
    labels.label(chosen(some(0)), "segment", "a")
    labels.label(chosen(some(1)), "other", "b")
    assert cells(labels, "segment") == np.where(some(0), "a", None).tolist()
    assert cells(labels, "other") == np.where(some(1), "b", None).tolist()


def test_who_when_how_and_how_many_is_kept_with_the_exact_rows(labels, files):
    labels.label(chosen(some(0)), "segment", "a", "Ann")
    labels.label(chosen(some(1)), "segment", "a", "Bob")
    again = RowLabels(N, LabelDocuments("f" * 32, N, files.documents.path.parent)).columns[
        "segment"
    ]
    (level,) = again.levels
    assert [(one.author, one.count) for one in level.made] == [
        ("Ann", some(0).sum()),
        ("Bob", some(1).sum()),
    ]
    assert level.made[0].definition == {"expression": "a > 1"}
    assert again.seen == {"a": "made the group"}
    bits = np.unpackbits(np.frombuffer(zlib.decompress(level.packed), np.uint8), count=N)
    assert np.array_equal(bits.astype(bool), some(0) | some(1))


def test_levels_are_renamed_and_cleared_and_a_column_without_levels_goes(labels, files):
    labels.label(chosen(some(0)), "segment", "a")
    labels.label(chosen(~some(0)), "segment", "b")
    labels.rename("segment", "a", "first")
    assert cells(labels, "segment") == np.where(some(0), "first", "b").tolist()
    labels.clear("segment", "b")
    assert cells(labels, "segment") == np.where(some(0), "first", None).tolist()
    assert labels.clear("segment", "first") is None
    assert (labels.columns, files.read_all()) == ({}, [])


def test_names_that_are_none_and_names_that_are_taken_are_refused(labels):
    for column, level, words in [
        ("", "a", "name of a label column"),
        ("segment", " \n ", "name of a level"),
        ("row", "a", "cannot be called 'row'"),
        ("segment", "x" * 10**6, "came 1,000,000 characters"),
        ("segment", "\x00", "name of a level"),
        ("segment", None, "came None"),
    ]:
        with pytest.raises(LabelError, match=words):
            labels.label(chosen(some(0)), column, level)
    labels.label(chosen(some(0)), "segment", "  two   words ")
    labels.label(chosen(some(1)), "segment", "b")
    with pytest.raises(
        LabelError, match="has a level 'b' already: label these rows as 'b' instead"
    ):
        labels.rename("segment", "two words", "b")
    with pytest.raises(
        UnknownName, match="no level of 'segment' 'two word': did you mean 'two words'"
    ):
        labels.clear("segment", "two word")
    with pytest.raises(UnknownName, match="no label column 'segmnt'"):
        labels.rename("segmnt", "a", "b")


def test_no_row_and_rows_of_another_table_are_refused(labels):
    with pytest.raises(LabelError, match="no row is selected"):
        labels.label(chosen(np.zeros(N, bool)), "segment", "a")
    with pytest.raises(LabelError, match="of 5 rows, the table has 1,003"):
        labels.label(chosen(np.ones(5, bool)), "segment", "a")
    assert labels.columns == {}


def test_a_thousand_levels_are_the_most(monkeypatch):
    monkeypatch.setattr("explorer.selection.label_column._MOST_LEVELS", 3)
    column, made = LabelColumn("segment", 8), Labelling("", 0.0, {}, 1, {})
    for place in range(3):
        column = column.labelled(np.arange(8) == place, f"level {place}", made)
    with pytest.raises(LabelError, match="has 3 levels, the most a label may have"):
        column.labelled(np.arange(8) == 7, "one more", made)
    assert column.labelled(np.arange(8) == 7, "level 0", made).levels[0].count == 2


def test_a_full_disk_is_said_and_nothing_is_lost(labels, files, monkeypatch):
    labels.label(chosen(some(0)), "segment", "a")
    before = cells(labels, "segment")

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("explorer.core.documents.Transaction.put", full)
    for change in (
        lambda: labels.label(chosen(some(1)), "segment", "b"),
        lambda: labels.rename("segment", "a", "c"),
    ):
        with pytest.raises(LabelError, match=r"disk is full.*nothing was changed"):
            change()
    assert cells(labels, "segment") == before
    assert files.read("segment").cells().to_pylist() == before


def test_a_damaged_column_is_passed_over_with_words_and_stays(labels, files):
    labels.label(chosen(some(0)), "segment", "a")
    labels.label(chosen(some(1)), "other", "b")
    levels = f"{files.collection}/segment"
    with files.documents.writing() as documents:
        whole = documents.get(levels, "a")
        documents.put(levels, "a", whole.body, whole.data[:-3])
    opened = RowLabels(N, files)
    assert list(opened.columns) == ["other"]
    (words,) = opened.trouble
    assert "'segment' cannot be read" in words
    assert "left out" in words
    with pytest.raises(LabelError, match="left out"):
        opened.label(chosen(some(2)), "segment", "c")
    with files.documents.reading() as documents:
        assert documents.get(levels, "a").data == whole.data[:-3]


def test_a_file_that_is_no_database_is_said_and_stays(labels, files):
    files.documents.path.write_bytes(b"nonsense" * 200)
    with pytest.raises(LabelError, match=r"not a database.*move a damaged file away"):
        labels.label(chosen(some(0)), "segment", "a")
    assert files.documents.path.read_bytes() == b"nonsense" * 200


def test_a_file_of_an_earlier_version_is_taken_over_once(files, tmp_path):
    made = {
        "author": "Ann",
        "time": 1.0,
        "definition": {},
        "count": 3,
        "seen": {"a": "made the group"},
    }
    bits = base64.b64encode(zlib.compress(np.packbits(some(0)).tobytes())).decode()
    level = {"name": "first", "count": int(some(0).sum()), "bits": bits, "made": [made]}
    folder = tmp_path / "labels" / ("f" * 32)
    folder.mkdir(parents=True)
    document = {"form": 1, "column": "segment", "rows": N, "levels": [level]}
    (folder / "segment-0123.json").write_text(json.dumps(document))
    (folder / "bad-0123.json").write_text("{")
    assert any_labels(tmp_path)
    for _ in range(2):
        opened = RowLabels(N, LabelDocuments("f" * 32, N, tmp_path))
        assert cells(opened, "segment") == np.where(some(0), "first", None).tolist()
        assert opened.columns["segment"].seen == {"a": "made the group"}
        assert "bad-0123.json" in opened.trouble[0]


def test_labels_of_a_table_of_another_length_are_left_aside(labels, files):
    labels.label(chosen(some(0)), "segment", "a")
    other = LabelDocuments("f" * 32, N + 1, files.documents.path.parent)
    assert other.read_all() == []
    assert "another length" in other.trouble[0]


def test_two_openings_add_to_the_same_column(files):
    one, two = RowLabels(N, files), RowLabels(N, files)
    one.label(chosen(some(0)), "segment", "a")
    two.label(chosen(some(1) & ~some(0)), "segment", "b")
    expected = np.where(some(0), "a", np.where(some(1), "b", None)).tolist()
    assert cells(RowLabels(N, files), "segment") == expected


def test_many_threads_lose_no_label(labels, files):
    def work(place):
        labels.label(chosen(np.arange(N) % 8 == place), "segment", f"level {place}", "Ann")

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.read("segment").cells().to_pylist() == [f"level {row % 8}" for row in range(N)]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_exports_hold_the_labelled_rows(labels, tmp_path, suffix):
    labels.label(chosen(some(0)), "segment", "a")
    labels.label(chosen(some(1)), "other", "with, comma")
    labels.export(tmp_path / f"labels{suffix}")
    path = tmp_path / f"labels{suffix}"
    found = pd.read_csv(path) if suffix == ".csv" else pq.read_table(path).to_pandas()
    expected = pd.DataFrame(
        {"row": np.arange(N), "segment": cells(labels, "segment"), "other": cells(labels, "other")}
    )
    expected = expected[some(0) | some(1)].reset_index(drop=True)
    assert found.fillna("").to_dict("list") == expected.fillna("").to_dict("list")


def test_an_export_that_cannot_be_is_said_in_words(labels, tmp_path):
    labels.label(chosen(some(0)), "segment", "a")
    with pytest.raises(LabelError, match=r"written as \.parquet or \.csv, not '\.xlsx'"):
        labels.export(tmp_path / "labels.xlsx")
    with pytest.raises(LabelError, match="cannot be written to"):
        labels.export(tmp_path / "nowhere" / "labels.csv")
    assert list(tmp_path.glob(".labels*")) == []


def test_labels_of_any_table_are_noticed(labels, files):
    folder = files.documents.path.parent
    assert not any_labels(folder)
    labels.label(chosen(some(0)), "Ein Wort/ü", "a")
    assert any_labels(folder)
    assert list(RowLabels(N, files).columns) == ["Ein Wort/ü"]
