from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import integrate, stats

from explorer.profile.counting.condensed import cells_per_value, condense
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.l_moments import NORMAL_L_KURTOSIS, l_moments, log_normal_l_kurtosis


def by_definition(cells: np.ndarray) -> tuple[float, float, float, float]:
    """Sample L-moments as averages over all subsets, by order statistics (Hosking 1990)."""
    ordered, n = np.sort(cells), cells.size
    found = []
    for r in range(1, 5):
        total = 0.0
        for i in range(1, n + 1):
            weight = sum(
                (-1) ** k * comb(r - 1, k) * comb(i - 1, r - 1 - k) * comb(n - i, k)
                for k in range(r)
            )
            total += weight * ordered[i - 1]
        found.append(total / r / comb(n, r))
    return found[0], found[1], found[2] / found[1], found[3] / found[1]


@pytest.mark.parametrize("seed", range(5))
def test_agree_with_the_definition_over_all_subsets_with_and_without_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for cells in (rng.normal(50, 3, 23), rng.integers(0, 4, 30).astype(float)):
        found = l_moments(Distribution.of(cells))
        assert (found.mean, found.scale, found.skewness, found.kurtosis) == pytest.approx(
            by_definition(cells), rel=1e-9, abs=1e-12
        )


def test_counts_of_values_are_as_good_as_the_cells_themselves() -> None:
    cells = np.random.default_rng(0).poisson(2, 500).astype(float)
    values, counts = np.unique(cells, return_counts=True)
    assert l_moments(Distribution.of(values, counts)) == l_moments(Distribution.of(cells))


def test_published_ratios_of_known_distributions() -> None:
    shares = (np.arange(200_000) + 0.5) / 200_000
    for ppf, skewness, kurtosis in (
        (stats.norm.ppf, 0, 0.1226),
        (stats.uniform.ppf, 0, 0),
        (stats.expon.ppf, 1 / 3, 1 / 6),
        (stats.gumbel_r.ppf, 0.1699, 0.1504),
        (stats.logistic.ppf, 0, 1 / 6),
    ):
        found = l_moments(Distribution.of(ppf(shares)))
        assert found.skewness == pytest.approx(skewness, abs=2e-4)
        assert found.kurtosis == pytest.approx(kurtosis, abs=2e-4)
    assert pytest.approx(0.1226, abs=1e-4) == NORMAL_L_KURTOSIS


def test_a_large_offset_costs_no_digits() -> None:
    cells = np.random.default_rng(1).exponential(1, 5_000)
    near, far = l_moments(Distribution.of(cells)), l_moments(Distribution.of(cells + 1e9))
    assert far.kurtosis == pytest.approx(near.kurtosis, abs=1e-6)
    assert far.mean == pytest.approx(1e9 + near.mean, rel=1e-12)


def test_log_normal_curve_agrees_with_integrals_of_its_quantile_function() -> None:
    for sigma in (0.1, 0.5, 1.0):
        moments = [
            integrate.quad(
                lambda u, r=r, s=sigma: np.exp(s * stats.norm.ppf(u)) * u**r, 0, 1, limit=400
            )[0]
            for r in range(4)
        ]
        b0, b1, b2, b3 = moments
        scale = 2 * b1 - b0
        skewness = (6 * b2 - 6 * b1 + b0) / scale
        kurtosis = (20 * b3 - 30 * b2 + 12 * b1 - b0) / scale
        assert log_normal_l_kurtosis(skewness) == pytest.approx(kurtosis, abs=5e-4)


def test_one_cell_and_equal_cells_have_no_shape() -> None:
    for cells in (np.array([3.0]), np.full(9, 3.0)):
        found = l_moments(Distribution.of(cells))
        assert found.mean == 3
        assert np.isnan(found.skewness)
        assert np.isnan(found.kurtosis)


@pytest.mark.parametrize("draw", ["standard_normal", "standard_cauchy", "standard_exponential"])
def test_condensed_distributions_keep_their_tails(draw: str) -> None:
    cells = getattr(np.random.default_rng(3), draw)(300_000)
    whole = Distribution.of(cells)
    few = condense(whole, 2_048)
    assert few.values.size < 2_300
    assert few.n == whole.n
    assert np.array_equal(few.values[[0, 1, 2, -2, -1]], whole.values[[0, 1, 2, -2, -1]])
    assert np.array_equal(
        few.cumulative, whole.cumulative[np.searchsorted(whole.values, few.values)]
    )
    assert cells_per_value(few).sum() == whole.n
    assert l_moments(few).kurtosis == pytest.approx(l_moments(whole).kurtosis, abs=0.003)
    assert l_moments(few).skewness == pytest.approx(l_moments(whole).skewness, abs=0.003)


def test_one_wild_value_stands_for_itself_only_where_values_are_thinned() -> None:
    cells = np.append(np.random.default_rng(4).standard_normal(400_000), 1_000.0)
    thin = Distribution.of(cells).thinned(1_000)
    assert abs(l_moments(thin).skewness - l_moments(Distribution.of(cells)).skewness) < 0.003
