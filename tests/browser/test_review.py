"""Verdicts, sets and their review in a real browser: two people at one server."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from tests.browser.conftest import VIEWPORT

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


@pytest.fixture
def person(browser, films):
    """Open the page for somebody who has said their name."""
    contexts = []

    def make(name):
        context = browser.new_context(viewport=VIEWPORT)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(f"localStorage.setItem('explorer-reviewer', {name!r})")
        page.goto(films)
        page.locator(".strip canvas").nth(8).wait_for()
        page.get_by_role("tab", name="Review").click()
        page.get_by_role("button", name=f"as {name}").wait_for()
        page.locator(".lines .row").nth(3).wait_for()
        return page

    yield make
    for context in contexts:
        context.close()


def list_all(page):
    """List all features: 63, and row labels that other tests gave at this server."""
    page.locator(".switch").get_by_text(re.compile(r"^all \d+")).click()


def look_at(page, name):
    page.get_by_label("Find a feature").fill(name)
    page.locator(f'.row[data-name="{name}"]').wait_for()
    page.get_by_label("Find a feature").fill("")
    page.locator(f'.row[data-name="{name}"]').click()


def test_two_people_judge_by_keys_and_see_each_other(person):
    ada, ben = person("Ada"), person("Ben")
    for page in (ada, ben):
        list_all(page)
        look_at(page, "year")
    ada.keyboard.press("k")
    # the next line comes at once, and a whole burst of keys is kept
    for key in "dkf":
        ada.keyboard.press(key)
    ben.keyboard.press("d")
    both = ada.locator('.row[data-name="year"]')
    both.locator(".mark.K").wait_for()
    both.locator(".mark.D").wait_for()
    both.get_by_text("reviewers disagree").wait_for()
    expect(ben.locator('.row[data-name="year"] .mark.K')).to_have_count(1)
    ben.locator('.strip[data-name="year"] .verdict.apart').wait_for()
    judged = ada.locator(".list .row .mark:not(.none)")
    judged.nth(3).wait_for()


def test_the_features_become_a_set_which_a_link_opens_again(person):
    page = person("Cy")
    # a list of few lines begins below its titles
    page.get_by_label("Find a feature").fill("year")
    expect(page.locator(".list .row")).to_have_count(2)
    titles = page.locator(".lines .titles").bounding_box()
    line = page.locator(".list .row").first.bounding_box()
    assert 0 <= line["y"] - titles["y"] - titles["height"] < 10
    page.get_by_label("Find a feature").fill("")
    page.get_by_role("button", name="Save…").click()
    page.get_by_label("Name of the set").fill("linked")
    page.get_by_label("Why these features").fill("A test of links")
    page.get_by_role("button", name="Save as linked@1").click()
    page.locator(".head h2").get_by_text("linked@1").wait_for()
    page.wait_for_function("() => location.search.includes('s=')")
    page.goto(page.url)
    page.locator(".head h2").get_by_text("linked@1").wait_for()
    expect(page.locator(".set .top strong")).to_have_text("linked@1")
    page.locator(".strip input").nth(4).click()
    page.get_by_text("(unsaved)").wait_for()


def test_a_name_is_asked_before_the_first_verdict(browser, films):
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.goto(films)
    page.locator(".strip canvas").nth(8).wait_for()
    strip = page.locator(".strip").nth(1)
    strip.locator(".label").click()
    page.locator(".strip.current").wait_for()
    page.keyboard.press("k")
    page.get_by_label("Your name as reviewer").fill("Dora")
    page.keyboard.press("Enter")
    strip.locator(".verdict.K").wait_for()
    context.close()


def test_the_tab_opens_with_what_others_said_and_news_leaves_the_form_alone(person):
    ada = person("Ann")
    list_all(ada)
    look_at(ada, "released")
    ada.locator(".detail h2").get_by_text("Release date").wait_for()
    ada.keyboard.press("k")
    ada.locator('.row[data-name="released"] .mark.K').first.wait_for()
    ben = person("Ben")
    # the marks came before the page listened, or after: they are there
    ben.locator('.switch [aria-pressed="true"]').wait_for()
    list_all(ben)
    ben.locator('.row[data-name="released"] .mark.K').first.wait_for()
    look_at(ada, "released")
    ada.get_by_label("Reason").click()
    ada.keyboard.type("since it")
    look_at(ben, "released")
    ben.keyboard.press("d")
    ada.locator(".given").get_by_text("Ben").first.wait_for()
    ada.keyboard.type(" says when")
    assert ada.get_by_label("Reason").input_value() == "since it says when"


def test_a_lost_connection_is_said_and_keys_do_nothing_any_more(browser, tmp_path, start_server):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 4)), columns=list("abcd"))
    table.to_parquet(tmp_path / "table.parquet")
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script("localStorage.setItem('explorer-reviewer', 'Eve')")
    with start_server("serve", str(tmp_path / "table.parquet"), "--xy", "a,b") as address:
        page.goto(address)
        page.locator(".strip canvas").nth(3).wait_for()
        page.locator(".strip").nth(2).locator(".label").click()
        page.locator(".strip.current").wait_for()
    page.get_by_text("Connection lost; trying again").wait_for()
    page.keyboard.press("k")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.locator(".strip").nth(2).locator(".verdict.K").count() == 0
    context.close()
