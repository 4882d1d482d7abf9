"""Plots draw what was counted, and say it in words for those who cannot see them."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from explorer.profile.report.histogram_plot import histogram_plot
from explorer.profile.report.qq_plot import qq_plot


def parsed(figure):
    """Read a figure as strict XML: then every browser draws it alike."""
    return ElementTree.fromstring(figure)


def drawn_bars(figure):
    """Return left, top, right and bottom of each bar in pixels."""
    path = parsed(figure).find(".//path[@class='bars']").get("d")
    return np.array(
        [
            [float(n) for n in bar]
            for bar in re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)H([\d.]+)V", path)
        ]
    )


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_bars_are_as_high_as_their_counts(scale):
    edges = {
        "linear": np.linspace(10, 30, 9),
        "log": np.geomspace(1, 1e4, 9),
        "rank": np.array([1, 2, 3, 5, 8, 90, 91, 1e3, 1e7]),
    }[scale]
    counts = [3, 0, 7, 100, 55, 1, 20, 40]
    bars = drawn_bars(
        histogram_plot({"edges": edges.tolist(), "counts": counts}, scale, "numeric", "a")
    )
    left, bottom, top, right = bars.T
    there = np.array(counts) > 0
    np.testing.assert_allclose(
        (bottom - top) / (bottom - top).max(), np.array(counts)[there] / 100, atol=0.01
    )
    # equal bins on their own scale have equal room
    np.testing.assert_allclose(right - left, (right - left)[0], atol=0.2)
    assert np.all(np.diff(left) > 0)


def test_the_words_for_a_picture_hold_its_figures():
    figure = parsed(
        histogram_plot(
            {"edges": [0, 1, 2, 4], "counts": [5, 9, 2], "below": 3, "above": 0},
            "linear",
            "numeric",
            "a<b",
        )
    )
    assert figure.find("svg").get("role") == "img"
    assert figure.find("svg/title").text == (
        "Histogram of a<b, linear scale: 3 bins from 0 to 4 hold 16 values; the fullest, 1 to 2, "
        "holds 9."
    )
    assert figure.find("figcaption").text == "Not drawn: 3 below 0."
    assert figure.find("svg").get("data-counts") == "5,9,2"
    assert figure.find("svg").get("data-edges") == "0,1,2,4"


def test_the_fitted_normal_is_a_normals_density():
    cells = np.random.default_rng(0).normal(50, 5, 20_000)
    counts, edges = np.histogram(cells, 60)
    figure = histogram_plot(
        {"edges": edges.tolist(), "counts": counts.tolist()}, "linear", "numeric", "a", (50.0, 5.0)
    )
    path = parsed(figure).find(".//path[@class='normal']").get("d")
    points = np.array(re.findall(r"([\d.]+) ([\d.]+)", path), dtype=float)
    bars = drawn_bars(figure)
    tops = np.interp((bars[:, 0] + bars[:, 3]) / 2, points[:, 0], points[:, 1])
    height = bars[:, 1].max() - bars[:, 2].min()
    assert np.abs(tops - bars[:, 2]).max() < 0.15 * height
    assert "normal" not in histogram_plot(
        {"edges": edges.tolist(), "counts": counts.tolist()}, "rank", "numeric", "a", (50.0, 5.0)
    )


@pytest.mark.parametrize(
    ("edges", "kind"),
    [
        ([4.5, 5.5], "numeric"),
        ([-1.7e308, 0, 1.7e308], "numeric"),
        ([0, 5e-324], "numeric"),
        ([-9e8, 2e9], "temporal"),
        ([-1e17, 1e17], "temporal"),
    ],
)
@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_extreme_ranges_are_drawn_inside_the_frame(edges, kind, scale):
    figure = histogram_plot(
        {"edges": edges, "counts": [2] * (len(edges) - 1)}, scale, kind, "a", (0.0, 1.0)
    )
    bars = drawn_bars(figure)
    assert len(bars) == len(edges) - 1
    assert np.isfinite(bars).all()
    assert bars.min() >= 0
    assert bars[:, 3].max() <= 560


def qq(observed, low=None, high=None):
    from scipy.stats import norm

    x = norm.ppf((np.arange(len(observed)) + 0.5) / len(observed))
    return {
        "theoretical": x.tolist(),
        "observed": list(observed),
        "low": low,
        "high": high,
        "n": 99,
        "words": "2 of 9 outside",
    }


def test_points_of_the_fitted_normal_lie_on_its_line():
    from scipy.stats import norm

    observed = 100 + 15 * norm.ppf((np.arange(101) + 0.5) / 101)
    figure = parsed(qq_plot(qq(observed.tolist()), "a", (100.0, 15.0)))
    points = np.array(
        re.findall(r"M(\d+) (\d+)h0", figure.find(".//path[@class='points']").get("d")), dtype=float
    )
    (x0, y0), (x1, y1) = np.array(
        re.findall(r"(\d+) (\d+)", figure.find(".//path[@class='normal']").get("d")), dtype=float
    )
    expected = y0 + (points[:, 0] - x0) * (y1 - y0) / (x1 - x0)
    np.testing.assert_allclose(points[:, 1], expected, atol=1.6)
    assert figure.find("svg/title").text.endswith("2 of 9 outside.")


def test_a_band_is_drawn_where_there_is_one():
    observed = np.linspace(0, 9, 10)
    low, high = [None, *(observed[1:] - 1).tolist()], [None, *(observed[1:] + 1).tolist()]
    assert (
        parsed(qq_plot(qq(observed, low, high), "a", None)).find(".//path[@class='band']")
        is not None
    )
    for nothing in (None, [None] * 10):
        assert (
            parsed(qq_plot(qq(observed, nothing, nothing), "a", None)).find(
                ".//path[@class='band']"
            )
            is None
        )


def test_points_that_overflowed_are_left_out_and_counted():
    told = qq([None, -1.7e308, 0.0, 1.7e308, None], [None] * 5, [None] * 5)
    told["theoretical"][1] = None
    figure = parsed(qq_plot(told, "a", (0.0, 1e308)))
    assert len(re.findall("h0", figure.find(".//path[@class='points']").get("d"))) == 2
    assert "3 points of too large values are not drawn" in figure.find("figcaption").text


@pytest.mark.parametrize("kind", ["clock", "duration"])
def test_times_that_are_no_dates_have_none_on_their_axis(kind):
    figure = histogram_plot({"edges": [0, 40_000, 80_000], "counts": [1, 2]}, "linear", kind, "a")
    words = [one.text for one in parsed(figure).iter("text")]
    assert ("12:00" if kind == "clock" else "16.7 h") in words or "11.1 h" in words
    assert "1970" not in figure


@pytest.mark.parametrize(
    "observed", [[5.0, 5.0, 5.0], [-1.7e308, 0, 1.7e308], [0.0, 1e-300, 2e-300]]
)
def test_extreme_values_are_drawn(observed):
    figure = qq_plot(qq(observed), "a", (0.0, 1.0))
    assert "nan" not in figure
    assert "inf" not in figure
    parsed(figure)
