"""What several sessions look at is in memory once, and leaves it with the last of them."""

import gc
import weakref

import numpy as np
import pytest

from explorer.map.map_store import build_store
from explorer.map.shared_maps import shared_embedding, shared_map


@pytest.fixture
def folder(session, fake_queue):
    """The folder of a finished embedding and its map."""
    return fake_queue.folder / session.projection.shown_key()


def test_two_sessions_share_embedding_and_map(session, new_session, fake_queue, folder, people):
    other = new_session()
    other.projection.open()
    fake_queue.jobs[-1].finish()
    assert (
        other.projection.embedding() is session.projection.embedding() is shared_embedding(folder)
    )
    assert other.projection.map() is session.projection.map() is shared_map(folder / "map", people)
    with pytest.raises(ValueError, match="read-only"):
        session.projection.embedding().xy[0] = 0


def test_a_map_that_was_replaced_is_another_one(folder, people, session):
    before = shared_map(folder / "map", people)
    also = {
        name: (before.store.files / name).read_bytes()
        for name in ("about.json", "rows.npy")
        if (before.store.files / name).exists()
    }
    xy = np.zeros((before.store.n_rows, 2), np.float32)
    build_store(
        xy,
        folder / "map",
        also=lambda files: [(files / name).write_bytes(data) for name, data in also.items()],
    )
    after = shared_map(folder / "map", people)
    assert after is not before
    assert after.store.extent == (0, 0, 0, 0)


def test_nothing_is_kept_that_nobody_looks_at(session, fake_queue, people):
    folder = fake_queue.made(people.source, fake_queue.jobs[-1].specs[0], preview=True)
    seen = weakref.ref(shared_embedding(folder)), weakref.ref(shared_map(folder / "map", people))
    gc.collect()
    assert [one() for one in seen] == [None, None]
