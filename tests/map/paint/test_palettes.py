import itertools
import re
from importlib import resources

import bokeh.palettes
import numpy as np
import pytest

from explorer.core.errors import UnknownName
from explorer.map.paint.palettes import (
    DARK,
    LEAST_CONTRAST,
    LIGHT,
    PALETTES,
    category_colors,
    contrast,
    palette,
    ramp,
)
from tests.colour_vision import ciede2000, lab, seen_by


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [  # table 1 of the paper
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_difference_gives_the_published_numbers(one, other, published):
    assert ciede2000(one, other) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_no_colour_of_a_scale_is_within_10_of_the_context_grey(theme):
    context = lab(theme.context)
    scales = [ramp(name, theme) for name in (*PALETTES, None)]
    for colours in (*scales, theme.categories, [theme.other]):
        assert ciede2000(lab(colours), context).min() >= 10


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_nothing_that_is_drawn_looks_like_the_background(theme):
    background = lab(theme.background)
    scales = [ramp(name, theme) for name in (*PALETTES, None)]
    for colours in (*scales, theme.categories, [theme.other], [theme.context]):
        assert ciede2000(lab(colours), background).min() >= 8


def page_ground(theme):
    css = (resources.files("explorer.app") / "templates" / "page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--map: #(\w{6})", css)
    return tuple(bytes.fromhex(light if theme is LIGHT else dark))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("name", [*PALETTES, None])
def test_every_colour_of_a_scale_stands_out_from_the_ground_of_the_page_and_of_a_picture(
    name, theme
):
    for ground in (theme.background, page_ground(theme)):
        assert contrast(ramp(name, theme), ground).min() >= LEAST_CONTRAST
    # more than the grey of the rows that are not selected
    assert contrast(theme.context, theme.background) < LEAST_CONTRAST


def test_contrast_is_that_of_the_web_guidelines():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("name", ["viridis", "cividis"])
def test_a_shortened_palette_is_a_part_of_the_published_one(name, theme):
    published = {bytes(colour) for colour in palette(name)}
    assert {bytes(colour) for colour in ramp(name, theme)} < published
    lightness = lab(ramp(name, theme))[:, 0]
    assert (np.diff(lightness) > -0.5).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_every_category_stands_out_from_the_ground_of_the_page_and_of_a_picture(theme):
    for ground in (theme.background, page_ground(theme)):
        assert contrast(theme.categories, ground).min() >= LEAST_CONTRAST
    # also where a pixel has one row among pixels that have many, more than a row not selected
    faint = (0.75 * theme.categories + 0.25 * np.array(theme.background)).round().astype(np.uint8)
    grey = contrast(theme.context, theme.background)
    assert contrast(faint, theme.background).min() > grey


# of the palette that Okabe & Ito's and Tol's colours made on any ground: no theme may have less
PUBLISHED_DISTANCE = {
    "normal": 11.66,
    "protanopia": 7.33,
    "deuteranopia": 8.80,
    "tritanopia": 8.82,
}


@pytest.mark.parametrize("vision", PUBLISHED_DISTANCE)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_categories_differ_from_each_other_whoever_looks(theme, vision):
    seen = lab(seen_by(vision, theme.categories))
    assert len(seen) == 16
    nearest = min(ciede2000(a, b) for a, b in itertools.combinations(seen, 2))
    assert nearest >= PUBLISHED_DISTANCE[vision]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_categories_differ_from_the_grey_of_other(theme):
    assert ciede2000(lab(theme.categories), lab(theme.other)).min() >= 10


def test_colours_of_categories_are_written_for_a_theme_and_begin_again():
    assert category_colors(17, "dark")[6] == "#b83010"
    assert category_colors(17, "light")[16] == category_colors(1, "light")[0] == "#0072b2"


@pytest.mark.parametrize(
    ("name", "published"), [("viridis", "Viridis256"), ("cividis", "Cividis256")]
)
def test_palettes_are_the_published_ones(name, published):
    assert ["#" + bytes(colour).hex() for colour in palette(name)] == [
        c.lower() for c in getattr(bokeh.palettes, published)
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_density_ramp_runs_away_from_the_background(theme):
    lightness = lab(theme.density)[:, 0]
    steps = np.diff(np.abs(lightness - lab(theme.background)[0]))
    assert (steps > -0.5).all()
    assert steps.sum() > 40


def test_an_unknown_palette_suggests_a_known_one():
    with pytest.raises(UnknownName, match="viridis"):
        palette("virids")
