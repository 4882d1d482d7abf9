from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm
from sklearn.metrics import roc_auc_score

from explorer.stats.classification.auc import auc


def two_normals(
    rng: np.random.Generator, n1: int, n0: int, d: float
) -> tuple[np.ndarray, np.ndarray]:
    values = np.concatenate([rng.normal(d, 1, n1), rng.normal(0, 1, n0)])
    return values, np.arange(n1 + n0) < n1


@pytest.mark.parametrize("decimals", [9, 0])
def test_value_and_test_are_those_of_scikit_learn_and_scipy(decimals: int) -> None:
    values, positive = two_normals(np.random.default_rng(0), 60, 140, 0.4)
    values = values.round(decimals)
    found = auc(values, positive)
    test = mannwhitneyu(values[positive], values[~positive], method="asymptotic")
    assert found.value == pytest.approx(roc_auc_score(positive, values), abs=1e-12)
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-9)


def test_the_example_of_scipy_is_exact() -> None:
    values = np.array([19, 22, 16, 29, 24, 20, 11, 17, 12.0])
    found = auc(values, np.arange(9) < 5)
    assert (found.value, found.cliffs_delta) == (pytest.approx(0.85), pytest.approx(0.7))
    assert found.p_value == pytest.approx(1 / 9)


@pytest.mark.parametrize(("d", "expected"), [(0.2, 0.55623), (0.5, 0.63816), (0.8, 0.71420)])
def test_shifted_normals_have_their_closed_form(d: float, expected: float) -> None:
    points = norm.ppf((np.arange(4000) + 0.5) / 4000)
    values, positive = np.concatenate([points + d, points]), np.arange(8000) < 4000
    assert auc(values, positive).value == pytest.approx(expected, abs=2e-4)


def test_delong_s_error_is_that_of_a_bootstrap() -> None:
    rng = np.random.default_rng(1)
    values, positive = two_normals(rng, 80, 240, 1.0)
    values = values.round(1)  # ties as well
    ones, zeros = values[positive], values[~positive]
    drawn = [
        roc_auc_score(
            positive, np.concatenate([rng.choice(ones, ones.size), rng.choice(zeros, zeros.size)])
        )
        for _ in range(800)
    ]
    assert auc(values, positive).standard_error == pytest.approx(np.std(drawn), rel=0.08)


def test_delong_s_error_is_the_one_of_its_definition() -> None:
    values, positive = two_normals(np.random.default_rng(2), 30, 50, 0.7)
    values = values.round(1)
    ones, zeros = values[positive], values[~positive]
    kernel = (ones[:, None] > zeros) + (ones[:, None] == zeros) / 2
    variance = kernel.mean(axis=1).var(ddof=1) / 30 + kernel.mean(axis=0).var(ddof=1) / 50
    assert auc(values, positive).standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)


@pytest.mark.parametrize(("d", "n"), [(0.0, 40), (1.0, 40), (2.0, 60)])
def test_intervals_cover_the_truth(d: float, n: int) -> None:
    rng = np.random.default_rng(3)
    truth = norm.cdf(d / math.sqrt(2))
    found = [auc(*two_normals(rng, n, n, d)) for _ in range(1000)]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.93 <= covered <= 0.98


def test_separate_groups_have_a_bound_from_their_size() -> None:
    found = auc(np.arange(20.0), np.arange(20) >= 10)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(0.025 ** (1 / 10))
    mirrored = auc(-np.arange(20.0), np.arange(20) >= 10)
    assert (mirrored.value, mirrored.low, mirrored.high) == (0, 0, pytest.approx(1 - found.low))


def test_what_cannot_be_told_is_nan_or_the_whole_range() -> None:
    assert math.isnan(auc(np.arange(3.0), np.zeros(3, bool)).value)
    one = auc(np.arange(3.0), np.array([False, True, False]))
    assert (one.value, one.low, one.high) == (0.5, 0, 1)
    same = auc(np.ones(30), np.arange(30) < 12)
    assert (same.value, same.p_value) == (0.5, 1)
