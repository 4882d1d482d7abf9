from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.testing import permutation
from explorer.stats.testing.permutation import permutation_test


def welch(a: np.ndarray, b: np.ndarray) -> float:
    return float(stats.ttest_ind(b, a, equal_var=False).statistic)


def test_a_few_units_have_the_p_value_of_all_their_deals() -> None:
    values = np.array([0.1, 0.5, 0.9, 1.4, 2.2, 3.9, 8.0, 17.0, 1.1, 0.3])
    treated = np.zeros(10, np.bool_)
    treated[[5, 6, 8]] = True
    seen = welch(values[~treated], values[treated])
    every = []
    for chosen in combinations(range(10), 3):
        mask = np.zeros(10, np.bool_)
        mask[list(chosen)] = True
        every.append(welch(values[~mask], values[mask]))
    exact = 2 * min(
        np.mean(np.array(every) >= seen - 1e-12), np.mean(np.array(every) <= seen + 1e-12)
    )
    found = permutation_test(values, treated, 40_000)
    assert found.p_value(seen) == pytest.approx(exact, abs=0.01)
    assert found.t.min() == pytest.approx(min(every))
    assert found.t.max() == pytest.approx(max(every))


def test_p_value_and_interval_agree_and_the_seed_repeats_them() -> None:
    values = np.random.default_rng(0).lognormal(0, 2, 300)
    treated = np.arange(300) < 40
    found = permutation_test(values, treated, 1_999, seed=3)
    for confidence in (0.5, 0.9, 0.95, 0.99):
        low, high = found.critical(confidence)
        for t in (*np.linspace(-6, 4, 200), low, high):
            assert (found.p_value(t) > 1 - confidence + 1e-12) == (low <= t <= high)
    assert found.critical(0.9999) == (-np.inf, np.inf)
    assert (permutation_test(values, treated, 1_999, seed=3).t == found.t).all()
    assert (permutation_test(values, treated, 1_999, seed=4).t != found.t).any()


def test_the_other_arm_turns_the_sign() -> None:
    values = np.random.default_rng(0).exponential(1, 60)
    treated = np.arange(60) < 12
    assert permutation_test(values, treated, 999).t == pytest.approx(
        -permutation_test(values, ~treated, 999).t[::-1]
    )


def test_many_units_are_dealt_by_their_far_ones_as_if_all_were_dealt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(0).lognormal(0, 2, 9_000)
    treated = np.arange(9_000) < 700
    some = permutation_test(values, treated, 8_000)
    monkeypatch.setattr(permutation, "_WHOLE", 10_000)
    every = permutation_test(values, treated, 8_000)
    assert stats.ks_2samp(some.t, every.t).pvalue > 0.01
    assert some.critical(0.95) == pytest.approx(every.critical(0.95), abs=0.12)


def test_values_that_hardly_differ_can_hardly_be_told_apart() -> None:
    values = np.zeros(200)
    values[:2] = 1.0
    assert permutation_test(values, np.arange(200) < 100, 999).size < 0.04
    assert permutation_test(np.ones(50), np.arange(50) < 20, 999).size == 0
    varied = np.random.default_rng(0).normal(size=200)
    assert permutation_test(varied, np.arange(200) < 100, 4_999).size == pytest.approx(
        0.05, abs=0.001
    )


def test_arms_without_a_difference_are_told_apart_in_one_of_twenty_whatever_their_shape() -> None:
    rng = np.random.default_rng(0)
    rejected = 0
    for _ in range(600):
        values = rng.lognormal(0, 2, 220)
        seen = welch(values[:200], values[200:])
        rejected += permutation_test(values, np.arange(220) >= 200, 399).p_value(seen) <= 0.05
    assert stats.binomtest(rejected, 600, 0.05).pvalue > 0.001
