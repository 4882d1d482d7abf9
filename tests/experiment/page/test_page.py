import base64
import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.experiment import controller as experimenting
from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.page import TAB, ExperimentPage
from explorer.session.session import Session
from explorer.state import actions
from explorer.state.experiment_settings import ExperimentCell

ASKED = {
    "variant": "arm", "control": "control", "by": ["place", "age"],
    "allocation": {"control": 1, "new": 1}, "time": "entered",
    "metrics": [
        {
            "name": "click rate", "kind": "proportion", "column": "clicked", "goal": "increase",
            "primary": True,
        },
        {"name": "minutes", "kind": "mean", "column": "minutes", "goal": "increase"},
    ],
}  # fmt: skip


@pytest.fixture
def opened(trial_table, fake_queue, until, open_view):
    def open_page(**experiment):
        session = Session(
            trial_table, fake_queue, {"features": ["minutes"], "tab": TAB, "experiment": experiment}
        )
        view = open_view(ExperimentPage, session)
        until(lambda: view.setup)
        return session, view

    return open_page


@pytest.fixture
def page(opened, until):
    session, view = opened(**ASKED)
    until(lambda: view.result and view.detail and view.segments)
    return session, view


def test_nothing_is_read_before_somebody_looks(trial_table, fake_queue, open_view):
    session = Session(trial_table, fake_queue, {"features": ["minutes"], "experiment": ASKED})
    view = open_view(ExperimentPage, session)
    session.state.act(actions.add_filter, id="a", expression="age > 40")
    assert (view.setup, view.result, view.busy) == ({}, {}, "")


def test_it_asks_for_what_is_missing_one_after_the_other(opened, until, send):
    session, view = opened()
    assert view.setup["wanting"] == "name the column of the arms"
    send(view, "set", variant="arm")
    until(lambda: view.setup["wanting"] == "name a metric")
    assert session.state.document.experiment.control == "control"  # as its name says
    send(view, "metric", place=None, metric={"kind": "mean", "column": "minutes", "name": None})
    until(lambda: view.result)
    assert view.result["metrics"] == ["mean of minutes"]
    assert view.answer["words"] == ""


def test_everything_is_a_step_that_can_be_taken_back(page, until, send):
    session, view = page
    before = session.state.document.experiment
    send(view, "set", status="running", planned=4000)
    until(lambda: view.result["running"])
    session.state.undo()
    assert session.state.document.experiment == before
    until(lambda: not view.result["running"])


def test_another_column_of_arms_forgets_the_allocation_of_the_first(page, until, send):
    session, view = page
    send(view, "set", variant="place")
    until(lambda: view.setup["variant"] == "place")
    asked = session.state.document.experiment
    assert (asked.control, asked.allocation, asked.by) == (None, None, ("age",))
    assert view.result == {}


def test_bad_input_is_answered_in_words_and_loses_nothing(page, until, send):
    session, view = page
    before = session.state.document.experiment
    send(view, "set", alpha=[0.001, 0.05])
    assert "alpha must be two levels" in view.error
    send(view, "metric", place=None, metric={"kind": "ratio", "column": "minutes", "name": "r"})
    assert "denominator" in view.answer["words"]
    send(view, "metric", place=None, metric={"kind": "mean", "column": "age", "name": "minutes"})
    assert "different names" in view.answer["words"]
    assert session.state.document.experiment == before
    send(view, "metric", place=None, metric={"kind": "proportion", "column": "age", "name": "age"})
    until(lambda: "values 0 and 1" in view.error)
    assert view.result["stale"]
    assert view.result["metrics"] == ["click rate", "minutes"]
    session.state.undo()
    until(lambda: not view.error and not view.result.get("stale"))


def test_filters_make_another_population(page, until):
    session, view = page
    session.state.act(actions.add_filter, id="a", expression="age > 40")
    until(
        lambda: (
            sum(view.result["rows"][1]["n"]) == session.rows.population().count() and not view.busy
        )
    )
    assert (
        view.setup["population"]
        == f"of 2,400 rows, filters leave {session.rows.population().count():,}"
    )


def test_a_look_is_in_the_state_and_many_are_one_step(page, until, send):
    session, view = page
    send(view, "look", metric="minutes", arm="new", segment=None)
    until(lambda: view.detail["metric"] == "minutes")
    send(view, "look", segment="north")
    until(lambda: view.detail["segment"] == "north" and view.segments["chosen"] == "north")
    send(view, "look", by="age")
    until(lambda: view.segments["by"] == "age")
    assert session.state.document.experiment.look == ExperimentCell(
        metric="minutes", arm="new", by="age"
    )
    session.state.undo()
    assert session.state.document.experiment.look == ExperimentCell()


def test_segments_come_as_they_come_into_sight(page, until, send):
    _, view = page
    send(view, "window", start=1, stop=3, sort="segment", search="")
    until(lambda: view.segments["start"] == 1)
    assert len(view.segments["lines"]) == 2
    send(view, "window", start=0, stop=9, sort="size", search="sou")
    until(lambda: [line["segment"] for line in view.segments["lines"]] == ["south"])


@pytest.mark.parametrize(
    ("plot", "kinds"), [("forest", {"forest"}), ("values", {"values", "curve"}), ("time", {"time"})]
)
def test_plots_are_drawn_when_they_are_looked_at(page, until, plot, kinds, send):
    _, view = page
    send(view, "plot", name=plot)
    until(lambda: view.detail["plot"] == plot)
    assert set(view.detail["plots"]) == kinds
    for kind in kinds:
        assert view.detail["plots"][kind]["words"]
        send(view, "save_plot", name=kind)
        if not view.detail["plots"][kind]["empty"]:
            assert view.saved["name"] == f"experiment-{kind}.csv"


def test_noise_is_marked_goes_on_and_goes_away(page, until, send):
    _, view = page
    real = view.result["rows"]
    for seed in (3, 4):
        send(view, "noise", seed=seed)
        until(lambda seed=seed: view.result["noise"].get("seed") == seed)
        assert view.result["rows"] != real
    assert f"seed {seed}" in view.result["notes"][0]
    send(view, "save", form="csv")
    assert view.saved["name"] == "experiment-a-a.csv"
    send(view, "noise", seed=None)
    until(lambda: view.result["noise"] == {})
    assert view.result["rows"] == real


def test_a_segment_can_be_selected_and_compared(page, until, send):
    session, view = page
    send(view, "look", by="place", segment="north")
    until(lambda: view.detail["segment"] == "north")
    send(view, "select")
    assert session.state.document.selection == {"column": "place", "levels": ["north"]}
    asked = session.messages.get("ask", 0)
    send(view, "select", compare=True)
    assert session.state.document.tab == "Compare"
    assert session.messages["ask"] == asked + 1
    assert session.state.document.compare.unit is None


def test_a_segment_is_compared_by_the_unit_of_the_experiment(opened, until, send):
    """Rows of one unit are no more independent there than here."""
    session, view = opened(**ASKED, unit="member")
    until(lambda: view.detail and not view.busy)
    send(view, "look", by="place", segment="north")
    send(view, "select", compare=True)
    assert session.state.document.compare.unit == "member"


def test_what_it_takes_to_find_an_effect(page, send):
    _, view = page
    send(view, "need", effect="10 %")
    assert "units in each arm" in view.needed["words"]


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "html", "png"])
def test_it_can_be_saved(page, form, send):
    session, view = page
    send(view, "save", form=form)
    assert (view.saved["name"], view.error) == (f"experiment.{form}", "")
    data = base64.b64decode(view.saved["data"].split(",")[1])
    cells = len(session.part(ExperimentController).experiment.cells)
    if form == "csv":
        assert len(pd.read_csv(io.BytesIO(data))) == cells
    elif form == "parquet":
        assert pq.read_table(io.BytesIO(data)).num_rows == cells
    elif form == "json":
        assert len(json.loads(data)["cells"]) == cells
    elif form == "png":
        assert data.startswith(b"\x89PNG")
    else:
        assert data.startswith(b"<!doctype html>")


def test_an_unknown_form_is_refused_in_words(page, send):
    _, view = page
    send(view, "save", form="docx")
    assert "saved as csv, json" in view.error


def test_a_defect_is_told_and_goes_to_the_log(page, until, monkeypatch, caplog, send):
    session, view = page

    def broken():
        raise RuntimeError("broken")

    monkeypatch.setattr(session.part(ExperimentController), "compute", broken)
    send(view, "set", planned=9)
    until(lambda: view.error)
    assert "the log of the server says why" in view.error
    assert "broken" in caplog.text


def test_the_plots_follow_the_theme(page, until):
    session, view = page
    session.state.act(actions.set_theme, theme="dark")
    until(lambda: view._plots.figures["forest"].theme == "dark")


def test_computing_says_how_far_it_is_and_can_be_stopped_and_begun_again(
    page, until, monkeypatch, until_stopped, send
):
    session, view = page
    real, stopped = experimenting.experiment, []
    monkeypatch.setattr(experimenting, "experiment", until_stopped("metrics", "by", stopped))
    send(view, "set", by=["place"])
    until(lambda: view.busy.startswith("metrics, in the whole and in parts"))
    # another question does not wait for the end of the last one
    send(view, "set", by=["age"])
    until(lambda: stopped == [["place"]])
    send(view, "stop")
    assert (view.busy, view.stopped, view.result["stale"]) == ("", True, True)
    until(lambda: stopped == [["place"], ["age"]])
    monkeypatch.setattr(experimenting, "experiment", real)
    session.state.act(actions.set_theme, theme="dark")  # what changes nothing of it begins nothing
    assert view.stopped
    send(view, "compute")
    until(lambda: not view.result.get("stale") and not view.busy)
    assert (session.part(ExperimentController).experiment.by, view.stopped) == (("age",), False)
