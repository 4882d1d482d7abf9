from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from explorer.features.spread import mean_and_std
from explorer.profiles.tally import tally


def arrays() -> dict[str, pa.Array]:
    rng = np.random.default_rng(0)
    floats = rng.normal(size=1000)
    floats[::7] = np.nan
    floats[::50] = np.inf
    wide = rng.integers(-(2**60), 2**60, 500)
    return {
        "floats": pa.array(floats),
        "repeated": pa.array(rng.integers(0, 5, 1000).astype(np.float32)),
        "small integers": pa.array(rng.integers(-20, 30, 1000).astype(np.int8)),
        "wide integers": pa.array(wide),
        "unsigned": pa.array(np.array([2**64 - 1, 2**64 - 2, 2**64 - 1, 5], np.uint64)),
        "integers with nulls": pa.array([3, None, 1, 3]),
        "booleans": pa.array([True, False, None, True]),
        "times": pa.array([5_000_000, None, 7_000_000, 5_000_000], pa.timestamp("us")),
        "dates": pa.array([1, 2, 2], pa.date32()),
        "decimals": pa.array([1, 2, 2], pa.decimal128(6, 2)),
        "nothing": pa.array([None, None], pa.null()),
        "no rows": pa.array([], pa.float64()),
    }


@pytest.mark.parametrize("name", list(arrays()))
def test_values_and_counts_are_those_of_numpy_unique(name: str) -> None:
    array = arrays()[name]
    seconds = {"times": 1e6, "dates": 1 / 86_400}.get(name, 1)
    stored = (
        array.cast({"times": pa.int64(), "dates": pa.int32()}[name]) if name in ("times", "dates") else array
    )
    cells = stored.to_pandas().astype(object)
    finite = [value for value in cells if value is not None and np.isfinite(float(value))]
    values, counts = np.unique(np.array(finite, dtype=object), return_counts=True)
    # in two chunks, to see that they are counted together
    half = len(array) // 2
    counted = tally(pa.chunked_array([array[:half], array[half:]], array.type), name)
    np.testing.assert_array_equal(counted.values, values.astype(float) / seconds)
    np.testing.assert_array_equal(counted.counts, counts)
    assert counted.n == len(finite)
    assert counted.n + counted.missing + counted.infinite == len(array)


def test_infinite_cells_are_not_missing() -> None:
    counted = tally(pa.chunked_array([[1.0, np.inf, -np.inf, np.nan, None]]), "x")
    assert (counted.infinite, counted.missing, counted.n) == (2, 2, 1)


def test_sentinels_count_as_missing() -> None:
    counted = tally(pa.chunked_array([[1, -999, 2, -999]]), "x").without((-999, "unknown"))
    assert counted.missing == 2
    np.testing.assert_array_equal(counted.values, [1, 2])


@pytest.mark.parametrize("share", [0, 0.005, 0.25, 0.5, 0.77, 1])
def test_quantiles_are_those_of_numpy(share: float) -> None:
    values = np.random.default_rng(1).integers(0, 30, 501).astype(float)
    counted = tally(pa.chunked_array([values]), "x")
    assert counted.quantile(share) == pytest.approx(np.quantile(values, share), rel=1e-14)


def test_moments_are_those_of_numpy_and_do_not_overflow() -> None:
    values = np.random.default_rng(2).normal(1e9, 1, 1000)
    counted = tally(pa.chunked_array([values]), "x")
    assert mean_and_std(counted.values, counted.counts) == pytest.approx((values.mean(), values.std(ddof=1)))
    mean, std = mean_and_std(np.array([1e308, -1e308]))
    assert mean == 0
    assert std == pytest.approx(np.sqrt(2) * 1e308)
    assert np.isnan(mean_and_std(np.array([3.0]))[1])
