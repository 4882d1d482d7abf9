import io

import pandas as pd
import pytest

from explorer.state import actions
from explorer.tray.charts import TrayCharts


@pytest.fixture
def view(session, until, open_view):
    made = open_view(TrayCharts, session)
    until(lambda: made.charts)
    return made


def kinds(view):
    return [card["chart"] for card in view.charts["cards"]]


def test_charts_are_added_changed_and_taken_away_and_undone(view, session, until, send):
    assert kinds(view) == ["bars", "histogram", "scatter"]  # of their own accord
    send(view, "add", chart="line")
    until(lambda: kinds(view)[3:] == ["line"])
    assert view.charts["cards"][3]["x"] == "since"
    assert view.charts["full"]
    send(view, "add", chart="line")  # four are the most
    send(view, "change", place=3, chart="line", x="since", y="pulse")
    until(lambda: view.charts["cards"][3]["y"] == "pulse")
    # bars cannot show this column: another takes its place
    send(view, "change", place=3, chart="bars", x="since", y="pulse")
    until(lambda: kinds(view)[3] == "bars")
    assert view.charts["cards"][3]["y"] is None
    send(view, "remove", place=0)
    until(lambda: kinds(view) == ["histogram", "scatter", "bars"])
    session.state.undo()
    until(lambda: len(kinds(view)) == 4)


def test_a_brush_and_a_level_filter_as_strips_do_or_select(view, session, frame, until, send):
    send(view, "levels", column="member", level="yes", on=False)
    assert session.rows.population().count() == (~frame["member"]).sum()
    send(view, "range", column="age", ends=[30, 50])
    assert [entry.id for entry in session.state.document.filters] == [
        "column:member",
        "column:age",
    ]
    session.state.act(actions.remove_filter, id="column:member")
    session.state.act(actions.remove_filter, id="column:age")
    send(view, "select_range", column="age", ends=[30, 50], mode="replace")
    assert session.rows.selection().count() == frame["age"].between(30, 50).sum()
    send(view, "select_level", column="member", level="yes", mode="intersect")
    chosen = frame["age"].between(30, 50) & frame["member"]
    assert session.rows.selection().count() == chosen.sum()
    assert session.state.document.filters == ()


def test_a_box_is_one_filter_of_the_scatter_or_a_selection(view, session, frame, until, send):
    scatter = view.charts["cards"][2]
    x, y = scatter["x"], scatter["y"]
    send(view, "box", place=2, x=[2.0, 5.0], y=[1.0, 4.0])
    (entry,) = session.state.document.filters
    inside = frame[x].between(2, 5) & frame[y].between(1, 4)
    assert session.rows.population().count() == inside.sum()
    until(lambda: view.charts["cards"][2]["box"])
    send(view, "box", place=2, x=[2.0, 6.0], y=[1.0, 4.0])
    assert [found.id for found in session.state.document.filters] == [entry.id]
    send(view, "box", place=2, x=None, y=None)
    assert session.state.document.filters == ()
    send(view, "box", place=2, x=[2.0, 5.0], y=[1.0, 4.0], mode="replace")
    assert session.rows.selection().count() == inside.sum()
    send(view, "box", place=0, x=[2.0, 5.0], y=[1.0, 4.0])  # bars have no box
    assert session.state.document.filters == ()


def test_the_numbers_of_a_chart_are_a_table_and_a_file(view, frame, until, send):
    send(view, "numbers", place=0)
    until(lambda: view.numbers)
    assert view.numbers["heads"] == [view.charts["cards"][0]["x"], "shown", "selected"]
    table = pd.read_csv(io.StringIO(view.numbers["csv"]))
    assert table["shown"].sum() == len(frame)
    assert len(table) == len(view.numbers["lines"])


def test_no_chart_is_a_choice_too(view, until, send):
    for left in (2, 1, 0):
        send(view, "remove", place=0)
        until(lambda left=left: len(view.charts["cards"]) == left)
