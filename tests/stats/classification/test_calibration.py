import math

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from explorer.stats.classification.binned_error import binned_error
from explorer.stats.classification.calibrated_draws import probability_cells
from explorer.stats.classification.consistency_band import consistency_band
from explorer.stats.classification.corp import corp_of_counts
from explorer.stats.classification.isotonic import isotonic_blocks
from explorer.stats.classification.recalibration import recalibrate
from explorer.stats.classification.score_counts import score_counts


def predicted(
    n: int, seed: int = 0, decimals: int = 12, slope: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Truths of probabilities whose log odds were multiplied by 1 / slope beforehand."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-0.5, 1, n)
    truth = rng.random(n) < 1 / (1 + np.exp(-odds))
    return truth, (1 / (1 + np.exp(-odds / slope))).round(decimals)


@pytest.mark.parametrize("decimals", [1, 2, 12])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_curve_is_scikit_learn_s_isotonic_regression(decimals: int, weighted: bool) -> None:
    truth, p = predicted(800, decimals=decimals)
    weight = np.random.default_rng(1).gamma(2, 1, 800) if weighted else None
    found = corp_of_counts(score_counts(truth, p, weight))
    oracle = IsotonicRegression(y_min=0, y_max=1).fit(p, truth, sample_weight=weight)
    np.testing.assert_allclose(np.interp(p, *found.points), oracle.predict(p), atol=1e-9)
    assert found.n.sum() == pytest.approx(800 if weight is None else weight.sum())


@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_brier_score_is_the_sum_of_its_parts(decimals: int, weighted: bool) -> None:
    truth, p = predicted(500, decimals=decimals, slope=0.6)
    weight = np.random.default_rng(1).gamma(2, 1, 500) if weighted else None
    found = corp_of_counts(score_counts(truth, p, weight))
    level = IsotonicRegression().fit(p, truth, sample_weight=weight).predict(p)
    parts = found.miscalibration - found.discrimination + found.uncertainty
    score = [
        brier_score_loss(truth, each, sample_weight=weight)
        for each in (p, level, np.full(500, found.rate))
    ]
    assert found.brier == pytest.approx(score[0], rel=1e-12)
    assert parts == pytest.approx(score[0], rel=1e-12)
    assert found.miscalibration == pytest.approx(score[0] - score[1], abs=1e-12)
    assert found.discrimination == pytest.approx(score[2] - score[1], abs=1e-12)
    assert (found.rate, found.stated) == pytest.approx(
        (np.average(truth, weights=weight), np.average(p, weights=weight)), rel=1e-12
    )


def test_pooled_blocks_rise_strictly_and_equal_means_are_one_block() -> None:
    starts, level = isotonic_blocks(np.array([0.0, 1, 0, 1, 2, 2]), np.array([1.0, 1, 1, 2, 4, 2]))
    assert starts.tolist() == [0, 1, 5]
    assert level.tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("decimals", [1, 12])
def test_slope_intercept_and_errors_are_those_of_a_logistic_regression(decimals: int) -> None:
    truth, p = predicted(1_500, decimals=decimals, slope=0.5)
    p = np.clip(p, 0.01, 0.99)
    found = recalibrate(score_counts(truth, p))
    logit = np.log(p / (1 - p))
    line = sm.GLM(truth.astype(float), sm.add_constant(logit), family=sm.families.Binomial()).fit()
    large = sm.GLM(
        truth.astype(float), np.ones(1_500), family=sm.families.Binomial(), offset=logit
    ).fit()
    assert (found.intercept, found.slope) == pytest.approx(tuple(line.params), rel=1e-6)
    assert (found.intercept_error, found.slope_error) == pytest.approx(tuple(line.bse), rel=1e-6)
    assert (found.in_the_large, found.in_the_large_error) == pytest.approx(
        (large.params[0], large.bse[0]), rel=1e-6
    )
    likelihood = (np.log(np.where(truth, p, 1 - p))).sum()
    assert found.p_value == pytest.approx(math.exp(likelihood - line.llf), rel=1e-5)
    assert found.slope == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    ("truth", "p"),
    [
        ([1, 1, 1], [0.2, 0.5, 0.7]),
        ([0, 0, 0], [0.2, 0.5, 0.7]),
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
        ([0, 1], [0.5, 0.5]),
    ],
)
def test_a_line_that_is_not_determined_is_nan(truth: list[int], p: list[float]) -> None:
    found = recalibrate(score_counts(np.array(truth, bool), np.array(p)))
    assert np.isnan([found.slope, found.slope_error, found.intercept, found.p_value]).all()
    both = 0 < sum(truth) < len(truth)
    assert math.isnan(found.in_the_large) != both


def test_probabilities_of_0_and_1_have_a_line_too() -> None:
    truth, p = predicted(400, decimals=1)
    p[:20], truth[:20] = 0, np.arange(20) < 4
    found = recalibrate(score_counts(truth, p))
    assert 0 < found.slope < 1
    assert np.isfinite(found.slope_error)


def test_without_rows_all_is_nan_and_nothing_is_raised() -> None:
    counts = score_counts(np.zeros(0, bool), np.zeros(0))
    found = corp_of_counts(counts)
    assert np.isnan(
        [found.brier, found.miscalibration, found.uncertainty, found.recalibration.slope]
    ).all()
    assert found.level.size == 0
    assert consistency_band(counts).low.size == 0
    assert math.isnan(binned_error(counts).error)


@pytest.mark.parametrize("decimals", [2, 12])
def test_the_band_holds_the_curve_of_calibrated_probabilities_as_often_as_said(
    decimals: int,
) -> None:
    inside, saved, limit = [], [], 0.0
    for seed in range(60):
        truth, p = predicted(400, seed, decimals)
        band = consistency_band(score_counts(truth, p), 0.9, draws=200)
        curve = corp_of_counts(score_counts(truth, p))
        middle = np.abs(band.probability - 0.4) < 0.2
        level = np.interp(band.probability, *curve.points)[middle]
        inside.append(
            ((level >= band.low[middle] - 1e-9) & (level <= band.high[middle] + 1e-9)).mean()
        )
        saved.append(curve.miscalibration / band.miscalibration)
        limit += curve.miscalibration > band.miscalibration_limit
    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)
    assert np.mean(saved) == pytest.approx(1, abs=0.12)
    assert limit / 60 == pytest.approx(0.1, abs=0.1)


def test_the_band_of_many_probabilities_is_that_of_their_cells() -> None:
    truth, p = predicted(6_000)
    counts = score_counts(truth, p)
    whole, cells = consistency_band(counts, draws=400), probability_cells(counts)
    assert 1_900 < cells.n.size <= 2_048
    assert cells.n.sum() == 6_000
    every = probability_cells(counts, cells=6_000)
    assert every.n.size == 6_000
    rng = np.random.default_rng(3)
    order = np.sort(p)
    fits = [
        IsotonicRegression().fit_transform(order, rng.random(6_000) < order) for _ in range(200)
    ]
    low, high = np.quantile(fits, [0.025, 0.975], axis=0)
    inner = slice(200, -200)
    assert np.interp(order, whole.probability, whole.low)[inner] == pytest.approx(
        low[inner], abs=0.035
    )
    assert np.interp(order, whole.probability, whole.high)[inner] == pytest.approx(
        high[inner], abs=0.035
    )


def test_the_band_is_the_same_each_time_and_refuses_weights() -> None:
    truth, p = predicted(300)
    counts = score_counts(truth, p)
    np.testing.assert_array_equal(
        consistency_band(counts, draws=20).low, consistency_band(counts, draws=20).low
    )
    with pytest.raises(ValueError, match="without weights"):
        consistency_band(score_counts(truth, p, np.full(300, 0.5)))


@pytest.mark.parametrize("kind", ["quantile", "uniform"])
@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_bins_are_those_of_scikit_learn(kind, decimals: int) -> None:
    truth, p = predicted(701, decimals=decimals)
    found = binned_error(score_counts(truth, p), 8, kind, draws=10)
    observed, stated = calibration_curve(truth, p, n_bins=8, strategy=kind)
    np.testing.assert_allclose(found.observed, observed, atol=1e-12)
    np.testing.assert_allclose(found.stated, stated, atol=1e-12)
    assert found.error == pytest.approx(np.abs(observed - stated) @ found.n / 701, rel=1e-12)
    assert found.largest == pytest.approx(np.abs(observed - stated).max(), rel=1e-12)
    assert (found.observed_low < found.observed).all()
    assert ((found.observed < found.observed_high) | (found.observed_high == 1)).all()


def test_chance_is_the_mean_error_of_true_probabilities() -> None:
    p = np.sort(predicted(3_000)[1])
    rng = np.random.default_rng(4)
    found = binned_error(score_counts(rng.random(3_000) < p, p))
    parts = np.array_split(np.arange(3_000), 10)
    errors = []
    for _ in range(500):
        truth = rng.random(3_000) < p
        errors.append(sum(abs(truth[rows].sum() - p[rows].sum()) for rows in parts) / 3_000)
    assert found.chance == pytest.approx(np.mean(errors), rel=0.04)
    assert found.limit == pytest.approx(np.quantile(errors, 0.95), rel=0.05)


def test_p_values_of_true_probabilities_are_uniform_and_overconfidence_is_found() -> None:
    p_values = [
        binned_error(score_counts(*predicted(500, seed)), draws=199).p_value for seed in range(200)
    ]
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.035)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.06)
    assert binned_error(score_counts(*predicted(2_000, slope=0.5))).p_value < 0.002
