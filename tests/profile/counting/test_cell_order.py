from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.profile.counting import cell_order as order_module
from explorer.profile.counting.cell_order import sample_keys, scratch, sort_cells, sorted_keys

N = 30_011


def columns(n: int = N) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    z = rng.normal(size=n)
    even = rng.random(n)
    killer = np.concatenate(
        [np.arange(n // 2) * 2.0, np.arange(n - n // 2) * 2.0 + 1]
    )  # organ pipes
    return {
        "normal": z,
        "lognormal": np.exp(3 * z),
        "Cauchy": rng.standard_cauchy(n),
        "uniform": even,
        "rounded": z.round(2),
        "few values": np.floor(even * 5),
        "constant": np.full(n, 3.3),
        "spike": np.where(even < 0.3, 0.0, z),
        "far from zero": 1e9 + z,
        "spike and far from zero": np.where(even < 0.3, 0.0, 1e9 + z),
        "two scales": np.where(even < 0.5, 2e9 * rng.random(n), 1e9 + z),
        "three scales": np.select(
            [even < 0.3, even < 0.6], [1e300 * z, 1 + 1e-3 * z], 1 + 1e-9 * z
        ),
        "every exponent": np.ldexp(z, rng.integers(-1070, 1020, n)),
        "denormal": rng.integers(-1000, 1000, n) * 5e-324,
        "two zeros": np.where(even < 0.5, -0.0, 0.0),
        "infinities": np.where(even < 0.1, np.inf, np.where(even > 0.9, -np.inf, z)),
        "ends of float64": rng.choice([-1.7976931348623157e308, 1.7976931348623157e308, 1.0], n),
        "ascending": np.sort(z),
        "descending": np.sort(z)[::-1],
        "periodic": np.sin(np.arange(n)),
        "organ pipes": killer,
        "float32": z.astype(np.float32),
        "float32, every exponent": np.ldexp(z, rng.integers(-140, 120, n)).astype(np.float32),
        "float32, two zeros": np.where(even < 0.5, -0.0, z).astype(np.float32),
        "int32": rng.integers(-(2**31), 2**31, n).astype(np.int32),
        "uint32": rng.integers(0, 2**32, n).astype(np.uint32),
        "int64": rng.integers(-(2**63), 2**63 - 1, n),
        "uint64": rng.integers(0, 2**64 - 1, n, dtype=np.uint64),
        "times in nanoseconds": 1_700_000_000_000_000_000 + rng.integers(0, 10**15, n),
    }


@pytest.mark.parametrize("name", list(columns(10)))
@pytest.mark.parametrize("n", [1, 2, 700, N])
def test_cells_come_in_the_order_of_numpy(name: str, n: int) -> None:
    cells = columns()[name][:n]
    found = sort_cells(cells)
    assert found.dtype == cells.dtype
    np.testing.assert_array_equal(found, np.sort(cells))


@pytest.mark.parametrize(
    "name", [name for name, cells in columns(10).items() if cells.itemsize == 4]
)
def test_long_columns_of_32_bits_are_sorted_part_by_part(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_module, "_DIGITS_AT_ONCE", 5000)
    cells = columns()[name]
    for column in (cells, np.where(np.arange(N) % 3, cells[7], cells)):
        np.testing.assert_array_equal(sort_cells(column), np.sort(column))


def test_long_columns_are_spread_over_more_buckets() -> None:
    rng = np.random.default_rng(1)
    cells = np.concatenate([rng.normal(size=600_000), rng.normal(1e6, 1e-3, 300_000)])
    np.testing.assert_array_equal(sort_cells(cells), np.sort(cells))


def test_values_crowded_beyond_three_samples_are_compared_at_last() -> None:
    # each level hides half of the cells in a range far narrower than what the level before can tell
    # apart
    rng = np.random.default_rng(2)
    level = rng.integers(0, 12, N)
    cells = 1 + np.ldexp(rng.normal(size=N), -4 * level)
    np.testing.assert_array_equal(sort_cells(cells), np.sort(cells))


def test_minus_zero_comes_back_as_zero() -> None:
    assert not np.signbit(sort_cells(np.array([-0.0, 0.0, -0.0]))).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_sorted_together(dtype: type) -> None:
    cells = np.random.default_rng(0).normal(size=N).astype(dtype)
    arrays = np.split(cells, [5, 5, 20_000])
    whole = sorted_keys([cells]).copy()
    np.testing.assert_array_equal(sorted_keys(arrays), whole)


def test_cells_that_are_not_contiguous_are_sorted() -> None:
    cells = np.random.default_rng(0).normal(size=(6000, 2))
    np.testing.assert_array_equal(sort_cells(cells[:, 1]), np.sort(cells[:, 1]))


def test_the_cells_themselves_are_left_alone() -> None:
    cells = np.random.default_rng(0).normal(size=N)
    before = cells.copy()
    sort_cells(cells)
    np.testing.assert_array_equal(cells, before)


def test_threads_do_not_share_their_room() -> None:
    columns = [np.random.default_rng(seed).normal(size=N) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for cells, found in zip(columns, pool.map(sort_cells, columns), strict=True):
            np.testing.assert_array_equal(found, np.sort(cells))


def test_a_sample_spreads_over_all_arrays() -> None:
    keys = sample_keys([np.arange(10_000), np.arange(10_000, 40_000)])
    assert (np.diff(keys) >= 0).all()
    counts, _ = np.histogram(keys, bins=10, range=(0, 40_000))
    assert counts.min() > 0.8 * counts.mean()


def test_room_gives_large_arrays_back() -> None:
    scratch.take("large", 9_000_000, np.float64)
    small = scratch.take("small", 10, np.float64)
    scratch.shrink()
    assert np.shares_memory(small, scratch.take("small", 10, np.float64))
    assert scratch.take("large", 1, np.float64).base.nbytes < 100
