from typing import get_args

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from explorer.stats.intervals.bootstrap import sums_bootstrap
from explorer.stats.residual_contributions import ResidualMetric, residual_contributions

RESIDUAL_METRICS = get_args(ResidualMetric)


def predicted(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = 50 + 3 * rng.gamma(2, 1, n)
    return truth, truth + rng.standard_t(8, n) * truth / 50 + 0.3


def theirs(metric: str, truth, prediction, weight=None) -> float:
    if metric == "bias":
        return float(np.average(prediction - truth, weights=weight))
    name = "r2_score" if metric == "r2" else metric
    return getattr(metrics, name)(truth, prediction, sample_weight=weight)


@pytest.mark.parametrize("metric", RESIDUAL_METRICS)
def test_contributions_are_the_slopes_of_scikit_learn_s_weighted_figures(metric) -> None:
    truth, prediction = predicted(50)
    found = residual_contributions(metric, truth, prediction)
    assert found.value == pytest.approx(theirs(metric, truth, prediction), rel=1e-12)
    for i in range(0, 50, 5):
        step = np.zeros(50)
        step[i] = 1e-5
        up, down = (theirs(metric, truth, prediction, 1 + s * step) for s in (1, -1))
        assert found.rows[i] == pytest.approx((up - down) / 2e-5, abs=1e-7)


@pytest.mark.parametrize("metric", RESIDUAL_METRICS)
def test_errors_are_those_of_repeated_samples(metric) -> None:
    estimates = [
        residual_contributions(metric, *predicted(400, seed)).estimate() for seed in range(400)
    ]
    errors = [float(estimate.error) for estimate in estimates]
    assert np.mean(errors) == pytest.approx(
        np.std([float(estimate.value) for estimate in estimates]), rel=0.12
    )


def test_the_error_of_a_bias_is_that_of_a_mean() -> None:
    truth, prediction = predicted()
    estimate = residual_contributions("bias", truth, prediction).estimate()
    assert float(estimate.error) == pytest.approx(stats.sem(prediction - truth), rel=1e-10)


def test_r2_resampled_by_unit_has_the_error_of_its_contributions() -> None:
    truth, prediction = predicted(600)
    unit, centred = np.arange(600) // 3, truth - truth.mean()
    rows = np.column_stack([np.ones(600), (prediction - truth) ** 2, centred, centred**2])
    sums = np.stack([np.bincount(unit, weights=column) for column in rows.T], axis=1)

    def r2(total):
        n, squares, first, second = np.moveaxis(total, -1, 0)
        return (1 - squares / (second - first**2 / n))[..., None]

    drawn = sums_bootstrap(r2, sums)
    stated = residual_contributions("r2", truth, prediction).estimate(unit)
    assert drawn.value[0] == pytest.approx(float(stated.value), rel=1e-10)
    assert float(drawn.error[0]) == pytest.approx(float(stated.error), rel=0.12)


@pytest.mark.parametrize("truth", [7.3, 0.1])
def test_truths_that_do_not_vary_have_no_r2(truth: float) -> None:
    contributions = residual_contributions("r2", np.full(1_000, truth), np.arange(1_000.0))
    assert np.isnan(contributions.value)
    assert np.isnan(contributions.rows).all()
    assert np.isnan(residual_contributions("r2", np.empty(0), np.empty(0)).value)


def test_perfect_predictions_have_no_error() -> None:
    rows = np.arange(5.0)
    found = [residual_contributions(metric, rows, rows) for metric in RESIDUAL_METRICS]
    assert [each.value for each in found] == [0, 0, 0, 0, 1]
    assert [float(each.estimate().error) for each in found] == [0] * 5
    assert np.isnan(residual_contributions("bias", np.ones(1), np.zeros(1)).estimate().error)
