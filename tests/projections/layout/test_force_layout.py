import warnings

import numpy as np
import pytest

from projections.errors import Cancelled
from projections.layout import force_layout as layout
from projections.layout.force_layout import find_curve, oriented, run_layout
from projections.layout.fuzzy_graph import Graph, fuzzy_graph
from projections.layout.initial_layout import pca_start
from projections.neighbors.nearest_neighbors import nearest_neighbors


@pytest.fixture
def graph(clusters):
    found = nearest_neighbors(clusters, 14)
    return fuzzy_graph(found.indices, found.distances)


@pytest.fixture
def start(rng):
    return rng.normal(size=(600, 2)).astype(np.float32)


@pytest.mark.parametrize("min_dist", [0.0, 0.1, 0.5, 1.0])
def test_the_curve_is_that_of_umap_learn(min_dist):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.umap_ import find_ab_params

    curve = find_curve(min_dist)
    np.testing.assert_allclose((curve.a, curve.b), find_ab_params(1.0, min_dist), rtol=1e-6)


def test_gradients_are_those_of_the_formula_to_three_per_cent(rng):
    curve = find_curve(0.1)
    attraction, repulsion = curve.gradients()
    squared = np.exp(rng.uniform(-13.8, 13.8, size=1000)).astype(np.float32)
    place = (squared.view(np.uint32) >> layout._SHIFT) - layout._LOWEST
    power = squared.astype(np.float64) ** curve.b
    np.testing.assert_allclose(
        attraction[place],
        -2 * curve.a * curve.b * power / squared / (1 + curve.a * power),
        rtol=3.2e-2,
    )
    np.testing.assert_allclose(
        repulsion[place], 2 * curve.b / (0.001 + squared) / (1 + curve.a * power), rtol=3.2e-2
    )
    assert np.isfinite(attraction).all()
    assert np.isfinite(repulsion).all()


def lay_out(graph, start, **keywords):
    return run_layout(
        graph, start, find_curve(0.1), **{"n_epochs": 100, "random_state": 1, **keywords}
    )


@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_clusters_come_apart(graph, clusters, rng, n_components):
    start = pca_start(clusters, n_components, rng)
    Y = lay_out(graph, start)
    assert np.isfinite(Y).all()
    label = np.arange(600) % 6
    found = nearest_neighbors(Y, 5).indices
    assert (label[found] == label[:, None]).mean() > (0.95 if n_components > 1 else 0.8)


def test_the_same_seed_gives_the_same_bits_and_another_does_not(graph, start):
    np.testing.assert_array_equal(lay_out(graph, start), lay_out(graph, start))
    assert not np.array_equal(lay_out(graph, start), lay_out(graph, start, random_state=2))


@pytest.fixture
def in_pieces(monkeypatch):
    """Cuts small graphs up as large ones are."""
    monkeypatch.setattr("projections.layout.edge_blocks._PIECES", ())


@pytest.mark.usefixtures("in_pieces")
def test_how_many_threads_work_changes_nothing(graph, start):
    alone = lay_out(graph, start, n_jobs=1)
    for n_jobs in (2, 3, 8):
        np.testing.assert_array_equal(lay_out(graph, start, n_jobs=n_jobs), alone)


@pytest.mark.usefixtures("in_pieces")
def test_pieces_do_what_one_piece_does(clusters, rng):
    order = np.argsort(np.arange(600) % 6, kind="stable")
    found = nearest_neighbors(clusters[order], 14)
    start = pca_start(clusters[order], 2, rng)
    Y = lay_out(fuzzy_graph(found.indices, found.distances), start)
    label = np.arange(600) // 100
    assert (label[nearest_neighbors(Y, 5).indices] == label[:, None]).mean() > 0.95


def test_beginning_late_moves_a_finished_layout_less(graph, clusters, rng):
    Y = lay_out(graph, pca_start(clusters, 2, rng))
    whole, end = (np.linalg.norm(lay_out(graph, Y, first_epoch=e) - Y, axis=1) for e in (0, 90))
    assert 0 < np.median(end) < np.median(whole) / 2


def test_a_crowd_on_one_spot_is_no_trouble(graph):
    Y = lay_out(graph, np.full((600, 2), 3, dtype=np.float32), n_epochs=5)
    assert np.isfinite(Y).all()


def test_the_kernel_for_any_dimension_does_what_the_one_for_the_plane_does(monkeypatch):
    ring = np.array([1, 2, 0, 2, 0, 1], dtype=np.int32)
    graph = Graph(np.array([0, 2, 4, 6]), ring, np.full(6, 0.7, dtype=np.float32))
    start = np.array([[0, 0], [5, 1], [2, 7]], dtype=np.float32)
    plane = lay_out(graph, start, n_epochs=3)
    monkeypatch.setattr(layout, "_repel_plane", layout._repel_any)
    monkeypatch.setattr(layout, "_attract_plane", layout._attract_any)
    np.testing.assert_allclose(lay_out(graph, start, n_epochs=3), plane, rtol=1e-3)


def test_two_joined_rows_settle_close_and_two_strangers_do_not():
    pair = Graph(
        np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.ones(2, dtype=np.float32)
    )
    start = np.array([[-5, 0], [5, 0]], dtype=np.float32)
    Y = lay_out(pair, start, n_epochs=500)
    assert np.linalg.norm(Y[0] - Y[1]) < 3


def test_the_start_is_left_alone_and_progress_runs_from_0_to_the_last_epoch(graph, start):
    before, heard = start.copy(), []
    lay_out(graph, start, progress=lambda *event: heard.append(event))
    np.testing.assert_array_equal(start, before)
    assert heard[0] == ("layout", 0, 100)
    assert heard[-1] == ("layout", 100, 100)
    with pytest.raises(Cancelled):
        lay_out(graph, start, progress=lambda *_: False)


def test_orientation_is_the_same_for_a_turned_and_mirrored_layout(rng):
    Y = (rng.exponential(size=(300, 2)) * [3, 1]).astype(np.float32)
    angle = 1.1
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    turned = (Y @ turn + 40).astype(np.float32)
    np.testing.assert_allclose(oriented(turned), oriented(Y), atol=1e-3)
    np.testing.assert_allclose(oriented(Y).mean(axis=0), 0, atol=1e-5)
