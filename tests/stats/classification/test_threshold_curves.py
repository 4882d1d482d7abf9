import numpy as np
import pytest
from sklearn import metrics

from explorer.stats.classification.auc import auc
from explorer.stats.classification.score_counts import score_counts
from explorer.stats.classification.threshold_curves import (
    gain_of_counts,
    precision_recall_of_counts,
    roc_of_counts,
)
from explorer.stats.drawn_points import drawn_points


def predicted(n: int = 400, decimals: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    score = rng.random(n).round(decimals)
    return rng.random(n) < score**2, score, rng.gamma(2, 1, n)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_the_roc_curve_is_scikit_learn_s_at_every_threshold(decimals: int, weighted: bool) -> None:
    truth, score, weight = predicted(decimals=decimals)
    weight = weight if weighted else None
    mine = roc_of_counts(score_counts(truth, score, weight))
    fpr, tpr, threshold = metrics.roc_curve(
        truth, score, sample_weight=weight, drop_intermediate=False
    )
    np.testing.assert_allclose(mine.fpr, fpr, atol=1e-12)
    np.testing.assert_allclose(mine.tpr, tpr, atol=1e-12)
    np.testing.assert_array_equal(mine.threshold, threshold)
    area = np.trapezoid(mine.tpr, mine.fpr)
    assert area == pytest.approx(
        metrics.roc_auc_score(truth, score, sample_weight=weight), abs=1e-12
    )
    if weight is None:
        assert area == pytest.approx(auc(score, truth).value, abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_precision_recall_and_its_average_are_scikit_learn_s(decimals: int, weighted: bool) -> None:
    truth, score, weight = predicted(decimals=decimals)
    weight = weight if weighted else None
    mine = precision_recall_of_counts(score_counts(truth, score, weight))
    precision, recall, threshold = metrics.precision_recall_curve(
        truth, score, sample_weight=weight
    )
    np.testing.assert_allclose(mine.precision, precision, atol=1e-12)
    np.testing.assert_allclose(mine.recall, recall, atol=1e-12)
    np.testing.assert_array_equal(mine.threshold[:-1], threshold)
    expected = metrics.average_precision_score(truth, score, sample_weight=weight)
    assert precision_recall_of_counts(score_counts(truth, score, weight)).average == pytest.approx(
        expected, abs=1e-12
    )


def test_gain_is_the_share_of_ones_among_the_largest_scores() -> None:
    truth, score, _ = predicted(decimals=12)
    curve = gain_of_counts(score_counts(truth, score))
    largest = np.argsort(-score)[:100]
    assert curve.at(0.25) == pytest.approx(truth[largest].sum() / truth.sum(), abs=1e-12)
    assert curve.lift[100] == pytest.approx(truth[largest].mean() / truth.mean(), abs=1e-12)
    assert (curve.targeted[0], curve.found[0], curve.targeted[-1], curve.found[-1]) == (0, 0, 1, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_counts_are_those_of_numpy_for_every_type_and_infinities(dtype: type) -> None:
    rng = np.random.default_rng(1)
    score = (rng.normal(size=1_000) * 10).astype(dtype)
    if dtype is not np.int32:
        score[:3] = np.inf, -np.inf, -0.0
        score[3] = 0.0
    truth = rng.random(1_000) < 0.3
    counts = score_counts(truth, score)
    values, place = np.unique(score, return_inverse=True)
    np.testing.assert_array_equal(counts.score, values)
    np.testing.assert_array_equal(counts.ones, np.bincount(place[truth], minlength=values.size))
    np.testing.assert_array_equal(counts.ones + counts.zeros, np.bincount(place))


def test_one_class_gives_nan_where_nothing_is_defined() -> None:
    score = np.array([0.2, 0.4, 0.4])
    none, every = (
        roc_of_counts(score_counts(np.zeros(3, bool), score)),
        roc_of_counts(score_counts(np.ones(3, bool), score)),
    )
    assert np.isnan(none.tpr).all()
    assert none.fpr[-1] == 1
    assert np.isnan(every.fpr).all()
    assert np.isnan(precision_recall_of_counts(score_counts(np.zeros(3, bool), score)).average)
    assert precision_recall_of_counts(score_counts(np.ones(3, bool), score)).average == 1
    assert np.isnan(gain_of_counts(score_counts(np.zeros(3, bool), score)).found).all()
    assert none.thinned(4) is none
    empty = roc_of_counts(score_counts(np.zeros(0, bool), np.zeros(0)))
    assert np.isnan(empty.tpr).all()
    assert np.isnan(
        precision_recall_of_counts(score_counts(np.zeros(0, bool), np.zeros(0))).average
    )


@pytest.mark.parametrize("curve_of", [roc_of_counts, precision_recall_of_counts, gain_of_counts])
def test_a_thinned_curve_draws_the_same_pixels_and_has_only_exact_points(curve_of) -> None:
    truth, score, _ = predicted(20_000, 12)
    whole = curve_of(score_counts(truth, score))
    thin = whole.thinned(400)
    assert thin.threshold.size <= 400
    x, y = [np.asarray(v) for k, v in vars(whole).items() if k != "threshold"]
    u, v = [np.asarray(v) for k, v in vars(thin).items() if k != "threshold"]
    if curve_of is precision_recall_of_counts:
        (x, y), (u, v) = (y, x), (v, u)
    at = {(a, b) for a, b in zip(x, y, strict=True)}
    assert all((a, b) in at for a, b in zip(u, v, strict=True))
    edges = np.linspace(0, 1, 101)
    columns, thinned = (np.searchsorted(edges, each, side="right") - 1 for each in (x, u))
    for column in range(1, 99):
        assert v[thinned == column].min() == y[columns == column].min()
        assert v[thinned == column].max() == y[columns == column].max()


def test_short_curves_are_drawn_whole_and_fewer_than_four_points_refused() -> None:
    assert drawn_points(np.arange(3.0), np.arange(3.0), 4).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="at least 4 points"):
        drawn_points(np.arange(9.0), np.arange(9.0), 3)
