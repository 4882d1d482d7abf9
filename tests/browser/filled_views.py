"""Every view of the page with data in it, on one page after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.page_log import choose

if TYPE_CHECKING:
    from collections.abc import Callable


def show(page: Any, tab: str) -> None:
    page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()


def selection(page: Any) -> None:
    show(page, "Map")
    page.get_by_role("button", name="Box").click()
    box = page.locator(".stage[data-tool]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] - 200, steps=6)
    page.mouse.up()
    page.locator(".selection .number").wait_for()


def comparison(page: Any) -> None:
    page.keyboard.press("1")
    page.locator(".groups .group").first.get_by_text("replace").wait_for()  # made anew till then
    page.locator(".groups .compare").click()
    page.locator(".lists .row").first.wait_for(timeout=120_000)


def volcano(page: Any) -> None:
    page.get_by_role("button", name="volcano").click()
    page.locator("svg.volcano circle").first.wait_for()


def rows(page: Any) -> None:
    page.get_by_label("Filter expression").fill("year >= 1990")
    page.get_by_label("Filter expression").press("Enter")
    page.locator(".filters .chip").first.wait_for()
    show(page, "Rows")
    page.get_by_role("grid", name="Rows").get_by_role("gridcell").first.wait_for()


def feature(page: Any) -> None:
    show(page, "Feature")
    page.get_by_role("heading", name="Distribution").wait_for()


def together(page: Any) -> None:
    show(page, "Together")
    page.get_by_role("heading", name="Correlations").wait_for()
    page.locator(".heat canvas").wait_for()


def review(page: Any) -> None:
    show(page, "Review")
    page.get_by_role("region", name="Review", exact=True).locator(".row").nth(3).wait_for()


def sessions(page: Any) -> None:
    page.get_by_role("button", name="Sessions").click()
    page.get_by_role("dialog").wait_for()


def keys(page: Any) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def saving(page: Any) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    show(page, "Map")
    page.locator(".tools").get_by_role("button", name="Save", exact=True).click()
    page.locator(".save form").wait_for()


def second_map(page: Any) -> None:
    page.keyboard.press("Escape")
    page.locator(".tools button", has_text="Beside").or_(
        page.locator(".tools button", has_text="Compare maps")
    ).click()
    page.locator(".stage[data-panes='2']").wait_for()


def performance(page: Any) -> None:
    show(page, "Models")
    part = page.get_by_role("region", name="Performance of models")
    choose(part, Column_of_what_happened="played")
    for column in ("score_old", "score_new"):
        choose(part, Add_a_column_of_predictions=column)
        part.get_by_label(f"Leave out model {column}").wait_for()
    choose(part, Add_a_column_of_slices="place")
    part.locator("tr.weak").first.wait_for(timeout=120_000)


def drift(page: Any) -> None:
    page.get_by_role("tab", name="drift").click()
    part = page.get_by_role("region", name="Drift")
    choose(part, time="at", prediction="score_new", truth="played")
    part.locator(".alarms li").first.wait_for(timeout=120_000)


def engagement(page: Any) -> None:
    page.get_by_role("tab", name="engagement").click()
    part = page.get_by_role("region", name="Engagement")
    choose(part, item="title", outcome="played", propensity="chance")
    part.get_by_text("SNIPS: all items alike").wait_for(timeout=120_000)
    part.locator('.item.row[data-item="t03"]').click()


def ranking(page: Any) -> None:
    page.get_by_role("tab", name="ranking").click()
    part = page.get_by_role("region", name="Ranking")
    choose(part, position="position", outcome="played", list="page", by="layout")
    choose(part, row="line", column="across")
    part.get_by_text("against broad").wait_for(timeout=120_000)


def experiment(page: Any) -> None:
    show(page, "Experiment")
    page.get_by_label("Column of the arms").select_option("layout")
    page.get_by_label("Control", exact=True).select_option("broad")
    page.get_by_label("Add a column of segments").select_option("place")
    for kind, column in (("proportion", "played"), ("mean", "width")):
        page.get_by_role("button", name="+ metric").click()
        page.get_by_label("Kind of metric").select_option(kind)
        page.get_by_label("Column", exact=True).select_option(column)
        page.get_by_label("Goal").select_option("increase")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("form", name="Metric").wait_for(state="hidden")
    page.locator(".cells .row").nth(1).wait_for()


def metric(page: Any) -> None:
    page.get_by_role("button", name="+ metric").click()
    page.get_by_role("form", name="Metric").wait_for()


ON_FILMS: list[Callable[[Any], None]] = [
    selection, comparison, volcano, rows, feature, together, review, sessions, keys, saving,
    second_map,
]  # fmt: skip
ON_A_LOG: list[Callable[[Any], None]] = [
    performance, drift, engagement, ranking, experiment, metric,
]  # fmt: skip
