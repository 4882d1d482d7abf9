"""Saved selections in a session: exact rows that outlive maps and caches, and unknown ones."""

import numpy as np
import pytest

from explorer.session.session import Session
from explorer.state import actions
from explorer.state.link import to_url


@pytest.fixture(autouse=True)
def nothing_saved(people):
    yield
    for one in people.selections.listed():
        people.selections.remove(one.id)


def drawn(session):
    """Select by a lasso on the map shown; return the rows that are inside."""
    key = session.projection.shown_key()
    session.state.act(
        actions.select, selection={"lasso": [[0, 0], [4, 4], [-4, 4]], "embedding": key}
    )
    embedding = session.projection.embedding()
    return embedding.rows[embedding.xy[:, 1] > np.abs(embedding.xy[:, 0])]


def test_rows_drawn_on_a_map_survive_without_it_once_they_are_saved(session, people, fake_queue):
    rows = drawn(session)
    kept = session.rows.save_selection("island", "Ann")
    session.state.act(actions.select, selection={"saved": kept.id, "name": kept.name})
    link = session.link()
    later = Session(
        people, fake_queue, {"features": ["height", "weight", "pulse"]}, link
    )  # has no map at all
    np.testing.assert_array_equal(later.rows.selection().rows(), rows)
    assert later.notes == []


def test_what_is_saved_are_the_rows_within_the_filters(session, people, frame):
    session.state.act(actions.add_filter, id="f", expression="age >= 40")
    session.state.act(actions.select, selection={"expression": "member"})
    kept = session.rows.save_selection("members")
    wanted = frame.index[frame["member"] & (frame["age"] >= 40)]
    np.testing.assert_array_equal(people.selections[kept.id].rows(), wanted)
    session.state.act(actions.remove_filter, id="f")
    session.state.act(actions.select, selection={"saved": kept.id})
    np.testing.assert_array_equal(session.rows.selection().rows(), wanted)


def test_saved_rows_combine_like_any_others(session, frame):
    session.state.act(actions.select, selection={"expression": "member"})
    saved = {"saved": session.rows.save_selection("members").id, "name": "members"}
    old, young = {"expression": "age >= 60"}, {"expression": "age < 30"}
    session.state.act(actions.select, selection=old)
    session.state.act(actions.select, selection=saved, mode="intersect")
    np.testing.assert_array_equal(
        session.rows.selection().mask, frame["member"] & (frame["age"] >= 60)
    )
    session.state.act(actions.select, selection=young, mode="add")
    both = (frame["member"] & (frame["age"] >= 60)) | (frame["age"] < 30)
    np.testing.assert_array_equal(session.rows.selection().mask, both)
    session.rows.invert_selection()
    np.testing.assert_array_equal(session.rows.selection().mask, ~both)
    session.state.act(actions.select, selection=saved, mode="remove")
    np.testing.assert_array_equal(session.rows.selection().mask, ~both & ~frame["member"])


def test_a_link_to_rows_that_are_not_known_here_says_so_and_opens_the_rest(
    new_session, session, people
):
    session.state.act(actions.select, selection={"saved": "0" * 32, "name": "giants"})
    session.state.act(actions.add_filter, id="f", rows={"saved": "1" * 32})
    session.color_by("age")
    other = new_session(to_url(session.state.document, session.start))
    assert other.state.document.color.column == "age"
    assert other.rows.selection() is None
    assert other.rows.population() is None
    assert sorted(other.notes) == [
        (
            "a saved selection is not known here: it was removed, or saved in the data folder of "
            "another server"
        ),
        (
            "the saved selection 'giants' is not known here: it was removed, or saved in the "
            "data folder of another server"
        ),
    ]


def test_all_sessions_hear_of_what_is_saved_and_of_what_is_removed(session, new_session, people):
    other, heard = new_session(), []
    other.listen(heard.append)
    session.state.act(actions.select, selection={"expression": "member"})
    kept = session.rows.save_selection("members")
    assert heard == [{"selections"}]
    other.state.act(actions.select, selection={"saved": kept.id, "name": "members"})
    assert other.rows.selection().count() == kept.count
    people.selections.remove(kept.id)
    assert heard[-1] == {"selections", "selection", "filters", "groups"}
    assert other.rows.selection() is None
    assert "'members' is not known here" in other.notes[-1]
    session.close()
