from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.sentinel import sentinel_like, sentinel_text


def found(cells: np.ndarray, **more: object) -> list[tuple[float, int]]:
    return [one[:2] for one in sentinel_like(Distribution.of(np.asarray(cells, float)), **more)]  # type: ignore[arg-type]


def ages(n: int = 2_000) -> np.ndarray:
    return np.clip(np.round(np.random.default_rng(0).normal(38, 12, n)), 1, 90)


@pytest.mark.parametrize("value", [-999, 999, 9999, -99, -1, 1e20, -(2.0**31), 255.0, 1e6, -8888])
def test_a_repeated_value_apart_that_looks_like_one_is_named(value: float) -> None:
    cells = ages()
    cells[:7] = value
    assert found(cells) == [(value, 7)]


def test_several_are_named_the_most_frequent_first_with_why() -> None:
    cells = ages()
    cells[:5], cells[5:30] = -99, -999
    first, second = sentinel_like(Distribution.of(cells))
    assert first == (-999, 25, f"all nines; the nearest other value is {cells[30:].min():.0f}")
    assert second[:2] == (-99, 5)


def test_zero_is_named_only_where_all_else_is_far_above() -> None:
    rng = np.random.default_rng(1)
    rates = np.append(rng.normal(70, 8, 1_000), [0, 0, 0])
    assert found(rates) == [(0, 3)]
    assert found(np.append(rng.lognormal(size=1_000), np.zeros(300))) == []
    assert found(np.append(rng.normal(size=1_000), np.zeros(300))) == []


def test_even_in_most_of_the_cells_it_is_named() -> None:
    assert found(np.concatenate([ages(), np.full(9_000, -999)])) == [(-999, 9_000)]


@pytest.mark.parametrize(
    "cells",
    [
        np.append(ages(), 999),  # comes once
        np.append(ages(), [123, 123]),  # does not look like one
        np.repeat([-1.0, 0, 1], 50),  # a scale
        np.arange(1, 1_200).repeat(3),  # 99 and 999 among their neighbours
        np.repeat([-1.0, 1], 50),
        np.round(np.random.default_rng(2).normal(0, 30, 3_000)),
        np.empty(0),
        np.array([9.0]),
        np.full(30, 999.0),
    ],
    ids=["once", "ordinary", "scale", "dense", "two", "around zero", "none", "one", "constant"],
)
def test_ordinary_values_are_not_named(cells: np.ndarray) -> None:
    assert found(cells) == []


def test_one_wrong_row_farther_out_does_not_hide_it() -> None:
    assert found(np.concatenate([ages(), [999] * 4, [5_000]])) == [(999, 4)]


def test_outside_the_valid_range_it_need_not_lie_apart() -> None:
    cells = np.concatenate([ages(), np.full(4, 99), np.arange(60, 120)])
    assert found(cells) == []
    assert sentinel_like(Distribution.of(cells), valid_range=(None, 98)) == (
        (99.0, 5, "all nines; outside the valid range"),
    )
    assert found(cells, valid_range=(0, 200)) == []


def test_a_value_that_thinning_lost_is_known_from_the_frequent_ones() -> None:
    cells = ages()
    assert found(cells, frequent=[(-999.0, 40), (12.0, 900), (1e20, 1)]) == [(-999, 40)]


def test_values_are_written_with_a_true_minus() -> None:
    assert (sentinel_text(-999.0), sentinel_text(1e20), sentinel_text(0.5)) == (
        "−999",
        "1e+20",
        "0.5",
    )
