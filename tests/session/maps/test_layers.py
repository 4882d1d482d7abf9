from dataclasses import replace

import numpy as np

from explorer.state import actions


def test_without_a_layer_the_colours_are_drawn(session):
    assert session.layers.current(session.projection.map()) is None
    assert session.scene.painting(session.projection.map()).title == ""


def test_trust_is_that_of_the_embedding_from_0_to_1(session):
    shown, embedding = session.projection.map(), session.projection.embedding()
    session.state.act(actions.set_layer, name="trust")
    layer = session.layers.current(shown)
    np.testing.assert_array_equal(layer.values, embedding.trust[shown.store.order])
    painting = session.scene.painting(shown)
    assert (painting.span.low, painting.span.high, painting.title) == (0, 1, "Trust in the map")
    assert session.layers.current(shown) is layer


def test_a_map_without_scores_keeps_its_colours(session, monkeypatch):
    unscored = replace(
        session.projection.embedding(),
        trust=np.full(len(session.projection.embedding().rows), np.nan, np.float32),
    )
    monkeypatch.setattr(session.projection, "embedding_of", lambda _: unscored)
    session.state.act(actions.set_layer, name="trust")
    assert session.layers.current(session.projection.map()) is None
    assert session.scene.painting(session.projection.map()).title == ""
