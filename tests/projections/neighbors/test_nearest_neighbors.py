import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from projections.errors import Cancelled, ProjectionError
from projections.neighbors import nearest_neighbors as module
from projections.neighbors.nearest_neighbors import nearest_neighbors, nearest_rows


def truth(X, k):
    distances, indices = (
        NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(X.astype(float)).kneighbors(X)
    )
    return indices[:, 1:], distances[:, 1:]


@pytest.fixture
def approximate(monkeypatch):
    """Makes the approximate method serve small data."""
    monkeypatch.setattr(module, "_EXACT_ROWS", 0)
    monkeypatch.setattr(module, "_EXACT_VALUES", 0)
    monkeypatch.setattr(module, "_EXACT_PAIRS", 0)
    monkeypatch.setattr(module, "_EXACT_VALUES_AT_LAST", 0)
    monkeypatch.setattr("projections.neighbors.partition.ROWS_PER_CELL", 24)


@pytest.mark.parametrize(
    ("n_features", "method"), [(2, "tree"), (4, "tree"), (5, "exact"), (40, "exact")]
)
def test_small_data_are_searched_exactly(rng, n_features, method):
    X = rng.normal(size=(500, n_features)).astype(np.float32)
    found = nearest_neighbors(X, 6)
    indices, distances = truth(X, 6)
    assert (found.method, found.recall) == (method, 1.0)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-4)
    assert (found.indices.dtype, found.distances.dtype) == (np.int32, np.float32)


@pytest.mark.parametrize("n_features", [6, 30])
def test_the_recall_reported_is_the_recall(approximate, rng, n_features):
    X = rng.normal(size=(4000, n_features)).astype(np.float32)
    found = nearest_neighbors(X, 10)
    indices, _distances = truth(X, 10)
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(found.indices, indices, strict=True)])
    assert found.method == "cells"
    assert found.recall >= (
        0.95 if n_features == 6 else 0.8
    )  # noise of many dimensions has no near rows
    assert abs(found.recall - recall) < 0.03


def test_what_cells_cannot_find_is_searched_exactly_while_rows_are_few(
    approximate, monkeypatch, rng
):
    monkeypatch.setattr(module, "_EXACT_VALUES_AT_LAST", 1e9)
    found = nearest_neighbors(rng.normal(size=(4000, 30)).astype(np.float32), 10)
    assert (found.method, found.recall) == ("exact", 1.0)


def assert_sound(found, n):
    assert (found.indices >= 0).all()
    assert (found.indices < n).all()
    assert (found.indices != np.arange(n)[:, None]).all()
    assert all(len(set(row)) == len(row) for row in found.indices)
    assert np.isfinite(found.distances).all()
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_neighbours_of_neighbours_are_tried_where_cells_find_too_few(approximate, monkeypatch, rng):
    monkeypatch.setattr(module, "_N_PROBES", (2,))
    monkeypatch.setattr(module, "_POLISH_ROUNDS", 1)
    X = rng.normal(size=(3000, 20)).astype(np.float32)
    polished = nearest_neighbors(X, 10)
    monkeypatch.setattr(module, "_POLISH_ROUNDS", 0)
    plain = nearest_neighbors(X, 10)
    assert plain.recall < polished.recall < 0.95
    assert_sound(polished, 3000)


@pytest.mark.parametrize("n_features", [3, 12])
def test_many_equal_rows_get_neighbours_other_than_themselves(approximate, rng, n_features):
    X = rng.integers(0, 2, size=(800, n_features)).astype(np.float32)
    X[:400] = 0
    assert_sound(nearest_neighbors(X, 10), 800)


def test_rows_whose_cells_hold_too_few_are_searched_exactly(approximate, monkeypatch, rng):
    monkeypatch.setattr(module, "_N_PROBES", (1,))
    X = rng.normal(size=(600, 5)).astype(np.float32)
    assert_sound(nearest_neighbors(X, 100), 600)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(approximate, rng):
    X = rng.normal(size=(2000, 8)).astype(np.float32)
    one, other = (nearest_neighbors(X, 7, random_state=3, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.indices, other.indices)
    np.testing.assert_array_equal(one.distances, other.distances)


@pytest.mark.parametrize("n_features", [3, 9])
@pytest.mark.parametrize("small", [True, False])
def test_other_rows_are_found_as_scikit_learn_finds_them(request, rng, n_features, small):
    if not small:
        request.getfixturevalue("approximate")
    X = rng.normal(size=(900, n_features)).astype(np.float32)
    queries = rng.normal(size=(200, n_features)).astype(np.float32)
    indices, distances = nearest_rows(queries, X, 5)
    expected_distances, expected = NearestNeighbors(n_neighbors=5).fit(X).kneighbors(queries)
    assert (indices == expected).mean() > (0.999 if small or n_features == 3 else 0.9)
    hit = indices == expected
    np.testing.assert_allclose(distances[hit], expected_distances[hit], rtol=1e-3)


def test_k_must_leave_room_for_others(clusters):
    for k in (0, len(clusters)):
        with pytest.raises(ProjectionError, match=f"got {k}"):
            nearest_neighbors(clusters, k)


@pytest.mark.parametrize("n_features", [2, 10])
def test_the_search_reports_and_can_be_cancelled(clusters, n_features):
    X = np.ascontiguousarray(clusters[:, :n_features])
    with pytest.raises(Cancelled):
        nearest_neighbors(X, 3, progress=lambda *_: False)
