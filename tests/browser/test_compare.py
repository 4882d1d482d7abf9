"""Groups and the Compare tab in a real browser."""

from __future__ import annotations

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


@pytest.fixture
def selected(page, films):
    """A page on which the right half of the map is selected."""
    page.open(films)
    page.page.get_by_role("button", name="Box").click()
    box = page.page.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] - 200, steps=6)
    page.page.mouse.up()
    page.page.locator(".selection .number").wait_for()
    return page


def test_keys_keep_groups_and_one_button_compares_them(selected):
    page = selected.page
    page.keyboard.press("1")
    group = page.locator(".groups .group").first
    group.get_by_text("replace").wait_for()
    page.locator(".groups .compare").click()
    page.get_by_text("Independent features (tested)").wait_for()
    tested = page.locator(".lists section").filter(has_text="Independent features (tested)")
    seen = page.locator(".lists section").filter(has_text="Used to define the group (not tested)")
    expect(seen).to_contain_text("drew this map", ignore_case=True)
    # what drew the map has no p-value
    assert seen.locator(".row .strong").count() == 0 or "p adj" not in seen.inner_text()
    row = tested.locator(".row").nth(2)
    name = row.locator(".label").inner_text()
    row.click()
    page.locator(".detail h2").get_by_text(name.split("\n")[0], exact=False).wait_for()
    following = tested.locator(".row").nth(3).get_attribute("data-name")
    page.keyboard.press("ArrowDown")
    page.locator(f'.row.on[data-name="{following}"]').wait_for()
    page.get_by_role("button", name="volcano").click()
    page.locator("svg.volcano circle").first.wait_for()
    page.keyboard.press("{")
    page.get_by_role("tab", name="Together", selected=True).wait_for()


def test_a_shared_link_brings_the_groups_back(selected):
    page = selected.page
    page.get_by_role("tab", name="Compare").click()
    hint = page.locator(".lists p.note")
    expect(hint).to_contain_text("Press Compare selection")
    expect(hint).not_to_contain_text("Select rows")
    page.keyboard.press("1")
    page.locator(".groups .group").first.get_by_text("replace").wait_for()
    words = page.locator(".groups .compare").inner_text()
    page.goto(selected.link("groups"))
    page.locator(".groups .compare").get_by_text(words).wait_for()


def test_the_map_says_which_features_made_it(page, films):
    page.open(films)
    page.page.get_by_text("which features made it").click()
    page.page.locator(".shares .share").nth(10).wait_for()
    expect(page.page.locator(".shares .share")).to_have_count(11)
