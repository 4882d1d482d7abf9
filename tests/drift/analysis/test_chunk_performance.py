import numpy as np
import pytest
from sklearn.metrics import (
    brier_score_loss,
    mean_absolute_error,
    roc_auc_score,
    root_mean_squared_error,
)

from explorer.drift.analysis.chunk_performance import PerformanceTally, chunk_performances
from explorer.stats.bins import quantile_bins
from explorer.stats.classification.delong import paired_auc

RNG = np.random.default_rng(0)
CHUNK = np.repeat(np.arange(6), 2_000).astype(np.int32)
REFERENCE = np.arange(6) < 3


def _binary(shift=0.0):
    score = 1 / (1 + np.exp(-RNG.normal(-1 + shift * (CHUNK >= 3), 1.2)))
    return score, (RNG.random(len(score)) < score).astype(float)


def _found(prediction, truth, kind):
    tally = PerformanceTally(quantile_bins(prediction[CHUNK < 3]), 6, kind)
    for start in range(0, len(CHUNK), 1_700):
        part = slice(start, start + 1_700)
        tally.add(prediction[part], truth[part], CHUNK[part])
    return {one.metric: one for one in chunk_performances(tally, REFERENCE)}


def test_figures_of_a_classifier_are_scikit_learns():
    score, truth = _binary()
    found = _found(score, truth, "binary")
    for chunk in range(6):
        y, p = truth[chunk == CHUNK], score[chunk == CHUNK]
        assert found["roc_auc"].value[chunk] == pytest.approx(roc_auc_score(y, p), abs=2e-4)
        assert found["neg_brier_score"].value[chunk] == pytest.approx(-brier_score_loss(y, p))
        own = paired_auc(y > 0, p[None])
        reach = 1.959964 * np.sqrt(own.covariance[0, 0])
        assert found["roc_auc"].high[chunk] - found["roc_auc"].value[chunk] == pytest.approx(
            reach, rel=0.01
        )


def test_figures_of_a_regression_are_scikit_learns():
    truth = RNG.normal(10, 3, len(CHUNK))
    prediction = truth + RNG.normal(0, 1 + CHUNK / 5)
    found = _found(prediction, truth, "regression")
    for chunk in range(6):
        y, p = truth[chunk == CHUNK], prediction[chunk == CHUNK]
        mean, root = found["neg_mean_absolute_error"], found["neg_root_mean_squared_error"]
        assert mean.value[chunk] == pytest.approx(-mean_absolute_error(y, p))
        assert root.value[chunk] == pytest.approx(-root_mean_squared_error(y, p))
        assert mean.low[chunk] < mean.value[chunk] < mean.high[chunk]
        assert root.low[chunk] < root.value[chunk] < root.high[chunk]


def test_the_estimate_follows_a_change_of_the_scores_without_their_truth():
    score, truth = _binary(shift=1.0)
    hidden = np.where(CHUNK < 3, truth, np.nan)
    found = _found(score, hidden, "binary")["roc_auc"]
    assert (found.rows == [2_000] * 3 + [0] * 3).all()
    assert np.isnan(found.value[3:]).all()
    for chunk in range(3, 6):
        real = roc_auc_score(truth[chunk == CHUNK], score[chunk == CHUNK])
        assert found.estimate[chunk] == pytest.approx(real, abs=0.03)
    assert found.estimate_error < 0.03


def test_a_chunk_of_one_class_has_no_area_and_its_brier_score_stays():
    score, truth = _binary()
    truth[CHUNK == 4] = 0
    found = _found(score, truth, "binary")
    assert np.isnan(found["roc_auc"].value[4])
    assert np.isfinite(found["neg_brier_score"].value[4])
    assert np.isfinite(found["roc_auc"].value[[0, 1, 2, 3, 5]]).all()


def test_missing_predictions_and_rows_of_no_chunk_are_not_counted():
    score, truth = _binary()
    score[::3] = np.nan
    tally = PerformanceTally(quantile_bins(score), 6, "binary")
    tally.add(score, truth, np.where(CHUNK == 5, -1, CHUNK).astype(np.int32))
    expected = [(np.isfinite(score) & (chunk == CHUNK)).sum() for chunk in range(5)]
    assert chunk_performances(tally, REFERENCE)[0].rows.tolist() == [*expected, 0]
