import numpy as np
import pytest
from sklearn import metrics

from explorer.stats.classification.confusion import CONFUSION_METRICS, confusion
from explorer.stats.classification.probability_losses import brier_losses, log_losses
from explorer.stats.contributions import mean_contributions


def called(k: int, n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    return truth, np.where(rng.random(n) < 0.6, truth, rng.integers(0, k, n))


def theirs(metric: str, truth, prediction, weight=None) -> float:
    if metric in ("accuracy", "balanced_accuracy"):
        return getattr(metrics, metric + "_score")(truth, prediction, sample_weight=weight)
    if metric == "matthews_corrcoef":
        return metrics.matthews_corrcoef(truth, prediction, sample_weight=weight)
    name, _, mean = metric.partition("_")
    score = getattr(metrics, name + "_score")
    return score(
        truth,
        prediction,
        average=mean or None,
        sample_weight=weight,
        labels=None if mean else [1],
        zero_division=0,
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("metric", CONFUSION_METRICS)
def test_figures_are_scikit_learn_s(metric, k: int, weighted: bool) -> None:
    truth, prediction = called(k)
    weight = np.random.default_rng(1).gamma(2, 1, truth.size) if weighted else None
    found = confusion(truth, prediction, k, weight)
    np.testing.assert_allclose(
        found.counts, metrics.confusion_matrix(truth, prediction, sample_weight=weight)
    )
    assert float(found.figure(metric)) == pytest.approx(
        float(np.squeeze(theirs(metric, truth, prediction, weight))), abs=1e-12
    )


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("metric", CONFUSION_METRICS)
def test_contributions_are_the_slopes_of_scikit_learn_s_weighted_figures(metric, k: int) -> None:
    truth, prediction = called(k, 60)
    rows = confusion(truth, prediction, k).contributions(metric, truth, prediction)
    for i in range(0, 60, 7):
        step = np.zeros(60)
        step[i] = 1e-5
        up, down = (
            float(np.squeeze(theirs(metric, truth, prediction, 1 + s * step))) for s in (1, -1)
        )
        assert rows.rows[i] == pytest.approx((up - down) / 2e-5, abs=1e-8)
    assert rows.rows.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "metric", ["accuracy", "f1", "f1_weighted", "matthews_corrcoef", "balanced_accuracy"]
)
def test_stated_errors_are_those_of_repeated_samples(metric) -> None:
    drawn = [float(confusion(*called(3, 400, seed), 3).figure(metric)) for seed in range(600)]
    found = confusion(*called(3, 400), 3).estimate(metric)
    assert float(found.error) == pytest.approx(np.std(drawn), rel=0.13)
    truth, prediction = called(3, 400)
    by_row = confusion(truth, prediction, 3).contributions(metric, truth, prediction).estimate()
    assert float(by_row.error) == pytest.approx(float(found.error), rel=1e-10)


def test_slices_are_counted_at_once_and_missing_ones_left_out() -> None:
    truth, prediction = called(3)
    cell = np.random.default_rng(2).integers(-1, 4, 300)
    truth[:9], prediction[5:12] = -1, -1
    found = confusion(truth, prediction, 3, cell=cell, cells=4)
    for c in range(4):
        rows = (cell == c) & (truth >= 0) & (prediction >= 0)
        alone = confusion(truth[rows], prediction[rows], 3)
        np.testing.assert_array_equal(found.counts[c], alone.counts)
        for metric in CONFUSION_METRICS:
            assert found.figure(metric)[c] == pytest.approx(float(alone.figure(metric)), rel=1e-12)
            assert found.estimate(metric).error[c] == pytest.approx(
                float(alone.estimate(metric).error), rel=1e-12
            )


def test_classes_that_do_not_occur_are_left_out_of_means() -> None:
    truth, prediction = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 3, 1])
    found = confusion(truth, prediction, 6)
    for metric in (
        "balanced_accuracy",
        "precision_macro",
        "f1_macro",
        "f1_weighted",
        "matthews_corrcoef",
    ):
        if metric == "balanced_accuracy":
            expected = metrics.recall_score(truth, prediction, average="macro", labels=[0, 1])
        else:
            expected = float(theirs(metric, truth, prediction))
        assert float(found.figure(metric)) == pytest.approx(expected, rel=1e-12)


def test_what_is_undefined_is_nan() -> None:
    none = confusion(np.empty(0, int), np.empty(0, int), 2)
    assert all(
        np.isnan([none.figure(metric), none.estimate(metric).error]).all()
        for metric in CONFUSION_METRICS
    )
    one = confusion(np.zeros(5, int), np.zeros(5, int), 2)
    assert np.isnan(one.figure("matthews_corrcoef"))
    assert np.isnan(one.figure("recall"))
    assert float(one.figure("f1_macro")) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_of_one_probability_are_scikit_learn_s(dtype) -> None:
    rng = np.random.default_rng(3)
    p = rng.random(200).astype(dtype)
    truth = rng.random(200) < p
    p[:2], truth[:2] = [0, 1], [True, False]  # certain, and wrong
    assert log_losses(truth, p).mean() == pytest.approx(metrics.log_loss(truth, p), rel=1e-6)
    assert brier_losses(truth, p).mean() == pytest.approx(
        metrics.brier_score_loss(truth, p), rel=1e-6
    )
    assert np.isfinite(mean_contributions(log_losses(truth, p)).estimate().error)


def test_losses_of_many_classes_are_scikit_learn_s() -> None:
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.ones(4), 200)
    truth = rng.integers(0, 4, 200)
    assert log_losses(truth, p).mean() == pytest.approx(
        metrics.log_loss(truth, p, labels=range(4)), rel=1e-12
    )
    expected = (
        metrics.brier_score_loss(truth, p, labels=range(4))
        if hasattr(metrics, "d2_brier_score")
        else None
    )
    direct = ((p - np.eye(4)[truth]) ** 2).sum(axis=1)
    np.testing.assert_allclose(brier_losses(truth, p), direct, rtol=1e-12)
    assert expected is None or direct.mean() == pytest.approx(expected, rel=1e-12)


def test_a_missing_probability_has_no_loss() -> None:
    assert np.isnan(log_losses(np.array([True]), np.array([np.nan]))).all()
    assert np.isnan(brier_losses(np.array([1]), np.array([[np.nan, 0.5]]))).all()
