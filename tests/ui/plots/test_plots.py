import holoviews as hv
import numpy as np
import pytest
from bokeh.models import BoxSelectTool, Line, Quad, Scatter

from explorer.core.errors import FeatureError
from explorer.profile.checks.gaussian import check_gaussian
from explorer.profile.checks.qq import qq_points
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.histogram import histogram, log_histogram, rank_histogram
from explorer.profile.profile import FeatureProfile
from explorer.ui.plots.distribution_figures import (
    HistogramFigure,
    QQFigure,
    figure_of,
    qq_figure_of,
)
from explorer.ui.plots.plots import LivePlot, histogram_plot, qq_plot


@pytest.fixture(scope="module")
def profile():
    distribution = Distribution.of(np.random.default_rng(0).lognormal(3, 0.6, 2_000))
    shares = {
        "linear": histogram(distribution),
        "log": log_histogram(distribution),
        "rank": rank_histogram(distribution),
    }
    return FeatureProfile(
        name="income",
        kind="numeric",
        rows=2_000,
        histograms=shares,
        gaussian=check_gaussian(distribution),
        qq=qq_points(distribution),
    )


def glyphs(model):
    return [renderer.glyph for renderer in model.renderers]


def sources(model):
    return [renderer.data_source.data for renderer in model.renderers]


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_a_notebook_gets_an_overlay_with_the_counts_of_the_profile(profile, scale):
    overlay = histogram_plot(profile, scale)
    assert [type(part) for part in overlay] == [
        hv.Rectangles,
        hv.Rectangles,
        hv.Rectangles,
        hv.Curve,
    ]
    bars = list(overlay)[1]
    np.testing.assert_array_equal(bars.dimension_values("y1"), profile.histograms[scale].counts)
    model = hv.render(overlay, backend="bokeh")
    assert [type(glyph) for glyph in glyphs(model)] == [Quad, Quad, Quad, Line]


def test_a_notebook_gets_a_qq_plot_of_the_points_of_the_profile(profile):
    overlay = qq_plot(profile)
    points = list(overlay)[-1]
    np.testing.assert_allclose(points.dimension_values("y"), profile.qq.observed)
    assert isinstance(glyphs(hv.render(overlay, backend="bokeh"))[-1], Scatter)


def test_what_has_no_fit_has_no_qq_plot_and_says_so():
    with pytest.raises(FeatureError, match="'city' has no QQ plot: it is categorical"):
        qq_plot(FeatureProfile(name="city", kind="categorical", rows=3))


def test_a_live_plot_shows_what_is_pushed_and_nothing_of_what_was_there(profile):
    live = LivePlot(HistogramFigure())
    renderers = list(live.model.renderers)
    figure = figure_of(profile, "log", kept=(10.0, 30.0))
    live.push(figure)
    kept, bars, chosen, normal = sources(live.model)
    np.testing.assert_array_equal(bars["top"], profile.histograms["log"].counts)
    assert kept["left"] == pytest.approx([1.0])
    assert (chosen["top"].size, normal["x"].size) == (0, 0)
    assert (live.model.x_range.start, live.model.x_range.end) == figure.ends
    assert "10" in live.model.xaxis[0].major_label_overrides.values()
    live.push(
        HistogramFigure(
            edges=np.array([0.0, 1, 2]), counts=np.array([4, 2]), selected=np.array([0, 1])
        )
    )
    kept, bars, chosen, _ = sources(live.model)
    assert (kept["left"].size, bars["top"].tolist(), chosen["top"].tolist()) == (0, [4, 2], [1])
    assert live.model.y_range.end == pytest.approx(4.24)
    assert list(live.model.renderers) == renderers


def test_a_live_qq_plot_follows_too(profile):
    live = LivePlot(QQFigure())
    live.push(qq_figure_of(profile))
    band, line, points = sources(live.model)
    assert points["x"].size == profile.qq.theoretical.size
    assert band["x"].size == 2 * points["x"].size
    assert line["y"].size == 2
    live.push(QQFigure())
    assert all(len(held["x"]) == 0 for held in sources(live.model))


def test_the_selection_is_told_apart_by_pattern_and_outline_and_colours_follow_the_theme(profile):
    live = LivePlot(figure_of(profile))
    _, bars, chosen, _ = glyphs(live.model)
    assert chosen.hatch_pattern == "right_diagonal_line"
    assert chosen.line_color != chosen.fill_color
    light = bars.fill_color
    live.push(figure_of(profile, theme="dark"))
    assert bars.fill_color != light
    assert live.model.background_fill_color is None


def test_a_brush_is_told_when_it_ends_and_marks_no_bars(profile):
    from bokeh.events import SelectionGeometry

    live, told = LivePlot(figure_of(profile)), []
    live.on_brush(lambda low, high: told.append((low, high)))
    (tool,) = [tool for tool in live.model.toolbar.tools if isinstance(tool, BoxSelectTool)]
    assert (tool.dimensions, tool.renderers) == ("width", [])
    for final in (False, True):
        geometry = {"type": "rect", "x0": 20.0, "x1": 40.0, "y0": 0, "y1": 1}
        live.model._trigger_event(SelectionGeometry(live.model, geometry=geometry, final=final))
    assert told == [(20.0, 40.0)]


def test_plots_carry_no_tool_bar_no_logo_and_need_no_graphics_card(profile):
    for model in (LivePlot(figure_of(profile)).model, LivePlot(qq_figure_of(profile)).model):
        assert model.toolbar_location is None
        assert model.output_backend == "canvas"
