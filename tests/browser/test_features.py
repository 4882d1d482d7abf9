"""Features in a real browser: found, seen one by one, and together."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


NO_AXIS_OF_YEARS = """() => {
    const plots = [...Bokeh.documents[0]._all_models.values()].filter((model) => model.x_range);
    const ends = plots.map((plot) => plot.x_range.end).filter((end) => end !== undefined);
    return ends.length > 0 && Math.max(...ends) < 1000;
}"""


def search_field(page):
    return page.page.get_by_label("Search features, or paste a list of names")


def strip(page, name):
    return page.page.locator(f'.strip[data-name="{name}"]')


def test_a_feature_is_found_by_a_misspelt_word_and_a_click_shows_it(opened):
    search_field(opened).fill("runtme")
    strip(opened, "runtime_min").locator(".name").click()
    search_field(opened).fill("")
    head = opened.page.locator(".feature-page header")
    head.get_by_text("Runtime", exact=True).wait_for()
    head.get_by_text("exact · 17,472 rows").wait_for()
    opened.page.get_by_text("not Gaussian").wait_for()
    opened.page.locator(".feature-page canvas, .feature-page .bk-Figure").first.wait_for()
    opened.page.keyboard.press("{")
    opened.page.locator("canvas.pixels").wait_for()


def test_two_quick_clicks_show_the_second_feature_with_its_own_plots(page, films):
    page.open(films)
    strip(page, "year").locator(".name").click()
    strip(page, "n_writers").locator(".name").click()
    page.page.locator(".feature-page header").get_by_text("Writers", exact=True).wait_for()
    # the first feature is answered before the second
    page.page.locator(".feature-page header").get_by_text("exact · 17,472 rows").wait_for()
    page.page.wait_for_function(NO_AXIS_OF_YEARS)
    assert page.complaints == []


def test_features_together_name_what_is_nearly_one(opened):
    opened.page.get_by_role("tab", name="Together").click()
    opened.page.get_by_text("Tomatometer stands for").wait_for()
    opened.page.get_by_text("Variance inflation").wait_for()


def test_a_pasted_list_is_ticked(opened):
    search_field(opened).evaluate(
        """(field) => {
            const data = new DataTransfer();
            data.setData("text", "year\\nruntime_min\\nno such column");
            field.dispatchEvent(new ClipboardEvent("paste", {
                clipboardData: data, bubbles: true, cancelable: true,
            }));
        }"""
    )
    opened.page.get_by_text("2 of 3 pasted names found").wait_for()
    opened.page.get_by_text("not found: no such column").wait_for()
    opened.page.get_by_role("button", name="Tick only these").click()
    opened.page.get_by_text("2 of 63 ticked").wait_for()


def test_a_block_is_one_strip_that_is_opened_ticked_and_found_by_the_keyboard(
    page, page_log_address
):
    page.open(page_log_address)
    block = page.page.locator(".strip.block")
    box, count = block.locator("input"), page.page.locator(".policy .line")
    columns = page.page.locator(".strip.member")

    def ticked():
        return box.evaluate("box => box.indeterminate ? 'some' : box.checked ? 'all' : 'none'")

    def counts(number):
        page.page.wait_for_function(
            """([line, number]) => line.textContent.startsWith(`${number} of 23 `)""",
            arg=[count.element_handle(), number],
        )

    search_field(page).fill("band")
    block.locator("text=8 columns, 0 to 7").wait_for()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Tab")  # past the order and the dense form, to the list
    page.page.get_by_role("treegrid").focus()
    page.page.locator(".strip.block.current").wait_for()
    before = int(count.text_content().split()[0])
    start, alone = ticked(), before - {"all": 8, "none": 0}[ticked()]
    page.page.keyboard.press("Space")
    counts(alone if start == "all" else alone + 8)
    if start == "all":
        page.page.keyboard.press("Space")
        counts(alone + 8)
    assert ticked() == "all"

    assert columns.count() == 0
    page.page.keyboard.press("ArrowRight")
    columns.nth(7).wait_for()
    page.page.keyboard.press("ArrowRight")
    page.page.locator(".strip.member.current").wait_for()
    page.page.keyboard.press("Space")
    counts(alone + 7)
    assert ticked() == "some"
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("ArrowLeft")
    columns.first.wait_for(state="detached")

    search_field(page).fill("band_3")
    columns.nth(0).wait_for()
    assert columns.count() == 1
    assert "1 of 8 columns found" in block.inner_text()
    # a block is as high as a strip, in both forms
    assert block.evaluate("strip => strip.offsetHeight") == 42
    page.page.get_by_label("Compact strips").click()
    assert block.evaluate("strip => strip.offsetHeight") == 22
    page.page.get_by_label("Compact strips").click()
