"""The page for who cannot see it or has no mouse: axe-core finds nothing critical or serious."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TABS = ["Map", "Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review"]
RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(({impact}) => ['critical', 'serious'].includes(impact))
    .map(({id, help, nodes}) => [id, help, nodes.map(({html}) => html.slice(0, 120))])"""

pytestmark = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not there: `npm ci` installs it"
)


@pytest.fixture(scope="module")
def opened(browser, films):
    # the policy of the page lets no other script in
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = Page(context.new_page())
    page.open(films)
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    yield page
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_no_tab_has_a_critical_or_serious_finding(opened, theme, tab):
    page = opened.page
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.get_by_role("button", name="Light or dark").click()
    page.locator(f":root[data-theme={theme}]").wait_for(state="attached")
    page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
    if tab != "Map":
        page.get_by_role("region", name=tab, exact=True).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(RUN) == []


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
