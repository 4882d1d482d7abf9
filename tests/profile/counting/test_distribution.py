from __future__ import annotations

import numpy as np
import pytest

from explorer.profile.counting.distribution import OUTER, Distribution

SHARES = np.linspace(0, 1, 101)


def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "normal": rng.normal(size=5000),
        "rounded": rng.normal(size=5000).round(1),
        "spike": np.where(rng.random(5000) < 0.4, 0.0, rng.lognormal(size=5000)),
        "two values": np.array([1.0, 2.0, 2.0]),
        "one cell": np.array([-3.0]),
        "huge": np.array([-1.7e308, 0.0, 1.7e308]),
    }


@pytest.fixture(params=list(samples()))
def cells(request: pytest.FixtureRequest) -> np.ndarray:
    return samples()[request.param]


def test_quantiles_are_those_of_numpy(cells: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        expected = (
            np.quantile(cells / 4, SHARES) * 4
        )  # numpy's own interpolation overflows for the huge ones
    np.testing.assert_allclose(
        Distribution.of(cells / 4).quantile(SHARES) * 4, expected, rtol=1e-12, atol=1e-12
    )


def test_counts_below_edges_are_those_of_searchsorted(cells: np.ndarray) -> None:
    edges = np.concatenate([cells[:50], [cells.min() - 1, cells.max() + 1, 0.05]])
    ordered = np.sort(cells)
    distribution = Distribution.of(cells)
    np.testing.assert_array_equal(
        distribution.below(edges), np.searchsorted(ordered, edges, "left")
    )
    np.testing.assert_array_equal(
        distribution.below(edges, inclusive=True), np.searchsorted(ordered, edges, "right")
    )


def test_weights_repeat_cells() -> None:
    weighted = Distribution.of(np.array([2.0, 1.0, 2.0]), np.array([3, 1, 2]))
    assert weighted.values.tolist() == [1, 2]
    assert weighted.cumulative.tolist() == [1, 6]


def test_the_mid_distribution_of_rounded_values_does_not_jump(cells: np.ndarray) -> None:
    distribution = Distribution.of(cells)
    below = (cells[:, None] < distribution.values).mean(axis=0)
    at = (cells[:, None] == distribution.values).mean(axis=0)
    np.testing.assert_allclose(distribution.mid, below + at / 2)
    np.testing.assert_array_equal(distribution.mid_quantile(distribution.mid), distribution.values)


def test_no_cells_have_no_quantiles() -> None:
    nothing = Distribution.of(np.empty(0))
    assert nothing.n == 0
    assert np.isnan(nothing.quantile(0.5))
    assert nothing.below(np.array([1.0])).tolist() == [0]
    assert nothing.merged(Distribution.of(np.array([1.0]))).n == 1


def test_a_range_holds_the_cells_at_its_ends(cells: np.ndarray) -> None:
    low, high = np.sort(cells)[[cells.size // 4, (3 * cells.size) // 4]]
    part = Distribution.of(cells).between(low, high)
    expected = Distribution.of(cells[(cells >= low) & (cells <= high)])
    np.testing.assert_array_equal(part.values, expected.values)
    np.testing.assert_array_equal(part.cumulative, expected.cumulative)


def test_a_range_without_cells_is_empty() -> None:
    assert Distribution.of(np.array([1.0, 5.0])).between(2, 3).n == 0


def test_transformed_values_that_collide_are_joined() -> None:
    cells = np.array([0.5, 0.7, 1.2, 1.9, 2.0])
    floored = Distribution.of(cells).transformed(np.floor)
    expected = Distribution.of(np.floor(cells))
    np.testing.assert_array_equal(floored.values, expected.values)
    np.testing.assert_array_equal(floored.equal, expected.equal)
    np.testing.assert_array_equal(floored.cumulative, expected.cumulative)


def test_a_transform_that_leaves_the_numbers_is_refused() -> None:
    with np.errstate(divide="ignore"), pytest.raises(ValueError, match="finite"):
        Distribution.of(np.array([0.0, 1.0])).transformed(np.log)


def test_thinned_ranks_stay_true_and_both_ends_stay(cells: np.ndarray) -> None:
    thin = Distribution.of(cells).thinned(64)
    ordered = np.sort(cells)
    assert thin.values.size <= 2 * 64 + 1 + 2 * OUTER
    outer = np.unique(ordered)
    assert np.isin(outer[:OUTER], thin.values).all()
    assert np.isin(outer[-OUTER:], thin.values).all()
    assert (thin.values[0], thin.values[-1]) == (ordered[0], ordered[-1])
    np.testing.assert_array_equal(thin.cumulative, np.searchsorted(ordered, thin.values, "right"))
    np.testing.assert_array_equal(
        thin.equal, thin.cumulative - np.searchsorted(ordered, thin.values, "left")
    )


def test_a_thinned_distribution_keeps_its_spikes() -> None:
    cells = samples()["spike"]
    thin = Distribution.of(cells).thinned(100)
    assert thin.equal[thin.values == 0] == (cells == 0).sum()


@pytest.mark.parametrize("points", [32, 256])
def test_quantiles_of_a_thinned_distribution_err_by_what_it_says(points: int) -> None:
    cells = samples()["normal"]
    thin = Distribution.of(cells).thinned(points)
    ranks = np.searchsorted(np.sort(cells), thin.quantile(SHARES)) / cells.size
    assert not thin.exact
    assert np.abs(ranks - SHARES).max() <= thin.quantile_error + 1 / cells.size
    assert thin.quantile_error <= 1.5 / points


@pytest.mark.parametrize("name", ["normal", "rounded", "spike"])
@pytest.mark.parametrize("points", [64, 100_000])
def test_merged_parts_have_the_ranks_of_the_whole_within_the_stated_error(
    name: str, points: int
) -> None:
    cells = samples()[name]
    rng = np.random.default_rng(1)
    cuts = np.sort(rng.integers(0, cells.size, 6))
    parts = [
        Distribution.of(part).thinned(points) for part in np.split(rng.permutation(cells), cuts)
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.merged(part, points)
    true = np.searchsorted(np.sort(cells), joined.values, "right")
    assert joined.n == cells.size
    assert np.abs(joined.cumulative - true).max() <= joined.rank_error * cells.size
    assert joined.rank_error < (7 / points if points < cells.size else 1e-12)
    assert (np.diff(joined.values) > 0).all()
    assert (np.diff(joined.cumulative) >= joined.equal[1:]).all()
    assert (joined.values[0], joined.values[-1]) == (cells.min(), cells.max())


def test_merging_what_is_exact_is_exact() -> None:
    one, other = np.array([1.0, 3.0, 3.0]), np.array([2.0, 3.0])
    joined = Distribution.of(one).merged(Distribution.of(other))
    assert joined.exact
    assert joined.rank_error == 0
    assert joined.values.tolist() == [1, 2, 3]
    assert joined.equal.tolist() == [1, 1, 3]


def test_all_cells_of_a_gap_at_one_end_are_within_the_stated_error() -> None:
    # 998 cells lie just above the lower of two kept values: spread evenly they are counted far from
    # there
    cells = np.concatenate([[0.0], np.linspace(1e-6, 2e-6, 998), [1.0]])
    thin = Distribution(np.array([0.0, 1.0]), np.array([1, 1000]), np.array([1, 1]), exact=False)
    joined = thin.merged(Distribution.of(np.array([3e-6, 0.5])))
    both = np.sort(np.concatenate([cells, [3e-6, 0.5]]))
    off = np.abs(joined.cumulative - np.searchsorted(both, joined.values, "right")).max()
    assert 900 < off <= joined.rank_error * joined.n
