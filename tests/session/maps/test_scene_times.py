"""Times as colours: float32 tells the seconds of an hour of today, and the legend is right."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.map_view.map_legend import legend_card
from explorer.session.session import Session
from explorer.state import actions

START = pd.Timestamp("2024-05-06 07:00:00")
N = 3_600


@pytest.fixture
def open_session(fake_queue, tmp_path):
    def make(times, **color):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(
            {"a": rng.normal(size=len(times)), "b": rng.normal(size=len(times)), "at": times}
        )
        table = explorer.open_table(frame)
        embedding = table.project(["a", "b"], method="pca")
        embedding.save(tmp_path / "embedding.parquet")
        explorer.build_map(embedding, tmp_path / "map")
        session = Session(table, fake_queue, {"features": ["a", "b"]})
        session.projection.open((embedding.provenance["key"], tmp_path))
        session.state.act(actions.set_color, column="at", **color)
        return session

    return make


def legend_of(session):
    shown = session.projection.map()
    return legend_card(session.table, session.rows, session.scene, shown)


def hour():
    return START + pd.to_timedelta(np.random.default_rng(1).permutation(N), unit="s")


def times_of(session):
    """Return the colours' values as seconds since 1970, in the order of the table."""
    shown = session.projection.map()
    colour = session.scene.painting(shown).colour
    found = np.empty(len(colour.values))
    found[shown.store.order] = colour.values
    return found + colour.origin


def test_the_seconds_of_an_hour_are_told_apart(open_session):
    times = hour()
    np.testing.assert_array_equal(
        times_of(open_session(times)), times.to_numpy().astype("datetime64[s]").astype(float)
    )


def test_the_legend_names_the_times_and_its_ends_can_be_held(open_session):
    session = open_session(hour(), clip=[0, 100])
    legend = legend_of(session)
    assert (legend["low"], legend["high"]) == ("2024-05-06 07:00", "07:59")
    assert legend["ends"] == [START.timestamp(), START.timestamp() + N - 1]
    assert sum(legend["counts"]) == N
    held = [START.timestamp() + 600, START.timestamp() + 1_200]
    session.state.act(actions.set_color, column="at", locked=held)
    legend = legend_of(session)
    assert (legend["low"], legend["high"]) == ("≤ 2024-05-06 07:10:00", "≥ 07:20:00")
    assert legend["ends"] == held
    assert sum(legend["counts"]) == 601


def test_colours_around_a_moment_have_it_in_the_middle(open_session):
    session = open_session(hour(), clip=[0, 100], center=START.timestamp() + 600)
    ends = legend_of(session)["ends"]
    assert sum(ends) / 2 == START.timestamp() + 600


def test_a_time_has_no_logarithm(open_session):
    session = open_session(hour(), scale="log")
    assert legend_of(session)["scale"] == "linear"


def test_without_any_time_nothing_is_coloured(open_session):
    session = open_session(pd.DatetimeIndex([None] * 50).append(pd.DatetimeIndex([None])))
    legend = legend_of(session)
    assert (legend["low"], legend["high"]) == ("", "")
    assert np.isnan(times_of(session)).all()
