import numpy as np
import pytest
from scipy import stats

from explorer.core.errors import FeatureError, UnknownName
from explorer.features.kind import Feature
from explorer.features.matrix.transform import Transform
from explorer.profile.checks.gaussian import check_gaussian
from explorer.profile.checks.qq import qq_points
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.histogram import histogram, log_histogram, rank_histogram
from explorer.profile.profile import FeatureProfile
from explorer.ui.plots.distribution_figures import (
    HistogramFigure,
    figure_of,
    histogram_columns,
    qq_after,
    qq_columns,
    qq_figure_of,
)


def profile_of(cells, name="x"):
    """Return a profile with what the plots need."""
    distribution = Distribution.of(cells)
    return FeatureProfile(
        name=Feature(name=name, kind="numeric").name,
        kind="numeric",
        rows=len(cells),
        min=float(min(cells)),
        max=float(max(cells)),
        gaussian=check_gaussian(distribution),
        qq=qq_points(distribution),
        histograms={
            "linear": histogram(distribution),
            "log": log_histogram(distribution),
            "rank": rank_histogram(distribution),
        },
    )


@pytest.fixture(scope="module")
def lognormal():
    return profile_of(np.random.default_rng(0).lognormal(3, 0.6, 4_000))


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_positions_and_values_are_inverse_inside_the_edges(lognormal, scale):
    figure = figure_of(lognormal, scale)
    values = np.linspace(figure.edges[0], figure.edges[-1], 57)
    positions = figure.positions(values)
    assert (np.diff(positions) > 0).all()
    np.testing.assert_allclose(figure.values(positions), values, rtol=1e-9)
    far = figure.values(figure.positions(np.array([-1e9, 1e9])))
    np.testing.assert_allclose(far, figure.edges[[0, -1]])


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_bars_stand_side_by_side_and_hold_the_counts(lognormal, scale):
    figure = figure_of(lognormal, scale)
    _, bars, chosen, _ = histogram_columns(figure)
    np.testing.assert_array_equal(bars["top"], lognormal.histograms[scale].counts)
    np.testing.assert_array_equal(bars["right"][:-1], bars["left"][1:])
    assert (bars["left"][0], bars["right"][-1]) == figure.ends
    assert figure.top > bars["top"].max()
    assert chosen["top"].size == 0


def test_the_selection_is_drawn_only_where_it_has_rows_and_said_in_every_bar():
    figure = HistogramFigure(
        edges=np.arange(4.0), counts=np.array([5, 1, 3]), selected=np.array([2, 0, 3]), unit="min"
    )
    _, bars, chosen, _ = histogram_columns(figure)
    assert chosen["left"].tolist() == [0, 2]
    assert chosen["top"].tolist() == [2, 3]
    assert bars["rows"] == ["5 rows, 2 selected", "1 row, 0 selected", "3 rows, 3 selected"]
    assert bars["range"] == ["0 – 1 min", "1 – 2 min", "2 – 3 min"]


def test_bins_of_whole_numbers_are_named_by_their_values():
    figure = HistogramFigure(edges=np.array([0.5, 1.5, 3.5]), counts=np.array([1, 2]))
    assert histogram_columns(figure)[1]["range"] == ["1", "2 – 3"]


def test_bars_narrower_than_four_digits_have_all_their_digits():
    figure = HistogramFigure(
        edges=np.array([20_000.25, 20_000.375, 20_002]), counts=np.array([1, 3])
    )
    assert histogram_columns(figure)[1]["range"] == ["20,000.25 – 20,000.375", "20,000 – 20,002"]


def test_the_fitted_normal_has_the_rows_that_scipy_gives_it():
    cells = np.random.default_rng(1).normal(50, 4, 20_000)
    figure = figure_of(profile_of(cells))
    at, height = (histogram_columns(figure)[3][axis] for axis in "xy")
    center, spread = figure.normal
    width = np.diff(figure.edges)[0]
    expected = (
        20_000
        * np.diff(
            stats.norm(center, spread).cdf(np.stack([at - width / 2, at + width / 2])), axis=0
        )[0]
    )
    np.testing.assert_allclose(height, expected, rtol=1e-9)
    # over the drawn range it holds about as many rows as the bars
    assert np.trapezoid(height, at) / width == pytest.approx(figure.counts.sum(), rel=0.01)


def test_the_normal_is_drawn_on_the_linear_scale_only_and_can_be_left_out(lognormal):
    assert histogram_columns(figure_of(lognormal, "log"))[3]["x"].size == 0
    assert histogram_columns(figure_of(lognormal, "linear", normal=False))[3]["x"].size == 0
    assert histogram_columns(figure_of(lognormal))[3]["x"].size > 0


def test_a_kept_range_is_marked_where_it_lies_and_no_further_than_the_bars(lognormal):
    figure = figure_of(lognormal, "log", kept=(10.0, 1e9))
    kept = histogram_columns(figure)[0]
    assert kept["left"] == pytest.approx([1.0])
    assert kept["right"] == pytest.approx([figure.ends[1]])
    assert histogram_columns(figure_of(lognormal))[0]["left"].size == 0


def test_a_scale_that_is_not_there_is_refused_in_words(lognormal):
    with pytest.raises(UnknownName, match="linear"):
        figure_of(lognormal, "lineer")
    below = profile_of(np.array([-3.0, -2, -1, -1.5]))
    without = FeatureProfile(
        name="x", kind="numeric", rows=4, histograms={"linear": below.histograms["linear"]}
    )
    with pytest.raises(FeatureError, match=r"'x' has no log histogram \(it has: linear\)"):
        figure_of(without, "log")


def test_points_of_a_normal_lie_on_the_line_and_in_the_band():
    cells = stats.norm(10, 2).ppf((np.arange(2_000) + 0.5) / 2_000)
    figure = qq_figure_of(profile_of(cells))
    band, line, points = qq_columns(figure)
    np.testing.assert_allclose(points["y"], 10 + 2 * points["x"], atol=0.05)
    np.testing.assert_allclose(line["y"], 10 + 2 * line["x"], atol=0.05)
    half = band["x"].size // 2
    np.testing.assert_array_equal(band["x"][:half], band["x"][half:][::-1])
    assert (band["y"][:half] < band["y"][half:][::-1]).all()
    assert points["normal"][len(points["normal"]) // 2].endswith("at 50.0 %")


def test_after_the_logarithm_the_qq_plot_is_that_of_the_logarithms(lognormal):
    rng = np.random.default_rng(0)
    after = qq_after(qq_figure_of(lognormal), Transform("log"))
    direct = qq_figure_of(profile_of(np.log(rng.lognormal(3, 0.6, 4_000))))
    assert after.center == pytest.approx(direct.center, abs=0.01)
    assert after.spread == pytest.approx(direct.spread, rel=0.02)
    np.testing.assert_allclose(after.observed, direct.observed, atol=0.02)
    middle = np.abs(direct.theoretical) < 2
    np.testing.assert_allclose(after.low[middle], direct.low[middle], atol=0.03)


def test_nothing_is_fitted_to_a_constant():
    distribution = Distribution.of(np.full(9, 3.0))
    constant = FeatureProfile(
        name="x",
        kind="numeric",
        rows=9,
        gaussian=check_gaussian(distribution),
        qq=qq_points(distribution),
    )
    assert qq_figure_of(constant) is None
