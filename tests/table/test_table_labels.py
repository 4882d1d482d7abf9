"""Row labels as columns of a table."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import ExpressionError, FeatureError, LabelError, TableError
from explorer.profile.profile_store import ProfileStore
from explorer.table.table_columns import TableColumns

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"a": RNG.normal(size=400), "b": RNG.normal(size=400), "c": RNG.integers(0, 5, 400)}
)


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))


@pytest.fixture
def table() -> explorer.Table:
    return explorer.open_table(FRAME)


@pytest.fixture
def labelled(table) -> explorer.Table:
    table.label(explorer.where(table, "a > 1"), "segment", "high", "Ann")
    return table


HIGH = FRAME["a"] > 1


def test_a_label_is_a_categorical_column_and_the_fingerprint_stays(table):
    before = table.fingerprint
    assert "segment" not in table.features
    table.label(explorer.where(table, "a > 1"), column="segment", level="high", author="Ann")
    assert table.column_names == ["a", "b", "c", "segment"]
    assert table.features["segment"].kind == "categorical"
    assert table.source.column("segment").to_pylist() == np.where(HIGH, "high", None).tolist()
    assert table.columns.levels("segment").counts.tolist() == [HIGH.sum(), (~HIGH).sum()]
    assert table.fingerprint == before
    assert (
        explorer.where(table, "segment = 'high' and c = 1").count()
        == (HIGH & (FRAME["c"] == 1)).sum()
    )


def test_whoever_opens_these_rows_has_the_labels(labelled):
    again = explorer.open_table(FRAME.copy())
    assert again.columns.levels("segment").labels == ["high"]
    assert explorer.open_table(FRAME.assign(a=0.0)).column_names == ["a", "b", "c"]


def test_derived_and_joined_tables_keep_the_labels_of_their_rows(labelled):
    derived = labelled.derive("d", "a + b")
    assert derived.column_names == ["a", "b", "c", "d", "segment"]
    assert derived.features["segment"].kind == "categorical"
    derived.label(explorer.where(derived, "d < 0"), "segment", "low")
    assert (
        explorer.open_table(FRAME).columns.levels("segment").counts.tolist()
        == derived.columns.levels("segment").counts.tolist()
    )
    joined = labelled.join(pd.DataFrame({"c": [1, 2], "e": [1.0, 2.0]}), on="c")
    assert joined.column_names == ["a", "b", "c", "e", "segment"]


def test_what_was_made_of_a_column_is_forgotten_when_its_labels_change(labelled):
    assert labelled.profile(["segment"])["segment"].distinct == 1
    assert labelled.profiles.get("segment").missing == (~HIGH).sum()
    labelled.label(explorer.where(labelled, "a < -1"), "segment", "low")
    low = FRAME["a"] < -1
    assert set(labelled.columns.levels("segment").labels) == {"high", "low"}
    assert labelled.profile(["segment"])["segment"].missing == (~HIGH & ~low).sum()
    assert labelled.profiles.get("segment").distinct == 2
    assert labelled.summaries["segment"].distinct == 2
    labelled.labels.rename("segment", "low", "deep")
    assert set(labelled.columns.levels("segment").labels) == {"high", "deep"}


def test_profiles_of_labels_are_not_kept_for_the_next_opening(labelled):
    labelled.profile()
    kept = ProfileStore(labelled.columns.cache, labelled.source.identity()).get(
        labelled.features.values()
    )
    assert set(kept) == {"a", "b", "c"}


def test_a_cleared_column_is_listed_no_more_and_whoever_looks_at_it_finds_it_empty(labelled):
    assert labelled.profiles.get("segment").missing == (~HIGH).sum()
    labelled.labels.clear("segment")
    assert labelled.column_names == ["a", "b", "c"]
    assert "segment" not in labelled.profiles.finished()
    assert explorer.where(labelled, "segment is not null").count() == 0
    assert "segment" not in [row.feature for row in explorer.compare(labelled, "a > 0").rows]
    assert labelled.columns.levels("segment").labels == []
    assert labelled.labels.columns == {}
    assert labelled.features["segment"].kind == "categorical"
    assert labelled.summaries["segment"].missing == 400
    assert explorer.open_table(FRAME).column_names == ["a", "b", "c"]
    labelled.label(explorer.where(labelled, "a > 2"), "segment", "top")
    assert labelled.columns.levels("segment").labels == ["top"]
    assert labelled.column_names == ["a", "b", "c", "segment"]
    assert labelled.profiles.get("segment").distinct == 1


def test_labels_are_not_projected_nor_derived_from(labelled):
    with pytest.raises(FeatureError, match="'segment' is a row label, which may change"):
        labelled.project(["segment", "a"])
    with pytest.raises(FeatureError, match="'segment' is a row label, which may change"):
        labelled.project(["a", "b"], where="segment = 'high'")
    with pytest.raises(ExpressionError, match="uses the row label 'segment'"):
        labelled.derive("d", "case when segment = 'high' then 1 else 0 end")


def test_what_chose_the_labelled_rows_is_described_and_not_tested(labelled):
    found = explorer.compare(labelled, explorer.where(labelled, "segment = 'high'"))
    tested = {row.feature: row.tested for row in found.rows}
    assert (tested["a"], tested["b"]) == (False, True)


def test_a_label_that_was_given_by_looking_at_a_column_is_no_finding_beside_it(labelled):
    labelled.label(explorer.where(labelled, "b > 1"), "other", "high")
    tested = {row.feature: row.tested for row in explorer.compare(labelled, "a > 0.9").rows}
    assert (tested["segment"], tested["other"]) == (False, True)


def test_wrong_labels_are_refused_in_words(table):
    with pytest.raises(TableError, match="'a', which is in the table already"):
        table.label(explorer.where(table, "a > 1"), " a ", "high")
    other = explorer.open_table(FRAME.assign(a=1.0))
    with pytest.raises(TableError, match="the selection is of another table"):
        table.label(explorer.where(other, "b > 1"), "segment", "high")
    with pytest.raises(LabelError, match="no row is selected"):
        table.label(explorer.where(table, "a > 99"), "segment", "high")
    assert table.column_names == ["a", "b", "c"]


def test_a_label_called_like_a_column_of_a_later_table_is_left_aside_with_words(labelled):
    assert explorer.open_table(FRAME).derive("other", "a + 1").column_names[-1] == "segment"
    labelled.labels.clear("segment")
    labelled.label(explorer.where(labelled, "a > 1"), "other", "high")
    derived = explorer.open_table(FRAME)
    derived.labels.clear("other")
    derived = explorer.open_table(FRAME).derive("other", "a + 1")
    labelled.label(explorer.where(labelled, "a > 1"), "other", "high")
    columns = derived.columns
    derived = explorer.Table(TableColumns(columns.lasting_source, columns.catalogue, columns.cache))
    assert derived.labels.columns == {}
    assert derived.labels.trouble == ["the row label 'other' is ignored: a column has this name"]
    assert derived.features["other"].kind == "numeric"


def test_listeners_hear_which_column_changed(labelled):
    heard = []
    end = labelled.labels.listen(heard.append)
    labelled.label(explorer.where(labelled, "b > 0"), "other", "x")
    labelled.labels.clear("segment")
    end()
    labelled.labels.clear("other")
    assert heard == [{"other"}, {"segment"}]


def test_one_row_can_be_labelled(tmp_path):
    table = explorer.open_table(pd.DataFrame({"a": [1.0]}))
    table.label(explorer.where(table, "a = 1"), "segment", "the one")
    assert table.source.column("segment").to_pylist() == ["the one"]
    table.labels.export(tmp_path / "l.csv")
    assert pd.read_csv(tmp_path / "l.csv").to_dict("list") == {"row": [0], "segment": ["the one"]}


def test_whoever_sees_a_column_finds_what_it_is_while_others_label(labelled):
    wrong, done = [], threading.Event()

    def look():
        while not done.is_set():
            wrong.extend(name for name in labelled.column_names if name not in labelled.features)

    rows = explorer.where(labelled, "a > 1")
    with ThreadPoolExecutor(2) as pool:
        looking = [pool.submit(look) for _ in range(2)]
        for i in range(40):
            labelled.label(rows, f"column {i}", "high")
        done.set()
        for one in looking:
            one.result()
    assert wrong == []
