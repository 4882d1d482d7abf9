from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.features.catalogue import catalogue_glance
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.catalogue.catalogue_glance import scan_columns
from explorer.features.kind import NUMBERS_AS_TEXT, PARTLY_SEEN, ZERO_ONE
from explorer.sources.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 20_000


def columns(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "flag": rng.integers(0, 2, ROWS),
        "tiny": np.r_[2, rng.integers(0, 2, ROWS - 1)],  # a sample would hardly meet the 2
        "ones": np.ones(ROWS, np.int64),
        "gone": pa.nulls(ROWS, pa.int32()),
        "user_id": np.arange(ROWS) + seed * ROWS,
        "order_id": rng.integers(0, 100, ROWS),
        "real": rng.normal(size=ROWS),
        "level": pa.array([f"level {i}" for i in rng.integers(0, 9, ROWS)]),
        "amount": pa.array([f"{i:,}" for i in rng.integers(0, 10**7, ROWS)]),
        "title": pa.array(
            [
                f"a title long enough to be read as prose by whoever looks, {i} of {seed}"
                for i in range(ROWS)
            ]
        ),
    }


KINDS = {
    "flag": ("numeric", (ZERO_ONE,)), "tiny": ("numeric", ()), "ones": ("numeric", ()),
    "gone": ("numeric", ()),
    "user_id": ("identifier", ()), "order_id": ("numeric", ()), "real": ("numeric", ()),
    "level": ("categorical", ()),
    "amount": ("identifier", (NUMBERS_AS_TEXT,)), "title": ("text", ()),
}  # fmt: skip


def kinds(source: Any) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        name: (feature.kind, feature.notes) for name, feature in describe_columns(source).items()
    }


@pytest.fixture
def written(tmp_path: Path) -> Path:
    for part in range(2):
        pq.write_table(pa.table(columns(part)), tmp_path / f"{part}.parquet", row_group_size=3_000)
    return tmp_path


def test_what_integers_span_is_read_from_the_statistics_of_all_files_and_not_from_cells(
    written: Path,
) -> None:
    source = open_source(written)
    seen = scan_columns(source, source.column_names)
    assert set(seen.cells) == {"user_id", "order_id", "level", "amount", "title"}
    assert seen.zero_one == {"flag"}
    assert kinds(source) == KINDS


def test_a_value_beyond_0_and_1_in_the_last_row_of_the_last_file_is_seen(tmp_path: Path) -> None:
    flag = np.tile(np.array([0, 1]), 10_000)
    pq.write_table(pa.table({"flag": flag}), tmp_path / "a.parquet", row_group_size=5_000)
    last = flag.copy()
    last[-1] = 2
    pq.write_table(pa.table({"flag": last}), tmp_path / "b.parquet", row_group_size=5_000)
    assert kinds(open_source(tmp_path / "a.parquet")) == {"flag": ("numeric", (ZERO_ONE,))}
    assert kinds(open_source(tmp_path)) == {"flag": ("numeric", ())}


def test_without_statistics_and_in_memory_cells_are_looked_at(tmp_path: Path) -> None:
    table = pa.table(columns()).drop_columns(["tiny"])
    expected = {name: kind for name, kind in KINDS.items() if name != "tiny"}
    pq.write_table(table, tmp_path / "bare.parquet", write_statistics=False)
    assert kinds(open_source(tmp_path / "bare.parquet")) == expected
    assert kinds(open_source(table)) == expected


def test_in_a_long_table_a_few_row_groups_are_begun_and_the_feature_says_so(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_glance, "_READ_CELLS", 10_000)
    source = open_source(written)
    seen = scan_columns(source, source.column_names)
    assert seen.partial
    assert {len(cells) for cells in seen.cells.values()} == {5_000}
    looked = {"user_id", "order_id", "level", "amount", "title"}
    expected = {
        n: (k, (*notes, PARTLY_SEEN) if n in looked else notes) for n, (k, notes) in KINDS.items()
    }
    assert kinds(source) == expected


def test_a_column_looks_the_same_whichever_others_are_asked_for(written: Path) -> None:
    source = open_source(written)
    together = describe_columns(source)
    for name in source.column_names:
        assert describe_columns(source, names=[name]) == {name: together[name]}


def test_text_that_is_nearly_all_missing_is_looked_at_in_more_rows() -> None:
    cells = np.full(ROWS * 2, None, dtype=object)
    cells[:: ROWS // 10] = "1,000"
    assert kinds(open_source(pa.table({"rare": pa.array(cells, pa.string())})))["rare"][1] == (
        NUMBERS_AS_TEXT,
    )


def test_a_csv_whose_parquet_form_left_the_cache_is_looked_at_all_the_same(tmp_path: Path) -> None:
    from explorer.core.cache import Cache

    (tmp_path / "t.csv").write_text("flag,word\n0,a\n1,b\n1,a\n", encoding="utf-8")
    cache = Cache(tmp_path / "cache")
    source = open_source(tmp_path / "t.csv", cache)
    cache.clear()
    assert kinds(source) == {"flag": ("numeric", (ZERO_ONE,)), "word": ("categorical", ())}
