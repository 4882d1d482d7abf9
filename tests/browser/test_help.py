"""The first minutes: a tour that can be found again, and how each figure is computed."""

from __future__ import annotations

import pytest


@pytest.fixture
def opened(shared_page, films):
    if shared_page.page.url == "about:blank":
        shared_page.open(films)
    return shared_page.page


def test_the_tour_has_six_steps_and_is_offered_until_it_was_taken(opened):
    offer = opened.get_by_role("button", name="Take the tour")
    offer.click()
    for step in range(1, 7):
        opened.get_by_role("heading", name=f"{step} of 6").wait_for()
        opened.get_by_role("button", name="Done" if step == 6 else "Next", exact=True).click()
    opened.get_by_role("dialog", name="Tour").wait_for(state="hidden")
    assert offer.count() == 0
    opened.keyboard.press("?")
    offer.click()  # it is found again in the help
    opened.get_by_role("heading", name="1 of 6").wait_for()
    opened.keyboard.press("Escape")
    opened.get_by_role("dialog", name="Tour").wait_for(state="hidden")


def test_a_question_mark_beside_a_figure_opens_how_it_is_computed_at_its_place(opened):
    opened.get_by_role("button", name="How is this computed: this map").click()
    current = opened.locator(".topics [aria-current=true]")
    assert current.inner_text() == "Rows on the map"
    opened.get_by_role("button", name="Two groups compared").click()
    assert current.inner_text() == "Two groups compared"
    opened.get_by_text("For numbers it is Cliff's δ").wait_for()
    opened.keyboard.press("Escape")
    current.wait_for(state="hidden")


def test_a_passage_opens_over_another_dialog_and_escape_closes_one_after_the_other(opened):
    opened.get_by_role("button", name="Check", exact=True).click()
    opened.get_by_role("button", name="How is this computed: the roles").press("Enter")
    heading = opened.get_by_role("heading", name="Roles of columns")
    heading.wait_for()
    assert heading.evaluate("node => node.getRootNode().activeElement === node")
    opened.keyboard.press("Escape")
    heading.wait_for(state="hidden")
    roles = opened.get_by_role("dialog", name="What the columns are")
    assert roles.is_visible()
    opened.keyboard.press("Escape")
    roles.wait_for(state="hidden")


def test_the_legend_opens_the_passage_on_colours_of_its_section(opened):
    opened.get_by_role("button", name="How is this computed: the colours").click()
    heading = opened.get_by_role("heading", name="Colours and legend")
    heading.wait_for()
    assert opened.locator(".topics [aria-current=true]").inner_text() == "Rows on the map"
    opened.keyboard.press("Escape")
    heading.wait_for(state="hidden")


def test_what_is_unavailable_keeps_the_focus_and_says_why(opened):
    undo = opened.get_by_role("button", name="Undo", exact=True)
    reason = opened.locator(".reason[popover]")
    opened.keyboard.press("Tab")  # the hands are at the keys
    undo.focus()
    assert reason.inner_text() == "Nothing to undo"
    undo.blur()
    reason.wait_for(state="hidden")
    address = opened.url
    undo.click(force=True)
    assert (reason.is_visible(), opened.url) == (True, address)
    opened.keyboard.press("Escape")
    reason.wait_for(state="hidden")
