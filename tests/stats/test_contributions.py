import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from explorer.stats.classification.delong import paired_auc
from explorer.stats.classification.score_contributions import (
    auc_contributions,
    average_precision_contributions,
)
from explorer.stats.contributions import mean_contributions, ratio_contributions
from explorer.stats.intervals.bootstrap import Bootstrap, random_group_sums, sums_bootstrap


def scored(n: int = 150, decimals: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random(n) < 0.3
    return truth, (truth + rng.normal(size=n)).round(decimals)


def slopes(figure, n: int) -> np.ndarray:
    """How a weighted figure moves with the weight of each row, by central differences."""
    step, found = 1e-5, np.empty(n)
    for i in range(n):
        weight = np.ones(n)
        weight[i] += step
        up = figure(weight)
        weight[i] -= 2 * step
        found[i] = (up - figure(weight)) / (2 * step)
    return found


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (auc_contributions, roc_auc_score),
        (average_precision_contributions, average_precision_score),
    ],
)
def test_contributions_are_the_slopes_of_scikit_learn_s_weighted_figures(
    ours, theirs, decimals: int
) -> None:
    truth, score = scored(decimals=decimals)
    found = ours(truth, score)
    assert found.value == pytest.approx(theirs(truth, score), rel=1e-12)
    expected = slopes(lambda weight: theirs(truth, score, sample_weight=weight), truth.size)
    np.testing.assert_allclose(found.rows, expected, atol=1e-8)
    assert found.rows.sum() == pytest.approx(0, abs=1e-12)


def test_a_mean_has_its_usual_error_and_a_paired_difference_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.gamma(2, 1, (2, 80))
    one = mean_contributions(a).estimate()
    assert float(one.error) == pytest.approx(stats.sem(a), rel=1e-12)
    pair = (mean_contributions(a) - mean_contributions(b)).estimate()
    assert float(pair.p_value) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-10)


def test_rows_of_a_unit_count_as_one_and_copies_tell_nothing_more() -> None:
    rng = np.random.default_rng(2)
    y, x = rng.gamma(2, 1, 40), rng.poisson(3, 40) + 1.0
    once = ratio_contributions(y, x).estimate()
    copied = ratio_contributions(np.repeat(y, 6), np.repeat(x, 6)).estimate(
        np.repeat(np.arange(40), 6)
    )
    assert (float(copied.value), float(copied.error), float(copied.df)) == pytest.approx(
        (float(once.value), float(once.error), 39), rel=1e-12
    )
    delta = np.sqrt(np.var(y - y.sum() / x.sum() * x, ddof=1) / 40) / x.mean()
    assert float(once.error) == pytest.approx(delta, rel=1e-12)


def test_the_error_of_an_auc_is_nearly_delong_s_and_of_a_difference_as_well() -> None:
    truth, score = scored(800)
    other = score + np.random.default_rng(3).normal(size=800)
    exact = paired_auc(truth, [score, other])
    mine, theirs = auc_contributions(truth, score), auc_contributions(truth, other)
    assert float(mine.estimate().error) == pytest.approx(exact.errors[0], rel=0.01)
    assert float((mine - theirs).estimate().error) == pytest.approx(
        float(exact.difference(0, 1).error), rel=0.01
    )


def test_what_is_undefined_is_nan() -> None:
    score = np.arange(3.0)
    for found in (
        auc_contributions(np.ones(3, bool), score),
        average_precision_contributions(np.zeros(3, bool), score),
    ):
        assert np.isnan(
            [found.value, float(found.estimate().error), float(found.estimate().p_value)]
        ).all()
    assert np.isnan(mean_contributions(np.empty(0)).estimate(np.empty(0, int)).value)
    assert np.isnan(ratio_contributions(np.ones(3), np.zeros(3)).value)
    assert np.isnan(mean_contributions(np.ones(4)).estimate(np.zeros(4, int)).error)


def test_the_bootstrap_of_units_has_the_error_of_the_contributions() -> None:
    rng = np.random.default_rng(4)
    unit = np.arange(600) // 4
    truth = rng.random(600) < 0.3
    score = truth + rng.normal(size=600) + rng.normal(size=150)[unit]
    draws = np.random.default_rng(0).poisson(1.0, (400, 150))
    found = Bootstrap(
        np.array([average_precision_score(truth, score)]),
        np.array([[average_precision_score(truth, score, sample_weight=w[unit])] for w in draws]),
    )
    stated = average_precision_contributions(truth, score).estimate(unit)
    assert float(found.value[0]) == pytest.approx(float(stated.value), rel=1e-12)
    assert float(found.error[0]) == pytest.approx(float(stated.error), rel=0.12)
    low, high = found.interval()
    assert low[0] < float(stated.value) < high[0]


def means(totals: np.ndarray) -> np.ndarray:
    return np.stack([totals[..., 1] / totals[..., 0], totals[..., 2] / totals[..., 0]], axis=-1)


@pytest.mark.parametrize("units", [300, 20_000])
def test_sums_are_resampled_to_the_same_error_however_many_units(units: int) -> None:
    rng = np.random.default_rng(5)
    values = rng.lognormal(0, 1, (units, 2))
    found = sums_bootstrap(means, np.column_stack([np.ones(units), values]), 2_000)
    np.testing.assert_allclose(found.value, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.error, stats.sem(values), rtol=0.1)
    assert (found.p_value == 2 / 2_001).all()


def test_dealing_keeps_every_unit() -> None:
    sums = np.arange(20_000.0).reshape(10_000, 2)
    grouped = random_group_sums(sums)
    assert grouped.shape == (4_096, 2)
    np.testing.assert_allclose(grouped.sum(axis=0), sums.sum(axis=0))
    np.testing.assert_array_equal(random_group_sums(sums[:10]), sums[:10])
    np.testing.assert_array_equal(random_group_sums(sums), grouped)


def test_percentile_intervals_cover_and_p_values_hold_their_level() -> None:
    covered, p_values = [], []
    for seed in range(300):
        values = np.random.default_rng(seed).normal(size=60)
        found = sums_bootstrap(
            lambda total: (total[..., 1] / total[..., 0])[..., None],
            np.column_stack([np.ones(60), values]),
            200,
            seed,
        )
        low, high = found.interval()
        covered.append(low[0] <= 0 <= high[0])
        p_values.append(found.p_value[0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_one_unit_has_no_draws() -> None:
    found = sums_bootstrap(means, np.ones((1, 3)), 5)
    assert found.value.tolist() == [1, 1]
    assert np.isnan([*found.error, *found.p_value, *found.interval()[0]]).all()
