import pytest

from explorer.rows.panel import RowsPanel
from explorer.state import actions


@pytest.fixture
def view(session, until, people, open_view):
    made = open_view(RowsPanel, session)
    until(lambda: made.rows)
    yield made
    session.close()
    for one in people.selections.listed():
        people.selections.remove(one.id)


def names(view):
    return [one["name"] for one in view.rows["saved"]["listed"]]


def test_a_selection_is_saved_listed_selected_renamed_and_removed(
    view, session, frame, until, send
):
    session.state.act(actions.select, selection={"expression": "member and age > 60"})
    send(view, "save_rows", name="old members", author="Ann")
    until(lambda: names(view) == ["old members"])
    (one,) = session.table.selections.listed()
    # what was saved is selected by its name: its link outlives the map
    until(lambda: session.state.document.selection == {"saved": one.id, "name": "old members"})
    until(lambda: view.rows["saved"]["listed"][0]["on"])
    shown = view.rows["saved"]["listed"][0]
    assert shown["count"] == int((frame["member"] & (frame["age"] > 60)).sum())
    assert shown["words"] == f"member and age > 60\n{shown['count']} rows · Ann · just now"
    send(view, "invert")
    until(lambda: view.rows["selection"]["count"] == 600 - shown["count"])
    send(view, "pick_saved", name=one.id, mode="replace")
    until(lambda: view.rows["selection"]["count"] == shown["count"])
    send(view, "rename_saved", name=one.id, called="elders")
    until(lambda: names(view) == ["elders"])
    send(view, "remove_saved", name=one.id)
    until(lambda: names(view) == [])
    until(lambda: view.rows["selection"] is None)
    assert any("not known here" in note for note in view.rows["notes"])


def test_what_goes_wrong_is_said_below_the_name(view, session, until, send):
    session.state.act(actions.select, selection={"expression": "member"})
    send(view, "save_rows", name="members", author="")
    until(lambda: names(view) == ["members"])
    send(view, "save_rows", name="members", author="")
    until(lambda: "saved already" in view.rows["saved"]["error"])
    send(view, "pick_saved", name="0" * 32, mode="add")
    assert "no saved selection" in session.notes[-1]


def test_an_expression_selects_as_well_as_filters(view, session, frame, until, send):
    send(view, "filter", expression="age >= 50", mode="replace")
    until(
        lambda: (
            view.rows["selection"]
            and view.rows["selection"]["count"] == int((frame["age"] >= 50).sum())
        )
    )
    assert session.state.document.filters == ()
    assert view.rows["used"] == 1
    send(view, "filter", expression="member", mode="intersect")
    both = int(((frame["age"] >= 50) & frame["member"]).sum())
    until(lambda: view.rows["selection"]["count"] == both)
    assert view.rows["selection"]["words"].startswith("age >= 50 and member ·")
    send(view, "filter", expression="aeg > 3", mode="add")
    until(lambda: "did you mean 'age'" in view.rows["error"])
    assert view.rows["used"] == 2


def test_the_table_is_one_click_away(view, session, send):
    send(view, "table")
    assert session.state.document.tab == "Rows"
