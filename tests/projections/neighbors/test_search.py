import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from projections.neighbors.search import exact_nearest


@pytest.mark.parametrize("n_features", [1, 3, 4, 9, 70])
@pytest.mark.parametrize("n_samples", [20, 64, 300])
def test_nearest_rows_are_those_of_scikit_learn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)).astype(np.float32)
    queries = rng.normal(size=(33, n_features)).astype(np.float32)
    indices, squared = exact_nearest(queries, X, 7)
    distances, expected = (
        NearestNeighbors(n_neighbors=7, algorithm="brute").fit(X.astype(float)).kneighbors(queries)
    )
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_allclose(np.sqrt(squared), distances, rtol=1e-5)


def test_a_row_is_not_its_own_neighbour_but_its_copy_is():
    X = np.array([[0.0], [0.0], [1.0]], dtype=np.float32)
    indices, squared = exact_nearest(X, X, 2, own=np.arange(3))
    np.testing.assert_array_equal(indices, [[1, 2], [0, 2], [0, 1]])
    np.testing.assert_array_equal(squared, [[0, 1], [0, 1], [1, 1]])


def test_near_duplicates_far_from_the_origin_are_told_apart(rng):
    X = (1000 + np.arange(50)[:, None] * np.float32(0.001)).astype(np.float32)
    indices, _squared = exact_nearest(X, X, 1, own=np.arange(50))
    assert (np.abs(indices[:, 0] - np.arange(50)) == 1).all()


def test_the_number_of_threads_changes_nothing(rng):
    X = rng.normal(size=(3000, 5)).astype(np.float32)
    one, three = (exact_nearest(X, X, 4, own=np.arange(3000), n_jobs=n) for n in (1, 3))
    np.testing.assert_array_equal(one[0], three[0])
    np.testing.assert_array_equal(one[1], three[1])
