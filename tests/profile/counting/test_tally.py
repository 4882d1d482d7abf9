import numpy as np
import pytest
from scipy import stats

from explorer.profile.counting.tally import Tally, split_groups, tally_of_values
from explorer.stats.classification.auc import auc


@pytest.fixture(params=["ties", "none", "far", "two rows"])
def groups(request):
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.4, 1, 700), rng.normal(0, 2, 1300)
    if request.param == "ties":
        return np.round(a, 1), np.round(b, 1)
    if request.param == "far":
        return a + 1e9, b + 1e9
    return (a[:2], b[:2]) if request.param == "two rows" else (a, b)


def test_figures_are_those_of_scipy(groups):
    a, b = groups
    tally = tally_of_values(a, b)
    sums = tally.sums
    u = stats.mannwhitneyu(a, b).statistic / (len(a) * len(b))
    assert sums.auc == pytest.approx(u, rel=1e-9)
    assert sums.ks == pytest.approx(stats.ks_2samp(a, b).statistic, rel=1e-9)
    assert sums.wasserstein == pytest.approx(stats.wasserstein_distance(a, b), rel=1e-6)
    mean_a, std_a, mean_b, std_b = tally.moments()
    np.testing.assert_allclose(
        [mean_a, std_a, mean_b, std_b],
        [a.mean(), a.std(ddof=1), b.mean(), b.std(ddof=1)],
        rtol=1e-9,
    )
    np.testing.assert_allclose(tally.medians(), [np.median(a), np.median(b)], rtol=1e-12)


def test_the_variance_of_the_auc_is_delong_s(groups):
    a, b = groups
    sums = tally_of_values(a, b).sums
    error = np.sqrt(sums.spread_a / len(a) + sums.spread_b / len(b))
    positive = np.arange(len(a) + len(b)) < len(a)
    assert error == pytest.approx(auc(np.concatenate((a, b)), positive).standard_error, rel=1e-9)


def test_the_variance_of_the_wasserstein_distance_is_that_of_many_samples():
    rng = np.random.default_rng(0)
    found = [
        tally_of_values(rng.normal(0.5, 1, 400), rng.exponential(1, 900)).sums for _ in range(600)
    ]
    spread = np.var([one.wasserstein for one in found])
    assert np.mean([one.wasserstein_variance for one in found]) == pytest.approx(spread, rel=0.15)


def test_values_are_counted_once_each_and_in_order():
    tally = tally_of_values(np.array([2.0, -0.0, 2.0, np.inf]), np.array([0.0, 3.0]))
    assert tally.values.tolist() == [0.0, 2.0, 3.0, np.inf]
    assert tally.a.tolist() == [1, 2, 0, 1]
    assert tally.b.tolist() == [1, 0, 1, 0]
    assert tally.finite.values.tolist() == [0.0, 2.0, 3.0]


def test_a_group_without_rows_has_no_figures():
    nothing = Tally(np.array([1.0, 2.0]), np.array([1, 1]), np.array([0, 0]))
    assert nothing.moments()[:2] == (1.5, pytest.approx(np.sqrt(0.5)))
    assert np.isnan(nothing.moments()[2:]).all()
    assert np.isnan(nothing.medians()[1])


def test_a_column_is_parted_into_two_groups_without_its_missing_cells():
    rng = np.random.default_rng(0)
    values, a = rng.normal(size=5_000), rng.random(5_000) < 0.3
    b = ~a & (rng.random(5_000) < 0.5)
    values[::7] = np.nan
    for size in (5_000, 613):
        blocks = [values[start : start + size] for start in range(0, 5_000, size)]
        for found, mask in zip(split_groups(blocks, a, b), (a, b), strict=True):
            np.testing.assert_array_equal(found, values[mask & ~np.isnan(values)])
