import numpy as np
import pytest
from scipy import ndimage

from explorer.map.paint.marks import point_radius, spread
from explorer.map.viewport import Viewport

EXTENT = (0.0, 9.0, 0.0, 7.0)
WHOLE = Viewport((0, 9), (0, 7), 900, 700)


def sparse(rng, shape=(50, 60), share=0.02):
    """A picture whose drawn pixels all have different colours."""
    rgba = np.zeros((*shape, 4), np.uint8)
    drawn = rng.random(shape) < share
    rgba[drawn] = rng.integers(1, 256, (drawn.sum(), 4))
    return rgba, drawn


@pytest.mark.parametrize("radius", [0.5, 1.2, 2.0, 4.0, 6.0])
@pytest.mark.parametrize("share", [0.005, 0.1, 0.6])
def test_empty_pixels_take_the_colour_of_a_nearest_drawn_one(radius, share):
    rgba, drawn = sparse(np.random.default_rng(0), share=share)
    out = spread(rgba, radius)
    distance = ndimage.distance_transform_edt(~drawn)
    assert np.array_equal(out[drawn], rgba[drawn])
    covered = ~drawn & (distance < radius + 0.5)
    assert not out[~drawn & ~covered].any()
    rows, columns = np.nonzero(drawn)
    for r, c in zip(*np.nonzero(covered), strict=True):
        near = np.isclose(np.hypot(rows - r, columns - c), distance[r, c])
        colours = rgba[rows[near], columns[near]].astype(float)
        colours[:, 3] = np.floor(colours[:, 3] * min(radius + 0.5 - distance[r, c], 1) + 0.5)
        assert (np.abs(colours - out[r, c]).max(axis=1) <= [1]).any()


def test_discs_in_front_cover_those_behind():
    rgba = np.zeros((9, 9, 4), np.uint8)
    rgba[4, 3], rgba[4, 5] = (1, 1, 1, 255), (2, 2, 2, 255)
    front = np.zeros((9, 9), np.bool_)
    front[4, 5] = True
    out = spread(rgba, 2, front)
    assert out[4, 3, 0] == 1  # what is drawn stays
    assert out[4, 4, 0] == out[3, 4, 0] == out[5, 4, 0] == 2
    assert out[4, 2, 0] == 1


def test_a_surrounded_front_pixel_shows_beyond_those_behind():
    rgba = np.zeros((9, 9, 4), np.uint8)
    rgba[3:6, 3:6] = (1, 1, 1, 255)
    rgba[4, 4] = (2, 2, 2, 255)
    out = spread(rgba, 3, rgba[:, :, 0] == 2)
    assert out[4, 2, 0] == out[4, 7, 0] == 2


def test_small_radii_return_the_picture_itself_and_others_do_not_write_into_it():
    rgba, _ = sparse(np.random.default_rng(0))
    assert spread(rgba, 0.4) is rgba
    before = rgba.copy()
    spread(rgba, 3)
    assert np.array_equal(rgba, before)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(0, 0, 0), (1, 4, 4), (500, 4, 4), (17_000, 1, 1.5), (1_000_000, 0, 0), (10**8, 0, 0)],
)
def test_the_radius_follows_the_rows_of_the_map(n, low, high):
    assert low <= point_radius(n, EXTENT, WHOLE) <= high


def test_the_radius_grows_with_zoom_to_a_limit_and_not_with_what_is_in_view():
    radii = [point_radius(1_000_000, EXTENT, WHOLE.zoomed(3, 3, 2.0**z)) for z in range(0, 24, 2)]
    assert radii == sorted(radii)
    assert (radii[0], radii[-1]) == (0, 6)
    assert radii[5] == pytest.approx(2 * radii[4])
    assert point_radius(1_000_000, EXTENT, WHOLE.zoomed(8, 1, 64)) == pytest.approx(radii[3])


def test_a_map_of_one_point_has_a_radius():
    assert point_radius(1, (5, 5, 5, 5), Viewport((5, 5), (5, 5), 900, 700)) == 4
