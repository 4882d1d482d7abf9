import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.viewport import Viewport


@pytest.mark.parametrize(
    ("x_range", "y_range", "width", "height", "words"),
    [
        ((0, np.nan), (0, 1), 10, 10, "finite"),
        ((0, 1), (-np.inf, 1), 10, 10, "finite"),
        ((-1e308, 1.7e308), (0, 1), 10, 10, "finite"),
        ((1, 0), (0, 1), 10, 10, "downwards"),
        ((0, 1, 2), (0, 1), 10, 10, "two numbers"),
        (("a", 1), (0, 1), 10, 10, "two numbers"),
        ((0, 1), (0, 1), 0, 10, "width=0"),
        ((0, 1), (0, 1), 10, -3, "height=-3"),
        ((0, 1), (0, 1), 10.5, 10, "width=10.5"),
        ((0, 1), (0, 1), float("inf"), 10, "width=inf"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_words(x_range, y_range, width, height, words):
    with pytest.raises(EmbeddingError, match=words) as error:
        Viewport(x_range, y_range, width, height)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [0.0, 3.0, -1e12, 5e-324])
def test_a_range_without_width_is_widened_around_its_value(value):
    low, high = Viewport((value, value), (0, 1), 900, 700).x_range
    assert low < value < high
    assert 0.5 * (low + high) == pytest.approx(value)


def test_equal_viewports_are_equal_and_hash_alike():
    assert Viewport([0, 1], (0, 2), 3, 4) == Viewport((0.0, 1.0), (0.0, 2.0), np.int64(3), 4)
    assert len({Viewport((0, 1), (0, 2), 3, 4), Viewport((0, 1), (0, 2), 3, 4)}) == 1


@pytest.mark.parametrize(
    "extent",
    [(0, 10, 0, 1), (-3, -2, 5, 50), (1, 1, 2, 2), (-1e6, 1e6, 0, 0), (-1e308, 1e308, 0, 1)],
)
def test_fitted_shows_the_whole_extent_with_square_units(extent):
    if extent[1] > 1e300:
        with pytest.raises(EmbeddingError, match="finite"):  # the margin goes beyond float64
            Viewport.fitted(extent, 900, 700)
        return
    v = Viewport.fitted(extent, 900, 700)
    assert v.x_range[0] <= extent[0] <= extent[1] <= v.x_range[1]
    assert v.y_range[0] <= extent[2] <= extent[3] <= v.y_range[1]
    assert v.unit[0] == pytest.approx(v.unit[1], rel=1e-9)


def test_padding_adds_whole_pixels_and_leaves_those_inside_in_place():
    v = Viewport((0, 9), (0, 7), 90, 70)
    p = v.padded(0.3)
    assert (p.width, p.height) == (90 + 2 * 27, 70 + 2 * 21)
    assert p.unit == pytest.approx(v.unit)
    assert p.x_range[0] + 27 * p.unit[0] == pytest.approx(0.0)


def test_scaling_changes_pixels_only():
    v = Viewport((0, 9), (0, 7), 9, 7).scaled(0.05)
    assert (v.width, v.height, v.x_range, v.y_range) == (1, 1, (0, 9), (0, 7))


def test_zooming_keeps_the_point_under_the_pointer():
    v = Viewport((0, 10), (0, 10), 100, 100).zoomed(2.5, 7.5, 4)
    assert v.x_range == pytest.approx((1.875, 4.375))
    assert (2.5 - v.x_range[0]) / (v.x_range[1] - v.x_range[0]) == pytest.approx(0.25)


def test_zooming_ends_where_float64_does():
    v = Viewport((0, 10), (0, 10), 100, 100)
    for _ in range(200):
        v = v.zoomed(3.0, 4.0, 2)
    assert v.unit[0] > np.spacing(3.0)
    assert v.zoomed(3.0, 4.0, 2) is v
