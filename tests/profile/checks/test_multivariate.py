from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from explorer.core.errors import FeatureError
from explorer.profile.checks.multivariate import robust_distances


def correlated(m: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, d)) @ rng.normal(size=(d, d)) + 100 * rng.normal(size=d)


@pytest.mark.parametrize("d", [2, 10])
def test_of_gaussian_rows_the_expected_share_lies_beyond_the_cutoff(d: int) -> None:
    found = robust_distances(correlated(8_000, d))
    assert found.cutoff == pytest.approx(chi2.isf(0.025, d))
    assert found.rate == pytest.approx(0.025, abs=0.008)
    assert np.median(found.squared) == pytest.approx(chi2.median(d))
    assert found.words == ("location and scatter of 3,000 random rows, distances of 8,000",)


def test_on_clean_rows_distances_are_near_the_classical_ones() -> None:
    X = correlated(3_000, 4)
    centered = X - X.mean(axis=0)
    classical = np.einsum("ij,jk,ik->i", centered, np.linalg.inv(np.cov(X.T)), centered)
    assert np.corrcoef(robust_distances(X).squared, classical)[0, 1] > 0.99


def test_rows_that_hide_each_other_from_the_classical_distance_are_found() -> None:
    rng = np.random.default_rng(1)
    X = rng.multivariate_normal([0, 0], [[1, 0.95], [0.95, 1]], 1_000)
    X[:150] = rng.normal([2, -2], 0.1, (150, 2))  # inside both marginals
    found = robust_distances(X)
    assert (found.squared[:150] > found.cutoff).all()
    assert (found.squared[150:] > found.cutoff).mean() < 0.05
    centered = X - X.mean(axis=0)
    classical = np.einsum("ij,jk,ik->i", centered, np.linalg.inv(np.cov(X.T)), centered)
    assert (classical[:150] > found.cutoff).mean() < 0.2


def test_contributions_sum_to_the_squared_distance_and_name_the_feature() -> None:
    X = np.random.default_rng(2).normal(size=(2_000, 5))
    X[3, 2] = 30
    found = robust_distances(X)
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.squared, rtol=1e-10)
    (feature, share), *_ = found.top(3)
    assert feature == 2
    assert share > 0.98


def test_units_do_not_matter() -> None:
    X = correlated(1_000, 3)
    moved = robust_distances(X * [1e-9, 1.0, 1e150] + [0, 5, 0])
    np.testing.assert_allclose(moved.squared, robust_distances(X).squared, rtol=1e-6)


def test_features_that_cannot_be_used_are_left_out_with_why() -> None:
    rng = np.random.default_rng(3)
    X = correlated(1_000, 3)
    mostly_missing = np.where(rng.random(1_000) < 0.5, np.nan, X[:, 0])
    spiked = np.where(rng.random(1_000) < 0.7, 0.0, rng.random(1_000))
    twin = 2 * X[:, 0] - X[:, 1] + 5
    found = robust_distances(
        np.column_stack(
            [X[:, 0], np.full(1_000, 7.0), X[:, 1], mostly_missing, spiked, twin, X[:, 2]]
        )
    )
    assert found.columns == (0, 2, 6)
    why = dict(found.left_out)
    assert why[1] == "constant"
    assert why[3].endswith("% missing")
    assert why[4] == "one value, or none, in half of the cells or more"
    assert why[5] == "follows from features before it"
    np.testing.assert_allclose(found.squared, robust_distances(X).squared, rtol=1e-6)
    assert {feature for feature, _ in found.top(0)} == {0, 2, 6}


def test_missing_cells_are_taken_as_the_median_and_said() -> None:
    X = correlated(1_000, 3)
    X[:10, 1], X[0, 2] = np.nan, np.inf
    found = robust_distances(X)
    assert (found.imputed_cells, found.imputed_rows) == (11, 10)
    assert found.words[1] == "11 missing cells in 10 rows replaced by the median"
    assert np.isfinite(found.squared).all()
    assert "all 1,000 rows" in found.words[0]


def test_the_same_seed_gives_the_same_distances() -> None:
    X = correlated(4_000, 3)
    np.testing.assert_array_equal(
        robust_distances(X, seed=5).squared, robust_distances(X, seed=5).squared
    )


def test_too_few_rows_or_features_are_refused() -> None:
    with pytest.raises(FeatureError, match="need 25 rows; came 24"):
        robust_distances(correlated(24, 5))
    with pytest.raises(FeatureError, match="need two features"):
        robust_distances(np.column_stack([np.arange(50.0), np.ones(50)]))
    with pytest.raises(FeatureError, match="rows and features"):
        robust_distances(np.empty((0, 3)))
    with pytest.raises(FeatureError, match="need two features"):
        robust_distances(np.full((50, 3), np.nan))
