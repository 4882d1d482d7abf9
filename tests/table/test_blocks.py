import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.table.table import open_table


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=300_000).astype(np.float32), "k": rng.integers(0, 9, 300_000)}
    )
    frame["t"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(300_000), unit="s")
    frame["text"] = [f"{i % 1000}.5" for i in range(300_000)]
    frame.loc[::5, "x"] = np.nan
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=90_000)
    (tmp_path / "a.yaml").write_text("features:\n  k: {sentinels: [3]}\n")
    return open_table(str(tmp_path / "a.parquet"), tmp_path / "a.yaml", Cache(tmp_path / "cache"))


@pytest.mark.parametrize("name", ["x", "k", "t", "text"])
def test_blocks_are_the_column_again_and_again_and_nothing_is_kept(table, name):
    blocks = table.columns.blocks(name)
    again = [np.concatenate(list(blocks)) for _ in range(2)]
    assert not [entry for entry in table.columns.cache.entries() if entry.kind == "columns"]
    for found in again:
        np.testing.assert_array_equal(found, table.columns.numbers(name))
    assert max(map(len, blocks)) <= 131_072
    np.testing.assert_array_equal(
        np.concatenate(list(table.columns.blocks(name))), table.columns.numbers(name)
    )  # now decoded


def test_a_table_in_memory_has_blocks_too():
    table = open_table(pd.DataFrame({"x": [1.0, None, 3.0]}))
    np.testing.assert_array_equal(np.concatenate(list(table.columns.blocks("x"))), [1, np.nan, 3])
