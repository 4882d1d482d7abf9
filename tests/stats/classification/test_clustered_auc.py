import math

import numpy as np
import pytest
from scipy import stats

from explorer.stats.classification.auc import auc, auc_margin_p_value
from explorer.stats.classification.clustered_auc import clustered_auc, stratified_auc


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_a_unit_a_row_is_delong(rng):
    values, positive = np.round(rng.normal(size=300), 1), rng.random(300) < 0.4
    one, plain = clustered_auc(values, positive, rng.permutation(300)), auc(values, positive)
    assert one.value == pytest.approx(plain.value, rel=1e-12)
    # DeLong divides by n − 1 twice in the same way
    assert one.standard_error == pytest.approx(plain.standard_error, rel=1e-9)
    assert (one.low, one.high) == pytest.approx((plain.low, plain.high), rel=1e-9)


def brute(values, positive, unit):
    """Obuchowski's equations, literally: a double loop over rows, then sums over units."""
    x, y = values[positive], values[~positive]
    kernel = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    theta, m, n = kernel.mean(), len(x), len(y)
    v10, v01 = kernel.mean(axis=1), kernel.mean(axis=0)
    units = np.unique(unit)
    ux, uy = unit[positive], unit[~positive]
    d10 = np.array([(v10[ux == u] - theta).sum() for u in units])
    d01 = np.array([(v01[uy == u] - theta).sum() for u in units])
    i10, i01, i = len(np.unique(ux)), len(np.unique(uy)), len(units)
    s10 = i10 / ((i10 - 1) * m) * (d10**2).sum()
    s01 = i01 / ((i01 - 1) * n) * (d01**2).sum()
    s11 = i / (i - 1) * (d10 * d01).sum()
    return theta, math.sqrt(s10 / m + s01 / n + 2 * s11 / (m * n))


def test_units_with_rows_in_both_groups_are_obuchowski_s(rng):
    unit = rng.integers(0, 40, 250)
    values = np.round(rng.normal(size=250) + rng.normal(size=40)[unit], 1)
    positive = rng.random(250) < 0.5
    one = clustered_auc(values, positive, unit)
    assert (one.value, one.standard_error) == pytest.approx(brute(values, positive, unit), rel=1e-9)
    assert one.pairs == min(len(np.unique(unit[positive])), len(np.unique(unit[~positive])))


def test_copies_of_rows_in_a_unit_tell_nothing_more(rng):
    values, positive = rng.normal(size=120), rng.random(120) < 0.5
    once = clustered_auc(values, positive, np.arange(120))
    copied = clustered_auc(
        np.repeat(values, 5), np.repeat(positive, 5), np.repeat(np.arange(120), 5)
    )
    assert copied.standard_error == pytest.approx(once.standard_error, rel=1e-9)
    assert (
        auc(np.repeat(values, 5), np.repeat(positive, 5)).standard_error < 0.6 * once.standard_error
    )


def test_one_stratum_is_delong_and_a_stratum_without_both_groups_has_no_weight(rng):
    values, positive = np.round(rng.normal(size=200), 1), rng.random(200) < 0.3
    plain, one = auc(values, positive), stratified_auc(values, positive, np.zeros(200, int))
    assert (one.value, one.standard_error) == pytest.approx(
        (plain.value, plain.standard_error), rel=1e-9
    )
    more = stratified_auc(
        np.append(values, [9.0] * 5), np.append(positive, [True] * 5), np.repeat([0, 1], [200, 5])
    )
    assert more == one


def test_strata_take_away_what_they_explain(rng):
    stratum = rng.integers(0, 5, 6_000)
    values = stratum + rng.normal(size=6_000)
    positive = rng.random(6_000) < 0.1 + 0.15 * stratum
    assert auc(values, positive).low > 0.6
    within = stratified_auc(values, positive, stratum)
    assert within.low < 0.5 < within.high


def test_its_weights_are_van_elteren_s(rng):
    """Wilcoxon's standardised rank sum over n + 1 has the same sign.

    Under the hypothesis it has about the same z.
    """
    stratum = np.repeat([0, 1, 2], [80, 200, 500])
    values, positive = rng.normal(size=780), rng.random(780) < 0.5
    found = stratified_auc(values, positive, stratum)
    total, variance = 0.0, 0.0
    for s in range(3):
        x, y = values[(stratum == s) & positive], values[(stratum == s) & ~positive]
        n, m = len(x), len(y)
        w = stats.rankdata(np.concatenate((x, y)))[:n].sum()
        total += (w - n * (n + m + 1) / 2) / (n + m + 1)
        variance += n * m / (12 * (n + m + 1))
    assert (found.value - 0.5) / found.standard_error == pytest.approx(
        total / math.sqrt(variance), rel=0.03
    )


@pytest.mark.parametrize("positive", [[True] * 4, [False] * 4])
def test_without_rows_on_a_side_nothing_is_known(positive):
    for one in (
        clustered_auc(np.arange(4.0), np.array(positive), np.arange(4)),
        stratified_auc(np.arange(4.0), np.array(positive), np.zeros(4, int)),
    ):
        assert math.isnan(one.value)
        assert (one.low, one.high, one.pairs) == (0.0, 1.0, 0)


def test_a_margin_of_delta_is_exceeded_by_chance_as_often_as_said(rng):
    shift = 0.08876  # of normal distributions whose delta is .05
    p_values = []
    for _ in range(600):
        values = np.concatenate((rng.normal(shift, 1, 1_500), rng.normal(0, 1, 1_500)))
        found = auc(values, np.arange(3_000) < 1_500)
        p_values.append(auc_margin_p_value(found.value, found.standard_error, 1_500, 0.05))
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.025)


def test_without_a_margin_it_is_the_two_sided_test(rng):
    values, positive = rng.normal(size=2_000), rng.random(2_000) < 0.5
    values[positive] += 0.1
    found = auc(values, positive)
    expected = stats.mannwhitneyu(values[positive], values[~positive]).pvalue
    assert auc_margin_p_value(found.value, found.standard_error, 900, 0.0) == pytest.approx(
        expected, rel=0.05
    )


def test_groups_that_do_not_overlap_are_tested_by_their_disjoint_pairs():
    assert auc_margin_p_value(1.0, 0.0, 10, 0.05) == pytest.approx(0.525**10 + 0.475**10)
    assert auc_margin_p_value(0.5, 0.0, 10, 0.0) == 1.0  # all values equal
    assert math.isnan(auc_margin_p_value(0.7, math.nan, 1, 0.05))
