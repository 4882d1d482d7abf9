"""The document of a link, when it fits the table; else the start, with one note that says why."""

import pytest

from explorer.core.errors import ExplorerError, FeatureError, UnknownName
from explorer.session.restoring import check_color, restore_document
from explorer.state import actions
from explorer.table.table import open_table


def restore(session, link):
    """Restore a link as the session does when it begins."""
    return restore_document(link, session.start, session.table, session.resolver, session.notes)


def test_a_link_that_fits_is_restored_as_it_is(session, link_of):
    link = link_of(
        session, feature="city", tab="Feature", strips=["age", "city"], color={"column": "member"}
    )
    document = restore(session, link)
    assert (document.feature, document.tab, document.strips) == (
        "city",
        "Feature",
        ("age", "city"),
    )
    assert document.color.column == "member"
    assert session.notes == []


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"feature": "gone"}, "'gone'"),
        ({"feature": "heigth"}, "did you mean 'height'"),
        ({"strips": ["age", "agee"]}, "did you mean 'age'"),
        ({"color": {"column": "vector"}}, "has no single value for each row"),
        ({"color": {"column": "city", "palette": "viridiss"}}, "viridis"),
        ({"selection": {"expression": "heigth > 3"}}, "did you mean 'height'"),
        ({"selection": {"expression": "height >"}}, ""),
    ],
)
def test_a_link_that_does_not_fit_is_one_note_and_the_start(session, link_of, sections, words):
    assert restore(session, link_of(session, **sections)) == session.start
    assert len(session.notes) == 1
    assert session.notes[0].startswith("the link does not fit this table: ")
    assert words in session.notes[0]
    assert "\n" not in session.notes[0]


def test_a_selection_on_a_map_that_is_still_to_come_is_no_reason_to_refuse(session, link_of):
    drawn = {"box": [[0, 1], [0, 1]], "embedding": "f" * 32}
    document = restore(session, link_of(session, selection=drawn))
    assert document.selection == drawn
    assert session.notes == []


def test_a_link_that_cannot_be_read_says_so(session):
    assert restore(session, "1.AAAA") == session.start
    assert len(session.notes) == 1
    assert "damaged" in session.notes[0]


@pytest.mark.parametrize("column", [None, "height", "city", "since", "member", "person_id"])
def test_what_has_a_value_for_each_row_can_colour(people, column):
    check_color(people, column)


def test_what_has_none_is_refused_in_words(people):
    with pytest.raises(
        FeatureError, match=r"'vector' \(vector\) has no single value for each row to colour by"
    ):
        check_color(people, "vector")
    with pytest.raises(UnknownName, match="did you mean 'height'"):
        check_color(people, "heigth")
    nested = open_table(_nested())
    with pytest.raises(ExplorerError, match=r"'many' .* has no single value"):
        check_color(nested, "many")


def _nested():
    import pyarrow as pa

    return pa.table({"many": [{"a": 1}, {"a": 2}]})


def test_a_link_opens_the_same_state_a_hundred_times(new_session):
    session = new_session()
    act = session.state.act
    act(actions.set_policy, scale="robust", transform={"height": "log"})
    act(actions.add_filter, id="f", expression="age is not null")
    act(
        actions.select,
        selection={
            "and": [{"expression": "height is not null"}, {"column": "age", "range": [1.5, 60.25]}]
        },
    )
    act(
        actions.store_group,
        which="a",
        rows={"expression": "height is not null"},
        count=5,
        name="tall",
        seen={"height": "why"},
    )
    act(actions.open_set, name="core@3")
    link, first = session.link(), session.state.document
    for _ in range(100):
        session = new_session(link)
        assert session.state.document == first
        assert session.link() == link
        assert not session.notes
