"""Joins against pandas.merge."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import TableError, UnknownName

LEFT = pd.DataFrame({"id": ["d", "a", None, "b", "a", "zz"], "x": np.arange(6.0)})
RIGHT = pd.DataFrame(
    {
        "id": ["a", "b", "a", "c", None],
        "y": [1, 2, 3, 4, 5],
        "word": ["one", None, "three", "four", "five"],
    }
)


def test_cells_are_those_of_a_left_merge_on_the_first_rows():
    found = explorer.open_table(LEFT).join(RIGHT, on="id")
    expected = LEFT.merge(RIGHT.dropna(subset="id").drop_duplicates("id"), on="id", how="left")
    assert found.column_names == ["id", "x", "y", "word"]
    cells = found.source.take(np.arange(6)).to_pandas()
    pd.testing.assert_frame_equal(cells, expected, check_dtype=False)


def test_what_matched_is_counted_and_noted():
    found = explorer.open_table(LEFT).join(RIGHT, on="id")
    counts = (found.joined.matched, found.joined.unmatched, found.joined.missing)
    assert counts == (3, 3, 1)
    assert (found.joined.duplicated, found.joined.unused) == (1, 1)
    (note,) = found.source.notes
    assert note == found.joined.words
    assert (
        "3 rows matched, 3 did not (1 of them without a key); 1 key stands in several rows" in note
    )


@pytest.mark.parametrize("kind", ["int8", "int64", "float64", "datetime64[us]"])
def test_keys_of_several_types_and_many_rows_match_as_in_pandas(kind):
    rng = np.random.default_rng(0)
    left = pd.DataFrame({"k": rng.integers(0, 100, 3000).astype(kind), "a": 1})
    right = pd.DataFrame({"k": rng.permutation(120)[:70].astype(kind), "b": rng.normal(size=70)})
    found = explorer.open_table(left).join(explorer.open_table(right), on="k")
    expected = left.merge(right, on="k", how="left")["b"]
    assert np.array_equal(found.columns.numbers("b"), expected, equal_nan=True)
    assert found.joined.matched == int(expected.notna().sum())


def test_whole_numbers_match_across_types_and_text_never_matches_a_number():
    left = explorer.open_table(pd.DataFrame({"k": [1.0, 2.0, np.nan], "a": [1, 1, 1]}))
    found = left.join(
        pd.DataFrame({"k": np.array([2, 3], np.int16), "b": ["two", "three"]}), on="k"
    )
    assert found.source.column("b").to_pylist() == [None, "two", None]
    with pytest.raises(
        TableError, match="'k' is double in one table and large_string in the other"
    ):
        left.join(pd.DataFrame({"k": ["1", "2"], "b": [1, 2]}), on="k")


def test_what_is_known_of_the_other_tables_columns_comes_along(tmp_path):
    (tmp_path / "c.yaml").write_text("features: {y: {label: Why, unit: m}, id: {sentinels: [a]}}")
    other = explorer.open_table(RIGHT, catalogue=tmp_path / "c.yaml")
    found = explorer.open_table(LEFT).join(other, on="id")
    assert (found.features["y"].label, found.features["y"].unit) == ("Why", "m")
    assert found.joined.matched == 1  # "a" stands for a missing key there


def test_the_fingerprint_follows_from_both_tables():
    table = explorer.open_table(LEFT)
    found = {table.join(RIGHT.assign(y=y), on="id").fingerprint for y in (1, 2)}
    assert len(found | {table.fingerprint}) == 3
    assert table.join(RIGHT, on="id").fingerprint == table.join(RIGHT, on="id").fingerprint


def test_wrong_joins_are_refused_in_words():
    table = explorer.open_table(LEFT)
    with pytest.raises(
        TableError, match="both tables have 'x': rename these columns in one of them"
    ):
        table.join(RIGHT.assign(x=1), on="id")
    with pytest.raises(UnknownName, match="no column 'key'"):
        table.join(RIGHT, on="key")
    with pytest.raises(TableError, match="on must name one column"):
        table.join(RIGHT, on=["id"])
    with pytest.raises(TableError, match="no column but 'id'"):
        table.join(RIGHT[["id"]], on="id")
    with pytest.raises(TableError, match=r"the key 'v' holds list.*expected text, whole numbers"):
        explorer.open_table(pd.DataFrame({"v": [[1.0, 2.0]]})).join(
            pd.DataFrame({"v": [[1.0, 2.0]], "y": [1]}), on="v"
        )
