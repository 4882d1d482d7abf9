import numpy as np
import pytest
from scipy import stats
from scipy.special import digamma, polygamma

from explorer.stats.intervals.moderated import moderated_variances
from explorer.stats.monitoring.autocorrelation import (
    CANDIDATES,
    Autocorrelation,
    autocorrelation_weights,
)
from explorer.stats.monitoring.season_reference import season_reference, season_references


def lasting_noise(rng, phi: float, shape: tuple[int, int]) -> np.ndarray:
    noise = rng.standard_normal(shape)
    for t in range(1, shape[0]):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


def test_one_series_of_independent_chunks_has_the_t_prediction_interval() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(5, 2, (12, 1))
    found = season_reference(x, autocorrelation=Autocorrelation(0.0, np.zeros(1))).score(
        np.array([[9.0]]), np.zeros(1, int), np.ones((1, 1))
    )
    t = (9 - x.mean()) / (x.std(ddof=1) * np.sqrt(1 + 1 / 12))
    assert float(found.value[0, 0] / found.error[0, 0]) == pytest.approx(t, rel=1e-12)
    assert float(found.p_value[0, 0]) == pytest.approx(2 * stats.t.sf(t, 11), rel=1e-10)


def test_seasons_have_means_of_their_own_and_share_their_variance() -> None:
    rng = np.random.default_rng(1)
    season = np.arange(28) % 7
    x = rng.normal(size=(28, 1)) + 10 * season[:, None]
    ref = season_reference(x, season, autocorrelation=Autocorrelation(0.0, np.zeros(1)))
    means = [x[season == s].mean() for s in range(7)]
    np.testing.assert_allclose(ref.mean[:, 0], means)
    pooled = sum(((x[season == s] - means[s]) ** 2).sum() for s in range(7)) / 21
    assert ref.variance[0] == pytest.approx(pooled, rel=1e-12)
    found = ref.score(np.array([[30.0]]), np.array([3]), np.ones((1, 1)))
    assert float(found.error[0, 0]) == pytest.approx(np.sqrt(pooled * 1.25), rel=1e-12)
    assert float(found.df[0, 0]) == 21
    lacking = season_reference(x[season < 6], season[season < 6], seasons=7)
    assert np.isnan(lacking.score(x[6:7], np.array([6]), np.ones((1, 1))).p_value).all()


def test_the_variance_of_a_moving_mean_is_that_of_many_simulated_ones() -> None:
    rng = np.random.default_rng(2)
    phi, share, k, new, runs = 0.7, 0.6, 20, 15, 6_000
    x = np.sqrt(share) * lasting_noise(rng, phi, (k + new, runs)) + np.sqrt(
        1 - share
    ) * rng.standard_normal((k + new, runs))
    ref = season_reference(x[:k], autocorrelation=Autocorrelation(phi, np.full(runs, share)))
    ref = ref.__class__(ref.mean, ref.chunks, np.ones(runs), ref.df, ref.autocorrelation, ref.rows)
    found = ref.creep(x[k:], np.zeros(new, int), np.ones((new, runs)))
    # what lasts from the last reference chunks into the first new ones is not taken off
    assert found.value[-1].std() == pytest.approx(found.error[-1, 0], rel=0.06)


def test_a_mean_of_chunks_that_last_varies_as_simulated_and_its_variance_is_unbiased() -> None:
    rng = np.random.default_rng(3)
    x = lasting_noise(rng, 0.5, (15, 20_000))
    lasting = Autocorrelation(0.5, np.ones(20_000))
    assert x.mean(axis=0).var() * 15 == pytest.approx(
        lasting.of_mean(np.array([15.0]))[0], rel=0.03
    )
    off = x - x.mean(axis=0)
    assert (off**2).sum(axis=0).mean() / (
        15 - lasting.of_mean(np.array([15.0]))[0]
    ) == pytest.approx(1, rel=0.02)


def at_lag_1(weights: np.ndarray) -> np.ndarray:
    """The posterior mean of the correlation of chunks that follow each other, (m,)."""
    return np.array([decay * share for decay, share in CANDIDATES]) @ weights


@pytest.mark.parametrize(("phi", "share"), [(0.0, 0.0), (0.5, 0.97), (0.8, 0.97), (0.8, 0.7)])
def test_autocorrelation_is_found_from_few_chunks_of_many_series(phi: float, share: float) -> None:
    rng = np.random.default_rng(4)
    x = np.sqrt(share) * lasting_noise(rng, phi, (13, 400)) + np.sqrt(
        1 - share
    ) * rng.standard_normal((13, 400))
    found = autocorrelation_weights(x - x.mean(axis=0), np.zeros(13, int))
    np.testing.assert_allclose(found.sum(axis=0), 1.0)
    assert at_lag_1(found).mean() == pytest.approx(phi * share, abs=0.06)


def test_one_short_series_excludes_no_autocorrelation() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((13, 1))
    found = autocorrelation_weights(x - x.mean(axis=0), np.zeros(13, int))
    strong = [decay * share > 0.7 for decay, share in CANDIDATES]
    assert 0.001 < found[strong].sum() < 0.3


def test_series_that_move_together_tell_no_more_than_one() -> None:
    rng = np.random.default_rng(6)
    together = rng.standard_normal((13, 1)) + 0.01 * rng.standard_normal((13, 60))
    apart = rng.standard_normal((13, 60))
    none = [
        autocorrelation_weights(x - x.mean(axis=0), np.zeros(13, int))[0].mean()
        for x in (together, apart)
    ]
    assert none[0] < 0.7 < 0.85 < none[1]


def test_variances_are_drawn_towards_the_typical_one_as_smyth_has_it() -> None:
    rng = np.random.default_rng(5)
    true = 3.0 * 10 / rng.chisquare(10, 4_000)  # d₀ = 10, s₀² = 3
    own = true * rng.chisquare(6, 4_000) / 6
    found = moderated_variances(own, np.full(4_000, 6.0), keep_larger=False)
    assert found.df[0] == pytest.approx(16, rel=0.08)
    expected = (10 * 3 + 6 * own) / 16
    np.testing.assert_allclose(found.variance, expected, rtol=0.06)
    z = rng.normal(size=4_000) * np.sqrt(true)
    p = 2 * stats.t.sf(np.abs(z / np.sqrt(found.variance)), found.df)
    assert (p < 0.001).mean() == pytest.approx(0.001, abs=0.0016)


def test_equal_variances_are_worth_all_series_together() -> None:
    rng = np.random.default_rng(6)
    own = rng.chisquare(8, 50) / 8
    found = moderated_variances(own, np.full(50, 8.0), keep_larger=False)
    logs = np.log(own) - digamma(4) + np.log(4)
    if logs.var(ddof=1) <= polygamma(1, 4):
        np.testing.assert_allclose(found.variance, np.exp(logs.mean()))
        assert found.df[0] == 400
    safe = moderated_variances(own, np.full(50, 8.0))
    assert (safe.variance >= own).all()


def test_what_cannot_be_told_is_nan_and_few_series_stay_as_they_are() -> None:
    found = moderated_variances([1.0, np.nan, 0.0], 5.0)
    assert found.variance[0] == 1
    assert np.isnan(found.variance[1:]).all()
    one = season_reference(np.ones((1, 2)))
    assert np.isnan(one.score(np.ones((1, 2)), np.zeros(1, int), np.ones((1, 2))).p_value).all()
    constant = season_reference(np.full((9, 1), 0.0), rows=np.full((9, 1), 400.0), sampled=1.0)
    found = constant.score(np.array([[0.0], [0.3]]), np.zeros(2, int), np.full((2, 1), 400.0))
    assert float(found.error[0, 0]) == pytest.approx(np.sqrt(1 / 400 * (1 + 1 / 9)))
    assert found.p_value[1, 0] < 1e-3


def test_a_smaller_chunk_is_held_against_a_larger_error() -> None:
    rng = np.random.default_rng(7)
    ref = season_reference(rng.normal(size=(20, 5)), rows=np.full((20, 5), 1_000.0))
    rows = np.array([[1_000.0], [250.0], [4_000.0], [np.nan]]) * np.ones(5)
    found = ref.score(np.ones((4, 5)), np.zeros(4, int), rows)
    assert found.error[1, 0] > 1.9 * found.error[0, 0]
    assert found.error[2, 0] == found.error[0, 0]
    assert np.isnan(found.error[3]).all()


def test_a_gap_is_passed_over_and_an_empty_history_is_none() -> None:
    rng = np.random.default_rng(8)
    ref = season_reference(
        rng.normal(size=(20, 2)), autocorrelation=Autocorrelation(0.0, np.zeros(2))
    )
    x = rng.normal(size=(6, 2))
    whole = ref.creep(np.delete(x, 2, axis=0), np.zeros(5, int), np.ones((5, 2)))
    x[2] = np.nan
    gap = ref.creep(x, np.zeros(6, int), np.ones((6, 2)))
    np.testing.assert_allclose(np.delete(gap.value, 2, axis=0), whole.value)
    np.testing.assert_allclose(np.delete(gap.error, 2, axis=0), whole.error)
    assert np.isnan(gap.p_value[2]).all()


def test_series_steadier_than_chance_have_no_part_in_what_is_typical() -> None:
    rng = np.random.default_rng(6)
    own = stats.chi2(8).rvs(40, random_state=rng) / 8
    alone = moderated_variances(own, 8.0)
    steady = moderated_variances(np.append(own, [1e-4, 1e-6]), 8.0, least=1.0)
    np.testing.assert_array_equal(steady.variance[:40], alone.variance)
    np.testing.assert_array_equal(steady.df[:40], alone.df)
    assert np.isnan(steady.variance[40:]).all()
    # else hardly anything would be learnt from each other
    assert moderated_variances(np.append(own, [1e-4, 1e-6]), 8.0).df[0] < 0.2 * alone.df[0]


def test_one_series_of_another_kind_costs_the_others_nothing() -> None:
    rng = np.random.default_rng(7)
    own = rng.chisquare(8, 40) / 8
    alone, found = moderated_variances(own, 8.0), moderated_variances(np.append(own, 900.0), 8.0)
    np.testing.assert_allclose(found.variance[:40], alone.variance)
    np.testing.assert_allclose(found.df[:40], alone.df)
    assert (found.variance[40], found.df[40]) == (900.0, 8.0)


def test_series_that_differ_in_earnest_are_hardly_ever_taken_for_another_kind() -> None:
    rng = np.random.default_rng(8)
    runs = [
        moderated_variances(np.exp(rng.normal(0, 1.2, 50)) * rng.chisquare(12, 50) / 12, 12.0)
        for _ in range(200)
    ]
    assert np.mean([(one.df == 12.0).any() and one.df.max() > 12.0 for one in runs]) < 0.1


def test_many_wild_series_cost_the_calm_ones_nothing() -> None:
    rng = np.random.default_rng(9)
    calm, wild = rng.chisquare(12, 20) / 12, np.exp(rng.normal(6, 1, 19))
    alone, found = moderated_variances(calm, 12.0), moderated_variances(np.append(calm, wild), 12.0)
    np.testing.assert_allclose(found.variance[:20], alone.variance)
    np.testing.assert_allclose(found.df[:20], alone.df)
    np.testing.assert_array_equal(found.variance[20:], wild)
    np.testing.assert_array_equal(found.df[20:], 12.0)


def test_what_chance_makes_of_chunks_has_no_autocorrelation() -> None:
    rng = np.random.default_rng(10)
    rows = np.full((40, 60), 500.0)
    chance = rng.standard_normal((40, 60)) / np.sqrt(rows)
    chance[:, :30] += 0.2 * lasting_noise(rng, 0.8, (40, 30))
    found = season_references(chance, np.zeros(40, int), rows)
    assert np.median(at_lag_1(found.weights)[:30]) > 0.6
    assert np.median(at_lag_1(found.weights)[30:]) < 0.1
    # so a deviation is a surprise there that is none where chunks resemble the ones before
    p = found.score(
        np.full((1, 60), 5 / np.sqrt(500)), np.zeros(1, int), np.full((1, 60), 500.0)
    ).p_value[0]
    assert np.median(p[30:]) < 1e-3 < 0.1 < np.median(p[:30])


@pytest.mark.parametrize("phi", [0.5, 0.8])
def test_p_values_are_not_too_small_where_one_short_series_is_autocorrelated(phi: float) -> None:
    rng = np.random.default_rng(11)
    runs, small = 300, 0
    for _ in range(runs):
        x = lasting_noise(rng, phi, (14, 1))
        found = season_references(x[:13], np.zeros(13, int), np.ones((13, 1)), sampled=0.0)
        small += bool(found.score(x[13:], np.zeros(1, int), np.ones((1, 1))).p_value[0, 0] < 0.01)
    assert small <= 9  # 300 at .01: more than 9 in 1 case of 1,000
