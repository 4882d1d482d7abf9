from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from explorer.stats.intervals.fieller import lift
from explorer.stats.intervals.sequences import (
    narrowest_rho,
    sequence_chi_squared_p,
    sequence_p_value,
    sequence_width,
)


def test_the_known_tuning_and_widths_are_met() -> None:
    rho = narrowest_rho(0.05, 5000)
    assert rho == pytest.approx(0.0398401, abs=5e-8)
    n = np.array([500, 5_000, 50_000, 5_000_000])
    ratio = sequence_width(1.0, n, rho) / 1.959964
    assert ratio == pytest.approx([1.97, 1.55, 1.65, 1.97], abs=5e-3)


def test_the_known_lift_of_growthbook_is_met() -> None:
    # gbstats: proportions as means, the lift's error by the delta method, the sequence over the
    # units of both arms
    c, t, nc, nt = 1396 / 3000, 2422 / 3461, 3000, 3461
    change, _, _ = lift(t, 0.0, c, 0.0)
    error = np.sqrt(t * (1 - t) / nt / c**2 + t**2 * c * (1 - c) / nc / c**4)
    half = sequence_width(error, nc + nt, narrowest_rho(0.05, 5000))
    assert float(change) == pytest.approx(0.50386, abs=5e-6)
    assert (float(change - half), float(change + half)) == pytest.approx(
        (0.40098, 0.60675), abs=5e-6
    )


def test_the_known_p_values_are_met() -> None:
    found = sequence_p_value([3.0, 3.5, 0.0], 1.0, 5000, narrowest_rho(0.05, 5000))
    assert found[:2] == pytest.approx([0.0549, 0.0130], abs=5e-5)
    assert found[2] == 1


def test_the_p_value_is_the_alpha_whose_sequence_ends_at_0() -> None:
    rng, rho = np.random.default_rng(21), float(narrowest_rho(0.05, 2000))
    for z, n in zip(rng.uniform(2.5, 6, 50), rng.integers(50, 20_000, 50), strict=True):
        p_value = float(sequence_p_value(0.3 * z, 0.3, n, rho))
        if p_value < 1:
            expected = brentq(
                lambda alpha, z=z, n=n: sequence_width(0.3, n, rho, alpha) - 0.3 * z,
                1e-12,
                1,
                xtol=1e-14,
            )
            assert p_value == pytest.approx(expected, rel=1e-5)


def test_however_often_one_looks_errors_stay_below_alpha() -> None:
    rng = np.random.default_rng(22)
    n, streams, burn_in = 4_000, 1_000, 100  # asymptotic: the first hundred units are not looked at
    seen = rng.exponential(size=(streams, n)) * rng.choice(
        [-1.0, 1.0], (streams, n)
    )  # no effect, heavy tails
    looks = np.arange(1, n + 1)
    mean = np.cumsum(seen, axis=1) / looks
    spread = np.cumsum(seen**2, axis=1) / looks - mean**2
    error = np.sqrt(spread / looks)[:, burn_in:]
    ever = (
        sequence_p_value(mean[:, burn_in:], error, looks[burn_in:], narrowest_rho(0.05, n)) <= 0.05
    ).any(axis=1)
    naive = (np.abs(mean[:, burn_in:]) > 1.96 * error).any(axis=1)
    assert ever.mean() <= 0.05
    assert naive.mean() > 0.2


def test_what_cannot_be_told_is_nan_without_a_warning() -> None:
    assert np.isnan(sequence_width(1.0, 0, 0.04))
    assert np.isnan(sequence_p_value([1.0, 1.0, np.nan], [0.0, 1.0, 1.0], [10, 0, 10], 0.04)).all()
    assert np.isnan(narrowest_rho(0.05, 0))


def test_the_sequence_of_several_effects_is_a_ratio_of_two_normal_densities() -> None:
    k, n, rho = 4, 900.0, 0.05
    rng = np.random.default_rng(0)
    half = rng.normal(size=(k, k))
    covariance = half @ half.T / n
    effects = rng.multivariate_normal(np.zeros(k), covariance)  # of Q about k
    statistic = effects @ np.linalg.solve(covariance, effects)
    mixed = stats.multivariate_normal.logpdf(
        5 * effects, np.zeros(k), covariance * (1 + n * rho**2)
    )
    null = stats.multivariate_normal.logpdf(5 * effects, np.zeros(k), covariance)
    assert sequence_chi_squared_p(25 * statistic, k, n, rho) == pytest.approx(
        min(np.exp(null - mixed), 1)
    )
    assert sequence_chi_squared_p(9.0, 1, n, rho) == pytest.approx(
        sequence_p_value(3.0, 1.0, n, rho)
    )


@pytest.mark.parametrize("df", [2, 11, 99])
def test_the_sequence_of_several_effects_is_sharpest_at_the_planned_units(df: int) -> None:
    def reached(grown: np.ndarray) -> np.ndarray:
        return (1 + 1 / grown) * (
            df * np.log1p(grown) - 2 * np.log(0.05)
        )  # the Q at which it is .05

    grown = 5_000 * narrowest_rho(0.05, 5_000, df) ** 2
    assert reached(grown) <= reached(grown * np.array([0.9, 1.1])).min()
    assert sequence_chi_squared_p(
        reached(grown), df, 5_000, np.sqrt(grown / 5_000)
    ) == pytest.approx(0.05)
