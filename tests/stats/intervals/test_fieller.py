from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from explorer.stats.estimate import Estimate
from explorer.stats.intervals.fieller import lift
from explorer.stats.intervals.means import welch


def test_the_known_answer_is_met() -> None:
    # the arms of gbstats, whose own delta method contradicts the test of the difference here
    n, other_n = 3461, 3407
    value, other = 2422.7 / n, 1396.87 / other_n
    variance = (134698.29 - n * value**2) / (n - 1)
    other_variance = (52377.9767 - other_n * other**2) / (other_n - 1)
    difference = welch(value, variance, n, other, other_variance, other_n)
    found = lift(value, variance / n, other, other_variance / other_n)
    assert found[0] == pytest.approx(value / other - 1)
    assert tuple(map(float, found[1:])) == pytest.approx((0.0942, 1.7084), abs=5e-5)
    assert 1.959964**2 * other_variance / other_n / other**2 == pytest.approx(0.1020, abs=5e-5)
    assert float(difference.p_value) < 0.05


def test_its_ends_are_where_the_test_of_t_less_theta_c_is_at_its_limit() -> None:
    t, vt, c, vc = 5.4, 0.3, 4.0, 0.2
    _, low, high = lift(t, vt, c, vc, 0.95)

    def excess(theta: float) -> float:
        return abs(t - theta * c) / np.sqrt(vt + theta**2 * vc) - 1.959963984540054

    assert low == pytest.approx(brentq(excess, 0.1, t / c) - 1)
    assert high == pytest.approx(brentq(excess, t / c, 5) - 1)


@pytest.mark.parametrize("scale", [1e-6, 0.01, 1.0])
def test_it_never_contradicts_the_difference(scale: float) -> None:
    rng = np.random.default_rng(4)
    k = 20_000
    control, vc, vt = (rng.lognormal(sigma=s, size=k) for s in (1, 1, 1))
    vc, vt = vc * scale * control**2 / 4, vt * scale * control**2 / 4
    df, confidence = rng.choice([3.0, 40.0, np.inf], k), rng.uniform(0.5, 0.999, k)
    treatment = control + rng.normal(scale=2, size=k) * np.sqrt(vc + vt)
    # a good part lies at the very edge, where rounding decides
    edge = Estimate.of(treatment, np.sqrt(vt + vc), df).interval(confidence)[1] - treatment
    treatment[: k // 2] = (control + rng.choice([-1, 1], k) * edge)[: k // 2]
    low, high = Estimate.of(treatment - control, np.sqrt(vt + vc), df).interval(confidence)
    value, down, up = lift(treatment, vt, control, vc, confidence, df)
    told = ~np.isnan(down)
    assert told.sum() > k / 10
    np.testing.assert_array_equal(((low <= 0) & (high >= 0))[told], ((down <= 0) & (up >= 0))[told])
    np.testing.assert_array_equal((low > 0)[told], (down > 0)[told])
    slack = 1e-9 * (1 + np.abs(value))[told]
    assert ((down[told] <= value[told] + slack) & (value[told] <= up[told] + slack)).all()


def test_it_covers_the_true_lift() -> None:
    rng = np.random.default_rng(5)
    treatment, control = rng.normal(12, 1, 20_000), rng.normal(10, 1, 20_000)
    _, low, high = lift(treatment, 1.0, control, 1.0)
    assert np.mean((low <= 0.2) & (high >= 0.2)) == pytest.approx(0.95, abs=0.006)


def test_a_control_that_may_be_0_has_a_lift_without_bounds() -> None:
    value, low, high = lift(2.0, 0.1, 1.0, 0.3)
    assert value == pytest.approx(1.0)
    assert np.isnan([low, high]).all()


def test_a_control_at_or_below_0_has_no_lift() -> None:
    assert np.isnan(lift(2.0, 0.01, np.array([-1.0, 0.0, np.nan]), 0.01)).all()
