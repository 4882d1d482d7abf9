from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from explorer.stats.contributions import ratio_contributions
from explorer.stats.intervals.proportions import wilson_intervals
from explorer.stats.monitoring.beta_binomial import shrunk_rates
from explorer.stats.ranking.propensity import (
    doubly_robust,
    item_values,
    policy_value,
    policy_weights,
)
from explorer.stats.weighted_sums import weighted_sums

BANDIT = Path(__file__).parents[3] / "data" / "open_bandit.parquet"


def log_of(campaign: str, policy: str):
    table = pq.read_table(BANDIT).to_pandas()
    return table[(table.campaign == campaign) & (table.policy == policy)]


def test_the_uniform_policy_from_the_log_of_thompson_sampling_is_known_and_not_to_be_trusted() -> (
    None
):
    log = log_of("men", "bts")
    found = policy_value(log.click.to_numpy(), log.propensity_score.to_numpy(), 1 / 34)
    assert float(found.snips.value[0]) == pytest.approx(0.00319, abs=5e-6)
    assert found.effective[0] == pytest.approx(656, abs=0.5)
    assert found.largest[0] == pytest.approx(178, abs=0.5)
    assert found.n[0] == 10_000
    weight = 1 / 34 / log.propensity_score.to_numpy()
    assert found.carrying[0] == pytest.approx((weight**2).sum() ** 2 / (weight**4).sum())
    assert found.largest_square[0] == pytest.approx(178.253**2 / (weight**2).sum(), rel=1e-5)
    assert not found.sure_enough[0]  # the error rests on 14 rows
    for low, high in (found.snips_interval(), found.ips_interval()):
        assert 0 < low[0] < 0.0046 < high[0] < 1  # what the policy random had
    women = log_of("women", "bts")
    lost = policy_value(women.click.to_numpy(), women.propensity_score.to_numpy(), 1 / 46)
    assert lost.largest_share[0] == pytest.approx(0.69, abs=0.005)
    assert not lost.sure_enough[0]
    one = policy_value(log.click.to_numpy(), log.propensity_score.to_numpy(), 1 / 34, clip=5.0)
    assert one.largest[0] == 5
    assert one.clipped > 100
    assert 0 < one.clipped_share < 1


def logged(n: int = 4_000, seed: int = 0) -> dict[str, np.ndarray]:
    """Five items shown by context with known probabilities, more often where they earn more."""
    rng = np.random.default_rng(seed)
    context = rng.integers(0, 3, n)
    shown = (
        rng.dirichlet(np.ones(5) * 3, 3)
        if seed < 0
        else np.random.default_rng(99).dirichlet(np.ones(5) * 3, 3)
    )
    rate = np.random.default_rng(98).uniform(0.1, 0.6, (3, 5))
    item = (rng.random(n)[:, None] > np.cumsum(shown[context], axis=1)).sum(axis=1).clip(0, 4)
    return {
        "item": item,
        "context": context,
        "reward": (rng.random(n) < rate[context, item]).astype(int),
        "propensity": shown[context, item],
        "rate": rate,
    }


@pytest.mark.parametrize("which", ["ips", "snips"])
def test_intervals_of_a_target_policy_hold_its_value(which: str) -> None:
    covered, target = [], np.array([0.1, 0.4, 0.1, 0.1, 0.3])
    for seed in range(300):
        log = logged(800, seed)
        estimate = getattr(
            policy_value(log["reward"], log["propensity"], target[log["item"]]), which
        )
        low, high = estimate.interval()
        truth = (log["rate"] @ target).mean()
        covered.append(low[0] <= truth <= high[0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(("rate", "spread"), [(0.02, 1.0), (0.02, 1.5), (0.3, 1.5)])
def test_intervals_of_a_rate_cover_where_few_weights_are_large_and_lie_within_what_a_rate_can_be(
    rate: float, spread: float
) -> None:
    covered = np.zeros((2, 300))
    for seed in range(300):
        rng = np.random.default_rng(seed)
        shown = 1 / (1 + np.exp(2 - spread * rng.normal(size=1_000)))
        there = rng.random(1_000) < shown
        log = (rng.random(1_000) < rate).astype(int), shown, there
        found = policy_value(*log)
        for which, (low, high) in enumerate((found.snips_interval(), found.ips_interval())):
            assert 0 <= low[0] <= high[0] <= max(1, found.ips.value[0])
            covered[which, seed] = low[0] <= rate <= high[0]
    assert (covered.mean(axis=1) > 0.93).all()


def test_intervals_of_rates_of_equal_weights_are_those_of_counts() -> None:
    reward = np.repeat([1, 0], [12, 988])
    found = policy_value(reward, np.full(1_000, 0.5), 0.5)
    low, high = found.snips_interval()
    assert (low[0], high[0]) == pytest.approx(
        np.array(wilson_intervals(12, 1_000)), rel=4e-3
    )  # Student's t of 999 degrees of freedom
    low, high = found.ips_interval()
    poisson = stats.chi2.ppf(0.025, 24) / 2_000, stats.chi2.ppf(0.975, 26) / 2_000  # Garwood 1936
    assert (low[0], high[0]) == pytest.approx(poisson)
    none = policy_value(np.zeros(1_000, int), np.full(1_000, 0.5), 0.5)
    assert none.snips_interval()[0][0] == none.ips_interval()[0][0] == 0
    assert none.ips_interval()[1][0] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2_000)


def test_errors_are_those_of_a_mean_and_of_the_delta_method() -> None:
    log = logged()
    weight = policy_weights(log["propensity"], 0.2)
    found = policy_value(log["reward"], log["propensity"], 0.2)
    assert float(found.ips.error[0]) == pytest.approx(stats.sem(weight * log["reward"]), rel=1e-9)
    ratio = ratio_contributions(weight * log["reward"], weight).estimate()
    assert (float(found.snips.value[0]), float(found.snips.error[0])) == pytest.approx(
        (float(ratio.value), float(ratio.error)), rel=1e-9
    )
    assert found.effective[0] == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), rel=1e-12)


def test_units_count_once_and_slices_are_those_alone() -> None:
    log, rng = logged(600), np.random.default_rng(1)
    unit, cell = rng.integers(0, 150, 600) * 2, rng.integers(-1, 3, 600)
    found = policy_value(log["reward"], log["propensity"], 0.2, cell, 3, unit)
    for c in range(3):
        rows = cell == c
        weight = 0.2 / log["propensity"][rows]
        ratio = ratio_contributions(weight * log["reward"][rows], weight).estimate(unit[rows])
        assert float(found.snips.error[c]) == pytest.approx(float(ratio.error), rel=1e-9)
        mean = ratio_contributions(weight * log["reward"][rows], np.ones(rows.sum())).estimate(
            unit[rows]
        )
        assert (float(found.ips.value[c]), float(found.ips.error[c])) == pytest.approx(
            (float(mean.value), float(mean.error)), rel=1e-9
        )
        assert found.units[c] == len(np.unique(unit[rows]))
    copies = np.repeat(np.arange(600), 3)
    copied = policy_value(log["reward"][copies], log["propensity"][copies], 0.2, unit=copies)
    plain = policy_value(log["reward"], log["propensity"], 0.2)
    assert float(copied.snips.error[0]) == pytest.approx(float(plain.snips.error[0]), rel=1e-9)


@pytest.mark.parametrize("units", [False, True])
def test_an_item_s_value_is_that_of_the_policy_that_always_shows_it(units: bool) -> None:
    log = logged()
    unit = np.arange(4_000) // 4 if units else None
    found = item_values(log["reward"], log["propensity"], log["item"], 5, unit)
    for i in range(5):
        alone = policy_value(log["reward"], log["propensity"], log["item"] == i, unit=unit)
        for mine, theirs in ((found.ips, alone.ips), (found.snips, alone.snips)):
            assert float(mine.value[i]) == pytest.approx(float(theirs.value[0]), rel=1e-9)
            assert float(mine.error[i]) == pytest.approx(float(theirs.error[0]), rel=2e-3)
        assert float(found.ips.error[i]) == pytest.approx(float(alone.ips.error[0]), rel=1e-9)
        low, high = found.snips.interval(0.999)
        assert low[i] < log["rate"][:, i].mean() < high[i]


def test_doubly_robust_is_right_with_a_right_model_and_wrong_propensities_or_the_other_way() -> (
    None
):
    log, target = logged(40_000), np.array([0.1, 0.4, 0.1, 0.1, 0.3])
    model = log["rate"][log["context"]]
    truth = (log["rate"] @ target).mean()
    under, own = model @ target, model[np.arange(40_000), log["item"]]
    right = policy_weights(log["propensity"], target[log["item"]])
    for weight, expected, whole in (
        (right, own, under),
        (np.ones(40_000), own, under),
        (right, np.full(40_000, 0.9), np.full(40_000, 0.9)),
    ):
        found = doubly_robust(log["reward"], weight, expected, whole)
        assert float(found.value) == pytest.approx(truth, abs=4 * float(found.error))
    best, plain = (
        doubly_robust(log["reward"], right, own, under),
        policy_value(log["reward"], log["propensity"], target[log["item"]]),
    )
    assert float(best.error) < float(plain.ips.error[0])


def test_rows_that_contradict_their_log_are_counted_and_left_out() -> None:
    found = policy_value(np.array([1, 0, 1, 1, 0]), np.array([0.5, 0.5, 0.0, np.nan, 1.5]), 0.5)
    assert (found.unusable, found.n[0], float(found.ips.value[0])) == (3, 2, 0.5)
    none = policy_value(np.empty(0), np.empty(0), 0.5)
    assert np.isnan([none.ips.value[0], none.snips.value[0], none.snips.error[0]]).all()
    assert none.effective[0] == 0
    assert not none.sure_enough[0]


def test_sums_of_units_are_those_of_a_double_loop() -> None:
    rng = np.random.default_rng(2)
    y, w, cell, unit = (
        rng.random(200),
        rng.gamma(2, 1, 200),
        rng.integers(0, 3, 200),
        rng.integers(0, 20, 200),
    )
    found = weighted_sums(y, w, cell, 3, unit)
    for c in range(3):
        a = np.array([w[(cell == c) & (unit == u)].sum() for u in range(20)])
        b = np.array([(w * y)[(cell == c) & (unit == u)].sum() for u in range(20)])
        n = np.array([((cell == c) & (unit == u)).sum() for u in range(20)])
        expected = [a @ a, a @ b, b @ b, n @ n, b @ n, (a**4).sum(), a.max()]
        names = ("ww_u", "wy_w_u", "wy_wy_u", "n_n_u", "wy_n_u", "w4_u", "largest_u")
        mine = [getattr(found, name)[c] for name in names]
        np.testing.assert_allclose(mine, expected, rtol=1e-12)


def test_no_hit_in_294_has_its_known_bound() -> None:
    assert wilson_intervals(0, 294)[1] == pytest.approx(0.0129, abs=5e-5)


def test_moments_find_the_beta_distribution_that_rates_were_drawn_from() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(5, 400, 4_000)
    rate = rng.beta(2, 38, 4_000)
    hits = rng.binomial(n, rate)
    found = shrunk_rates(hits, n)
    assert found.rate == pytest.approx(0.05, rel=0.05)
    assert found.rows == pytest.approx(40, rel=0.1)
    assert ((found.low <= rate) & (rate <= found.high)).mean() == pytest.approx(0.95, abs=0.01)
    assert ((found.value - rate) ** 2).mean() < 0.6 * ((hits / n - rate) ** 2).mean()


def test_the_posterior_is_scipy_s_beta_distribution() -> None:
    found = shrunk_rates([0, 3, 40, 0], [20, 10, 100, 0])
    a, b = found.rate * found.rows, (1 - found.rate) * found.rows
    posterior = stats.beta(a + np.array([0, 3, 40, 0]), b + np.array([20, 7, 60, 0]))
    np.testing.assert_allclose(found.value, posterior.mean(), rtol=1e-10)
    np.testing.assert_allclose(
        [found.low, found.high], [posterior.ppf(0.025), posterior.ppf(0.975)], rtol=1e-8
    )


def test_items_that_differ_by_chance_alone_share_one_rate() -> None:
    found = shrunk_rates([10, 10, 10], [100, 100, 100])
    assert found.rows == np.inf
    assert found.value.tolist() == pytest.approx([0.1] * 3)
    assert (found.low < 0.1).all()
    assert (found.high > 0.1).all()
    assert np.isnan(shrunk_rates([0, 0], [0, 0]).value).all()
    assert shrunk_rates([0, 0], [5, 9]).value.tolist() == [0, 0]
