"""What holds for every format of files; the oracle is the table that was written."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import TableError
from explorer.sources.file_formats import FILE_FORMATS, KNOWN, NAMES, FileFormat
from explorer.sources.source import open_source
from explorer.sources.table_files import format_of

if TYPE_CHECKING:
    from collections.abc import Callable

WRITERS: dict[str, Callable[[pa.Table, Path], object]] = {
    "Parquet": pa.parquet.write_table,
    "Arrow": lambda table, path: pa.feather.write_feather(table, path, compression="lz4"),
    "CSV": lambda table, path: write_csv(table, path),
}


def write_csv(table: pa.Table, path: Path) -> None:
    opened = gzip.open if path.suffix == ".gz" else Path.open
    separator = "\t" if ".tsv" in path.suffixes else ","
    with opened(path, "wb") as file:
        pa.csv.write_csv(table, file, pa.csv.WriteOptions(delimiter=separator))


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rng = np.random.default_rng(0)
    score = pa.array(rng.normal(size=1_000), mask=rng.random(1_000) < 0.1)
    title = [f"film {i}" for i in range(1_000)]
    return pa.table({"title": title, "year": np.arange(1_000), "score": score})


every_format = pytest.mark.parametrize("form", FILE_FORMATS, ids=lambda form: form.name)


@every_format
def test_each_suffix_is_read_as_it_was_written(form: FileFormat, table: pa.Table, tmp_path: Path):
    for suffix in form.suffixes:
        path = tmp_path / f"films{suffix}"
        WRITERS[form.name](table, path)
        source = open_source(path, Cache(tmp_path / "cache"))
        assert (source.name, source.num_rows) == ("films", 1_000)
        for name in table.column_names:
            expected, found = table[name].to_numpy(), source.column(name).to_numpy()
            np.testing.assert_array_equal(found, expected)


@every_format
def test_two_files_are_one_table_whose_rows_are_found_again(
    form: FileFormat, table: pa.Table, tmp_path: Path
):
    for i in range(2):
        WRITERS[form.name](table.slice(500 * i, 500), tmp_path / f"part-{i}{form.suffixes[0]}")
    opened = explorer.open_table(tmp_path)
    assert opened.num_rows == 1_000
    rows = np.array([3, 499, 500, 999])
    found = opened.source.lookup(rows)
    assert found["title"].to_pylist() == [f"film {row}" for row in rows]


@every_format
def test_a_damaged_file_is_refused_in_words(form: FileFormat, tmp_path: Path):
    path = tmp_path / f"films{form.suffixes[0]}"
    path.write_bytes(b"\x00\xff" * 50)
    with pytest.raises(TableError, match="films"):
        open_source(path, Cache(tmp_path / "cache"))


@every_format
def test_a_file_without_a_suffix_is_known_by_its_first_bytes(form: FileFormat, tmp_path: Path):
    for magic in form.magic:
        path = tmp_path / "films"
        path.write_bytes(magic + b"\x00" * 20)
        assert format_of(path) == form.name


@every_format
def test_messages_name_every_format(form: FileFormat):
    assert form.name in NAMES
    assert form.suffixes[0] in KNOWN
