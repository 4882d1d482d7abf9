import json
from dataclasses import replace

import pytest

from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.compute import experiment
from explorer.experiment.page.cards import cell_line, metric_of, result_card


def test_there_is_a_line_for_each_metric_and_arm(trial):
    card = result_card(trial)
    assert [(row["metric"], row["arm"]) for row in card["rows"]] == [
        (name, "new") for name in card["metrics"]
    ]
    assert (card["control"], card["by"], card["timed"], card["noise"]) == (
        "control",
        ["place", "age"],
        True,
        {},
    )
    json.dumps(card, allow_nan=False)


def test_a_verdict_is_a_colour_a_glyph_and_words(trial, trial_frame):
    minutes = result_card(trial)["rows"][1]
    assert (minutes["verdict"]["glyph"], minutes["verdict"]["short"]) == ("▲▲", "better")
    assert minutes["verdict"]["colour"] == PALETTE["better", 2].colour
    means = trial_frame.groupby("arm")["minutes"].mean()
    assert float(minutes["difference"]) == pytest.approx(means["new"] - means["control"], abs=0.01)


def test_a_difference_of_a_metric_without_a_goal_is_changed_not_good_or_bad(trial):
    assert result_card(trial)["rows"][2]["arrow"] == ""
    assert result_card(trial)["rows"][2]["verdict"]["short"] in ("changed", "inconclusive")


def test_the_ledger_adds_up_to_its_families(trial):
    card = result_card(trial)
    assert sum(int(one["tests"].replace(",", "")) for one in card["families"]) == sum(
        f.tests for f in trial.families
    )
    assert f"coloured: {sum(int(one['shown']) for one in card['families'])}" in card["ledger"]
    assert {one["name"] for one in card["families"]} >= {
        "primary",
        "metrics",
        "click rate · new · place",
    }


def test_an_experiment_without_an_allocation_says_that_nothing_was_checked(trial_table):
    found = experiment(trial_table, "arm", "control", ["minutes=mean(minutes)"])
    gates = result_card(found)["gates"]
    assert (gates["checked"], gates["mismatch"], gates["trusted"]) == (False, False, True)
    assert "SRM not checked" in gates["words"]


def test_a_mismatch_hatches_every_verdict_and_leaves_the_effects_in_sight(trial_table):
    found = experiment(
        trial_table, "arm", "control", ["minutes=mean(minutes)"], {"control": 3, "new": 1}
    )
    card = result_card(found)
    assert (card["gates"]["mismatch"], card["gates"]["trusted"]) == (True, False)
    [row] = card["rows"]
    assert (row["verdict"]["short"], row["verdict"]["hatched"], row["verdict"]["glyph"]) == (
        "untrusted",
        True,
        "!",
    )
    assert row["difference"].startswith("+")
    assert row["interval"]


def test_noise_says_how_many_of_its_cells_are_coloured(trial):
    again = trial.shuffled(3)
    noise = result_card(again, 3)["noise"]
    cells = [cell for cell in again.cells if cell.strength]
    assert noise == {
        "seed": 3,
        "coloured": len(cells),
        "tested": sum(one.tests for one in again.families),
    }


def test_what_cannot_be_written_as_json_is_null_and_a_dash(trial):
    cell = replace(trial.cells[0], low=float("nan"), high=float("inf"), p_adjusted=float("nan"))
    line = cell_line(cell, metric_of(trial, cell.metric))
    assert (line["drawn"][1:3], line["p"]) == ([None, None], "–")
    json.dumps(line, allow_nan=False)
