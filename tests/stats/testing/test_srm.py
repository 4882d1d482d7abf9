from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.testing.srm import balance_by_region, sample_ratio, sequential_sample_ratio


@pytest.mark.parametrize(
    ("counts", "statistic", "p_value", "digits"),
    [
        # Kohavi, Tang & Xu 2020 (doi:10.1017/9781108653985); Statsig's documentation
        ((821_588, 815_482), 22.774, 1.82e-6, 5e-9),
        ((166_080, 171_180, 166_300), 99.04, 3.1e-22, 5e-24),
    ],
)
def test_published_mismatches_are_met(
    counts: tuple[int, ...], statistic: float, p_value: float, digits: float
) -> None:
    found = sample_ratio(counts, np.ones(len(counts)))
    assert found.statistic == pytest.approx(statistic, abs=5e-3)
    assert found.p_value == pytest.approx(p_value, abs=digits)


def test_tea_tasting_s_p_value_is_this_one_with_a_continuity_correction() -> None:
    found = sample_ratio([2023, 1977], [1, 1])
    assert found.p_value == pytest.approx(0.467, abs=5e-4)
    corrected = found.statistic * ((23 - 0.5) / 23) ** 2
    assert stats.chi2.sf(corrected, found.df) == pytest.approx(0.477, abs=5e-4)


def test_it_is_scipy_s_goodness_of_fit() -> None:
    found = sample_ratio([480, 330, 190], [5, 3, 2])
    expected = stats.chisquare([480, 330, 190], [500, 300, 200])
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.expected.tolist() == [500, 300, 200]


def test_an_arm_of_weight_0_is_no_degree_of_freedom_and_must_stay_empty() -> None:
    two, three = sample_ratio([480, 520], [1, 1]), sample_ratio([480, 0, 520], [1, 0, 1])
    assert (three.df, three.statistic, three.p_value) == (two.df, two.statistic, two.p_value)
    strayed = sample_ratio([500, 1, 500], [1, 0, 1])
    assert (strayed.statistic, strayed.p_value) == (np.inf, 0.0)


def test_what_cannot_be_told_is_nan() -> None:
    assert np.isnan(sample_ratio([0, 0], [1, 1]).p_value)
    assert np.isnan(sample_ratio([10, 0], [1, 0]).p_value)


@pytest.mark.parametrize("weights", [[1, 1, 1], [-1, 2], [0, 0], [np.nan, 1]])
def test_weights_that_are_no_allocation_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="allocation"):
        sample_ratio([5, 5], weights)


def test_each_region_is_tested_against_the_others() -> None:
    counts = np.array([[40, 60], [120, 100], [300, 330], [25, 18]])
    omnibus, p_values = balance_by_region(counts)
    assert omnibus == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    for region, p_value in zip(counts, p_values, strict=True):
        others = counts.sum(axis=0) - region
        assert p_value == pytest.approx(
            stats.chi2_contingency([region, others], correction=False).pvalue
        )


def test_with_an_allocation_each_region_is_tested_against_it() -> None:
    counts = np.array([[40, 60], [120, 100]])
    _, p_values = balance_by_region(counts, [1, 1])
    assert p_values == pytest.approx([stats.chisquare(row).pvalue for row in counts])


def test_small_regions_are_not_tested_and_not_in_the_omnibus() -> None:
    counts = np.array([[40, 60], [3, 5], [0, 0], [120, 100]])
    omnibus, p_values = balance_by_region(counts)
    assert np.isnan(p_values[[1, 2]]).all()
    assert omnibus == pytest.approx(stats.chi2_contingency(counts[[0, 3]], correction=False).pvalue)
    assert np.isnan(balance_by_region(counts[:1])[0])
    assert np.isnan(balance_by_region(np.zeros((3, 2)))[1]).all()


def test_a_unit_where_none_is_allowed_is_found_in_a_small_region_too() -> None:
    _, p_values = balance_by_region([[2, 1, 1], [60, 55, 0]], [1, 1, 0])
    assert p_values[0] == 0
    assert p_values[1] == pytest.approx(stats.chisquare([60, 55]).pvalue)


def test_without_a_mismatch_p_values_are_even() -> None:
    rng = np.random.default_rng(6)
    units = np.array([200, 100, 50])
    found = []
    for _ in range(2_000):
        treated = rng.binomial(units, 0.5)
        found.append(balance_by_region(np.stack([treated, units - treated], axis=1)))
    assert np.mean([omnibus < 0.05 for omnibus, _ in found]) == pytest.approx(0.05, abs=0.015)
    assert np.mean([p_value < 0.05 for _, p_value in found]) == pytest.approx(0.05, abs=0.012)


def test_the_sequential_p_value_is_one_over_the_ratio_of_two_likelihoods():
    counts, prior = np.array([612, 501, 207]), 10_000 * np.array([0.5, 0.35, 0.15])
    mixture = stats.dirichlet_multinomial.logpmf(counts, prior, counts.sum())
    declared = stats.multinomial.logpmf(counts, counts.sum(), prior / prior.sum())
    assert mixture > declared
    assert sequential_sample_ratio(counts, [50, 35, 15]) == pytest.approx(
        np.exp(declared - mixture)
    )


def test_the_sequential_test_looks_often_and_is_seldom_wrong():
    rng, steps = np.random.default_rng(0), 18
    first = np.cumsum(rng.binomial(500, 0.5, (4_000, steps)), axis=1)
    both = np.stack([first, 500 * np.arange(1, steps + 1) - first], axis=-1)
    assert (sequential_sample_ratio(both, [1, 1]).min(axis=1) <= 0.05).mean() <= 0.05
    lost = np.cumsum(rng.binomial(500, 0.45, (200, steps)), axis=1)
    both = np.stack([lost, 500 * np.arange(1, steps + 1) - lost], axis=-1)
    assert (sequential_sample_ratio(both, [1, 1])[:, -1] < 0.001).mean() > 0.95


def test_the_sequential_test_knows_arms_that_should_have_no_unit():
    assert sequential_sample_ratio([500, 500, 1], [1, 1, 0]) == 0
    assert sequential_sample_ratio([500, 500, 0], [1, 1, 0]) == 1
    assert np.isnan(sequential_sample_ratio([0, 0], [1, 1]))
