import numpy as np
import pytest
from scipy.spatial.distance import cdist

from projections.metrics import as_distances, unit_rows


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_distances_of_unit_rows_are_those_of_scipy(rng, metric, scale):
    X = rng.normal(size=(40, 6)) + 1
    rows = unit_rows(X * scale, metric)
    ours = as_distances(cdist(rows, rows).astype(np.float32), metric)
    np.testing.assert_allclose(ours, cdist(X, X, metric), atol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_the_order_of_columns_and_the_dtype_change_no_bit(rng, metric):
    X = rng.normal(size=(200, 30)).astype(np.float32)
    order = rng.permutation(30)
    rows = unit_rows(X, metric)
    np.testing.assert_array_equal(unit_rows(X.astype(np.float64), metric), rows)
    np.testing.assert_array_equal(unit_rows(X[:, order], metric), rows[:, order])


def test_rows_without_direction_are_zero():
    X = np.array([[0.0, 0, 0], [0.1, 0.1, 0.1], [1, 2, 3]])
    assert np.abs(unit_rows(X, "cosine")).sum(axis=1).astype(bool).tolist() == [False, True, True]
    of_means = unit_rows(X, "correlation")
    assert np.abs(of_means).sum(axis=1).astype(bool).tolist() == [False, False, True]
    assert unit_rows(X, "euclidean") is X
