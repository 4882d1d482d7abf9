from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from explorer.stats.testing.families import adjusted_within, coverage_levels, select_families


def test_families_are_opened_by_their_omnibus_tests() -> None:
    omnibus = np.array([0.001, 0.9, np.nan, 0.02, 0.3])
    found = select_families(omnibus, 0.05)
    made = ~np.isnan(omnibus)
    assert (
        found.opened[made].tolist()
        == multipletests(omnibus[made], alpha=0.05, method="fdr_bh")[0].tolist()
    )
    assert found.opened.tolist() == [True, False, False, True, False]
    assert found.level.tolist() == [0.025, 0, 0, 0.025, 0]
    assert found.factor.tolist() == [2, np.inf, np.inf, 2, np.inf]


def test_without_a_family_that_opens_nothing_is_tested() -> None:
    found = select_families([0.6, 0.9])
    assert not found.opened.any()
    assert adjusted_within([0.0, 0.2, np.nan], float(found.factor[0])).tolist()[:2] == [1, 1]
    assert select_families([]).opened.size == 0
    assert not select_families([np.nan]).opened.any()


def test_adjusted_p_values_up_to_q_are_those_rejected_at_the_level_inside() -> None:
    rng = np.random.default_rng(13)
    for _ in range(200):
        opened = select_families(rng.uniform(size=8) ** 4, 0.05)
        p = rng.uniform(size=30) ** 5
        for factor, level, is_open in zip(opened.factor, opened.level, opened.opened, strict=True):
            expected = (
                multipletests(p, alpha=level, method="fdr_bh")[0] if is_open else np.zeros(30, bool)
            )
            np.testing.assert_array_equal(adjusted_within(p, factor) <= 0.05, expected)


def test_a_test_that_could_not_be_made_stays_nan() -> None:
    found = adjusted_within([0.01, np.nan, 0.9], 2.0)
    assert found == pytest.approx([0.04, np.nan, 1.0], nan_ok=True)
    assert np.isnan(adjusted_within([np.nan], np.inf)).all()


def test_the_mean_false_discovery_rate_of_opened_families_is_held() -> None:
    from scipy import stats

    rng, shares = np.random.default_rng(14), []
    for _ in range(400):
        truth = np.zeros((20, 15))
        truth[:4, :5] = 3.5
        p = 2 * stats.norm.sf(np.abs(truth + rng.normal(size=truth.shape)))
        omnibus = stats.chi2.sf((stats.norm.isf(p / 2) ** 2).sum(axis=1), 15)
        opened = select_families(omnibus, 0.1)
        false = []
        for family in np.flatnonzero(opened.opened):
            found = adjusted_within(p[family], float(opened.factor[family])) <= 0.1
            false.append((found & (truth[family] == 0)).sum() / max(found.sum(), 1))
        shares.append(np.mean(false) if false else 0.0)
    assert np.mean(shares) <= 0.1


def test_intervals_of_selected_cells_miss_as_seldom_as_said() -> None:
    from scipy import stats

    assert coverage_levels(6, 214, 0.05) == pytest.approx(1 - 6 * 0.05 / 214)
    assert coverage_levels([0, 10, 1], [10, 10, 0], 0.05) == pytest.approx(
        [0.995, 0.95, np.nan], nan_ok=True
    )
    rng, missed = np.random.default_rng(15), []
    for _ in range(500):
        truth = np.r_[np.zeros(80), np.full(20, 2.5)]
        seen = truth + rng.normal(size=100)
        chosen = multipletests(2 * stats.norm.sf(np.abs(seen)), method="fdr_bh")[0]
        half = stats.norm.isf((1 - coverage_levels(chosen.sum(), 100, 0.05)) / 2)
        missed.append((np.abs(seen - truth)[chosen] > half).mean() if chosen.any() else 0.0)
    assert np.mean(missed) <= 0.05
