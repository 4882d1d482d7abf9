from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.frequent import (
    count_distinct,
    count_few,
    count_range,
    longest_runs,
    most_frequent,
    runs,
    spaced_runs,
)


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "geometric": rng.geometric(0.01, 5000),
        "all different": np.arange(5000),
        "all twice": np.repeat(np.arange(2500), 2),
        "constant": np.full(5000, 7),
        "one cell": np.array([7]),
        "rising counts": np.repeat(np.arange(100), np.arange(100)),
    }


@pytest.fixture(params=list(columns()))
def cells(request: pytest.FixtureRequest) -> np.ndarray:
    return np.sort(columns()[request.param])


def expected_top(cells: np.ndarray, limit: int) -> list[tuple[int, int]]:
    counted = sorted(Counter(cells.tolist()).items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in counted if pair[1] >= 2][:limit]


@pytest.mark.parametrize("limit", [1, 5, 20, 1000])
def test_the_longest_runs_are_the_most_frequent_values(cells: np.ndarray, limit: int) -> None:
    values, counts = longest_runs(cells, limit)
    assert list(zip(values.tolist(), counts.tolist(), strict=True)) == expected_top(cells, limit)


@pytest.mark.parametrize("limit", [1, 5, 20, 1000])
def test_the_largest_counts_are_the_most_frequent_values(cells: np.ndarray, limit: int) -> None:
    values, counts = most_frequent(*np.unique(cells, return_counts=True), limit)
    assert list(zip(values.tolist(), counts.tolist(), strict=True)) == expected_top(cells, limit)


def test_runs_are_those_of_numpy_unique(cells: np.ndarray) -> None:
    expected = np.unique(cells, return_counts=True)
    assert count_distinct(cells) == expected[0].size
    for found, wanted in zip(runs(cells, expected[0].size), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_no_cells_have_no_values() -> None:
    assert count_distinct(np.empty(0, dtype=np.int64)) == 0


@pytest.mark.parametrize("points", [1, 7, 64, 10_000])
def test_spaced_runs_are_the_values_at_even_ranks(cells: np.ndarray, points: int) -> None:
    whole = Distribution.of(cells)
    ranks = [0, *np.searchsorted(whole.cumulative, np.arange(1, points + 1) * whole.n // points)]
    keys, cumulative, equal = spaced_runs(cells, count_distinct(cells), points)
    np.testing.assert_array_equal(cumulative, np.searchsorted(cells, keys, "right"))
    np.testing.assert_array_equal(equal, cumulative - np.searchsorted(cells, keys, "left"))
    np.testing.assert_array_equal(
        keys, whole.values[np.unique(ranks)] if whole.values.size > points else whole.values
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64, np.uint64])
def test_few_values_are_counted_as_numpy_does(dtype: type) -> None:
    rng = np.random.default_rng(0)
    cells = (rng.integers(0, 2000, 10_000) * 7).astype(dtype)
    found = count_few([cells[:100], cells[100:]])
    assert found is not None
    values, counts = np.unique(cells, return_counts=True)
    assert found[0].dtype == cells.dtype
    np.testing.assert_array_equal(found[0], values)
    np.testing.assert_array_equal(found[1], counts)


def test_the_two_zeros_are_one_value() -> None:
    values, counts = count_few([np.array([-0.0, 0.0, -1.0])]) or (None, None)
    assert (values.tolist(), counts.tolist()) == ([-1, 0], [1, 2])


def test_counting_gives_up_where_there_are_many_values() -> None:
    assert count_few([np.arange(4096.0)]) is not None
    assert count_few([np.arange(2048.0), np.arange(4097.0)]) is None


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (np.int8, -128, 127),
        (np.uint8, 0, 1),
        (np.int64, -(2**63), -(2**63) + 50),
        (np.uint64, 2**64 - 60, 2**64 - 1),
        (np.int32, -5, -5),
    ],
)
def test_integers_of_a_small_range_are_counted_as_numpy_does(
    dtype: type, low: int, high: int
) -> None:
    cells = np.array([low + i * i % (high - low + 1) for i in range(1000)] + [high], dtype=dtype)
    values, counts = np.unique(cells, return_counts=True)
    found = count_range([cells[:10], cells[10:]], low, high)
    np.testing.assert_array_equal(found[0], values)
    np.testing.assert_array_equal(found[1], counts)
    assert found[0].dtype == cells.dtype
