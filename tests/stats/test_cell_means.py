import numpy as np
import pytest
from scipy import stats

from explorer.stats.cell_means import cell_means
from explorer.stats.contributions import mean_contributions
from explorer.stats.precompile import warm_inference


def test_each_cell_has_the_paired_t_test_of_its_rows() -> None:
    rng = np.random.default_rng(0)
    a, b, cell = rng.gamma(2, 1, 400), rng.gamma(2, 1, 400), rng.integers(-1, 4, 400)
    found = cell_means(a - b, cell, 4)
    for c in range(4):
        expected = stats.ttest_rel(a[cell == c], b[cell == c])
        assert found.p_value[c] == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.df[c] == (cell == c).sum() - 1


def test_rows_of_a_unit_count_as_one_in_each_cell() -> None:
    rng = np.random.default_rng(1)
    cell, unit = rng.integers(0, 3, 500), rng.integers(0, 60, 500)
    values = rng.normal(size=500) + rng.normal(size=60)[unit]
    values[:5] = np.nan
    found = cell_means(values, cell, 3, unit)
    for c in range(3):
        rows = (cell == c) & ~np.isnan(values)
        alone = mean_contributions(values[rows]).estimate(unit[rows])
        assert (found.value[c], found.error[c], found.df[c]) == pytest.approx(
            (float(alone.value), float(alone.error), float(alone.df)), rel=1e-9
        )


def test_cells_without_spread_or_rows_are_not_tested() -> None:
    found = cell_means(np.array([0.1, 0.1, 0.1, 5.0]), np.array([0, 0, 0, 1]), 3)
    assert found.error[0] == 0
    assert np.isnan(found.p_value).all()
    assert np.isnan(found.value[2])


def test_all_kernels_can_be_warmed() -> None:
    warm_inference()
