"""Added columns against pandas with the same columns beside each other."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import TableError
from explorer.sources.source import ArrowSource, open_source
from explorer.sources.widened import AddedColumn, WidenedSource, reopen_source

N = 1000


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"a": rng.normal(size=N), "b": rng.integers(0, 9, N), "t": [f"row {i}" for i in range(N)]}
    )


@pytest.fixture
def source(frame, tmp_path) -> ArrowSource:
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False),
        tmp_path / "f.parquet",
        row_group_size=300,
    )
    return open_source(tmp_path / "f.parquet", Cache(tmp_path / "cache"))


@pytest.fixture
def cells(frame) -> dict[str, pa.ChunkedArray]:
    """A number in one chunk, and text in chunks whose dictionaries differ."""
    words = np.where(frame["b"] < 3, None, np.where(frame["b"] < 6, "few", "many"))
    halves = [
        pa.array(words[:400]).dictionary_encode(),
        pa.array(words[400:][::-1]).dictionary_encode(),
    ]
    return {"twice": pa.chunked_array([pa.array(2 * frame["a"])]), "word": pa.chunked_array(halves)}


@pytest.fixture
def widened(source, cells) -> WidenedSource:
    return WidenedSource(
        source, [AddedColumn(name, column, f"key of {name}") for name, column in cells.items()]
    )


@pytest.fixture
def expected(frame, cells) -> pd.DataFrame:
    return frame.assign(**{name: column.to_pylist() for name, column in cells.items()})


def same(found: pa.Table, expected: pd.DataFrame) -> bool:
    told = expected.astype(object).where(expected.notna(), None).to_dict("list")
    return bool(found.to_pydict() == told)


@pytest.mark.parametrize("names", [None, ["word", "a"], ["twice"], ["b"], ["t", "word", "twice"]])
def test_batches_give_every_row_in_order(widened, expected, names):
    batches = list(widened.batches(names, batch_size=128))
    assert max(batch.num_rows for batch in batches) <= 128
    assert same(pa.Table.from_batches(batches), expected[names or list(expected)])


def test_rows_at_random_are_those_that_the_base_would_draw(widened, source, expected):
    found, rows = widened.sample(["word", "a", "twice"], 50, seed=3)
    assert np.array_equal(rows, source.sample(["a"], 50, seed=3)[1])
    assert same(found, expected.loc[rows, ["word", "a", "twice"]])
    found, again = widened.sample(["word"], 50, seed=3)
    assert np.array_equal(again, rows)
    assert same(found, expected.loc[rows, ["word"]])


def test_rows_are_taken_and_looked_up(widened, expected):
    rows = np.array([3, 399, 400, 999])
    for read in (widened.take, widened.lookup):
        assert same(read(rows, ["word", "t"]), expected.loc[rows, ["word", "t"]])
    back = rows[::-1].copy()
    assert same(widened.take(back), expected.loc[back])


def test_a_look_at_a_row_keeps_no_column_in_the_cache(widened, source):
    widened.lookup(np.array([7]))
    assert not [entry for entry in source.cache.entries() if entry.kind == "columns"]


def test_lasting_columns_are_part_of_the_fingerprint_and_passing_ones_are_not(source, cells):
    def named(key, mutable=False):
        return WidenedSource(source, [AddedColumn("twice", cells["twice"], key, mutable)])

    assert len({source.fingerprint, named("x").fingerprint, named("y").fingerprint}) == 3
    assert len({source.identity(), named("x").identity(), named("y").identity()}) == 3
    assert named("x").fingerprint == named("x").fingerprint
    assert (named("x", True).fingerprint, named("x", True).identity()) == (
        source.fingerprint,
        source.identity(),
    )
    assert named("x", True).mutable_columns == {"twice"}


def test_another_process_opens_the_same_table(widened, source):
    script = (
        "import json, sys; from explorer.core.cache import Cache; from explorer.sources.widened "
        "import reopen_source\n"
        "from pathlib import Path\n"
        "told = reopen_source(json.loads(sys.argv[1]), Cache(Path(sys.argv[2])))\n"
        "print(json.dumps([told.fingerprint, told.column_names, told.column('word').to_pylist()]))"
    )
    asked = [sys.executable, "-c", script, json.dumps(widened.describe()), str(source.cache.folder)]
    told = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    assert told == [widened.fingerprint, widened.column_names, widened.column("word").to_pylist()]


def test_a_column_that_has_left_the_cache_is_written_again_or_missed_in_words(widened, source):
    described = widened.describe()
    source.cache.clear()
    with pytest.raises(TableError, match="'twice' is no longer in the cache: open the table again"):
        reopen_source(described, source.cache)
    assert reopen_source(widened.describe(), source.cache).fingerprint == widened.fingerprint


def test_another_process_does_not_see_columns_that_pass(source, cells):
    one = WidenedSource(source, [AddedColumn("word", cells["word"], "x", mutable=True)])
    assert reopen_source(one.describe(), source.cache).column_names == source.column_names


def test_names_that_are_taken_and_wrong_lengths_are_refused(source, cells):
    with pytest.raises(TableError, match="'a', which is in the table already: choose another name"):
        WidenedSource(source, [AddedColumn("a", cells["twice"], "")])
    with pytest.raises(TableError, match="' ', which is no name"):
        WidenedSource(source, [AddedColumn(" ", cells["twice"], "")])
    with pytest.raises(TableError, match="'c' has 10 cells, the table 1,000 rows"):
        WidenedSource(source, [AddedColumn("c", cells["twice"].slice(0, 10), "")])
