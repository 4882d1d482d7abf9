import numpy as np
import pytest

from explorer.map.raster.value_ranks import at_ranks, n_finite

CASES = {
    "gaussian": np.random.default_rng(0).standard_normal(50_001).astype(np.float32),
    "few values": np.random.default_rng(1).integers(-3, 4, 10_000).astype(np.float32),
    "negative": -np.random.default_rng(2).exponential(size=999).astype(np.float32),
    "huge and tiny": np.array([3e38, -3e38, 1e-45, -1e-45, 0.0, 1.0, 1e-38], np.float32),
    "one": np.array([7.25], np.float32),
    "with NaN and infinite": np.array([np.nan, 1, -np.inf, 3, 2, np.inf, np.nan], np.float32),
}


@pytest.mark.parametrize("name", CASES)
def test_places_are_those_of_a_sorted_array(name):
    values = CASES[name]
    before = np.sort(values[np.isfinite(values)])
    assert n_finite(values) == len(before)
    places = sorted({0, len(before) // 3, len(before) // 2, len(before) - 1})
    assert (
        at_ranks(values, lambda n: places if n == len(before) else pytest.fail(str(n)))
        == before[places].tolist()
    )


@pytest.mark.parametrize(
    "values",
    [np.empty(0, np.float32), np.full(5, np.nan, np.float32), np.array([np.inf], np.float32)],
)
def test_without_a_finite_number_there_is_none(values):
    assert at_ranks(values, lambda _: [0]) == []
    assert n_finite(values) == 0


def test_a_read_only_array_will_do():
    values = CASES["gaussian"].copy()
    values.flags.writeable = False
    assert at_ranks(values, lambda n: [n - 1]) == [values.max()]
