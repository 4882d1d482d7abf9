"""The live map, evaluated without a browser for two views, against Map.aggregate and Map.render."""

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, Legend

import explorer
from explorer.map.export.notebook import cell_of

hv.extension("bokeh")


@pytest.fixture(scope="module")
def drawn(people, tmp_path_factory):
    embedding = people.project(["height", "weight", "sleep"], "pca")
    return explorer.build_map(embedding, tmp_path_factory.mktemp("live") / "map", people)


@pytest.fixture(scope="module")
def views(drawn):
    (x0, x1), (y0, y1) = drawn.extent
    return [
        explorer.Viewport.fitted(drawn.store.extent, 700, 500),
        explorer.Viewport((x0, (x0 + x1) / 2), ((y0 + y1) / 2, y1), 300, 210),
    ]


def dynamic(live):
    """Return the map that is drawn anew, whatever lies over it."""
    while live.callback.inputs:
        live = next(one for one in live.callback.inputs if isinstance(one, hv.DynamicMap))
    return live


def at(live, view):
    """Move a live map to a view and return what it shows."""
    moved = dynamic(live)
    for stream in moved.streams:
        names = stream.contents
        new = {
            "x_range": view.x_range,
            "y_range": view.y_range,
            "width": view.width,
            "height": view.height,
        }
        stream.update(**{name: new[name] for name in names if name in new})
    return moved[()]


def image_of(shown, kind):
    (found,) = (one for one in shown.traverse(lambda one: one, [kind]) if type(one) is kind)
    return found


def test_rows_per_cell_are_those_of_the_map(drawn, views):
    live = drawn.hvplot(where="age < 60")
    for view in views:
        cells = cell_of(drawn.store, view)
        image = image_of(at(live, view), hv.Image)
        counts = drawn.aggregate(cells, where="age < 60")
        # flat=False gives row 0 as the lowest y, as ours
        np.testing.assert_array_equal(np.nan_to_num(image.dimension_values(2, flat=False)), counts)
        assert image.bounds.lbrt() == (
            view.x_range[0],
            view.y_range[0],
            view.x_range[1],
            view.y_range[1],
        )
        grey = image_of(at(live, view), hv.RGB).dimension_values(2, flat=False) > 0
        np.testing.assert_array_equal(grey, drawn.aggregate(cells, where="age >= 60") > 0)
        assert cells.width < view.width  # 600 rows: a cell is larger than a pixel


def test_means_are_those_of_the_map(drawn, views):
    live = drawn.hvplot("pulse")
    for view in views:
        image = image_of(at(live, view), hv.Image)
        np.testing.assert_array_equal(
            image.dimension_values(2, flat=False),
            drawn.aggregate(cell_of(drawn.store, view), "mean", "pulse"),
        )
        assert image.vdims[0].label == "mean of pulse"


def test_means_of_times_are_seconds_since_1970_to_the_second(drawn, views):
    live = drawn.hvplot("since")
    for view in views:
        means = image_of(at(live, view), hv.Image).dimension_values(2, flat=False)
        # what the map itself gives is float32
        expected = drawn.aggregate(cell_of(drawn.store, view), "mean", "since")
        np.testing.assert_allclose(means, expected, rtol=1e-7, atol=64)


def test_categories_are_the_picture_of_the_map(drawn, views):
    live = drawn.hvplot("city", where="age < 60")
    for view in views:
        rgb = image_of(at(live, view), hv.RGB)
        rgba = np.stack(
            [rgb.dimension_values(channel, flat=False) for channel in range(2, 6)], axis=-1
        )
        np.testing.assert_array_equal(rgba, drawn.render(view, "city", "age < 60")[::-1])


def test_letters_that_have_no_name_are_replaced_in_the_legend(drawn):
    levels = np.array(["a\0b", "c"], object)[np.arange(drawn.store.n_rows) % 2]
    names = drawn.hvplot(levels)[()].traverse(lambda one: one.label, [hv.Points])
    assert any(name.startswith("a\N{REPLACEMENT CHARACTER}b (") for name in names)


def test_the_legend_names_levels_in_order_with_exact_rows(drawn, people, frame):
    names = drawn.hvplot("city")[()].traverse(lambda one: one.label, [hv.Points])
    expected = frame["city"].value_counts()
    assert names[:3] == [
        f"{label} ({expected[label]})" for label in people.columns.levels("city").labels[:3]
    ]
    assert sum(int(name.rsplit("(", 1)[1][:-1]) for name in names) == 600
    assert (
        "not selected ("
        in drawn.hvplot("city", where="age < 60")[()].traverse(lambda one: one.label, [hv.Points])[
            -1
        ]
    )


@pytest.mark.parametrize("color", [None, "pulse", "city"])
def test_bokeh_draws_it_with_names_options_and_bar_or_legend(drawn, color):
    figure = hv.render(drawn.hvplot(color, width=320, height=200, title="People"))
    assert (figure.frame_width, figure.frame_height, figure.title.text) == (320, 200, "People")
    assert figure.xaxis[0].axis_label.startswith("PC 1 (")
    view = explorer.Viewport.fitted(drawn.store.extent, 320, 200)
    assert (figure.x_range.start, figure.x_range.end) == view.x_range
    bars, legends = (figure.select({"type": kind}) for kind in (ColorBar, Legend))
    assert bool(list(bars)) == (color != "city")
    assert any(one.items for one in legends) == (color == "city")


def test_before_the_browser_tells_a_view_it_is_the_whole_map(drawn):
    live = dynamic(drawn.hvplot())
    whole = image_of(live[()], hv.Image)
    assert np.nansum(whole.dimension_values(2)) == 600


def test_an_empty_view_is_drawn_without_a_warning(drawn):
    for color in (None, "pulse", "city"):
        live = drawn.hvplot(color)
        at(live, explorer.Viewport((900, 901), (900, 901), 60, 40))
        hv.render(live)


def test_two_maps_side_by_side_share_no_axis(drawn):
    # of two plots on one range HoloViews redraws only one, and ranges are shared by name
    names = [
        {one.name for one in image_of(drawn.hvplot(color)[()], hv.RGB).kdims}
        for color in (None, "city")
    ]
    assert names[0].isdisjoint(names[1])
