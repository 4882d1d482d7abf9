import itertools

import bokeh.palettes
import numpy as np
import pytest

from explorer.errors import UnknownName
from explorer.maps.palettes import CATEGORIES, DARK, LIGHT, PALETTES, palette


def linear(rgb):
    share = np.asarray(rgb) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* (D65) of sRGB."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = linear(rgb) @ to_xyz.T / (0.95047, 1, 1.08883)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def ciede2000(one, other):
    """Colour difference after Sharma, Wu & Dalal 2005, doi 10.1002/col.20070."""
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(np.asarray(c, float), -1, 0) for c in (one, other))
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(c7 / (c7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, np.where(c1 * c2 == 0, h1 + h2, h1 + turn / 2)
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    spin = np.exp(-((((hue % 360) - 275) / 25) ** 2))
    r = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(60 * spin))
    x, y = (c2 - c1) / s_c, d_hue / s_h
    return np.sqrt(((l2 - l1) / s_l) ** 2 + x**2 + y**2 + r * x * y)


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
    for colours in (*PALETTES.values(), theme.density, CATEGORIES, [theme.other]):
        assert ciede2000(lab(colours), context).min() >= 10


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_nothing_that_is_drawn_looks_like_the_background(theme):
    background = lab(theme.background)
    for colours in (*PALETTES.values(), theme.density, CATEGORIES, [theme.other], [theme.context]):
        assert ciede2000(lab(colours), background).min() >= 8


def test_categories_differ_from_each_other_and_from_other():
    colours = lab(np.concatenate([CATEGORIES, [LIGHT.other]]))
    assert len(colours) == 17
    assert min(ciede2000(a, b) for a, b in itertools.combinations(colours, 2)) >= 10


@pytest.mark.parametrize(("name", "published"), [("viridis", "Viridis256"), ("cividis", "Cividis256")])
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
