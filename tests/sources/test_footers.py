import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.features.catalogue.catalogue_glance import scan_columns
from explorer.sources import footers
from explorer.sources.footers import read_column_chunks
from explorer.sources.source import open_source

ROWS = 900


def table():
    rng = np.random.default_rng(0)
    numbers = {
        str(kind): pa.array(rng.integers(0, 100, ROWS), kind)
        for kind in (
            pa.int8(),
            pa.int16(),
            pa.int32(),
            pa.int64(),
            pa.uint8(),
            pa.uint16(),
            pa.uint32(),
            pa.uint64(),
        )
    }
    return pa.table(
        {
            **numbers,
            "negative": pa.array(rng.integers(-(2**62), 2**62, ROWS)),
            "small negative": pa.array(rng.integers(-50, -3, ROWS), pa.int32()),
            "beyond signed": pa.array(rng.integers(2**63, 2**64 - 1, ROWS, dtype=np.uint64)),
            "some missing": pa.array([None if i % 7 else i for i in range(ROWS)]),
            "all missing": pa.nulls(ROWS, pa.int64()),
            "real": rng.normal(size=ROWS),
            "yes": rng.random(ROWS) < 0.5,
            "text": rng.choice(["a", "bb", "äöü"], ROWS),
            "binary": [bytes([i % 256]) * (i % 40) for i in range(ROWS)],
            "when": pa.array(
                [datetime.datetime(2020, 1, 1) + datetime.timedelta(hours=i) for i in range(ROWS)]
            ),
            "day": pa.array([datetime.date(2020, 1, 1)] * ROWS),
            "list": [[1, 2, 3][: i % 4] for i in range(ROWS)],
            "struct": [{"int64": i, "deep": {"int32": [i]}} for i in range(ROWS)],
            "map": pa.array([[("k", i)] for i in range(ROWS)], pa.map_(pa.string(), pa.int64())),
            "struct.int64": np.arange(ROWS),  # as the path of the nested one reads
        }
    )


OPTIONS = [
    {},
    {"version": "1.0", "data_page_version": "2.0"},
    {"write_statistics": False},
    {"use_dictionary": False, "write_page_index": True, "store_schema": False},
    {
        "write_statistics": ["int64", "text"],
        "compression": "zstd",
        "sorting_columns": [pq.SortingColumn(1)],
    },
    {
        "use_deprecated_int96_timestamps": True,
        "use_byte_stream_split": ["real"],
        "use_dictionary": ["text"],
    },
]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
def test_column_chunks_are_those_of_pyarrow(tmp_path, monkeypatch, options, compiled):
    monkeypatch.setattr(footers, "_COMPILED_BYTES", 0 if compiled else 1 << 30)
    path = tmp_path / "a.parquet"
    pq.write_table(table(), path, row_group_size=250, **options)
    metadata = pq.read_metadata(path)
    found = read_column_chunks(path, metadata.num_row_groups, metadata.num_columns)
    assert set(found.places) == {
        name for name in table().column_names if name not in ("list", "struct", "map")
    }
    for name, place in found.places.items():
        assert metadata.schema.column(place).path == name
    for place in range(metadata.num_columns):
        for group in range(metadata.num_row_groups):
            chunk, at = metadata.row_group(group).column(place), (group, place)
            assert found.values[at] == chunk.num_values
            assert found.bytes[at] == chunk.total_uncompressed_size
            assert found.dictionary[at] == bool(
                {"RLE_DICTIONARY", "PLAIN_DICTIONARY"} & set(chunk.encodings)
            )
            said = chunk.statistics
            assert found.nulls[at] == (
                said.null_count if said is not None and said.has_null_count else -1
            )
            if chunk.physical_type in ("INT32", "INT64"):
                assert bool(found.spanned[at]) == (said is not None and said.has_min_max)
                if found.spanned[at] and isinstance(said.min, int):
                    ends = np.array([said.min, said.max]).astype(np.uint64).view(np.int64)
                    assert [found.low[at], found.high[at]] == ends.tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_a_changed_footer_says_something_or_nothing(tmp_path, monkeypatch, compiled):
    monkeypatch.setattr(footers, "_COMPILED_BYTES", 0 if compiled else 1 << 30)
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"a": np.arange(60), "b": ["x", "y", "z"] * 20}), path, row_group_size=30
    )
    content = path.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(500):
        changed = bytearray(content)
        for place in rng.integers(start, len(content) - 8, int(rng.integers(1, 4))):
            changed[place] = rng.integers(256)
        path.write_bytes(changed)
        found = read_column_chunks(path, 2, 2)
        told += found is None
        assert found is None or found.values.shape == (2, 2)
    assert 50 < told < 450
    for size in (0, 1, 7, 8, start, start + 100):
        path.write_bytes(content[:size])
        assert read_column_chunks(path, 2, 2) is None
    path.write_bytes(content)
    assert read_column_chunks(path, 3, 2) is None
    assert read_column_chunks(path, 2, 3) is None
    assert read_column_chunks(path, 1, 2).values.tolist() == [[30, 30]]


def test_a_column_whose_name_reads_like_a_nested_one_has_its_own_span(tmp_path):
    flags = np.tile([0, 1], 50)
    nested = [{"b": i} for i in range(100)]
    for columns in ({"a.b": flags, "a": nested}, {"a": nested, "a.b": flags}):
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        source = open_source(tmp_path / "a.parquet")
        assert scan_columns(source, ["a.b"]).zero_one == {"a.b"}


def test_unsigned_integers_beyond_signed_ones_are_not_0_and_1(tmp_path):
    kinds = {
        "wide": (pa.uint64(), 2**64 - 1),
        "narrow": (pa.uint32(), 2**32 - 1),
        "flag": (pa.uint8(), 1),
    }
    columns = {name: pa.array([0, 1, most], kind) for name, (kind, most) in kinds.items()}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet")
    assert scan_columns(source, source.column_names).zero_one == {"flag"}
