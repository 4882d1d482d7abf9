"""The card of the selection on the map, without a browser."""

import json
import threading

import pytest

from explorer.core.errors import ComparisonError
from explorer.map_view import map_explanation
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.state import actions


@pytest.fixture
def view(session, until, open_view, monkeypatch):
    monkeypatch.setattr(map_explanation, "prepare_explanations", lambda *_: None)
    made = open_view(MapCanvas, session)
    until(lambda: made.overlay)
    return made


def select(session, expression):
    session.state.act(actions.select, selection={"expression": expression})


def text(view):
    return "".join(part[0] for part in view.explanation.get("parts", []))


def test_a_selection_is_explained_with_figures_and_example_rows(view, session, until, frame):
    assert view.explanation == {}
    select(session, "height > 3")
    until(lambda: view.explanation.get("complete"))
    card = view.explanation
    assert text(view).startswith(f"{(frame['height'] > 3).sum()} rows: ")
    assert len(card["clauses"]) == len([part for part in card["parts"] if part[1] is not None])
    assert card["clauses"][0]["figures"][0].startswith("Cliff's δ ")
    assert (len(card["typical"]), len(card["edge"])) == (3, 3)
    assert "tested" in card["tested"]
    json.dumps(card, allow_nan=False)


def test_a_lasso_says_what_drew_the_map(view, session, until, send):
    x_range, y_range = session.projection.map().extent
    middle = sum(x_range) / 2
    corners = [
        [x_range[0], y_range[0]],
        [middle, y_range[0]],
        [middle, y_range[1]],
        [x_range[0], y_range[1]],
    ]
    send(view, "lasso", polygon=corners, mode="replace")
    until(lambda: view.explanation.get("complete"))
    whys = {why for _, why in view.explanation["untested"]}  # this map's features are not known
    assert whys == {"may be a feature of this map: its features are not known"}
    assert text(view).endswith("it is not known which features made this map.")


def test_the_newest_selection_alone_is_explained(view, session, until, frame):
    select(session, "height > 3")
    select(session, "height > 2")
    until(lambda: view.explanation.get("complete"))
    assert text(view).startswith(f"{(frame['height'] > 2).sum()} rows: ")
    session.rows.clear_selection()
    assert view.explanation == {}


@pytest.fixture
def may_explain(monkeypatch):
    """Nothing is explained before this event is set."""
    explain, event = map_explanation.explain_selection, threading.Event()

    def late(*given, **options):
        assert event.wait(20)
        return explain(*given, **options)

    monkeypatch.setattr(map_explanation, "explain_selection", late)
    return event


def test_what_else_follows_a_selection_waits_for_the_first_sentence(
    view, session, until, monkeypatch, may_explain
):
    monkeypatch.setattr(map_explanation, "_LONGEST_WAIT", 60.0)
    said = []

    def follow(changed):
        view.after_explanation(frozenset(changed), lambda _: said.append(text(view)))

    select(session, "height > 3")
    follow({"selection"})
    select(session, "height > 2")
    follow({"selection"})
    assert said == []
    follow({"selection", "tab"})  # more than the selection has changed
    assert said == [""]
    may_explain.set()
    until(lambda: len(said) == 3)
    assert all(said[1:])
    session.rows.clear_selection()
    follow({"selection"})
    assert said[3:] == [""]


def test_nothing_waits_long_for_an_explanation(view, session, until, monkeypatch, may_explain):
    monkeypatch.setattr(map_explanation, "_LONGEST_WAIT", 0.2)
    told = []
    follow = told.append
    for height in range(5):  # as while a selection is drawn: none is explained before the next
        select(session, f"height > {height / 2}")
        view.after_explanation(frozenset({"selection"}), follow)
    until(lambda: told)
    assert len(told) == 1
    assert view.explanation == {"pending": True}
    may_explain.set()
    until(lambda: view.explanation.get("complete"))


def test_others_are_the_rows_that_the_filters_leave(view, session, until, frame):
    session.state.act(actions.add_filter, id="f", expression="age < 60")
    select(session, "height > 2")
    until(lambda: view.explanation.get("complete"))
    assert text(view).startswith(f"{((frame['height'] > 2) & (frame['age'] < 60)).sum()} rows: ")
    select(session, "age < 60")
    until(lambda: "all rows shown" in text(view))
    assert not view.explanation["comparable"]


def test_who_closes_it_is_left_alone_until_it_is_opened(view, session, until, send):
    select(session, "height > 3")
    until(lambda: view.explanation.get("complete"))
    send(view, "explain", on=False)
    assert view.explanation == {"closed": True}
    select(session, "height > 2")
    assert view.explanation == {"closed": True}
    send(view, "explain", on=True)
    until(lambda: view.explanation.get("complete"))


def test_a_click_compares_the_selection_with_the_rest_whatever_groups_are_kept(
    view, session, until, send, frame
):
    select(session, "age > 70")
    session.state.act(
        actions.store_group, which="b", rows={"expression": "age > 70"}, count=10, seen={}
    )
    select(session, "height > 3")
    send(view, "compare")
    document = session.state.document
    assert document.tab == "Compare"
    assert (document.groups.a.count, document.groups.b) == ((frame["height"] > 3).sum(), None)
    assert session.messages["ask"] == 1


def test_an_example_is_looked_at(view, session, until, send):
    select(session, "height > 3")
    until(lambda: view.explanation.get("complete"))
    row, _ = view.explanation["typical"][0]
    send(view, "example", row=row)
    assert session.state.document.row == row


def test_what_cannot_be_computed_is_said(view, session, until, monkeypatch):
    def refuse(*_, **__):
        raise ComparisonError("this table has changed: open it again")

    monkeypatch.setattr(map_explanation, "explain_selection", refuse)
    select(session, "height > 3")
    until(lambda: view.explanation.get("error"))
    assert view.explanation == {"error": "this table has changed: open it again"}
