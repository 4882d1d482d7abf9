from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import median_abs_deviation, norm

from explorer.profile.checks.fences import (
    QUARTILE,
    Quartiles,
    cells_outside,
    center_and_spread,
    median_and_spread,
    mostly_repeated,
    quartiles,
    without_values,
)
from explorer.profile.counting.distribution import Distribution


@pytest.mark.parametrize("n", [2, 3, 10, 501, 4_000, 9_000, 30_000])
@pytest.mark.parametrize("draw", ["normal", "lognormal", "standard_cauchy", "exponential"])
def test_the_spread_is_scipys_median_absolute_deviation(n: int, draw: str) -> None:
    cells = getattr(np.random.default_rng(n), draw)(size=n)
    found = median_and_spread(Distribution.of(cells))
    assert found.center == pytest.approx(np.median(cells), rel=1e-14)
    assert found.spread * QUARTILE == pytest.approx(median_abs_deviation(cells), rel=1e-12)
    assert found.scale == "median absolute deviation"


def test_the_spread_of_a_long_column_with_a_small_spike_is_scipys() -> None:
    rng = np.random.default_rng(1)
    cells = np.concatenate([rng.normal(size=20_000), np.full(4_000, 0.3)])
    assert median_and_spread(Distribution.of(cells)).spread * QUARTILE == pytest.approx(
        median_abs_deviation(cells), rel=1e-12
    )


def test_the_spread_of_a_thinned_distribution_is_near_that_of_all_cells() -> None:
    cells = np.random.default_rng(2).lognormal(size=200_000)
    whole = Distribution.of(cells)
    for points in (2_048, 65_536):
        assert median_and_spread(whole.thinned(points)).spread == pytest.approx(
            median_and_spread(whole).spread, rel=3e-3
        )


@pytest.mark.parametrize("sd", [0.6, 0.9, 1.5, 2.2, 7])
def test_rounding_hardly_moves_the_spread(sd: float) -> None:
    cells = np.round(np.random.default_rng(3).normal(0, sd, 50_000))
    for unit in (1, 0.1):
        assert mostly_repeated(Distribution.of(cells * unit))
        found = median_and_spread(Distribution.of(cells * unit), spread_ties=True)
        assert found.spread == pytest.approx(sd * unit, rel=0.08)


def test_the_rule_itself_takes_rounded_values_as_scipy_does() -> None:
    cells = np.round(np.random.default_rng(3).normal(170, 10, 50_000))
    found = center_and_spread(Distribution.of(cells))
    assert found.spread * QUARTILE == pytest.approx(median_abs_deviation(cells))
    box = quartiles(Distribution.of(cells))
    assert box is not None
    assert (box.low, box.high) == tuple(np.quantile(cells, [0.25, 0.75]))


def test_the_fence_of_a_known_sample_is_that_of_the_formula() -> None:
    # .6745 · 97 / 1 = 65.4 modified z-scores for the last
    found = center_and_spread(Distribution.of(np.array([1.0, 2, 3, 4, 100])))
    assert (100 - found.center) / found.spread == pytest.approx(65.4, abs=0.05)
    assert found.fence == pytest.approx((3 - 3.5 / norm.ppf(0.75), 3 + 3.5 / norm.ppf(0.75)))


def test_most_cells_alike_fall_back_to_the_mean_deviation() -> None:
    cells = np.concatenate([np.zeros(700), np.random.default_rng(4).lognormal(size=300)])
    found = center_and_spread(Distribution.of(cells))
    assert found.scale == "mean absolute deviation"
    assert found.spread == pytest.approx(np.abs(cells).mean() * np.sqrt(np.pi / 2))


@pytest.mark.parametrize(
    "cells",
    [[3.0], [3.0] * 9, [0.0] * 97 + [1.0] * 3],
    ids=["one cell", "constant", "rare event"],
)
def test_the_spread_of_one_or_two_values_is_undefined(cells: list[float]) -> None:
    found = center_and_spread(Distribution.of(np.array(cells)))
    assert (found.scale, found.fence) == ("undefined", None)


def test_quartiles_are_numpys_and_fences_tukeys() -> None:
    cells = np.random.default_rng(5).gamma(2, size=3_001)
    box = quartiles(Distribution.of(cells))
    assert box is not None
    q1, q3 = np.quantile(cells, [0.25, 0.75])
    assert (box.low, box.high) == pytest.approx((q1, q3), rel=1e-12)
    assert box.spike is None
    assert box.fence(1.5) == pytest.approx((q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)), rel=1e-12)


def test_a_spike_leaves_quartiles_to_the_other_cells_and_stays_inside_the_fence() -> None:
    others = np.random.default_rng(6).normal(100, 5, 200)
    box = quartiles(Distribution.of(np.concatenate([np.zeros(800), others])))
    assert box is not None
    assert (box.low, box.high) == pytest.approx(tuple(np.quantile(others, [0.25, 0.75])))
    assert box.spike == 0
    assert box.fence(1.5)[0] == 0


@pytest.mark.parametrize("cells", [[1.0] * 50, [0.0] * 60 + [1.0, 2.0], [7.0]])
def test_quartiles_that_coincide_are_undefined_when_too_few_cells_are_left(
    cells: list[float],
) -> None:
    assert quartiles(Distribution.of(np.array(cells))) is None


def test_rare_events_have_no_fences() -> None:
    for ones in (2, 5, 30):
        cells = np.array([0.0] * (100 - ones) + [1.0] * ones)
        assert (quartiles(Distribution.of(cells)) is None) == (ones < 25)


def test_cells_outside_are_counted_strictly() -> None:
    cells = np.array([1.0, 2, 2, 3, 4, 4, 4])
    assert cells_outside(Distribution.of(cells), (2.0, 3.0)) == 4
    assert cells_outside(Distribution.of(cells), (1.0, 4.0)) == 0
    assert cells_outside(Distribution.of(cells), (-np.inf, np.inf)) == 0


def test_taking_values_out_leaves_the_distribution_of_the_others() -> None:
    cells = np.random.default_rng(7).integers(0, 9, 400).astype(float)
    whole = Distribution.of(cells)
    left = without_values(whole, np.isin(whole.values, [0.0, 4.0]))
    expected = Distribution.of(cells[~np.isin(cells, [0.0, 4.0])])
    np.testing.assert_array_equal(left.values, expected.values)
    np.testing.assert_array_equal(left.cumulative, expected.cumulative)


def test_the_largest_numbers_do_not_overflow() -> None:
    cells = np.append(np.linspace(-1, 1, 101), [1.7e308, -1.7e308])
    assert center_and_spread(Distribution.of(cells)).spread < 2
    assert Quartiles(-1e308, 1e308).fence(1.5) == (-np.inf, np.inf)
