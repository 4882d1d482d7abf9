import numpy as np

from explorer.map.tiles import GRID_BITS, TILE_ROWS, grid_extent, row_keys, tile_order


def keys_of(xy, cells):
    keys, rows = np.empty(len(xy), np.uint32), np.empty(len(xy), np.uint32)
    n = row_keys(xy, 0, 0.0, 0.0, float(cells), keys, rows)
    return keys[:n], rows[:n]


def test_the_curve_visits_every_cell_once_and_steps_to_a_neighbour():
    side = 64  # the lowest corner of the grid is a Hilbert curve of its own
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    keys, _ = keys_of(np.stack([column, row], axis=1) + 0.5, 1)
    assert np.array_equal(np.sort(keys), np.arange(side * side))
    walk = np.argsort(keys)
    steps = np.abs(np.diff(column[walk])) + np.abs(np.diff(row[walk]))
    assert (steps == 1).all()


def test_keys_stay_in_the_grid_for_rows_outside_it():
    xy = np.array([[-5.0, 0.5], [1e9, 1e9], [0.5, -1e9]])
    keys, _ = keys_of(xy, 1)
    assert (keys < 1 << 2 * GRID_BITS).all()


def test_rows_without_coordinates_have_no_key():
    _, rows = keys_of(np.array([[0, 0], [np.nan, 0], [1, np.inf], [1, 1]]), 1)
    assert rows.tolist() == [0, 3]


def test_tiles_follow_the_keys_and_rows_ascend_within_them():
    rng = np.random.default_rng(0)
    for spread in (5, 1 << 2 * GRID_BITS):
        keys = rng.integers(0, spread, 10_000).astype(np.uint32)
        found = tile_order(keys.copy(), np.arange(10_000, dtype=np.uint32))
        by_key = np.argsort(keys, kind="stable")
        for start in range(0, 10_000, TILE_ROWS):
            tile = slice(start, start + TILE_ROWS)
            assert np.array_equal(found[tile], np.sort(by_key[tile]))


def test_the_grid_is_a_square_around_nearly_all_rows():
    xy = np.random.default_rng(0).standard_normal((10_000, 2))
    xy[0] = 1e6
    x_low, x_high, y_low, y_high = grid_extent(xy, (-4.0, 1e6, -4.0, 1e6))
    assert x_high - x_low == y_high - y_low < 20
