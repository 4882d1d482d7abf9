from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from explorer.stats.bins import count_into, quantile_bins
from explorer.stats.monitoring.distances import (
    chi_squared,
    jensen_shannon,
    kolmogorov,
)
from explorer.stats.monitoring.psi import coarse_bins, psi
from explorer.stats.wasserstein import wasserstein_of_bins


def test_psi_has_its_known_answers() -> None:
    assert float(psi([600_000, 400_000], [500_000, 500_000]).value) == pytest.approx(
        0.0405465, abs=5e-8
    )
    shifted = np.array([5, 5, 10, 10, 10, 10, 10, 10, 15, 15]) * 1_000
    assert float(psi(shifted, np.full(10, 10_000)).value) == pytest.approx(0.109861, abs=5e-7)


@pytest.mark.parametrize(("n", "limit"), [(200, 0.169), (1_000, 0.0338), (1_000_000, 3.4e-5)])
def test_psi_s_limit_has_its_known_values(n: int, limit: float) -> None:
    even = np.full(10, n // 10)
    assert float(psi(even, even).limit) == pytest.approx(limit, rel=0.005)


def test_psi_exceeds_its_limit_as_often_as_said() -> None:
    rng = np.random.default_rng(0)
    share = rng.dirichlet(np.full(8, 5.0))
    found = psi(rng.multinomial(3_000, share, 2_000), rng.multinomial(5_000, share, 2_000))
    assert (found.value > found.limit).mean() == pytest.approx(0.05, abs=0.02)


def test_an_empty_bin_counts_half_a_row_and_nothing_is_nan() -> None:
    found = psi([0, 10], [5, 5])
    assert float(found.value) == pytest.approx(
        (0.05 - 0.5) * np.log(0.05 / 0.5) + (1 - 0.5) * np.log(1 / 0.5)
    )
    assert float(psi([0, 3, 0], [0, 9, 0]).value) == 0
    assert np.isnan(psi([0, 0], [5, 5]).value)


def test_jensen_shannon_has_its_known_answers_and_states_its_base() -> None:
    assert float(jensen_shannon([1, 0], [0, 1])) == 1.0
    assert float(jensen_shannon([100, 0], [50, 50])) == pytest.approx(0.557923, abs=5e-7)
    assert float(jensen_shannon([100, 0], [50, 50])) * np.sqrt(np.log(2)) == pytest.approx(
        0.464501, abs=5e-7
    )
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 50, (2, 6, 12))
    expected = jensenshannon(a, b, base=2, axis=1)
    np.testing.assert_allclose(jensen_shannon(a, b), expected, rtol=1e-9)
    assert np.isnan(jensen_shannon([0, 0], [1, 1]))


def test_chi_squared_has_evidently_s_known_answer_and_is_scipy_s() -> None:
    found = chi_squared([16, 16, 16, 16, 16, 8], [16, 18, 16, 14, 12, 12])
    expected = stats.chi2_contingency(
        [[16, 16, 16, 16, 16, 8], [16, 18, 16, 14, 12, 12]], correction=False
    )
    assert (float(found.statistic), float(found.p_value)) == pytest.approx(
        (expected.statistic, expected.pvalue), rel=1e-10
    )
    # Evidently takes the shares of the reference as known
    known = chi_squared([16, 16, 16, 16, 16, 8], [16, 18, 16, 14, 12, 12], exact_reference=True)
    assert float(known.p_value) == pytest.approx(0.67309, abs=5e-6)
    many = chi_squared([[3, 0, 5], [0, 0, 0], [4, 0, 0]], [3, 0, 9])
    assert (many.df[0], np.isnan(many.p_value[1])) == (1, True)
    assert np.isnan(chi_squared([3], [4]).p_value)


class Tabled(NamedTuple):
    """The reference's rows by bin, then those of each chunk."""

    counts: np.ndarray
    sums: np.ndarray
    missing: np.ndarray
    edges: np.ndarray


def tabled(
    reference: np.ndarray, chunks: list[np.ndarray], fine: int = 1_024, sample=None
) -> Tabled:
    bins, shift = (
        quantile_bins(reference if sample is None else sample, fine),
        float(np.median(reference)),
    )
    counts = np.zeros((len(chunks) + 1, bins.columns), np.int64)
    sums, extra = np.zeros((len(chunks) + 1, bins.columns - 1)), np.zeros((len(chunks) + 1, 3))
    for i, values in enumerate([reference, *chunks]):
        count_into(counts, sums, extra, bins, values, np.full(values.size, i, np.int32), shift)
    return Tabled(counts[:, :-1], sums, counts[:, -1], bins.edges - shift)


@pytest.mark.parametrize("fine", [8, 1_024])
@pytest.mark.parametrize("decimals", [1, 12])
def test_the_binned_distance_holds_the_exact_one(fine: int, decimals: int) -> None:
    rng = np.random.default_rng(3)
    reference = rng.gamma(2, 1, 20_000).round(decimals)
    chunks = [
        (rng.gamma(2, 1, 1_500) * scale + shift).round(decimals)
        for scale, shift in ((1, 0), (1, 0.3), (1.3, 0), (0.7, 0.6), (1, 9))
    ]
    table = tabled(reference, chunks, fine)
    found = wasserstein_of_bins(
        table.counts[1:], table.sums[1:], table.counts[0], table.sums[0], table.edges
    )
    exact = [stats.wasserstein_distance(reference, values) for values in chunks]
    assert (found.low <= np.array(exact) + 1e-9).all()
    assert (np.array(exact) <= found.high + 1e-9).all()
    if fine > 100:
        assert (found.high - found.low).max() < 0.008  # sd 1.4
    if decimals == 1 and fine > 100:  # a value a bin, but for the last ones
        np.testing.assert_allclose(found.value, exact, atol=0.001)
    # far from the reference nothing changes its sign
    assert found.high[4] - found.low[4] < 1e-9


def test_bins_that_a_sample_gave_hold_the_distance_of_values_beyond_their_ends() -> None:
    rng = np.random.default_rng(4)
    reference, chunk = rng.normal(size=5_000), rng.normal(0.1, 1.5, 2_000)
    table = tabled(reference, [chunk], sample=reference[:200])
    found = wasserstein_of_bins(
        table.counts[1:], table.sums[1:], table.counts[0], table.sums[0], table.edges
    )
    assert found.low[0] <= stats.wasserstein_distance(reference, chunk) <= found.high[0]
    empty = wasserstein_of_bins(
        table.counts[:1] * 0, table.sums[:1] * 0, table.counts[0], table.sums[0], table.edges
    )
    assert np.isnan(empty.value[0])


def test_kolmogorov_is_scipy_s_where_each_value_has_its_bin_and_near_it_otherwise() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 20, 900).astype(float), rng.integers(1, 20, 700).astype(float)
    table = tabled(a, [b])
    expected = stats.ks_2samp(a, b, method="asymp")
    found = float(kolmogorov(table.counts[1], table.counts[0]))
    assert found == pytest.approx(expected.statistic, rel=1e-10)
    x, y = rng.normal(size=4_000), rng.normal(0.1, 1, 3_000)
    table = tabled(x, [y])
    fine = float(kolmogorov(table.counts[1], table.counts[0]))
    assert fine <= stats.ks_2samp(x, y).statistic <= fine + 0.003


def test_coarse_bins_hold_a_tenth_each_and_every_row() -> None:
    rng = np.random.default_rng(8)
    reference, chunk = rng.normal(size=10_000), rng.normal(0.5, 1, 3_000)
    chunk[:30] = np.nan
    table = tabled(reference, [chunk])
    joined = coarse_bins(table.counts, table.missing, table.counts[0])
    assert joined.shape == (2, 13)
    assert joined.sum(axis=1).tolist() == [10_000, 3_000]
    assert joined[1, -1] == 30
    assert np.abs(joined[0, 1:-2] - 1_000).max() < 30
    edges = np.quantile(reference, np.linspace(0, 1, 11))
    plain = [np.histogram(values, edges)[0] for values in (reference, chunk)]
    np.testing.assert_allclose(joined[1, 1:-2], plain[1], atol=25)
    table = tabled(np.array([1.0, 1, 1, 2]), [])
    assert coarse_bins(table.counts, table.missing, table.counts[0]).sum() == 4
