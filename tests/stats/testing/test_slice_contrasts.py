import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from explorer.stats.testing.slice_contrasts import slice_contrasts


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    values = rng.gamma(2, size=900) + 1e6
    return values, rng.choice(4, 900, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32)


def test_rows_that_stand_alone_are_compared_by_welchs_test(rows):
    values, codes = rows
    found = slice_contrasts(values, codes, 4)
    low, high = found.difference.interval()
    for k in range(4):
        told = stats.ttest_ind(values[codes == k], values[codes != k], equal_var=False)
        assert found.difference.p_value[k] == pytest.approx(told.pvalue, rel=1e-6)
        assert (low[k], high[k]) == pytest.approx(tuple(told.confidence_interval()), rel=1e-6)
        assert found.mean.value[k] == pytest.approx(values[codes == k].mean(), rel=1e-12)
        assert found.mean.error[k] == pytest.approx(stats.sem(values[codes == k]), rel=1e-7)
        assert found.rest[k] == pytest.approx(values[codes != k].mean(), rel=1e-12)
    assert found.units.tolist() == found.n.tolist() == np.bincount(codes).tolist()


def test_errors_by_unit_are_those_of_a_regression_with_clustered_errors(rows):
    values, codes = rows
    unit = np.random.default_rng(1).integers(0, 120, values.size).astype(np.int32)
    values = values + np.random.default_rng(2).normal(size=120)[unit]
    found = slice_contrasts(values, codes, 4, unit)
    for k in range(4):
        design = sm.add_constant((codes == k).astype(float))
        fit = sm.OLS(values - values.mean(), design).fit(
            cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
        )
        assert found.difference.value[k] == pytest.approx(fit.params[1], rel=1e-6)
        assert found.difference.error[k] == pytest.approx(fit.bse[1] * np.sqrt(120 / 119), rel=1e-6)
        inside = codes == k
        fit = sm.OLS(values[inside] - values.mean(), np.ones(inside.sum())).fit(
            cov_type="cluster", cov_kwds={"groups": unit[inside], "use_correction": False}
        )
        units = pd.unique(unit[inside]).size
        assert found.units[k] == units
        assert found.mean.error[k] == pytest.approx(
            fit.bse[0] * np.sqrt(units / (units - 1)), rel=1e-6
        )


def test_rows_of_no_slice_are_in_no_rest(rows):
    values, codes = rows
    inside = codes != 3
    found = slice_contrasts(values, np.where(inside, codes, -1).astype(np.int32), 3)
    alone = slice_contrasts(values[inside], codes[inside], 3)
    assert found.difference.value == pytest.approx(alone.difference.value)
    assert found.n.sum() == inside.sum()


def test_a_single_slice_has_no_rest_and_an_empty_one_no_mean():
    found = slice_contrasts(np.array([1.0, 2.0, 4.0]), np.zeros(3, np.int32), 2)
    assert found.mean.value[0] == pytest.approx(7 / 3)
    assert np.isnan(found.rest[0])
    assert np.isnan(found.difference.p_value).all()
    assert np.isnan(found.mean.value[1])
