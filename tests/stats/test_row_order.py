"""Order of cells; the oracle is pandas' stable sort, which also puts missing ones last."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.core.errors import TableError
from explorer.stats.row_order import can_order, cell_order

RNG = np.random.default_rng(0)
N = 5_000


def some(values, share=0.1):
    """Return the values with some missing."""
    return [
        None if gone else value
        for value, gone in zip(values, RNG.random(len(values)) < share, strict=True)
    ]


def columns():
    texts = ["", "a", "A", "ab", "abcdefgh", "abcdefghi", "é", "z" * 20, "日本", "a\0", "a b"]
    return {
        "floats": pa.array(
            some([*RNG.normal(size=N - 6), -0.0, 0.0, np.inf, -np.inf, 1e-310, -0.0])
        ),
        "few floats": pa.array(RNG.integers(0, 5, N) / 4),
        "nan and null": pa.array(
            np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(size=N)), mask=RNG.random(N) < 0.2
        ),
        "float32": pa.array(RNG.normal(size=N).astype(np.float32)),
        "int8": pa.array(RNG.integers(-128, 128, N).astype(np.int8)),
        "int64 beyond 2**53": pa.array(some((2**60 + RNG.integers(-3, 4, N)).tolist())),
        "uint64": pa.array(np.uint64(2**64 - 1) - RNG.integers(0, 4, N).astype(np.uint64)),
        "booleans": pa.array(some((RNG.random(N) < 0.5).tolist())),
        "dates": pa.array(
            some([dt.date(1960, 1, 1) + dt.timedelta(int(d)) for d in RNG.integers(0, 9999, N)])
        ),
        "times": pa.array(
            some([dt.datetime(1960, 1, 1) + dt.timedelta(int(d)) for d in RNG.integers(0, 9999, N)])
        ),
        "texts": pa.array(some([texts[i] for i in RNG.integers(0, len(texts), N)])),
        "long texts": pa.array(some([f"{'x' * 70}{i}" for i in RNG.integers(0, 50, N)])),
        "levels": pa.array(some([texts[i] for i in RNG.integers(0, 9, N)])).dictionary_encode(),
        "nothing but missing": pa.array([None] * 7, pa.float64()),
        "no cell": pa.array([], pa.string()),
    }


def expected(array, descending):
    cells = [None if value != value else value for value in array.to_pylist()]
    if pa.types.is_string(array.type) or pa.types.is_dictionary(array.type):
        cells = [None if value is None else value.encode() for value in cells]
    present = [i for i, value in enumerate(cells) if value is not None]
    present.sort(key=lambda i: cells[i], reverse=descending)  # stable both ways
    return present + [i for i, value in enumerate(cells) if value is None]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", columns())
def test_the_order_is_that_of_a_stable_sort_with_missing_cells_last(name, descending):
    array = columns()[name]
    cut = len(array) // 3
    for cells in (pa.chunked_array([array]), pa.chunked_array([array[:cut], array[cut:]])):
        order, missing = cell_order(cells, descending)
        wanted = expected(array, descending)
        np.testing.assert_array_equal(order, wanted)
        assert missing == sum(v is None or v != v for v in array.to_pylist())


def test_the_order_of_numbers_is_pandas_own():
    values = np.where(RNG.random(N) < 0.1, np.nan, RNG.gamma(2, size=N).round(2))
    wanted = pd.Series(values).sort_values(kind="stable", na_position="last").index
    np.testing.assert_array_equal(cell_order(pa.chunked_array([pa.array(values)]))[0], wanted)


def test_lists_have_no_order():
    cells = pa.chunked_array([pa.array([[1.0], [2.0]])])
    assert not can_order(cells.type)
    with pytest.raises(
        TableError, match="cannot be sorted: choose a column of numbers, times or texts"
    ):
        cell_order(cells)
