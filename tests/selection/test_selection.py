"""Selections: set algebra against NumPy, and that rows of one table never meet another's."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import ExpressionError, TableError, UnknownName
from explorer.selection.selection import Selection, where
from explorer.sources.source import open_source


def selection(mask: list[bool], fingerprint: str = "t") -> Selection:
    return Selection(mask, fingerprint, {"expression": "x"})


def test_and_or_not_are_those_of_numpy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 500)) < 0.4
    sa, sb = selection(a), selection(b)

    np.testing.assert_array_equal((sa & sb).mask, a & b)
    np.testing.assert_array_equal((sa | sb).mask, a | b)
    np.testing.assert_array_equal((~sa).mask, ~a)
    np.testing.assert_array_equal((sa & sb | ~sa).rows(), np.flatnonzero(a & b | ~a))
    assert (sa & ~sb).count() == np.count_nonzero(a & ~b)
    assert sa.rows().dtype == np.int64


def test_is_immutable_and_independent_of_what_it_was_made_of() -> None:
    mask, definition = np.array([True, False]), {"rows": [0]}
    made = Selection(mask, "t", definition)

    mask[1] = True
    definition["rows"].append(1)
    made.definition["rows"].append(7)
    assert made.rows().tolist() == [0]
    assert made.definition == {"rows": [0]}
    with pytest.raises(ValueError, match="read-only"):
        made.mask[1] = True
    with pytest.raises(AttributeError):
        made.mask = mask  # type: ignore[misc]


def test_refuses_the_selection_of_another_table() -> None:
    with pytest.raises(TableError, match="different tables"):
        selection([True, False], "one") & selection([True, False], "two")
    with pytest.raises(TableError, match="different tables"):
        selection([True, False]) | selection([True])


def test_the_definition_says_how_it_was_made() -> None:
    a, b = Selection([True], "t", {"expression": "x > 1"}), Selection.of_rows([0], 1, "t")

    assert (a & ~b).definition == {"and": [{"expression": "x > 1"}, {"not": {"rows": [0]}}]}
    assert json.loads(json.dumps((a | b).definition)) == (a | b).definition


def test_rows_are_validated_and_counted_once() -> None:
    assert Selection.of_rows([3, 1, 3], 5, "t").rows().tolist() == [1, 3]
    assert Selection.of_rows([], 5, "t").count() == 0
    for bad in ([5], [-1], [0.5], [[1]], [True]):
        with pytest.raises(TableError, match="expected row numbers"):
            Selection.of_rows(bad, 5, "t")
    with pytest.raises(TableError, match="one boolean for each row"):
        Selection([0, 1], "t", {})


def test_has_no_length_and_no_truth() -> None:
    with pytest.raises(TypeError, match="count"):
        len(selection([True]))
    with pytest.raises(TypeError, match="count"):
        bool(selection([True]))


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    values = rng.normal(size=5000)
    values[::7] = np.nan
    return pd.DataFrame(
        {"x": values, "s": rng.choice(["a", "b"], 5000), "day": pd.Timestamp("2001-01-01")}
    )


def test_where_over_several_files_agrees_with_pandas(frame: pd.DataFrame, tmp_path: Path) -> None:
    for i in range(3):
        frame.iloc[i * 2000 : (i + 1) * 2000].to_parquet(
            tmp_path / f"{i}.parquet", row_group_size=300
        )
    source = open_source(tmp_path, Cache(tmp_path / "cache"))

    found = where(source, "x > 0.5 and s = 'a' or x is null")

    np.testing.assert_array_equal(
        found.mask, (((frame.x > 0.5) & (frame.s == "a")) | frame.x.isna()).to_numpy()
    )
    assert found.fingerprint == source.fingerprint
    assert found.definition == {"expression": "x > 0.5 and s = 'a' or x is null"}
    assert (found & where(source, "x is null")).count() == frame.x.isna().sum()


def test_sentinels_are_missing_in_every_kind_of_column() -> None:
    frame = pd.DataFrame(
        {
            "x": np.array([-999, 1.5, -2, np.nan], np.float32),
            "y": np.array([-999.9, 1, 2, 3], np.float32),
            "i": [2**53 + 1, 2**53, -999, 4],
            "s": ["NA", "a", "-999", "b"],
            "t": pd.to_datetime([0, 1, 2, 3], unit="s"),
            "b": [True, False, True, False],
        }
    ).assign(c=lambda f: f.s.astype("category"))
    source = open_source(frame)
    told = {
        "x": (-999, "NA"),
        "y": (-999.9,),
        "i": (-999, 2**53),
        "s": ("NA", -999),
        "c": ("NA",),
        "t": (2,),
    }

    def rows(text: str) -> list[int]:
        return where(source, text, told).rows().tolist()

    assert rows("x is null") == [0, 3]
    assert rows("x < 0") == [2]
    assert rows("not x > 0") == [2]
    assert rows("y is null") == [0]
    assert rows("i is null") == [1, 2]
    assert rows("s is null") == [0, 2]
    assert rows("c is null") == [0]
    assert rows("c in ('NA', 'a')") == [1]
    assert rows("t is null") == [2]
    assert rows("b") == [0, 2]
    assert where(source, "x < 0").rows().tolist() == [0, 2]
    assert where(source, "x < 0", told).definition == {"expression": "x < 0"}


def test_where_on_tables_of_no_row_and_without_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": pa.array([], pa.float64())}), tmp_path / "none.parquet")
    none = open_source(tmp_path / "none.parquet", Cache(tmp_path / "cache"))
    some = open_source(pa.table({"x": [1, 2, 3]}), Cache(tmp_path / "cache"))

    assert where(none, "x > 1").mask.shape == (0,)
    assert where(some, "1 = 1").count() == 3
    assert where(some, "null").count() == 0
    with pytest.raises(ExpressionError, match="cannot be compared"):
        where(none, "x = 'a'")
    with pytest.raises(UnknownName, match="no column 'y'"):
        where(none, "y > 1")


def test_the_selected_rows_are_written_with_all_columns(tmp_path):
    frame = pd.DataFrame({"a": range(300_000), "b": [f"level {i % 7}" for i in range(300_000)]})
    source = open_source(frame)
    chosen = (where(source, "a >= 150000") & where(source, "b = 'level 3'")) | ~where(
        source, "a > 4"
    )
    chosen.to_parquet(tmp_path / "rows.parquet")
    expected = frame[((frame.a >= 150_000) & (frame.b == "level 3")) | (frame.a <= 4)].reset_index(
        drop=True
    )
    written = pd.read_parquet(tmp_path / "rows.parquet")
    assert written["a"].tolist() == expected["a"].tolist()
    assert written["b"].astype(str).tolist() == expected["b"].tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_a_selection_without_a_table_cannot_write_its_rows(tmp_path):
    with pytest.raises(TableError, match="does not know its table"):
        Selection(np.ones(3, dtype=bool), "f", {"rows": [0, 1, 2]}).to_parquet(
            tmp_path / "rows.parquet"
        )


def test_rows_that_cannot_be_written_leave_nothing_behind(tmp_path):
    source = open_source(pd.DataFrame({"a": [1, 2, 3]}))
    with pytest.raises(TableError, match="cannot be written"):
        where(source, "a > 1").to_parquet(tmp_path / "nowhere" / "rows.parquet")
    assert list(tmp_path.iterdir()) == []
