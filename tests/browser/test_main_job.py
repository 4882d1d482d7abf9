"""The main job of the page without a mouse, in a window at 200 %, and with fingers on a phone.

A feature is found and ticked, the map is made, coloured, a group on it is selected and compared,
a verdict is kept, the features are saved as a set, and a link opens the same.
"""

from __future__ import annotations

import itertools

import pytest

from tests.browser.conftest import Page, told_by

FEATURE = "n_producers"
SIDES = ("Features", "Rows")
WHERE_THE_FOCUS_IS = """() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return node && node.outerHTML.slice(0, 160);
}"""


@pytest.fixture(params=[(1440, 900), (720, 450)], ids=["wide", "at 200 %"])
def page(browser, films, request):
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = Page(context.new_page())
    opened.open(films)
    yield opened
    context.close()
    assert opened.complaints == []


def tab_to(page, target) -> None:
    """Press Tab until a control has the focus, and see that it can be seen there."""
    target.wait_for()
    for _ in range(200):
        if target.evaluate("node => node.getRootNode().activeElement === node"):
            assert target.evaluate("node => node.matches(':focus-visible')")
            outline = target.evaluate("node => getComputedStyle(node).outlineStyle")
            assert outline != "none" or target.evaluate("node => node.matches('input, textarea')")
            return
        page.keyboard.press("Tab")
    raise AssertionError(
        f"Tab does not reach {target}; it stands at {page.evaluate(WHERE_THE_FOCUS_IS)}"
    )


def test_the_main_job_is_done_by_keys_alone(page):
    keys, shown = page.page.keyboard, page.page
    narrow = shown.viewport_size["width"] < 1000
    strip = shown.locator(f'.strip[data-name="{FEATURE}"]')
    # a feature is found, coloured by and ticked; the map is made of it
    keys.press("/")
    keys.type(FEATURE)
    strip.wait_for()
    keys.press("ArrowDown")
    shown.locator(f'.strip.current[data-name="{FEATURE}"]').wait_for()
    before = page.picture()
    keys.press("c")
    shown.locator(".legend strong").get_by_text("Production companies", exact=True).wait_for()
    page.other_picture(before)
    for ticked in (True, False, True):
        keys.press("Space")
        expect_checked(strip, ticked)
    keys.press("Control+Enter")
    made = shown.locator(".chooser option:checked", has_text="UMAP of 12 features")
    made.wait_for(state="attached", timeout=240_000)
    # a region is selected from the table of regions
    if narrow:
        keys.press("Escape")  # the list lies over the map
    keys.press("n")
    shown.locator(".region:not(.away)").first.wait_for(timeout=240_000)
    table = shown.locator(".region-table summary")
    tab_to(shown, table)
    keys.press("Enter")
    tab_to(shown, shown.locator(".region-table tbody button").first)
    keys.press("Enter")
    page.link("selection")
    keys.press("n")
    # compared with the rest
    keys.press("1")
    page.link("groups")
    for _ in range(4):
        keys.press("}")
    shown.get_by_role("tab", name="Compare", selected=True).wait_for()
    tab_to(shown, shown.locator(".head .primary"))
    keys.press("Enter")
    shown.locator(".lists .row").first.wait_for(timeout=120_000)
    # a verdict on a feature, under a name that is asked for once
    keys.press("/")
    keys.press("ArrowDown")
    keys.press("k")
    shown.get_by_label("Your name as reviewer").wait_for()
    keys.type("Key")
    keys.press("Enter")
    strip.locator(".verdict.K").wait_for()
    # the ticked features become a set
    tab_to(shown, shown.get_by_role("button", name="Save…"))
    keys.press("Enter")
    tab_to(shown, shown.get_by_label("Name of the set"))
    keys.type("keys")
    keys.press("Tab")
    keys.type("Chosen without a mouse")
    keys.press("Control+Enter")
    shown.locator(".set .top strong", has_text="keys@").wait_for()
    shown.get_by_label("Name of the set").wait_for(state="hidden")
    # and the link opens all of it
    if narrow:  # the list lies over the page: Escape closes it, and clears the selection elsewhere
        keys.press("Escape")
        features = shown.get_by_role("button", name="Features panel")
        assert features.evaluate("button => button.getRootNode().activeElement === button")
    share = shown.get_by_role("button", name="Share", exact=True)
    if not share.is_visible():
        tab_to(shown, shown.get_by_role("button", name="More", exact=True))
        keys.press("Enter")
    tab_to(shown, share)
    keys.press("Enter")
    shown.get_by_role("button", name="Copied").wait_for()
    link = shown.evaluate("navigator.clipboard.readText()")
    shown.goto(link, timeout=120_000)
    shown.get_by_role("tab", name="Compare", selected=True).wait_for()
    shown.locator(".set .top strong", has_text="keys@").wait_for(state="attached")
    assert told_by(link) >= {"selection", "groups", "features", "color"}


def test_the_main_job_is_done_by_fingers_on_a_phone(browser, films):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = Page(context.new_page())
    page.open(films)
    shown = page.page
    fingers = context.new_cdp_session(shown)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})

    features, rows = (shown.get_by_role("button", name=f"{side} panel") for side in SIDES)
    strip = shown.locator(f'.strip[data-name="{FEATURE}"]')
    # a feature is found, coloured by and ticked; the map is made of it
    features.tap()
    shown.get_by_label("Search features, or paste a list of names").fill(FEATURE)
    before = page.picture()
    strip.get_by_role("button", name="Colour the map by").tap()
    page.other_picture(before)
    for ticked in (True, False, True):
        strip.get_by_role("checkbox").tap()
        expect_checked(strip, ticked)
    frame = page.frame
    shown.get_by_role("button", name="Project", exact=True).tap()
    features.tap()
    page.frame_after(frame, timeout=240_000)
    # a finger that rests begins a lasso
    touch("Start", (130, 330))
    shown.wait_for_timeout(700)
    corners = [(130, 330), (260, 330), (260, 460), (130, 460), (130, 340)]
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        for share in (0.25, 0.5, 0.75, 1):  # as slowly as a hand: else Chromium drops the next tap
            touch("Move", (x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
            shown.wait_for_timeout(16)
    touch("End")
    page.link("selection")
    shown.locator(".explanation .clause").first.wait_for()
    # compared with the rest
    rows.tap()
    shown.locator(".groups .group", has_text="the selection").get_by_text("keep selection").tap()
    shown.locator(".groups .compare").tap()
    rows.tap()
    shown.get_by_role("tab", name="Compare", selected=True).wait_for()
    shown.locator(".lists .row").first.wait_for(timeout=120_000)
    # a verdict on a feature, under a name that is asked for once
    features.tap()
    strip.locator(".verdict").tap()
    features.tap()
    shown.get_by_role("tab", name="Review", selected=True).wait_for()
    shown.locator(".decision", has_text="keep").tap()
    shown.get_by_label("Your name as reviewer").fill("Finger")
    shown.get_by_role("button", name="Use this name").tap()
    features.tap()
    strip.locator(".verdict.K").wait_for()
    # the ticked features become a set
    shown.get_by_role("button", name="Save…").tap()
    shown.get_by_label("Name of the set").fill("fingers")
    shown.get_by_label("Why these features").fill("Chosen on a phone")
    shown.get_by_role("button", name="Save as fingers@").tap()
    shown.locator(".set .top strong", has_text="fingers@").wait_for()
    features.tap()
    # and the link opens all of it
    shown.get_by_role("button", name="More", exact=True).tap()
    shown.get_by_role("button", name="Share", exact=True).tap()
    shown.get_by_role("button", name="Copied").wait_for()
    link = shown.evaluate("navigator.clipboard.readText()")
    assert told_by(link) >= {"selection", "groups", "features", "color"}
    context.close()
    assert page.complaints == []


def expect_checked(strip, wanted: bool) -> None:
    strip.page.wait_for_function(
        """([name, wanted]) => [...document.querySelectorAll('*')].some((host) =>
            host.shadowRoot?.querySelector(`.strip[data-name="${name}"] input`)?.checked
                === wanted)""",
        arg=[FEATURE, wanted],
    )
