from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.counting import distinct_values as distinct
from explorer.profile.counting.distinct_values import DistinctValues, Sketch, hash_texts


def of(cells: np.ndarray) -> DistinctValues:
    values, counts = np.unique(cells, return_counts=True)
    return DistinctValues(values=values, counts=counts)


@pytest.mark.parametrize("n", [100, 5000, 60_000, 700_000])
@pytest.mark.parametrize("kind", ["consecutive", "spread", "floats"])
def test_a_sketch_errs_by_four_standard_errors_at_most(n: int, kind: str) -> None:
    keys = {
        "consecutive": np.arange(n),
        "spread": np.arange(n) << 40,
        "floats": np.random.default_rng(0).normal(size=n).view(np.int64),
    }[kind]
    assert Sketch.of_keys(keys).estimate == pytest.approx(n, rel=4 * 0.0081)


def test_repeats_do_not_change_a_sketch() -> None:
    keys = np.arange(10_000)
    repeated = Sketch.of_keys(np.tile(keys, 3))
    np.testing.assert_array_equal(repeated.registers, Sketch.of_keys(keys).registers)


def test_the_sketch_of_all_is_that_of_its_parts() -> None:
    keys = np.arange(30_000)
    joined = Sketch.of_keys(keys[:20_000]).merged(Sketch.of_keys(keys[10_000:]))
    np.testing.assert_array_equal(joined.registers, Sketch.of_keys(keys).registers)


def test_registers_hold_leading_zeros() -> None:
    hashes = np.array([0, 1 << 63, (1 << 49) | (3 << 50), 1 | (5 << 50)], dtype=np.uint64)
    registers = Sketch.of(hashes).registers
    assert registers[[0, 1 << 13, 3, 5]].tolist() == [51, 51, 1, 50]
    assert np.count_nonzero(registers) == 4


def test_texts_that_differ_have_hashes_that_differ() -> None:
    texts = [f"level {i}".encode() for i in range(50_000)] + [b"", b"\x00", "ä".encode()]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    hashes = hash_texts(offsets, np.frombuffer(b"".join(texts), np.uint8))
    assert np.unique(hashes).size == len(texts)
    assert Sketch.of(hashes).estimate == pytest.approx(len(texts), rel=4 * 0.0081)


def test_equal_texts_have_equal_hashes_wherever_they_lie() -> None:
    data = np.frombuffer(b"abcabc", np.uint8)
    one, other = hash_texts(np.array([0, 3, 6]), data)
    assert one == other


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
def test_merged_values_and_counts_are_those_of_numpy_unique(dtype: type) -> None:
    cells = np.random.default_rng(0).integers(0, 200, 5000).astype(dtype)
    joined = of(cells[:100]).merged(of(cells[100:2000])).merged(of(cells[2000:]))
    values, counts = np.unique(cells, return_counts=True)
    assert joined.exact
    assert joined.count == values.size
    np.testing.assert_array_equal(joined.values, values)
    np.testing.assert_array_equal(joined.counts, counts)


def test_nothing_joined_with_nothing_is_nothing() -> None:
    joined = of(np.empty(0)).merged(of(np.empty(0)))
    assert (joined.count, joined.exact, joined.top(20)[0].size) == (0, True, 0)


def test_beyond_the_limit_values_are_sketched_and_the_frequent_ones_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distinct, "LIMIT", 20_000)
    rng = np.random.default_rng(0)
    cells = np.concatenate([rng.normal(size=60_000), np.full(500, 0.5), np.full(300, -0.25)])
    parts = np.array_split(rng.permutation(cells), 6)
    joined = of(parts[0])
    for part in parts[1:]:
        joined = joined.merged(of(part))
    assert not joined.exact
    assert joined.count == pytest.approx(60_002, rel=4 * 0.0081)
    values, counts = joined.top(2)
    assert (values.tolist(), counts.tolist()) == ([0.5, -0.25], [500, 300])
    assert joined.values.size <= 1000


def test_two_blocks_that_were_complete_are_counted_exactly_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distinct, "LIMIT", 100)
    joined = of(np.arange(80)).merged(of(np.arange(40, 160)))
    assert (joined.count, joined.exact) == (160, True)
    assert not joined.merged(of(np.arange(3))).exact


def test_frequent_counts_beyond_the_limit_are_lower_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "LIMIT", 1000)
    rng = np.random.default_rng(0)
    parts = [np.floor(rng.exponential(900, 4000)) for _ in range(5)]
    joined = of(parts[0])
    for part in parts[1:]:
        joined = joined.merged(of(part))
    values, counts = joined.top(20)
    true = (np.concatenate(parts)[:, None] == values).sum(axis=0)
    assert not joined.exact
    assert (counts <= true).all()
    assert counts.size == 20
