"""The second map: laid onto the first, its own colours; oracles are coordinates and SciPy."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from explorer.map.viewport import Viewport
from explorer.state import actions


@pytest.fixture
def beside(session):
    session.state.act(actions.show_second_map, embedding=session.projection.keys()["pca"])
    assert session.second_map.prepare() == ""
    return session.second_map


def places(shown):
    """Coordinates of a map in the order of its rows."""
    store = shown.store
    xy = np.full((store.n_rows, 2), np.nan)
    xy[store.order] = np.column_stack([store.x, store.y]) + np.asarray(store.origin)
    return xy


def test_without_being_asked_for_there_is_none(session):
    beside = session.second_map
    assert (beside.wanted, beside.map(), beside.embedding(), beside.key, beside.extent()) == (
        False,
        None,
        None,
        None,
        None,
    )
    assert beside.prepare() == ""


def test_the_same_map_needs_no_preparing_and_may_have_other_colours(session):
    session.state.act(actions.show_second_map, column="age")
    beside = session.second_map
    assert beside.map() is session.projection.map()
    assert beside.ready
    assert (beside.key, beside.other) == (session.projection.shown_key(), None)
    session.state.act(actions.set_color, column="city")
    assert session.second_scene.color().column == "age"
    assert session.scene.painting(session.projection.map()).levels is not None
    assert session.second_scene.painting(beside.map()).levels is None
    session.state.act(actions.show_second_map, column=None)
    assert session.second_scene.color() == session.state.document.color


def test_another_embedding_is_laid_onto_the_first_by_an_orthogonal_map(session, beside):
    first, second = (
        session.projection.embedding(),
        dict(session.projection.available())[session.projection.keys()["pca"]],
    )
    laid = places(beside.map())
    assert beside.map().rows.tolist() == second.rows.tolist() == first.rows.tolist()
    # distances keep their proportions: a similarity, and nothing else
    one, other = (
        np.linalg.norm(np.diff(xy.astype(float), axis=0), axis=1) for xy in (second.xy, laid)
    )
    assert np.ptp(other / one) < 1e-3 * (other / one).mean()
    centred = laid - laid.mean(axis=0)
    before = second.xy.astype(float) - second.xy.mean(axis=0)
    target = first.xy.astype(float) - first.xy.mean(axis=0)
    assert (centred * target).sum() >= (before * target).sum() * np.linalg.norm(
        centred
    ) / np.linalg.norm(before)


def test_a_selection_drawn_on_the_second_map_is_of_its_rows_and_is_found_again(session, beside):
    laid = places(beside.map())
    low, high = np.quantile(laid, 0.3, axis=0), np.quantile(laid, 0.8, axis=0)
    box = {"box": [[low[0], high[0]], [low[1], high[1]]], "embedding": beside.key}
    session.state.act(actions.select, selection=box)
    inside = ((laid >= low) & (laid <= high)).all(axis=1)
    np.testing.assert_array_equal(session.rows.selection().mask[beside.map().rows], inside)
    session.state.act(actions.show_second_map, on=False)
    assert session.rows.selection().count() == inside.sum() > 0


def test_its_frames_have_the_same_filters_and_selection(session, beside):
    session.state.act(actions.add_filter, id="expression:age < 60", expression="age < 60")
    shown = beside.map()
    view = Viewport.fitted(shown.store.extent, 40, 40)
    drawn = session.second_scene.draw(shown, view)
    assert drawn.levels.aggregate.n_coloured == int(
        (session.rows.population().mask[shown.rows]).sum()
    )


def test_the_share_of_neighbours_that_changed_is_that_of_kd_trees(session, beside):
    session.state.act(actions.set_layer, name="change")
    assert not beside.ready
    assert (
        session.layers.current(session.projection.map()) is None
    )  # not known yet: the colours stay
    assert beside.prepare() == ""
    assert beside.ready
    first, second = (
        session.projection.embedding(),
        dict(session.projection.available())[session.projection.keys()["pca"]],
    )
    sets = []
    for embedding in (first, second):
        _, near = cKDTree(embedding.xy.astype(float)).query(embedding.xy.astype(float), k=16)
        sets.append([set(row[1:]) for row in near])
    changed = np.array([1 - len(a & b) / 15 for a, b in zip(*sets, strict=True)])
    for shown in (session.projection.map(), beside.map()):
        layer = session.layers.current(shown)
        np.testing.assert_allclose(layer.values, changed[shown.store.order], atol=0.07)
        assert np.abs(layer.values - changed[shown.store.order]).mean() < 0.002
    session.state.act(actions.show_second_map, on=False)
    assert session.state.document.layer is None


def test_an_embedding_that_is_gone_leaves_the_same_map(session):
    session.state.act(actions.show_second_map, embedding="of-another-time")
    assert session.second_map.map() is session.projection.map()
