import numpy as np
import pytest

from projections.neighbors.distinct_rows import distinct_rows, find_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distinct_rows_are_those_of_numpy(rng, dtype):
    X = rng.integers(0, 3, size=(500, 4)).astype(dtype)
    found = distinct_rows(X, seed=1)
    np.testing.assert_array_equal(np.unique(X[found.first], axis=0), np.unique(X, axis=0))
    assert len(found.first) == len(np.unique(X, axis=0))
    np.testing.assert_array_equal(X[found.first][found.inverse], X)


def test_minus_zero_is_zero():
    assert len(distinct_rows(np.array([[0.0], [-0.0]], dtype=np.float32), 0).first) == 1
    assert len(distinct_rows(np.array([[0.0], [-0.0]]), 0).first) == 1


def test_the_order_of_distinct_rows_does_not_depend_on_the_order_of_rows_but_on_the_seed(rng):
    X = rng.normal(size=(100, 3))
    shuffled = X[rng.permutation(100)]
    one, other = distinct_rows(X, 5), distinct_rows(shuffled, 5)
    np.testing.assert_array_equal(X[one.first], shuffled[other.first])
    assert not np.array_equal(one.first, distinct_rows(X, 6).first)


def test_rows_are_found_by_hash_and_others_are_not(rng):
    X = rng.normal(size=(100, 3)).astype(np.float32)
    known = distinct_rows(X, 2)
    place = find_rows(np.concatenate([X[::-1], X + 1]), 2, known.hashes)
    np.testing.assert_array_equal(X[known.first][place[:100]], X[::-1])
    assert (place[100:] == -1).all()


def test_read_only_arrays_are_welcome(rng):
    X = rng.normal(size=(10, 3))
    X.flags.writeable = False
    assert len(distinct_rows(X, 0).first) == 10
