from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.intervals.quantiles import (
    QuantileDifferences,
    difference_curve,
    quantile_bounds,
)

QS = np.arange(1, 20) / 20


def test_bounds_hold_the_quantile_as_often_as_said() -> None:
    n = np.array([200, 1_000, 11_054])
    for q in (0.5, 0.9):
        low, high = quantile_bounds(n, q)
        # exactly: the values up to the quantile are binomial in number, more than low and no more
        # than high
        covered = stats.binom.cdf(high, n, q) - stats.binom.cdf(low, n, q)
        assert ((covered > 0.94) & (covered < 0.96)).all()


def test_bounds_beyond_the_values_are_refused() -> None:
    low, high = quantile_bounds([10, 100, 0, 5_000], [0.99, 0.5, 0.5, 0.99])
    assert low[[0, 2]].tolist() == high[[0, 2]].tolist() == [-1, -1]
    assert (low[1], high[1]) == (40, 59)
    assert 0 < low[3] < 4949 < high[3] < 5_000


def test_the_standard_error_is_that_of_repeated_samples() -> None:
    rng = np.random.default_rng(7)
    values = np.sort(rng.lognormal(size=(2, 1_500, 1_000)), axis=-1)
    low, high = quantile_bounds(1_000, 0.9)
    difference = np.subtract(*np.quantile(values, 0.9, axis=-1))
    error = np.hypot(*(values[..., high] - values[..., low])) / (2 * stats.norm.ppf(0.975))
    assert np.sqrt(np.mean(error**2)) == pytest.approx(difference.std(), rel=0.06)
    p_value = 2 * stats.norm.sf(np.abs(difference) / error)
    assert np.mean(p_value < 0.05) == pytest.approx(0.05, abs=0.015)


def test_the_curve_is_numpy_s_quantiles() -> None:
    rng = np.random.default_rng(8)
    a, b = np.sort(rng.normal(size=101)), np.sort(rng.normal(size=57)).astype(np.float32)
    found = difference_curve(a, b, QS, n_boot=10)
    np.testing.assert_allclose(found.difference, np.quantile(b, QS) - np.quantile(a, QS), rtol=1e-6)


def test_its_samples_are_those_of_drawing_rows_with_replacement() -> None:
    rng = np.random.default_rng(9)
    a, b = np.sort(rng.exponential(size=150)), np.sort(rng.exponential(size=80))
    drawn = np.quantile(rng.choice(b, (20_000, 80)), QS, axis=1) - np.quantile(
        rng.choice(a, (20_000, 150)), QS, axis=1
    )
    found = difference_curve(a, b, QS, n_boot=20_000)
    np.testing.assert_allclose(
        (found.pointwise_high - found.difference) / 1.959964, drawn.std(axis=1), rtol=0.03
    )
    deviation = np.abs(drawn.T - found.difference) / drawn.std(axis=1)
    furthest = np.quantile(deviation.max(axis=1), 0.95)
    band = (found.high - found.difference) / ((found.pointwise_high - found.difference) / 1.959964)
    np.testing.assert_allclose(band, furthest, rtol=0.03)


def curves(shift: float, samples: int) -> list[QuantileDifferences]:
    rng = np.random.default_rng(10)
    return [
        difference_curve(
            np.sort(rng.normal(size=500)),
            np.sort(rng.normal(shift, 1.5, 400)),
            QS,
            n_boot=200,
            seed=i,
        )
        for i in range(samples)
    ]


def test_the_band_holds_the_whole_true_curve_as_often_as_said() -> None:
    truth = 0.3 + 0.5 * stats.norm.ppf(QS)
    held = [((c.low <= truth) & (truth <= c.high)).all() for c in curves(0.3, 500)]
    # two standard errors of 500 samples are .02; sup-t with estimated errors errs to the wide side
    assert 0.93 <= np.mean(held) <= 0.985


def test_equal_distributions_are_held_apart_by_chance_only_as_often_as_said() -> None:
    rng = np.random.default_rng(11)
    found = [
        difference_curve(*np.sort(rng.lognormal(size=(2, 400)), axis=1), QS, n_boot=200, seed=i)
        for i in range(500)
    ]
    assert 0.93 <= np.mean([((c.low <= 0) & (c.high >= 0)).all() for c in found]) <= 0.985
    # the intervals of single quantiles do not promise that
    assert np.mean([((c.pointwise_low <= 0) & (c.pointwise_high >= 0)).all() for c in found]) < 0.9


def test_the_same_seed_gives_the_same_band() -> None:
    a, b = np.sort(np.random.default_rng(12).normal(size=(2, 300)), axis=1)
    first, again, other = (difference_curve(a, b, QS, n_boot=50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.low, again.low)
    assert (first.low != other.low).any()


def test_ties_and_empty_arms_raise_no_warning() -> None:
    tied = difference_curve(np.zeros(50), np.r_[np.zeros(40), np.ones(10)], QS, n_boot=50)
    assert tied.difference[[0, -1]].tolist() == [0, 1]
    assert (tied.low <= tied.difference).all()
    assert np.isnan(difference_curve(np.zeros(0), np.zeros(5), QS).low).all()
    assert difference_curve(np.zeros(1), np.ones(1), QS).difference == pytest.approx(np.ones(19))


def test_quantiles_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        difference_curve(np.zeros(5), np.zeros(5), [0.5, 1.0])
