import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from explorer.experiment.analysis.adjusted import (
    adjusted_mean_arms,
    adjusted_ratio_arms,
    balance_of,
)
from explorer.experiment.analysis.effects import effects_of, mean_arms, ratio_arms
from explorer.experiment.analysis.sums import MISSING_PRE, PAIR, PAIR_PRE, PRE, VALUES, cell_sums


@pytest.fixture
def units():
    rng = np.random.default_rng(0)
    arm = rng.integers(0, 3, 6_000)
    x = rng.gamma(2, 10, 6_000)
    y = 5 + 0.8 * x + arm * 0.7 + rng.normal(0, 4, 6_000) * (1 + x / 40)
    return pd.DataFrame({"arm": arm, "x": x, "y": y})


def arms_of(units):
    codes, x, y = units.arm.to_numpy(np.int32), units.x.to_numpy(), units.y.to_numpy()
    plain = mean_arms(cell_sums(codes, 3, VALUES, (y,), (20.0,)).shaped(1, 3))
    with_pre = cell_sums(codes, 3, PRE + MISSING_PRE, (x, y), (19.0, 20.0)).shaped(1, 3)
    return plain, adjusted_mean_arms(with_pre, plain), with_pre


@pytest.mark.parametrize("missing", [False, True])
def test_means_are_adjusted_as_by_the_regression_with_interactions(units, missing):
    """Lin's estimate is the arm's coefficient with centred covariates; HC0 times n/(n − 2)."""
    if missing:
        units.loc[units.index % 5 == 0, "x"] = np.nan
    _, adjusted, _ = arms_of(units)
    middle = units.x.mean()
    units["m"] = units.x.isna().astype(float) - units.x.isna().mean()
    units["c"] = units.x.fillna(middle) - middle
    formula = "y ~ C(arm) * c" + (" + C(arm) * m" if missing else "")
    fitted = smf.ols(formula, units).fit(cov_type="HC0")
    for arm in (1, 2):
        found = effects_of(adjusted, arm)
        assert found.estimate.value[0] == pytest.approx(fitted.params[f"C(arm)[T.{arm}]"], rel=1e-7)
        assert found.error[0] == pytest.approx(fitted.bse[f"C(arm)[T.{arm}]"], rel=2e-3)


def test_what_explains_half_of_a_metric_halves_its_variance(units):
    plain, adjusted, _ = arms_of(units)
    explained = np.corrcoef(units.x, units.y)[0, 1] ** 2
    ratio = (effects_of(adjusted, 1).error / effects_of(plain, 1).error) ** 2
    assert ratio[0] == pytest.approx(1 - explained, abs=0.05)


def test_an_arm_without_missing_values_does_without_the_indicator(units):
    units.loc[(units.index % 5 == 0) & (units.arm > 0), "x"] = np.nan
    _, adjusted, _ = arms_of(units)
    assert np.isfinite(adjusted.value).all()
    assert np.isfinite(adjusted.variance).all()


def test_the_balance_before_the_assignment_is_welchs_test(units):
    from scipy import stats

    units.loc[units.arm == 2, "x"] += 3
    *_, sums = arms_of(units)
    for arm in (1, 2):
        expected = stats.ttest_ind(
            units.x[units.arm == arm], units.x[units.arm == 0], equal_var=False
        )
        assert balance_of(sums, arm).p_value[0] == pytest.approx(expected.pvalue, rel=1e-6)


def test_a_ratio_is_adjusted_as_the_mean_of_its_linearised_units(units):
    rng = np.random.default_rng(1)
    codes = units.arm.to_numpy(np.int32)
    den = rng.poisson(4, len(units)) + 1.0
    num = den * 0.5 + 0.1 * units.x.to_numpy() + rng.normal(0, 1, len(units))
    x = units.x.to_numpy()
    plain = ratio_arms(cell_sums(codes, 3, PAIR, (num, den), (4.0, 5.0)).shaped(1, 3))
    sums = cell_sums(codes, 3, PAIR_PRE, (num, den, x), (4.0, 5.0, 19.0)).shaped(1, 3)
    adjusted = adjusted_ratio_arms(sums, plain)
    for arm in range(3):
        rows = codes == arm
        ratio = num[rows].mean() / den[rows].mean()
        line = (num[rows] - ratio * den[rows]) / den[rows].mean()
        slope = np.cov(line, x[rows])[0, 1] / x[rows].var(ddof=1)
        assert adjusted.value[0, arm] == pytest.approx(
            ratio - slope * (x[rows].mean() - x.mean()), rel=1e-9
        )
        left = line - slope * (x[rows] - x[rows].mean())
        assert adjusted.variance[0, arm] == pytest.approx(
            (left**2).sum() / (rows.sum() - 2) / rows.sum(), rel=1e-9
        )
    assert (adjusted.variance < plain.variance).all()
