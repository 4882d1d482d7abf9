from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from explorer.profile.checks.isolated import (
    IsolatedGroup,
    isolated_groups,
    isolated_range,
    most_isolated,
)
from explorer.profile.counting.distribution import Distribution

Draw = Callable[[np.random.Generator, int], np.ndarray]
CLEAN: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "t with 5 degrees": lambda rng, n: rng.standard_t(5, n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "wide lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "uniform": lambda rng, n: rng.random(n),
    "rare counts": lambda rng, n: rng.poisson(0.05, n),
    "counts": lambda rng, n: rng.poisson(5, n),
    "waiting times": lambda rng, n: rng.geometric(0.2, n),
    "rounded": lambda rng, n: np.round(rng.normal(0, 2.2, n)),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0, rng.lognormal(size=n)),
    "two modes": lambda rng, n: rng.normal(size=n) + 10 * (rng.random(n) < 0.3),
}


def groups(cells: np.ndarray) -> tuple[IsolatedGroup, ...]:
    return isolated_groups(Distribution.of(np.asarray(cells, float)))


@pytest.mark.parametrize("name", CLEAN)
def test_clean_samples_hardly_ever_have_isolated_values(name: str) -> None:
    rng = np.random.default_rng(0)
    for n, samples in ((100, 200), (1_000, 100), (10_000, 20), (100_000, 2)):
        alarms = sum(bool(groups(CLEAN[name](rng, n))) for _ in range(samples))
        assert alarms <= 0.02 * samples


def test_even_of_cauchy_samples_few_have_them() -> None:
    rng = np.random.default_rng(1)
    alarms = sum(bool(groups(rng.standard_cauchy(1_000))) for _ in range(300))
    assert alarms <= 0.03 * 300


def test_one_row_of_1000_among_many_normals_is_isolated() -> None:
    cells = np.random.default_rng(2).normal(size=200_000)
    cells[77] = 1_000
    (found,) = groups(cells)
    assert (found.low, found.high, found.count, found.side) == (1000, 1000, 1, "high")
    rest = np.delete(cells, 77)
    spread = np.median(np.abs(rest - np.median(rest))) / 0.6745
    assert found.gap == pytest.approx((1000 - rest.max()) / spread, rel=1e-3)
    assert isolated_range(Distribution.of(cells)) == (rest.min(), rest.max())


def test_three_ages_of_999_are_isolated() -> None:
    rng = np.random.default_rng(3)
    for n in (1_000, 50_000):
        cells = np.clip(np.round(rng.normal(38, 18, n)), 0, 101)
        cells[:3] = 999
        (found,) = groups(cells)
        assert (found.low, found.count) == (999, 3)


@pytest.mark.parametrize("n", [1_000, 10_000])
@pytest.mark.parametrize(
    "name", ["normal", "lognormal", "exponential", "counts", "zero-inflated", "uniform"]
)
def test_a_value_a_thousand_times_beyond_the_largest_is_found(name: str, n: int) -> None:
    cells = np.asarray(CLEAN[name](np.random.default_rng(4), n), float)
    cells[5] = 1_000 * cells.max()
    assert [(one.low, one.count) for one in groups(cells)] == [(cells[5], 1)]


def test_both_sides_and_several_groups_are_told_apart() -> None:
    cells = np.random.default_rng(5).normal(size=10_000)
    cells[:5] = [1000, 5000, -300, -299, -299]
    rest = cells[5:]
    found = groups(cells)
    assert [(one.low, one.high, one.count, one.side) for one in found] == [
        (-300, -299, 3, "low"),
        (1000, 1000, 1, "high"),
        (5000, 5000, 1, "high"),
    ]
    assert isolated_range(Distribution.of(cells)) == (rest.min(), rest.max())


def test_a_group_is_isolated_up_to_a_thousandth_of_the_cells_and_a_mode_beyond() -> None:
    rng = np.random.default_rng(6)
    for apart, expected in ((10, 10), (11, 0)):
        cells = rng.normal(size=10_000)
        cells[:apart] = rng.normal(100, 1, apart)
        assert sum(one.count for one in groups(cells)) == expected
    assert [most_isolated(n) for n in (19, 20, 60, 3_000, 10_000)] == [0, 1, 3, 3, 10]


def test_a_value_barely_beyond_a_sharp_end_is_not_isolated() -> None:
    cells = np.append(np.random.default_rng(7).random(10_000), 1.01)
    assert groups(cells) == ()


@pytest.mark.parametrize("cells", [[], [1.0], [2.0] * 500, [0.0] * 999 + [1.0], [*range(19), 1e9]])
def test_without_a_tail_to_compare_with_nothing_is_isolated(cells: list[float]) -> None:
    whole = Distribution.of(np.array(cells, float))
    assert isolated_groups(whole) == ()
    assert isolated_range(whole) is None


def test_shift_and_scale_change_nothing_but_units() -> None:
    cells = np.random.default_rng(8).lognormal(size=2_000)
    cells[3] = 1e6
    (found,), (moved,) = groups(cells), groups(-4 * cells + 7)
    assert (moved.count, moved.side) == (found.count, "low")
    assert moved.gap == pytest.approx(found.gap)
    assert moved.high == -4 * found.low + 7


def test_a_thinned_distribution_that_keeps_its_ends_whole_shows_them() -> None:
    cells = np.random.default_rng(9).normal(size=100_000)
    cells[:2] = [400, -500]
    whole = Distribution.of(cells)
    kept = np.unique(
        np.r_[
            0:300, 300 : whole.values.size - 300 : 50, whole.values.size - 300 : whole.values.size
        ]
    )
    thin = Distribution(whole.values[kept], whole.cumulative[kept], whole.equal[kept], exact=False)
    assert [(one.low, one.count) for one in isolated_groups(thin)] == [(-500, 1), (400, 1)]


def test_huge_values_do_not_overflow() -> None:
    cells = np.append(np.random.default_rng(10).normal(size=500), [1.7e308, -1.7e308])
    assert [(one.count, one.gap > 1e290) for one in groups(cells)] == [(1, True), (1, True)]


def test_a_group_comes_back_from_its_document() -> None:
    found = IsolatedGroup(low=-3.0, high=-2.0, count=4, gap=9.5, side="low")
    assert IsolatedGroup.from_document(found.document()) == found
    assert found.counted([(-3.0, 2), (-2.5, 1), (0.0, 50)]) == 3
