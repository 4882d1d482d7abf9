"""The explanation of a selection in a real browser."""

from __future__ import annotations

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


@pytest.fixture
def explained(page, films):
    """A page on which a part of the map is lassoed, and explained to the end."""
    page.open(films)
    page.page.get_by_role("button", name="Lasso").click()
    box = page.page.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = page.page.mouse
    mouse.move(x, y)
    mouse.down()
    for dx, dy in ((200, 0), (200, -200), (0, -200), (-20, -20)):
        mouse.move(x + dx, y + dy, steps=4)
    mouse.up()
    card = page.page.locator(".explanation")
    card.get_by_text("Typical:").wait_for()
    return page


def test_a_lasso_is_explained_and_each_clause_shows_its_figures(explained):
    page = explained.page
    card, sentence = page.locator(".explanation"), page.locator(".explanation .sentence")
    expect(sentence).to_contain_text("elsewhere")
    expect(sentence).to_have_attribute("aria-live", "polite")
    clause, figures = sentence.locator(".clause").first, card.locator(".figures")
    expect(figures).to_be_empty()
    clause.hover()
    expect(figures).to_contain_text("95 % interval")
    page.mouse.move(5, 5)
    expect(figures).to_be_empty()
    clause.focus()
    expect(figures).to_contain_text("95 % interval")
    page.keyboard.press("Enter")
    expect(clause).to_have_attribute("aria-expanded", "true")
    page.mouse.move(5, 5)
    expect(figures).to_contain_text("95 % interval")
    page.keyboard.press("Escape")
    expect(clause).to_have_attribute("aria-expanded", "false")
    page.locator(".selection .number").wait_for()  # Escape closed the figures, not the selection
    card.get_by_role("button", name="What was tested").click()
    expect(figures).to_contain_text("drew this map")


def test_a_typical_row_opens_and_one_click_compares(explained):
    page = explained.page
    example = page.locator(".explanation .example").first
    title = example.inner_text()
    example.click()
    expect(page.locator(".row-card, .card").filter(has_text=title).first).to_be_visible()
    page.locator(".explanation").get_by_role("button", name="Compare all features").click()
    expect(page.locator("p.answer")).to_contain_text("Largest difference")


def test_who_closes_it_sees_only_the_button_that_opens_it(explained):
    page = explained.page
    card = page.locator(".explanation")
    card.get_by_role("button", name="Close the explanation").click()
    expect(card.locator(".sentence")).to_be_hidden()
    card.get_by_role("button", name="Explain the selection").click()
    expect(card.locator(".sentence")).to_contain_text("elsewhere")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
