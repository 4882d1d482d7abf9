import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from explorer.stats.intervals.proportions import (
    newcombe,
    newcombe_intervals,
    pooled_z,
    share_margin_p_value,
    wilson_intervals,
)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 10), (81, 263), (1, 1)])
def test_wilson_s_interval_is_scipy_s(hits, n):
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson_intervals(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_s_interval_is_the_published_one(counts, interval):
    assert newcombe(*counts) == pytest.approx(interval, abs=5e-5)


def test_without_rows_nothing_is_known():
    assert wilson_intervals(0, 0) == (0.0, 1.0)
    assert newcombe(0, 0, 3, 10) == (-1.0, 1.0)
    assert math.isnan(share_margin_p_value(0, 0, 1, 2, 0.05))


def test_a_margin_is_exceeded_by_chance_as_often_as_said():
    rng = np.random.default_rng(0)
    hits, other = rng.binomial(2_000, 0.35, 2_000), rng.binomial(3_000, 0.3, 2_000)
    beyond = [
        share_margin_p_value(int(a), 2_000, int(b), 3_000, 0.05)
        for a, b in zip(hits, other, strict=True)
    ]
    assert np.mean(np.array(beyond) < 0.05) == pytest.approx(0.05, abs=0.015)
    inside = [
        share_margin_p_value(int(a), 2_000, int(b), 3_000, 0.1)
        for a, b in zip(hits, other, strict=True)
    ]
    assert np.mean(np.array(inside) < 0.05) < 0.005


def test_without_a_margin_it_is_the_test_of_equality():
    assert share_margin_p_value(300, 1_000, 250, 1_000, 0.0) == pytest.approx(
        stats.chi2_contingency([[300, 700], [250, 750]], correction=False).pvalue, rel=0.03
    )


@pytest.mark.parametrize(
    ("hits", "n", "interval"),
    [
        # Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E),
        # table I
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_s_interval_is_the_published_one(hits, n, interval):
    assert wilson_intervals(hits, n) == pytest.approx(interval, abs=5e-5)
    assert wilson_intervals(19, 38) == pytest.approx(
        (0.348499283643951, 0.651500716356049), abs=1e-14
    )


def test_intervals_of_many_cells_are_those_of_statsmodels():
    rng = np.random.default_rng(3)
    n, other_n = rng.integers(1, 400, 300), rng.integers(1, 400, 300)
    hits, other = rng.binomial(n, 0.2), rng.binomial(other_n, 0.1)
    np.testing.assert_allclose(
        wilson_intervals(hits, n), proportion_confint(hits, n, method="wilson"), atol=1e-12
    )
    low, high = newcombe_intervals(hits, n, other, other_n)
    for i in range(300):
        expected = confint_proportions_2indep(hits[i], n[i], other[i], other_n[i], method="newcomb")
        assert (low[i], high[i]) == pytest.approx(expected, abs=1e-12)
        assert (low[i], high[i]) == newcombe(hits[i], n[i], other[i], other_n[i])


def test_empty_cells_of_many_know_nothing():
    low, high = newcombe_intervals([0, 3], [0, 10], [1, 0], [5, 0])
    assert low.tolist() == [-1, -1]
    assert high.tolist() == [1, 1]
    assert wilson_intervals([0], [0]) == ([0.0], [1.0])
    assert np.isnan(pooled_z([0, 0, 5], [0, 4, 5], [1, 0, 7], [5, 9, 7])).all()


def test_the_score_test_meets_the_figures_of_the_open_bandit_data():
    p = pooled_z(
        [30, 21, 18, 69], [3339, 3262, 3399, 10_000], [10, 22, 14, 46], [3284, 3388, 3328, 10_000]
    )
    assert p == pytest.approx([0.00181, 0.977, 0.516, 0.03148], abs=5e-4)
    assert p[0] == pytest.approx(0.00181, abs=5e-6)
    assert p[3] == pytest.approx(0.03148, abs=5e-6)
    assert stats.norm.isf(p[3] / 2) == pytest.approx(2.1510, abs=5e-5)
    assert newcombe(69, 10_000, 46, 10_000) == pytest.approx((0.000196, 0.004455), abs=5e-7)
    assert wilson_intervals(46, 10_000) == pytest.approx((0.00345, 0.00613), abs=5e-6)


def test_the_score_test_is_pearson_s_chi_square():
    assert pooled_z(300, 1_000, 250, 900) == pytest.approx(
        stats.chi2_contingency([[300, 700], [250, 650]], correction=False).pvalue
    )
