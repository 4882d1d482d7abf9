import warnings

import numpy as np
import pytest

from projections import layout
from projections.errors import Cancelled
from projections.graph import Graph, fuzzy_graph
from projections.layout import find_curve, oriented, run_layout
from projections.neighbors import nearest_neighbors
from projections.start import pca_start


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


def test_gradients_are_those_of_the_formula_to_half_a_per_cent(rng):
    curve = find_curve(0.1)
    attraction, repulsion = curve.gradients()
    squared = np.exp(rng.uniform(-15, 15, size=1000)).astype(np.float32)
    place = squared.view(np.uint32) >> 16
    power = squared.astype(np.float64) ** curve.b
    np.testing.assert_allclose(
        attraction[place], -2 * curve.a * curve.b * power / squared / (1 + curve.a * power), rtol=8e-3
    )
    np.testing.assert_allclose(
        repulsion[place], 2 * curve.b / (0.001 + squared) / (1 + curve.a * power), rtol=8e-3
    )
    assert np.isfinite(attraction).all()
    assert np.isfinite(repulsion).all()


def lay_out(graph, start, **keywords):
    return run_layout(graph, start, find_curve(0.1), **{"n_epochs": 100, "random_state": 1, **keywords})


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_clusters_come_apart(graph, clusters, rng, n_threads, n_components):
    start = pca_start(clusters, n_components, rng)
    Y = lay_out(graph, start, n_threads=n_threads)
    assert np.isfinite(Y).all()
    label = np.arange(600) % 6
    found = nearest_neighbors(Y, 5).indices
    assert (label[found] == label[:, None]).mean() > (0.95 if n_components > 1 else 0.8)


def test_the_same_seed_gives_the_same_bits_and_another_does_not(graph, start):
    np.testing.assert_array_equal(lay_out(graph, start), lay_out(graph, start))
    assert not np.array_equal(lay_out(graph, start), lay_out(graph, start, random_state=2))


def test_how_the_work_is_sliced_changes_nothing(graph, start, monkeypatch):
    whole = lay_out(graph, start)
    for seconds in (1e-6, 1e-4, 1e-3):
        monkeypatch.setattr("projections.layout._SLICE_SECONDS", seconds)
        np.testing.assert_array_equal(lay_out(graph, start), whole)


def test_the_kernel_for_any_dimension_does_what_the_one_for_the_plane_does(monkeypatch):
    ring = np.array([1, 2, 0, 2, 0, 1], dtype=np.int32)
    graph = Graph(np.array([0, 2, 4, 6]), ring, np.full(6, 0.7, dtype=np.float32))
    start = np.array([[0, 0], [5, 1], [2, 7]], dtype=np.float32)
    plane = lay_out(graph, start, n_epochs=3)
    monkeypatch.setattr(layout, "_sweep_plane", layout._sweep_any)
    np.testing.assert_allclose(lay_out(graph, start, n_epochs=3), plane, rtol=1e-3)


def test_two_joined_rows_settle_close_and_two_strangers_do_not():
    pair = Graph(np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.ones(2, dtype=np.float32))
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
