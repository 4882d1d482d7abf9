import math

import numpy as np
import pytest
from scipy import stats

from explorer.compare.group_figures import level_figures, missing_figures, number_figures
from explorer.profile.counting.tally import tally_of_values


@pytest.mark.parametrize(
    ("shift", "auc", "delta", "ks"),
    [
        (0.2, 0.55623, 0.11246, 0.07966),
        (0.5, 0.63816, 0.27633, 0.19741),
        (0.8, 0.71420, 0.42839, 0.31084),
    ],
)
def test_two_normal_distributions_give_the_closed_forms(shift, auc, delta, ks):
    rng = np.random.default_rng(0)
    n = 200_000
    found = number_figures(tally_of_values(rng.normal(shift, 1, n), rng.normal(0, 1, n)), 0.05)
    assert found["auc"] == pytest.approx(auc, abs=0.004)
    assert found["cliffs_delta"] == pytest.approx(delta, abs=0.008)
    assert found["ks"] == pytest.approx(ks, abs=0.006)
    assert found["wasserstein"] == pytest.approx(shift, abs=0.01)
    assert found["standardized_difference"] == pytest.approx(shift, abs=0.01)
    for name, value in (
        ("auc", auc),
        ("cliffs", delta),
        ("ks", ks),
        ("wasserstein", shift),
        ("standardized", shift),
    ):
        assert found[f"{name}_low"] < value < found[f"{name}_high"], name


def test_the_example_of_scipy_s_mann_whitney_u():
    males, females = np.array([19.0, 22, 16, 29, 24]), np.array([20.0, 11, 17, 12])
    found = number_figures(tally_of_values(males, females), 0.0)
    assert found["auc"] * 20 == pytest.approx(17)
    assert found["cliffs_delta"] == pytest.approx(0.7)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """δ = .27633, d = W/sd = .5, D = .19741 of normal distributions .5 apart; D's band is wide."""
    rng = np.random.default_rng(1)
    truth = {"cliffs": 0.27633, "standardized": 0.5, "wasserstein": 0.5, "ks": 0.19741}
    inside = dict.fromkeys(truth, 0)
    for _ in range(400):
        found = number_figures(
            tally_of_values(rng.normal(0.5, 1, 300), rng.normal(0, 1, 500)), 0.05
        )
        for name, value in truth.items():
            inside[name] += found[f"{name}_low"] <= value <= found[f"{name}_high"]
    for name in ("cliffs", "standardized", "wasserstein"):
        assert 0.92 < inside[name] / 400 < 0.99, name
    assert inside["ks"] / 400 > 0.97


def test_the_error_of_a_standardised_difference_is_bonetts_for_normal_groups():
    """Bonett 2008, equation 10, deviations not pooled; the delta method agrees for many rows."""
    rng = np.random.default_rng(8)
    a, b = rng.normal(2, 3, 100_000), rng.normal(0, 1, 30_000)
    found = number_figures(tally_of_values(a, b), 0.05)
    v_a, v_b = a.var(ddof=1), b.var(ddof=1)
    s2 = (v_a + v_b) / 2
    d = (a.mean() - b.mean()) / math.sqrt(s2)
    variance = (
        d**2 * (v_a**2 / 99_999 + v_b**2 / 29_999) / (8 * s2**2)
        + (v_a / 99_999 + v_b / 29_999) / s2
    )
    half = stats.norm.ppf(0.975) * math.sqrt(variance)
    assert found["standardized_difference"] == pytest.approx(d)
    assert found["standardized_high"] - d == pytest.approx(half, rel=0.01)


def test_two_samples_of_one_distribution_may_be_no_distance_apart():
    rng = np.random.default_rng(9)
    found = [
        number_figures(tally_of_values(rng.normal(size=60), rng.normal(size=90)), 0.05)
        for _ in range(300)
    ]
    assert np.mean([one["wasserstein_low"] == 0 for one in found]) > 0.93


def test_infinite_values_are_ranked_and_counted_and_have_no_mean():
    found = number_figures(
        tally_of_values(np.array([1.0, 2.0, np.inf]), np.array([0.0, 1.0, -np.inf])), 0.05
    )
    assert (found["infinite_a"], found["infinite_b"]) == (1, 1)
    assert (found["mean_a"], found["mean_b"]) == (1.5, 0.5)
    assert found["auc"] == pytest.approx((3 + 2.5 + 3) / 9)
    assert math.isfinite(found["wasserstein"])


@pytest.mark.parametrize(
    ("a", "b"), [([], [1.0, 2.0]), ([1.0], []), ([3.0, 3.0], [3.0, 3.0, 3.0]), ([1.0], [2.0])]
)
def test_hardly_any_rows_give_no_false_figures(a, b):
    found = number_figures(tally_of_values(np.array(a), np.array(b)), 0.05)
    assert (found["n_a"], found["n_b"]) == (len(a), len(b))
    if a and b:
        p_value = found["p_value"]
        assert math.isnan(p_value) or p_value > 0.05
        assert "standardized_difference" not in found
        assert found["effect_low"] == 0


@pytest.mark.parametrize(("share", "n"), [(0.5, 3), (0.9, 5), (0.97, 20)])
def test_a_group_without_spread_may_still_be_wrong(share, n):
    """n rows that all say yes: as often as the interval says, the truth is in it."""
    rng = np.random.default_rng(0)
    held = false_findings = 0
    for _ in range(300):
        yes, others = rng.random(n) < share, rng.random(500) < 0.5
        found = number_figures(tally_of_values(yes.astype(float), others.astype(float)), 0.05)
        held += found["cliffs_low"] <= share - 0.5 <= found["cliffs_high"]
        false_findings += share == 0.5 and found["p_value"] <= 0.05
    assert held >= 0.93 * 300
    assert false_findings <= 0.05 * 300


def test_categories_are_scipy_s_chi_squared_and_bergsma_s_v():
    found = level_figures(np.array([200, 800]), np.array([400, 600]), ["x", "y"], 0.0)
    assert found["cramers_v"] == pytest.approx(0.21, abs=0.01)
    assert found["p_value"] == pytest.approx(
        stats.chi2_contingency([[200, 800], [400, 600]], correction=False).pvalue, rel=1e-9
    )
    table = np.array([[200, 800], [400, 600]])
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0) / table.sum()
    scale = np.sqrt(
        expected
        * (1 - table.sum(axis=1) / table.sum())[:, None]
        * (1 - table.sum(axis=0) / table.sum())
    )
    residuals = {share.level: share.residual for share in found["levels"]}
    assert residuals == pytest.approx(dict(zip("xy", ((table - expected) / scale)[0], strict=True)))


def test_a_margin_of_v_is_exceeded_by_chance_as_often_as_said():
    rng = np.random.default_rng(2)
    # two equal groups whose share of a level differs by 2 · .05 · √(.5 · .5): V = .05
    p_values = [
        level_figures(np.array([x, 4_000 - x]), np.array([y, 4_000 - y]), ["x", "y"], 0.05)[
            "p_value"
        ]
        for x, y in zip(
            rng.binomial(4_000, 0.525, 600), rng.binomial(4_000, 0.475, 600), strict=True
        )
    ]
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.025)


def test_levels_with_a_row_each_are_no_difference():
    rng = np.random.default_rng(3)
    a = (rng.random(5_000) < 0.3).astype(np.int64)
    found = level_figures(a, 1 - a, [str(i) for i in range(5_000)], 0.05)
    assert "cramers_v" not in found
    assert len(found["levels"]) == 30
    twice = np.repeat(a, 2)[rng.permutation(10_000)].reshape(5_000, 2).sum(axis=1)
    found = level_figures(twice, 2 - twice, [str(i) for i in range(5_000)], 0.05)
    assert found["effect_low"] < 0.05
    assert found["p_value"] > 0.05


def test_missing_cells_are_an_effect_of_their_own():
    assert missing_figures(0, 100, 0, 50, 0.05) == {"missing_a": 0, "missing_b": 0}
    found = missing_figures(56, 70, 48, 80, 0.05)
    assert found["missing_difference"] == pytest.approx(0.2)
    assert (found["missing_low"], found["missing_high"]) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )
    assert 0.01 < found["missing_p"] < 0.1
