import numpy as np
import pytest

from explorer.compare.controller import CompareController
from explorer.core.errors import ComparisonError
from explorer.features.roles.role import ColumnRole
from explorer.state import actions


@pytest.fixture
def groups(session):
    return CompareController(session)


def select(session, expression):
    session.state.act(actions.select, selection={"expression": expression})


def test_a_group_is_the_selection_within_the_filters_of_that_moment(groups, session, frame):
    session.state.act(actions.add_filter, id="f", expression="age < 60")
    select(session, "height > 2")
    groups.store("a")
    chosen = (frame["age"] < 60) & (frame["height"] > 2)
    stored = session.state.document.groups.a
    assert stored.count == chosen.sum()
    assert stored.name == "height > 2"
    assert stored.seen == {"height": "made the group", "age": "made the group"}
    session.state.act(actions.remove_filter, id="f")
    session.rows.clear_selection()
    np.testing.assert_array_equal(groups.rows("a").mask, chosen)
    assert groups.card()["a"] == {"name": "height > 2", "count": chosen.sum(), "moved": ""}


def test_without_a_selection_there_is_nothing_to_keep(groups, session):
    with pytest.raises(ComparisonError, match="select rows first"):
        groups.store("a")
    assert groups.card()["compare"] == ""
    assert "select rows" in groups.card()["why_not"]


def test_the_button_says_what_it_compares(groups, session, frame):
    select(session, "height > 2")
    n = int((frame["height"] > 2).sum())
    assert groups.card()["compare"] == f"Compare selection {n} with rest {600 - n}"
    groups.store("a")
    assert groups.card()["compare"] == f"Compare A {n} with rest {600 - n}"
    select(session, "age > 70")
    groups.store("b")
    both = int(((frame["height"] > 2) & (frame["age"] > 70)).sum())
    other = int((frame["age"] > 70).sum()) - both
    assert groups.card()["compare"] == f"Compare A {n} with B {other}"
    assert groups.card()["notes"] == [f"{both} rows are in both groups: they count in A alone"]
    session.state.act(actions.forget_group, which="b")
    assert groups.card()["compare"].endswith(f"rest {600 - n}")


def test_the_rest_lies_within_the_filters_and_hidden_rows_of_a_group_are_said(
    groups, session, frame
):
    select(session, "height > 2")
    groups.store("a")
    session.state.act(actions.add_filter, id="f", expression="age < 60")
    found = groups.compare()
    outside = (frame["age"] < 60) & ~(frame["height"] > 2)
    assert (found.n_a, found.n_b) == ((frame["height"] > 2).sum(), outside.sum())
    hidden = ((frame["height"] > 2) & (frame["age"] >= 60)).sum()
    assert groups.card()["a"]["moved"] == f"{hidden} of them are hidden by the present filters"


def test_groups_can_be_named_undone_and_shared(groups, session, new_session):
    select(session, "height > 2")
    groups.store("a")
    session.state.act(actions.name_group, which="a", name="tall")
    assert new_session(session.link()).state.document.groups.a.name == "tall"
    session.state.undo()
    session.state.undo()
    assert session.state.document.groups.a is None


def test_a_comparison_is_made_as_the_document_says(groups, session):
    select(session, "height > 2")
    session.state.act(actions.set_compare, margin=0.1, unit="person_id", adjust="age")
    found = groups.compare()
    assert (found.margin, found.unit, found.adjust) == (0.1, "person_id", "age")
    assert found["height"].seen == "made the group"
    assert found["stature"].seen.startswith("r ")


def test_a_shape_drawn_on_a_map_remembers_its_colour(groups, session):
    key = session.projection.shown_key()
    box = {"box": [[-9, 9], [-9, 0]], "embedding": key, "color": "age"}
    session.state.act(actions.select, selection=box)
    groups.store("a")
    seen = session.state.document.groups.a.seen
    assert seen["age"] == "coloured the map"


def test_groups_are_counted_once_for_all_views_until_something_changes(
    groups, session, monkeypatch
):
    counted, pair = [], groups.pair
    monkeypatch.setattr(groups, "pair", lambda: counted.append(1) or pair())
    select(session, "height > 2")
    first = groups.card()
    assert groups.card() == first
    assert len(counted) == 1
    session.state.act(actions.set_theme, theme="dark")
    groups.card()
    assert len(counted) == 1
    for changes in (
        lambda: select(session, "height > 3"),
        lambda: session.state.act(actions.add_filter, id="f", expression="age < 60"),
        lambda: groups.store("a"),
        lambda: session.state.act(actions.name_group, which="a", name="tall"),
    ):
        before = groups.card()
        changes()
        assert groups.card() != before
    session.table.columns.edit_count += 1  # selections may mean other rows then
    before = len(counted)
    groups.card()
    assert len(counted) == before + 1


@pytest.mark.parametrize(("given", "unit"), [(True, "member"), (False, None)])
def test_the_unit_is_the_column_that_a_person_called_so(groups, session, monkeypatch, given, unit):
    """A guess is proposed by what the rows show, not taken over."""
    roles = {"member": ColumnRole("unit", "Comes again.", given=given)}
    monkeypatch.setattr(type(session.table), "roles", roles)
    assert groups.unit() == unit
    session.state.act(actions.set_compare, unit="none")
    assert groups.unit() == "none"
