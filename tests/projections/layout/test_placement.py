import numpy as np
import pytest

from projections.layout.placement import Placement
from projections.neighbors.nearest_neighbors import nearest_neighbors


@pytest.fixture
def placement(rng):
    X = rng.normal(size=(400, 6)).astype(np.float32)
    return Placement.of(X, X[:, :2].copy(), nearest_neighbors(X, 10).distances)


def test_a_row_goes_into_the_hull_of_its_nearest_rows(placement, rng):
    X = rng.normal(size=(50, 6)).astype(np.float32)
    Y, _distance = placement.place(X)
    for row, (x, y) in zip(X, Y, strict=True):
        nearest = np.argsort(((placement.X - row) ** 2).sum(axis=1))[:10]
        corners = placement.positions[nearest]
        assert (corners.min(axis=0) <= (x, y)).all()
        assert (corners.max(axis=0) >= (x, y)).all()


def test_a_row_all_but_equal_to_one_laid_out_lies_near_it(placement):
    Y, distance = placement.place(placement.X + np.float32(1e-6))
    assert np.median(np.linalg.norm(Y - placement.positions, axis=1)) < np.median(
        np.linalg.norm(Y - placement.positions[::-1], axis=1)
    )
    assert (distance < 1e-3).all()


def test_the_distance_is_1_where_99_per_cent_of_the_rows_laid_out_have_a_nearer_one(placement):
    nearest = nearest_neighbors(placement.X, 1).distances[:, 0]
    _Y, distance = placement.place(placement.X[:1] + np.float32(100))
    gap = np.linalg.norm(placement.X[:1] + 100 - placement.X, axis=1).min()
    np.testing.assert_allclose(distance[0], gap / np.quantile(nearest, 0.99), rtol=1e-4)


def test_distances_are_finite_where_all_rows_laid_out_are_one_spot():
    placement = Placement.of(
        np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32), np.zeros((1, 1), np.float32)
    )
    Y, distance = placement.place(np.ones((2, 3), dtype=np.float32))
    assert (Y == 0).all()
    assert np.isfinite(distance).all()
    assert (distance > 1).all()
