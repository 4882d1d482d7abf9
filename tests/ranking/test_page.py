import base64
import io

import numpy as np
import pandas as pd
import pytest

from explorer.ranking.page import RankingView
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


@pytest.fixture
def log():
    rng = np.random.default_rng(0)
    page, position = np.repeat(np.arange(200), 6), np.tile(np.arange(1, 7), 200)
    frame = pd.DataFrame(
        {"page": page, "position": position, "layout": np.where(page % 2, "b", "a")}
    )
    frame["played"] = rng.random(len(frame)) < 0.3 / position
    frame["row"], frame["column"] = (position - 1) // 3, (position - 1) % 3 + 1
    return frame


@pytest.fixture
def session(log, fake_queue):
    return Session(open_table(log), fake_queue, {"features": ["row", "column"], "tab": "Models"})


@pytest.fixture
def view(session, open_view):
    asked = {
        "position": "position",
        "outcome": "played",
        "list": "page",
        "row": "row",
        "column": "column",
    }
    session.state.act(actions.set_ranking, **asked)
    return open_view(RankingView, session)


def test_figures_curves_and_page_come_when_they_are_computed(view, until):
    until(lambda: view.result.get("tiles") and len(view._places["chance"]))
    assert len(view.result["page"]["cells"]) == 6
    assert view.lines["keys"][0]["name"] == "all"
    until(lambda: len(view._places["curve"]) == 1)


def test_a_click_on_the_page_selects_what_stood_there(view, session, log, until):
    until(lambda: view.result.get("tiles"))
    # rows of this table begin at 0: the page's second row is its 1
    view.on_place(2, 3)
    chosen = (log.row == 1) & (log.column == 3)
    assert np.array_equal(session.rows.selection().mask, chosen)
    view.on_place(1, 1, "add")
    assert (
        session.rows.selection().count()
        == chosen.sum() + ((log.row == 0) & (log.column == 1)).sum()
    )


def test_depths_and_lists_without_a_hit_follow_the_strip(view, until):
    until(lambda: view.result.get("tiles"))
    view.on_set(k=[2], no_hit="drop", by="layout")
    until(lambda: view.result.get("no_hit") == "drop" and len(view.lines["keys"]) == 2)
    assert view.result["heads"] == ["MRR", "NDCG@2", "success@2", "any play"]
    assert view.result["comparison"]["arms"] == ["a", "b"]
    view.on_set(k=[])
    assert "k must be a list of whole numbers" in view.error


def test_every_plot_has_its_numbers(view, until):
    until(lambda: view._figures)
    for name, rows in (("curve", 6), ("chance", 2)):
        view.on_save_plot(name)
        data = base64.b64decode(view.saved["data"].partition("base64,")[2])
        assert len(pd.read_csv(io.BytesIO(data))) == rows
    view.on_save("parquet")
    data = base64.b64decode(view.saved["data"].partition("base64,")[2])
    assert "mrr" in set(pd.read_parquet(io.BytesIO(data)).figure)


def test_rates_by_position_are_corrected_once_the_page_says_that_positions_were_drawn(
    view, log, until
):
    until(lambda: view.result.get("tiles"))
    assert "say that positions were drawn at random" in view.result["examination"]
    view.on_curve("examined")
    assert view.lines["curve"] == "rate"  # nothing tells it yet
    view.on_set(randomised=True)
    until(lambda: view.lines["curve"] == "examined")
    assert view.result["examination"] == ""
    rate = log.groupby("position").played.mean()
    assert view._figures["curve"].lines["all"]["value"] == pytest.approx(
        (rate / rate[1]).to_numpy()
    )
    assert view._figures["curve"].csv.startswith('"line","at","n","effective",')


def test_another_layout_is_the_control_when_the_strip_says_so(view, until):
    view.on_set(by="layout", control="b")
    until(lambda: view.result.get("comparison"))
    assert view.result["comparison"]["control"] == "b"
    view.on_set(control="c")
    until(lambda: "segment" in view.error)
    assert "'c'" in view.error
