from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2_contingency, kruskal
from scipy.stats.contingency import association
from sklearn.metrics import mutual_info_score

from explorer.stats.association import correlation_ratio, cramers_v, cross_table, mutual_information


def test_cross_table_counts_every_pair_of_codes() -> None:
    a, b = np.array([0, 0, 1, 2, 2]), np.array([1, 1, 0, 1, 1])
    assert cross_table(a, b).tolist() == [[0, 2], [1, 0], [0, 2]]
    assert cross_table(a, b, 4, 2).shape == (4, 2)


def test_cramers_v_meets_the_published_figure_and_scipy() -> None:
    table = np.array([[200, 800], [400, 600]])
    found = cramers_v(table)
    assert found.value == pytest.approx(0.21, abs=0.01)  # Deepchecks' test of the bias-corrected V
    expected = chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    many = 10_000 * table  # the correction vanishes with rows
    assert cramers_v(many).value == pytest.approx(association(many, method="cramer"), abs=1e-6)


def test_cramers_v_of_chance_is_near_none_where_the_plain_one_is_not() -> None:
    rng = np.random.default_rng(0)
    tables = [
        cross_table(rng.integers(0, 12, 300), rng.integers(0, 8, 300), 12, 8) for _ in range(200)
    ]
    plain = np.mean([association(table, method="cramer") for table in tables])
    assert plain > 0.15
    assert np.mean([cramers_v(table).value for table in tables]) < 0.04


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.9])
def test_cramers_v_s_interval_covers_the_truth(strength: float) -> None:
    rng = np.random.default_rng(1)
    truth = np.full((3, 3), (1 - strength) / 9) + np.eye(3) * strength / 3
    found = [cramers_v(rng.multinomial(400, truth.ravel()).reshape(3, 3)) for _ in range(1000)]
    covered = np.mean([each.low <= strength <= each.high for each in found])
    assert 0.92 <= covered <= 0.98


def test_the_correlation_ratio_is_that_of_kruskal_and_wallis() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 5, 400)
    values = (rng.normal(size=400) + 0.5 * codes).round(1)
    found = correlation_ratio(values, codes)
    expected = kruskal(*(values[codes == k] for k in range(5)))
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    eta2 = expected.statistic / 399
    assert found.value == pytest.approx(eta2 - 4 / 395 * (1 - eta2))
    assert correlation_ratio(np.exp(values), codes) == found


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_correlation_ratio_s_interval_covers_the_truth(shift: float) -> None:
    rng = np.random.default_rng(3)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        codes = rng.integers(0, 4, n)
        return rng.normal(size=n) * (1 + codes) + shift * codes, codes

    # the groups' own spreads give ranks a structure of their own: the truth is that of a very large
    # sample
    truth = 0.0 if shift == 0 else correlation_ratio(*draw(1_000_000)).value
    found = [correlation_ratio(*draw(300)) for _ in range(1000)]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.92 <= covered <= 0.98


def test_mutual_information_is_that_of_scikit_learn_less_its_bias() -> None:
    rng = np.random.default_rng(4)
    a = rng.integers(0, 10, 500)
    b = (a + rng.integers(0, 3, 500)) % 10
    table = cross_table(a, b)
    plain = mutual_info_score(a, b)
    excess = (table > 0).sum() - 10 - 10 + 1
    assert mutual_information(table) == pytest.approx(plain - excess / 1000)
    chance = [
        (mutual_info_score(x, y), mutual_information(cross_table(x, y)))
        for x, y in rng.integers(0, 10, (100, 2, 500))
    ]
    plain_mean, corrected_mean = np.mean(chance, axis=0)
    assert plain_mean > 0.07
    assert corrected_mean < 0.02
    assert mutual_information(np.diag([5, 5])) == pytest.approx(math.log(2) - (2 - 2 - 2 + 1) / 20)


def test_nothing_to_compare_is_nan() -> None:
    assert math.isnan(cramers_v(np.array([[5, 0], [7, 0]])).value)
    assert math.isnan(correlation_ratio(np.ones(9), np.arange(9) % 3).value)
    assert math.isnan(correlation_ratio(np.arange(9.0), np.zeros(9, int)).value)
    assert math.isnan(mutual_information(np.zeros((2, 2), int)))
    assert cramers_v(np.array([[5, 0], [0, 7]])).value == pytest.approx(1)
