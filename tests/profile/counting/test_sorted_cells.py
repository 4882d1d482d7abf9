"""Ranks read from sorted keys, against sorting and searching in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.counting.keys import KeyCode
from explorer.profile.counting.sorted_cells import SortedCells


def cells(dtype: str) -> np.ndarray:
    rng = np.random.default_rng(2)
    if np.dtype(dtype).kind != "f":
        return np.sort(rng.integers(-50, 50, 3_000).astype(dtype))
    drawn = np.concatenate(
        [rng.normal(size=2_000), rng.normal(size=500).round(1), [-0.0, 0.0, 1e30, -1e30]]
    )
    return np.sort(drawn.astype(dtype))


def ordered(cells: np.ndarray, quick: bool) -> SortedCells:
    code = KeyCode(cells.dtype)
    decode = lambda keys: code.values(keys).astype(np.float64)  # noqa: E731
    keys = np.sort(code.keys(cells))
    return SortedCells(keys, decode, code.keys, cells.dtype) if quick else SortedCells(keys, decode)


WAYS = [
    ("float64", True),
    ("float32", True),
    ("float64", False),
    ("int64", False),
    ("int16", False),
]


@pytest.mark.parametrize(("dtype", "quick"), WAYS)
def test_cells_come_by_rank(dtype: str, quick: bool) -> None:
    known = cells(dtype)
    ranks = np.array([0, 1, 17, known.size - 1])
    np.testing.assert_array_equal(ordered(known, quick).at(ranks), known[ranks].astype(np.float64))


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize(("dtype", "quick"), WAYS)
def test_cells_below_an_edge_are_counted_as_numpy_counts_them(
    dtype: str, quick: bool, inclusive: bool
) -> None:
    known = cells(dtype).astype(np.float64)
    # edges on cells, just beside them as float64 sees it, between and beyond them
    some = known[:: known.size // 40]
    edges = np.concatenate(
        [some, np.nextafter(some, np.inf), np.nextafter(some, -np.inf), [0.1, -1e308, 1e308]]
    )
    expected = np.searchsorted(known, edges, side="right" if inclusive else "left")
    found = ordered(cells(dtype), quick).below(edges, inclusive=inclusive)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("dtype", "quick"), WAYS)
def test_the_ends_are_the_outermost_values_each_once(dtype: str, quick: bool) -> None:
    known = cells(dtype).astype(np.float64)
    np.testing.assert_array_equal(
        ordered(cells(dtype), quick).ends(20), np.unique(np.concatenate([known[:20], known[-20:]]))
    )


def test_without_cells_there_is_nothing_below_and_no_end() -> None:
    nothing = ordered(np.empty(0), quick=False)
    assert nothing.below(np.array([0.0, 1.0])).tolist() == [0, 0]
    assert nothing.ends(5).size == 0
