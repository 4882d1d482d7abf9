"""ArrowSource against pyarrow reading the same files whole."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import TableChanged, TableError, UnknownName
from explorer.sources.source import ArrowSource, open_source

ROOT = Path(__file__).parents[2]
N = 2000


def films(n: int = N) -> pa.Table:
    rng = np.random.default_rng(0)
    score = rng.normal(size=n)
    score[::11] = np.nan
    return pa.table(
        {
            "score": pa.array(score, mask=rng.random(n) < 0.1),
            "year": pa.array(rng.integers(1940, 2015, n), pa.int16()),
            "seen": pa.array(rng.random(n) < 0.5, mask=rng.random(n) < 0.1),
            "title": [f"film {i}" for i in range(n)],
            "genre": pa.array(rng.choice(["drama", "comedy", "war"], n), mask=rng.random(n) < 0.1),
            "day": pa.array(rng.integers(0, 10**15, n), pa.timestamp("us")),
            "vector": pa.array(list(rng.normal(size=(n, 3))), pa.list_(pa.float64())),
        }
    )


def write(table: pa.Table, folder: Path, form: str) -> Path:
    """Write the table in two files of several groups each."""
    folder.mkdir()
    half = len(table) // 2
    for i, part in enumerate((table.slice(0, half), table.slice(half))):
        if form == "parquet":
            pq.write_table(part, folder / f"{i}.parquet", row_group_size=300)
        elif form == "feather":
            feather.write_feather(part, folder / f"{i}.feather", compression="lz4", chunksize=300)
        else:
            with pa.ipc.new_stream(folder / f"{i}.arrows", part.schema) as writer:
                writer.write_table(part, max_chunksize=300)
    return folder


def plain(table: pa.Table) -> dict[str, list[object]]:
    """Values as Python has them, NaN made comparable."""
    return {n: [repr(v) for v in table.column(n).to_pylist()] for n in table.column_names}


@pytest.fixture(params=["parquet", "feather", "stream", "memory"])
def source(request: pytest.FixtureRequest, tmp_path: Path, cache: Cache) -> ArrowSource:
    if request.param == "memory":
        return open_source(pa.concat_tables([films().slice(0, 700), films().slice(700)]), cache)
    return open_source(write(films(), tmp_path / "films", request.param), cache)


def test_batches_give_every_row_in_order(source: ArrowSource) -> None:
    batches = list(source.batches(batch_size=128))

    assert source.num_rows == N
    assert source.column_names == films().column_names
    assert max(b.num_rows for b in batches) <= 128
    assert all(b.schema.equals(source.schema) for b in batches)
    assert plain(pa.Table.from_batches(batches)) == plain(films())


def test_batches_give_the_columns_asked_for_in_that_order(source: ArrowSource) -> None:
    table = pa.Table.from_batches(source.batches(["genre", "score"]))

    assert plain(table) == plain(films().select(["genre", "score"]))


def test_a_column_is_whole_and_the_same_the_second_time(source: ArrowSource) -> None:
    for name in films().column_names:
        first, second = source.column(name), source.column(name)
        assert first.type == source.schema.field(name).type
        assert plain(pa.table({"x": first})) == plain(pa.table({"x": films().column(name)}))
        assert plain(pa.table({"x": second})) == plain(pa.table({"x": first}))


def test_numbers_are_those_of_pandas(source: ArrowSource) -> None:
    frame = films().to_pandas()

    np.testing.assert_array_equal(source.numeric("score"), frame["score"].to_numpy())
    np.testing.assert_array_equal(source.numeric("year"), frame["year"].to_numpy(float))
    np.testing.assert_array_equal(
        source.numeric("seen"), frame["seen"].astype("float64").to_numpy()
    )
    np.testing.assert_allclose(
        source.numeric("day"), frame["day"].astype("int64").to_numpy() / 1e6, rtol=1e-15
    )
    with pytest.raises(ValueError, match="read-only"):
        source.numeric("year")[0] = 1
    with pytest.raises(TableError, match="'title' is not numeric"):
        source.numeric("title")


def test_take_gives_rows_in_the_order_asked_for_and_twice_when_asked_twice(
    source: ArrowSource,
) -> None:
    rows = np.array([1999, 0, 5, 5, 1000, 999])

    assert plain(source.take(rows, ["title", "genre", "vector"])) == plain(
        films().select(["title", "genre", "vector"]).take(rows)
    )
    assert source.take(np.array([], np.int64), ["title"]).num_rows == 0
    for bad in ([-1], [N], [[1]]):
        with pytest.raises(TableError, match="expected positions from 0 to 1999"):
            source.take(np.array(bad), ["title"])


def test_a_sample_is_of_the_rows_it_says(source: ArrowSource) -> None:
    table, rows = source.sample(None, 150, seed=3)

    assert len(rows) == len(set(rows.tolist())) == 150
    assert (np.diff(rows) > 0).all()
    assert plain(table) == plain(films().take(rows))
    assert source.sample(["year"], 150, seed=3)[1].tolist() == rows.tolist()
    assert source.sample(["year"], 150, seed=4)[1].tolist() != rows.tolist()


def test_a_sample_of_all_rows_or_more_is_the_table(source: ArrowSource) -> None:
    for n in (N, N + 1):
        table, rows = source.sample(["genre", "year"], n)
        assert rows.tolist() == list(range(N))
        assert plain(table) == plain(films().select(["genre", "year"]))
    assert source.sample(["year"], 0)[0].num_rows == 0


def test_a_sample_draws_every_row_equally_often(cache: Cache, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.arange(50)}), tmp_path / "x.parquet", row_group_size=7)
    source = open_source(tmp_path / "x.parquet", cache)

    counts = np.bincount(
        np.concatenate([source.sample(["x"], 10, seed)[1] for seed in range(300)]), minlength=50
    )
    # 300 draws of probability 1/5: mean 60, sd 6.9
    assert counts.min() > 60 - 5 * 6.9
    assert counts.max() < 60 + 5 * 6.9


def test_the_same_table_is_reopened_in_another_process(source: ArrowSource, cache: Cache) -> None:
    document = json.loads(json.dumps(source.describe()))
    script = (
        "import json, sys; from pathlib import Path\n"
        "from explorer.core.cache import Cache; from explorer.sources.source import ArrowSource\n"
        "source = ArrowSource.reopen(json.loads(sys.argv[1]), Cache(Path(sys.argv[2])))\n"
        "print(json.dumps([source.fingerprint, source.name, source.num_rows, str(source.schema),\n"
        "                  source.take([3, 1], None).to_pydict()['title']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(document), str(cache.folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert json.loads(done.stdout) == [
        source.fingerprint,
        source.name,
        N,
        str(source.schema),
        ["film 3", "film 1"],
    ]


def test_reopening_does_not_hash(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = open_source(write(films(), tmp_path / "films", "parquet"), cache).describe()
    monkeypatch.setattr("explorer.sources.fingerprint._hash_file", None)

    assert ArrowSource.reopen(document, cache).fingerprint == document["fingerprint"]


def test_reopening_refuses_what_is_gone(cache: Cache, tmp_path: Path) -> None:
    document = open_source(films(10), cache).describe()
    with pytest.raises(TableError, match="no longer in the cache"):
        ArrowSource.reopen(document, Cache(tmp_path / "other"))
    with pytest.raises(TableError, match="of version 99"):
        ArrowSource.reopen({**document, "version": 99}, cache)
    path = tmp_path / "a.parquet"
    pq.write_table(films(10), path)
    document = open_source(path, cache).describe()
    pq.write_table(films(11), path)
    with pytest.raises(TableChanged):
        ArrowSource.reopen(document, cache)


def test_every_pass_notices_a_file_that_changed(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(films(10), path)
    source = open_source(path, cache)
    source.column("year")
    pq.write_table(films(11), path)

    for read in (
        lambda: source.batches(["year"]),
        lambda: source.column("year"),
        lambda: source.sample(["year"], 3),
        lambda: source.take(np.array([1]), ["year"]),
        lambda: source.fingerprint,
        lambda: source.describe(),
    ):
        with pytest.raises(TableChanged, match="open the table again"):
            read()


def test_a_file_that_was_only_touched_is_still_the_table(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": [1, 2]}), path, compression="none")
    os.utime(path, (1e9, 1e9))
    source = open_source(path, cache)
    document = source.describe()

    os.utime(path, (1e9, 1e9 + 5))
    assert source.column("x").to_pylist() == [1, 2]
    assert ArrowSource.reopen(document, cache).fingerprint == source.fingerprint
    size = path.stat().st_size
    pq.write_table(pa.table({"x": [1, 3]}), path, compression="none")
    assert path.stat().st_size == size
    with pytest.raises(TableChanged, match="rewritten since"):
        source.column("x")


@pytest.mark.parametrize(
    ("lazy", "advice"),
    [
        (pl.LazyFrame({"x": [1]}), r"polars LazyFrame .* \.collect\(\)"),
        (ds.dataset(pa.table({"x": [1]})), r"pyarrow Dataset .* \.to_table\(\)"),
    ],
)
def test_what_holds_no_rows_yet_is_refused_with_advice(lazy: object, advice: str) -> None:
    with pytest.raises(TableError, match=advice):
        open_source(lazy)


def test_a_whole_column_of_numbers_is_shared_without_a_copy(cache: Cache, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.arange(1000.0)}), tmp_path / "x.parquet", row_group_size=100)
    source = open_source(tmp_path / "x.parquet", cache)

    column = source.column("x")
    assert column.num_chunks == 1
    numbers = source.numeric("x")
    assert not numbers.flags.owndata
    assert [e.kind for e in cache.entries()] == ["columns"]


def test_many_threads_decode_a_column_once(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source(write(films(), tmp_path / "films", "parquet"), cache)
    reads = []
    read = ArrowSource._read
    monkeypatch.setattr(ArrowSource, "_read", lambda *args: reads.append(1) or read(*args))
    threads = [threading.Thread(target=source.column, args=("genre",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reads) == 1


def test_text_that_repeats_is_read_with_its_dictionary(cache: Cache, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(3):  # each file knows other values
        words = pa.array(rng.choice([f"level {j}" for j in range(i * 10, i * 10 + 20)], 1000))
        table = pa.table(
            {
                "kind": words,
                "large": words.cast(pa.large_string()),
                "name": [f"n{j}" for j in range(1000)],
            }
        )
        pq.write_table(table, tmp_path / f"{i}.parquet", row_group_size=250)
    source = open_source(str(tmp_path / "*.parquet"), cache)
    whole = pa.concat_tables([pq.read_table(tmp_path / f"{i}.parquet") for i in range(3)])

    assert source.schema.types == [pa.dictionary(pa.int32(), pa.string())] * 2 + [pa.string()]
    for name in source.column_names:
        assert source.column(name).to_pylist() == whole.column(name).to_pylist()
    assert (
        source.take(np.array([2999, 0, 1500]), None).to_pylist()
        == whole.take([2999, 0, 1500]).to_pylist()
    )
    table, rows = source.sample(None, 100)
    assert table.to_pylist() == whole.take(rows).to_pylist()
    assert len({str(c.dictionary) for c in source.column("kind").chunks}) == 1


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("form", ["parquet", "feather", "stream", "memory"])
def test_tables_of_no_row_and_one_row(cache: Cache, tmp_path: Path, rows: int, form: str) -> None:
    table = films(5).slice(0, rows)
    source = open_source(table if form == "memory" else write(table, tmp_path / "t", form), cache)

    assert source.num_rows == rows
    assert sum(b.num_rows for b in source.batches()) == rows
    assert len(source.column("genre")) == len(source.numeric("score")) == rows
    assert source.sample(None, 5)[0].num_rows == source.take(np.arange(rows), None).num_rows == rows
    assert ArrowSource.reopen(source.describe(), cache).num_rows == rows


def test_unknown_columns_suggest_the_nearest(source: ArrowSource) -> None:
    for read in (
        source.column,
        source.numeric,
        lambda n: source.batches([n]),
        lambda n: source.sample([n], 3),
    ):
        with pytest.raises(UnknownName, match="no column 'yaer': did you mean 'year'"):
            read("yaer")


def test_column_names_with_dots_are_plain_names(cache: Cache, tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2], "a.b": [3, 4], "a.b.c": [5, 6]})
    pq.write_table(table, tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet", cache)

    assert [b.column_names for b in source.batches(["a"])] == [["a"]]
    assert source.column("a.b").to_pylist() == [3, 4]


def test_a_damaged_parquet_file_is_one_clear_line(cache: Cache, tmp_path: Path) -> None:
    pq.write_table(films(), tmp_path / "good.parquet", compression="snappy")
    content = (tmp_path / "good.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[: len(content) // 2])
    (tmp_path / "hole.parquet").write_bytes(content[:4] + bytes(100) + content[104:])

    with pytest.raises(
        TableError, match=r"^'cut.parquet' cannot be read \(.*damaged or incomplete"
    ):
        open_source(tmp_path / "cut.parquet", cache)
    source = open_source(tmp_path / "hole.parquet", cache)
    for read in (
        lambda: list(source.batches()),
        lambda: source.column("score"),
        lambda: source.sample(None, 10),
    ):
        with pytest.raises(TableError, match=r"'hole.parquet' cannot be read") as caught:
            read()
        assert "\n" not in str(caught.value)
    assert cache.entries() == []


def test_a_changed_byte_is_noticed_where_the_file_holds_checksums(
    cache: Cache, tmp_path: Path
) -> None:
    pq.write_table(
        pa.table({"x": np.random.default_rng(0).normal(size=1000)}),
        tmp_path / "a.parquet",
        write_page_checksum=True,
    )
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4000] ^= 1
    (tmp_path / "a.parquet").write_bytes(content)

    with pytest.raises(TableError, match="CRC checksum"):
        open_source(tmp_path / "a.parquet", cache).column("x")


def test_a_damaged_arrow_file_is_one_clear_line(cache: Cache, tmp_path: Path) -> None:
    for form, suffix in (("feather", "feather"), ("stream", "arrows")):
        folder = write(films(), tmp_path / form, form)
        content = (folder / f"0.{suffix}").read_bytes()
        (tmp_path / f"cut.{suffix}").write_bytes(content[: len(content) // 2])
        with pytest.raises(TableError, match="cannot be read"):
            list(open_source(tmp_path / f"cut.{suffix}", cache).batches())


def test_files_of_different_columns_are_refused_by_name(cache: Cache, tmp_path: Path) -> None:
    def folder(name: str, *tables: dict[str, object]) -> Path:
        (tmp_path / name).mkdir()
        for i, table in enumerate(tables):
            pq.write_table(pa.table(table), tmp_path / name / f"{i}.parquet")
        return tmp_path / name

    with pytest.raises(TableError, match=r"'0.parquet' has 'b', '1.parquet' has not"):
        open_source(folder("less", {"a": [1], "b": [1]}, {"a": [1]}), cache)
    with pytest.raises(TableError, match=r"'1.parquet' has 'c' and 1 more, '0.parquet' has not"):
        open_source(folder("more", {"a": [1]}, {"a": [1], "c": [1], "d": [1]}), cache)
    with pytest.raises(TableError, match=r"type of the column 'a': int64 and string"):
        open_source(folder("types", {"a": [1]}, {"a": ["x"]}), cache)


def test_files_of_other_order_or_narrower_types_are_one_table(cache: Cache, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"a": pa.array([1], pa.int32()), "b": ["x"], "n": pa.nulls(1)}),
        tmp_path / "0.parquet",
    )
    pq.write_table(pa.table({"b": ["y"], "n": ["z"], "a": pa.array([2.5])}), tmp_path / "1.parquet")
    source = open_source([tmp_path / "1.parquet", tmp_path / "0.parquet"], cache)

    assert pa.Table.from_batches(source.batches()).to_pydict() == {
        "a": [1.0, 2.5],
        "b": ["x", "y"],
        "n": [None, "z"],
    }


def test_two_columns_of_one_name_and_no_columns_are_refused(cache: Cache, tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    pq.write_table(pa.table({}), tmp_path / "none.parquet")

    for source in (twice, tmp_path / "twice.parquet"):
        with pytest.raises(TableError, match="two columns named 'a'"):
            open_source(source, cache)
    for source in (pa.table({}), tmp_path / "none.parquet", pd.DataFrame()):
        with pytest.raises(TableError, match="no columns"):
            open_source(source, cache)


def test_tables_of_pandas_polars_and_arrow(cache: Cache) -> None:
    frame = pd.DataFrame(
        {"x": [1.5, np.nan], "s": ["a", None], "c": pd.Categorical(["u", "v"])},
        index=pd.Index([7, 8], name="id"),
    )
    source = open_source(frame, cache)
    assert source.column_names == ["x", "s", "c"]
    assert source.notes == ["the index (id) is not read as a column: reset_index() makes it one"]
    np.testing.assert_array_equal(source.numeric("x"), [1.5, np.nan])
    assert source.schema.field("c").type == pa.dictionary(pa.int32(), pa.large_string())

    polars = pl.DataFrame(
        {"x": [1, None], "s": ["a", None], "c": pl.Series(["u", "v"], dtype=pl.Categorical)}
    )
    source = open_source(polars, cache)
    assert source.schema.field("s").type == pa.large_string()
    assert pa.Table.from_batches(source.batches()).to_pylist() == polars.to_dicts()

    for arrow in (films(), films().to_batches()[0], films().to_reader()):
        assert open_source(arrow, cache).fingerprint == open_source(films(), cache).fingerprint


def test_the_callers_table_is_never_written_to(cache: Cache) -> None:
    values = np.array([1.0, 2.0, np.nan])
    source = open_source(pa.table({"x": values}), cache)

    with pytest.raises(ValueError, match="read-only"):
        source.numeric("x")[0] = 9
    assert np.shares_memory(source.numeric("x"), values)
    assert values.flags.writeable


@pytest.mark.parametrize(
    "thing",
    [3, None, {"x": [1]}, [1, 2], np.zeros((2, 2)), pd.Series([1]), pl.LazyFrame({"x": [1]})],
)
def test_what_is_no_table_is_refused_in_words(cache: Cache, thing: object) -> None:
    with pytest.raises(TableError, match=type(thing).__name__):
        open_source(thing, cache)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            [1, "a", None, 2.5],
            (
                r"^the column 'x' mixes text and numbers \(float, int, str\): "
                r"df\['x'\]\.astype\(str\) makes it text, pd\.to_numeric"
            ),
        ),
        (
            [1 + 2j, 2.0],
            (
                r"^the column 'x' holds complex numbers, which are not read: pass "
                r".*np\.real\(df\['x'\]\)"
            ),
        ),
        (
            [object(), object()],
            (
                r"^the column 'x' holds cells of a type that is not read \(object\): "
                r"df\['x'\]\.astype\(str\)"
            ),
        ),
    ],
)
def test_cells_of_pandas_that_are_no_column_are_named_with_what_to_do(
    cells: list[object], words: str, cache: Cache
) -> None:
    frame = pd.DataFrame({"ok": range(len(cells)), "x": cells})
    with pytest.raises(TableError, match=words) as refused:
        open_source(frame, cache)
    assert "Conversion failed" not in str(refused.value)


@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_files_of_string_views_are_read_sampled_and_profiled(form: str, cache: Cache) -> None:
    cells = [f"a{i % 3}" for i in range(5_000)]
    whole = pa.table({"s": pa.array(cells, pa.string_view()), "x": np.arange(5_000.0)})
    folder = cache.folder.parent / "files"
    folder.mkdir(parents=True)
    for name, part in (("0", whole), ("1", whole.slice(0, 20))):
        if form == "parquet":
            pq.write_table(part, folder / f"{name}.parquet")
        else:
            with pa.ipc.new_file(folder / f"{name}.arrow", part.schema) as writer:
                writer.write_table(part)
    source = open_source(folder, cache)
    drawn, rows = source.sample(["s"], 100, 0)
    assert drawn["s"].to_pylist() == [(cells + cells[:20])[row] for row in rows]
    levels = explorer.open_table(folder, cache=cache).profile()["s"].levels
    assert dict(levels) == {one: (cells + cells[:20]).count(one) for one in ("a0", "a1", "a2")}


def test_a_pandas_column_that_arrow_cannot_hold_is_named(cache: Cache) -> None:
    with pytest.raises(TableError, match="column 'mixed' holds cells that are not of one type"):
        open_source(pd.DataFrame({"mixed": pd.Series([1, "a", object()], dtype=object)}), cache)


def test_opening_reads_no_data(cache: Cache, tmp_path: Path) -> None:
    pq.write_table(films(), tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    footer = int.from_bytes(content[-8:-4], "little") + 8
    content[4:-footer] = bytes(len(content) - 4 - footer)
    (tmp_path / "a.parquet").write_bytes(content)
    source = open_source(tmp_path / "a.parquet", cache)

    assert (source.num_rows, source.column_names) == (N, films().column_names)
    assert pc.sum(pa.array([source.num_rows])).as_py() == N
