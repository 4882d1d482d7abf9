"""Regions of a session: found in a thread, selected by a definition that a link reopens."""

import numpy as np
import pytest

from explorer.compare.controller import CompareController
from explorer.core.errors import EmbeddingError
from explorer.map.map import build_map
from explorer.map.regioning import regions_of
from explorer.map.regions.landmark_clusters import VERSION
from explorer.session.rows.selection_resolver import describe_definition
from explorer.session.session import Session
from explorer.state import actions
from explorer.state.definition import is_definition

FEATURES = ["height", "weight", "sleep"]


@pytest.fixture
def embedding(people):
    return people.project(FEATURES, method="pca")


@pytest.fixture
def ready(embedding, tmp_path):
    """Return the key and folder of an embedding with its features behind it."""
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    build_map(embedding, folder / "map")
    return embedding.provenance["key"], folder


@pytest.fixture
def opened(people, fake_queue, ready):
    def make(link=""):
        session = Session(people, fake_queue, {"features": FEATURES}, link)
        session.projection.open(ready)
        return session

    return make


@pytest.fixture
def forgotten(people):
    """Let nothing be known from an earlier test."""
    for entry in people.columns.cache.entries():
        if entry.kind == "regions":
            (entry.folder / ".used").unlink()


def test_regions_come_from_a_thread_and_listeners_hear_of_them(
    opened, ready, forgotten, until, people, embedding
):
    session, heard = opened(), []
    session.listen(heard.append)
    key = ready[0]
    assert session.regions.get(key) is None
    session.regions.request(key)
    session.regions.request(key)
    until(lambda: session.regions.get(key) is not None and not session.regions.progress(key))
    assert frozenset(["regions"]) in heard
    assert session.regions.get(key).levels == regions_of(embedding, people).levels


def test_a_selected_region_is_its_rows_and_says_what_made_it(opened, ready, until, frame):
    session, key = opened(), ready[0]
    session.regions.request(key)
    until(lambda: session.regions.get(key) is not None)
    found = session.regions.get(key)
    region = next(one for one in found.levels[0] if one.name)
    definition = session.regions.definition(key, 0, region.number)
    assert is_definition(definition)
    session.state.act(actions.select, selection=definition)
    chosen = session.rows.selection()
    np.testing.assert_array_equal(chosen.rows(), found.rows_of(0, region.number))
    assert chosen.count() == region.rows
    assert {name: chosen.seen[name] for name in FEATURES} == dict.fromkeys(
        FEATURES, "made the region"
    )
    assert describe_definition(definition) == f"region “{region.name}”"
    session.part(CompareController).store("a")
    assert session.part(CompareController).rows("a").count() == region.rows


def test_a_link_reopens_the_same_rows_at_once_where_they_are_kept(opened, ready, until):
    session, key = opened(), ready[0]
    session.regions.request(key)
    until(lambda: session.regions.get(key) is not None)
    session.state.act(actions.select, selection=session.regions.definition(key, 1, 2))
    other = opened(session.link())
    assert other.state.document.selection == session.state.document.selection
    np.testing.assert_array_equal(other.rows.selection().mask, session.rows.selection().mask)
    assert other.notes == []


def test_a_link_reopens_the_same_rows_later_where_they_are_to_be_found_again(
    opened, ready, until, people
):
    session, key = opened(), ready[0]
    session.regions.request(key)
    until(lambda: session.regions.get(key) is not None)
    session.state.act(actions.select, selection=session.regions.definition(key, 0, 0))
    rows = session.rows.selection().rows()
    for entry in people.columns.cache.entries():
        if entry.kind == "regions":
            (entry.folder / ".used").unlink()
    other = opened(session.link())
    heard = []
    other.listen(heard.append)
    known = other.regions.maps_known
    assert other.rows.selection() is None
    assert other.notes == [
        "the regions of this map are being found: the rows of the selected region follow"
    ]
    until(lambda: other.rows.selection() is not None and not other.regions.progress(key))
    np.testing.assert_array_equal(other.rows.selection().rows(), rows)
    until(lambda: other.notes == [] and frozenset(["maps"]) in heard)
    assert other.regions.maps_known > known


def test_what_cannot_be_had_is_refused_in_words(opened, ready, session, until):
    mine, key = opened(), ready[0]
    place = {"region": [0, 0], "embedding": key, "version": VERSION}
    mine.regions.request(key)
    until(lambda: mine.regions.get(key) is not None)
    for wrong, words in (
        ({"version": VERSION + 1}, "another version"),
        ({"region": [9, 0]}, "no region 0 at level 9"),
        ({"region": [0, 999]}, "no region 999 at level 0"),
        ({"embedding": "0" * 32}, "not in the cache"),
    ):
        with pytest.raises(EmbeddingError, match=words):
            mine.resolver.rows_of({**place, **wrong})
    bare = session.projection.keys()["pca"]
    with pytest.raises(EmbeddingError, match="not made from features"):
        session.resolver.rows_of({**place, "embedding": bare})
    session.regions.request(bare)
    until(lambda: session.regions.failure(bare))
    assert "project features to have labels" in session.regions.failure(bare)
    with pytest.raises(EmbeddingError, match="still being found"):
        session.regions.definition(bare, 0, 0)


def test_who_has_left_is_not_searched_for(opened, ready, forgotten, until):
    session, key = opened(), ready[0]
    session.close()
    session.regions.request(key)
    session.regions._find(key)
    assert session.regions.get(key) is None
