from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, skew

from explorer.core.errors import FeatureError
from explorer.profile.checks.ecod import clean_cutoff, ecod


def by_definition(X: np.ndarray) -> np.ndarray:
    m, d = X.shape
    scores = np.zeros(m)
    for i in range(m):
        left = [-np.log((X[:, j] <= X[i, j]).mean()) for j in range(d)]
        right = [-np.log((X[:, j] >= X[i, j]).mean()) for j in range(d)]
        auto = [left[j] if skew(X[:, j]) < 0 else right[j] for j in range(d)]
        scores[i] = max(sum(left), sum(right), sum(auto))
    return scores


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.lognormal(size=80),
            -rng.lognormal(size=80),
            rng.integers(0, 4, 80),
            rng.normal(size=80),
        ]
    )
    np.testing.assert_allclose(ecod(X).scores, by_definition(X), rtol=1e-12)


def test_contributions_sum_to_the_scores_and_name_the_feature() -> None:
    X = np.random.default_rng(0).normal(size=(500, 6))
    X[7, 4] = 50
    found = ecod(X)
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.scores, rtol=1e-12)
    assert found.top(7, 2)[0][0] == 4
    assert found.top(7)[0][1] == pytest.approx(found.contributions[7, 4] / found.scores[7])


@pytest.mark.parametrize("d", [1, 2, 3, 6, 20, 60])
@pytest.mark.parametrize("mixed", [True, False])
def test_the_cutoff_is_the_975_point_of_independent_features(d: int, *, mixed: bool) -> None:
    if d == 1 and mixed:
        return
    rows = 100_000
    U = np.random.default_rng(d).random((rows, d))
    left, right = -np.log(U), -np.log1p(-U)
    half = d // 2 if mixed else 0
    auto = left[:, :half].sum(axis=1) + right[:, half:].sum(axis=1)
    score = np.maximum.reduce([left.sum(axis=1), right.sum(axis=1), auto])
    rate = (score > clean_cutoff(d, 3 if mixed else 2)).mean()
    assert 0.022 - 0.0015 < rate < 0.025 + 0.0015


def test_the_cutoff_is_a_gamma_quantile() -> None:
    assert clean_cutoff(7, 3) == pytest.approx(gamma.isf(0.025 / 3, 7))


def test_a_clean_table_has_no_excess_and_planted_rows_give_one() -> None:
    X = np.random.default_rng(1).normal(size=(20_000, 10))
    clean = ecod(X)
    assert clean.rate == pytest.approx(clean.expected, abs=0.004)
    X[:1_000] += 4
    planted = ecod(X)
    assert planted.rate == pytest.approx(planted.expected + 0.05, abs=0.015)


def test_monotone_changes_of_a_feature_change_nothing_but_its_tail() -> None:
    X = np.random.default_rng(2).lognormal(size=(300, 3))
    np.testing.assert_allclose(ecod(X).scores, ecod(X * [1, 1e200, 1e-200]).scores, rtol=1e-12)


def test_missing_cells_give_nothing_and_infinite_ones_are_the_ends() -> None:
    X = np.random.default_rng(3).normal(size=(200, 2))
    X[0] = np.nan
    X[1, 0], X[2, 0] = np.inf, -np.inf
    X[3:, 1] = np.nan
    found = ecod(X)
    assert found.scores[0] == 0
    assert np.isfinite(found.scores).all()
    assert found.contributions[1, 0] == pytest.approx(np.log(199))
    assert found.top(0) == ()


def test_a_constant_feature_adds_nothing() -> None:
    X = np.random.default_rng(4).normal(size=(100, 2))
    np.testing.assert_allclose(ecod(np.column_stack([X, np.ones(100)])).scores, ecod(X).scores)
    assert (ecod(np.full((5, 2), np.nan)).scores == 0).all()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (4,)])
def test_an_empty_table_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureError, match="rows and features"):
        ecod(np.empty(shape))
