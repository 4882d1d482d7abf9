import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import UnknownName
from explorer.engagement.cards import engagement_card, item_card
from explorer.engagement.item_list import EngagementList, OutcomeFormat
from explorer.engagement.plots import funnel_figure, funnel_plot
from explorer.ui.plots.plots import holoviews


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    n = 3_000
    ad = rng.choice(["one", "two", "three", "rare"], n, p=[0.5, 0.3, 0.195, 0.005])
    frame = pd.DataFrame(
        {"ad": ad, "device": rng.choice(["tv", "phone"], n), "clicked": rng.random(n) < 0.1}
    )
    frame["p"] = frame.ad.map({"one": 0.5, "two": 0.3, "three": 0.195, "rare": 0.005})
    return explorer.engagement(
        explorer.open_table(frame), "ad", "clicked", propensity="p", by="device", reward="device"
    )


def test_a_window_holds_the_items_of_an_order_as_they_are_written(found):
    some = EngagementList(found)
    window = some.window(1, 3)
    assert (window["start"], window["total"], len(window["lines"])) == (1, 4, 2)
    row, line = found.rows[1], window["lines"][0]
    assert line["item"] == row.item
    assert line["n"] == f"{row.n:,}"
    assert line["drawn"]["mean"] == row.mean
    assert some.window(90, 95)["lines"] == []


@pytest.mark.parametrize("sort", ["low", "mean", "shrunk", "n"])
def test_orders_put_the_largest_first(found, sort):
    some = EngagementList(found)
    values = [getattr(some.rows[int(at)], sort) for at in some.order(sort)]
    assert values == sorted(values, reverse=True)


def test_items_that_may_not_be_ranked_come_last_where_the_order_is_by_propensities(found):
    some = EngagementList(found)
    lines = [some.rows[int(at)] for at in some.order("corrected")]
    assert [one.rank for one in lines] == [1, 2, 3, 0]
    assert lines[-1].item == "rare"
    assert "effective rows" in some.window(0, 4, "corrected")["lines"][-1]["words"]


def test_items_are_found_by_a_part_of_their_name(found):
    some = EngagementList(found)
    assert some.window(0, 9, search=" TW ")["lines"][0]["item"] == "two"
    assert some.window(0, 9, search="nothing")["total"] == 0
    with pytest.raises(UnknownName, match="order of items"):
        some.order("worth")


def test_a_segment_lists_what_its_rows_say(found):
    some = EngagementList(found, "tv")
    assert {row.segment for row in some.rows[:]} == {"tv"}
    assert len(some.rows) == 4


def test_figures_have_as_many_digits_as_their_interval_bears():
    share, amount = OutcomeFormat(True), OutcomeFormat(False)
    assert share.value(0.0361, 0.0355, 0.0367) == "3.610 %"
    assert share.interval(0.0355, 0.0367) == "3.550 … 3.670 %"
    assert share.interval(-0.01, 0.05) == "0.0 … 5.0 %"
    assert amount.interval(-1.25, 7) == "−1.2 … 7.0"
    assert share.value(float("nan")) == "–"
    assert share.interval(float("nan"), float("nan")) == ""


def test_the_card_names_the_target_policy_its_effective_rows_and_the_warning(found):
    card = engagement_card(found, "Clicked")
    assert [tile["name"].split(":")[0] for tile in card["tiles"]] == [
        "rate of Clicked",
        "SNIPS",
        "IPS",
        "doubly robust",
    ]
    assert f"{found.policy.ess:,.0f} effective of 3,000 rows" in card["tiles"][1]["note"]
    assert card["warning"] == found.warning
    assert {one["segment"] for one in card["segments"]} == {"tv", "phone"}


def test_one_item_is_shown_in_the_whole_and_in_every_segment(found):
    card = item_card(found, "rare")
    assert card["lines"][0]["segment"] == "all"
    assert len(card["lines"]) == 3
    assert not card["lines"][0]["ranked"]
    assert item_card(found, "gone") is None


def test_the_funnel_draws_every_item_and_its_numbers_are_those_of_the_rows(found):
    figure = funnel_figure(found)
    assert figure.middle == pytest.approx(found.policy.mean)
    assert figure.csv.splitlines()[0] == '"item","n","mean","low","high","ranked"'
    assert len(figure.csv.splitlines()) == 5
    drawn = funnel_plot(figure)
    points = [len(element) for element in drawn if type(element).__name__ == "Points"]
    assert points == [3, 1]


@pytest.mark.parametrize("sizes", [(263, 268), (300, 300), (700,), (1, 2), (20, 400)])
def test_the_funnel_has_ticks_within_its_reach_however_alike_items_are(sizes):
    frame = pd.DataFrame({"ad": np.repeat([f"ad {n} {i}" for i, n in enumerate(sizes)], sizes)})
    frame["clicked"] = np.arange(len(frame)) % 3 == 0
    drawn = funnel_plot(
        funnel_figure(explorer.engagement(explorer.open_table(frame), "ad", "clicked"))
    )
    state = holoviews().renderer("bokeh").get_plot(drawn).state
    ticks = state.xaxis[0].ticker.ticks
    assert ticks
    assert all(min(sizes) <= tick <= max(sizes) for tick in ticks)
