"""Rows by name: labels, the card of a row, its nearest rows, and finding one, in a real browser."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import drag, rename

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect


def card_of(page, title):
    page.locator("aside.card h2", has_text=title).wait_for()
    return page.locator("aside.card")


def test_a_row_is_found_by_its_title_and_flown_to(page, films):
    page.open(films)
    page, frame = page.page, page.frame
    page.keyboard.press("r")
    page.keyboard.type("APOCALYPSE N")
    # each letter narrows the list
    expect(page.locator(".finding [role=option]")).to_have_text(
        ["Apocalypse Now", "Apocalypse Now Redux"]
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card = card_of(page, "Apocalypse Now Redux")
    page.wait_for_function("() => location.search.includes('s=')")
    # the view has come closer: most rows are outside now
    outside = page.locator("[data-count=outside]")
    expect(outside).to_have_text(re.compile(r"^1\d,\d{3}$"))
    assert page.locator(".stage").get_attribute("data-frame") != str(frame)
    assert card.locator("dt", has_text="Director").first.inner_text() == "Director"
    expect(card).to_contain_text("Francis Ford Coppola")
    card.locator(".neighbour").nth(9).wait_for()
    distances = [float(text) for text in card.locator(".neighbour .count").all_inner_texts()]
    assert len(distances) == 10
    assert distances == sorted(distances)


def test_the_card_of_a_clicked_row_leads_to_its_nearest_rows_and_a_link_reopens_it(page, films):
    page.open(films)
    opened, page = page, page.page
    box = page.locator(".stage").bounding_box()
    page.mouse.click(box["x"] + 330, box["y"] + 430)
    page.locator("aside.card .neighbour").first.wait_for()
    first = page.locator("aside.card h2").inner_text()
    nearest = page.locator(".neighbour .words").first.inner_text()
    page.locator(".neighbour").first.focus()
    page.keyboard.press("Enter")
    card_of(page, nearest)
    assert nearest != first
    page.wait_for_function("() => location.search.includes('s=')")
    opened.open(page.url)  # the map too: a box on one that is still to come selects nothing
    card_of(page, nearest).locator("dd").first.wait_for()
    # Escape closes the card first, and clears the selection only then
    page.locator(".stage").focus()
    page.keyboard.press("b")
    page.locator('[data-tool="box"][aria-pressed="true"]').wait_for()
    drag(page, 60, 300, 260, 420)
    page.locator(".selection .number").wait_for()
    page.keyboard.press("Escape")
    page.locator("aside.card").wait_for(state="hidden")
    assert page.locator(".selection .number").is_visible()
    page.keyboard.press("Escape")
    page.locator(".selection .number").wait_for(state="detached")


def test_a_drag_looks_at_no_row(page, films):
    page.open(films)
    page = page.page
    drag(page, 330, 430, 360, 450)
    page.wait_for_function("() => location.search.includes('s=')")  # the view has moved
    assert page.locator("aside.card").is_hidden()


def test_a_selection_is_named_coloured_by_selected_and_removed(page, films):
    page.open(films)
    before, page = page, page.page
    picture = before.picture()
    page.get_by_role("button", name="Box").click()
    drag(page, 150, 250, 420, 520)
    page.get_by_role("button", name="Label…").click()
    count = page.locator(".selection .number").inner_text()
    page.get_by_label("Label column").fill("segment")
    page.get_by_label("Level", exact=True).fill("strange cluster")
    page.keyboard.press("Enter")
    page.get_by_text("Enter your name: others").wait_for()
    page.get_by_label("Your name", exact=True).fill("Ann")
    page.keyboard.press("Enter")
    level = page.locator(".label-level", has_text="strange cluster")
    level.wait_for()
    expect(level.locator(".count")).to_have_text(count)
    page.keyboard.press("Escape")
    page.locator(".label-head .words").click()
    page.locator(".legend .level", has_text="strange cluster").wait_for()
    before.other_picture(picture)
    level.locator(".words").click()
    page.locator(".selection .number", has_text=count).wait_for()
    # the second label does not ask for the name again
    page.get_by_role("button", name="Label…").click()
    page.get_by_label("Level", exact=True).wait_for()
    assert page.get_by_label("Your name", exact=True).is_hidden()
    page.keyboard.press("Escape")
    rename(page, level, "island")
    page.locator(".legend .level", has_text="island").wait_for()
    page.get_by_role("button", name="Remove the label segment").click()
    page.get_by_role("button", name="remove?").click()
    page.locator(".labelled").wait_for(state="detached")


def test_enter_in_a_list_of_rows_opens_the_card_and_another_tab_folds_it(page, films):
    page.open(films)
    page = page.page
    page.get_by_role("tab", name="Together").click()
    page.get_by_role("button", name="find them").click()
    first = page.locator("table.far .name").first
    first.wait_for()
    page.get_by_text("counted").wait_for(
        state="detached"
    )  # the table is made again while features are counted
    title = first.inner_text()
    first.press("Enter")
    card = card_of(page, title)
    card.locator("dd").first.wait_for()
    page.get_by_role("tab", name="Compare").click()
    card.locator("dd").first.wait_for(state="hidden")
    assert card.locator("h2").inner_text() == title
    card.locator("header").click(position={"x": 20, "y": 10})
    card.locator("dd").first.wait_for()
    card.get_by_role("button", name="show on map").click()
    page.get_by_role("tab", name="Map", selected=True).wait_for()
