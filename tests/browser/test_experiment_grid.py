"""The grid of experiments in a real browser: read, sorted, opened by click and key, saved."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

if TYPE_CHECKING:
    from pathlib import Path

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


def members(n: int = 3000) -> pd.DataFrame:
    """Three experiments in two arms: the second works, and the third has lost members."""
    rng = np.random.default_rng(0)
    test = np.array(["T10", "T2", "T3"])[np.arange(n) % 3]
    arm = rng.choice(["A", "B"], n)
    plays = rng.normal(5, 2, n) + np.where((test == "T2") & (arm == "B"), 1.0, 0.0)
    frame = pd.DataFrame({"test": test, "arm": arm, "plays": plays, "clicked": rng.random(n) < 0.4})
    frame["age"] = rng.integers(18, 80, n)
    return frame[~((test == "T3") & (arm == "B") & (rng.random(n) < 0.4))]


@pytest.fixture(scope="module")
def address(tmp_path_factory, start_server):
    folder: Path = tmp_path_factory.mktemp("grid")
    members().to_parquet(folder / "members.parquet")
    catalogue = folder / "members.yaml"
    catalogue.write_text(
        "table:\n  tab: Experiment\n  experiment:\n    experiments: test\n    variant: arm\n"
        "    control: A\n"
        "    allocation: {A: 1, B: 1}\n    metrics: ['plays=mean(plays):increase', "
        "'clicks=proportion(clicked):increase']\n",
        encoding="utf-8",
    )
    with start_server(
        "serve", str(folder / "members.parquet"), "--catalogue", str(catalogue)
    ) as found:
        yield found


@pytest.fixture
def grid_page(page, address):
    """A page that has opened with the grid."""
    page.page.goto(address, timeout=120_000)
    row(page.page, "T3").wait_for(timeout=120_000)
    page.page.get_by_label("Column of the experiments").wait_for()
    return page.page


def row(page, name: str):
    return page.locator(f'.row[data-name="{name}"]')


def names(page):
    return page.get_by_role("grid", name="Experiments").locator(".row .name")


def test_verdicts_have_glyphs_words_and_figures(grid_page):
    works = row(grid_page, "T2").locator(".verdict").first
    assert works.locator("b").inner_text() == "▲▲"
    frame = members()
    arms = [frame[(frame.test == "T2") & (frame.arm == arm)].plays for arm in "AB"]
    difference = arms[1].mean() - arms[0].mean()
    assert float(works.locator(".effect").inner_text()) == pytest.approx(difference, abs=0.006)
    words = works.get_attribute("aria-label")
    assert words.startswith("T2 · plays: A ")
    assert words.endswith("better, strong evidence")
    region = grid_page.get_by_role("region", name="Grid of experiments")
    expect(region.locator(".ledger")).to_contain_text("3 experiments: 6 cells tested")


def test_a_sample_ratio_that_does_not_fit_hatches_its_row_alone(grid_page):
    counts = members().groupby("test").arm.value_counts().unstack()
    wrong = [name for name, of in counts.iterrows() if stats.chisquare(of).pvalue < 0.001]
    assert wrong == ["T3"]
    expect(row(grid_page, "T3").locator(".ratio")).to_have_text("! mismatch, p < .001")
    expect(row(grid_page, "T3").locator(".verdict.hatched")).to_have_count(2)
    expect(grid_page.locator(".row .verdict.hatched")).to_have_count(2)


def test_orders_and_search(grid_page):
    expect(names(grid_page)).to_have_text(["T10", "T2", "T3"])
    grid_page.get_by_label("Order of experiments").select_option(label="by name")
    grid_page.locator('.row[data-place="0"][data-name="T2"]').wait_for()
    grid_page.get_by_role("button", name="sample ratio").click()
    grid_page.locator('.row[data-place="0"][data-name="T3"]').wait_for()
    head = grid_page.get_by_role("grid", name="Experiments")
    head.get_by_role("button", name="plays ↑", exact=True).click()
    grid_page.locator('.row[data-place="0"][data-name="T2"]').wait_for()
    grid_page.get_by_label("Find an experiment").fill("t1")
    expect(names(grid_page)).to_have_text(["T10"])


def test_a_click_opens_one_experiment_and_back_leads_to_the_grid(grid_page):
    row(grid_page, "T2").locator(".verdict").nth(1).click()
    grid_page.locator(".detail h2").get_by_text("clicks").wait_for()
    grid_page.locator(".alone").get_by_text("test: T2", exact=True).wait_for()
    n = members().query("test == 'T2'").arm.value_counts()
    expect(grid_page.locator(".gates")).to_contain_text(f"A {n['A']} · B {n['B']}")
    grid_page.get_by_role("button", name="back to the grid").click()
    row(grid_page, "T10").wait_for()
    grid_page.locator(".alone").wait_for(state="hidden")


def test_choosing_the_column_again_leads_back_too_and_each_is_one_step(grid_page):
    row(grid_page, "T2").click()
    grid_page.locator(".cells .row").first.wait_for()
    grid_page.get_by_label("Column of the experiments").select_option("test")
    row(grid_page, "T10").wait_for()
    grid_page.get_by_role("button", name="Undo").click()
    grid_page.locator(".cells .row").first.wait_for()
    grid_page.get_by_role("button", name="Undo").click()
    row(grid_page, "T10").wait_for()


def test_keys_walk_the_cells_and_enter_opens(grid_page):
    grid = grid_page.get_by_role("grid", name="Experiments")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        grid_page.keyboard.press(key)
    expect(grid_page.locator(".told")).to_have_text(re.compile("^T2 · plays: "))
    expect(grid_page.locator(".verdict.at")).to_have_count(1)
    grid_page.keyboard.press("Enter")
    grid_page.locator(".detail h2").get_by_text("plays").wait_for()
    grid_page.get_by_role("button", name="back to the grid").click()
    grid_page.locator('.row.on[data-name="T2"]').wait_for()


def test_a_link_leads_to_the_experiment_that_was_opened(grid_page):
    row(grid_page, "T2").click()
    grid_page.locator(".cells .row").first.wait_for()
    grid_page.wait_for_function("() => location.search.includes('s=')")
    grid_page.goto(grid_page.url)
    grid_page.locator(".alone").get_by_text("test: T2", exact=True).wait_for()


def test_what_is_saved_is_what_is_shown(grid_page):
    with grid_page.expect_download() as waiting:
        grid_page.get_by_role("region", name="Grid of experiments").get_by_role(
            "button", name="csv"
        ).click()
    with waiting.value.path().open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert {cell["segment"] for cell in cells if cell["verdict"] == "untrusted"} == {"T3"}
    assert [cell["segment"] for cell in cells if cell["verdict"] == "better"] == ["T2"]
