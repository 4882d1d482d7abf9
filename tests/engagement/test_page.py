import base64
import io

import pandas as pd
import pytest

from explorer.engagement import page as models_engagement
from explorer.engagement.page import EngagementView
from explorer.state import actions


@pytest.fixture
def view(session, open_view):
    session.state.act(actions.set_tab, name="Models")
    session.state.act(actions.set_engagement, item="city", outcome="member")
    return open_view(EngagementView, session)


def test_what_is_to_be_named_is_said(session):
    session.state.act(actions.set_tab, name="Models")
    session.state.act(actions.set_models, view="engagement")
    view = EngagementView(session, lambda function: function())
    assert view.result == {}
    assert view._setup_card()["wanting"].startswith("name the column of the ads")


def test_items_are_listed_when_they_are_computed(view, until, frame):
    until(lambda: view.items.get("lines"))
    assert view.items["total"] == frame.city.nunique()
    assert view.result["n_items"] == frame.city.nunique()
    until(lambda: len(view._place) == 1)


def test_a_click_selects_the_rows_of_an_item_and_of_its_segment(view, session, until, frame):
    view.on_set(by="flat")
    until(lambda: view.result.get("by") == "flat" and view.items.get("lines"))
    view.on_choose("A")
    assert session.rows.selection().count() == (frame.city == "A").sum()
    assert [line["segment"] for line in view.chosen["lines"]] == ["all", "1"]
    view.on_segment("1")
    view.on_choose("B", "add")
    assert session.rows.selection().count() == frame.city.isin(["A", "B"]).sum()
    view.on_choose(None)
    assert view.chosen == {}


def test_order_and_segment_of_a_link_are_shown_as_they_were(
    view, session, new_session, open_view, until
):
    view.on_set(by="flat")
    until(lambda: view.result.get("by") == "flat" and view.items.get("lines"))
    view.on_segment("1")
    view.on_window(0, 60, "item", "")
    until(lambda: (view.items["segment"], view.items["sort"]) == ("1", "item"))
    other = open_view(EngagementView, new_session(session.link()))
    until(lambda: other.items.get("lines"))
    assert other.items == view.items


def test_what_cannot_be_read_is_said_and_what_is_shown_says_that_it_is_old(view, until):
    until(lambda: view.result.get("tiles"))
    view.on_set(outcome="city")
    until(lambda: view.result.get("stale"))
    assert "outcome is a column of numbers" in view.error


def test_everything_can_be_saved(view, until, frame):
    until(lambda: view.items.get("lines"))
    view.on_save("csv")
    data = base64.b64decode(view.saved["data"].partition("base64,")[2])
    assert len(pd.read_csv(io.BytesIO(data))) == frame.city.nunique()
    until(lambda: view._figure)
    view.on_save_plot()
    assert view.saved["name"] == "engagement-items.csv"
    view.on_save("json")
    assert view.saved["name"] == "engagement.json"


def test_a_view_that_is_not_open_reads_nothing(session):
    session.state.act(actions.set_models, view="ranking")
    view = EngagementView(session, lambda function: function())
    assert not view.busy
    assert view.setup == {}


@pytest.fixture
def endless(monkeypatch, until_stopped):
    """Let engagement be read for as long as nobody stops it; return how often it was stopped."""
    stopped: list[str] = []
    real = models_engagement.engagement
    monkeypatch.setattr(models_engagement, "engagement", until_stopped("items", "outcome", stopped))
    return stopped, lambda: monkeypatch.setattr(models_engagement, "engagement", real)


def test_reading_says_how_far_it_is_and_can_be_stopped_and_begun_again(
    endless, session, until, open_view, send
):
    stopped, end = endless
    session.state.act(actions.set_tab, name="Models")
    session.state.act(actions.set_engagement, item="city", outcome="member")
    view = open_view(EngagementView, session)
    until(lambda: view.busy.startswith("items, in the whole and in segments"))
    # another question does not wait for the end of the first
    view.on_set(outcome="flat")
    until(lambda: stopped == ["member"])
    send(view, "stop")
    assert (view.busy, view.stopped, view.result) == ("", True, {})
    until(lambda: stopped == ["member", "flat"])
    end()
    real, view._reading._read = view._reading._read, models_engagement.engagement
    send(view, "compute")
    until(lambda: view.result)
    assert (view.busy, view.stopped, view.result.get("stale")) == ("", False, None)
    # figures of the last question are not taken for those of one that was stopped
    view._reading._read = real
    view.on_set(outcome="member")
    until(lambda: view.busy.startswith("items"))
    send(view, "stop")
    assert view.result["stale"]
    until(lambda: len(stopped) == 3)
