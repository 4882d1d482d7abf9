import datashader as ds
import numpy as np
import pandas as pd
import pytest

from explorer.map.grid import grid_over
from explorer.map.map_store import build_store
from explorer.map.paint.color import Categorical, Continuous, Density
from explorer.map.pyramid import build_pyramid
from explorer.map.viewport import Viewport

N = 40_000


@pytest.fixture(scope="module", params=[(0.0, 1.0), (1e6, 1.0), (-3.0, 1e-6)])
def store(request, tmp_path_factory):
    shift, size = request.param
    rng = np.random.default_rng(0)
    xy = shift + size * rng.normal(size=(N, 2)) * [1, 0.7]
    xy[:50] = np.nan
    return build_store(xy.astype(np.float32), tmp_path_factory.mktemp("map") / "m")


def rows(store):
    return store.x.astype(np.float64) + store.origin[0], store.y.astype(np.float64) + store.origin[
        1
    ]


def brute(store, view, weights=None):
    """Rows of each half-open pixel, by floor division alone."""
    x, y = rows(store)
    (x_low, _), (y_low, _) = view.x_range, view.y_range
    column, row = np.floor((x - x_low) / view.unit[0]), np.floor((y - y_low) / view.unit[1])
    inside = (column >= 0) & (column < view.width) & (row >= 0) & (row < view.height)
    place = (row[inside] * view.width + column[inside]).astype(int)
    weights = None if weights is None else weights[inside]
    return np.bincount(place, weights, view.width * view.height).reshape(view.height, view.width)


def views(store):
    x_min, x_max, y_min, y_max = store.extent
    whole = Viewport.fitted(store.extent, 300, 200)
    inside = Viewport(
        (x_min + (x_max - x_min) / 3, x_max), (y_min, y_min + (y_max - y_min) / 2), 120, 90
    )
    beside = Viewport(
        (x_min - 2 * (x_max - x_min), x_min + (x_max - x_min) / 4), (y_min, y_max), 90, 60
    )
    return [whole, inside, beside, Viewport(whole.x_range, whole.y_range, 37, 23)]


@pytest.mark.parametrize("view", range(4))
def test_each_pixel_is_the_exact_count_of_its_own_rectangle(store, view):
    asked = views(store)[view]
    found = build_pyramid(store, Density(), cells=1024).aggregate(asked)
    np.testing.assert_array_equal(found.counts, brute(store, found.viewport))
    # nearly what was asked for: it covers it, with pixels of about the size
    assert (
        found.viewport.x_range[0]
        <= asked.x_range[0]
        < asked.x_range[1]
        <= found.viewport.x_range[1]
    )
    assert (
        found.viewport.y_range[0]
        <= asked.y_range[0]
        < asked.y_range[1]
        <= found.viewport.y_range[1]
    )
    assert 0.55 < found.viewport.unit[0] / asked.unit[0] < 1.3


def test_it_counts_what_datashader_counts_for_the_same_rectangle(store):
    found = build_pyramid(store, Density(), cells=512).aggregate(
        Viewport.fitted(store.extent, 100, 80)
    )
    view = found.viewport
    x, y = rows(store)
    canvas = ds.Canvas(view.width, view.height, view.x_range, view.y_range)
    expected = canvas.points(pd.DataFrame({"x": x, "y": y}), "x", "y").to_numpy()
    if found.viewport.width and np.log2(view.unit[0]) % 1 == 0:  # else edges are rounded there
        np.testing.assert_array_equal(found.counts, expected)
    assert found.counts.sum() == expected.sum() == store.n


def test_means_and_categories_add_up_over_cells(store):
    rng = np.random.default_rng(1)
    values = rng.normal(size=store.n).astype(np.float32)
    values[::7] = np.nan
    codes = rng.integers(0, 4, store.n).astype(np.uint8)
    for view in views(store):
        found = build_pyramid(store, Continuous(values), cells=1024).aggregate(view)
        there = ~np.isnan(values)
        n = brute(store, found.viewport, there.astype(float))
        total = brute(store, found.viewport, np.where(there, values, 0).astype(np.float64))
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(found.means, total / n, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(found.counts, brute(store, found.viewport))
        found = build_pyramid(store, Categorical(codes, 4), cells=1024).aggregate(view)
        for code in range(4):
            expected = brute(store, found.viewport, (codes == code).astype(float))
            np.testing.assert_array_equal(found.planes[..., code], expected)
        np.testing.assert_array_equal(found.counts, found.planes.sum(axis=2))


def test_a_selection_and_what_it_leaves_are_counted_apart(store):
    states = np.random.default_rng(2).integers(0, 3, store.n).astype(np.uint8)
    values = np.ones(store.n, np.float32)
    for colour in (Density(), Continuous(values), Categorical(np.zeros(store.n, np.uint8), 2)):
        found = build_pyramid(store, colour, states, context=True, cells=512).aggregate(
            views(store)[0]
        )
        np.testing.assert_array_equal(
            found.counts, brute(store, found.viewport, (states == 1).astype(float))
        )
        np.testing.assert_array_equal(
            found.context, brute(store, found.viewport, (states == 0).astype(float))
        )
        alone = build_pyramid(store, colour, states == 1, cells=512).aggregate(views(store)[0])
        np.testing.assert_array_equal(alone.counts, found.counts)
        assert alone.context is None


def test_too_close_for_its_cells_it_says_so(store):
    x_min, x_max, y_min, y_max = store.extent
    close = Viewport(
        (x_min, x_min + (x_max - x_min) / 64), (y_min, y_min + (y_max - y_min) / 64), 900, 700
    )
    assert build_pyramid(store, Density(), cells=512).aggregate(close) is None


def test_pixels_stay_where_they_are_while_one_drags(store):
    pyramid, view = (
        build_pyramid(store, Density(), cells=1024),
        Viewport.fitted(store.extent, 200, 150),
    )
    first = pyramid.aggregate(view)
    dx = 0.37 * view.unit[0]
    moved = pyramid.aggregate(
        Viewport(
            (view.x_range[0] + dx, view.x_range[1] + dx), view.y_range, view.width, view.height
        )
    )
    steps = (moved.viewport.x_range[0] - first.viewport.x_range[0]) / first.viewport.unit[0]
    assert moved.viewport.unit == first.viewport.unit
    assert steps == round(steps)


@pytest.mark.parametrize(
    "xy", [[[3.0, 4.0]], [[3.0, 4.0]] * 500, [[0.0, 0.0], [1e6, -1e6]], np.empty((0, 2))]
)
def test_one_point_one_place_two_far_apart_and_nothing(xy, tmp_path):
    store = build_store(np.array(xy, np.float32), tmp_path / "m")
    pyramid = build_pyramid(store, Density(), cells=256)
    found = pyramid.aggregate(Viewport.fitted(store.extent, 40, 30))
    assert found is None or found.counts.sum() == len(
        xy
    )  # one cell is too coarse for a view of one point
    assert sum(int(level.sums["counts"].sum()) == len(xy) for level in pyramid.levels) == len(
        pyramid.levels
    )
    assert pyramid.nbytes < 16 << 20


def test_a_grid_covers_its_extent_with_about_as_many_cells_as_asked():
    for extent in [(0.0, 1.0, 0.0, 0.5), (-7.3, 12.9, 100.0, 101.0), (1e6, 1e6 + 3, -5.0, 5.0)]:
        grid = grid_over(extent, 512)
        view = grid.viewport
        assert view.x_range[0] <= extent[0]
        assert extent[1] < view.x_range[1]
        assert view.y_range[0] <= extent[2]
        assert extent[3] < view.y_range[1]
        assert 256 <= max(grid.columns, grid.rows) <= 514
        assert grid.coarser.coarser.columns <= grid.columns / 4 + 2
