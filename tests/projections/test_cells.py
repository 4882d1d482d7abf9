import numpy as np

from projections.cells import Cells
from projections.search import exact_nearest


def test_visiting_all_cells_is_exact(clusters):
    cells = Cells.of(clusters, 0)
    own = np.arange(len(clusters))
    found = cells.nearest(clusters, 9, len(cells.radii), own=own)
    expected = exact_nearest(clusters, clusters, 9, own=own)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_every_row_lies_in_one_cell_within_its_radius(clusters):
    cells = Cells.of(clusters, 0)
    np.testing.assert_array_equal(np.sort(cells.rows), np.arange(len(clusters)))
    ids = cells.tiles.ids
    np.testing.assert_array_equal(np.sort(ids[ids >= 0]), np.arange(len(clusters)))


def test_few_cells_may_find_too_few_rows_and_say_so(rng):
    X = rng.normal(size=(400, 5)).astype(np.float32)
    indices, squared = Cells.of(X, 0).nearest(X, 60, 1, own=np.arange(400))
    assert (indices[:, -1] == -1).any()
    np.testing.assert_array_equal(indices == -1, np.isinf(squared))


def test_equal_rows_and_an_outlier_are_no_trouble(rng):
    X = np.zeros((300, 6), dtype=np.float32)
    X[0] = 1e15
    indices, squared = Cells.of(X, 0).nearest(X, 5, 8, own=np.arange(300))
    assert (indices[1:] > 0).all()
    assert (squared[1:] == 0).all()
