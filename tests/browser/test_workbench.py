"""The workbench in a real browser: what a new user does in the first minutes."""

from __future__ import annotations

import re
from contextlib import suppress

import psutil
import pytest

from tests.browser.conftest import VIEWPORT, Page

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
CANVAS = "[...Bokeh.documents[0]._all_models.values()].find((model) => model.frame_info)"


def box_of(page):
    box = page.page.locator("canvas.pixels").bounding_box()
    return box["x"], box["y"], box["width"], box["height"]


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


def wait_for_umap(page) -> None:
    page.page.locator(".chooser select option:checked", has_text="UMAP").wait_for(state="attached")
    page.page.locator(".job.shown").wait_for(state="hidden")


def drag(page, points, modifier=None) -> None:
    mouse = page.page.mouse
    if modifier:
        page.page.keyboard.down(modifier)
    mouse.move(*points[0])
    mouse.down()
    for point in points[1:]:
        mouse.move(*point, steps=4)
    mouse.up()
    if modifier:
        page.page.keyboard.up(modifier)


@pytest.fixture(scope="module")
def opened(shared_page, films):
    """A page with the finished map, which tests leave as they found it."""
    shared_page.open(films)
    wait_for_umap(shared_page)
    return shared_page


def test_opens_with_a_map_and_an_account_of_every_row(opened):
    opened.page.get_by_text("17,472 rows · 63 columns").wait_for()
    counter = opened.page.locator(".counter").first
    counter.get_by_text("without coordinates").wait_for()
    total, *parts = [number(part) for part in re.findall(r"[\d,]*\d", counter.inner_text())]
    assert total == 17_472
    assert sum(parts) == total


def test_undo_takes_a_tick_back(opened):
    tick = opened.page.locator('[data-name="runtime_min"] input')
    assert tick.is_checked()
    tick.uncheck()
    opened.page.get_by_text("1 edit", exact=True).wait_for()
    opened.page.get_by_role("button", name="Undo").click()
    opened.page.get_by_text("1 edit", exact=True).wait_for(state="hidden")
    assert opened.page.locator('[data-name="runtime_min"] input').is_checked()


def test_undo_of_a_zoom_shows_the_whole_map_again(opened):
    frame, whole = opened.frame_after(0), opened.picture()
    x, y, width, height = box_of(opened)
    opened.page.mouse.move(x + width / 2, y + height / 2)
    opened.page.mouse.wheel(0, -600)
    opened.frame_after(frame)
    expect(opened.page.get_by_role("button", name="Undo")).to_be_enabled()
    opened.page.keyboard.press("Control+z")
    opened.this_picture(whole)


def test_wheel_brings_a_new_exact_frame_and_drag_moves_it(opened):
    x, y, width, height = box_of(opened)
    frame, before = opened.frame_after(0), opened.picture()
    opened.page.mouse.move(x + width / 2, y + height / 2)
    opened.page.mouse.wheel(0, -400)
    zoomed = opened.frame_after(frame)
    assert opened.picture() != before
    drag(opened, [(x + width / 2, y + height / 2), (x + width / 2 + 120, y + height / 2 + 40)])
    moved = opened.frame_after(zoomed)
    opened.page.keyboard.press("0")
    opened.frame_after(moved)


def test_a_wrong_expression_is_answered_in_words(opened):
    opened.page.get_by_label("Filter expression").fill("yeer >= 2000")
    opened.page.get_by_label("Filter expression").press("Enter")
    opened.page.get_by_text("did you mean 'year'").wait_for()


def test_a_filter_narrows_every_count_and_can_be_switched_off(opened):
    opened.page.get_by_label("Filter expression").fill("year >= 2000")
    opened.page.get_by_label("Filter expression").press("Enter")
    opened.page.locator(".filters .chip").wait_for()
    shown = opened.page.locator(".head .unit").first
    expect(shown).to_have_text(re.compile(r"^(?!17,472)[\d,]+ of 17,472 shown"))
    opened.page.locator(".filters .chip button").first.click()
    opened.page.get_by_text("17,472 of 17,472 shown").wait_for()
    opened.page.get_by_role("button", name="Remove this filter").click()
    opened.page.locator(".filters .chip").wait_for(state="detached")


def test_lasso_counts_rows_shift_adds_and_escape_clears(opened):
    x, y, width, height = box_of(opened)
    opened.page.get_by_role("button", name="Lasso").click()
    middle = (x + width / 2, y + height / 2)
    drag(
        opened,
        [
            middle,
            (middle[0] + 150, middle[1]),
            (middle[0] + 150, middle[1] + 150),
            (middle[0], middle[1] + 150),
        ],
    )
    counted = opened.page.locator(".selection .number")
    counted.wait_for()
    first = number(counted.inner_text())
    assert 0 < first < 17_472
    drag(
        opened,
        [
            middle,
            (middle[0] - 150, middle[1]),
            (middle[0] - 150, middle[1] - 150),
            (middle[0], middle[1] - 150),
        ],
        "Shift",
    )
    expect(counted).not_to_have_text(f"{first:,}")
    assert number(counted.inner_text()) > first
    opened.page.keyboard.press("Escape")
    counted.wait_for(state="detached")


def test_hover_names_the_film(opened):
    x, y, width, height = box_of(opened)
    opened.page.get_by_role("button", name="Box").click()
    title = opened.page.locator(".hover.shown strong")
    for share in range(20, 80, 3):
        opened.page.mouse.move(x + width * share / 100, y + height / 2)
        with suppress(playwright.TimeoutError):
            title.wait_for(timeout=200)
            break
    assert title.inner_text()


def test_double_click_in_the_legend_isolates_and_restores(opened):
    opened.page.get_by_placeholder("Search").fill("first genre")
    opened.page.locator('[data-name="main_genre"] .dot').click()
    level = opened.page.locator(".level", has_text="Documentary")
    level.dblclick()
    opened.page.locator(".filters .chip", has_text="Documentary").wait_for()
    expect(opened.page.locator(".head .unit").first).to_have_text(re.compile("^1,511 of"))
    level.dblclick()
    opened.page.locator(".filters .chip").wait_for(state="detached")
    opened.page.get_by_text("17,472 of 17,472 shown").wait_for()


def test_tick_then_project_changes_the_map(page, films):
    page.open(films)
    wait_for_umap(page)
    page.frame_after(0)
    before = page.picture()
    page.page.locator('[data-name="runtime_min"] input').uncheck()
    page.page.get_by_text("1 edit", exact=True).wait_for()
    page.page.get_by_role("button", name="Project").click()
    page.page.locator(".chooser option:checked", has_text="of 10 features").wait_for(
        state="attached"
    )
    page.other_picture(before)


def test_colour_by_a_feature_shows_its_legend_and_recolours(page, films):
    page.open(films)
    wait_for_umap(page)
    page.frame_after(0)
    before = page.picture()
    page.page.locator('[data-name="year"] .dot').click()
    page.page.locator(".legend strong", has_text="Year").wait_for()
    page.other_picture(before, 10)


def test_reload_and_share_restore_the_same_state(page, films, browser):
    page.open(films)
    wait_for_umap(page)
    frame = page.frame_after(0)
    page.page.locator('[data-name="year"] .dot').click()
    frame = page.frame_after(frame)
    x, y, width, height = box_of(page)
    page.page.mouse.move(x + width / 3, y + height / 2)
    page.page.mouse.wheel(0, -500)
    page.frame_after(frame)
    link, before = page.link("color", "viewport"), page.picture()
    page.open(link)
    wait_for_umap(page)
    page.page.locator(".legend strong", has_text="Year").wait_for()
    page.this_picture(before)
    assert page.page.url == link


def test_cancel_keeps_the_last_map(page, films):
    page.open(films)
    wait_for_umap(page)
    page.page.get_by_role("button", name="all usable").click()
    page.page.get_by_role("button", name="Project").click()
    page.page.locator(".job.shown").wait_for()
    page.page.locator(".job button").click()
    page.page.get_by_text("UMAP cancelled: the map shown is the one before").wait_for()
    frame = page.frame
    page.page.keyboard.press("0")
    page.frame_after(frame)


def test_a_killed_worker_is_shown_and_the_server_lives_on(page, films):
    page.open(films)
    wait_for_umap(page)
    page.page.get_by_role("button", name="all usable").click()
    page.page.get_by_role("button", name="Project").click()
    page.page.locator(".job", has_text=re.compile("neighbors|graph|layout")).wait_for()
    for process in workers():
        process.kill()
    page.page.locator(".job.failed", has_text="signal 9").wait_for()
    page.page.get_by_role("button", name="chosen").click()
    page.page.get_by_role("button", name="Project").click()
    wait_for_umap(page)


def workers() -> list[psutil.Process]:
    """The projection workers of the servers that this test run started."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if "explorer.jobs.worker" in process.cmdline()]


def test_in_a_small_window_no_card_covers_another(page, films):
    page.page.set_viewport_size({"width": 1024, "height": 700})
    page.open(films)
    wait_for_umap(page)
    boxes = {
        name: page.page.locator(f".{name}").bounding_box()
        for name in ("chooser", "legend", "tools", "corner")
    }
    for one, other in [("chooser", "legend"), ("tools", "corner")]:
        a, b = boxes[one], boxes[other]
        apart = (
            a["x"] + a["width"] <= b["x"]
            or b["x"] + b["width"] <= a["x"]
            or a["y"] + a["height"] <= b["y"]
            or b["y"] + b["height"] <= a["y"]
        )
        assert apart, (one, a, other, b)


SLOW_LINE = """
// every large message takes .6 s, and all come in order
const property = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
Object.defineProperty(WebSocket.prototype, "onmessage", {
  set(handler) {
    let before = Promise.resolve();
    property.set.call(this, (event) => {
      const large = event.data instanceof ArrayBuffer && event.data.byteLength > 60000;
      if (event.data instanceof ArrayBuffer) (window.sizes ??= []).push(event.data.byteLength);
      before = before
        .then(() => new Promise((done) => setTimeout(done, large ? 600 : 0)))
        .then(() => handler.call(this, event));
    });
  },
});
"""


def test_on_a_slow_line_frames_come_deflated_and_show_the_same(browser, films):
    context = browser.new_context(viewport=VIEWPORT)  # the script stays in it
    page = Page(context.new_page())
    page.page.add_init_script(SLOW_LINE)
    page.open(films)
    pan = page.page.locator(".stage").bounding_box()
    page.page.mouse.move(pan["x"] + 300, pan["y"] + 300)
    for turn in range(8):
        frame = page.frame
        page.page.mouse.wheel(0, 60 if turn % 2 else -60)
        page.frame_after(frame)
    sizes = page.page.evaluate("window.sizes.filter((size) => size > 20000)")
    assert sizes[-1] < max(sizes) / 3
    assert page.page.locator("canvas.pixels").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, "
        "canvas.height).data.some((value) => value > 0)"
    )
    context.close()
    page.assert_no_complaints()


def test_colours_chosen_again_are_those_that_were_kept_and_what_is_lost_comes_anew(page, films):
    page.open(films)
    wait_for_umap(page)
    page.frame_after(0)
    pictures = {}
    for column in ("year", "tomatometer", "year", "tomatometer"):
        frame = page.frame
        page.page.locator(f'[data-name="{column}"] .dot').click()
        page.frame_after(frame)
        again = page.page.evaluate(f"{CANVAS}.frame_info.again")
        if column in pictures:
            assert again
            page.this_picture(pictures[column])
        pictures[column] = page.picture()
    assert pictures["year"] != pictures["tomatometer"]
    # a number that the page does not have
    frame = page.frame
    page.page.evaluate(
        f"(canvas => canvas.frame_info = {{ ...canvas.frame_info, again: 999999 }})({CANVAS})"
    )
    page.frame_after(frame)
    assert page.page.evaluate(f"{CANVAS}.frame_info.again") is None
    page.this_picture(pictures["tomatometer"])
