"""CSV against pandas and the csv module: types, missing values, ragged rows, no value lost."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import TableError
from explorer.sources import csv_import
from explorer.sources.source import ArrowSource, open_source


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_import, "_BLOCK_BYTES", 256)


def opened(tmp_path: Path, cache: Cache, text: str, name: str = "t.csv") -> ArrowSource:
    (tmp_path / name).write_bytes(text.encode())
    return open_source(tmp_path / name, cache)


def types(source: ArrowSource) -> dict[str, str]:
    kinds = [t.value_type if pa.types.is_dictionary(t) else t for t in source.schema.types]
    return dict(zip(source.column_names, map(str, kinds), strict=True))


def values(source: ArrowSource) -> dict[str, list[object]]:
    return pa.Table.from_batches(source.batches(), source.schema).to_pydict()


def test_types_are_found(tmp_path: Path, cache: Cache) -> None:
    source = opened(
        tmp_path,
        cache,
        "i,f,b,s,d,t,z,none\n"
        "1,1.5,true,a,2001-01-01,2001-01-01 10:00:00,2001-01-01T10:00:00Z,\n"
        "-2,1e3,False,é,2001-12-31,2001-01-01,2001-01-01T10:00:00+02:00,\n",
    )

    assert types(source) == {
        "i": "int64",
        "f": "double",
        "b": "bool",
        "s": "string",
        "d": "date32[day]",
        "t": "timestamp[us]",
        "z": "timestamp[us, tz=UTC]",
        "none": "null",
    }
    assert values(source)["f"] == [1.5, 1000.0]
    assert values(source)["s"] == ["a", "é"]


def test_numbers_are_those_that_pandas_wrote(
    tmp_path: Path, cache: Cache, small_blocks: None
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=500), "b": rng.integers(-9, 9, 500), "c": rng.random(500) * 1e-7}
    )
    frame.loc[::7, "a"] = np.nan
    frame.to_csv(tmp_path / "t.csv", index=False)
    source = open_source(tmp_path / "t.csv", cache)

    for name in frame:  # pandas writes the shortest text that reads back as the same float64
        np.testing.assert_array_equal(source.numeric(str(name)), frame[name].to_numpy(float))


@pytest.mark.parametrize(
    ("late", "kind"),
    [
        ("7", "int64"),
        ("1.5", "double"),
        ("abc", "string"),
        ("1,416", "string"),
        ("007", "string"),
        ("-01.5", "string"),
        ("2001-01-01", "string"),
        ("12345678901234567890", "string"),
        ("N/A", "int64"),
        ("", "int64"),
        (" 5 ", "int64"),
    ],
)
def test_a_type_is_widened_when_a_later_block_does_not_fit(
    tmp_path: Path, cache: Cache, small_blocks: None, late: str, kind: str
) -> None:
    rows = [[str(i), "x"] for i in range(200)] + [[late, "y"]]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["n", "s"], *rows])
    source = opened(tmp_path, cache, buffer.getvalue())

    assert types(source)["n"] == kind
    found = values(source)["n"]
    if kind == "string":
        assert found == [row[0] or None for row in rows]
    else:
        missing = ("", "N/A")
        assert found == [None if row[0] in missing else float(row[0]) for row in rows]


def test_widening_twice_keeps_long_integers(
    tmp_path: Path, cache: Cache, small_blocks: None
) -> None:
    rows = ["9007199254740993", *(str(i) for i in range(200)), "1.5"]
    source = opened(tmp_path, cache, "id\n" + "\n".join(rows) + "\n")

    assert values(source)["id"] == rows


def test_a_column_that_starts_empty_gets_the_type_of_what_follows(
    tmp_path: Path, cache: Cache, small_blocks: None
) -> None:
    text = "a,b\n" + "".join(f",{i}\n" for i in range(200)) + "2.5,1\n"

    source = opened(tmp_path, cache, text)
    assert types(source) == {"a": "double", "b": "int64"}
    assert values(source)["a"] == [None] * 200 + [2.5]


def test_in_text_only_the_empty_cell_is_missing(tmp_path: Path, cache: Cache) -> None:
    source = opened(tmp_path, cache, 'country,n\nNA,NA\n"",null\nnull,3\nChad,\n')

    assert values(source) == {"country": ["NA", None, "null", "Chad"], "n": [None, None, 3, None]}


def test_quotes_line_breaks_and_blank_lines(tmp_path: Path, cache: Cache) -> None:
    text = '\n"a ""x""","b\nb"\r\n"1,5","two\nlines"\r\n\r\n2,"say ""hi"""\r\n'
    source = opened(tmp_path, cache, text)

    assert values(source) == {'a "x"': ["1,5", "2"], "b\nb": ["two\nlines", 'say "hi"']}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.tsv", "a\tb\n1\tx,y\n"),
        ("semicolon.csv", "a;b\n1;x,y\n"),
        ("bar.csv", 'a|"b"\n1|x,y\n'),
        ("bom.csv", '\ufeffa,b\n1,"x,y"\n'),
        ("tab.csv", "a\tb\n1\tx,y"),
    ],
)
def test_delimiters_and_marks(tmp_path: Path, cache: Cache, name: str, text: str) -> None:
    assert values(opened(tmp_path, cache, text, name)) == {"a": [1], "b": ["x,y"]}


def test_compressed_files(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n"))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,x\n" * 9)[:-12])
    (tmp_path / "no.csv.gz").write_bytes(b"a,b\n1,x\n")

    assert values(open_source(tmp_path / "t.csv.gz", cache)) == {"a": [1], "b": ["x"]}
    for bad in ("cut.csv.gz", "no.csv.gz"):
        with pytest.raises(TableError, match="cannot be read"):
            open_source(tmp_path / bad, cache)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n3\n", r"'t.csv', line 3: expected 2 fields as in the header, found 1"),
        ("a,b\n1,2\n3,4,5\n", r"line 3: expected 2 fields as in the header, found 3"),
        ('a,b\n"1\n1",2\n\n3,4,5\n', r"line 5: expected 2 fields"),
        ("a,b\n" + "1,2\n" * 5000 + "3\n", r"line 5002: expected 2 fields"),
        ("a,b,a\n1,2,3\n", r"two columns named 'a'"),
        ("\n\n", r"has no header"),
        (",\n1,2\n", r"has no header"),
    ],
)
def test_bad_rows_and_headers_are_one_line_that_says_where(
    tmp_path: Path, cache: Cache, small_blocks: None, text: str, words: str
) -> None:
    with pytest.raises(TableError, match=words) as caught:
        opened(tmp_path, cache, text)
    assert "\n" not in str(caught.value)
    assert [e.kind for e in cache.entries()] == []


def test_text_that_is_not_utf8_is_refused_wherever_it_comes(
    tmp_path: Path, cache: Cache, small_blocks: None
) -> None:
    for i, text in enumerate(["a\né\n", "é\n1\n", "a\n" + "x\n" * 9000 + "é\n"]):
        (tmp_path / f"{i}.csv").write_bytes(text.encode("latin-1"))
        with pytest.raises(TableError, match="not UTF-8 text: save it as UTF-8"):
            open_source(tmp_path / f"{i}.csv", cache)


def test_a_header_alone_is_a_table_of_no_rows(tmp_path: Path, cache: Cache) -> None:
    for i, text in enumerate(["a,b\n", "a,b", "a,b\n\n\n"]):
        source = opened(tmp_path, cache, text, f"{i}.csv")
        assert (source.num_rows, source.column_names) == (0, ["a", "b"])
        assert values(source) == {"a": [], "b": []}


def test_a_column_without_a_name_gets_one(tmp_path: Path, cache: Cache) -> None:
    assert opened(tmp_path, cache, ",a\n0,5\n").column_names == ["unnamed_1", "a"]


def test_files_agree_on_types_without_losing_a_value(tmp_path: Path, cache: Cache) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "0.csv").write_text("n,m,e\n1.50,1,\n")
    (folder / "1.csv").write_text("n,m,e\nabc,2.5,\n")
    (folder / "2.csv").write_text("n,m,e\n3,,x\n")
    source = open_source(folder, cache)

    assert values(source) == {
        "n": ["1.50", "abc", "3"],
        "m": [1.0, 2.5, None],
        "e": [None, None, "x"],
    }


def test_is_converted_once_by_content_and_again_when_it_left_the_cache(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = []
    write = csv_import._write_parquet
    monkeypatch.setattr(
        csv_import, "_write_parquet", lambda *args: writes.append(1) or write(*args)
    )
    source = opened(tmp_path, cache, "a\n1\n")
    once = len(writes)

    opened(tmp_path, cache, "a\n1\n", "copy.csv")
    assert len(writes) == once
    cache.clear()
    assert values(source) == {"a": [1]}
    assert len(writes) > once


def test_a_table_larger_than_a_row_group(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_import, "_GROUP_BYTES", 2000)
    monkeypatch.setattr(csv_import, "_BLOCK_BYTES", 500)
    source = opened(tmp_path, cache, "a,b\n" + "".join(f"{i},w{i % 3}\n" for i in range(3000)))

    assert values(source) == {"a": list(range(3000)), "b": [f"w{i % 3}" for i in range(3000)]}
