import numpy as np
import pytest

from explorer.map.raster import bands, pool
from explorer.map.raster.bands import Bands, runs_of_band
from explorer.map.tiles import GROUP_TILES, group_bounds
from explorer.map.viewport import Viewport

WHOLE = Viewport((-30.0, 30.0), (-30.0, 30.0), 90, 70)


def test_few_rows_are_one_band(store):
    assert Bands.of(store, WHOLE).cuts == [(0, 70)]


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_bands_cover_the_picture_without_overlap(store, monkeypatch, threads):
    monkeypatch.setattr(bands, "_FEW_ROWS", 0)
    monkeypatch.setattr(pool, "n_threads", lambda: threads)
    for v in (
        WHOLE,
        Viewport((50.0, 60.0), (50.0, 60.0), 9, 7),
        Viewport((-1.0, 1.0), (-1.0, 1.0), 5, 1),
    ):
        cuts = Bands.of(store, v).cuts
        assert [row for first, last in cuts for row in range(first, last)] == list(range(v.height))


def test_every_band_is_handed_to_the_kernel_once_with_what_is_shared(store, monkeypatch):
    monkeypatch.setattr(bands, "_FEW_ROWS", 0)
    monkeypatch.setattr(pool, "n_threads", lambda: 3)
    found = Bands.of(store, WHOLE)

    def kernel(rows, *shared):
        return rows.x.size, rows.states.size, rows.shape, rows.band, shared

    assert found.run(kernel, np.empty(0, np.uint8), "a", 1) == [
        (store.n, 0, (70, 90), band, ("a", 1)) for band in found.cuts
    ]


@pytest.fixture
def wide_store(store_of):
    """More groups than one, the last of them not full."""
    rng = np.random.default_rng(0)
    return store_of((rng.standard_normal((70_000, 2)) * 3).astype(np.float32))


def a_viewport(rng):
    x, y = rng.normal(0, 4, 2)
    width, height = 10.0 ** rng.uniform(-3, 1.5, 2)
    return Viewport((x, x + width), (y, y + height), 40, 30)


def test_a_group_is_the_box_around_its_tiles(wide_store):
    groups = wide_store.groups
    assert len(groups) == -(-len(wide_store.bounds) // GROUP_TILES) > 1
    for number, box in enumerate(groups):
        tiles = wide_store.bounds[number * GROUP_TILES : (number + 1) * GROUP_TILES]
        assert box.tolist() == [
            tiles[:, 0].min(),
            tiles[:, 1].max(),
            tiles[:, 2].min(),
            tiles[:, 3].max(),
        ]


def test_no_tiles_make_no_groups():
    assert group_bounds(np.empty((0, 4), np.float32)).shape == (0, 4)


def test_exactly_the_tiles_that_touch_the_viewport_are_found(wide_store):
    rng = np.random.default_rng(1)
    left, right, low, high = wide_store.bounds.astype(np.float64).T
    for _ in range(200):
        v = a_viewport(rng)
        (x_low, x_high), (y_low, y_high) = v.x_range, v.y_range
        touching = (left <= x_high) & (right >= x_low) & (low <= y_high) & (high >= y_low)
        bands_in_view = Bands.of(wide_store, v)
        assert np.array_equal(bands_in_view.tiles, np.flatnonzero(touching))
        assert bands_in_view.rows == np.diff(wide_store.offsets)[touching].sum()


def test_the_runs_of_a_band_hold_each_of_its_rows_once_and_say_where_all_are_inside(wide_store):
    rng = np.random.default_rng(2)
    for _ in range(60):
        v = a_viewport(rng)
        (x_low, x_high), (y_low, y_high) = v.x_range, v.y_range
        bands_in_view = Bands.of(wide_store, v)
        first = int(rng.integers(0, v.height))
        last = int(rng.integers(first + 1, v.height + 1))
        spans = runs_of_band(
            bands_in_view.tiles,
            wide_store.bounds,
            wide_store.offsets,
            bands_in_view.geometry,
            v.height,
            first,
            last,
        )
        assert (spans[1:, 0] >= spans[:-1, 1]).all()
        in_view = (
            (wide_store.x >= x_low)
            & (wide_store.x <= x_high)
            & (wide_store.y >= y_low)
            & (wide_store.y <= y_high)
        )
        _, _, _, _, _, _, scale, shift, _, _ = bands_in_view.geometry
        row = np.minimum(
            (wide_store.y.astype(np.float64) * scale + shift).astype(np.int64), v.height - 1
        )
        wanted = in_view & (row >= first) & (row < last)
        held = np.zeros(wide_store.n, np.bool_)
        for start, stop, inside in spans:
            held[start:stop] = True
            assert not inside or wanted[start:stop].all()
        assert not (wanted & ~held).any()
