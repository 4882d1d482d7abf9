"""Skewed, tied or repeated values get a verdict; what a refusal advises works on the same data."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer
from explorer import Metric
from explorer.app.cli import main

REVENUE = Metric("revenue", "mean", "revenue", goal="increase", primary=True)


def revenue(n_control, n_treatment, lift=1.0, sigma=1.5, seed=0):
    rng = np.random.default_rng(seed)
    arm = np.repeat(["A", "B"], [n_control, n_treatment])
    values = rng.lognormal(0, sigma, arm.size) * np.where(arm == "B", lift, 1.0)
    return pd.DataFrame(
        {"arm": arm, "revenue": values, "spent": np.where(rng.random(arm.size) < 0.3, values, 0.0)}
    )


def whole(frame, *metrics, **options):
    found = explorer.experiment(explorer.open_table(frame), "arm", "A", list(metrics), **options)
    return found if len(metrics) > 1 else found.cells[0]


def test_skewness_cancels_between_arms_of_equal_size():
    """Lognormal, σ 1.5: 397,639 units an arm were asked for where 2,000 keep the level."""
    frame = revenue(2_000, 2_000)
    cell = whole(frame, REVENUE)
    sides = (frame.revenue[frame.arm == arm] for arm in "BA")
    assert cell.verdict == "inconclusive"
    assert cell.method == "Welch's t-test"
    assert cell.p_value == pytest.approx(stats.ttest_ind(*sides, equal_var=False).pvalue, rel=1e-6)


def test_a_clear_gain_in_revenue_is_seen():
    cell = whole(revenue(5_000, 5_000, lift=1.6), REVENUE)
    assert (cell.verdict, cell.strength) == ("better", 2)


def test_arms_of_unequal_size_are_told_apart_by_permutation_and_say_so(tmp_path, capsys):
    frame = revenue(5_000, 500, lift=1.8)
    cell = whole(frame, REVENUE)
    assert cell.words == "better, strong evidence (permutation test)"
    assert cell.method.startswith("permutation test")
    assert 0 < cell.low < cell.difference < cell.high
    frame.to_parquet(tmp_path / "t.parquet")
    call = [
        "experiment",
        str(tmp_path / "t.parquet"),
        "--variant",
        "arm",
        "--control",
        "A",
        "--metric",
        "revenue=mean(revenue):increase:primary",
    ]
    assert main([*call, "--json", str(tmp_path / "found.json")]) == 0
    assert main(call) == 0
    assert (
        "revenue of B: permutation test (19,999 random reassignments of the arms"
        in capsys.readouterr().out
    )
    written = json.loads((tmp_path / "found.json").read_text())
    assert (written["cells"][0]["method"], written["cells"][0]["p_value"]) == (
        cell.method,
        cell.p_value,
    )


def test_the_page_names_the_test_in_the_table_and_beside_the_figures():
    from explorer.experiment.page.cards import cell_line
    from explorer.experiment.page.chosen_cell import ChosenCell, chosen_cell_card

    found = explorer.experiment(
        explorer.open_table(revenue(5_000, 500, lift=1.8)), "arm", "A", [REVENUE]
    )
    assert cell_line(found.cells[0], REVENUE)["kind"] == "mean, permutation test"
    card = chosen_cell_card(found, ChosenCell("revenue", "B", "", ""))
    assert card["method"].startswith(
        "permutation test (19,999 random reassignments of the arms, Welch's t of each): values "
        "too skewed for Student's t"
    )


def test_the_plain_test_would_be_wrong_there_and_the_verdict_is_not():
    """Of 200 metrics without a difference Welch's test finds far more than 5 % different.

    The permutation test does not.
    """
    values = np.random.default_rng(0).lognormal(0, 1.5, (200, 1_060))
    frame = pd.DataFrame(
        {f"m{i}": one for i, one in enumerate(values)} | {"arm": np.repeat(["A", "B"], [1_000, 60])}
    )
    found = whole(frame, *(Metric(f"m{i}", "mean", f"m{i}") for i in range(200)))
    plain = stats.ttest_ind(values[:, 1_000:], values[:, :1_000], axis=1, equal_var=False).pvalue
    assert stats.binomtest(int((plain <= 0.05).sum()), 200, 0.05, "greater").pvalue < 1e-4
    assert (
        stats.binomtest(sum(cell.p_value <= 0.05 for cell in found.cells), 200, 0.05).pvalue > 0.001
    )


def test_a_cap_and_a_median_are_judged_too():
    """What the refusal used to advise was refused as well."""
    frame = revenue(5_000, 500, lift=1.8)
    found = whole(
        frame,
        Metric("capped", "mean", "revenue", cap=30.0),
        Metric("median", "quantile", "revenue", quantile=0.5),
        Metric("median with zeros", "quantile", "spent", quantile=0.5),
    )
    verdicts = [cell.verdict for cell in found.cells]
    assert verdicts == ["changed", "changed", "inconclusive"]
    zeros = found.cells[2]
    assert (zeros.difference, zeros.low, zeros.high, zeros.p_value) == (0, 0, 0, 1)
    assert "values tie" in zeros.method


def test_the_median_of_tied_counts_has_an_interval_that_holds_it():
    """Whole numbers were refused: "values repeat at the quantile"."""
    rng = np.random.default_rng(0)
    counts = {
        "A": 1.678,
        "B": 3.0,
    }  # a median of A is 1 and 2 as nearly as can be: it is told from neither
    held, verdicts = 0, set()
    for _ in range(40):
        arm = np.repeat(["A", "B"], 400)
        frame = pd.DataFrame(
            {"arm": arm, "plays": rng.poisson([counts[one] for one in arm]).astype(float)}
        )
        cell = whole(
            frame, Metric("median plays", "quantile", "plays", quantile=0.5, goal="increase")
        )
        held += cell.low <= stats.poisson(3.0).median() - stats.poisson(1.678).median() <= cell.high
        verdicts.add(cell.verdict)
    assert held == 40
    assert verdicts <= {"better", "inconclusive"}
    assert "better" in verdicts


def test_a_quantile_of_rows_knows_that_rows_of_a_unit_are_alike():
    """No arm differs: with rows as units, half of the tables would be called different."""
    rng = np.random.default_rng(0)
    metric = Metric("p90", "quantile", "seconds", quantile=0.9, aggregate="rows")
    alone = units = 0
    for _ in range(60):
        unit = np.repeat(np.arange(200), rng.integers(1, 40, 200))
        seconds = np.exp(rng.normal(0, 1, 200)[unit] + rng.normal(0, 0.3, unit.size))
        frame = pd.DataFrame(
            {
                "arm": np.where(unit % 2, "B", "A"),
                "unit": unit,
                "row": np.arange(unit.size),
                "seconds": seconds,
            }
        )
        cell = whole(frame, metric, unit="unit")
        assert cell.control == pytest.approx(np.quantile(seconds[unit % 2 == 0], 0.9))
        assert cell.n_control == 100
        units += cell.strength > 0
        alone += whole(frame, metric, unit="row").strength > 0
    assert alone > 25
    assert units <= 9


def test_the_mean_of_zeros_is_zero():
    """It was written as -7e-17 where the other arm's values were far from 0."""
    frame = pd.DataFrame(
        {
            "arm": np.repeat(["A", "B"], 40_000),
            "fee": np.r_[np.full(40_000, 1 / 3), np.zeros(40_000)],
        }
    )
    assert whole(frame, Metric("fee", "mean", "fee")).treatment == 0.0


def test_what_is_refused_names_no_remedy_that_fails():
    frame = revenue(3_000, 300)
    frame["fee"] = 0.0
    frame.loc[[5, 70, 3_100], "fee"] = 40.0
    fee, paid = Metric("fee", "mean", "fee"), Metric("paid", "proportion", "paid")
    cell = whole(frame, fee)
    assert cell.words == (
        "too few units differ to compare means: 3,297 of 3,300 have the value 0; more "
        "units are needed"
    )
    more = pd.concat([frame] * 30, ignore_index=True)
    more["paid"] = more.fee > 0
    refused, share = whole(more, fee, paid).cells
    assert refused.words.endswith(
        "compare the share of units that have another one, as a proportion"
    )
    assert share.verdict == "changed"
