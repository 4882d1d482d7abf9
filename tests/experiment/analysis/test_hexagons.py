"""Hexagons of a map: against the nearest centre by brute force, and against the lasso of each."""

import numpy as np
import pytest

from explorer.experiment.analysis import hexagons
from explorer.experiment.analysis.hexagons import Hexagons, hexagons_of
from explorer.map.geometry import lasso_mask
from explorer.map.map_store import build_store
from explorer.map.raster import pool


def blobs(n, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(12, 2))[rng.integers(0, 12, n)] * 4 + rng.normal(size=(n, 2)) * 0.5
    ).astype(np.float32)


def nearest_centre(xy, found):
    """Number of the nearest centre among those of the hexagons that hold a point."""
    away = (xy[:, None, 0] - found.x) ** 2 + (xy[:, None, 1] - found.y) ** 2
    return away.argmin(axis=1)


@pytest.mark.parametrize("about", [1, 7, 30, 200])
def test_each_point_is_in_the_hexagon_with_the_nearest_centre(about):
    xy = blobs(4_000)
    found = hexagons_of(xy[:, 0], xy[:, 1], about)
    assert found.codes.dtype == np.int32
    assert np.array_equal(found.codes, nearest_centre(xy.astype(float), found))
    assert np.array_equal(found.counts, np.bincount(found.codes, minlength=len(found.places)))
    assert (np.diff(found.counts) <= 0).all()
    assert found.counts.min() > 0
    assert len(set(found.labels)) == len(found.places)


@pytest.mark.parametrize("about", [30, 100, 300, 1_000])
def test_about_as_many_are_filled_as_are_wanted(about):
    xy = blobs(60_000)
    found = hexagons_of(xy[:, 0], xy[:, 1], about)
    filled = (found.counts >= len(xy) / about / 20).sum()
    assert about / 1.25 <= filled <= about * 1.25


def test_points_that_do_not_suffice_for_so_many_have_fewer_that_hold_most_of_them():
    xy = blobs(6_000)
    for about in (10, 30, 100, 1_000):
        counts = hexagons_of(xy[:, 0], xy[:, 1], about, fewest=60).counts
        assert (counts >= 60).sum() <= min(about * 1.25, 100)
        assert counts[counts >= 60].sum() >= 0.75 * len(xy)
    assert (counts >= 60).sum() > 20


@pytest.mark.parametrize(
    "origin", [(0.0, 0.0), (1e6, -3.7e5)], ids=["float32", "float64 with origin"]
)
def test_the_lasso_of_a_hexagon_holds_its_rows_and_no_other(tmp_path, origin):
    # a grid of points, many of which lie on edges or nearly so
    grid = (
        np.stack(np.meshgrid(np.arange(60) / 7, np.arange(60) / 9), axis=-1).reshape(-1, 2) + origin
    )
    xy = np.concatenate([blobs(3_000).astype(float) + origin, grid])
    store = build_store(xy if origin[0] else xy.astype(np.float32), tmp_path / "map")
    found = hexagons_of(store.x, store.y, 40, store.origin)
    codes = store.restore(found.codes + 1) - 1
    for number in range(len(found.places)):
        assert np.array_equal(lasso_mask(store, found.polygon(number)), codes == number)


def inside(x, y, polygon):
    """Say whether a point is inside by the even-odd rule, each edge upwards, in Python's floats."""
    odd = False
    for one, other in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        (ax, ay), (bx, by) = sorted([one, other], key=lambda corner: corner[1])
        if ay <= y < by:
            at = ax + (bx - ax) * ((y - ay) / (by - ay))
            odd ^= x < min(max(at, min(ax, bx)), max(ax, bx))
    return odd


def test_a_point_on_a_corner_or_an_edge_is_in_the_one_whose_lasso_holds_it():
    first = hexagons_of(*blobs(40_000).T, 30)
    corners = [first.polygon(number) for number in range(12)]
    xy = np.array(
        [
            p
            for one in corners
            for p in (*one, ((one[0][0] + one[1][0]) / 2, (one[0][1] + one[1][1]) / 2))
        ]
    )
    # the extremes stay, and with them the grid
    low, high = blobs(40_000).min(axis=0), blobs(40_000).max(axis=0)
    xy = np.concatenate([blobs(40_000), xy[((xy >= low) & (xy <= high)).all(axis=1)]])
    found = hexagons_of(*xy.T, 30)
    assert found.size == first.size
    polygons = [found.polygon(number) for number in range(len(found.places))]
    held = np.array(
        [[inside(x, y, polygon) for polygon in polygons] for x, y in xy[40_000:].tolist()]
    )
    assert (held.sum(axis=1) == 1).all()
    assert np.array_equal(found.codes[40_000:], held.argmax(axis=1))


def test_the_hexagon_at_a_place_is_that_of_the_points_there_or_none():
    xy = blobs(3_000).astype(float)
    found = hexagons_of(*xy.T, 40)
    assert np.array_equal(found.at(*xy.T), found.codes)
    assert found.at(np.array([1e4, -1e4]), np.array([0.0, 1e4])).tolist() == [-1, -1]
    anywhere = np.random.default_rng(3).uniform(-15, 15, (5_000, 2))
    away = np.hypot(anywhere[:, :1] - found.x, anywhere[:, 1:] - found.y)
    codes = found.at(*anywhere.T)
    # nearer to a centre than the sides are, it is in; farther than the corners, it is not
    near, far = away.min(axis=1) < 0.866 * found.size, away.min(axis=1) > found.size
    assert np.array_equal(codes[near], away.argmin(axis=1)[near])
    assert (codes[far] == -1).all()
    assert not len(hexagons_of(np.empty(0), np.empty(0)).at(np.empty(0), np.empty(0)))


def test_neighbours_have_the_same_corners_to_the_last_bit():
    xy = blobs(2_000)
    found = hexagons_of(xy[:, 0], xy[:, 1], 50)
    corners = {
        tuple(corner) for number in range(len(found.places)) for corner in found.polygon(number)
    }
    rounded = {(round(x, 6), round(y, 6)) for x, y in corners}
    assert len(corners) == len(rounded)


def test_the_order_of_the_points_and_the_threads_change_nothing(monkeypatch):
    xy = blobs(5_000)
    order = np.random.default_rng(1).permutation(len(xy))
    monkeypatch.setattr(hexagons, "_BLOCK", 700)
    one, other = (hexagons_of(*part.T, 60) for part in (xy, xy[order]))
    assert np.array_equal(one.codes[order], other.codes)
    monkeypatch.setattr(pool, "run", lambda work, parts: [work(part) for part in parts])
    alone = hexagons_of(*xy.T, 60)
    assert np.array_equal(alone.codes, one.codes)
    assert np.array_equal(alone.places, one.places)


@pytest.mark.parametrize(
    "xy", [np.empty((0, 2)), np.zeros((5, 2)), np.array([[0.0, 3.0], [0.0, 9.0]])]
)
def test_no_point_one_place_and_a_line_have_hexagons_too(xy):
    found = hexagons_of(xy[:, 0], xy[:, 1], 10)
    assert found.counts.sum() == len(xy)
    assert len(found.places) == len(np.unique(xy, axis=0))


def test_a_hexagon_belongs_to_the_region_of_most_of_its_points():
    xy = blobs(3_000)
    found = hexagons_of(*xy.T, 30)
    regions = np.random.default_rng(2).integers(-1, 5, len(xy)).astype(np.int32)
    owners = found.owners(regions, 5)
    for number in range(len(found.places)):
        here = regions[(found.codes == number) & (regions >= 0)]
        counts = np.bincount(here, minlength=5)
        assert owners[number] == (counts.argmax() if len(here) else -1)
    assert isinstance(found, Hexagons)
