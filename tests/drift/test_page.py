import base64
import io

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.drift import controller as monitoring
from explorer.drift.controller import DriftController
from explorer.drift.figures import distribution_figure
from explorer.drift.page import DriftView
from explorer.session.session import Session
from explorer.state import actions

WEEKS, ROWS = 24, 60
START = pd.Timestamp("2026-01-05")


@pytest.fixture(scope="module")
def log(own_folders):
    random = np.random.default_rng(3)
    week = np.repeat(np.arange(WEEKS), ROWS)
    n = len(week)
    frame = pd.DataFrame({f"other_{i}": random.normal(size=n) for i in range(10)})
    frame["at"] = START + pd.to_timedelta(week * 7 + random.uniform(0, 7, n), unit="D")
    frame["height"] = random.normal(170 + 30 * (week >= 20), 10)
    frame["city"] = random.choice(["Oslo", "Rome", "Lima"], n)
    frame["score"] = random.random(n)
    frame["happened"] = random.random(n) < frame["score"]
    return explorer.open_table(frame)


@pytest.fixture
def opened(log, fake_queue, until, open_view, send):
    def open_drift(**asked):
        session = Session(log, fake_queue, {"features": ["height"], "tab": "Models"})
        session.state.act(actions.set_drift, **asked)
        view = open_view(DriftView, session)
        until(lambda: view.offers)
        send(view, "ready")
        if asked:
            until(lambda: view.look)
        return session, view

    return open_drift


def test_the_only_column_of_times_is_chosen_and_can_be_taken_off(opened, until, send):
    session, view = opened()
    asked = lambda: session.state.document.models.drift.time  # noqa: E731
    until(lambda: view.result)
    assert asked() == "at"
    assert ["at", "at"] in view.offers["times"]
    send(view, "set", time=None)
    until(lambda: "times" in view.setup["wanting"])
    assert asked() is None
    assert view.result == {}


def test_truth_and_prediction_come_from_the_performance_view(opened, until, send):
    session, view = opened(chunk="180rows", features=["height", "score"], time="at")
    session.state.act(actions.set_performance, truth="happened", predictions={"a": "score"})
    session.state.act(actions.set_models, view="drift")
    until(lambda: view.result["metrics"])
    asked = session.state.document.models.drift
    assert (asked.truth, asked.prediction) == ("happened", "score")
    # what was chosen here stays
    send(view, "set", prediction=None, truth=None)
    assert session.state.document.models.drift.truth is None


def test_the_card_holds_what_the_drift_holds(opened, log):
    _, view = opened(time="at")
    found = explorer.drift(log, "at")
    card = view.result
    assert card["words"] == found.words
    assert card["rows"][0]["feature"] == "height"
    assert (
        card["rows"][0]["alarms"]
        == np.flatnonzero(found.alarmed[found.features.index("height")]).tolist()
    )
    assert len(card["chunks"]) == WEEKS
    told = [[one["place"], *(place for place, _ in one["again"])] for one in card["alarms"]]
    assert card["n_alarms"] == len(found.alarms) == sum(map(len, told))
    assert told == [
        np.flatnonzero(found.alarmed[found.features.index(one["feature"])]).tolist()
        for one in card["alarms"]
    ]
    first = card["alarms"][0]
    assert (first["feature"], card["chunks"][first["place"]][0]) == ("height", "2026-05-25")
    assert view.look["feature"] == "height"
    (words,) = view.look["words"]
    assert found.alarms[0].words == f"height, 2026-05-25: {words}"
    assert first["words"].endswith(words)


def test_a_click_shows_a_feature_in_a_chunk_and_its_numbers_can_be_saved(opened, log, until, send):
    _, view = opened(time="at")
    send(view, "look", feature="city", place=21)
    until(lambda: view.look["feature"] == "city")
    assert view.look["chunk"] == "2026-06-01"
    send(view, "save_plot", name="second")
    saved = pd.read_csv(io.BytesIO(base64.b64decode(view.saved["data"].split(",")[1])))
    week = (log.columns.numbers("at") - START.timestamp()) // (7 * 86_400)
    cities = pd.Series(log.source.column("city").to_pylist())
    expected = cities[week == 21].value_counts(normalize=True)
    assert saved.set_index("level")["chunk"].to_dict() == pytest.approx(expected.to_dict())
    send(view, "save", form="json")
    assert view.saved["name"] == "drift.json"


def test_bars_of_numbers_hold_the_shares_that_numpy_counts(log):
    found = explorer.drift(log, "at")
    figure = distribution_figure(found, "height", 20)
    week = (log.columns.numbers("at") - START.timestamp()) // (7 * 86_400)
    values = log.columns.numbers("height")
    for shares, some in ((figure.reference, values[week < 12]), (figure.chunk, values[week == 20])):
        expected = np.histogram(some, figure.edges)[0] / len(some)
        assert shares == pytest.approx(expected, abs=0.04)


def test_rows_of_a_chunk_are_selected_by_their_times(opened, log, send):
    session, view = opened(time="at")
    send(view, "select", place=20)
    week = (log.columns.numbers("at") - START.timestamp()) // (7 * 86_400)
    assert (session.rows.selection().mask == (week == 20)).all()
    send(view, "select", place=99)
    assert "no such chunk" in view.error


def test_performance_and_the_classifier_have_panels_of_their_own(opened, until, send):
    _, view = opened(
        time="at",
        chunk="180rows",
        features=["height", "score"],
        truth="happened",
        prediction="score",
    )
    assert view.result["metrics"] == ["roc_auc", "neg_brier_score"]
    send(view, "panel", name="performance")
    until(lambda: view.look["panel"] == "performance")
    assert set(view.look["plots"]) == {"first", "second"}
    send(view, "panel", name="multivariate")
    until(lambda: view.look["panel"] == "multivariate")
    assert set(view.look["plots"]) == {"first"}


def test_the_map_can_be_coloured_by_drift(opened, until, send):
    session, view = opened(time="at")
    send(view, "map", how="domain")
    until(lambda: session.state.document.layer == "drift")
    assert session.part(DriftController).probability.shape == (WEEKS * ROWS,)
    assert session.state.document.tab == "Map"
    send(view, "map", how="time")
    assert session.state.document.layer is None
    assert session.state.document.color.column == "at"


def test_what_cannot_be_read_is_said_and_nothing_changes(opened, until, send):
    session, view = opened(time="at")
    send(view, "set", chunk="fortnight")
    assert "hour, day, week" in view.error
    assert session.state.document.models.drift.chunk == "week"
    send(view, "set", reference="height > 1000")
    until(lambda: view.error and view.result.get("stale"))
    assert "too few rows" in view.error


def test_what_takes_long_says_how_far_it_is_and_can_be_stopped_and_begun_again(
    log, fake_queue, at_once, until, until_stopped, monkeypatch, send
):
    real = monitoring.drift
    monkeypatch.setattr(monitoring, "drift", until_stopped("count", "chunk", []))
    session = Session(log, fake_queue, {"features": ["height"], "tab": "Models"})
    session.state.act(actions.set_drift, time="at")
    view = DriftView(session, at_once)
    until(lambda: view.busy.startswith("counting rows"))
    send(view, "stop")
    assert (view.busy, view.stopped, view.result) == ("", True, {})
    monkeypatch.setattr(monitoring, "drift", real)
    send(view, "compute")
    until(lambda: view.result)
    assert (view.busy, view.stopped) == ("", False)


def test_telling_chunks_apart_can_be_stopped_and_the_feature_is_shown(opened, until, send):
    session, view = opened(time="at")
    send(view, "ready")
    until(lambda: view.look)
    send(view, "panel", name="multivariate")
    assert view.busy == "comparing chunks with the reference"
    send(view, "stop")
    until(lambda: view.look["panel"] == "feature" and not view.busy)
    assert "multivariate" not in session.part(DriftController).found.__dict__
