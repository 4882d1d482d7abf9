from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from explorer.profile.counting import level_counts
from explorer.profile.counting.level_counts import LevelCounts, count_levels


def columns() -> dict[str, pa.Array]:
    rng = np.random.default_rng(0)
    codes = np.minimum(rng.geometric(0.002, 5000), 4000)
    texts = [None if code % 11 == 0 else f"level {code}" for code in codes]
    return {
        "text": pa.array(texts),
        "large text": pa.array(texts, pa.large_string()),
        "dictionary": pa.array(texts).dictionary_encode(),
        "unicode": pa.array(["ä", "a", "", "日本", "ä", None]),
        "numbers": pa.array([3, 1, None, 3]),
        "floats": pa.array([1.5, float("nan"), 1.5, None]),
        "booleans": pa.array([True, None, True, False]),
        "dates": pa.array([1, 2, 2], pa.date32()),
        "nothing": pa.array([None, None], pa.string()),
        "no rows": pa.array([], pa.string()),
        "no rows in a dictionary": pa.array([], pa.string()).dictionary_encode(),
        "constant": pa.array(["x"] * 100),
    }


def counter_of(array: pa.Array) -> Counter[str]:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    plain = [v for v in array.to_pylist() if v is not None and v == v]
    written = {float: lambda v: f"{v:g}", bool: lambda v: str(v).lower()}
    return Counter(written.get(type(value), str)(value) for value in plain)


def assert_counted(found: LevelCounts, counter: Counter[str], rows: int) -> None:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0].encode()))
    assert list(found.levels) == ordered[:1000]
    assert found.others == sum(count for _, count in ordered[1000:])
    assert (found.rows, found.missing) == (rows, rows - counter.total())
    assert (found.distinct, found.distinct_exact, found.levels_exact) == (len(counter), True, True)
    assert found.longest == max(map(len, counter), default=0)


@pytest.mark.parametrize("name", list(columns()))
def test_levels_are_those_of_a_counter(name: str) -> None:
    array = columns()[name]
    cut = len(array) // 3
    for column in (
        pa.chunked_array([array]),
        pa.chunked_array([array[:cut], array[cut:]], array.type),
    ):
        assert_counted(count_levels(column), counter_of(array), len(array))


@pytest.mark.parametrize("name", list(columns()))
def test_merged_blocks_are_counted_as_the_whole(name: str) -> None:
    array = columns()[name]
    cut = len(array) // 3
    blocks = [
        count_levels(pa.chunked_array([part], array.type)) for part in (array[:cut], array[cut:])
    ]
    assert_counted(blocks[0].merged(blocks[1]), counter_of(array), len(array))


def test_dictionaries_that_differ_or_repeat_a_value_are_joined() -> None:
    chunks = [
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), pa.array(["a", "b", "a"])),
        pa.DictionaryArray.from_arrays(pa.array([0, 0, 1, 2]), pa.array(["c", "b", None])),
    ]
    found = count_levels(pa.chunked_array(chunks))
    assert found.levels == (("a", 2), ("b", 2), ("c", 2))
    assert (found.missing, found.distinct) == (2, 3)  # a null index, and an index of a null


def test_levels_of_a_dictionary_that_do_not_occur_are_not_counted() -> None:
    column = pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.array(["a", "far too long"]))]
    )
    found = count_levels(column)
    assert (found.distinct, found.longest, found.levels) == (1, 1, (("a", 2),))


@pytest.mark.parametrize(
    ("array", "sentinels"),
    [
        (pa.array(["a", "?", "-9", "a"]), ("?", -9)),
        (pa.array(["a", "?", "-9", "a"]).dictionary_encode(), ("?", -9)),
        (pa.array([4, -9, -8, 4]), (-9, -8, "?")),
        (pa.array([4.0, -9.0, np.nan, 4.0]), (-9,)),
    ],
)
def test_sentinels_are_missing(array: pa.Array, sentinels: tuple[float | str, ...]) -> None:
    found = count_levels(pa.chunked_array([array]), sentinels)
    assert (found.missing, found.distinct, found.levels[0][1]) == (2, 1, 2)


def test_a_million_levels_are_counted_exactly() -> None:
    codes = np.random.default_rng(0).integers(0, 10**6, 1_200_000)
    dictionary = pa.array(np.arange(10**6)).cast(pa.string())
    column = pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(codes), dictionary)])
    counts = np.bincount(codes, minlength=10**6)
    found = count_levels(column)
    assert (found.distinct, found.longest) == (np.count_nonzero(counts), 6)
    top = np.sort(counts)[::-1][:1000]
    assert [count for _, count in found.levels] == top.tolist()
    assert all(counts[int(name)] == count for name, count in found.levels)
    assert found.others == codes.size - top.sum()


def test_beyond_the_limit_levels_are_sketched_and_the_large_ones_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(level_counts, "LIMIT", 20_000)
    rng = np.random.default_rng(0)
    texts = np.array([f"key {i}" for i in rng.permutation(60_000)] + ["often"] * 700, dtype=object)
    parts = np.array_split(rng.permutation(texts), 5)
    joined = count_levels(pa.chunked_array([pa.array(parts[0])]))
    for part in parts[1:]:
        joined = joined.merged(count_levels(pa.chunked_array([pa.array(part)])))
    assert (joined.distinct_exact, joined.levels_exact) == (False, False)
    assert joined.distinct == pytest.approx(60_001, rel=4 * 0.0081)
    assert joined.levels[0] == ("often", 700)
    assert len(joined.names) == 10_000
    assert joined.others + sum(count for _, count in joined.levels) == joined.rows == 60_700


def test_one_block_beyond_the_limit_is_still_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_counts, "LIMIT", 100)
    found = count_levels(pa.chunked_array([pa.array([f"{i}" for i in range(500)])]))
    assert (found.distinct, found.distinct_exact, found.sketch is not None) == (500, True, True)
