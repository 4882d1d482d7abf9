from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from explorer.stats.intervals.ratios import ratio_moments

USERS = pq.read_table(Path(__file__).parents[1] / "tea_tasting_users.parquet")


def moments(num: np.ndarray, den: np.ndarray) -> tuple[float, ...]:
    (vn, c), (_, vd) = np.cov(num, den)
    return num.size, num.mean(), den.mean(), vn, vd, c


def test_orders_per_session_are_those_that_tea_tasting_prints() -> None:
    orders, sessions, arm = (USERS[name].to_numpy() for name in ("orders", "sessions", "variant"))
    t, c = (moments(orders[arm == of], sessions[arm == of]) for of in (1, 0))
    (treatment, of_treatment), (control, of_control) = ratio_moments(*t), ratio_moments(*c)
    assert (control, treatment) == pytest.approx((0.266, 0.289), abs=5e-4)
    assert (treatment - control) / control == pytest.approx(0.088, abs=5e-4)
    # tea-tasting tests by Student's t with some 4,000 degrees of freedom
    z = (treatment - control) / np.sqrt(of_treatment + of_control)
    assert 2 * stats.norm.sf(z) == pytest.approx(0.0762, abs=1e-4)


def test_the_variance_is_that_of_the_jackknife() -> None:
    rng = np.random.default_rng(1)
    den = rng.poisson(4, 400) + 1.0
    num = rng.binomial(den.astype(int), 0.3).astype(float)
    _, variance = ratio_moments(*moments(num, den))
    left_out = (num.sum() - num) / (den.sum() - den)
    assert variance == pytest.approx(399 * left_out.var(), rel=0.02)


def test_a_denominator_of_one_makes_it_a_mean() -> None:
    values = np.random.default_rng(2).normal(size=50)
    ratio, variance = ratio_moments(50, values.mean(), 1.0, values.var(ddof=1), 0.0, 0.0)
    assert ratio == pytest.approx(values.mean())
    assert variance == pytest.approx(values.var(ddof=1) / 50)


def test_a_numerator_in_proportion_has_no_variance() -> None:
    den = np.random.default_rng(3).uniform(1, 2, 60)
    _, variance = ratio_moments(*moments(0.1 * den, den))
    assert 0 <= variance < 1e-18


def test_what_cannot_be_told_is_nan_without_a_warning() -> None:
    ratio, variance = ratio_moments([5, 1, 0], [1.0, 1.0, 1.0], [0.0, 2.0, 2.0], 1.0, 1.0, 0.0)
    assert np.isnan(ratio[[0, 2]]).all()
    assert ratio[1] == 0.5
    assert np.isnan(variance).all()
