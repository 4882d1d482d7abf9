from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from explorer.core.errors import TableError
from explorer.profile.counting import counts as counts_module
from explorer.profile.counting import distinct_values as distinct
from explorer.profile.counting.counts import NumberCounts, count_numbers
from explorer.profile.counting.distribution import OUTER, POINTS


def columns() -> dict[str, pa.Array]:
    rng = np.random.default_rng(0)
    z = rng.normal(size=9000)
    holes = z.copy()
    holes[::7], holes[::50], holes[::100] = np.nan, np.inf, -np.inf
    gone = rng.random(9000) < 0.1
    return {
        "floats": pa.array(z),
        "floats with holes": pa.array(holes, mask=gone),
        "float32": pa.array((z * 100).astype(np.float32), mask=gone),
        "half floats": pa.array(z.astype(np.float16)),
        "rounded": pa.array(z.round(1), mask=gone),
        "integers": pa.array(rng.poisson(3, 9000), mask=gone),
        "small integers": pa.array(rng.integers(-20, 30, 1000).astype(np.int8)),
        "int32": pa.array((z * 1e8).astype(np.int32), mask=gone),
        "uint32": pa.array(rng.integers(0, 2**32, 9000).astype(np.uint32)),
        "wide integers": pa.array(rng.integers(-(2**52), 2**52, 9000), mask=gone),
        "short": pa.array([3.0, None, 1.0, 3.0, -0.0, 0.0]),
        "booleans": pa.array([True, False, None, True] * 50),
        "decimals": pa.array([Decimal("1.50"), Decimal("2.25"), Decimal("2.25")]),
        "numbers in a dictionary": pa.array([1.5, None, 1.5, 2.0]).dictionary_encode(),
        "nothing": pa.array([None, None], pa.null()),
        "all missing": pa.array([None, None], pa.float64()),
        "no rows": pa.array([], pa.float64()),
        "one row": pa.array([5.0]),
        "constant": pa.array([2.5] * 6000),
    }


def in_pieces(array: pa.Array) -> pa.ChunkedArray:
    """Cut an array in slices that do not start at whole bytes of the bitmap, one of them empty."""
    n = len(array)
    cuts = [0, n // 5, n // 5, n // 2 + 1, n]
    return pa.chunked_array([array[a:b] for a, b in pairwise(cuts)], array.type)


def cells_of(array: pa.Array) -> np.ndarray:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return np.array([np.nan if value is None else float(value) for value in array.to_pylist()])


def assert_counted(found: NumberCounts, cells: np.ndarray) -> None:
    finite = cells[np.isfinite(cells)]
    assert (found.rows, found.missing) == (cells.size, np.isnan(cells).sum())
    assert (found.infinite, found.positive_infinite) == (
        np.isinf(cells).sum(),
        (cells == np.inf).sum(),
    )
    assert (found.zeros, found.negatives, found.n) == (
        (finite == 0).sum(),
        (finite < 0).sum(),
        finite.size,
    )
    values, counts = np.unique(finite, return_counts=True)
    assert (found.distinct, found.distinct_exact, found.frequent_exact) == (values.size, True, True)
    np.testing.assert_array_equal(found.distribution.values, values)
    np.testing.assert_array_equal(found.distribution.equal, counts)
    np.testing.assert_array_equal(found.distribution.cumulative, np.cumsum(counts))
    pairs = sorted(
        zip(values.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])
    )
    assert list(found.frequent) == [pair for pair in pairs if pair[1] >= 2][:20]
    if values.size > 1:
        told = (
            found.moments.mean,
            found.moments.std,
            found.moments.skewness,
            found.moments.excess_kurtosis,
        )
        expected = finite.mean(), finite.std(ddof=1), stats.skew(finite), stats.kurtosis(finite)
        np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", list(columns()))
def test_counts_are_those_of_numpy_and_scipy(name: str) -> None:
    array = columns()[name]
    for column in (pa.chunked_array([array]), in_pieces(array)):
        for mergeable in (True, False):
            assert_counted(count_numbers(column, name, mergeable=mergeable), cells_of(array))


@pytest.mark.parametrize("name", list(columns()))
def test_merged_blocks_are_counted_as_the_whole(name: str) -> None:
    array = columns()[name]
    blocks = [
        count_numbers(pa.chunked_array([block], array.type), name)
        for block in in_pieces(array).chunks
    ]
    first, *others = blocks or [count_numbers(pa.chunked_array([], array.type), name)]
    for other in others:
        first = first.merged(other)
    assert_counted(first, cells_of(array))


def test_a_column_longer_than_a_block_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    array = columns()["rounded"]
    monkeypatch.setattr(counts_module, "BLOCK_ROWS", 1000)
    assert_counted(count_numbers(pa.chunked_array([array]), "x"), cells_of(array))


def test_counts_that_kept_nothing_refuse_to_be_merged() -> None:
    column = pa.chunked_array([np.random.default_rng(0).normal(size=5000)])
    counted = count_numbers(column, "x", mergeable=False)
    with pytest.raises(ValueError, match="mergeable=True"):
        counted.merged(counted)


@pytest.mark.parametrize(
    ("cells", "sentinels"),
    [
        (pa.array([1.0, -999.0, 2.0, -999.0, 9999.0, None]), (-999, 9999)),
        (pa.array(np.array([1, -999.9, 2, -999.9, 9999, np.nan], np.float32)), (-999.9, 9999.0)),
        (pa.array([1, -999, 2, -999, 9999, None]), (-999, 9999)),
        (pa.array([1, -99, 2, -99, 99, None], pa.int8()), (-99, 99, 1e9, 0.5)),
    ],
)
def test_sentinels_are_missing_and_counted_apart(
    cells: pa.Array, sentinels: tuple[float, ...]
) -> None:
    for column in (pa.chunked_array([cells]), in_pieces(cells)):
        found = count_numbers(column, "x", (*sentinels, "unknown"))
        assert found.sentinels == tuple(zip(sentinels, (2, 1, 0, 0)[: len(sentinels)], strict=True))
        assert (found.missing, found.moments.mean) == (4, 1.5)
        assert found.distribution.values.tolist() == [1, 2]
        assert found.merged(found).sentinels[0] == (sentinels[0], 4)


def test_a_sentinel_too_large_for_the_column_is_never_met() -> None:
    column = pa.chunked_array([np.array([1.0, 2.0], np.float32)])
    assert count_numbers(column, "x", (1e300,)).sentinels == ((1e300, 0),)
    infinite = pa.chunked_array([np.array([1.0, np.inf], np.float32)])
    assert count_numbers(infinite, "x", (1e300,)).infinite == 1


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1_700_000_000, None, 5], pa.timestamp("s")),
        pa.array([1_700_000_000_123, None, -5], pa.timestamp("ms", "Europe/Paris")),
        pa.array([1_700_000_000_123_456, None, -5], pa.timestamp("us")),
        pa.array([1_700_000_000_123_456_789, None, -5], pa.timestamp("ns")),
        pa.array([datetime.date(2020, 1, 2), None, datetime.date(1960, 1, 1)], pa.date32()),
        pa.array([datetime.date(2020, 1, 2), None, datetime.date(1960, 1, 1)], pa.date64()),
        pa.array([3, None, 86_399], pa.time32("s")),
        pa.array([3, None, 86_399_000_000], pa.time64("us")),
        pa.array([3, None, -9], pa.duration("ms")),
    ],
    ids=lambda array: str(array.type),
)
def test_times_are_in_seconds(array: pa.Array) -> None:
    if pa.types.is_time(array.type):
        seconds = [
            v.hour * 3600 + v.minute * 60 + v.second + v.microsecond / 1e6
            for v in array.to_pylist()
            if v
        ]
    else:
        present = array.drop_null()
        span = present.type if pa.types.is_duration(present.type) else None
        seconds = (
            pd.to_timedelta(present.to_pandas()).dt.total_seconds() if span else epoch(present)
        )
    found = count_numbers(pa.chunked_array([array]), "when")
    np.testing.assert_allclose(found.distribution.values, np.sort(seconds), rtol=1e-15)
    assert found.moments.mean == pytest.approx(np.mean(seconds), rel=1e-12)
    assert found.moments.std == pytest.approx(np.std(seconds, ddof=1), rel=1e-9)
    assert (found.rows, found.missing) == (3, 1)


def epoch(times: pa.Array) -> np.ndarray:
    """Seconds since 1970 from pandas' nanoseconds."""
    stamps = pd.to_datetime(times.to_pandas(), utc=True)
    return stamps.astype("datetime64[ns, UTC]").astype("int64").to_numpy() / 1e9


def test_many_times_are_moments_in_seconds() -> None:
    seconds = 1.7e9 + np.random.default_rng(0).integers(0, 10**6, 20_000)
    column = pa.chunked_array([pa.array((seconds * 1e9).astype(np.int64)).cast(pa.timestamp("ns"))])
    moments = count_numbers(column, "when", (1.7e9,)).moments
    assert moments.std == pytest.approx(seconds.std(ddof=1), rel=1e-7)
    assert moments.skewness == pytest.approx(stats.skew(seconds), abs=1e-6)


def test_integers_beyond_float64_are_told_apart() -> None:
    numbers = 2**60 + np.arange(10_000) * 3
    column = pa.chunked_array([np.random.default_rng(0).permutation(numbers)])
    found = count_numbers(column, "x")
    assert found.distinct == 10_000
    assert found.distribution.n == 10_000
    np.testing.assert_array_equal(found.distribution.values, np.unique(numbers.astype(float)))
    assert found.merged(found).distinct == 10_000


def test_many_values_are_kept_at_even_ranks_exactly() -> None:
    cells = np.random.default_rng(0).normal(size=200_000)
    found = count_numbers(
        pa.chunked_array(np.array_split(cells, 3)), "x", mergeable=False
    ).distribution
    ordered = np.sort(cells)
    assert POINTS <= found.values.size <= POINTS + 2 + 2 * OUTER
    assert np.isin(ordered[:OUTER], found.values).all()
    assert np.isin(ordered[-OUTER:], found.values).all()
    assert (found.exact, found.rank_error) == (False, 0)
    np.testing.assert_array_equal(found.cumulative, np.searchsorted(ordered, found.values, "right"))
    assert (found.values[0], found.values[-1]) == (ordered[0], ordered[-1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_a_column_at_once_counts_at_any_edge_as_numpy_does(dtype: type) -> None:
    rng = np.random.default_rng(0)
    cells = (rng.normal(size=150_000) * 1e9).astype(dtype)
    found = count_numbers(pa.chunked_array([cells]), "x", mergeable=False).distribution
    wide = np.sort(cells.astype(np.float64))
    # values themselves, what lies between two of them, and beyond all
    edges = np.concatenate([wide[::9_999], wide[::9_999] + 0.25, [-1e300, 1e300]])
    np.testing.assert_array_equal(found.below(edges), np.searchsorted(wide, edges))
    np.testing.assert_array_equal(
        found.below(edges, inclusive=True), np.searchsorted(wide, edges, "right")
    )
    shares = np.linspace(0, 1, 301)
    np.testing.assert_allclose(found.quantile(shares), np.quantile(wide, shares), rtol=1e-12)
    assert found.quantile_error == 0


def test_blocks_beyond_the_limit_say_what_they_no_longer_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (distinct, counts_module):
        monkeypatch.setattr(module, "LIMIT", 5000)
    cells = np.where(
        np.random.default_rng(1).random(60_000) < 0.05,
        0.0,
        np.random.default_rng(0).normal(size=60_000),
    )
    blocks = [count_numbers(pa.chunked_array([part]), "x") for part in np.array_split(cells, 4)]
    assert all(block.distinct_exact for block in blocks)
    assert all(
        block.distinct == np.unique(part).size
        for block, part in zip(blocks, np.array_split(cells, 4), strict=True)
    )
    whole = blocks[0].merged(blocks[1]).merged(blocks[2].merged(blocks[3]))
    assert (whole.distinct_exact, whole.frequent_exact) == (False, False)
    assert whole.distinct == pytest.approx(np.unique(cells).size, rel=4 * 0.0081)
    assert whole.frequent[0] == (0.0, (cells == 0).sum())
    assert (whole.zeros, whole.negatives) == ((cells == 0).sum(), (cells < 0).sum())
    np.testing.assert_allclose(whole.moments.std, cells.std(ddof=1), rtol=1e-9)


def test_a_column_of_texts_is_refused() -> None:
    with pytest.raises(TableError, match="not numeric"):
        count_numbers(pa.chunked_array([["a"]]), "x")


def test_the_column_is_left_as_it_was() -> None:
    array = columns()["floats with holes"]
    before = pa.concat_arrays([array])
    count_numbers(pa.chunked_array([array]), "x", (-999,))
    assert array.equals(before) or array.to_pandas().equals(before.to_pandas())
