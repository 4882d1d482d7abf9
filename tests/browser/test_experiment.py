"""The Experiment tab in a real browser: set up by clicks, read, shuffled, saved; the dashboard."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from pathlib import Path

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


def members(n: int = 3000) -> pd.DataFrame:
    """Two arms; the new one lengthens what is watched, most in the north.

    400 shops change nothing.
    """
    rng = np.random.default_rng(0)
    arm = np.where(rng.permutation(n) < n // 2, "new", "control")
    place = rng.choice(["north", "south", "west"], n)
    minutes = rng.normal(20, 5, n) + np.where(
        arm == "new", np.where(place == "north", 4.0, 1.0), 0.0
    )
    return pd.DataFrame(
        {
            "arm": arm,
            "place": place,
            "shop": [f"s{i % 400:03d}" for i in range(n)],
            "minutes": minutes,
            "clicked": rng.random(n) < 0.4,
            "age": rng.integers(18, 80, n),
            "height": rng.normal(170, 10, n),
        }
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("experiment") / "members.parquet"
    members().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def address(table, start_server):
    with start_server("serve", str(table)) as found:
        yield found


@pytest.fixture
def experiment(page, address):
    """A page on which the experiment was set up by clicks."""
    page.page.goto(address, timeout=120_000)
    set_up(page.page)
    return page.page


def set_up(page) -> None:
    page.get_by_role("tab", name="Experiment").click()
    page.get_by_label("Column of the arms").select_option("arm")
    page.get_by_label("Add a column of segments").select_option("place")
    for kind, column, goal in (
        ("mean", "minutes", "increase"),
        ("proportion", "clicked", "increase"),
    ):
        page.get_by_role("button", name="+ metric").click()
        page.get_by_label("Kind of metric").select_option(kind)
        page.get_by_label("Column", exact=True).select_option(column)
        page.get_by_label("Goal").select_option(goal)
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("form", name="Metric").wait_for(state="hidden")
    page.locator(".cells .row").nth(1).wait_for()


def test_verdicts_have_a_glyph_and_words(experiment):
    minutes, clicked = (experiment.locator(".cells .row").nth(i) for i in range(2))
    expect(minutes.locator(".verdict b")).to_have_text("▲▲")
    expect(minutes.locator(".verdict span")).to_have_text("better")
    expect(clicked.locator(".verdict span")).to_have_text("inconclusive")
    expect(experiment.locator(".gates")).to_contain_text(
        "control 1,500 · new 1,500 · SRM not checked"
    )
    expect(experiment.locator(".ledger summary")).to_contain_text("cells tested")
    experiment.get_by_role("heading", name="By segment", exact=True).wait_for()


def test_an_allocation_that_was_not_kept_hatches_every_verdict(experiment):
    experiment.get_by_label("Allocation").select_option("declared")
    experiment.get_by_label("Share of new").fill("3")
    experiment.get_by_label("Share of new").press("Enter")
    experiment.locator(".gates.banner").get_by_text("sample ratio mismatch").first.wait_for()
    expect(experiment.locator(".cells .verdict:not(.hatched)")).to_have_count(0)
    expect(experiment.locator(".cells .row").first.locator(".number").nth(2)).to_have_text(
        re.compile(r"^\+")
    )
    experiment.keyboard.press("Escape")
    experiment.get_by_role("button", name="Undo").click()
    experiment.locator(".gates:not(.banner)").get_by_text("as declared").wait_for()


def test_noise_says_so_and_goes_on_to_the_next_seed(experiment):
    real = experiment.locator(".cells .row").first.inner_text()
    experiment.get_by_role("button", name="A/A").click()
    experiment.get_by_text("arms shuffled (seed 1): every colour here is noise").wait_for()
    experiment.get_by_text("cells coloured").wait_for()
    expect(experiment.locator(".cells .row").first).not_to_have_text(real, use_inner_text=True)
    experiment.get_by_role("button", name="again").click()
    experiment.get_by_text("arms shuffled (seed 2)").wait_for()
    experiment.get_by_role("button", name="back to the real arms").click()
    experiment.locator(".shuffled").wait_for(state="detached")
    expect(experiment.locator(".cells .row").first).to_have_text(real, use_inner_text=True)


def test_another_segment_is_looked_at_and_its_rows_are_selected(experiment):
    experiment.locator('.segment.row[data-segment="north"]').click()
    experiment.locator(".detail").get_by_text("place: north").wait_for()
    experiment.locator(".pane.forest canvas").first.wait_for()
    experiment.get_by_role("button", name="select these rows").click()
    experiment.locator(".selection .number").wait_for()
    experiment.get_by_role("button", name="back to all").click()
    experiment.locator(".detail").get_by_text("all units").first.wait_for()


def test_keys_walk_the_table_and_enter_opens(experiment):
    experiment.locator(".cells .row").first.click()
    experiment.locator(".cells .row.on").first.wait_for()
    experiment.keyboard.press("ArrowDown")
    experiment.keyboard.press("Enter")
    experiment.locator(".detail h2").get_by_text("share of clicked").wait_for()
    expect(experiment.locator(".cells .row").nth(1)).to_have_attribute("aria-selected", "true")


def test_many_segments_come_as_one_scrolls(experiment):
    experiment.get_by_label("Add a column of segments").select_option("shop")
    experiment.get_by_role("button", name="shop", exact=True).click()
    experiment.get_by_label("Order of segments").select_option("segment")
    experiment.locator('.segment.row[data-segment="s000"]').wait_for()
    experiment.locator(".segments .list").evaluate(
        "list => { list.scrollTop = list.scrollHeight; }"
    )
    experiment.locator('.segment.row[data-segment="s399"]').wait_for()
    experiment.get_by_label("Find a segment").fill("s12")
    experiment.locator('.segment.row[data-segment="s129"]').wait_for()
    expect(experiment.locator(".segment.row")).to_have_count(10)


def test_a_wrong_metric_is_answered_in_words_and_stays_to_be_mended(experiment):
    experiment.get_by_role("button", name="+ metric").click()
    experiment.get_by_label("Name of the metric").fill("mean of minutes")
    experiment.get_by_role("button", name="Add", exact=True).click()
    experiment.locator(".metric .fault").get_by_text("different names").wait_for()
    experiment.get_by_label("Name of the metric").fill("minutes again")
    experiment.get_by_role("button", name="Add", exact=True).click()
    experiment.locator(".cells .row").nth(2).wait_for()


def test_what_is_saved_is_what_is_shown(experiment):
    with experiment.expect_download() as waiting:
        experiment.get_by_role("button", name="csv").first.click()
    with waiting.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows[:2]] == ["better", "inconclusive"]
    frame = members()
    means = frame.groupby("arm")["minutes"].mean()
    assert float(rows[0]["difference"]) == pytest.approx(means["new"] - means["control"])


def test_a_shared_link_brings_the_experiment_back(experiment):
    experiment.wait_for_function("() => location.search.includes('s=')")
    experiment.goto(experiment.url)
    experiment.locator(".cells .row .verdict").nth(1).wait_for()
    expect(experiment.locator(".cells .row .verdict b").first).to_have_text("▲▲")
