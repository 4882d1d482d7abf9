"""Fingerprints: the same for the same content however it lies, another for any change."""

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.cache import Cache
from explorer.sources import fingerprint
from explorer.sources.fingerprint import content_digest, fingerprint_of_files, fingerprint_of_table
from explorer.sources.source import open_source
from explorer.sources.table_files import resolve


def of_files(source: Path, cache: Path) -> str:
    return fingerprint_of_files(resolve(source).files, Cache(cache))


def folder_of_two(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"x\n1\n")
    (folder / "sub" / "b.csv").write_bytes(b"x\n2\n")
    return folder


def test_files_copied_elsewhere_keep_their_fingerprint(tmp_path: Path) -> None:
    here = folder_of_two(tmp_path / "here")
    there = shutil.copytree(here, tmp_path / "other" / "there")
    first = of_files(here, tmp_path / "c1")

    assert first == of_files(there, tmp_path / "c2")
    (there / "a.csv").write_bytes(b"x\n3\n")
    assert first != of_files(there, tmp_path / "c2")


def test_a_renamed_file_is_another_table(tmp_path: Path) -> None:
    here = folder_of_two(tmp_path / "here")
    first = of_files(here, tmp_path / "c")

    (here / "a.csv").rename(here / "c.csv")
    assert of_files(here, tmp_path / "c") != first


def test_pieces_cover_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "_PIECE", 1000)
    monkeypatch.setattr(fingerprint, "_STEP", 300)
    content = bytearray(np.random.default_rng(0).bytes(3500))
    digests = set()
    for changed in (None, 0, 299, 300, 999, 1000, 2500, 3499):
        now = bytearray(content)
        if changed is not None:
            now[changed] ^= 1
        path = tmp_path / str(changed) / "a.csv"
        path.parent.mkdir()
        path.write_bytes(now)
        digests.add(content_digest(resolve(path).files[0], Cache(tmp_path / "c")))

    assert len(digests) == 8


def test_a_digest_is_remembered_by_path_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x\n1\n")
    os.utime(path, (1e9, 1e9))
    cache = Cache(tmp_path / "c")
    first = content_digest(resolve(path).files[0], cache)

    monkeypatch.setattr(fingerprint, "_hash_file", lambda *_: "hashed again")
    assert content_digest(resolve(path).files[0], cache) == first
    os.utime(path, (1e9, 1e9 + 1))
    assert content_digest(resolve(path).files[0], cache) == "hashed again"


def test_a_file_written_this_moment_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x\n1\n")
    cache = Cache(tmp_path / "c")
    content_digest(resolve(path).files[0], cache)

    assert cache.entries() == []


def test_a_cache_that_cannot_be_written_does_not_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x\n1\n")
    os.utime(path, (1e9, 1e9))

    assert of_files(path, path / "no folder") == of_files(path, tmp_path / "c")


def every_type() -> pa.Table:
    rng = np.random.default_rng(0)
    n = 700
    words = ["", "a", "é", "long text"]
    missing = rng.random(n) < 0.2
    lists = [None if i % 5 == 0 else list(range(i % 4)) for i in range(n)]
    return pa.table(
        {
            "i": pa.array(rng.integers(0, 9, n), pa.int16(), mask=missing),
            "f": rng.normal(size=n),
            "b": pa.array(rng.random(n) < 0.5, mask=missing),
            "s": pa.array([words[i] for i in rng.integers(0, 4, n)], mask=missing),
            "d": pa.array([words[i] for i in rng.integers(0, 4, n)]).dictionary_encode(),
            "t": pa.array(rng.integers(0, 10**9, n), pa.timestamp("s")),
            "dec": pa.array(rng.integers(0, 99, n)).cast(pa.decimal128(21, 2)),
            "l": pa.array(lists, pa.list_(pa.int64())),
            "v": pa.FixedSizeListArray.from_arrays(rng.normal(size=2 * n), 2),
            "st": pa.array([None if i % 7 == 0 else {"x": i, "y": str(i)} for i in range(n)]),
            "m": pa.array([[("k", i)] for i in range(n)], pa.map_(pa.string(), pa.int64())),
            "n": pa.nulls(n),
            "fb": pa.array([b"ab", b"cd"] * (n // 2), pa.binary(2)),
        }
    )


def test_a_table_in_memory_does_not_depend_on_chunks_or_offsets() -> None:
    table = every_type()
    first = fingerprint_of_table(table)

    chunked = pa.concat_tables([table.slice(0, 3), table.slice(3, 250), table.slice(253)])
    padded = pa.concat_tables([table.slice(0, 13), table]).combine_chunks().slice(13)
    assert chunked.column(0).num_chunks == 3
    assert fingerprint_of_table(chunked) == first
    assert fingerprint_of_table(padded) == first


def test_the_block_length_of_the_hash_hides_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "_BLOCK_ROWS", 100)
    table = every_type()
    chunked = pa.concat_tables([table.slice(0, 130), table.slice(130)])

    assert fingerprint_of_table(chunked) == fingerprint_of_table(table)
    assert fingerprint_of_table(table.slice(0, 699)) != fingerprint_of_table(table)


def test_what_lies_under_a_missing_value_does_not_count() -> None:
    masks = pa.array([True, False, True])
    hidden = [
        pa.Array.from_buffers(pa.int64(), 3, [masks.buffers()[1], pa.array([1, x, 3]).buffers()[1]])
        for x in (5, 6)
    ]

    assert hidden[0].to_pylist() == [1, None, 3]
    assert len({fingerprint_of_table(pa.table({"x": h})) for h in hidden}) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"x": pa.array([1, 2, None]), "s": pa.array(["a", "", "bc"])},
        {"x": pa.array([1, 2, 0]), "s": pa.array(["a", "", "bc"])},
        {"x": pa.array([1, 2, 3]), "s": pa.array(["a", None, "bc"])},
        {"x": pa.array([1, 2, 3]), "s": pa.array(["ab", "", "c"])},
        {"x": pa.array([1, 2, 3], pa.int32()), "s": pa.array(["a", "", "bc"])},
        {"y": pa.array([1, 2, 3]), "s": pa.array(["a", "", "bc"])},
        {"s": pa.array(["a", "", "bc"]), "x": pa.array([1, 2, 3])},
    ],
)
def test_any_change_of_names_types_or_values_is_another_table(other: dict[str, pa.Array]) -> None:
    table = pa.table({"x": [1, 2, 3], "s": ["a", "", "bc"]})

    assert fingerprint_of_table(pa.table(other)) != fingerprint_of_table(table)


def test_a_dictionary_counts_as_its_values() -> None:
    plain = pa.array(["a", "b", None, "a"])
    encoded = pa.DictionaryArray.from_arrays(pa.array([1, 2, None, 1]), pa.array(["z", "a", "b"]))

    assert fingerprint_of_table(pa.table({"s": encoded})) == fingerprint_of_table(
        pa.table({"s": plain})
    )


def test_a_source_computes_it_when_asked_and_notices_a_change(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet", Cache(tmp_path / "c"))

    assert source.fingerprint == of_files(tmp_path / "a.parquet", tmp_path / "c2")
    assert len(source.fingerprint) == 32
