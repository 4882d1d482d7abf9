import numpy as np
import pytest

from explorer.map.regions.places import places_of


def test_a_label_stands_where_most_rows_are_not_between_them(rng):
    crowd, few = rng.normal((0, 0), 0.3, (600, 2)), rng.normal((10, 0), 0.3, (300, 2))
    (place,) = places_of(
        np.concatenate((crowd, few)).astype(np.float32), np.zeros(900, np.int32)
    ).values()
    assert np.hypot(place.x, place.y) < 0.3
    assert 0.2 < place.reach < 0.8


def test_a_label_stands_at_a_row_of_its_region(rng):
    angle = rng.random(400) * 2 * np.pi
    ring = np.stack((np.cos(angle), np.sin(angle)), axis=1).astype(np.float32)
    place = places_of(ring, np.zeros(400, np.int32))[0]
    assert np.hypot(place.x, place.y) == pytest.approx(1, abs=1e-5)


def test_far_rows_do_not_move_the_label(rng):
    points = rng.normal(size=(500, 2)).astype(np.float32)
    points[:5] = 1e6
    place = places_of(points, np.zeros(500, np.int32))[0]
    assert np.hypot(place.x, place.y) < 1.5


def test_rows_without_a_place_and_regions_without_rows_have_no_label():
    xy = np.array([[0, 0], [np.nan, 1], [2, 2], [3, 3]], np.float32)
    found = places_of(xy, np.array([0, 1, -1, 4], np.int32))
    assert {label: place[:2] for label, place in found.items()} == {0: (0.0, 0.0), 4: (3.0, 3.0)}
    assert places_of(xy[1:2], np.array([0], np.int32)) == {}


def test_rows_at_one_place_are_no_trouble():
    place = places_of(np.ones((50, 2), np.float32), np.zeros(50, np.int32))[0]
    assert place == (1.0, 1.0, 0.0)
