"""Unusual but legal data of experiments, comparisons and colours: drawn, or said in words."""

import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.compare.cards import detail_card
from explorer.core.errors import ExperimentError
from explorer.experiment.page.figures import values_figure
from explorer.experiment.page.plots import ExperimentPlot
from explorer.map.map import build_map
from explorer.map_view.map_legend import legend_card
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.units.segment_rows import segment_definition

N = 200
RNG = np.random.default_rng(0)


def table(**columns):
    return explorer.open_table(pd.DataFrame(columns))


def legend_of(session):
    shown = session.projection.map()
    return legend_card(session.table, session.rows, session.scene, shown)


def arms(n=N):
    return np.where(np.arange(n) % 2, "new", "control")


@pytest.fixture
def opened(fake_queue, tmp_path):
    """A session on some columns, with a map of the first two."""
    sessions = []

    def open_session(**columns):
        frame = table(a=RNG.random(N), b=RNG.random(N), arm=arms(), y=RNG.random(N), **columns)
        embedding = frame.project(["a", "b"], method="pca")
        folder = tmp_path / str(len(sessions))
        folder.mkdir()
        embedding.save(folder / "embedding.parquet")
        build_map(embedding, folder / "map")
        sessions.append(Session(frame, fake_queue, {"features": ["a", "b"]}))
        sessions[-1].projection.open((embedding.provenance["key"], folder))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


SIXTEEN = np.arange(N) % 16 + 0.5


@pytest.mark.parametrize(
    "x",
    [
        np.where(np.arange(N) % 5 == 0, np.inf, SIXTEEN),
        np.where(np.arange(N) % 5 == 0, -np.inf, SIXTEEN),
        np.where(np.arange(N) % 2 == 0, np.inf, SIXTEEN),
        np.where(np.arange(N) % 3 == 0, np.nan, SIXTEEN),
        np.where(np.arange(N) % 2 == 0, np.inf, np.nan),
        np.full(N, np.nan),
        np.minimum(np.arange(N), 90),
        np.minimum(np.arange(N), 30),
    ],
)
def test_the_rows_of_every_segment_of_a_number_are_those_that_it_counts(opened, x):
    session = opened(x=x)
    found = explorer.experiment(session.table, "arm", "control", ["m=mean(y)"], by=["x"])
    cells = [cell for cell in found.cells if cell.by == "x"]
    counts = [cell.n_control + cell.n_treatment for cell in cells]
    assert sum(counts) == N
    assert all(counts)
    for cell, count in zip(cells, counts, strict=True):
        session.state.act(
            actions.select,
            selection=segment_definition(session.table, "x", cell.segment),
        )
        assert session.rows.selection().count() == count, cell.segment


def test_a_level_that_reads_like_missing_is_selected_as_it_is(opened):
    session = opened(x=np.where(np.arange(N) % 4 == 0, "(missing)", "there"))
    session.state.act(
        actions.select,
        selection=segment_definition(session.table, "x", "(missing)"),
    )
    assert session.rows.selection().count() == N // 4


@pytest.mark.parametrize("x", [[None, 1.0, None, 0.0], [1.0, None, 0.0, None]])
def test_an_arm_without_a_value_has_no_bars(x):
    found = explorer.experiment(
        table(arm=arms(), x=x * (N // 4)), "arm", "control", ["m=proportion(x)"]
    )
    figure = values_figure(found, found.spread("m", "new"), found.cells.find("m", "new"))
    assert "nan" not in figure.csv
    assert np.isfinite(ExperimentPlot(figure).model.y_range.end)


@pytest.mark.parametrize(
    "x",
    [
        np.full(N, 1e16),
        2**60 + np.arange(N),
        5e-324 * np.arange(N),
        1_717_200_000_000_000_000 + np.arange(N),
    ],
)
def test_values_that_are_hardly_apart_have_bins_of_some_width(x):
    with np.errstate(all="ignore"):
        found = explorer.experiment(table(arm=arms(), x=x), "arm", "control", ["m=mean(x)"])
        spread = found.spread("m", "new")
    assert (np.diff(spread.edges) > 0).all()
    figure = values_figure(found, spread, found.cells.find("m", "new"))
    ends = ExperimentPlot(figure).model.x_range
    assert ends.start < ends.end


def test_times_further_apart_than_can_be_drawn_are_refused():
    frame = table(arm=arms(), x=RNG.random(N), t=np.tile([1.7e308, -1.7e308], N // 2))
    found = explorer.experiment(frame, "arm", "control", ["m=mean(x)"], time="t")
    with pytest.raises(ExperimentError, match="further apart"):
        found.over_time("m", "new")


def test_too_few_regions_to_tell_are_said(opened):
    session = opened()
    for name in "ab":
        session.table.edit(name, "assignment", "before")
    found = explorer.experiment(session.table, "arm", "control", ["m=mean(y)"])
    words = found.on_map(session.projection.map(), 150).words("m", "new")
    assert words.startswith("fewer than two regions have enough units")


def test_a_mean_of_zeros_is_zero():
    frame = table(arm=["c"] * 30 + ["n"] * 60, x=[1.0] * 30 + [0.0] * 60)
    assert explorer.experiment(frame, "arm", "c", ["m=mean(x)"]).cells[0].treatment == 0.0


def test_a_group_without_a_value_of_a_category_has_a_card_of_json(opened):
    session = opened(c=["u", None, "v", None] * (N // 4))
    found = explorer.compare(session.table, "arm = 'control'")
    json.dumps(detail_card(session.table, session.resolver, found, "c"), allow_nan=False)


@pytest.mark.parametrize("x", [np.full(N, np.nan), np.tile([np.inf, -np.inf], N // 2)])
def test_strata_without_a_finite_value_are_one(x):
    frame = table(arm=arms(), y=RNG.random(N), x=x)
    assert explorer.compare(frame, "arm = 'control'", features=["y"], adjust="x").rows


@pytest.mark.parametrize(
    "x", [np.full(N, np.nan), np.full(N, np.inf), np.full(N, np.datetime64("NaT", "s"))]
)
def test_a_colour_of_nothing_has_no_ends(opened, x):
    session = opened(x=x)
    session.state.act(actions.set_color, column="x")
    legend = legend_of(session)
    assert (legend["low"], legend["high"]) == ("", "")
    assert f"{N} " in legend["note"]


@pytest.mark.parametrize("chosen", [{"locked": [0, 1e20]}, {"locked": [-1e15, 1e15]}])
def test_ends_beyond_all_dates_are_written_as_seconds(opened, chosen):
    session = opened(day=pd.date_range("2024-01-01", periods=N))
    session.state.act(actions.set_color, column="day", **chosen)
    assert "s since 1970" in legend_of(session)["high"]


def test_a_centre_at_the_end_of_float64_has_a_scale(opened):
    session = opened()
    session.state.act(actions.set_color, column="a", center=1.7e308)
    with np.errstate(all="ignore"):
        span = session.scene.painting(session.projection.map()).span
    assert np.isfinite([span.low, span.high]).all()


def test_values_beyond_float32_are_coloured_and_not_called_infinite(opened):
    session = opened(h=np.linspace(1, 2, N) * 1e39)
    session.state.act(actions.set_color, column="h")
    assert "infinite" not in legend_of(session)["note"]
