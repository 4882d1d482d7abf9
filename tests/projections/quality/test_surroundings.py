import numpy as np
import pytest

from projections.neighbors.search import as_queries, tiles_of
from projections.quality.surroundings import all_distances, find_neighborhoods, ranks


def seen_from(X, row, sizes):
    queries = as_queries(X)
    tiles = tiles_of(queries, np.arange(len(X)), np.array([0, len(X)])).values
    out = np.empty((1, tiles.shape[0] * tiles.shape[2]), dtype=np.float32)
    all_distances(queries[row : row + 1], np.array([row]), tiles, out)
    return find_neighborhoods(out[0], len(X), np.array(sizes), np.empty(len(X), dtype=np.int32))


@pytest.mark.parametrize("n", [20, 64, 1000, 5000])
def test_neighbourhoods_and_ranks_are_those_of_numpy(rng, n):
    X = rng.normal(size=(n, 5)).astype(np.float32)
    sizes = [k for k in (3, 15, 150, 1500) if k < n - 1]
    view = seen_from(X, 7, sizes)
    distances = ((X - X[7]) ** 2).sum(axis=1)
    distances[7] = np.inf
    ordered = np.argsort(distances)
    np.testing.assert_allclose(view.reaches, distances[ordered[np.array(sizes) - 1]], rtol=1e-5)
    assert set(ordered[: sizes[-1]]) <= set(view.rows)
    for places in ([0, 2], [0, 2, n // 2, n - 2], []):
        places = np.array(places, dtype=np.int64)
        found = ranks(view, n, ordered[places].astype(np.int32), view.distances)
        np.testing.assert_array_equal(found, places + 1)


def test_ties_are_listed_and_count_half_where_the_data_tell_them_apart():
    X = np.zeros((50, 2), dtype=np.float32)
    view = seen_from(X, 0, [5])
    assert len(view.rows) >= 49
    assert ranks(view, 50, np.array([3], dtype=np.int32), view.distances) == [1]
    truth = np.arange(64, dtype=np.float32)
    truth[0] = np.inf
    assert ranks(view, 50, np.array([39], dtype=np.int32), truth) == [1 + 10 / 2]
