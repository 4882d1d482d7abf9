"""Which rows a map is of: all, those of the map above, shown ones, selected ones."""

import shutil

import numpy as np
import pytest

import explorer
from explorer.core.errors import ExplorerError, FeatureError, SelectionError
from explorer.map_view.map_overlay import map_overlay
from explorer.selection.row_subset import read_rows
from explorer.session.session import Session
from explorer.session.session_file import fit_to_table, session_document
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.link import to_url

OLD = {"expression": "age > 50"}
OLDER = {"expression": "age > 70"}


@pytest.fixture
def old(frame):
    return int((frame["age"] > 50).sum())


def map_selected(session, definition, which="selected"):
    session.state.act(actions.select, selection=definition)
    session.projection.project(which)


def test_selected_rows_are_a_map_of_their_own_and_the_way_back_is_kept(
    session, fake_queue, old, people
):
    everything = session.projection.shown_key()
    session.state.act(actions.set_color, column="city")
    map_selected(session, OLD)
    settings = session.state.document.projected
    assert (settings.rows.count, settings.rows.name) == (old, f"{old} selected")
    assert settings.rows.definition == OLD
    assert settings.rows.seen == {"age": "made the group"}
    assert settings.above == session.start.chosen
    assert all(spec.matrix.rows == settings.rows for spec in fake_queue.jobs[-1].specs)
    mask = read_rows(people.columns.cache, settings.rows, people.num_rows)
    np.testing.assert_array_equal(mask, explorer.where(people, "age > 50").mask)
    fake_queue.jobs[-1].finish()
    assert session.projection.shown_key() not in (None, everything)
    assert map_overlay(session)["trail"] == ["All rows", f"{old} selected"]
    assert session.state.document.selection == OLD
    assert session.state.document.color.column == "city"
    session.projection.show_above(0)
    assert session.projection.shown_key() == everything
    assert map_overlay(session)["trail"] == []
    session.state.undo()
    assert session.state.document.projected == settings
    with pytest.raises(FeatureError, match="there are 2 levels of maps"):
        session.projection.show_above(2)


def test_another_tick_stays_with_the_rows_of_the_map_and_all_rows_come_back_when_asked(
    session, fake_queue
):
    map_selected(session, OLD)
    subset = session.state.document.projected.rows
    session.state.act(actions.toggle_feature, name="pulse", on=False)
    session.projection.project()
    assert session.state.document.projected.rows == subset
    assert session.state.document.projected.above == session.start.chosen
    session.state.act(actions.set_map_rows, rows="all")
    session.projection.project()
    assert session.state.document.projected.rows is None
    assert fake_queue.jobs[-1].specs[0].matrix.rows is None


def test_rows_within_rows_are_a_level_below_and_others_begin_from_all_rows(session, old, frame):
    map_selected(session, OLD)
    map_selected(session, OLDER)
    inner = session.state.document.projected
    older = int((frame["age"] > 70).sum())
    names = [level.rows and level.rows.name for level in inner.levels]
    assert names == [None, f"{old} selected", f"{older} selected"]
    map_selected(session, OLD)  # the same rows again: their own level, not one more below
    assert len(session.state.document.projected.levels) == 2
    map_selected(session, {"expression": "age < 30"})
    assert len(session.state.document.projected.levels) == 2


def test_the_same_filter_is_the_same_map_and_another_one_another(session, fake_queue):
    keys = []
    for expression in ("age > 50", "age > 51", "age > 50"):
        session.state.act(actions.add_filter, id="f", expression=expression)
        session.projection.project("shown")
        keys.append(tuple(session.projection.keys().values()))
    assert keys[0] == keys[2] != keys[1]
    assert [spec.key(job.source.fingerprint) for job in fake_queue.jobs[-3:] for spec in job.specs]
    session.state.act(actions.remove_filter, id="f")
    session.projection.project("shown")
    assert session.state.document.projected.rows is None


def test_all_rows_by_a_selection_are_the_map_of_all_rows(session):
    map_selected(session, {"expression": "age > 0"})
    assert session.state.document.projected is None or not session.state.document.projected.rows


@pytest.mark.parametrize(
    ("condition", "count"), [("age > 1000", "0"), ("person_id = 'p0001'", "1")]
)
def test_too_few_rows_are_refused_before_anything_runs(session, fake_queue, condition, count):
    jobs, before = len(fake_queue.jobs), session.state.document.projected
    with pytest.raises(FeatureError, match=f"Too few rows .*{count} selected.*needs at least 4"):
        map_selected(session, {"expression": condition})
    assert (len(fake_queue.jobs), session.state.document.projected) == (jobs, before)


def test_three_rows_are_enough_for_pca_and_too_few_for_umap(session):
    three = {"expression": "person_id in ('p0001', 'p0002', 'p0003')"}
    with pytest.raises(FeatureError, match=r"UMAP needs at least 4.*or use PCA"):
        map_selected(session, three)
    session.state.act(actions.set_method, name="pca")
    map_selected(session, three)
    assert session.state.document.projected.rows.count == 3


def test_no_selection_is_refused(session):
    session.state.act(actions.set_map_rows, rows="selected")
    with pytest.raises(SelectionError, match="no row is selected"):
        session.projection.project()


def test_a_link_opens_the_map_of_the_same_rows(session, new_session, fake_queue):
    map_selected(session, OLD)
    fake_queue.jobs[-1].finish()
    other = new_session(session.link())
    assert other.notes == []
    assert other.state.document.projected == session.state.document.projected
    other.projection.open()
    assert other.projection.keys() == session.projection.keys()
    assert fake_queue.jobs[-1].specs[0].matrix.rows == session.state.document.projected.rows


def test_a_session_file_keeps_the_rows_and_on_other_data_says_that_they_are_gone(session, people):
    map_selected(session, OLD)
    document = session_document(session)
    state, notes = fit_to_table(document, people, session.resolver)
    assert state.projected == session.state.document.projected
    assert notes == []
    document["table"]["fingerprint"] = "0" * 32
    state, notes = fit_to_table(document, people, session.resolver)
    assert state.projected is None
    assert any("selected rows of that data" in note for note in notes)


def test_rows_chosen_by_a_label_stay_when_the_label_changes(frame, fake_queue):
    table = explorer.open_table(frame[["height", "weight", "age"]])  # others keep their columns

    def new(link=""):
        return Session(table, fake_queue, {"features": ["height", "weight"]}, link)

    session = new()
    table.label(explorer.where(table, "age > 80"), "verdict", "odd")
    map_selected(session, {"column": "verdict", "levels": ["odd"]})
    before, link = session.state.document.projected, session.link()
    keys = session.projection.keys()
    table.label(explorer.where(table, "age < 25"), "verdict", "odd")
    assert session.projection.keys() == keys
    session.projection.project()  # "the rows of this map", and nothing has changed
    assert session.state.document.projected == before
    session.projection.project("selected")
    assert session.state.document.projected.rows.count > before.rows.count
    # where the rows are not kept, the label that changed is no way to find them
    shutil.rmtree(table.columns.cache.folder / "rows" / before.rows.id)
    stranger = new(link)
    stranger.projection.open()
    assert "the same choice now gives" in stranger.projection.job.failed


def test_what_is_no_map_of_chosen_rows_is_refused_in_a_link(session, new_session, link_of):
    chosen = as_json(session.start.chosen, "settings")
    link = link_of(session, projected={**chosen, "rows": {"id": "../x", "count": 1}})
    assert "the link cannot be used" in new_session(link).notes[0]
    with pytest.raises(ExplorerError, match="did you mean 'selected'"):
        session.state.act(actions.set_map_rows, rows="selectd")


def finish(session, fake_queue, people):
    """End the job, as a worker does: its maps are in the cache."""
    job = fake_queue.jobs[-1]
    for spec in job.specs:
        with people.columns.cache.put("embeddings", spec.key(people.fingerprint)) as draft:
            (draft / "here").touch()
    job.finish()


def test_a_new_map_is_laid_onto_the_one_shown_and_an_earlier_one_comes_back_as_it_was(
    session, new_session, fake_queue, people
):
    finish(session, fake_queue, people)
    first, keys = session.projection.shown_key(), session.projection.keys()
    session.state.act(actions.toggle_feature, name="pulse", on=False)
    session.projection.project()
    assert session.state.document.projected.aligned_to == first
    assert {spec.aligned_to for spec in fake_queue.jobs[-1].specs} == {first}
    finish(session, fake_queue, people)
    second = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="pulse", on=True)
    session.projection.project()
    assert session.projection.keys().keys() == keys.keys()
    assert session.projection.shown_key() == first
    session.state.undo()
    session.state.undo()
    assert session.projection.shown_key() == second
    assert new_session(session.link()).projection.keys() == session.projection.keys()
    # a link says how it was laid, so that the other map need not be there; one of before that does
    # not, and the page says so
    for key in (first, second, *session.projection.keys().values()):
        shutil.rmtree(people.columns.cache.folder / "embeddings" / key, ignore_errors=True)
    stranger = new_session(session.link())
    stranger.projection.open()
    assert stranger.notes == []
    assert stranger.projection.keys() == session.projection.keys()
    assert all(spec.alignment for spec in fake_queue.jobs[-1].specs)
    stranger = new_session(to_url(session.state.document, session.start))
    stranger.projection.open()
    assert any("aligned with another map" in note for note in stranger.notes)
    assert {spec.aligned_to for spec in fake_queue.jobs[-1].specs} == {None}
