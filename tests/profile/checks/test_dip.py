from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from explorer.profile.checks.dip import dip_of_polygon, dip_of_steps
from explorer.profile.counting.distribution import Distribution

# ratings of a faculty: the example of P. M. Hartigan (1985), Algorithm AS 217, doi:10.2307/2347485
FACULTY = [
    30, 33, 35, 36, 37, 37, 39, 39, 39, 39, 39, 40, 40, 40, 40, 41, 42, 43, 43, 43, 44, 44, 45, 45,
    46, 46, 47, 47, 48, 48, 48, 49, 50, 50, 51, 52, 52, 53, 53, 53, 53, 53, 54, 54, 57, 57, 59, 60,
    60, 60, 61, 61, 61, 61, 62, 62, 62, 62, 63, 66, 70, 72, 72,
]  # fmt: skip


def by_linear_programming(distribution: Distribution) -> float:
    """Least distance to a function convex before and concave after each possible mode."""
    x, upper = distribution.values, distribution.cumulative / distribution.n
    lower = upper - distribution.equal / distribution.n
    return min(_distance_with_mode(x, lower, upper, mode) for mode in range(x.size))


def _distance_with_mode(x: np.ndarray, lower: np.ndarray, upper: np.ndarray, mode: int) -> float:
    left, right = mode + 1, x.size - mode
    unit = np.eye(left + right + 1)
    before, after, t = unit[:left], unit[left : left + right], unit[-1]
    rows, limits = [], []

    def demand(row: np.ndarray, limit: float) -> None:
        rows.append(row)
        limits.append(limit)

    for i in range(left):
        demand(before[i] - t, lower[i])
        demand(-before[i] - t, -(upper[i] if i < mode else lower[i]))
    for i in range(right):
        demand(-after[i] - t, -upper[mode + i])
        demand(after[i] - t, lower[mode + i] if i else upper[mode])
    demand(before[-1] - after[0], 0)
    for side, start, sign in ((before, 0, 1), (after, mode, -1)):
        for i in range(len(side) - 1):
            demand(side[i] - side[i + 1], 0)
        for i in range(1, len(side) - 1):
            a, b, c = x[start + i - 1 : start + i + 2]
            demand(
                sign * ((side[i] - side[i - 1]) / (b - a) - (side[i + 1] - side[i]) / (c - b)), 0
            )
    found = linprog(t, A_ub=np.array(rows), b_ub=limits, bounds=(0, 1), method="highs")
    return float(found.fun) if found.status == 0 else 1.0


@pytest.mark.parametrize("seed", range(24))
def test_is_the_least_distance_to_a_distribution_with_one_mode(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 15))
    cells = (
        rng.normal(size=n),
        rng.integers(0, 8, n).astype(float),
        np.concatenate([rng.normal(size=n // 2), rng.normal(6, 1, n - n // 2)]),
    )[seed % 3]
    distribution = Distribution.of(cells)
    assert dip_of_steps(distribution) == pytest.approx(
        by_linear_programming(distribution), abs=1e-9
    )


def test_published_value_of_the_faculty_ratings() -> None:
    assert dip_of_steps(Distribution.of(np.array(FACULTY, dtype=float))) == pytest.approx(
        0.0595238, abs=5e-8
    )


def test_two_far_points_of_equal_weight_are_a_quarter_apart_from_one_mode() -> None:
    rng = np.random.default_rng(0)
    cells = np.concatenate([rng.normal(-1e3, 1, 5_000), rng.normal(1e3, 1, 5_000)])
    assert dip_of_steps(Distribution.of(cells)) == pytest.approx(0.25, abs=0.005)
    assert dip_of_polygon(Distribution.of(cells)) == pytest.approx(0.25, abs=0.005)


def test_does_not_depend_on_place_scale_or_direction() -> None:
    cells = np.random.default_rng(1).gamma(2, 1, 300)
    dip = dip_of_steps(Distribution.of(cells))
    for other in (3 - cells, 7 * cells, 1e-5 * cells):
        assert dip_of_steps(Distribution.of(other)) == pytest.approx(dip, rel=1e-6)


def test_rounding_makes_no_modes_of_the_polygon() -> None:
    rng = np.random.default_rng(2)
    for cells in (
        np.round(rng.standard_normal(50_000) * 2) / 2,
        rng.poisson(3, 50_000).astype(float),
    ):
        assert dip_of_polygon(Distribution.of(cells)) < 0.002
        assert dip_of_steps(Distribution.of(cells)) > 0.02


def test_a_uniform_sample_rarely_passes_for_several_modes() -> None:
    rng = np.random.default_rng(3)
    for n in (30, 300):
        dips = np.array([dip_of_polygon(Distribution.of(rng.random(n))) for _ in range(800)])
        assert np.mean(dips > max(0.01, 0.65 / np.sqrt(n))) < 0.01


def test_few_values_have_no_modes_to_tell() -> None:
    assert dip_of_polygon(Distribution.of(np.array([0.0, 0, 1, 1, 5]))) == 0
