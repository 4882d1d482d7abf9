from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_generic

from explorer.stats.testing.arms import (
    closed_pairs,
    equal_means,
    equal_shares,
    holm_over_families,
    selected_families,
)
from explorer.stats.testing.fdr import adjusted, holm


def test_equal_means_is_welchs_test_of_statsmodels():
    means, variances, n = (
        np.array([1.0, 1.4, 0.7, 1.1]),
        np.array([2.0, 9.0, 4.0, 1.0]),
        np.array([40, 25, 90, 12]),
    )
    expected = anova_generic(means, variances, n, use_var="unequal", welch_correction=True)
    assert equal_means(means, variances / n, n - 1) == pytest.approx(expected.pvalue)


def test_equal_means_of_two_arms_is_welchs_t():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 30), rng.normal(0.5, 3, 50)
    found = equal_means(
        [a.mean(), b.mean(), np.nan], [a.var(ddof=1) / 30, b.var(ddof=1) / 50, np.nan], [29, 49, 5]
    )
    assert found == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert np.isnan(equal_means([1.0, np.nan], [1.0, 1.0]))


def test_equal_shares_is_pearsons_test():
    hits, n = np.array([40, 55, 31]), np.array([200, 210, 190])
    expected = stats.chi2_contingency(np.array([hits, n - hits]), correction=False).pvalue
    assert equal_shares([*hits, np.nan], [*n, 10]) == pytest.approx(expected)


def test_closed_pairs_rejects_what_the_closed_test_rejects():
    rng = np.random.default_rng(1)
    for _ in range(300):
        m = int(rng.integers(1, 5))
        p = rng.random(m) ** 3
        omnibus = p[0] if m == 1 else rng.random() ** 3
        expected = []
        for i in range(m):
            tests = []
            for size in range(1, m + 1):
                for some in itertools.combinations(range(m), size):
                    if i in some:
                        tests.append(omnibus if size == m else min(min(p[list(some)]) * size, 1.0))
            expected.append(max(tests))
        assert closed_pairs(p, omnibus) == pytest.approx(expected)


def test_families_of_one_member_are_held_by_holm_and_by_benjamini_and_hochberg():
    p = np.random.default_rng(2).random(40) ** 4
    assert np.concatenate(holm_over_families([np.array([one]) for one in p])) == pytest.approx(
        holm(p)
    )
    assert selected_families(p, p) == pytest.approx(adjusted(p))


def test_selected_families_are_those_of_the_rule_at_every_level():
    rng = np.random.default_rng(3)
    for _ in range(50):
        omnibus = rng.random(8) ** 3
        members = np.minimum(omnibus[:, None] * (1 + 3 * rng.random((8, 2))), 1.0)
        found = selected_families(members, omnibus)
        for q in (0.01, 0.05, 0.2, 0.5):
            selected = int((adjusted(omnibus) <= q).sum())
            np.testing.assert_array_equal(found <= q, members <= q * selected / 8)
