"""One person at one table, with a queue whose jobs do what the test says."""

import pytest

from explorer.core.errors import ExplorerError, FeatureError, UnknownName
from explorer.core.jobs.events import Cancelled, Done, Failed, Progress
from explorer.map.paint.shade import value_span
from explorer.map.raster.frame import aggregate
from explorer.session.maps import scene
from explorer.session.maps.specs import specs_of
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.document import Method, ProjectionSettings


@pytest.fixture
def heard(session):
    changes = []
    session.listen(changes.append)
    return changes


def test_opening_asks_for_pca_and_then_the_chosen_method(new_session, fake_queue):
    session = new_session()
    assert (
        session.projection.map(),
        session.projection.shown_key(),
        session.projection.available(),
    ) == (None, None, [])
    session.projection.open()
    (job,) = fake_queue.jobs
    assert [spec.method for spec in job.specs] == ["pca", "umap"]
    assert {spec.matrix.features for spec in job.specs} == {("height", "weight", "pulse")}
    assert session.projection.job.shown()["text"] == "umap · waiting for another job · 0 %"


def test_with_pca_chosen_there_is_one_map(new_session, fake_queue):
    new_session(method={"name": "pca"}).projection.open()
    assert [spec.method for spec in fake_queue.jobs[0].specs] == ["pca"]


def test_each_map_is_shown_when_it_comes_and_the_job_ends(new_session, fake_queue):
    session = new_session()
    changes = []
    session.listen(changes.append)
    session.projection.open()
    job, keys = fake_queue.jobs[0], session.projection.keys()
    job.finish(0)
    assert (session.projection.shown_key(), session.projection.embedding().method) == (
        keys["pca"],
        "pca",
    )
    job.tell(Progress("layout", 1, 4, seconds=2.0, eta=6.0, share=0.25))
    assert session.projection.job.shown() == {
        "text": "umap · layout · 25 % · 6 s left",
        "title": "umap · layout · 25 % · 6 s left",
        "share": 0.25,
        "failed": False,
        "over": False,
    }
    job.finish(1)
    assert session.projection.shown_key() == keys["umap"]
    job.tell(Done())
    assert session.projection.job is None
    assert [key for key, _ in session.projection.available()] == [keys["umap"], keys["pca"]]
    assert changes == [{"maps", "job"}, {"job"}, {"maps", "job"}, {"job"}]


def test_a_preview_gives_way_to_the_finished_embedding(new_session, fake_queue):
    session = new_session()
    session.projection.open()
    fake_queue.jobs[0].finish(0, preview=True)
    assert session.projection.embedding().scores == {}
    preview = session.projection.map()
    fake_queue.jobs[0].finish(0)
    assert session.projection.embedding().scores["neighbors_kept"]["15"]["value"] == 0.4
    assert session.projection.map().store.folder != preview.store.folder
    assert len(session.projection.available()) == 1


def test_the_person_may_look_at_the_control(session, heard):
    keys = session.projection.keys()
    assert session.projection.shown_key() == keys["umap"]
    for name in ("pca", keys["pca"]):
        session.state.act(actions.show_embedding, key=name)
        assert session.projection.shown_key() == keys["pca"]
        session.state.act(actions.show_embedding, key="umap")
    assert session.projection.shown_key() == keys["umap"]
    assert {"embedding"} in heard


def test_ticking_changes_nothing_until_project_is_pressed(session, fake_queue):
    session.state.act(actions.toggle_feature, name="age", on=True)
    assert session.projection.settings().features == ("height", "weight", "pulse")
    assert len(fake_queue.jobs) == 1
    before = session.projection.shown_key()
    session.projection.project()
    assert session.projection.settings().features == ("height", "weight", "pulse", "age")
    assert (
        session.projection.shown_key() == before
    )  # the last complete map stays until there is a new one
    fake_queue.jobs[1].finish(0)
    assert session.projection.shown_key() == session.projection.keys()["pca"]
    fake_queue.jobs[1].finish()
    assert session.projection.shown_key() == session.projection.keys()["umap"]
    assert len(session.projection.available()) == 4


def test_undo_of_a_projection_brings_the_former_maps_back(session, fake_queue):
    before = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    fake_queue.jobs[1].finish()
    assert session.projection.shown_key() != before
    session.state.undo()
    assert session.projection.shown_key() == before
    assert session.projection.settings().features == ("height", "weight", "pulse")
    session.state.redo()
    assert session.projection.embedding().name == "UMAP of 4 features"


def test_project_again_without_a_change_asks_again(session, fake_queue):
    session.projection.project()
    assert len(fake_queue.jobs) == 2


def test_what_cannot_be_projected_is_refused_and_nothing_is_lost(session, fake_queue):
    shown = session.projection.shown_key()
    for names, error, words in (
        ([], FeatureError, "no feature is chosen"),
        (["hight"], UnknownName, "did you mean 'height'"),
        (["nothing"], FeatureError, "all missing"),
    ):
        if error is UnknownName:  # a column that the table does not have is not even ticked
            with pytest.raises(error, match=words):
                session.state.act(actions.set_features, names=names)
            continue
        session.state.act(actions.set_features, names=names)
        with pytest.raises(error, match=words):
            session.projection.project()
    assert (session.projection.shown_key(), len(fake_queue.jobs)) == (shown, 1)


def test_a_newer_job_cancels_the_running_one_whose_last_words_are_ignored(new_session, fake_queue):
    session = new_session()
    session.projection.open()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    first, second = fake_queue.jobs
    assert first.cancelled
    second.tell(Progress("layout", 1, 2, share=0.5))
    job = session.projection.job
    for event in (Progress("matrix", 1, 1), Failed("no"), Cancelled(), Done()):
        first.tell(event)
    assert session.projection.job is job
    # a map that is finished is no reason to throw it away
    first.finish(0)
    assert len(session.projection.available()) == 1
    assert session.projection.job is job


def test_cancel_keeps_what_is_finished(new_session, fake_queue):
    session = new_session()
    session.projection.open()
    fake_queue.jobs[0].finish(0)
    session.projection.cancel()
    assert fake_queue.jobs[0].cancelled
    assert (
        session.projection.job.shown()["text"]
        == "UMAP cancelled: the map shown is the PCA of the same features"
    )
    assert session.projection.embedding().method == "pca"
    session.projection.dismiss()
    assert session.projection.job is None


def test_a_failed_job_says_why_and_the_session_goes_on(session, fake_queue):
    shown = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    fake_queue.jobs[1].tell(Failed("the worker process ended with signal 9", "Traceback"))
    assert session.projection.job.shown() == {
        "text": "the worker process ended with signal 9",
        "title": "the worker process ended with signal 9",
        "share": 1.0,
        "failed": True,
        "over": True,
    }
    assert session.projection.shown_key() == shown
    session.projection.dismiss()
    assert session.projection.job is None
    session.projection.project()
    fake_queue.jobs[2].finish()
    assert session.projection.embedding().name == "UMAP of 4 features"


@pytest.fixture
def failing(session, fake_queue):
    """A session whose second projection, of four features, is about to fail."""
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    return fake_queue.jobs[1]


def test_a_projection_that_failed_is_taken_back_and_why_it_failed_stays(
    session, failing, fake_queue
):
    shown = session.projection.shown_key()
    failing.finish(0, preview=True)
    failing.tell(Failed("out of memory"))
    assert (
        len(session.projection.settings().features) == 4
    )  # the thread of the queue changes nothing
    session.projection.undo_failed()
    assert session.projection.settings().features == ("height", "weight", "pulse")
    assert session.state.document.features == ("height", "weight", "pulse", "age")
    assert session.projection.shown_key() == shown
    assert session.projection.job.failed == "out of memory"
    session.projection.project()
    assert len(fake_queue.jobs) == 3


def test_what_was_done_while_the_failing_job_ran_stays(session, failing, new_session):
    session.state.act(actions.toggle_feature, name="sleep", on=True)
    session.state.act(actions.set_color, column="city")
    failing.tell(Failed("no"))
    session.projection.undo_failed()
    document = session.state.document
    assert (document.features, document.color.column) == (
        ("height", "weight", "pulse", "age", "sleep"),
        "city",
    )
    assert document.projected is None
    assert new_session(session.link()).projection.settings().features == (
        "height",
        "weight",
        "pulse",
    )
    assert [name for name, _ in session.state.history()] == [
        "toggle_feature",
        "toggle_feature",
        "set_color",
    ]


def test_a_projection_with_a_finished_map_stays_though_the_next_one_failed(session, failing):
    failing.finish(0)
    failing.tell(Failed("no"))
    session.projection.undo_failed()
    assert len(session.projection.settings().features) == 4
    assert session.projection.embedding().method == "pca"


def test_settling_does_nothing_while_nothing_failed(session, failing, fake_queue):
    before = session.state.document
    session.projection.undo_failed()
    failing.tell(Progress("matrix", 1, 2))
    session.projection.undo_failed()
    session.projection.project()  # it is in work already
    assert len(fake_queue.jobs) == 2
    session.projection.cancel()
    session.projection.project()  # once more: the failure of the former job is no longer its own
    failing.tell(Failed("no"))
    session.projection.undo_failed()
    assert session.state.document == before
    assert len(fake_queue.jobs) == 3


def test_the_first_projection_has_none_to_go_back_to(new_session, fake_queue):
    session = new_session()
    session.projection.open()
    fake_queue.jobs[0].tell(Failed("no"))
    session.projection.undo_failed()
    assert session.projection.job.failed == "no"
    assert session.state.document == session.start


def test_a_table_without_features_opens_and_says_what_is_missing(new_session, fake_queue):
    session = new_session(features=[])
    session.projection.open()
    assert (session.projection.job, fake_queue.jobs) == (None, [])
    assert session.projection.nothing_to_project == "Tick at least one feature to project."
    assert (
        session.projection.map(),
        session.projection.keys(),
        session.projection.available(),
    ) == (None, {}, [])
    session.state.act(actions.set_features, names=["age", "height"])
    session.projection.project()
    fake_queue.jobs[0].finish()
    assert session.projection.embedding().name == "UMAP of 2 features"
    assert session.projection.nothing_to_project == ""


def test_ready_coordinates_need_no_job(new_session, fake_queue, people):
    session = new_session()
    (spec,) = specs_of(
        session.table,
        ProjectionSettings(features=("age",), method=Method(name="pca", parameters={})),
    )
    session.projection.open(("ready", fake_queue.made(people.source, spec)))
    assert (session.projection.shown_key(), fake_queue.jobs) == ("ready", [])


def test_those_who_left_hear_nothing(session, heard):
    session.notify("tool", "box")
    assert heard == [{"tool"}]
    assert session.messages["tool"] == "box"
    session.close()
    session.notify("tool", "pan")
    assert len(heard) == 1


# --- links


def test_a_link_restores_features_colour_viewport_and_the_shown_embedding(
    session, new_session, fake_queue
):
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    fake_queue.jobs[-1].finish()
    session.state.act(actions.show_embedding, key="pca")
    session.state.act(actions.set_color, column="city", reverse=True)
    session.state.act(actions.set_viewport, x_range=[-1, 1], y_range=[0, 2])
    session.state.act(
        actions.select,
        selection={"box": [[0, 1], [0, 1]], "embedding": session.projection.shown_key()},
    )
    again = new_session(session.link())
    again.projection.open()
    fake_queue.jobs[-1].finish()
    assert again.state.document == session.state.document
    assert (again.projection.shown_key(), again.notes) == (session.projection.shown_key(), [])
    assert again.rows.selection().count() == session.rows.selection().count() > 0
    assert again.link() == session.link() != ""


def test_the_start_has_an_empty_link(session):
    assert session.link() == ""


def test_a_damaged_link_becomes_a_note_and_the_start_opens(new_session):
    for link in ("hello", "1.AAAA", "1."):
        session = new_session(link)
        assert session.state.document == session.start
        assert len(session.notes) == 1
        assert "damaged" in session.notes[0]


UNKNOWN = {
    "features": {"features": ["height", "gone"]},
    "colour": {"color": {"column": "gone"}},
    "projected features": {
        "projected": {
            "features": ["gone"],
            "policy": {
                "scale": "none", "missing": "drop", "transform": {}, "weights": {}, "encode": {},
            },
            "method": {"name": "pca", "parameters": {}, "random_state": 0},
        }
    },
    "strips": {"strips": ["gone"]},
    "a filter": {"filters": [{"id": "a", "on": True, "column": "gone", "range": [0, 1]}]},
    "an expression": {"filters": [{"id": "a", "on": True, "expression": "gone > 3"}]},
}  # fmt: skip


@pytest.mark.parametrize("section", UNKNOWN)
def test_a_link_of_unknown_columns_becomes_a_note_and_the_start_opens(
    new_session, link_of, section
):
    start = new_session()
    session = new_session(link_of(start, **UNKNOWN[section]))
    assert session.state.document == start.start
    assert len(session.notes) == 1
    assert session.notes[0].startswith("the link does not fit this table: no ")
    assert "'gone'" in session.notes[0]


def test_a_link_that_asks_for_what_does_not_exist_becomes_a_note(new_session, link_of):
    start = new_session()
    projected = {
        **as_json(start.projection.settings(), "it"),
        "method": {"name": "umap", "parameters": {"n_naybors": 3}, "random_state": 0},
    }
    for sections in (
        {"projected": projected},
        {"color": {"column": "vector"}},
        {"filters": [{"id": "a", "on": True, "column": "city", "range": [0, 1]}]},
        {"filters": [{"id": "a", "on": True, "rows": {"sphere": 1}}]},
        {"selection": {"sphere": 1}},
    ):
        session = new_session(link_of(start, **sections))
        assert session.state.document == start.start, sections
        assert len(session.notes) == 1


def test_a_link_with_a_level_that_is_gone_selects_the_others(new_session, link_of, frame):
    filters = [{"id": "a", "on": True, "column": "city", "levels": ["A", "Atlantis"]}]
    session = new_session(link_of(new_session(), filters=filters))
    assert session.rows.population().count() == (frame["city"] == "A").sum()


def test_a_colour_that_needs_a_number_for_each_row_is_refused_in_words(session):
    with pytest.raises(ExplorerError, match="vector"):
        session.color_by("vector")
    session.color_by("city")
    assert session.state.document.color.column == "city"
    session.color_by(None)
    assert session.state.document.color.column is None


def test_a_large_map_that_moves_is_drawn_from_its_pyramid_and_at_rest_from_its_rows(
    session, until, monkeypatch
):
    from explorer.map.viewport import Viewport

    shown = session.projection.map()
    view = Viewport.fitted(shown.store.extent, 60, 40)
    assert (
        session.scene.draw(shown, view, moving=True).viewport == view
    )  # few rows: they are counted
    monkeypatch.setattr(scene, "WORTH_ROWS", 1)
    session.color_by("age")
    session.state.act(actions.select, selection={"expression": "height is not null"})
    exact = session.scene.draw(shown, view)
    until(lambda: session.scene.draw(shown, view, moving=True).viewport != view)
    moved = session.scene.draw(shown, view, moving=True)
    numbers, rest = moved.levels.aggregate, exact.levels.aggregate
    assert (numbers.n_coloured, numbers.n_context) == (rest.n_coloured, rest.n_context)
    assert session.scene.draw(shown, view).viewport == view
    session.rows.clear_selection()  # another selection is another pyramid
    assert session.scene.draw(shown, view, moving=True).levels.aggregate.context is None


def test_a_colour_that_is_chosen_again_is_not_ranked_again(session, monkeypatch):
    ranked = []
    monkeypatch.setattr(
        scene, "value_span", lambda values, scale: ranked.append(scale) or value_span(values, scale)
    )
    for column in ("age", "sleep", "age", None, "age"):
        session.state.act(actions.set_color, column=column)
        session.scene.painting(session.projection.map())
    assert len(ranked) == 2
    session.state.act(actions.set_color, column="age", clip=[5, 95])
    assert (
        session.scene.painting(session.projection.map()).span.low
        > session.table.columns.numbers("age").min()
    )
    assert len(ranked) == 3


def test_a_picture_of_a_large_map_that_was_drawn_lately_is_there_again(session, monkeypatch):
    from explorer.map.viewport import Viewport

    shown, counted = session.projection.map(), []
    monkeypatch.setattr(scene, "WORTH_ROWS", 1)
    monkeypatch.setattr(
        scene, "aggregate", lambda *asked: counted.append(asked[1]) or aggregate(*asked)
    )
    view = Viewport.fitted(shown.store.extent, 61, 41)
    for column in ("age", "sleep", "age"):
        session.color_by(column)
        drawn = session.scene.encoded_frame(shown, view)
    assert len(counted) == 2
    monkeypatch.setattr(scene, "WORTH_ROWS", 10**9)
    assert session.scene.encoded_frame(shown, view).data() == drawn.data()
    monkeypatch.setattr(scene, "WORTH_ROWS", 1)
    before = len(counted)
    session.state.act(actions.select, selection={"expression": "height is not null"})
    session.scene.encoded_frame(shown, view)
    session.state.act(actions.add_filter, id="few", expression="age > 30")
    session.scene.encoded_frame(shown, view)
    session.scene.encoded_frame(shown, Viewport.fitted(shown.store.extent, 62, 41))
    assert len(counted) == before + 3
