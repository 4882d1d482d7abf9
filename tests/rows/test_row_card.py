import pytest

from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.rows.panel import RowsPanel
from explorer.rows.row_card import RowCard
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture
def view(session, open_view):
    return open_view(RowCard, session)


@pytest.fixture
def canvas(session, open_view):
    return open_view(MapCanvas, session)


def test_the_card_of_a_row_comes_with_it_and_goes_with_it(view, session, until, send):
    assert view.card == {}
    session.state.act(actions.look_at_row, row=3)
    until(lambda: view.card.get("row") == 3)
    assert view.card["title"] == "p0003"
    until(lambda: view.nearest.get("row") == 3)
    send(view, "close")
    assert session.state.document.row is None
    assert (view.card, view.nearest) == ({}, {})


def test_the_latest_row_wins(view, session, until, idle):
    for row in range(30):
        session.state.act(actions.look_at_row, row=row)
    until(lambda: view.card.get("row") == 29 and view.nearest.get("row") == 29)
    session.state.act(actions.look_at_row, row=None)
    idle(view)
    assert view.card == {}


def test_a_click_on_the_map_looks_at_the_row_and_marks_it(canvas, session, until, send, idle):
    x, y = session.projection.embedding().xy[17].tolist()
    send(canvas, "click", x=x, y=y, radius=1e-6)
    until(lambda: session.state.document.row == 17)
    until(lambda: canvas.mark == {"places": [[x, y], None]})
    session.state.act(actions.look_at_row, row=599)
    until(lambda: canvas.mark == {})  # it has no place on the map
    send(canvas, "click", x=1e6, y=1e6, radius=1.0)
    idle(canvas)
    assert session.state.document.row == 599  # a click on nothing changes nothing


def test_going_to_a_row_flies_there(view, canvas, session, send):
    send(view, "go", row=4)
    x, y = session.projection.embedding().xy[4].tolist()
    assert canvas.fly == {"x": x, "y": y, "zoom": False, "turn": 1}
    session.state.act(actions.set_tab, name="Together")
    send(view, "place")
    assert session.state.document.tab == "Map"
    assert canvas.fly == {"x": x, "y": y, "zoom": True, "turn": 2}
    send(view, "go", row=598)
    assert canvas.fly["turn"] == 2  # there is nowhere to fly to
    send(view, "look", name="age")
    assert (session.state.document.feature, session.state.document.tab) == ("age", "Feature")


def test_a_row_is_found_by_its_title_and_looked_at(session, canvas, at_once, until, send):
    panel = RowsPanel(session, at_once)
    send(panel, "find", text="P01")
    until(lambda: panel.found.get("text") == "P01")
    assert (panel.found["count"], panel.found["column"]) == (100, "person_id")
    assert panel.found["rows"] == [[row, f"p{row:04d}", ""] for row in range(100, 120)]
    session.state.act(actions.set_tab, name="Compare")
    send(panel, "go", row=100)
    assert (session.state.document.row, session.state.document.tab) == (100, "Map")
    assert canvas.fly["zoom"]


def test_a_link_reopens_the_row_and_one_that_is_not_there_is_said(new_session, people, fake_queue):
    session = new_session()
    session.state.act(actions.look_at_row, row=42)
    again = Session(people, fake_queue, {"features": ["height", "weight", "pulse"]}, session.link())
    assert again.state.document.row == 42
    session.state.act(actions.look_at_row, row=600)
    again = Session(people, fake_queue, {"features": ["height", "weight", "pulse"]}, session.link())
    assert again.state.document.row is None
    assert again.notes == ["the link names row 600, and the table has 600"]
