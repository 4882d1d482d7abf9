"""Selections that last and the table of their rows, in a real browser."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.browser.conftest import checked_page, drag, rename

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


def number(text):
    return int(text.replace(",", ""))


def selected(page):
    return number(page.locator(".selection .number").inner_text())


def select_some(page):
    page.keyboard.press("b")
    page.locator('[data-tool="box"][aria-pressed="true"]').wait_for()
    drag(page, 150, 250, 420, 520)
    page.locator(".selection .number").wait_for()
    return selected(page)


def select_by(page, expression, shown=None):
    """Select the rows of an expression; the page shows labels in place of column names."""
    field = page.get_by_label("Filter expression")
    field.fill(expression)
    field.press("Control+Enter")
    page.locator(".picked", has_text=shown or expression).wait_for()


def test_a_selection_is_saved_seen_by_another_tab_and_opened_by_its_link(page, films, browser):
    page.open(films)
    page = page.page
    count = select_some(page)
    page.get_by_role("button", name="Save as…").click()
    page.keyboard.type("left island")
    page.keyboard.press("Enter")
    page.get_by_label("Who saves it").fill("Ann")
    page.keyboard.press("Enter")
    page.locator(".saved .on", has_text="left island").wait_for()
    page.locator(".picked", has_text="left island").wait_for()
    page.wait_for_function("() => location.search.includes('s=')")
    with checked_page(browser) as tab:
        other = tab.page
        other.goto(page.url)
        other.locator(".saved .on", has_text="left island").wait_for()
        expect(other.locator(".selection .number")).to_have_text(f"{count:,}")
        # what is renamed and removed here is so there, at once
        rename(page, page.locator(".saved .label-level"), "island")
        other.locator(".saved .words", has_text="island").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Remove island", exact=True).click()
        page.get_by_role("button", name="remove?").click()
        other.get_by_text("is not known here").wait_for()
        expect(other.locator(".saved .label-level")).to_have_count(0)


def test_a_selection_is_inverted_intersected_and_taken_from_the_legend(page, films):
    page.open(films)
    page = page.page
    select_by(page, "year >= 2000")
    after = selected(page)
    page.locator(".stage").focus()
    page.keyboard.press("i")
    page.locator(".picked", has_text="not year >= 2000").wait_for()
    expect(page.locator(".selection .number")).to_have_text(f"{17_472 - after:,}")
    page.keyboard.press("i")
    page.locator(".picked", has_text="not").wait_for(state="detached")
    field = page.get_by_label("Filter expression")
    field.fill("runtime_min > 120")
    page.locator(".uses button", has_text="select").first.click(modifiers=["Shift", "Alt"])
    page.locator(".picked", has_text="year >= 2000 and runtime_min > 120").wait_for()
    assert 0 < selected(page) < after
    page.get_by_placeholder("Search").fill("first genre")
    page.locator('[data-name="main_genre"] .dot').click()
    level = page.locator(".legend .level", has_text="Comedy")
    level.wait_for()
    level.click(modifiers=["Control"])
    page.locator(".picked", has_text="First genre: Comedy").wait_for()
    expect(page.locator(".selection .number")).to_have_text(level.locator(".count").inner_text())
    page.locator(".legend .level", has_text="Horror").click(modifiers=["Control", "Shift"])
    page.locator(".picked", has_text="First genre: Comedy + First genre: Horror").wait_for()
    assert page.locator(".filters .chip").count() == 0  # selecting hides nothing


def test_the_rows_tab_lists_sorts_and_opens_rows_by_keyboard(page, films):
    page.open(films)
    page = page.page
    select_by(page, "year >= 2000 and runtime_min > 120", "Year >= 2000 and Runtime > 120")
    count = selected(page)
    page.get_by_role("button", name="Table").click()
    page.get_by_role("tab", name="Rows", selected=True).wait_for()
    page.locator(".page strong", has_text=f"{count:,} selected rows of 17,472").wait_for()
    head = page.locator("th", has_text="Runtime")
    head.locator(".sort").click()
    page.locator(".page .note", has_text="by Runtime, smallest first").wait_for()
    head.locator(".sort").click()
    page.locator(".page .note", has_text="by Runtime, largest first").wait_for()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    place = [name.split("\n")[0] for name in page.locator("thead th").all_inner_texts()].index(
        "▼ Runtime min"
    )
    shown = [float(row.split("\t")[place]) for row in page.locator("tbody tr").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    # walk with the arrows, over the end of the page, and open a row
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")  # nothing is before the first
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    size = len(shown)
    page.locator(".place", has_text=f"{size + 1:,} – ").wait_for()
    page.keyboard.press("Enter")
    page.locator("tr.looked").wait_for()
    title = page.locator("tr.looked td").nth(1).inner_text()
    page.locator("aside.card h2", has_text=title[:20]).wait_for()
    expect(
        page.locator("aside.card dd").first
    ).to_be_visible()  # it was opened here: it is not folded
    # a column that is not there is found and added, and taken out again
    page.get_by_label("Find or add a column").fill("director")
    page.locator(".finder [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("th", has_text="Director").first.wait_for()
    page.get_by_role("button", name="default columns").click()
    page.locator("th", has_text="Director").wait_for(state="detached")


def test_the_listed_rows_are_saved_as_files(page, films, tmp_path):
    page.open(films)
    page = page.page
    select_by(page, "year >= 2000 and runtime_min > 120", "Year >= 2000 and Runtime > 120")
    count = selected(page)
    page.get_by_role("tab", name="Rows").click()
    page.locator(".page strong", has_text="selected rows").wait_for()
    for form, read in [("CSV", pd.read_csv), ("Parquet", pd.read_parquet)]:
        with page.expect_download() as coming:
            page.locator(".foot .pill", has_text=form).click()
        path = tmp_path / coming.value.suggested_filename
        coming.value.save_as(path)
        table = read(path)
        assert path.name == f"films-selected-{count}-rows.{form.lower()}"
        assert len(table) == count
        assert (table["year"] >= 2000).all()
        assert (table["runtime_min"] > 120).all()
        assert table["row"].is_monotonic_increasing


def test_everything_follows_while_a_histogram_is_brushed(page, films):
    page.open(films)
    before, page = page, page.page
    picture = before.picture()
    bars = page.locator(".histogram").first
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.2 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=5)
    # the button is still down
    page.locator(".head .unit", has_text="17,472 of").wait_for(state="detached")
    before.other_picture(picture)
    page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=5)
    page.mouse.up()
    chip = page.locator(".filters .chip")
    chip.wait_for()
    count = page.locator(".head .unit").first
    shown = ""
    while shown != (shown := count.inner_text()):  # counts of the way to here may still come
        page.wait_for_timeout(500)
    # off and on again without being lost, and all of it one step to undo
    chip.locator("button").first.click()
    page.locator(".head .unit", has_text="17,472 of").wait_for()
    chip.locator("button").first.click()
    page.locator(".head .unit", has_text=shown).first.wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    chip.wait_for(state="detached")
