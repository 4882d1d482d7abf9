import base64
import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.experiment import controller as experimenting
from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.page import TAB, ExperimentPage
from explorer.session.session import Session
from explorer.state import actions

ASKED = {
    "experiments": "test", "variant": "arm", "control": "A", "allocation": {"A": 1, "B": 1, "C": 1},
    "metrics": [
        {"name": "plays", "kind": "mean", "column": "plays", "goal": "increase"},
        {"name": "clicks", "kind": "proportion", "column": "clicked", "goal": "increase"},
    ],
}  # fmt: skip


@pytest.fixture
def page(grid_table, fake_queue, until, open_view):
    session = Session(
        grid_table, fake_queue, {"features": ["age"], "tab": TAB, "experiment": ASKED}
    )
    view = open_view(ExperimentPage, session)
    until(lambda: view.setup and view.grid.window)
    return session, view


def test_the_grid_stands_in_place_of_one_experiment(page, grid_table):
    _, view = page
    expected = explorer.experiment_wall(
        grid_table,
        "test",
        "arm",
        "A",
        ["plays=mean(plays):increase", "clicks=proportion(clicked):increase"],
        {"A": 1, "B": 1, "C": 1},
    )
    assert (view.grid_shown, view.result) == (True, {})
    assert not view.effect_map.busy  # nobody computes one experiment
    assert view.grid.card["ledger"] == expected.ledger
    assert [line["name"] for line in view.grid.window["lines"]] == list(expected.srm)


def test_one_experiment_is_opened_and_there_is_a_way_back(page, until, send):
    session, view = page
    send(view.grid, "open", name="T3", metric="clicks", arm="C")
    until(lambda: view.result and view.detail and view.setup["opened_from"])
    assert (view.grid_shown, view.setup["alone"]) == (False, "T3")
    assert (view.detail["metric"], view.detail["arm"]) == ("clicks", "C")
    assert sum(view.result["rows"][0]["n"]) < len(session.rows.population().mask)
    send(view, "back")
    until(lambda: view.grid_shown and view.setup["opened_from"] is None)
    assert (session.state.document.filters, view.result) == ((), {})


def test_a_chip_that_is_taken_away_is_told(page, until, send):
    session, view = page
    send(view.grid, "open", name="T3")
    session.state.act(actions.remove_filter, id="column:test")
    until(lambda: view.setup["opened_from"] and view.setup["alone"] == "")


def test_filters_are_the_population_of_the_grid(page, until):
    session, view = page
    session.state.act(actions.add_filter, id="column:test", column="test", levels=["T3", "T7"])
    until(lambda: view.grid.window["of"] == 2)
    assert any("rows are read" in note for note in view.grid.card["notes"])
    session.state.undo()
    until(lambda: view.grid.window["of"] == 12)


def test_rows_come_as_they_come_into_sight(page, until, send):
    _, view = page
    send(view.grid, "window", start=1, stop=3, sort="z", search="", metric="plays", arm="B")
    until(lambda: view.grid.window["start"] == 1)
    assert len(view.grid.window["lines"]) == 2


def test_the_order_of_a_metric_that_is_gone_is_that_of_another(page, until, send):
    _, view = page
    send(view.grid, "window", start=0, stop=9, sort="z", search="", metric="clicks", arm="B")
    until(lambda: view.grid.window["metric"] == "clicks")
    send(view, "drop_metric", place=1)
    until(lambda: view.grid.window["metric"] is None and len(view.grid.card["columns"]) == 2)


def test_what_cannot_be_read_is_said_and_what_is_shown_stays(page, until, send):
    _, view = page
    send(view, "metric", place=1, metric={"name": "age", "kind": "proportion", "column": "age"})
    until(lambda: "values 0 and 1" in view.grid.error)
    assert view.grid.card["stale"]
    send(view.grid, "open", name="T99")
    assert "T99" in view.grid.error


def test_computing_says_how_far_it_is_and_can_be_stopped_and_begun_again(
    page, until, monkeypatch, until_stopped, send
):
    session, view = page
    grid, real, stopped = view.grid, experimenting.experiment_wall, []
    monkeypatch.setattr(
        experimenting, "experiment_wall", until_stopped("metrics", "where", stopped)
    )
    session.state.act(actions.add_filter, id="a", expression="age > 30")
    until(lambda: grid.busy.startswith("metrics, in the whole and in parts"))
    send(grid, "stop")
    assert (grid.busy, grid.stopped, grid.card["stale"]) == ("", True, True)
    until(lambda: len(stopped) == 1)
    send(grid, "compute")
    until(lambda: grid.busy.startswith("metrics"))
    # who goes to one experiment does not keep the grid going
    send(grid, "open", name="T3")
    until(lambda: len(stopped) == 2)
    monkeypatch.setattr(experimenting, "experiment_wall", real)
    send(view, "back")
    until(lambda: not grid.busy and not grid.card.get("stale"))
    assert not grid.stopped
    assert any("rows are read" in note for note in grid.card["notes"])


def test_a_grid_without_arms_waits_for_them(page, until, send):
    _, view = page
    send(view, "set", control=None)
    until(lambda: view.setup["wanting"] == "name the control")
    assert (view.grid.card, view.grid.window) == ({}, {})


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_it_can_be_saved(page, form, send):
    _, view = page
    send(view.grid, "save", form=form)
    assert view.grid.saved["name"] == f"experiments.{form}"
    data = base64.b64decode(view.grid.saved["data"].split(",")[1])
    if form == "csv":
        assert len(pd.read_csv(io.BytesIO(data))) == 48
    elif form == "parquet":
        assert pq.read_table(io.BytesIO(data)).num_rows == 48
    else:
        assert len(json.loads(data)["srm"]) == 12


def test_an_unknown_form_is_refused_in_words(page, send):
    _, view = page
    send(view.grid, "save", form="html")
    assert "saved as csv, parquet, json" in view.grid.error


def test_a_defect_is_told_and_goes_to_the_log(page, until, monkeypatch, caplog, send):
    session, view = page

    def broken():
        raise RuntimeError("broken")

    monkeypatch.setattr(session.part(ExperimentController), "grid", broken)
    send(view, "set", alpha=[0.1, 0.01])
    until(lambda: view.grid.error)
    assert "the log of the server says why" in view.grid.error
    assert "broken" in caplog.text
