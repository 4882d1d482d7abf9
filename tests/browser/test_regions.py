"""Names of regions in a real browser: shown by a key, none over another, each a selection."""

import re

import pytest

pytestmark = pytest.mark.browser

SHOWN = """() => [...document.querySelectorAll('*')].flatMap(host => host.shadowRoot
    ? [...host.shadowRoot.querySelectorAll('.region:not(.away)')] : []).map(node => {
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return [node.innerText, left, right, top, bottom];
    })"""


def shown(page):
    """Return the names in sight with their rectangles."""
    return {name: edges for name, *edges in page.page.evaluate(SHOWN)}


def settled(page):
    """Return the names in sight once none comes, goes or moves in sixty frames of the browser."""
    page.frame_after(-1)
    page.page.evaluate(
        f"""() => new Promise((done) => {{
            let before, frames = 0;
            const look = () => {{
                const now = JSON.stringify(({SHOWN})());
                frames = now === before ? frames + 1 : 0;
                before = now;
                frames < 60 ? requestAnimationFrame(look) : done();
            }};
            look();
        }})"""
    )
    return shown(page)


def overlapping(names):
    found = []
    for one, (left, right, top, bottom) in names.items():
        for other, (left_2, right_2, top_2, bottom_2) in names.items():
            if (
                one < other
                and left < right_2
                and left_2 < right
                and top < bottom_2
                and top_2 < bottom
            ):
                found.append((one, other))
    return found


def the_table_of_regions_selects_too(page, names):
    """Who cannot see the map reads its regions, and selects one, without the pointer."""
    page.page.get_by_text("Regions as a table").focus()
    page.page.keyboard.press("Enter")
    table = page.page.get_by_role("table", name="Regions of the map")
    listed = table.get_by_role("rowheader").all_inner_texts()
    assert {name.replace("\n", " · ") for name in names} <= {*listed}
    count = table.get_by_role("row").nth(2).get_by_role("cell").nth(1).inner_text()
    select = page.page.get_by_role("button", name=f"Select the rows of {listed[1]}", exact=True)
    select.focus()
    page.page.keyboard.press("Enter")
    page.page.locator(".selection .number").get_by_text(count, exact=True).wait_for()
    assert select.evaluate("button => button.matches(':focus')")
    page.page.get_by_role("button", name=f"Select the rows of {listed[0]}", exact=True).focus()
    page.page.keyboard.press("Enter")
    page.page.get_by_text("Regions as a table").click()


def test_names_come_by_key_grow_in_number_and_select_their_rows(page, films):
    page.open(films)
    page.page.locator(".chooser select option:checked", has_text="UMAP").wait_for(state="attached")
    page.page.locator(".job.shown").wait_for(state="hidden")
    page.page.locator(".stage").focus()
    page.page.keyboard.press("n")
    page.page.locator(".region:not(.away)").first.wait_for(timeout=120_000)
    first = settled(page)
    assert len(first) >= 3
    assert overlapping(first) == []
    box = page.page.locator(".stage").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = first
    for _ in range(6):
        frame = page.frame
        page.page.mouse.wheel(0, -120)
        page.next_picture()
        assert overlapping(shown(page)) == []  # while it moves too
        page.frame_after(frame)
        now = shown(page)
        assert overlapping(now) == []
        # whoever has left the picture has left by its edge
        for name in before.keys() - now.keys():
            left, right, top, bottom = before[name]
            near = left < box["x"] + 90 or right > box["x"] + box["width"] - 90
            assert near or top < box["y"] + 90 or bottom > box["y"] + box["height"] - 90, name
        before = now
    page.page.keyboard.press("0")
    assert settled(page).keys() == first.keys()
    page.page.keyboard.press("Tab")
    page.page.locator(".facts.shown").wait_for()
    rows = re.search(r"([\d,]+) rows", page.text(".facts")).group(1)
    page.page.keyboard.press("Enter")
    page.page.get_by_text(re.compile("^region “")).wait_for()
    assert page.page.get_by_text(rows, exact=True).count() >= 1
    the_table_of_regions_selects_too(page, first)
    other = page.page.context.new_page()
    other.goto(page.link("selection"), timeout=120_000)
    other.get_by_text(re.compile("^region “")).wait_for()
    other.get_by_text(rows, exact=True).first.wait_for()
    other.close()
