import numpy as np
import pytest
from scipy import stats

from explorer.experiment.analysis.effects import effects_of, mean_arms
from explorer.experiment.analysis.skewed import SkewedValues, linearised, residuals
from explorer.experiment.analysis.sums import MISSING_PRE, PAIR, PRE, VALUES, cell_sums


def skewed(*sides, groups=1):
    """The arms of one group after the other, control first."""
    values = np.concatenate(sides)
    cells = np.concatenate([np.full(len(side), i) for i, side in enumerate(sides)]).astype(np.int32)
    sums = cell_sums(cells, len(sides), VALUES, (values,), (values.mean(),)).shaped(
        groups, len(sides) // groups
    )
    return SkewedValues(values, cells, sums), effects_of(mean_arms(sums), 1)


def test_skewness_cancels_between_arms_of_equal_size_only():
    rng = np.random.default_rng(0)
    equal, _ = skewed(rng.lognormal(0, 1.5, 2_000), rng.lognormal(0, 1.5, 2_000))
    unequal, _ = skewed(rng.lognormal(0, 1.5, 5_000), rng.lognormal(0, 1.5, 500))
    assert equal.near_normal(1).tolist() == [True]
    assert unequal.near_normal(1).tolist() == [False]


def test_the_gate_does_not_depend_on_who_is_in_which_arm():
    rng = np.random.default_rng(0)
    values = rng.lognormal(0, 1.5, 1_000)
    values[0] = 300.0
    first, _ = skewed(values[:500], values[500:])
    second, _ = skewed(values[500:], values[:500])
    assert first.near_normal(1) == second.near_normal(1)


def test_a_skewed_cell_has_the_p_value_of_scipys_permutation_test():
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(0, 1.5, 300), rng.lognormal(0.45, 1.5, 60)
    some, effects = skewed(a, b)
    found = some.tested(effects)
    assert list(found.own) == [0]

    def t(x, y, axis):
        return stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic

    expected = stats.permutation_test(
        (b, a), t, n_resamples=4_000, vectorized=True, rng=np.random.default_rng(0)
    )
    assert found.estimate.p_value[0] == pytest.approx(expected.pvalue, abs=0.02)
    low, high = (end[0] for end in found.interval(1 - found.estimate.p_value[0] + 0.001))
    assert low <= 0 <= high
    low, high = (end[0] for end in found.interval(1 - found.estimate.p_value[0] - 0.001))
    assert not low <= 0 <= high


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_lift_and_difference_of_a_skewed_cell_agree_about_none(confidence):
    rng = np.random.default_rng(2)
    for factor in np.linspace(0.3, 3, 12):
        some, effects = skewed(rng.lognormal(0, 1.2, 400), factor * rng.lognormal(0, 1.2, 50))
        found = some.tested(effects)
        low, high = found.interval(confidence)
        _, lift_low, lift_high = found.lift(confidence)
        assert (low[0] > 0) == (lift_low[0] > 0)
        assert (high[0] < 0) == (lift_high[0] < 0)


def test_small_groups_are_judged_by_the_shape_of_all_groups():
    rng = np.random.default_rng(0)
    sides = [rng.exponential(1, n) for n in (30, 30, 400, 400)]
    sides[0][:] = sides[1][:] = np.linspace(0, 1, 30)
    some, _ = skewed(*sides, groups=2)
    central = [((side - side.mean()) ** power).sum() for power in (2, 4) for side in sides]
    kurtosis = 860 * sum(central[4:]) / sum(central[:4]) ** 2 - 3
    assert some.near_normal(1)[0] == (kurtosis / 60 <= 0.1)


def test_values_of_which_few_differ_are_refused_and_say_so():
    sides = np.zeros(3_000), np.zeros(300)
    sides[0][:2] = 1.0
    sides[1][0] = 1.0
    some, effects = skewed(*sides)
    assert (
        some.tested(effects)
        .refused[0]
        .startswith("too few units differ to compare means: 3,297 of 3,300 have the value 0")
    )


def test_no_permutation_holds_at_every_moment():
    rng = np.random.default_rng(0)
    some, effects = skewed(rng.lognormal(0, 2, 900), rng.lognormal(0, 2, 90))
    assert some.tested(effects, running=True).refused[0].startswith("still running")


def test_a_ratio_moves_as_the_mean_of_its_linearised_values():
    rng = np.random.default_rng(0)
    b = rng.poisson(4, 400) + 1.0
    a = rng.poisson(2 * b).astype(float)
    cells = np.repeat(np.array([0, 1, 2, 3], np.int32), 100)
    sums = cell_sums(cells, 4, PAIR, (a, b), (8.0, 5.0)).shaped(2, 2)
    found = linearised(cells, 2, sums, a, b)
    for group in (slice(0, 200), slice(200, 400)):
        assert found[group] == pytest.approx(a[group] - a[group].sum() / b[group].sum() * b[group])


def test_residuals_are_those_of_a_line_in_each_group():
    rng = np.random.default_rng(0)
    x = rng.normal(50, 3, 400)
    y = 2 * x + rng.normal(0, 1, 400)
    x[::7] = np.nan
    cells = np.repeat(np.array([0, 1, 2, 3], np.int32), 100)
    sums = cell_sums(cells, 4, PRE + MISSING_PRE, (x, y), (50.0, 100.0)).shaped(2, 2)
    found = residuals(cells, 2, sums, y, x)
    for group in (slice(0, 200), slice(200, 400)):
        there = ~np.isnan(x[group])
        slope = stats.linregress(x[group][there], y[group][there]).slope
        expected = y[group][there] - slope * (x[group][there] - x[group][there].mean())
        assert found[group][there] == pytest.approx(expected)
        assert (found[group][~there] == y[group][~there]).all()
