"""Two maps through one camera, trust, and a link that opens the same again."""

import pytest

from tests.browser.conftest import PIXELS

pytestmark = pytest.mark.browser


PANE_IS_DRAWN = f"""which => {{
    const canvas = {PIXELS};
    const width = Math.floor(canvas.width / 2);
    const copy = document.createElement("canvas");
    copy.width = width; copy.height = canvas.height;
    const context = copy.getContext("2d", {{ willReadFrequently: true }});
    context.drawImage(canvas, -which * width, 0);
    const data = context.getImageData(0, 0, width, canvas.height).data;
    return data.filter((value, i) => i % 4 === 3 && value > 0).length > 1000;
}}"""


def painted(page, which):
    """Wait until a map is drawn: the frame of the second may come after all else is there."""
    page.page.wait_for_function(PANE_IS_DRAWN, arg=which, polling=100)


def test_a_second_map_is_dragged_with_the_first_and_a_link_opens_both(page, films):
    page.open(films)
    tab = page.page
    tab.get_by_role("button", name="Compare maps").click()
    tab.locator(".stage[data-panes='2']").wait_for()
    chooser = tab.get_by_label("Embedding of the second map")
    chooser.wait_for()
    frame = page.frame
    chooser.select_option(index=1)
    page.frame_after(frame)
    tab.locator(".second-map [role=status]").wait_for(state="detached")
    painted(page, 0)
    painted(page, 1)
    box, frame = tab.locator(".stage").bounding_box(), page.frame
    tab.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 400)
    tab.mouse.wheel(0, -400)
    page.frame_after(frame)
    painted(page, 0)
    tab.get_by_role("button", name="Lasso", exact=True).click()
    x, y = box["x"] + box["width"] * 0.75, box["y"] + 420
    tab.mouse.move(x, y - 80)
    tab.mouse.down()
    for dx, dy in ((80, 0), (0, 80), (-80, 0), (0, -80)):
        tab.mouse.move(x + dx, y + dy, steps=6)
    tab.mouse.up()
    tab.locator(".selection .number").wait_for()
    count = tab.locator(".selection .number").inner_text()
    tab.goto(page.link("second_map", "selection"))
    tab.locator(".stage[data-panes='2']").wait_for()
    tab.locator(".selection .number").get_by_text(count, exact=True).wait_for()
    tab.get_by_label("Remove the second map").click()
    tab.locator(".stage[data-panes='1']").wait_for()


def test_trust_is_drawn_in_place_of_the_colours_and_taken_back(page, films):
    page.open(films)
    button = page.page.get_by_role("button", name="Trust", exact=True)
    page.page.locator(".chooser").get_by_text("Neighbours preserved: ").wait_for()
    before = page.picture()
    button.click()
    page.page.locator(".legend").first.get_by_text("Trust in the map").wait_for()
    page.other_picture(before)
    button.click()
    page.page.locator(".legend").first.get_by_text("Trust in the map").wait_for(state="detached")
