import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from explorer.stats.classification.auc import auc
from explorer.stats.classification.clustered_auc import clustered_auc
from explorer.stats.classification.delong import paired_auc


def rows_of_models(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three models that see the same truth more or less well, with ties."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.35
    shared = rng.normal(size=n)
    scores = [
        truth * lift + shared + rng.normal(size=n) * own
        for lift, own in ((1, 0.5), (0.7, 0.5), (0, 2))
    ]
    return truth, np.round(scores, 1)


def by_definition(truth, scores):
    """DeLong's components from every pair of rows."""
    v10, v01 = [], []
    for score in scores:
        ones, zeros = score[truth], score[~truth]
        kernel = (ones[:, None] > zeros) + (ones[:, None] == zeros) / 2
        v10.append(kernel.mean(axis=1))
        v01.append(kernel.mean(axis=0))
    covariance = np.cov(v10) / truth.sum() + np.cov(v01) / (~truth).sum()
    return np.mean(v10, axis=1), covariance


def test_values_and_covariance_are_those_of_the_definition() -> None:
    truth, scores = rows_of_models(250)
    found = paired_auc(truth, scores)
    values, covariance = by_definition(truth, scores)
    np.testing.assert_allclose(
        found.values, [roc_auc_score(truth, each) for each in scores], rtol=1e-12
    )
    np.testing.assert_allclose(found.values, values, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-10, atol=1e-16)
    z = (values[0] - values[1]) / math.sqrt(
        covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    )
    assert float(found.difference(0, 1).p_value) == pytest.approx(2 * norm.sf(abs(z)), rel=1e-9)


def test_each_model_alone_is_the_auc_with_its_interval() -> None:
    truth, scores = rows_of_models(300)
    found = paired_auc(truth, scores)
    low, high = found.interval()
    for i, score in enumerate(scores):
        one = auc(score, truth)
        assert (found.values[i], found.errors[i]) == pytest.approx(
            (one.value, one.standard_error), rel=1e-10
        )
        assert (low[i], high[i]) == pytest.approx((one.low, one.high), rel=1e-10)


def test_units_give_obuchowski_s_variance_and_copies_tell_nothing_more() -> None:
    truth, scores = rows_of_models(200)
    unit = np.random.default_rng(1).integers(0, 50, 200) * 3  # codes between have no row
    found = paired_auc(truth, scores, unit)
    one = clustered_auc(scores[0], truth, unit)
    assert (found.values[0], found.errors[0]) == pytest.approx(
        (one.value, one.standard_error), rel=1e-12
    )
    plain, rows = paired_auc(truth, scores), np.repeat(np.arange(200), 4)
    copied = paired_auc(truth[rows], scores[:, rows], rows)
    np.testing.assert_allclose(copied.covariance, plain.covariance, rtol=1e-9, atol=1e-16)


def test_the_difference_of_two_models_has_the_spread_of_a_bootstrap_of_units() -> None:
    truth, scores = rows_of_models(240)
    unit = np.arange(240) // 3
    stated = float(paired_auc(truth, scores, unit).difference(0, 2).error)
    rng, drawn = np.random.default_rng(2), []
    for _ in range(400):
        rows = (rng.integers(0, 80, 80)[:, None] * 3 + np.arange(3)).ravel()
        drawn.append(
            roc_auc_score(truth[rows], scores[0, rows])
            - roc_auc_score(truth[rows], scores[2, rows])
        )
    assert stated == pytest.approx(np.std(drawn), rel=0.12)


def test_equal_models_are_told_apart_by_chance_as_often_as_said() -> None:
    p_values = []
    for seed in range(500):
        rng = np.random.default_rng(seed)
        truth, shared = rng.random(200) < 0.5, rng.normal(size=200)
        scores = truth + shared + rng.normal(size=(2, 200))
        p_values.append(float(paired_auc(truth, scores).difference(0, 1).p_value))
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.025)


def test_models_that_order_rows_alike_differ_by_nothing_and_are_not_tested() -> None:
    truth, scores = rows_of_models(500)
    found = paired_auc(truth, [scores[0], np.exp(scores[0])]).difference(0, 1)
    assert (float(found.value), float(found.error)) == (0, 0)
    assert np.isnan(found.p_value)


@pytest.mark.parametrize("truth", [np.zeros(4, bool), np.ones(4, bool)])
def test_one_class_is_nan(truth) -> None:
    found = paired_auc(truth, np.arange(8.0).reshape(2, 4))
    assert np.isnan([*found.values, *found.covariance.ravel(), *np.ravel(found.interval())]).all()
    assert np.isnan(found.difference(0, 1).p_value)


def test_a_single_row_of_a_class_has_a_value_and_no_error() -> None:
    found = paired_auc(np.array([True, False, False]), np.array([[2.0, 1, 3], [3.0, 2, 1]]))
    assert found.values.tolist() == [0.5, 1.0]
    assert np.isnan(found.errors).all()
    assert found.interval()[0].tolist() == [0, 0]
