from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.estimate import Estimate


def test_test_and_interval_are_student_s() -> None:
    found = Estimate.of([1.0, -2.0], [0.5, 0.7], [7.0, np.inf])
    np.testing.assert_allclose(found.p_value, 2 * stats.t.sf([2.0, 2 / 0.7], [7.0, np.inf]))
    low, high = found.interval(0.9)
    np.testing.assert_allclose(
        [low, high], stats.t.interval(0.9, [7.0, np.inf], loc=[1.0, -2.0], scale=[0.5, 0.7])
    )


def test_each_cell_may_have_a_confidence_of_its_own() -> None:
    found = Estimate.of(np.zeros(2), np.ones(2))
    _, high = found.interval(np.array([0.95, 0.999]))
    assert high == pytest.approx(stats.norm.ppf([0.975, 0.9995]))


def test_an_interval_leaves_out_0_where_the_test_rejects() -> None:
    rng = np.random.default_rng(0)
    found = Estimate.of(rng.normal(scale=2, size=2_000), 1.0, rng.uniform(2, 50, 2_000))
    low, high = found.interval(0.95)
    np.testing.assert_array_equal((low > 0) | (high < 0), found.p_value < 0.05)


def test_without_an_error_nothing_is_tested() -> None:
    found = Estimate.of([1.0, np.nan, 1.0], [0.0, 1.0, np.nan])
    assert np.isnan(found.p_value).all()
    assert found.value.shape == found.error.shape == found.df.shape == found.p_value.shape == (3,)


def test_its_arrays_are_its_own() -> None:
    value = np.array([1.0, 2.0])
    found = Estimate.of(value, 1.0)
    value[:] = 9
    assert found.value.tolist() == [1.0, 2.0]
