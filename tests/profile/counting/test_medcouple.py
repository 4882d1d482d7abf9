from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.checks.fences import Quartiles, cells_outside, quartiles
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.medcouple import adjusted_fence, medcouple


def by_definition(cells: np.ndarray) -> float:
    """Median of the kernel over every pair, with the sign rule for cells at the median."""
    ordered = np.sort(cells)
    median = np.median(ordered)
    below, above = ordered[ordered <= median], ordered[ordered >= median]
    ties = int((ordered == median).sum())
    kernel = []
    for i, x in enumerate(below):
        for j, y in enumerate(above):
            if x == y == median:
                kernel.append(np.sign(i - (below.size - ties) + j - (ties - 1)))
            else:
                kernel.append(((y - median) - (median - x)) / (y - x))
    return float(np.median(kernel))


# the first two worked by hand: the kernel of 1, 2, 7, 9, 10 sorted is −1 −1 −1/2 −3/7 −1/3 −1/4 0 1
# 1
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1, 2, 7, 9, 10], -1 / 3),
        ([1, 2, 2, 3, 4], 1 / 6),
        ([1, 2, 3], 0),
        ([5], 0),
        ([4, 4, 4], 0),
    ],
)
def test_known_values(cells: list[float], expected: float) -> None:
    assert medcouple(Distribution.of(np.array(cells, float))) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_the_median_over_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 70))
    for cells in (
        rng.lognormal(size=n),
        rng.integers(0, rng.integers(2, 12), n).astype(float),
        -(rng.random(n) ** 4),
    ):
        assert medcouple(Distribution.of(cells)) == pytest.approx(by_definition(cells), abs=1e-12)


def test_without_cells_it_is_nan() -> None:
    assert np.isnan(medcouple(Distribution.of(np.empty(0))))


def test_of_many_cells_it_is_near_that_of_a_part() -> None:
    cells = np.random.default_rng(0).exponential(size=40_000)
    assert medcouple(Distribution.of(cells)) == pytest.approx(by_definition(cells[:900]), abs=0.06)
    # quantiles of the exponential itself
    exact = -np.log1p(-(np.arange(900) + 0.5) / 900)
    assert medcouple(Distribution.of(cells)) == pytest.approx(by_definition(exact), abs=0.01)


def test_turning_the_values_round_turns_the_sign_and_scale_changes_nothing() -> None:
    cells = np.random.default_rng(1).gamma(1.5, size=5_000)
    found = medcouple(Distribution.of(cells))
    assert medcouple(Distribution.of(-cells)) == pytest.approx(-found, abs=2e-3)
    assert medcouple(Distribution.of(1e300 * cells)) == pytest.approx(found, abs=1e-9)


def test_the_fence_is_hubert_and_vandervierens_formula() -> None:
    box = Quartiles(10.0, 14.0)
    assert adjusted_fence(box, 0.3) == pytest.approx((10 - 6 * np.exp(-1.2), 14 + 6 * np.exp(0.9)))
    assert adjusted_fence(box, -0.3) == pytest.approx((10 - 6 * np.exp(0.9), 14 + 6 * np.exp(-1.2)))
    assert adjusted_fence(box, 0.0) == box.fence(1.5)


def test_it_has_no_fence_beyond_what_it_was_fitted_for() -> None:
    assert adjusted_fence(Quartiles(10.0, 14.0), 0.61) is None
    assert adjusted_fence(Quartiles(10.0, 14.0), float("nan")) is None
    assert adjusted_fence(Quartiles(10.0, 14.0, spike=0.0), 0.1) is None


@pytest.mark.parametrize("draw", ["exponential", "normal"])
def test_skewness_alone_is_hardly_called_an_outlier(draw: str) -> None:
    whole = Distribution.of(getattr(np.random.default_rng(2), draw)(size=50_000))
    box = quartiles(whole)
    assert box is not None
    fence = adjusted_fence(box, medcouple(whole))
    assert fence is not None
    assert cells_outside(whole, fence) / whole.n < 0.01
