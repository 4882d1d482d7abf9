"""The page on every screen: side panels close, open and are resized; on a phone they are sheets."""

from __future__ import annotations

import pytest

from tests.browser.conftest import checked_page

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def opened(shared_page, films):
    if shared_page.page.url == "about:blank":
        shared_page.open(films)
    shared_page.page.set_viewport_size(WIDE)
    yield shared_page
    shared_page.page.evaluate("localStorage.clear()")


def width(page, selector: str) -> float:
    box = page.page.locator(selector).bounding_box()
    return box["width"] if box else 0.0


def test_a_bracket_closes_and_opens_the_panel_of_its_side_and_the_map_takes_the_room(opened):
    before = width(opened, "#map")
    for key, panel in (("[", "Rows panel"), ("]", "Features panel")):
        button = opened.page.get_by_role("button", name=panel)
        assert button.get_attribute("aria-expanded") == "true"
        opened.page.keyboard.press(key)
        assert button.get_attribute("aria-expanded") == "false"
    assert width(opened, "#rows") == width(opened, "#features") == 0
    assert width(opened, "#map") == WIDE["width"] > before
    opened.page.keyboard.press("[")
    opened.page.keyboard.press("]")
    assert width(opened, "#map") == before


def test_the_edge_of_a_panel_moves_by_pointer_and_by_keys_and_the_browser_keeps_its_place(opened):
    box = opened.page.locator("#rows-edge").bounding_box()
    before = width(opened, "#rows")
    opened.page.mouse.move(box["x"] + 4, box["y"] + 300)
    opened.page.mouse.down()
    opened.page.mouse.move(box["x"] + 64, box["y"] + 300, steps=4)
    opened.page.mouse.up()
    assert width(opened, "#rows") == before + 60
    edge = opened.page.get_by_role("separator", name="Width of the features panel")
    features = width(opened, "#features")
    edge.focus()
    opened.page.keyboard.press("ArrowLeft")  # towards the centre: wider
    assert width(opened, "#features") == features + 16
    assert edge.get_attribute("aria-valuenow") == str(int(features + 16))
    opened.page.keyboard.press("End")
    assert width(opened, "#features") == WIDE["width"] / 3
    opened.page.reload()
    opened.frame_after(0)
    assert width(opened, "#rows") == before + 60
    assert width(opened, "#features") == WIDE["width"] / 3


def test_in_a_window_of_200_pixels_head_and_cards_of_the_map_keep_inside(opened):
    opened.page.set_viewport_size({"width": 200, "height": 200})
    shown = opened.page.locator(
        "header > button, .tools, .chooser, .legend-head, .legend-head .fold"
    )
    opened.page.get_by_role("button", name="All of the legend").scroll_into_view_if_needed()
    boxes = [box for node in shown.all() if (box := node.bounding_box())]
    assert len(boxes) > 5
    assert all(0 <= box["y"] <= box["y"] + box["height"] <= 200 for box in boxes)
    head = opened.page.locator("header > button, .legend-head .fold")
    boxes = [box for node in head.all() if (box := node.bounding_box())]
    assert all(0 <= box["x"] <= box["x"] + box["width"] <= 200 for box in boxes)


def test_the_tabs_are_one_stop_of_the_tab_key_and_arrows_walk_them(opened):
    tabs = opened.page.get_by_role("tab")
    assert [tab.get_attribute("tabindex") for tab in tabs.all()].count("0") == 1
    opened.page.get_by_role("tab", name="Map", exact=True).focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Enter")
    opened.page.get_by_role("tab", name="Rows", exact=True, selected=True).wait_for()
    opened.page.keyboard.press("Home")
    opened.page.keyboard.press("Space")
    opened.page.get_by_role("tab", name="Map", exact=True, selected=True).wait_for()


def test_the_first_stop_of_the_tab_key_leads_past_the_panels_to_the_map(opened):
    opened.page.reload()
    opened.frame_after(0)
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Tab")
    inside = "() => document.activeElement.closest('#map') !== null"
    assert opened.page.evaluate(inside)


@pytest.mark.parametrize(
    "size", [PHONE, {"width": 360, "height": 640}, {"width": 720, "height": 450}]
)
def test_on_a_narrow_window_the_map_has_all_its_width_and_panels_lie_over_it(browser, films, size):
    with checked_page(browser) as page:
        page.page.set_viewport_size(size)
        page.open(films)
        assert width(page, "#map") == size["width"]
        assert page.page.evaluate("document.documentElement.scrollWidth") == size["width"]
        project = page.page.get_by_role("button", name="Project", exact=True)
        find = page.page.get_by_placeholder("Find a row (R)")
        for name, panel in (("Features panel", project), ("Rows panel", find)):
            page.page.get_by_role("button", name=name).click()
            panel.wait_for()
            box = panel.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
            assert width(page, "#map") == size["width"]
        page.page.keyboard.press("Escape")
        assert width(page, "#rows") == width(page, "#features") == 0
        page.page.get_by_role("button", name="More").click()
        page.page.get_by_role("button", name="Share").wait_for()
