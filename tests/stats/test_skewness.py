from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.skewness import central_sums, near_normal, shape_of_difference


def test_with_one_large_arm_the_rule_is_the_published_one() -> None:
    # Kohavi et al. 2014 (doi:10.1145/2623330.2623341), table 2: revenue per user, skewness 17.9,
    # needs 114 thousand users
    found = near_normal(*shape_of_difference([113_000, 115_000], 1e12, 17.9, 0.0))
    assert found.tolist() == [False, True]


def test_the_shape_of_a_difference_is_that_of_simulated_differences() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.gamma(0.5, 1, (60_000, 40)).mean(axis=1) - rng.gamma(0.5, 1, (60_000, 10)).mean(
        axis=1
    )
    skewness, kurtosis = shape_of_difference(
        40, 10, stats.gamma(0.5).stats("s"), stats.gamma(0.5).stats("k")
    )
    assert skewness == pytest.approx(stats.skew(drawn), abs=0.03)
    assert kurtosis == pytest.approx(stats.kurtosis(drawn), abs=0.12)


def test_skewness_cancels_between_arms_of_equal_size_and_kurtosis_does_not() -> None:
    skewness, kurtosis = shape_of_difference(100, 100, 6.0, 60.0)
    assert skewness == 0
    assert kurtosis == pytest.approx(60 / 200)
    assert not near_normal(skewness, kurtosis)


def test_what_cannot_be_known_is_not_near_normal() -> None:
    assert near_normal([np.nan, 0.0], [0.0, np.nan]).tolist() == [False, False]


def test_central_sums_from_shifted_sums_are_numpys() -> None:
    values = np.random.default_rng(17).lognormal(size=(3, 500)) + 1e6
    shifted = values - values.mean().round()
    found = central_sums(500, *((shifted**power).sum(axis=1) for power in (1, 2, 3, 4)))
    centred = values - values.mean(axis=1, keepdims=True)
    for i, power in enumerate((2, 3, 4)):
        np.testing.assert_allclose(found[:, i], (centred**power).sum(axis=1), rtol=1e-6)


def test_a_constant_and_no_value_have_no_spread() -> None:
    sums = [np.array([0.1**power * 7, 0.0]) for power in (1, 2, 3, 4)]
    assert (central_sums([7, 0], *sums) == 0).all()
