"""Unusual but legal data of models: every figure is drawn, every card is JSON, no text is NaN."""

import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import ModelError
from explorer.core.number_format import percent
from explorer.drift.figures import distribution_figure, performance_figure
from explorer.engagement.cards import engagement_card
from explorer.engagement.item_list import EngagementList
from explorer.performance.density import prediction_densities
from explorer.performance.page.cards import result_card, slices_card
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.histogram import histogram, whole_histogram
from explorer.ranking.cards import ranking_card
from explorer.ranking.plots import chance_figure, curve_plot, examined_figure
from explorer.ui.plots.plots import holoviews
from explorer.ui.plots.ticks import ticks_of


def drawn(plot):
    return holoviews().renderer("bokeh").get_plot(plot).state


def plain(card):
    """Return the words of a card; it must be JSON, and say no NaN."""
    words = json.dumps(card, allow_nan=False)
    assert "nan" not in words
    return words


def table(**columns):
    return explorer.open_table(pd.DataFrame(columns))


@pytest.fixture(scope="module")
def pages():
    n = np.arange(90)
    return {"pos": n % 3 + 1, "play": n % 4 == 0, "list": n // 3}


def test_positions_that_rest_on_too_few_rows_leave_an_empty_plot(pages):
    found = explorer.ranking(table(**pages), "pos", "play", "list", randomised=True)
    assert not any(one.ranked for one in found.examination)
    drawn(curve_plot(examined_figure(found)))


def test_without_a_play_in_the_first_position_nothing_is_compared_and_that_is_said():
    n = np.arange(3_000)
    played = (n % 3 == 1) & (n % 7 == 0)
    found = explorer.ranking(table(pos=n % 3 + 1, play=played), "pos", "play", randomised=True)
    drawn(curve_plot(examined_figure(found)))
    assert "first position has no play" in plain(ranking_card(found))


def test_where_no_row_lies_on_the_page_chances_are_those_of_positions(pages):
    found = explorer.ranking(table(**pages, row=[1.5] * 90), "pos", "play", "list", row="row")
    whole = explorer.ranking(table(**pages), "pos", "play", "list")
    assert (found.deep, found.any_play) == ("positions", whole.any_play)
    drawn(curve_plot(chance_figure(found)))


def test_one_position_far_down_takes_no_memory():
    found = explorer.ranking(table(pos=[1, 2**53], play=[True, False]), "pos", "play")
    assert len(found.any_play) < 50


def test_one_unit_alone_has_slices_without_intervals():
    n = np.arange(90)
    frame = table(y=n % 2, p=n / 90, user=["u"] * 90, g=["a", "b", "b"] * 30)
    found = explorer.compare_models(frame, "y", {"m": "p"}, unit="user", by="g")
    plain(slices_card(found))
    assert all(one["p_value"] is None for one in found.document()["slices"])


def test_figures_that_overflow_have_no_interval_and_no_place_on_a_scale():
    n = np.arange(20.0)
    frame = table(y=n, a=np.where(n % 2, 1.7e308, -1.7e308), b=n + 1)
    found = explorer.compare_models(frame, "y", {"b": "b", "a": "a"}, kind="regression")
    with np.errstate(all="ignore"):
        plain(result_card(found))


def test_residuals_further_apart_than_can_be_measured_are_refused_in_words():
    with pytest.raises(ModelError, match="further apart than can be drawn"):
        prediction_densities(np.array([1e308, -1e308, 0.0]), np.array([0.0, 1.0, 2.0]), 4, 4)


@pytest.fixture(scope="module")
def drift():
    n = np.arange(2_400)
    columns = {
        "few": (n % 4) * 1e-14,
        "mini": (n % 4 + 1) * 1e-12,
        "big": np.full(2_400, 1_700_000_000_000_000_000),
    }
    gone = np.where(n >= 2_300, np.nan, 1.0 * (n % 7))
    truth = np.where(n < 3, 1.0, np.nan)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(n // 100, unit="D")
    frame = table(at=when, **columns, gone=gone, y=truth, p=(n % 10) / 10)
    return explorer.drift(
        frame, "at", "day", features=[*columns, "gone"], truth="y", prediction="p"
    )


@pytest.mark.parametrize(("feature", "bars"), [("few", 4), ("mini", 4), ("big", 1)])
def test_values_that_are_hardly_apart_have_a_bar_each(drift, feature, bars):
    figure = distribution_figure(drift, feature, 23)
    assert (np.diff(figure.edges) > 0).all()
    assert figure.reference == pytest.approx(np.full(bars, 1 / bars))


def test_a_chunk_without_a_value_is_not_said_to_be_in_range(drift):
    assert (
        distribution_figure(drift, "gone", 23).caption == "the chunk has no value of this feature"
    )


def test_an_estimate_that_is_not_known_is_not_spoken_of(drift):
    for one in drift.performance:
        assert "nan" not in performance_figure(drift, one.metric, 3).caption


def test_a_target_that_shows_nothing_and_weights_beyond_measure_have_words_without_nan():
    n = 300
    ads, clicks = ["a", "b"] * 150, np.arange(n) % 3 == 0
    nothing = explorer.engagement(
        table(ad=ads, click=clicks, p=0.5, zero=0.0), "ad", "click", "p", target="zero"
    )
    plain(engagement_card(nothing, "click"))
    tiny = np.full(n, 0.5)
    tiny[7] = 1e-200
    heavy = explorer.engagement(table(ad=ads, click=clicks, p=tiny), "ad", "click", "p")
    assert heavy.policy.ess == pytest.approx(1.0)
    words = plain(EngagementList(heavy).window(0, 2))
    assert "nan" not in words


def test_an_estimate_above_all_rows_is_written_as_what_it_is():
    clicks = np.arange(300) % 3 == 0
    found = explorer.engagement(
        table(ad=["a", "b"] * 150, click=clicks, p=np.where(clicks, 0.05, 1.0)), "ad", "click", "p"
    )
    assert percent(found.policy.ips) == f"{100 * found.policy.ips:.0f} %"


def test_means_that_are_all_alike_and_large_have_a_scale():
    low, high = EngagementList(
        explorer.engagement(table(ad=["a", "b"] * 5, v=[-1e17] * 10), "ad", "v")
    ).window(0, 1)["ends"]
    assert low < high


@pytest.mark.parametrize("value", [2**51, 2**52 + 1, 2**53, 2**53 + 2])
def test_whole_numbers_at_the_end_of_what_floats_tell_apart_have_bins_around_them(value):
    held = Distribution.of(np.full(50, value, np.float64))
    for made in (histogram(held), whole_histogram(held)):
        assert (np.diff(made.edges) > 0).all()
        assert made.edges[0] < value < made.edges[-1]
        assert made.counts.sum() == 50


@pytest.mark.parametrize("high", [5e-324, 1e-323, 1e-320, 1e-310, 1e-301])
def test_ranges_at_the_end_of_what_floats_hold_have_ticks(high):
    assert ticks_of(np.array([0.0, high])).at
