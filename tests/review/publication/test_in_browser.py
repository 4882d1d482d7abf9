"""A publication in a real Chromium, from the disk and without a network."""

import pytest

from explorer.review.page.published_map import draw_map
from explorer.review.publication.publication_folder import publish

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browser, judged, tmp_path):
    """Open a page of a publication; anything that runs, fails to load or is refused is told."""
    picture = draw_map(judged.table.project(judged.core, "pca"), judged.table, "code", (300, 200))
    profile = judged.table.profile().document()
    folder = publish(
        judged.publication(picture=picture, profile=profile), tmp_path / "out"
    ).index.parent
    contexts, told = [], []

    def show(name="index.html", **how):
        contexts.append(
            browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, **how)
        )
        page = contexts[-1].new_page()
        for event in ("dialog", "pageerror", "console", "requestfailed"):
            page.on(event, lambda what, event=event: told.append((event, str(what))))
        page.goto((folder / name).as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert told == []


def first_page(page):
    follow(page, ".decisions tbody a")
    return page


def follow(page, link):
    """Click a link and wait until its page is there with its style."""
    with page.expect_navigation():
        page.locator(link).first.click()


def test_one_clicks_through_from_the_index_to_every_feature_and_back(open_page, hostile):
    page = first_page(open_page())
    seen = [page.locator("h1 bdi").first.inner_text()]
    while page.locator("a[rel=next]").count():
        follow(page, "a[rel=next]")
        seen.append(page.locator("h1 bdi").first.inner_text())
    assert seen == ["Weight", "gross", "pulse", "code", "height", hostile]
    follow(page, "nav a")
    assert page.locator("h1").inner_text() == "core@2 open"


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_pages_follow_the_readers_light_or_dark_and_pictures_stay_readable(open_page, scheme, dark):
    page = first_page(open_page(color_scheme=scheme))
    shade = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert (max(shade) < 60) is dark
    ink = page.locator("img.ink").first
    assert ink.evaluate("image => image.complete && image.naturalWidth > 0")
    assert (ink.evaluate("image => getComputedStyle(image).filter") != "none") is dark


def test_right_to_left_reasons_run_that_way(open_page, right_to_left):
    page = first_page(open_page())
    reason = page.locator("p.reason", has_text=right_to_left)
    assert reason.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert (
        page.locator("p.reason").first.evaluate("one => getComputedStyle(one).direction") == "ltr"
    )


def test_nothing_is_wider_than_a_small_screen(open_page):
    page = open_page()
    page.set_viewport_size({"width": 390, "height": 800})
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) == 390
    names = page.locator(".decisions tbody a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    for name in ["map.html", *names]:
        page.goto(page.url.rsplit("/", 2 if "/features/" in page.url else 1)[0] + f"/{name}")
        assert page.evaluate(wide) == 390, name


def test_the_map_shows_its_picture_and_legend_from_one_file(open_page):
    page = open_page("map.html")
    image = page.locator(".drawn img")
    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [300, 200]
    colours = page.locator(".legend i").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(colours)) == len(colours) == 4
    assert (
        page.locator("figcaption")
        .inner_text()
        .endswith("Ignore distances between groups, their sizes and gaps.")
    )
