"""A shared link brings the same state each time, on another server with empty folders too."""

from __future__ import annotations

import pytest

from tests.browser.conftest import running_server

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


def test_a_link_opens_the_same_rows_again_and_again_and_elsewhere(linked, browser, films, tmp_path):
    query, words = linked
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    for _ in range(3):
        page.goto(f"{films}?{query}")
        page.locator(".groups .compare").get_by_text(words).wait_for()
        assert page.url.split("?", 1)[1] == query
    # nothing is known there: the map is made anew, and the lasso finds the same rows on it
    with running_server("demo", cache=tmp_path / "cache", log=tmp_path / "log") as elsewhere:
        page.goto(f"{elsewhere}?{query}")
        page.locator(".groups .compare").get_by_text(words).wait_for(timeout=120_000)
    context.close()
