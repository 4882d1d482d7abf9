"""A report in a real Chromium, from the disk and without a network."""

import numpy as np
import pytest

from explorer.profile.report.report import write_report

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def report(profiles, tmp_path_factory):
    rng = np.random.default_rng(0)
    grades = ("close", "workable", "not")
    features = [
        profiles.numeric(f"f{i:03d}", rng.lognormal(i / 100, 0.5, 200), grades[i % 3], missing=i)
        for i in range(600)
    ]
    return write_report(tmp_path_factory.mktemp("report"), profiles.table_of(features)).index


@pytest.fixture
def open_page(browser, report):
    """Open a page of the report; a script that fails fails the test."""
    contexts, failed = [], []

    def show(name="index.html", **how):
        contexts.append(
            browser.new_context(viewport={"width": 1440, "height": 900}, offline=True, **how)
        )
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto((report.parent / name).as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert failed == []


def column(page, number):
    return page.locator(f"#features tbody td:nth-child({number})").all_inner_texts()


def test_the_index_is_sorted_by_its_heads_from_the_keyboard(open_page):
    page = open_page()
    assert page.locator("#features tbody tr").count() == 250
    missing = page.locator("#features th:nth-child(4) button")
    missing.focus()
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Missing")
    assert column(page, 1)[:3] == ["f599", "f598", "f597"]
    page.keyboard.press("Enter")
    assert column(page, 1)[:3] == ["f000", "f001", "f002"]
    means = page.locator("#features th:nth-child(6) button")
    means.click()
    shown = [float(words.replace(",", "")) for words in column(page, 6)]
    assert shown == sorted(shown, reverse=True)


def test_a_search_looks_at_every_feature_and_scrolling_brings_the_rest(open_page):
    page = open_page()
    page.fill("#search", "F5 not")
    # 500 … 599 of grade "not" every third
    wanted = [f"f{i}" for i in range(500, 600) if i % 3 == 2]
    assert [name for name in column(page, 1) if name.startswith("f5")] == wanted
    page.fill("#search", "nothing of the kind")
    assert page.locator("#found").inner_text() == "0 of 600 features"
    page.fill("#search", "")
    page.wait_for_function("""() => {
        scrollTo(0, document.body.scrollHeight);
        return document.querySelectorAll('#features tbody tr').length === 600;
    }""")


def test_without_a_script_every_feature_is_there(open_page):
    page = open_page(java_script_enabled=False)
    assert page.locator("#features tbody tr").count() == 600
    assert not page.locator("#search").is_visible()
    page.locator("#features a").nth(7).click()
    expect(page.locator("h1")).to_have_text("f007")
    assert page.locator(".on-linear svg").is_visible()
    page.check("#log")
    assert page.locator(".on-log svg").is_visible()
    assert not page.locator(".on-linear svg").is_visible()


def test_a_bin_under_the_pointer_is_told(open_page):
    page = open_page("features/0100.html")
    page.locator(".on-linear svg").hover(position={"x": 120, "y": 60})
    assert page.locator(".on-linear output").inner_text().count(" to ") == 1


def test_dark_and_narrow_pages_fit(open_page):
    page = open_page("features/0100.html", color_scheme="dark")
    ink, ground = (
        page.evaluate(f"getComputedStyle(document.body).{name}")
        for name in ("color", "backgroundColor")
    )
    assert (ink, ground) == ("rgb(227, 232, 237)", "rgb(22, 28, 34)")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
