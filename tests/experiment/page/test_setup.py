import pytest

from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.setup import (
    column_choices,
    likely_control,
    metric_chip,
    setup_card,
    suggested_name,
)
from explorer.features.metric import Metric
from explorer.state import actions


def card_of(session):
    return setup_card(session.table, session.rows, session.part(ExperimentController))


def test_columns_are_offered_for_what_they_can_be(trial_table):
    trial_table.profiles.start(trial_table.column_names)
    found = column_choices(trial_table)
    names = {key: [one[0] for one in columns] for key, columns in found.items()}
    assert names["arms"][0] == "arm"
    assert "minutes" not in names["arms"]
    assert {"clicked", "minutes", "visits", "entered"} <= set(names["measured"])
    assert "place" not in names["measured"]
    assert "member" in names["units"]
    assert "entered" in names["times"]


@pytest.mark.parametrize(
    ("labels", "control"),
    [
        (["new", "Control"], "Control"),
        (["1", "0"], "0"),
        (["bts", "random"], "random"),
        (["x", "y"], None),
    ],
)
def test_a_control_is_suggested_only_where_its_name_says_so(labels, control):
    assert likely_control(labels) == control


def test_a_chip_says_what_is_measured():
    chip = metric_chip(Metric("m", "mean", "y", goal="decrease", pre="x", aggregate="sum", cap=9.0))
    assert (chip["arrow"], chip["words"]) == (
        "↓",
        "mean(y) · decrease · adjusted for x · sum of a unit's rows · capped at 9",
    )


def test_names_are_suggested():
    assert suggested_name("mean", "y") == "mean of y"
    assert suggested_name("ratio", "y", "n") == "y per n"
    assert [suggested_name("quantile", "y", quantile=q) for q in (0.5, 0.9)] == [
        "median of y",
        "90 % of y",
    ]


def test_the_strip_says_which_rows_are_read(new_session):
    session = new_session(experiment={"variant": "member"})
    card = card_of(session)
    assert card["population"] == "all 600 rows"
    assert {label for label, _ in card["arms"]} == {"yes", "no"}
    assert card["wanting"] == "name the control"
    session.state.act(actions.add_filter, id="a", expression="age > 40")
    count = session.rows.population().count()
    assert card_of(session)["population"] == f"of 600 rows, filters leave {count}"


def test_a_column_that_is_gone_has_no_arms(new_session):
    assert card_of(new_session(experiment={"variant": "gone"}))["arms"] == []


def test_columns_with_several_rows_of_each_value_can_name_experiments(trial_table):
    trial_table.profiles.start(trial_table.column_names)
    named = [name for name, _ in column_choices(trial_table)["experiments"]]
    assert "place" in named
    assert not {"member", "minutes"} & set(named)


@pytest.mark.parametrize(
    ("condition", "alone"),
    [({"levels": ["A"]}, "A"), ({"levels": ["A", "B"]}, ""), ({"levels": [None]}, "")],
)
def test_one_experiment_is_named_while_its_filter_says_so(new_session, condition, alone):
    session = new_session(experiment={"experiments": "city", "variant": "member"})
    session.state.act(actions.open_experiment, **condition)
    card = card_of(session)
    assert (card["alone"], card["opened_from"]["column"], card["labels"]["city"]) == (
        alone,
        "city",
        "city",
    )
