from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import stats

from explorer.profile.counting.column_moments import Moments


def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    skewed = rng.gamma(2.0, size=3000)
    return {
        "skewed": skewed,
        "far from zero": 1e9 + skewed,
        "huge": skewed * 1e300,
        "tiny": skewed * 1e-300,
        "both ends of float64": np.where(skewed > 2, 1.7e308, -1.7e308),
        "an outlier first": np.concatenate([[1e12], skewed]),
        "float32": (skewed + 1000).astype(np.float32),
        "integers": rng.integers(0, 2**40, 3000),
        "two cells": np.array([1.0, 4.0]),
    }


def exact(cells: np.ndarray) -> tuple[float, float, float, float]:
    """Mean, sd, skewness and excess kurtosis with 80 digits."""
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = 80, -99_999, 99_999
        numbers = [Decimal(cell) for cell in cells.tolist()]
        n = len(numbers)
        mean = sum(numbers) / n
        m2, m3, m4 = (sum((x - mean) ** k for x in numbers) / n for k in (2, 3, 4))
        sd = m2.sqrt()
        return (
            float(mean),
            float(sd * (Decimal(n) / (n - 1)).sqrt()),
            float(m3 / sd**3),
            float(m4 / m2**2 - 3),
        )


def told(moments: Moments) -> tuple[float, float, float, float]:
    return moments.mean, moments.std, moments.skewness, moments.excess_kurtosis


@pytest.mark.parametrize("name", list(samples()))
def test_moments_are_those_of_rational_arithmetic(name: str) -> None:
    cells = samples()[name]
    np.testing.assert_allclose(told(Moments.of(cells)), exact(cells), rtol=1e-9)


@pytest.mark.parametrize("name", ["skewed", "an outlier first"])
def test_moments_are_those_of_scipy(name: str) -> None:
    cells = np.tile(samples()[name], 5)  # several pieces
    expected = cells.mean(), cells.std(ddof=1), stats.skew(cells), stats.kurtosis(cells)
    np.testing.assert_allclose(told(Moments.of(cells)), expected, rtol=1e-9)


@pytest.mark.parametrize("name", list(samples()))
def test_merged_parts_have_the_moments_of_the_whole(name: str) -> None:
    cells = samples()[name]
    parts = [Moments.of(part) for part in np.array_split(cells, 7)]
    left = parts[0]
    for part in parts[1:]:
        left = left.merged(part)
    right = parts[-1]
    for part in parts[-2::-1]:
        right = part.merged(right)
    for joined in (left, right):
        np.testing.assert_allclose(told(joined), exact(cells), rtol=1e-9)


def test_weights_repeat_values() -> None:
    values, counts = np.array([-1.0, 0.5, 1e9]), np.array([5, 1, 3])
    weighted, repeated = Moments.weighted(values, counts), Moments.of(np.repeat(values, counts))
    np.testing.assert_allclose(told(weighted), told(repeated), rtol=1e-12)
    assert weighted.n == 9


def test_another_unit_leaves_the_shape_alone() -> None:
    cells = samples()["skewed"]
    rescaled, direct = Moments.of(cells).rescaled(1e-9), Moments.of(cells * 1e-9)
    np.testing.assert_allclose(told(rescaled), told(direct), rtol=1e-9)


def test_no_cells_have_no_moments_and_change_none() -> None:
    nothing = Moments.of(np.empty(0))
    assert nothing.n == 0
    assert all(math.isnan(value) for value in told(nothing))
    some = Moments.of(np.array([1.0, 2.0]))
    assert nothing.merged(some) == some.merged(nothing) == some
    assert Moments.weighted(np.empty(0), np.empty(0, np.int64)).n == 0


def test_one_cell_has_a_mean_only() -> None:
    assert Moments.of(np.array([5.0])).mean == 5
    assert math.isnan(Moments.of(np.array([5.0])).std)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e300, 1e-310, 3.3])
def test_a_constant_has_no_spread_and_no_shape(value: float) -> None:
    moments = Moments.of(np.full(10_000, value))
    assert moments.mean == value
    assert moments.variance == moments.std == 0
    assert math.isnan(moments.skewness)
    assert math.isnan(moments.excess_kurtosis)


def test_the_variance_of_huge_values_is_infinite_and_their_sd_is_not() -> None:
    moments = Moments.of(np.array([-1e300, 1e300, 0.0]))
    assert moments.variance == math.inf
    assert moments.std == pytest.approx(1e300)
