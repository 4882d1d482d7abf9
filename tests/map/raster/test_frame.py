import dataclasses

import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.paint.color import Categorical, Continuous, Density, Scale
from explorer.map.paint.palettes import DARK, LIGHT
from explorer.map.raster import aggregate as exact
from explorer.map.raster.frame import aggregate, frame, normalise, paint, render
from explorer.map.viewport import Viewport


@pytest.fixture
def scene(store_of, blobs):
    """A store, the whole view, a colour of every kind, a selection and a filter."""
    store = store_of(blobs)
    rng = np.random.default_rng(0)
    values = np.where(rng.random(store.n) < 0.3, np.nan, store.x).astype(np.float32)
    colours = {
        "density": Density(),
        "continuous": Continuous(values),
        "categorical": Categorical(rng.integers(0, 4, store.n).astype(np.uint8), 4),
    }
    masks = rng.random(store.n) < 0.2, rng.random(store.n) < 0.5
    return store, Viewport.fitted(store.extent, 300, 240), colours, *masks


KINDS = ["density", "continuous", "categorical"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_in_view_is_coloured_context_or_filtered(scene, kind):
    store, view, colours, selection, shown = scene
    for chosen, kept in [(None, None), (selection, None), (None, shown), (selection, shown)]:
        found = aggregate(store, view, colours[kind], chosen, kept)
        coloured = np.ones(store.n, bool) if chosen is None else chosen
        passing = np.ones(store.n, bool) if kept is None else kept
        assert np.array_equal(found.counts, exact.count(store, view, coloured & passing))
        assert found.n_coloured == (coloured & passing).sum()
        assert found.n_context == (~coloured & passing).sum()
        assert (found.context is None) == (chosen is None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_no_pixel_with_a_row_looks_empty_and_no_other_is_drawn(scene, kind, theme):
    store, view, colours, selection, shown = scene
    drawn = frame(store, view, colours[kind], selection, shown, theme, radius=0)
    numbers = drawn.levels.aggregate
    filled = numbers.counts + numbers.context > 0
    assert np.array_equal(drawn.rgba[:, :, 3] > 0, filled)
    assert drawn.rgba[filled][:, 3].min() >= 191
    grey = (numbers.counts == 0) & filled
    assert (drawn.rgba[grey] == (*theme.context, 255)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_stages_one_by_one_make_the_frame(scene, kind):
    store, view, colours, selection, shown = scene
    colour = colours[kind]
    levels = normalise(aggregate(store, view, colour, selection, shown), colour)
    assert np.array_equal(
        paint(levels, colour), frame(store, view, colour, selection, shown, radius=0).rgba
    )


def test_rows_without_a_value_are_grey(scene):
    store, view, _, _, _ = scene
    drawn = frame(store, view, Continuous(np.full(store.n, np.nan)), radius=0)
    assert (drawn.rgba[drawn.levels.aggregate.counts > 0] == (*LIGHT.context, 255)).all()


def test_another_palette_repeats_only_the_last_stage(scene):
    store, view, colours, _, _ = scene
    colour = colours["continuous"]
    levels = normalise(aggregate(store, view, colour), colour)
    other = dataclasses.replace(colour, palette="cividis", invert=True)
    assert np.array_equal(paint(levels, other), frame(store, view, other, radius=0).rgba)


@pytest.mark.parametrize("kind", KINDS)
def test_a_locked_span_keeps_colours_while_panning(scene, kind):
    store, view, colours, _, _ = scene
    whole = frame(store, view, colours[kind], radius=0)
    x_low, x_high = view.x_range
    half = Viewport(
        (x_low, x_low + (x_high - x_low) / 2), view.y_range, view.width // 2, view.height
    )
    part = frame(store, half, colours[kind], span=whole.levels.span, radius=0)
    # the last column alone differs: it holds the rows on the edge of the narrower view
    assert (part.rgba[:, :-1] != whole.rgba[:, : half.width - 1]).any(axis=2).mean() < 1e-3


def test_numbers_made_for_another_colour_are_refused(scene):
    store, view, colours, _, _ = scene
    density = normalise(aggregate(store, view, colours["density"]), colours["density"])
    with pytest.raises(EmbeddingError, match="categorical"):
        paint(density, colours["categorical"])
    with pytest.raises(EmbeddingError, match="continuous"):
        normalise(density.aggregate, colours["continuous"])


def test_masks_of_different_lengths_are_refused(scene):
    store, view, colours, selection, shown = scene
    with pytest.raises(EmbeddingError, match="one entry per row"):
        frame(store, view, colours["density"], selection, shown[1:])


def test_a_rendered_picture_has_its_top_row_first_and_greys_the_others(store_of):
    store = store_of(np.array([[0, 0], [1, 1]], np.float32))
    where = store.arrange(np.array([False, True]))
    view = Viewport((0, 1), (0, 1), 40, 30)
    picture = render(store, view, where=where)
    assert picture.shape == (30, 40, 4)
    assert picture.flags.c_contiguous
    assert tuple(picture[-1, 0]) == (*LIGHT.context, 255)
    assert picture[0, -1, 3] == 255
    assert tuple(picture[0, -1, :3]) != LIGHT.context
    assert picture[0, 0, 3] == 0


def test_a_background_leaves_nothing_transparent(scene):
    store, view, colours, _, _ = scene
    picture = render(store, view, colours["categorical"], background=DARK.background, theme=DARK)
    assert (picture[:, :, 3] == 255).all()
    assert tuple(picture[0, 0, :3]) == DARK.background


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_a_map_without_rows_is_an_empty_picture(store_of, kind):
    store = store_of(np.empty((0, 2)))
    view = Viewport.fitted(store.extent, 30, 20)
    for colour in (
        Density(Scale(kind)),
        Continuous(np.empty(0), Scale(kind)),
        Categorical(np.empty(0, np.uint8), 3),
    ):
        assert not frame(store, view, colour).rgba.any()
        assert not frame(store, view, colour, np.empty(0, np.bool_)).rgba.any()
