"""The page for who cannot see it or has no mouse: axe-core finds nothing critical or serious."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import filled_views
from tests.browser.conftest import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TABS = ["Map", "Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review"]
# moderate and minor findings are not asked for, but heads of tables and the order of headings are
RUN = """async () => (await axe.run(document, {
        resultTypes: ['violations'],
        rules: {'target-size': {enabled: true}},
    })).violations
    .filter(({id, impact}) => ['critical', 'serious'].includes(impact)
        || ['heading-order', 'empty-table-header'].includes(id))
    .map(({id, help, nodes}) => [id, help, nodes.map(({html}) => html.slice(0, 120))])"""
CONTRAST = """async () => (await axe.run(document, {
        resultTypes: ['violations'], runOnly: ['color-contrast'],
    })).violations
    .map(({id, help, nodes}) => [id, help, nodes.map(({html, any}) =>
        [html.slice(0, 120), any[0].message])])"""
SMALL_TEXT = """() => {
    const small = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll('*')) {
            if (node.shadowRoot) walk(node.shadowRoot);
            if (node.closest('style, script, noscript') || !node.getClientRects().length) continue;
            if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
                continue;
            const size = parseFloat(getComputedStyle(node).fontSize);
            if (size < 12) small.push([node.localName, node.className, size]);
        }
    };
    walk(document);
    return small;
}"""
# a small phone, a window at 200 %, a small tablet, and a window that is hardly open
SCREENS = [(360, 640), (720, 450), (1024, 700), (1440, 200)]
# What lies beyond the edge of what clips it. What scrolls may be wider; a plot may clip what it
# draws, and a text that ends in an ellipsis says so.
STICKS_OUT = """() => {
    const found = [];
    const drawn = 'svg, canvas, .track, .axis, .labels, .bk-Figure, .stage > .drawing';
    const look = (node, clip) => {
        const style = getComputedStyle(node);
        if (style.display === 'none' || style.clipPath !== 'none') return;
        const { left, right, width, height } = node.getBoundingClientRect();
        const seen = style.visibility !== 'hidden' && style.opacity !== '0' && width && height;
        if (seen && (right > clip[1] + 1 || left < clip[0] - 1))
            found.push([node.localName, String(node.className), [left, right], clip]);
        if (node.matches(drawn) || ['auto', 'scroll'].includes(style.overflowX)) return;
        if (style.textOverflow === 'ellipsis') return;
        let inner = style.position === 'fixed' ? [0, innerWidth] : clip;
        if (style.overflowX !== 'visible')
            inner = [Math.max(inner[0], left), Math.min(inner[1], right)];
        const inside = node.localName === 'slot' ? node.assignedElements()
            : (node.shadowRoot || node).children;
        for (const child of inside) look(child, inner);
    };
    look(document.body, [0, innerWidth]);
    return found.slice(0, 12);
}"""

pytestmark = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not there: `npm ci` installs it"
)


def page_with_axe(browser, address: str):
    # the policy of the page lets no other script in
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, bypass_csp=True, reduced_motion="reduce"
    )
    page = Page(context.new_page())
    page.open(address)
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def opened(browser, films):
    page = page_with_axe(browser, films)
    yield page
    page.page.context.close()


@pytest.fixture(scope="module")
def log_page(browser, page_log_address):
    page = page_with_axe(browser, page_log_address)
    yield page
    page.page.context.close()


def assert_nothing_found(page) -> None:
    """The rules of axe and no text below 12 pixels; the contrast of text in dark too."""
    page.wait_for_load_state("networkidle")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "light"
    assert page.evaluate(RUN) == []
    assert page.evaluate(SMALL_TEXT) == []
    page.evaluate(f"{theme} = 'dark'")  # what the button does, which a dialog lies over
    assert page.evaluate(CONTRAST) == []
    page.evaluate(f"{theme} = 'light'")


@pytest.mark.parametrize("tab", TABS)
def test_no_tab_has_a_critical_or_serious_finding(opened, tab):
    filled_views.show(opened.page, tab)
    if tab != "Map":
        opened.page.get_by_role("region", name=tab, exact=True).first.wait_for()
    assert_nothing_found(opened.page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_explanation_of_a_selection_has_none(opened, theme):
    page = opened.page
    page.get_by_role("tab", name="Map", exact=True).click()
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Box", exact=True).click()
    box = page.locator("#map .stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y - 100)
    page.mouse.down()
    page.mouse.move(x + 150, y + 50, steps=4)
    page.mouse.up()
    card = page.locator(".explanation")
    card.get_by_text("Typical:").wait_for()
    card.get_by_role("button", name="What was tested").click()
    assert page.evaluate(RUN) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    if theme == "dark":
        page.get_by_role("button", name="Light or dark").click()
        page.locator(":root[data-theme=light]").wait_for()


def test_the_page_has_its_landmarks_and_one_heading_of_the_first_level(opened):
    page = opened.page
    for role, name in (
        ("banner", None),
        ("main", None),
        ("complementary", "Rows"),
        ("complementary", "Features"),
    ):
        assert page.get_by_role(role, name=name).count() == 1, (role, name)
    assert page.get_by_role("heading", level=1).all_inner_texts() == [
        page.locator("h1.table").inner_text()
    ]


def test_from_the_search_an_arrow_leads_to_the_list_and_enter_shows_the_first_that_was_found(
    opened,
):
    page = opened.page
    page.get_by_role("tab", name="Map", exact=True).click()
    page.keyboard.press("]")
    page.keyboard.press("/")  # the panel opens for it
    page.keyboard.type("runtime")
    page.locator('#features [role=row][data-name="runtime_min"]').wait_for()
    page.keyboard.press("ArrowDown")
    grid = page.get_by_role("grid", name="Features")
    assert grid.evaluate("grid => grid.getRootNode().activeElement === grid")
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Feature", exact=True, selected=True).wait_for()


@pytest.fixture(
    scope="module",
    params=[*filled_views.ON_FILMS, *filled_views.ON_A_LOG],
    ids=lambda view: view.__name__,
)
def filled(request):
    """A page on which a view has just been filled."""
    name = "opened" if request.param in filled_views.ON_FILMS else "log_page"
    page = request.getfixturevalue(name).page
    request.param(page)
    return page


def test_no_view_with_data_has_a_critical_or_serious_finding(filled):
    assert_nothing_found(filled)


def test_on_no_screen_does_anything_stick_out_of_its_container(filled):
    assert_all_inside(filled, SCREENS)


def test_nothing_sticks_out_on_a_wall(opened):
    opened.page.get_by_role("tab", name="Feature", exact=True).click()
    assert_all_inside(opened.page, [(3840, 1600)])


def assert_all_inside(page, screens) -> None:
    try:
        for width, height in screens:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)  # what is drawn again by its width is drawn again
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(STICKS_OUT) == [], (width, height)
    finally:  # the next view is filled on the same page
        page.set_viewport_size({"width": 1440, "height": 900})
        page.wait_for_timeout(300)
