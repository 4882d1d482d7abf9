"""Rows that were selected on a map which is not here: it is made, or the page says why not."""

import shutil

import pytest

from explorer.core.jobs.events import Failed, Progress
from explorer.state import actions
from explorer.state.convert import as_json

LASSO = [[-9, -9], [9, -9], [9, 9], [-9, 9]]


@pytest.fixture
def link(session, fake_queue):
    """A link in which rows are selected on another map than the one shown."""
    key = session.projection.shown_key()
    session.state.act(actions.select, selection={"lasso": LASSO, "embedding": key})
    session.state.act(actions.toggle_feature, name="pulse", on=False)
    session.projection.project("all")
    fake_queue.jobs[-1].finish()
    return session.link()


@pytest.fixture
def stranger(link, new_session, fake_queue):
    """A session that opens the link; its own maps are there."""
    opened = new_session(link)
    opened.projection.open()
    fake_queue.jobs[-1].finish()
    return opened


@pytest.fixture
def keep(people):
    """Keep the maps of a job in the cache, as a worker does; other tests find none of them."""
    cache, kept = people.columns.cache, []

    def end(job):
        for spec in job.specs:
            kept.append(spec.key(people.fingerprint))
            with cache.put("embeddings", kept[-1]) as draft:
                shutil.copytree(job.queue.made(job.source, spec), draft, dirs_exist_ok=True)
        job.finish()

    yield end
    for key in kept:
        shutil.rmtree(cache.folder / "embeddings" / key)


def test_the_map_is_made_in_the_background_and_the_rows_follow(
    session, stranger, fake_queue, people, keep
):
    shown = stranger.projection.shown_key()
    told = []
    stranger.listen(told.append)
    assert stranger.rows.selection() is None
    assert stranger.notes == ["a map on which rows were selected is being made: these rows follow"]
    job = fake_queue.jobs[-1]
    drawn_on = session.state.document.selection["embedding"]
    assert [spec.key(people.fingerprint) for spec in job.specs] == [drawn_on]
    assert stranger.rows.selection() is None
    assert fake_queue.jobs[-1] is job  # asked for once
    job.tell(Progress("neighbors", 1, 2, share=0.25, eta=3.0))
    assert stranger.map_finder.job.share == 0.25
    keep(job)
    assert stranger.rows.selection().count() == session.rows.selection().count()
    assert (stranger.notes, stranger.map_finder.job) == ([], None)
    assert frozenset(["maps"]) in told
    assert stranger.projection.shown_key() == shown
    assert stranger.link() == session.link()


def test_it_can_be_cancelled_and_is_not_begun_again(stranger, fake_queue):
    assert stranger.rows.selection() is None
    stranger.projection.cancel()
    job = fake_queue.jobs[-1]
    assert job.cancelled
    assert stranger.rows.selection() is None
    assert stranger.notes == [
        "the map of a selection was cancelled: open the link again to make it"
    ]
    assert fake_queue.jobs[-1] is job


def test_why_it_cannot_be_made_is_said(stranger, fake_queue):
    assert stranger.rows.selection() is None
    fake_queue.jobs[-1].tell(Failed("too little memory"))
    assert stranger.rows.selection() is None
    assert stranger.notes == ["the map of a selection cannot be made: too little memory"]


def test_a_map_of_another_version_is_said_to_be_one(session, link_of, new_session, fake_queue):
    recipe = {"method": "pca", "projected": as_json(session.start.chosen, "it")}
    foreign = "0f" * 16
    stranger = new_session(
        link_of(
            session,
            selection={"lasso": LASSO, "embedding": foreign},
            maps={foreign: recipe},
        )
    )
    stranger.projection.open()
    before = len(fake_queue.jobs)
    assert stranger.rows.selection() is None
    assert "made by another version of Explorer" in stranger.notes[0]
    assert len(fake_queue.jobs) == before


def test_a_link_cannot_bring_a_map_that_is_stretched(session, link_of, new_session):
    chosen = as_json(session.start.chosen, "it")
    bent = {"matrix": [[1, 0.5], [0, 1]], "n_rows": 9}
    recipe = {"method": "pca", "projected": chosen, "alignment": bent}
    stranger = new_session(link_of(session, maps={"0f" * 16: recipe}))
    assert "orthogonal matrix" in stranger.notes[0]
