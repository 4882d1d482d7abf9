import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from explorer.stats.intervals.bootstrap import sums_bootstrap
from explorer.stats.residual_quantiles import median_absolute_error, residual_quantiles
from explorer.stats.residual_sums import (
    RESIDUAL_METRICS,
    ResidualSums,
    residual_contributions,
    residual_sums,
)


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
def test_figures_are_scikit_learn_s(metric) -> None:
    truth, prediction = predicted()
    assert float(residual_sums(truth, prediction).figure(metric)) == pytest.approx(
        theirs(metric, truth, prediction), rel=1e-10
    )


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
def test_errors_from_sums_are_those_of_the_rows_and_of_repeated_samples(metric) -> None:
    truth, prediction = predicted(400)
    stated = float(residual_sums(truth, prediction).estimate(metric).error)
    assert stated == pytest.approx(
        float(residual_contributions(metric, truth, prediction).estimate().error), rel=1e-9
    )
    drawn, errors = [], []
    for seed in range(400):
        found = residual_sums(*predicted(400, seed)).estimate(metric)
        drawn.append(float(found.value))
        errors.append(float(found.error))
    assert np.mean(errors) == pytest.approx(np.std(drawn), rel=0.12)


def test_the_error_of_a_bias_is_that_of_a_mean() -> None:
    truth, prediction = predicted()
    found = residual_sums(truth, prediction).estimate("bias")
    assert float(found.error) == pytest.approx(stats.sem(prediction - truth), rel=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_slices_are_summed_at_once_and_missing_rows_left_out(dtype) -> None:
    truth, prediction = (each.astype(dtype) for each in predicted())
    cell = np.random.default_rng(1).integers(-1, 3, 300)
    truth[:4], prediction[2:8] = np.nan, np.nan
    found = residual_sums(truth, prediction, cell, 4)
    for c in range(3):
        rows = (cell == c) & ~np.isnan(truth) & ~np.isnan(prediction)
        assert found.n[c] == rows.sum()
        for metric in RESIDUAL_METRICS:
            alone = residual_contributions(
                metric, truth[rows].astype(float), prediction[rows].astype(float)
            )
            assert found.figure(metric)[c] == pytest.approx(alone.value, rel=1e-8)
            assert found.estimate(metric).error[c] == pytest.approx(
                float(alone.estimate().error), rel=1e-7
            )
    assert np.isnan([found.figure(metric)[3] for metric in RESIDUAL_METRICS]).all()


def test_sums_of_slices_add_up_to_the_whole() -> None:
    truth, prediction = predicted()
    parts = residual_sums(truth, prediction, np.arange(300) % 7, 7)
    whole = ResidualSums(parts.table.sum(axis=0), parts.shift)
    for metric in RESIDUAL_METRICS:
        assert float(whole.figure(metric)) == pytest.approx(
            theirs(metric, truth, prediction), rel=1e-10
        )


def test_r2_resampled_by_unit_has_the_error_of_its_contributions() -> None:
    truth, prediction = predicted(600)
    unit = np.arange(600) // 3
    sums = residual_sums(truth, prediction, unit, 200)
    drawn = sums_bootstrap(
        lambda total: ResidualSums(total, sums.shift).figure("r2")[..., None], sums.table
    )
    stated = residual_contributions("r2", truth, prediction).estimate(unit)
    assert float(drawn.error[0]) == pytest.approx(float(stated.error), rel=0.12)


def test_truths_that_do_not_vary_have_no_r2_and_perfect_predictions_no_error() -> None:
    same = residual_sums(np.full(5, 7.3), np.arange(5.0))
    assert np.isnan(same.figure("r2"))
    assert np.isnan(residual_contributions("r2", np.full(5, 7.3), np.arange(5.0)).value)
    perfect = residual_sums(np.arange(5.0), np.arange(5.0))
    assert [float(perfect.figure(metric)) for metric in RESIDUAL_METRICS] == [0, 0, 0, 0, 1]
    assert float(perfect.estimate("root_mean_squared_error").error) == 0
    assert np.isnan(residual_sums(np.ones(1), np.zeros(1)).estimate("bias").error)


def test_quantiles_are_numpy_s_and_the_median_absolute_error_scikit_learn_s() -> None:
    truth, prediction = predicted(501)
    q = [0.005, 0.25, 0.5, 0.9, 1.0]
    found = residual_quantiles(prediction - truth, q)
    np.testing.assert_allclose(found.value, np.quantile(prediction - truth, q), rtol=1e-12)
    assert np.isnan(found.low[[0, 4]]).all()
    middle = median_absolute_error(truth, prediction)
    assert middle.value[0] == pytest.approx(
        metrics.median_absolute_error(truth, prediction), rel=1e-12
    )
    assert np.isnan(residual_quantiles(np.empty(0), 0.5).value).all()


def test_the_interval_of_the_median_absolute_error_covers() -> None:
    covered = 0
    for seed in range(400):
        e = np.random.default_rng(seed).normal(size=120)
        found = median_absolute_error(np.zeros(120), e)
        covered += found.low[0] <= stats.norm.ppf(0.75) <= found.high[0]
    assert covered / 400 == pytest.approx(0.95, abs=0.03)
