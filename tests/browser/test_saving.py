"""The menu that saves the map, in a real browser: by mouse and by keys."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def save_button(page):
    return page.page.locator(".tools").get_by_role("button", name="Save")


def saved(page, tmp_path, action):
    """Return where the file lies that an action brings."""
    with page.page.expect_download() as coming:
        action()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_a_plain_png_is_what_is_in_sight_and_comes_by_keys_alone(page, films, tmp_path):
    page.open(films)
    keys = page.page.keyboard
    save_button(page).press("Enter")
    menu = page.page.get_by_role("dialog", name="Save the map")
    menu.wait_for()
    keys.press("Tab")
    keys.press("ArrowLeft")  # from twice the pixels to those of the screen
    keys.press("Tab")
    keys.press("Space")  # without axes, legend and caption
    told = menu.get_by_role("status").inner_text()
    path = saved(page, tmp_path, lambda: keys.press("Enter"))
    assert path.name == "films-map.png"
    box = page.page.locator("canvas.pixels").bounding_box()
    with Image.open(path) as picture:
        assert picture.size == (round(box["width"]), round(box["height"]))
        assert len(picture.getcolors(1 << 20)) > 2
    assert told == "The map: {:,} × {:,} pixels.".format(*picture.size)
    menu.wait_for(state="hidden")
    expect(save_button(page)).to_be_focused()


def test_svg_and_pdf_have_words_and_the_legend_of_the_screen(opened, tmp_path):
    opened.page.locator('[data-name="year"] .dot').click()
    opened.page.locator(".legend strong", has_text="Year").wait_for()
    menu = opened.page.get_by_role("dialog", name="Save the map")
    save_button(opened).click()
    menu.get_by_label("SVG").check()
    path = saved(opened, tmp_path, menu.get_by_role("button", name="Save").click)
    words = ["".join(one.itertext()).strip() for one in ET.parse(path).getroot().iter(f"{SVG}text")]
    assert "Year" in words
    assert any(
        re.match(r"17,472 rows of films = 17,472 in view \+ 0 outside", one) for one in words
    )
    save_button(opened).click()
    menu.get_by_label("PDF").check()
    assert (
        saved(opened, tmp_path, menu.get_by_role("button", name="Save").click)
        .read_bytes()
        .startswith(b"%PDF")
    )


def test_escape_closes_the_menu_and_leaves_the_selection(opened):
    opened.page.get_by_role("button", name="Box").click()
    box = opened.page.locator("canvas.pixels").bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move(x + 200, y + 200, steps=4)
    opened.page.mouse.up()
    clear = opened.page.get_by_role("button", name="Clear")
    clear.wait_for()
    menu = opened.page.get_by_role("dialog", name="Save the map")
    save_button(opened).click()
    menu.wait_for()
    opened.page.keyboard.press("Escape")
    menu.wait_for(state="hidden")
    expect(clear).to_be_visible()
    save_button(opened).click()
    opened.page.locator(".caption").click(force=True)  # anywhere else
    menu.wait_for(state="hidden")
