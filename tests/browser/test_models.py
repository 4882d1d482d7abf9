"""The Models tab in a real browser: each view set up by clicks, read, walked by keys, saved.

One page is open for all tests of a view, in the order of this file.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.page_log import choose, log

if TYPE_CHECKING:
    import pandas as pd

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return log()


@pytest.fixture(scope="module")
def models(shared_page, page_log_address):
    """A page with the Models tab open."""
    page = shared_page.page
    page.goto(page_log_address, timeout=120_000)
    page.get_by_role("tab", name="Models").click()
    page.get_by_role("tab", name="performance").wait_for()
    return page


@pytest.fixture(scope="module")
def performance(models):
    part = models.get_by_role("region", name="Performance of models")
    choose(part, Column_of_what_happened="played")
    for column in ("score_old", "score_new"):
        choose(part, Add_a_column_of_predictions=column)
        part.get_by_label(f"Leave out model {column}").wait_for()
    part.locator("tr.deciding .verdict").wait_for()
    return part


def test_the_better_model_is_named_in_words_and_its_weak_slice_selects_its_rows(
    performance, models, frame
):
    expect(performance.locator("tr.deciding .verdict span")).to_have_text("better")
    choose(performance, Add_a_column_of_slices="place")
    weak = performance.locator("tr.weak").first
    expect(weak.locator("td").first).to_have_text("place south")
    weak.focus()
    weak.press("Enter")
    count = f"{(frame.place == 'south').sum():,}"
    models.locator(".selection .number").get_by_text(count).wait_for()


@pytest.mark.parametrize("name", ["ROC", "precision–recall", "gain", "reliability", "confusion"])
def test_every_plot_has_its_numbers(performance, models, name):
    performance.get_by_role("button", name=name, exact=True).click()
    performance.locator(f"button.on:has-text('{name}')").wait_for()
    with models.expect_download() as caught:
        performance.get_by_role("button", name="numbers").click()
    with caught.value.path().open() as stream:
        assert len(list(csv.reader(stream))) > 2


def test_everything_of_a_comparison_is_saved_as_json(performance, models):
    with models.expect_download() as caught:
        performance.get_by_role("button", name="json").click()
    document = json.loads(caught.value.path().read_text())
    assert list(document["models"]) == ["score_old", "score_new"]


@pytest.fixture(scope="module")
def drift(models):
    models.get_by_role("tab", name="drift").click()
    part = models.get_by_role("region", name="Drift")
    choose(part, time="at", prediction="score_new", truth="played")
    part.locator(".alarms li").first.wait_for()
    return part


def test_arrow_keys_walk_the_heat_map_faster_than_plots_come(drift):
    grid = drift.locator(".grid canvas")
    grid.focus()
    # from height in the week of the first alarm, before anything of that cell need be there
    for key in ("ArrowDown", "ArrowLeft", "ArrowLeft"):
        grid.press(key)
    drift.locator("aside h2 small").get_by_text("2026-04-20 · ").wait_for()
    expect(drift.locator("aside h2")).not_to_contain_text("height")


def test_what_drifted_is_one_alarm_with_its_later_weeks_and_its_plots(drift, models, frame):
    first = drift.locator(".alarms li").first
    expect(first.locator("button").first).to_have_text(re.compile("^▲ height, 2026-05-04"))
    first.locator("summary").get_by_text("again in 2 later chunks").click()
    first.get_by_role("button", name="2026-05-18").click()
    drift.locator("aside h2").get_by_text("2026-05-18").wait_for()
    drift.locator("aside .pane canvas").nth(1).wait_for()
    drift.get_by_role("button", name="select these rows").click()
    week = frame["at"].between("2026-05-18", "2026-05-25", inclusive="left").sum()
    models.locator(".selection .number").get_by_text(f"{week:,}").wait_for()


def test_a_chunk_that_cannot_be_is_answered_in_words(drift):
    drift.get_by_label("Reference", exact=True).fill("height > nothing")
    drift.get_by_label("Reference", exact=True).press("Enter")
    drift.locator(".fault").get_by_text("nothing").wait_for()


def test_items_are_ranked_by_what_they_would_earn_and_a_click_selects_their_rows(models, frame):
    models.get_by_role("tab", name="engagement").click()
    part = models.get_by_role("region", name="Engagement")
    choose(part, item="title", outcome="played")
    part.locator(".item.row").nth(11).wait_for()
    expect(part.get_by_label("Largest weight")).to_be_hidden()
    choose(part, propensity="chance")
    part.get_by_text("SNIPS: all items alike").wait_for()
    choose(part, **{"Add_a_column:_context": "place"})
    part.get_by_text("doubly robust: all items alike").wait_for()
    part.get_by_label("Largest weight").fill("10")
    part.get_by_label("Largest weight").press("Enter")
    part.get_by_text("largest weight 10").or_(part.get_by_text("clipped")).first.wait_for()
    part.locator('.item.row[data-item="t03"]').click()
    models.locator(".selection .number").get_by_text(f"{(frame.title == 't03').sum():,}").wait_for()


@pytest.fixture(scope="module")
def ranking(models):
    models.get_by_role("tab", name="ranking").click()
    part = models.get_by_role("region", name="Ranking")
    choose(
        part,
        position="position",
        outcome="played",
        list="page",
        row="line",
        column="across",
        by="layout",
    )
    part.get_by_text("against broad").wait_for()
    return part


def test_a_link_opens_the_same_view_again(ranking, models):
    address = models.url
    models.goto("about:blank")
    models.goto(address, timeout=120_000)
    models.get_by_role("region", name="Ranking").get_by_text("against broad").wait_for()


def test_layouts_are_compared_by_the_unit_that_is_proposed_and_another_may_be_the_control(ranking):
    expect(ranking.locator(".verdict span").first).to_have_text("untrusted")
    ranking.get_by_role("button", name="the unit is member").click()
    expect(ranking.get_by_label("unit", exact=True)).to_have_value("member")
    expect(ranking.locator(".repeated")).to_have_count(0)
    assert ranking.locator(".verdict b").first.inner_text() != ""
    assert ranking.locator(".verdict span").first.inner_text() in (
        "better",
        "worse",
        "inconclusive",
    )
    choose(ranking, control="tall")
    ranking.get_by_text("broad against tall").wait_for()


def test_rates_are_corrected_when_positions_were_drawn_and_a_place_selects_its_rows(
    ranking, models, frame
):
    ranking.get_by_text("not corrected for position").wait_for()
    ranking.get_by_label("positions were drawn at random").check()
    ranking.get_by_role("button", name="corrected").click()
    ranking.get_by_role("heading", name="How often a position is examined").wait_for()
    ranking.get_by_role("table", name="Page, row by column").get_by_role("cell").nth(4).click()
    models.locator(".selection .number").get_by_text(f"{(frame.position == 5).sum():,}").wait_for()
