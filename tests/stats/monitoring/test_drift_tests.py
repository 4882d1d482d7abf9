import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from explorer.stats.bins import count_into, quantile_bins
from explorer.stats.monitoring.autocorrelation import Autocorrelation
from explorer.stats.monitoring.distance_reference import distance_reference
from explorer.stats.monitoring.drift_alarms import AlarmRule
from explorer.stats.monitoring.drift_series import (
    SD_PER_JENSEN_SHANNON,
    level_series,
    number_series,
)
from explorer.stats.monitoring.drift_tests import run_drift_tests
from explorer.stats.ranking.rank_scores import rank_scores
from explorer.stats.testing.fdr import holm

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench_drift_rules.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_drift_rules", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = {"numbers": 6, "levels": 2, "rows": 300, "new": 20}


@pytest.mark.parametrize(
    "how", [{}, {"tau": 0.1, "phi": 0.6}, {"seasons": 7, "tau": 0.06, "phi": 0.4, "known": 28}]
)
def test_stable_years_have_no_alarm_but_by_chance(bench, how) -> None:
    """A small version of the benchmark, whose bar is .05 of 400 years of 50 features."""
    alarms = sum(bench.year(seed, **SMALL, **how).called.any() for seed in range(40))
    assert alarms <= 5  # 40 years at .05: more than 5 in 1 case of 70


def test_a_shift_of_a_fifth_of_an_sd_is_named_in_the_first_week(bench) -> None:
    found = [
        bench.year(seed, numbers=12, levels=4, new=1, moved=lambda t: 0.2 + 0 * t).called[0]
        for seed in range(12)
    ]
    assert sum(bool(called[0, 0]) for called in found) >= 11
    assert sum(bool(called[1:].any()) for called in found) <= 1


def test_creep_of_a_twentieth_a_month_is_found_within_four_months(bench) -> None:
    for seed in range(3):
        found = bench.year(seed, new=17, moved=lambda t: 0.05 * t / 4.35)
        assert found.called[:, 0, 1].any()
        assert found.effects[-1, 0, 1] > 0.05


def test_three_standard_deviations_alarm_in_stable_years(bench) -> None:
    _, _, distance, reference = bench.year(0, numbers=20, levels=0)
    mean, sd = distance[reference].mean(axis=0), distance[reference].std(axis=0, ddof=1)
    assert (distance[~reference] > mean + 3 * sd).any()


def tabled(sample, values, chunk):
    """Counts, sums and edges by chunk, and missing values."""
    bins, chunks = quantile_bins(sample), int(chunk.max()) + 1
    counts, sums = np.zeros((chunks, bins.columns), np.int64), np.zeros((chunks, bins.columns - 1))
    count_into(counts, sums, np.zeros((chunks, 3)), bins, values, chunk.astype(np.int32), 0.0)
    return counts[:, :-1], sums, bins.edges, counts[:, -1]


def watched(change, kind="number", n=800, known=13):
    """Eight quiet features and one in which something happens in chunk 13."""
    rng = np.random.default_rng(0)
    chunks, series = known + 2, []
    reference = np.arange(chunks) < known
    missing, season = np.full((chunks, 9), 5), np.zeros(chunks, int)
    for j in range(9):
        values = rng.normal(size=(chunks, n))
        if j == 0:
            values = change(values, known)
        if j == 0 and kind == "levels":
            levels = int(values.max()) + 1
            counts = np.stack([np.bincount(row.astype(int), minlength=levels) for row in values])
            series.append(level_series(counts, reference, season))
            continue
        first = values[:known].ravel()
        *counted, gone = tabled(first, values.ravel(), np.repeat(np.arange(chunks), n))
        missing[:, j] += gone
        series.append(number_series(*counted, reference, season, float(np.nanstd(first))))
    return run_drift_tests(series, missing, reference)


def test_a_feature_that_was_constant_and_comes_alive_is_called_without_dividing_by_zero() -> None:
    def alive(values, at):
        values[:] = 3.0
        values[at] = np.random.default_rng(1).normal(3, 1, values.shape[1])
        return values

    found = watched(alive)
    assert found.called[0, 0, 0]
    assert found.effects[0, 0, 0] == np.inf
    assert not found.called[1].any()
    assert found.effects[1, 0, 0] == 0


def test_values_that_go_missing_are_called_by_their_rate() -> None:
    def gone(values, at):
        values[at, :60] = np.nan
        return values

    found = watched(gone)
    assert found.called[0, 0].tolist() == [False, False, True]
    assert found.effects[0, 0, 2] > 0.3


def test_a_wider_distribution_of_the_same_mean_is_called_by_its_distance() -> None:
    def wider(values, at):
        values[at] *= 1.4
        return values

    found = watched(wider)
    assert found.called[0, 0, 0]
    assert not found.called[0, 0, 1]
    assert found.effects[0, 0, 0] == pytest.approx(0.4 * np.sqrt(2 / np.pi), abs=0.08)


def test_a_new_level_and_a_shift_between_levels_are_called() -> None:
    def levels(values, at):
        values = (values > 0).astype(float)
        values[at, :60] = 2
        return values

    found = watched(levels, "levels")
    assert found.called[0, 0, 0]
    assert not found.called[1, 0, 0]  # though the moving mean remembers
    assert not found.called[:, 1:].any()


def test_a_chunk_without_rows_or_with_one_has_no_alarm() -> None:
    rng = np.random.default_rng(2)
    sizes = [500] * 12 + [1, 0, 500]
    chunk = np.repeat(np.arange(15), sizes)
    reference, season = np.arange(15) < 12, np.zeros(15, int)
    series = []
    for _ in range(4):
        values = rng.normal(size=chunk.size)
        values[chunk == 12] = 2.5
        series.append(
            number_series(*tabled(values[chunk < 12], values, chunk)[:3], reference, season, 1.0)
        )
    found = run_drift_tests(series, np.zeros((15, 4), int), reference)
    assert not found.called.any()
    assert np.isnan(found.p_values[1]).all()
    assert np.isfinite(found.p_values[2]).all()


def test_a_season_without_a_reference_chunk_is_not_tested() -> None:
    rng = np.random.default_rng(3)
    chunks, season = 15, np.arange(15) % 3
    reference = (np.arange(15) < 12) & (season != 2)
    *counted, _ = tabled(
        rng.normal(size=1_000), rng.normal(size=chunks * 400), np.repeat(np.arange(chunks), 400)
    )
    found = run_drift_tests(
        [number_series(*counted, reference, season, 1.0)] * 3,
        np.zeros((chunks, 3), int),
        reference,
        season,
    )
    new = season[~reference]
    assert np.isnan(found.p_values[new == 2, :, 0]).all()
    assert np.isfinite(found.p_values[new != 2, :, 0]).all()
    assert not found.called.any()


def test_alpha_is_spent_once_however_long_the_watch() -> None:
    rule = AlarmRule()
    t = np.arange(1, 2_000_000)
    assert rule.level(t).sum() == pytest.approx(0.05, rel=1e-3)
    assert rule.level(t).sum() < 0.05
    assert rule.level(t[:52]).sum() == pytest.approx(0.04)
    assert rule.level(53) == pytest.approx(rule.level(52) / 4, rel=0.02)


def test_a_chunk_is_judged_by_holm_with_the_floor_and_without_tests_that_were_not_made() -> None:
    rng = np.random.default_rng(4)
    p = rng.random((5, 12)) ** 6
    p[1, 3:6] = np.nan
    p[4] = np.nan
    rule = AlarmRule()
    for row, found in zip(p, rule.adjusted(p), strict=True):
        np.testing.assert_allclose(found, holm(row), rtol=1e-12)
    called = rule.called(p * 1e-6, np.where(np.arange(12) % 2, 0.2, 0.01) * np.ones((5, 1)))
    assert not called[:, ::2].any()
    assert called[0, 1::2].all()
    assert not called[4].any()
    assert not AlarmRule(floor=0.3).called(p * 1e-6, np.full((5, 12), 0.2)).any()


@pytest.mark.parametrize("kind", ["continuous", "two values", "whole"])
def test_what_a_row_does_by_chance_is_what_simulated_rows_do(kind: str) -> None:
    rng = np.random.default_rng(5)
    reference = {
        "continuous": np.full(200, 50),
        "two values": np.array([3_000, 7_000]),
        "whole": np.array([2_000, 500, 4_000, 3_500]),
    }[kind]
    scores = rank_scores(reference)
    drawn = rng.multinomial(3_000, reference / reference.sum(), 4_000)
    chance = scores.by_chance()
    distance = scores.distances(drawn, reference)
    assert scores.means(drawn).var() * 3_000 == pytest.approx(chance.variance, rel=0.07)
    assert (distance**2).mean() * 3_000 == pytest.approx(chance.squared_distance, rel=0.07)
    if kind == "two values":
        assert chance.squared_distance == pytest.approx(chance.variance, rel=1e-9)
    # the tail of the distance is that of the mean
    z = np.sqrt(3_000 * distance**2 / chance.variance)
    assert (z > norm.isf(0.0025)).mean() == pytest.approx(0.006, abs=0.005)
    assert (distance >= np.abs(scores.means(drawn) - scores.means(reference)) - 1e-12).all()


def test_scores_are_normal_quantiles_and_values_beyond_the_reference_are_bounded() -> None:
    scores = rank_scores(np.array([0, 10, 10, 0])).scores
    np.testing.assert_allclose(scores, norm.ppf([0.025, 0.25, 0.75, 0.975]))
    assert np.isnan(rank_scores(np.zeros(3, int)).by_chance().variance)


@pytest.mark.parametrize("parts", [1.0, 6.0])
def test_distances_by_chance_alone_are_called_as_often_as_said(parts: float) -> None:
    rng = np.random.default_rng(6)
    none, k, m = Autocorrelation(0.0, np.zeros(400)), 15, 400
    drawn = np.sqrt(rng.chisquare(parts, (k + 60, m)) / 1_000)
    rows = np.full((k + 60, m), 1_000.0)
    # held against others without an error of their own: a season of very many chunks
    reference = distance_reference(
        drawn[:k], none, rows[:k], parts * np.ones(m) / (1 + 1 / (k - 1)), parts=parts
    )
    p = reference.p_value(drawn[k:], rows[k:])
    assert (p < 0.01).mean() < 0.012
    assert (p < 0.01).mean() > 0.001
    limit = reference.limit(0.01, rows[k:])
    np.testing.assert_array_equal(p < 0.01, drawn[k:] > limit)
    assert reference.p_value(limit[:1], rows[:1])[0] == pytest.approx(np.full(m, 0.01), rel=1e-6)


def test_a_small_shift_moves_jensen_shannon_by_what_the_scale_says() -> None:
    edges = np.linspace(-6, 6, 400)
    a, b = (np.diff(norm.cdf(edges, shift)) * 1e9 for shift in (0.0, 0.1))
    series = level_series(
        np.stack([a, b]).astype(np.int64), np.array([True, False]), np.zeros(2, int)
    )
    assert series.effect[1] == pytest.approx(0.1, rel=0.01)
    assert pytest.approx(2.3548, abs=1e-4) == SD_PER_JENSEN_SHANNON


def test_features_that_every_chunk_has_alike_take_no_power_from_the_others() -> None:
    rng = np.random.default_rng(7)
    chunks, n = 14, 800
    reference, season = np.arange(chunks) < 13, np.zeros(chunks, int)
    chunk, series = np.repeat(np.arange(chunks), n), []
    for j in range(12):
        values = (
            rng.normal(size=(chunks, n))
            if j < 8
            else np.tile(np.arange(n) % (j + 2.0), (chunks, 1))
        )
        values[13] += 0.5 * (j in (0, 11))
        *counted, _ = tabled(values[:13].ravel(), values.ravel(), chunk)
        series.append(number_series(*counted, reference, season, float(values[:13].std())))
    found = run_drift_tests(series, np.full((chunks, 12), 5), reference)
    assert np.flatnonzero(found.called[0].any(axis=1)).tolist() == [0, 11]
