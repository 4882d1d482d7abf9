"""The oracle looks at every bounding box by itself."""

import numpy as np
import pytest

from explorer.map.raster import runs
from explorer.map.raster.bands import Bands
from explorer.map.tiles import GROUP_TILES, group_bounds
from explorer.map.viewport import Viewport


@pytest.fixture
def store(store_of):
    """More groups than one, the last of them not full."""
    rng = np.random.default_rng(0)
    return store_of((rng.standard_normal((70_000, 2)) * 3).astype(np.float32))


def a_viewport(rng):
    x, y = rng.normal(0, 4, 2)
    width, height = 10.0 ** rng.uniform(-3, 1.5, 2)
    return Viewport((x, x + width), (y, y + height), 40, 30)


def test_a_group_is_the_box_around_its_tiles(store):
    groups = store.groups
    assert len(groups) == -(-len(store.bounds) // GROUP_TILES) > 1
    for number, box in enumerate(groups):
        tiles = store.bounds[number * GROUP_TILES : (number + 1) * GROUP_TILES]
        assert box.tolist() == [
            tiles[:, 0].min(),
            tiles[:, 1].max(),
            tiles[:, 2].min(),
            tiles[:, 3].max(),
        ]


def test_no_tiles_make_no_groups():
    assert group_bounds(np.empty((0, 4), np.float32)).shape == (0, 4)


def test_exactly_the_tiles_that_touch_the_viewport_are_found(store):
    rng = np.random.default_rng(1)
    left, right, low, high = store.bounds.astype(np.float64).T
    for _ in range(200):
        v = a_viewport(rng)
        (x_low, x_high), (y_low, y_high) = v.x_range, v.y_range
        touching = (left <= x_high) & (right >= x_low) & (low <= y_high) & (high >= y_low)
        found = Bands.of(store, v)
        assert np.array_equal(found.tiles, np.flatnonzero(touching))
        assert found.rows == np.diff(store.offsets)[touching].sum()


def test_the_runs_of_a_band_hold_each_of_its_rows_once_and_say_where_all_are_inside(store):
    rng = np.random.default_rng(2)
    for _ in range(60):
        v = a_viewport(rng)
        (x_low, x_high), (y_low, y_high) = v.x_range, v.y_range
        found = Bands.of(store, v)
        first = int(rng.integers(0, v.height))
        last = int(rng.integers(first + 1, v.height + 1))
        spans = runs.runs_of_band(
            found.tiles, store.bounds, store.offsets, found.geometry, v.height, first, last
        )
        assert (spans[1:, 0] >= spans[:-1, 1]).all()
        in_view = (
            (store.x >= x_low) & (store.x <= x_high) & (store.y >= y_low) & (store.y <= y_high)
        )
        _, _, _, _, _, _, scale, shift, _, _ = found.geometry
        row = np.minimum(
            (store.y.astype(np.float64) * scale + shift).astype(np.int64), v.height - 1
        )
        wanted = in_view & (row >= first) & (row < last)
        held = np.zeros(store.n, np.bool_)
        for start, stop, inside in spans:
            held[start:stop] = True
            assert not inside or wanted[start:stop].all()
        assert not (wanted & ~held).any()
