"""What goes to the screen is the picture that is drawn, byte for byte."""

import zlib

import numpy as np
import pytest

from explorer.map.paint.color import Categorical, Continuous, Density, Scale
from explorer.map.paint.palettes import DARK, LIGHT
from explorer.map.raster.frame import aggregate, draw_aggregate, encode_aggregate
from explorer.map.viewport import Viewport


def colours(store):
    values = store.arrange(np.linspace(-1, 1, store.n_rows).astype(np.float32))
    values[::5] = np.nan
    codes = store.arrange((np.arange(store.n_rows) % 4).astype(np.uint8))
    return {
        "density": Density(),
        "numbers": Continuous(values, Scale("linear"), "cividis", invert=True),
        "categories": Categorical(codes, 4),
    }


def shown(screen):
    """Colour the planes as a page does."""
    height, width = screen.viewport.height, screen.viewport.width
    plain = np.frombuffer(screen.data(), np.uint8)
    if screen.form == "rgba":
        return plain.reshape(height, width, 4)
    table, planes = plain[:1024].reshape(256, 4), plain[1024:].reshape(-1, height, width)
    assert len(planes) == {"levels": 1, "covered": 2}[screen.form]
    picture = table[planes[0]]
    if len(planes) == 2:
        picture[..., 3] = np.round(picture[..., 3] * (planes[1] / 255.0))
    return picture


@pytest.mark.parametrize("kind", ["density", "numbers", "categories"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("zoom", "form"), [(1, "levels"), (300, "covered")])
@pytest.mark.parametrize("selected", [False, True])
def test_the_planes_and_the_table_are_the_picture(store, kind, theme, zoom, form, selected):
    colour = colours(store)[kind]
    view = Viewport.fitted(store.extent, 60, 50).zoomed(float(store.x[0]), float(store.y[0]), zoom)
    selection = store.arrange(np.arange(store.n_rows) % 3 == 0) if selected else None
    numbers = aggregate(store, view, colour, selection)
    screen = encode_aggregate(store, numbers, colour, theme)
    assert screen.form == ("rgba" if kind == "categories" else form)
    picture = draw_aggregate(store, numbers, colour, theme).rgba[::-1]
    assert (picture[..., 3] > 0).any()
    np.testing.assert_array_equal(shown(screen), picture)
    assert zlib.decompress(screen.data(packed=True)) == screen.data()


def test_levels_take_a_quarter_of_the_bytes_of_a_picture(store):
    view = Viewport.fitted(store.extent, 300, 200)
    data = encode_aggregate(store, aggregate(store, view, Density()), Density()).data()
    assert len(data) == 1024 + 300 * 200
