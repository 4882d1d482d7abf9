from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.histogram import BINS, Histogram, histogram


def of(values: object) -> Histogram:
    drawn = histogram(Distribution.of(np.asarray(values, dtype=np.float64)))
    assert drawn is not None
    return drawn


RNG = np.random.default_rng(0)
SAMPLES = {
    "normal": RNG.normal(size=5000),
    "heavy tails": RNG.standard_t(2, size=5000),
    "spike": np.concatenate([np.zeros(4990), RNG.normal(size=10)]),
    "uniform": RNG.uniform(-3, -1, 999),
    "years": RNG.integers(1940, 2015, 3000),
    "few": RNG.integers(0, 11, 3000),
    "steps of ten": RNG.integers(0, 30, 3000) * 10 + 3,
    "dollars": np.round(RNG.lognormal(10, 3, 3000)),
    "huge integers": RNG.integers(2**60, 2**61, 100),
    "two": np.array([1.5, 2.5]),
    "constant": np.full(10, 3.7),
    "extremes": np.array([-1e308, 0.5, 1e308]),
}


@pytest.mark.parametrize("name", list(SAMPLES))
def test_counts_are_those_of_numpy_and_nothing_is_lost(name: str) -> None:
    values = SAMPLES[name].astype(float)
    drawn = of(SAMPLES[name])
    assert drawn.counts.size <= BINS
    assert (np.diff(drawn.edges) > 0).all()
    inside = (values >= drawn.edges[0]) & (values <= drawn.edges[-1])
    expected = [
        int(((values >= a) & (values < b)).sum())
        for a, b in zip(drawn.edges, drawn.edges[1:], strict=False)
    ]
    expected[-1] += int((values == drawn.edges[-1]).sum())
    np.testing.assert_array_equal(drawn.counts, expected)
    assert drawn.below == (values < drawn.edges[0]).sum()
    assert drawn.above == (values > drawn.edges[-1]).sum()
    assert drawn.counts.sum() == inside.sum()


def test_few_integers_get_a_bin_each() -> None:
    np.testing.assert_array_equal(of([0, 0, 0, 10, 3]).edges, np.arange(12) - 0.5)
    np.testing.assert_array_equal(of([5, 25, 15, 5]).counts, [2, 1, 1])


def test_many_integers_get_bins_of_whole_width_so_that_no_comb_appears() -> None:
    years = np.arange(1940, 2015)
    drawn = of(years)
    np.testing.assert_array_equal(np.diff(drawn.edges), 2)
    np.testing.assert_array_equal(drawn.counts[:-1], 2)


def test_far_values_stay_outside_and_are_counted() -> None:
    drawn = of(np.concatenate([np.random.default_rng(3).normal(size=10_000), [1e6, 2e6, -1e6]]))
    assert drawn.edges[-1] < 10
    assert drawn.above >= 2
    assert drawn.below >= 1


def test_near_extremes_belong_to_the_bins() -> None:
    drawn = of(np.random.default_rng(4).uniform(size=10_000))
    assert (drawn.below, drawn.above) == (0, 0)


def test_no_value_makes_no_histogram() -> None:
    assert histogram(Distribution.of(np.empty(0))) is None
