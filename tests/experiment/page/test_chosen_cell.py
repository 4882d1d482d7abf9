import json
from dataclasses import replace

import pytest
from statsmodels.stats.power import NormalIndPower

from explorer.experiment.compute import experiment
from explorer.experiment.page.chosen_cell import (
    ChosenCell,
    choose_cell,
    chosen_cell_card,
    units_needed_text,
)
from explorer.features.metric import Metric
from explorer.state.experiment_settings import ExperimentCell

NOTHING = ExperimentCell()
WHOLE = ChosenCell("minutes", "new", "place", "")


def figures(found, look):
    return {
        name: (value, interval)
        for name, _, value, interval in chosen_cell_card(found, look)["figures"]
    }


def test_without_a_choice_the_first_of_each_is_looked_at(trial):
    assert choose_cell(trial, NOTHING) == ChosenCell("click rate", "new", "place", "")


def test_what_is_gone_is_replaced_by_the_first(trial):
    gone = ExperimentCell(metric="gone", arm="control", by="gone", segment="north")
    assert choose_cell(trial, gone) == ChosenCell("click rate", "new", "place", "north")
    assert choose_cell(trial, replace(gone, segment="gone")).segment == ""


def test_figures_are_those_of_the_cell(trial, trial_frame):
    look = WHOLE._replace(segment="north")
    north = trial_frame[trial_frame["place"] == "north"]
    means = north.groupby("arm")["minutes"].mean()
    found = figures(trial, look)
    assert float(found["control"][0]) == pytest.approx(means["control"], abs=0.01)
    assert found["new"][1] == f"{(north['arm'] == 'new').sum():,} units"
    assert {"difference", "lift", "p adjusted", "detectable", "from the whole", "shrunk"} <= set(
        found
    )
    json.dumps(chosen_cell_card(trial, look), allow_nan=False)


def test_an_adjusted_metric_shows_what_it_saves(trial_table):
    metric = Metric("minutes", "mean", "minutes", pre="before")
    found = figures(experiment(trial_table, "arm", "control", [metric]), WHOLE._replace(by=""))
    # the value from before explains 25 of the 34 parts of the variance
    assert float(found["variance removed"][0].removesuffix(" %")) == pytest.approx(
        100 * 25 / 34, abs=4
    )
    assert found["not adjusted"][0].startswith("+")


def test_the_units_needed_are_those_of_statsmodels(trial, trial_frame):
    words = units_needed_text(trial, WHOLE, "0.5")
    within = trial_frame.groupby("arm")["minutes"].var().mean() ** 0.5
    needed = NormalIndPower().solve_power(0.5 / within, alpha=0.05, power=0.8)
    assert float(words.split(" units")[0].replace(",", "")) == pytest.approx(needed, rel=0.01)
    assert words.endswith("units in each arm detect 0.50 with a power of .8; now 1,200")


def test_an_effect_may_be_a_part_of_the_control_or_in_points(trial):
    rate = WHOLE._replace(metric="click rate")
    control = trial.cells[0].control
    assert units_needed_text(trial, rate, "10 %") == units_needed_text(
        trial, rate, str(control / 10)
    )
    assert (
        units_needed_text(trial, rate, "2pp")
        == units_needed_text(trial, rate, "0.02")
        == units_needed_text(trial, rate, "−0,02")
    )


def test_what_is_no_effect_is_answered_in_words(trial):
    assert units_needed_text(trial, WHOLE, "much").startswith("write an effect as")
    assert units_needed_text(trial, WHOLE, "0").startswith("no number of units")
