"""The legend against its frame: colours by looking up pixels, counts by NumPy."""

import numpy as np
import pytest

from explorer.map.export.legend import Coloured, legend_of
from explorer.map.paint.color import Categorical, Continuous, Density, Scale
from explorer.map.paint.palettes import DARK, LIGHT, ramp


@pytest.fixture
def values(store):
    found = np.exp(2 * np.random.default_rng(1).standard_normal(store.n)).astype(np.float32)
    found[:7] = np.nan
    return found


def number(words):
    return float(words.replace("≤", "").replace("≥", "").replace("−", "-").replace(",", ""))


def test_levels_have_their_colour_and_their_rows_in_view(store, draw):
    codes = np.random.default_rng(2).integers(0, 5, store.n).astype(np.uint8)
    codes[codes == 3] = 1
    legend = legend_of(
        draw(Categorical(codes, 5)),
        Categorical(codes, 5),
        DARK,
        Coloured("City", levels=[*"abcd", "missing"]),
    )
    counts = np.bincount(codes, minlength=5)
    assert [(one.label, one.count) for one in legend.levels] == [
        (label, counts[i]) for i, label in enumerate([*"abcd", "missing"]) if i != 3
    ]
    assert [one.colour for one in legend.levels] == [
        *map(tuple, DARK.categories[:3].tolist()),
        DARK.other,
    ]
    assert (legend.heading, legend.how, legend.ramp, legend.greys) == (
        "City",
        "rows in view",
        None,
        (),
    )


def test_with_a_selection_levels_count_it_and_the_grey_counts_the_rest(store, draw):
    codes = np.zeros(store.n, np.uint8)
    selected = np.arange(store.n) < 300
    legend = legend_of(
        draw(Categorical(codes, 2), selection=selected),
        Categorical(codes, 2),
        LIGHT,
        Coloured(levels=["a", "rest"]),
    )
    assert [one.count for one in legend.levels] == [300]
    assert [(one.label, one.count, one.colour) for one in legend.greys] == [
        ("not selected", store.n - 300, LIGHT.context)
    ]
    assert legend.how == "selected rows in view"


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
@pytest.mark.parametrize("invert", [False, True])
def test_a_tick_stands_where_its_colour_is(store, draw, values, kind, invert):
    """Rows all of one value have the colour of the ramp at the tick of that value."""
    colour = Continuous(values, Scale(kind, (1, 99)), invert=invert)
    made = draw(colour)
    legend = legend_of(made, colour, LIGHT, Coloured("Price", "US$", missing=7))
    assert legend.heading == "Price (US$)"
    assert legend.how == (
        "mean per pixel, colours by rank" if kind == "rank" else f"mean per pixel, {kind} scale"
    )
    assert legend.ticks[0][1].startswith("≤ ")
    assert legend.ticks[-1][1].startswith("≥ ")
    places = [place for place, _ in legend.ticks]
    assert (places[0], places[-1]) == (0, 1)
    assert min(np.diff(places)) >= 0.075
    assert len(places) > 3
    for place, words in legend.ticks[1:-1]:
        one = draw(
            Continuous(np.full(store.n, number(words), np.float32), colour.scale, invert=invert),
            span=made.levels.span,
        )
        drawn = one.rgba[one.rgba[:, :, 3] == 255][0, :3].astype(int)
        at = round(place * (len(legend.ramp) - 1))
        near = legend.ramp[max(at - 2, 0) : at + 3].astype(int)
        # words have four digits, so that the colour may be one level off
        assert np.abs(near - drawn).sum(axis=1).min() <= 6


def test_the_ramp_is_the_palette_from_low_to_high(draw, values):
    for invert in (False, True):
        colour = Continuous(values, palette="cividis", invert=invert)
        shown = legend_of(draw(colour), colour, LIGHT, Coloured()).ramp
        ends = ramp("cividis", LIGHT)[[0, -1]][:: -1 if invert else 1]
        np.testing.assert_array_equal(shown[[0, -1]], ends)


def test_ends_are_marked_only_where_pixels_lie_beyond(draw, values):
    colour = Continuous(np.nan_to_num(values), Scale("linear"))
    ticks = legend_of(draw(colour), colour, LIGHT, Coloured()).ticks
    assert not ticks[0][1].startswith("≤")
    assert not ticks[-1][1].startswith("≥")


def test_density_counts_rows_per_pixel(draw):
    made = draw(Density(), size=(30, 20))
    legend = legend_of(made, Density(), DARK, Coloured())
    counts = made.levels.aggregate.counts
    assert (legend.title, legend.how) == ("Rows per pixel", "colours by rank")
    assert [number(legend.ticks[i][1]) for i in (0, -1)] == [counts[counts > 0].min(), counts.max()]
    np.testing.assert_array_equal(legend.ramp[[0, -1]], DARK.density[[0, -1]])


def test_years_have_no_comma_and_times_are_dates(store, draw):
    years = np.linspace(1940, 2014, store.n, dtype=np.float32)
    colour = Continuous(years, Scale("linear"))
    words = [words for _, words in legend_of(draw(colour), colour, LIGHT, Coloured()).ticks]
    assert "1960" in words
    days = np.linspace(0, 20_000 * 86_400, store.n, dtype=np.float32)
    colour = Continuous(days, Scale("linear"))
    ticks = legend_of(draw(colour), colour, LIGHT, Coloured(kind="temporal")).ticks
    assert all(words.strip("≤≥ ")[:2] in ("19", "20") for _, words in ticks)


def test_the_times_of_one_day_are_told_apart_and_counted_from_their_origin(store, draw):
    start = float(np.datetime64("2024-05-06T07:00", "s").astype(np.int64))
    hours = np.linspace(0, 24 * 3_600, store.n, dtype=np.float32)
    colour = Continuous(hours, Scale("linear", (0, 100)), origin=start)
    ticks = legend_of(draw(colour), colour, LIGHT, Coloured(kind="temporal")).ticks
    assert [ticks[end][1].strip("≤≥ ")[:15] for end in (0, -1)] == [
        "2024-05-06 07:0",
        "2024-05-07 06:5",
    ]
    assert [words[-5:] for _, words in ticks[1:-1]] == ["12:00", "05-07"]
    assert [round(24 * place) for place, _ in ticks[1:-1]] == [5, 17]


@pytest.mark.parametrize("scale", ["linear", "rank"])
def test_long_numbers_are_short_on_a_legend_however_near_they_are(store, draw, scale):
    values = np.linspace(122_400_000, 122_500_000, store.n, dtype=np.float32)
    colour = Continuous(values, Scale(scale))
    ticks = legend_of(draw(colour), colour, LIGHT, Coloured()).ticks
    assert all(words.strip("≤≥ ").startswith("1.22") for _, words in ticks)


def test_one_value_and_none_have_a_bar_without_a_way(store, draw):
    colour = Continuous(np.full(store.n, 3.0, np.float32), Scale("linear"))
    assert legend_of(draw(colour), colour, LIGHT, Coloured()).ticks == ((0.5, "3"),)
    colour = Continuous(np.full(store.n, np.nan, np.float32), Scale("linear"))
    legend = legend_of(draw(colour), colour, LIGHT, Coloured(missing=store.n))
    assert legend.ticks == ()
    assert [(one.label, one.count) for one in legend.greys] == [("without a value", store.n)]


def test_document_is_plain_json(draw, values):
    colour = Continuous(values)
    document = legend_of(draw(colour), colour, LIGHT, Coloured("Price")).document()
    assert len(document["stops"]) == 10
    assert document["stops"][0] == "#440154"
    assert document["ticks"][0]["place"] == 0
