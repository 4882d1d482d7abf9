from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.inference.skewness import skewness_from_sums, too_few


def test_the_rule_is_the_published_one() -> None:
    # Kohavi et al. 2014 (doi:10.1145/2623330.2623341), table 2: revenue per user, skewness 17.9, needs 114 thousand users
    assert too_few([113_000, 115_000], 17.9).tolist() == [True, False]
    assert not too_few(355, -1.0)


def test_what_cannot_be_known_is_too_few() -> None:
    assert too_few([1_000, 0], [np.nan, 0.0]).tolist() == [True, True]
    assert not too_few(1, 0.0)


def test_skewness_from_shifted_sums_is_scipy_s() -> None:
    values = np.random.default_rng(17).lognormal(size=(3, 500)) + 1e6
    shifted = values - values.mean().round()
    found = skewness_from_sums(500, *((shifted**power).sum(axis=1) for power in (1, 2, 3)))
    np.testing.assert_allclose(found, stats.skew(values, axis=1), rtol=1e-6)


def test_a_constant_has_no_skewness() -> None:
    sums = [np.array([0.1 * 7, 0.0]), np.array([0.01 * 7, 0.0]), np.array([0.001 * 7, 0.0])]
    assert np.isnan(skewness_from_sums([7, 0], *sums)).all()
    assert skewness_from_sums(4, 0.0, 4.0, 0.0) == pytest.approx(0.0)
