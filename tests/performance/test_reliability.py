import json

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from explorer.performance.reliability import Reliability
from explorer.stats.classification.score_counts import score_counts


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    stated = rng.beta(2, 3, 4_000)
    return rng.random(4_000) < stated, stated


def test_true_probabilities_have_a_slope_of_1_and_no_more_error_than_by_chance(rows):
    found = Reliability(score_counts(*rows))
    assert found.slope == pytest.approx(1, abs=0.1)
    assert found.intercept == pytest.approx(0, abs=0.1)
    assert found.ece < found.binned.limit
    assert "no more than right probabilities" in found.words


def test_probabilities_that_are_too_extreme_are_called_so(rows):
    truth, stated = rows
    found = Reliability(score_counts(truth, 1 / (1 + ((1 - stated) / stated) ** 3)))
    assert found.slope == pytest.approx(1 / 3, abs=0.05)
    assert "more than right probabilities have by chance (95 %)" in found.words
    assert found.brier["score"] == pytest.approx(
        found.brier["miscalibration"] - found.brier["discrimination"] + found.brier["uncertainty"]
    )


def test_the_error_in_ten_bins_is_made_of_scikit_learns_bins(rows):
    truth, stated = rows
    observed, told = calibration_curve(truth, stated, n_bins=10, strategy="quantile")
    assert Reliability(score_counts(truth, stated)).ece == pytest.approx(
        np.abs(observed - told).mean(), rel=0.01
    )


def test_the_histogram_is_numpys(rows):
    truth, stated = rows
    edges, ones, zeros = Reliability(score_counts(truth, stated)).histogram
    assert ones.tolist() == np.histogram(stated[truth], edges)[0].tolist()
    assert zeros.tolist() == np.histogram(stated[~truth], edges)[0].tolist()


def test_rows_that_repeat_a_unit_are_said_to_make_the_band_too_narrow(rows):
    assert "rows are of one unit" in Reliability(score_counts(*rows), grouped=True).words


def test_truth_of_one_kind_has_no_line_and_a_document_all_the_same():
    found = Reliability(score_counts(np.ones(20, bool), np.linspace(0.1, 0.9, 20)))
    assert "not determined" in found.words
    assert json.loads(json.dumps(found.document()))["slope"] is None
