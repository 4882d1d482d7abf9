from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm

from explorer.stats.covariates import (
    PRESENT_SUMS,
    AdjustedMeans,
    adjusted_means,
    without_indicator,
)
from explorer.stats.estimate import Estimate
from explorer.stats.intervals.means import satterthwaite

USERS = pq.read_table(Path(__file__).parent / "tea_tasting_users.parquet")


def sums_of(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gone = np.isnan(x)
    x_there, y_there = x[~gone], y[~gone]
    present = np.array([(x_there**j * y_there**k).sum() for j, k in PRESENT_SUMS])
    return present, np.array([(y[gone] ** k).sum() for k in range(3)])


def sample(seed: int, n: int, missing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, arm = rng.gamma(2.0, size=n), rng.uniform(size=n) < 0.4
    y = 1 + (0.5 + 0.6 * arm) * x + 0.3 * arm + rng.normal(size=n) * (0.5 + x)
    x[rng.uniform(size=n) < missing] = np.nan
    return x, y, arm


def regression(
    x: np.ndarray, y: np.ndarray, arm: np.ndarray
) -> sm.regression.linear_model.RegressionResults:
    """Return the regression of Lin 2013, with an indicator of missing x, by statsmodels."""
    gone = np.isnan(x)
    centred = np.where(gone, 0.0, x - np.nanmean(x))
    columns = [centred] + ([gone - gone.mean()] if gone.any() else [])
    design = np.column_stack(
        [np.ones(x.size), arm, *columns, *(arm * column for column in columns)]
    )
    return sm.OLS(y, design).fit(cov_type="HC0")


def split(x: np.ndarray, y: np.ndarray, arm: np.ndarray) -> tuple[np.ndarray, ...]:
    return *sums_of(x[arm], y[arm]), *sums_of(x[~arm], y[~arm])


class Difference(NamedTuple):
    estimate: Estimate
    first: AdjustedMeans
    second: AdjustedMeans


def adjusted_difference(present, missing, other_present, other_missing) -> Difference:
    """Return the difference of two adjusted arms; the indicator needs units that miss x in both."""
    both, gone = present + other_present, missing[..., 0] + other_missing[..., 0]
    with np.errstate(all="ignore"):
        centre, share = both[..., 1] / both[..., 0], gone / (both[..., 0] + gone)
    few = np.minimum(missing[..., 0], other_missing[..., 0]) < 2
    share = np.where(few, 0.0, share)
    first, second = (
        adjusted_means(
            np.where(few[..., None], without_indicator(arm, rest, centre), arm), rest, centre, share
        )
        for arm, rest in ((present, missing), (other_present, other_missing))
    )
    fitted = 2 + (share > 0)
    df = satterthwaite(first.variance, first.n - fitted, second.variance, second.n - fitted)
    error = np.sqrt(first.variance + second.variance)
    return Difference(Estimate.of(first.mean - second.mean, error, df), first, second)


def test_the_difference_and_its_error_are_those_of_the_regression() -> None:
    x, y, arm = sample(27, 400, 0.0)
    fit, found = regression(x, y, arm), adjusted_difference(*split(x, y, arm))
    assert float(found.estimate.value) == pytest.approx(fit.params[1], rel=1e-8)
    plain = [(a.n - 2) / a.n * a.variance for a in (found.first, found.second)]
    assert np.sqrt(sum(plain)) == pytest.approx(fit.bse[1], rel=1e-8)
    assert float(found.first.slope) == pytest.approx(fit.params[2] + fit.params[3], rel=1e-8)


def test_missing_values_before_are_an_indicator_of_the_regression() -> None:
    x, y, arm = sample(28, 500, 0.2)
    fit = regression(x, y, arm)
    found = adjusted_difference(*split(x, y, arm))
    assert float(found.estimate.value) == pytest.approx(fit.params[1], rel=1e-8)
    share, plain = np.isnan(x).mean(), 0.0
    for of, adjusted in ((arm, found.first), (~arm, found.second)):
        there, gone = (~np.isnan(x) & of).sum(), (np.isnan(x) & of).sum()
        of_gone = share**2 * y[np.isnan(x) & of].var() / gone
        of_there = float(adjusted.variance) - of_gone * gone / (gone - 1)
        plain += of_there * (there - 2) / there + of_gone
        assert adjusted.n == of.sum()
    assert np.sqrt(plain) == pytest.approx(fit.bse[1], rel=1e-8)


def test_sums_taken_after_a_shift_give_the_same_to_eight_digits() -> None:
    x, y, arm = sample(29, 300, 0.1)
    near = adjusted_difference(*split(x, y, arm))
    far = adjusted_difference(*split(x + 3.0, y - 2.0, arm))
    assert float(far.estimate.value) == pytest.approx(float(near.estimate.value), rel=1e-8)
    assert float(far.estimate.error) == pytest.approx(float(near.estimate.error), rel=1e-8)


def test_an_arm_without_missing_values_has_its_regression_without_the_indicator() -> None:
    x, y, arm = sample(30, 300, 0.15)
    x[arm & np.isnan(x)] = 1.0
    found = adjusted_difference(*split(x, y, arm))
    expected = regression(np.where(np.isnan(x), np.nanmean(x), x), y, arm)
    assert float(found.estimate.value) == pytest.approx(expected.params[1], rel=1e-8)
    filled = without_indicator(*sums_of(x, y), np.nanmean(x))
    np.testing.assert_allclose(filled, sums_of(np.where(np.isnan(x), np.nanmean(x), x), y)[0])


def test_the_interval_covers_the_true_difference_and_is_narrower() -> None:
    rng, held, widths = np.random.default_rng(31), [], []
    for _ in range(1_500):
        x = rng.exponential(size=200)
        arm = rng.permutation(200) < 80
        y = 2 * x + 0.5 * arm + rng.normal(size=200) * (0.5 + 0.5 * x)
        x[rng.uniform(size=200) < 0.1] = np.nan
        found = adjusted_difference(*split(x, y, arm)).estimate
        low, high = found.interval(0.95)
        held.append(low <= 0.5 <= high)
        widths.append(float(found.error) / np.sqrt(y[arm].var() / 80 + y[~arm].var() / 120))
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)
    assert np.mean(widths) < 0.8


@pytest.mark.parametrize(
    ("metric", "p_value"), [("orders", 0.00733), ("revenue", 0.00674), ("sessions", 0.603)]
)
def test_p_values_are_near_those_that_tea_tasting_prints(metric: str, p_value: float) -> None:
    arm = USERS["variant"].to_numpy() == 1
    x, y = (USERS[name].to_numpy().astype(float) for name in (f"{metric}_covariate", metric))
    # theirs has one slope for both arms
    found = adjusted_difference(*split(x, y, arm)).estimate
    assert float(found.p_value) == pytest.approx(p_value, rel=0.2)


def test_many_cells_are_each_as_alone() -> None:
    cells = [split(*sample(seed, 80, 0.2)) for seed in range(40, 45)]
    together = adjusted_difference(*(np.stack(each) for each in zip(*cells, strict=True)))
    for i, cell in enumerate(cells):
        alone = adjusted_difference(*cell)
        assert together.estimate.value[i] == pytest.approx(float(alone.estimate.value))
        assert together.estimate.df[i] == pytest.approx(float(alone.estimate.df))


def test_a_covariate_that_does_not_vary_adjusts_nothing() -> None:
    y = np.random.default_rng(32).normal(size=50)
    mean, variance, slope, n = adjusted_means(*sums_of(np.full(50, 0.1), y), 0.1, 0.0)
    assert (float(mean), float(slope), float(n)) == pytest.approx((y.mean(), 0.0, 50.0))
    assert variance == pytest.approx(y.var() / 48)


def test_too_few_units_are_nan_without_a_warning() -> None:
    nothing, few = np.zeros(12), sums_of(np.array([1.0, 2.0]), np.array([1.0, 3.0]))[0]
    for present in (nothing, few):
        found = adjusted_difference(present, np.zeros(3), nothing, np.zeros(3))
        assert np.isnan(found.estimate.value)
        assert np.isnan(found.estimate.p_value)
    enough, _ = sums_of(np.arange(9.0), np.arange(9.0) ** 2)
    assert np.isnan(adjusted_means(enough, [1.0, 2.0, 4.0], 4.0, 0.1).mean)
