import numpy as np
import pytest

from projections.neighbors.neighbor_cells import CellIndex
from projections.neighbors.partition import Partition
from projections.neighbors.search import exact_nearest


@pytest.fixture(autouse=True)
def small_cells(monkeypatch):
    """Lets few rows fill many cells."""
    monkeypatch.setattr("projections.neighbors.partition.ROWS_PER_CELL", 12)


def cells_of(X):
    return CellIndex.of(X, Partition.of(X, 0))


def test_visiting_all_cells_is_exact(clusters):
    cells = cells_of(clusters)
    own = np.arange(len(clusters))
    found = cells.nearest(clusters, 9, len(cells.radii), own=own)
    expected = exact_nearest(clusters, clusters, 9, own=own)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_every_row_lies_within_the_radius_of_its_cell(clusters):
    cells = cells_of(clusters)
    ids = cells.tiles.ids
    np.testing.assert_array_equal(np.sort(ids[ids >= 0]), np.arange(len(clusters)))
    cell = cells.partition.cells_of_rows()
    apart = np.linalg.norm(clusters - cells.partition.centroids[cell], axis=1)
    assert (apart <= cells.radii[cell] * 1.0001).all()
    assert (np.sort(cells.near[:, 0]) == np.arange(len(cells.near))).all()


def test_other_rows_find_what_all_rows_hold(clusters, rng):
    queries = clusters[:50] + rng.normal(scale=0.01, size=(50, clusters.shape[1])).astype(
        np.float32
    )
    cells = cells_of(clusters)
    indices, _squared = cells.nearest(queries, 3, len(cells.radii))
    np.testing.assert_array_equal(indices, exact_nearest(queries, clusters, 3)[0])


def test_few_cells_may_find_too_few_rows_and_say_so(rng):
    X = rng.normal(size=(400, 5)).astype(np.float32)
    indices, squared = cells_of(X).nearest(X, 60, 1, own=np.arange(400))
    assert (indices[:, -1] == -1).any()
    np.testing.assert_array_equal(indices == -1, np.isinf(squared))


def test_equal_rows_and_an_outlier_are_no_trouble(rng):
    X = np.zeros((300, 6), dtype=np.float32)
    X[0] = 1e15
    indices, squared = cells_of(X).nearest(X, 5, 8, own=np.arange(300))
    assert (indices[1:] > 0).all()
    assert (squared[1:] == 0).all()
