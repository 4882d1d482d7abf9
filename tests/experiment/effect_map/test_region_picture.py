"""Painted regions, by counting pixels."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorer.experiment.analysis.hexagons import hexagons_of
from explorer.experiment.effect_map.region_picture import (
    FEW,
    HATCHED,
    PLAIN,
    UNTRUSTED,
    RegionPaint,
    draw_density,
    paint_regions,
    region_kinds,
    region_paint,
)
from explorer.map.map_store import build_store
from explorer.map.paint.palettes import DARK, LIGHT
from explorer.map.viewport import Viewport

BLUE = np.array([20, 40, 200])


@pytest.fixture
def plane(tmp_path):
    xy = np.random.default_rng(0).random((4_000, 2)).astype(np.float32)
    store = build_store(xy, tmp_path / "m")
    return store, hexagons_of(store.x, store.y, 20), Viewport.fitted(store.extent, 400, 400, 0.1)


def drawn(plane, kinds, theme=LIGHT, owners=None, scale=1.0):
    store, hexagons, view = plane
    size = len(hexagons.places) if owners is None else int(owners.max()) + 1
    paint = RegionPaint(np.tile(BLUE, (size, 1)).astype(np.uint8), np.full(size, kinds, np.uint8))
    view = view.scaled(scale)
    under = draw_density(store, view, theme)
    found = paint_regions(under, hexagons, owners, paint, theme, scale)
    x = view.x_range[0] + (np.arange(view.width) + 0.5) * view.unit[0]
    y = view.y_range[0] + (np.arange(view.height) + 0.5) * view.unit[1]
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    codes = hexagons.at(*places.T).reshape(view.height, view.width)
    return found, codes, under


def near(rgba, colour, within=30):
    return (np.abs(rgba[..., :3].astype(int) - colour).max(axis=-1) <= within) & (
        rgba[..., 3] == 255
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_a_region_told_from_the_whole_is_filled_and_parted_by_a_line_of_the_page(plane, theme):
    found, codes, _ = drawn(plane, PLAIN, theme)
    assert not near(found, BLUE)[codes < 0].any()
    assert near(found, BLUE)[codes >= 0].mean() > 0.85
    edges = (codes[:-1, :-1] != codes[1:, :-1]) & (codes[:-1, :-1] >= 0)
    assert near(found[:-1, :-1], np.array(theme.background), 0)[edges].all()


def test_a_region_that_is_not_told_from_it_is_hatched_by_a_third(plane):
    found, codes, _ = drawn(plane, HATCHED)
    share = (
        near(found, BLUE)[codes >= 0].mean() / near(drawn(plane, PLAIN)[0], BLUE)[codes >= 0].mean()
    )
    assert share == pytest.approx(2 / 3, abs=0.05)


def test_without_enough_data_a_region_is_hollow_with_a_ring(plane):
    found, codes, under = drawn(plane, FEW)
    assert not near(found, BLUE).any()
    changed = (found != under.rgba).any(axis=-1)
    assert 0.02 < changed[codes >= 0].mean() < 0.25
    _, hexagons, view = plane
    at = (
        ((hexagons.x - view.x_range[0]) / view.unit[0]).astype(int),
        ((hexagons.y - view.y_range[0]) / view.unit[1]).astype(int),
    )
    inside = (at[0] > 9) & (at[1] > 9) & (at[0] < 390) & (at[1] < 390)
    assert inside.sum() > 10
    for x, y in zip(at[0][inside], at[1][inside], strict=True):
        assert not changed[y, x]
        assert changed[y - 7 : y + 8, x - 7 : x + 8].any()


def test_what_is_not_to_be_trusted_is_striped_yellow_and_its_hue_stays(plane):
    found, codes, _ = drawn(plane, UNTRUSTED)
    yellow, blue = near(found, np.array([240, 229, 67])), near(found, BLUE)
    assert yellow[codes >= 0].mean() == pytest.approx(blue[codes >= 0].mean(), rel=0.15)
    assert yellow[codes >= 0].mean() > 0.35


def test_a_larger_picture_is_the_same_picture(plane):
    small, large = drawn(plane, HATCHED)[0], drawn(plane, HATCHED, scale=2.0)[0]
    assert large.shape == (800, 800, 4)
    share = [near(one, BLUE).mean() for one in (small, large)]
    assert share[0] == pytest.approx(share[1], rel=0.05)


def test_small_hexagons_of_one_region_have_no_lines_between_them(plane):
    _, hexagons, _ = plane
    owners = (hexagons.x > 0.5).astype(np.int32)
    found, codes, _ = drawn(plane, PLAIN, owners=owners)
    gaps = ~near(found, BLUE) & (codes >= 0)
    apart = drawn(plane, PLAIN)[0]
    assert gaps.sum() < 0.5 * (~near(apart, BLUE) & (codes >= 0)).sum()


def test_what_is_under_a_region_hardly_changes_its_colour(plane):
    """Lightness must not come to stand for the number of rows."""
    found, codes, under = drawn(plane, PLAIN)
    inside = near(found, BLUE) & (codes >= 0)
    dark = under.rgba[..., 3] > 200
    light = under.rgba[..., 3] == 0
    means = [found[inside & some, :3].astype(float).mean(axis=0) for some in (dark, light)]
    assert np.abs(means[0] - means[1]).max() < 14


def test_kinds_follow_data_then_trust_then_evidence():
    block = SimpleNamespace(
        size=4,
        testable=np.array([True, True, False, True]),
        distrust=["", "", "", "sample ratio mismatch here"],
        shrunk=np.array([1.0, 0.1, np.nan, 0.5]),
        deviation_error=np.full(4, 0.1),
        measured=SimpleNamespace(metric=SimpleNamespace(goal="increase")),
    )
    found = SimpleNamespace(
        block=lambda *_: block, differing=lambda *_: np.array([True, False, False, False])
    )
    assert region_kinds(found, "y", "B").tolist() == [PLAIN, HATCHED, FEW, UNTRUSTED]
    colours = region_paint(found, "y", "B").colours.astype(int)
    assert colours[0, 2] > colours[0, 0]
    assert colours[0, 2] - colours[0, 0] > colours[1, 2] - colours[1, 0] >= 0
    assert np.abs(colours[2] - 217).max() <= 2
