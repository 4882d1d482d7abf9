"""Rows as files and as Arrow; the oracle is pandas."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.errors import TableError, UnknownName
from explorer.selection import row_files
from explorer.selection.selection import Selection, where
from explorer.sources.source import open_source


@pytest.fixture(scope="module")
def known():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": rng.normal(size=3000),
            "n": rng.integers(0, 9, 3000),
            "t": rng.choice(["x", 'with "quotes", and comma', None], 3000),
            "d": pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 999, 3000), unit="D"),
        }
    )


@pytest.fixture(scope="module", params=["memory", "file"])
def source(request, known, tmp_path_factory):
    table = pa.Table.from_pandas(known, preserve_index=False)
    table = table.append_column(
        "v", pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6000.0)), 2)
    )
    table = table.set_column(2, "t", table["t"].dictionary_encode())
    if request.param == "memory":
        return open_source(table)
    path = tmp_path_factory.mktemp("rows") / "t.parquet"
    pq.write_table(table, path, row_group_size=700)
    return open_source(path)


@pytest.mark.parametrize("few", [0, 100_000])
@pytest.mark.parametrize("text", ["a > 0", "a > 99", "n >= 0", "n = 3 and t is null"])
def test_rows_come_with_their_number_before_all_columns(source, known, text, few, monkeypatch):
    monkeypatch.setattr(row_files, "_FEW", few)  # read through, or looked up
    found = where(source, text).to_arrow()
    assert found.column_names == ["row", "a", "n", "t", "d", "v"]
    expected = {
        "a > 0": known["a"] > 0,
        "a > 99": known["a"] > 99,
        "n >= 0": known["n"] >= 0,
        "n = 3 and t is null": (known["n"] == 3) & known["t"].isna(),
    }[text]
    wanted = known[expected]
    assert found["row"].to_pylist() == wanted.index.tolist()
    np.testing.assert_array_equal(found["a"], wanted["a"])
    assert [t or None for t in found["t"].to_pylist()] == [
        t if t == t else None for t in wanted["t"]
    ]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_file_holds_the_same(source, known, tmp_path, ending):
    path = tmp_path / f"rows{ending}"
    chosen = where(source, "n < 4")
    chosen.save(path)
    read = pd.read_csv(path, parse_dates=["d"]) if ending == ".csv" else pd.read_parquet(path)
    wanted = known[known["n"] < 4]
    assert read["row"].tolist() == wanted.index.tolist()
    assert list(read.columns) == ["row", "a", "n", "t", "d"] + ([] if ending == ".csv" else ["v"])
    np.testing.assert_array_equal(read["a"], wanted["a"])
    assert read["t"].astype(object).fillna("–").tolist() == wanted["t"].fillna("–").tolist()
    assert (read["d"] == wanted["d"].to_numpy()).all()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_columns_come_as_they_are_asked_for(source):
    chosen = where(source, "n < 4")
    assert chosen.to_arrow(["d", "a"]).column_names == ["row", "d", "a"]
    with pytest.raises(UnknownName, match="no column 'nn'"):
        chosen.to_arrow(["nn"])
    with pytest.raises(UnknownName, match="no column 'nn'"):
        chosen.save("nowhere.csv", ["nn"])


def test_a_table_with_a_column_called_row_keeps_it():
    source = open_source(pa.table({"row": [7, 8, 9], "a": [1, 2, 3]}))
    assert where(source, "a > 1").to_arrow().to_pydict() == {"row": [8, 9], "a": [2, 3]}


def test_what_cannot_be_written_is_said_and_leaves_nothing(source, tmp_path):
    chosen = where(source, "n < 4")
    with pytest.raises(TableError, match=r"written as .parquet or .csv, not '.xlsx'"):
        chosen.save(tmp_path / "rows.xlsx")
    with pytest.raises(TableError, match="'v' holds lists, which CSV has no form for"):
        chosen.save(tmp_path / "rows.csv", ["a", "v"])
    with pytest.raises(TableError, match="cannot be written to"):
        chosen.save(tmp_path / "no" / "folder" / "rows.csv")
    with pytest.raises(TableError, match="does not know its table"):
        Selection(np.ones(3, bool), "f", {"rows": [0]}).to_arrow()
    assert list(tmp_path.iterdir()) == []
