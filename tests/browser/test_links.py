"""A shared link brings the same state each time.

On a computer that has computed nothing yet: tests/acceptance/page_state/test_other_computer.py.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VIEWPORT, link_content

pytestmark = pytest.mark.browser


@pytest.fixture
def linked(page, films):
    """Return the query of a page with a lasso, a group and another tab."""
    page.open(films)
    tab = page.page
    tab.get_by_role("button", name="Lasso").click()
    box = tab.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y - 90)
    tab.mouse.down()
    for dx, dy in ((120, 0), (0, 120), (-120, 0), (0, -90)):
        tab.mouse.move(x + dx, y + dy, steps=8)
    tab.mouse.up()
    tab.locator(".selection .number").wait_for()
    tab.keyboard.press("1")
    tab.locator(".groups .group").first.get_by_text("replace").wait_for()
    return page.link("selection", "groups", "features").split("?", 1)[1], tab.locator(
        ".groups .compare"
    ).inner_text()


def test_a_link_opens_the_same_rows_again_and_again(linked, browser, films):
    query, words = linked
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    for _ in range(3):
        page.goto(f"{films}?{query}")
        page.locator(".groups .compare").get_by_text(words).wait_for()
        assert page.url.split("?", 1)[1] == query
    context.close()


def at_rest(page):
    """Return the pixels of the map once the page asks for nothing any more."""
    page.frame_after(0)
    before = None
    while before != (before := page.picture()):
        page.page.wait_for_timeout(300)
        page.frame_after(0)
    return before


def test_a_page_that_is_loaded_again_is_the_same_to_the_pixel(page, films):
    page.open(films)
    tab = page.page
    tab.get_by_title("Light or dark").click()
    tab.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    box = tab.locator(".stage").bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.wheel(0, -400)
    page.link("viewport")
    zoomed, address = at_rest(page), tab.url
    # a second map in the half of the room shows the same part of the plane, and its going all of it
    tab.get_by_role("button", name="Compare maps").click()
    tab.locator(".stage[data-panes='2']").wait_for()
    two = at_rest(page)
    tab.reload()
    page.this_picture(two)
    tab.get_by_role("button", name="Compare maps").click()
    page.this_picture(zoomed)
    assert tab.url == address
    tab.reload()
    page.this_picture(zoomed)
    tab.keyboard.press("0")
    whole = page.other_picture(zoomed)
    tab.reload()
    page.this_picture(whole)


def test_back_and_forward_in_the_middle_of_a_projection_lose_nothing(page, films):
    page.open(films)
    tab = page.page
    tab.get_by_role("checkbox", name="Year").first.click()
    page.link("features")
    tab.keyboard.press("Control+Enter")
    content = link_content(page.link("projected", "features"))
    # how a map lies on the one before is there from when it is made
    asked_for = {name: value for name, value in content.items() if name != "maps"}.items()
    tab.goto("about:blank")
    tab.go_back()
    page.frame_after(0)
    assert asked_for <= link_content(tab.url).items()
    new = tab.locator("option", has_text="UMAP of 10 features").first
    new.wait_for(state="attached")
    assert asked_for <= link_content(tab.url).items()


def test_two_tabs_of_one_link_are_two_sessions(page, browser, films):
    page.open(films)
    tab = page.page
    tab.get_by_label("Filter expression").fill("year >= 2000")
    tab.keyboard.press("Enter")
    link = page.link("filters")
    count = tab.get_by_text("shown").first
    expect(count).not_to_have_text("17,472 of 17,472 shown")
    shown = count.inner_text()
    other = tab.context.new_page()
    other.goto(link)
    other.get_by_text(shown).wait_for()
    other.get_by_label("Filter expression").fill("year >= 2010")
    other.keyboard.press("Enter")
    other.wait_for_url(lambda url: url != link)
    tab.get_by_role("button", name="Undo").click()
    tab.wait_for_url(lambda url: url != link)
    tab.reload()
    page.frame_after(0)
    other.reload()
    other.get_by_text("year >= 2010").first.wait_for()
    assert tab.get_by_text("year >= 2010").count() == 0
    other.close()


def test_a_list_shows_the_name_of_a_feature_on_hover_and_copies_it(shared_page, films):
    page, tab = shared_page, shared_page.page
    page.open(films)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    feature = tab.locator(".strip[data-name=runtime_min]")
    assert feature.get_attribute("title").startswith("runtime_min\n")
    feature.locator(".name").hover()
    tab.keyboard.press("Control+C")
    assert tab.evaluate("navigator.clipboard.readText()") == "runtime_min"
    heading = tab.locator(".words[data-name]").first
    heading.hover()
    tab.keyboard.press("Control+C")
    assert tab.evaluate("navigator.clipboard.readText()") == heading.get_attribute("title")
    # what is typed is copied as ever
    entry = tab.get_by_label("Filter expression")
    entry.fill("year > 2000")
    entry.select_text()
    tab.keyboard.press("Control+C")
    assert tab.evaluate("navigator.clipboard.readText()") == "year > 2000"


def test_a_page_without_network_says_so_and_comes_back_with_what_was_typed(browser, films):
    context = browser.new_context(viewport=VIEWPORT)
    tab = context.new_page()  # its console may say that nothing is in reach
    tab.goto(films)
    entry = tab.get_by_label("Filter expression")
    entry.press_sequentially("year > 2000 and")
    context.set_offline(True)
    told = tab.get_by_role("alert").get_by_text("Connection lost")
    told.wait_for()
    context.set_offline(False)
    told.wait_for(state="detached")
    expect(entry).to_have_value("year > 2000 and", timeout=60_000)
    context.close()
