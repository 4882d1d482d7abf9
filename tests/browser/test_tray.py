"""The rows and charts under the map: they open by a key, filter, select, and are in the link."""

from __future__ import annotations

import pytest

from tests.browser.conftest import checked_page

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def opened(page, films):
    page.open(films)
    page.page.set_viewport_size(WIDE)
    page.page.keyboard.press("g")
    page.page.locator("#tray .charts section").first.wait_for()
    return page


def drag(page, node, start, end, modifier=None):
    node.wait_for()
    box = node.bounding_box()
    at = lambda share: (  # noqa: E731
        box["x"] + share[0] * box["width"],
        box["y"] + share[1] * box["height"],
    )
    if modifier:
        page.keyboard.down(modifier)
    page.mouse.move(*at(start))
    page.mouse.down()
    page.mouse.move(*at(end), steps=4)
    page.mouse.up()
    if modifier:
        page.keyboard.up(modifier)


def test_a_key_opens_the_tray_and_its_rows_and_charts_follow(opened):
    page = opened.page
    button = page.get_by_role("button", name="Rows and charts under the map")
    assert button.get_attribute("aria-expanded") == "true"
    bars = page.locator("#tray .histogram").first
    drag(page, bars, (0.3, 0.5), (0.7, 0.5))
    page.locator(".filters .chip").wait_for()
    page.locator("#tray_rows strong", has_text="rows shown of").wait_for()
    drag(page, bars, (0.4, 0.5), (0.6, 0.5), "Control")
    page.locator("#tray_rows strong", has_text="selected rows of").wait_for()
    assert page.locator(".filters .chip").count() == 1  # a selection is no filter
    drag(page, page.locator("#tray .plot"), (0.3, 0.2), (0.8, 0.8))
    chip = page.locator(".filters .chip").nth(1)
    of_the_drag = chip.inner_text()
    # by keys: Escape clears the box before the server has answered, then an edge moves
    plot = page.locator("#tray .plot")
    plot.focus()
    for key in ("Escape", "ArrowRight", "ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    left, width = page.locator("#tray .plot .brush").evaluate(
        "brush => [brush.style.left, brush.style.width].map(parseFloat)"
    )
    assert (left, width) == (pytest.approx(10, abs=0.1), pytest.approx(90, abs=0.1))
    chip.filter(has_not_text=of_the_drag).wait_for()  # its rows are kept
    plot.press("Escape")
    chip.wait_for(state="detached")
    page.locator("#tray tbody tr").nth(1).click()
    page.locator("#row .card:visible").wait_for()
    page.keyboard.press("g")
    page.locator("#tray").wait_for(state="hidden")
    assert button.get_attribute("aria-expanded") == "false"


def test_the_tray_and_its_charts_are_in_the_link_and_its_numbers_in_a_table(opened, browser):
    page = opened.page
    page.get_by_label("Add a chart").select_option("line")
    page.locator("#tray path.all").wait_for()
    page.get_by_label("Numbers of this chart: chart 4").click()
    page.locator("dialog[open] td").first.wait_for()
    page.keyboard.press("Escape")
    opened.link("tray")
    with checked_page(browser) as other:
        other.page.set_viewport_size(PHONE)
        other.page.goto(page.url)
        other.page.locator("#tray path.all").wait_for()
        box = other.page.locator("#tray").bounding_box()
        assert (box["x"], box["width"]) == (0, PHONE["width"])
        assert other.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_edge_of_the_tray_moves_by_keys_and_the_browser_keeps_its_place(opened):
    edge = opened.page.get_by_role("separator", name="Height of the rows and charts")
    height = lambda: opened.page.locator("#tray").bounding_box()["height"]  # noqa: E731
    before = height()
    edge.focus()
    opened.page.keyboard.press("ArrowUp")
    assert height() == before + 16
    assert edge.get_attribute("aria-valuenow") == str(int(before + 16))
    opened.page.reload()
    opened.page.locator("#tray .charts section").first.wait_for()
    assert height() == before + 16
