import numpy as np
import pytest

from explorer.map.paint.color import Categorical, Scale
from explorer.map.paint.palettes import DARK, LIGHT, palette
from explorer.map.paint.rgba import shade_categories, shade_levels
from explorer.map.paint.shade import count_levels, count_span


def test_levels_become_transparent_grey_and_the_palette():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    rgba = shade_levels(levels, palette("viridis"), DARK).reshape(256, 4)
    assert rgba[0].tolist() == [0, 0, 0, 0]
    assert rgba[1].tolist() == [*DARK.context, 255]
    assert np.array_equal(rgba[[2, 255], :3], palette("viridis")[[0, 255]])
    assert (rgba[1:, 3] == 255).all()
    inverted = shade_levels(levels, palette("viridis"), DARK, invert=True).reshape(256, 4)
    assert np.array_equal(inverted[2:], rgba[:1:-1])


def shaded(planes, context=None, theme=LIGHT):
    planes = np.asarray(planes, np.uint32)
    counts = planes.sum(axis=2, dtype=np.uint32)
    levels = count_levels(counts, context, count_span(counts, Scale("log")))
    return shade_categories(
        planes, levels, Categorical(np.empty(0, np.uint8), planes.shape[2]).table(theme), theme
    )


def test_a_pixel_of_one_category_has_its_very_colour():
    rgba = shaded(np.eye(17, dtype=np.uint32)[None] * 7)
    assert np.array_equal(rgba[0, :16, :3], LIGHT.categories)
    assert tuple(rgba[0, 16, :3]) == LIGHT.other


def test_a_mixture_is_the_weighted_mean_in_linear_light():
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 50, (20, 30, 5)).astype(np.uint32)
    colours = Categorical(np.empty(0, np.uint8), 5).table(LIGHT) / 255
    light = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    mixed = planes @ light / planes.sum(axis=2, keepdims=True)
    expected = 255 * np.where(mixed <= 0.0031308, mixed * 12.92, 1.055 * mixed ** (1 / 2.4) - 0.055)
    assert np.abs(shaded(planes)[:, :, :3] - expected).max() <= 1.0


def test_alpha_grows_with_the_rows_and_one_row_is_never_faint():
    rgba = shaded([[[1, 0], [10, 0], [0, 1000], [0, 0]]])
    alpha = rgba[0, :, 3].astype(int)
    assert alpha[0] >= 0.75 * 255 - 0.5
    assert alpha[0] < alpha[1] < alpha[2] == 255
    assert rgba[0, 3].tolist() == [0, 0, 0, 0]


def test_context_lies_underneath():
    rgba = shaded([[[0, 0], [1, 0], [0, 0]]], np.array([[5, 5, 0]], np.uint32), DARK)
    assert rgba[0, 0].tolist() == [*DARK.context, 255]
    assert np.array_equal(rgba[0, 1, :3], LIGHT.categories[0])
    assert rgba[0, 2].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("rows", [1, 2**31])
def test_the_largest_counts_do_not_overflow(rows):
    assert np.array_equal(shaded([[[rows, 0], [0, rows]]])[0, 0, :3], LIGHT.categories[0])
