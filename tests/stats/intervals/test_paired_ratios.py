from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm

from explorer.stats.intervals.paired_ratios import paired_ratio
from explorer.stats.intervals.ratios import ratio_moments

USERS = pq.read_table(Path(__file__).parents[1] / "tea_tasting_users.parquet")


def sums_of(*columns: np.ndarray) -> np.ndarray:
    pairs = combinations_with_replacement(columns, 2)
    return np.array(
        [columns[0].size, *(c.sum() for c in columns), *((a * b).sum() for a, b in pairs)]
    )


def sample(seed: int, n: int, effect: float = 0.0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    liking = rng.beta(2, 5, n)
    xden, den = rng.poisson(5, n) + 1.0, rng.poisson(4, n) + 1.0
    return (
        rng.binomial(den.astype(int), liking + effect * (1 - liking)) * 1.0,
        den,
        rng.binomial(xden.astype(int), liking) * 1.0,
        xden,
    )


@pytest.mark.parametrize("columns", [3, 4])
def test_it_is_the_regression_of_the_linearised_values(columns: int) -> None:
    arms = [sample(33, 300)[:columns], sample(34, 250)[:columns]]
    found = paired_ratio(*(sums_of(*arm) for arm in arms))
    x, xden = (np.concatenate([a[2] for a in arms]), np.concatenate([a[-1] for a in arms]))
    centre = x.mean() if columns == 3 else x.sum() / xden.sum()
    for arm, adjusted in zip(arms, (found.first, found.second), strict=True):
        ratio, before = arm[0].mean() / arm[1].mean(), arm[2].mean()
        now, then = (arm[0] - ratio * arm[1]) / arm[1].mean(), arm[2] - before
        if columns == 4:
            before = arm[2].mean() / arm[3].mean()
            then = (arm[2] - before * arm[3]) / arm[3].mean()
        fit = sm.OLS(now, np.column_stack([np.ones(now.size), then])).fit()
        assert float(adjusted.slope) == pytest.approx(fit.params[1])
        assert float(adjusted.mean) == pytest.approx(ratio - fit.params[1] * (before - centre))
        assert float(adjusted.variance) == pytest.approx(fit.bse[0] ** 2)


def test_the_interval_covers_the_true_difference_and_is_narrower() -> None:
    held, narrower = [], []
    for seed in range(1_000):
        treatment, control = sample(100 + seed, 300, 0.1), sample(9_000 + seed, 300)
        found = paired_ratio(sums_of(*treatment), sums_of(*control)).estimate
        low, high = found.interval(0.95)
        held.append(low <= 0.1 * 5 / 7 <= high)
        (tc, cc) = (np.cov(arm[0], arm[1]) for arm in (treatment, control))
        plain = sum(
            ratio_moments(300, arm[0].mean(), arm[1].mean(), cov[0, 0], cov[1, 1], cov[0, 1])[1]
            for arm, cov in ((treatment, tc), (control, cc))
        )
        narrower.append(float(found.error / np.sqrt(plain)))
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
    assert np.mean(narrower) < 0.95


def test_orders_per_session_are_near_those_that_tea_tasting_prints() -> None:
    names = ("orders", "sessions", "orders_covariate", "sessions_covariate")
    arm = USERS["variant"].to_numpy()
    t, c = (
        sums_of(*(USERS[name].to_numpy()[arm == of].astype(float) for name in names))
        for of in (1, 0)
    )
    found = paired_ratio(t, c)
    # theirs has one slope for both arms, that of all units together: .262 and .293, p .00229
    assert float(found.second.mean) == pytest.approx(0.262, abs=1.5e-3)
    assert float(found.first.mean) == pytest.approx(0.293, abs=1.5e-3)
    assert float(found.estimate.p_value) == pytest.approx(0.00229, rel=0.2)


def test_sums_after_a_shift_give_the_same() -> None:
    arms, shift = [sample(35, 200), sample(36, 200)], np.array([1.0, 5.0, 1.5, 6.0])
    plain = paired_ratio(*(sums_of(*arm) for arm in arms))
    moved = paired_ratio(
        *(sums_of(*(c - s for c, s in zip(arm, shift, strict=True))) for arm in arms), shift=shift
    )
    assert float(moved.estimate.value) == pytest.approx(float(plain.estimate.value))
    assert float(moved.estimate.error) == pytest.approx(float(plain.estimate.error))


def test_what_cannot_be_adjusted_is_left_and_what_cannot_be_told_is_nan() -> None:
    num, den, _, _ = sample(37, 100)
    found = paired_ratio(*[sums_of(num, den, np.full(100, 0.1))] * 2)
    assert float(found.first.mean) == pytest.approx(num.sum() / den.sum())
    assert found.first.slope == 0
    assert np.isnan(paired_ratio(np.zeros((2, 10)), np.zeros(10)).estimate.p_value).all()
    assert np.isnan(paired_ratio(*[sums_of(num, 0 * den, den)] * 2).first.mean)


def test_sums_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="10 sums"):
        paired_ratio(np.zeros(9), np.zeros(9))
