"""The effect map in a real Chromium, on a page of its own."""

import socket
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from explorer.experiment.effect_map import effect_map_view
from explorer.experiment.effect_map.effect_map_view import TAB, EffectMapView
from explorer.map.map import build_map
from explorer.session.session import Session
from explorer.table.table import open_table
from explorer.ui.page_loop import PageLoop

expect = pytest.importorskip("playwright.sync_api").expect
FEATURES = ["first", "second"]
EXPERIMENT = {
    "variant": "arm", "control": "A", "regions": 30,
    "metrics": [{"name": "watched", "kind": "mean", "column": "y", "goal": "increase"}],
}  # fmt: skip
COLOURS = (
    "--ink: #1b2530; --ink-2: #66727f; --line: #d9dfe5; --line-2: #eef1f4; --surface: #fff; "
    "--map: #fff; --bar-2: #9fb0c0; --warn: #8a5300"
)
PAGE = (
    "{% extends base %}{% block preamble %}<style>:root { "
    + COLOURS
    + " } #view { position: absolute; inset: 0 }</style>{% endblock %}"
    "{% block contents %}<div id='view'>{{ embed(roots.view) }}</div>{% endblock %}"
)


@pytest.fixture(scope="module")
def table(own_folders):
    rng = np.random.default_rng(0)
    n = 8_000
    xy = rng.normal(size=(n, 2))
    treated = rng.random(n) < 0.5
    y = rng.normal(size=n) + np.where(treated & (xy[:, 0] > 0.8), 1.5, 0.0)
    made = open_table(
        pa.table(
            {"first": xy[:, 0], "second": xy[:, 1], "arm": np.where(treated, "B", "A"), "y": y}
        )
    )
    for name in FEATURES:
        made.edit(name, "assignment", "before")
    return made


@pytest.fixture
def served(table, fake_queue, tmp_path, monkeypatch, until):
    """Serve a page with only the effect map; yield its address, and its session once it is open."""
    import panel as pn

    monkeypatch.setattr(effect_map_view, "_NAMES_UP_TO", 0)
    embedding = table.project(FEATURES, method="pca")
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    build_map(embedding, folder / "map")
    sessions = []

    def page():
        session = Session(
            table, fake_queue, {"features": FEATURES, "experiment": EXPERIMENT, "tab": TAB}
        )
        session.projection.open((embedding.provenance["key"], folder))
        loop = PageLoop(pn.state.curdoc)
        view = EffectMapView(session, loop.call_soon)
        session.listen(lambda changed: loop.call_soon(partial(view.refresh, changed)))
        sessions.append((session, view))
        template = pn.Template(PAGE)
        template.add_panel("view", view)
        return template

    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    server = pn.serve({"/": page}, port=port, show=False, threaded=True, verbose=False)

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("localhost", port)) == 0

    until(answers)
    yield f"http://localhost:{port}/", sessions
    for session, _ in sessions:
        session.close()
    server.stop()


@pytest.fixture
def opened(served, page):
    address, sessions = (
        served  # asked for first, so that the page is closed before its server is gone
    )
    page.page.goto(address)
    page.page.locator(".effect[data-status=ready] .stage[data-turn]").wait_for()
    return page.page, *sessions[0]


def place_of(page, view, number):
    """Where a region's middle is on the page, in pixels."""
    hexagons, sight = view.regions.effect_map.hexagons, view.sight
    box = page.locator(".stage").bounding_box()
    (x0, x1), (y0, y1) = sight["x_range"], sight["y_range"]
    across = (hexagons.x[number] - x0) / (x1 - x0)
    down = 1 - (hexagons.y[number] - y0) / (y1 - y0)
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


@pytest.mark.browser
def test_a_click_on_a_hexagon_selects_its_rows(opened, until):
    page, session, view = opened
    for number in (0, 4):
        page.mouse.click(*place_of(page, view, number))
        until(lambda number=number: view.chosen == [number])
        assert session.rows.selection().count() == view.card["cells"][number]["rows"]
    page.keyboard.down("Shift")
    page.mouse.click(*place_of(page, view, 1))
    page.keyboard.up("Shift")
    until(lambda: view.chosen == [4, 1])
    assert session.rows.selection().count() == sum(
        view.card["cells"][number]["rows"] for number in (4, 1)
    )


@pytest.mark.browser
def test_pointing_tells_the_figures_and_arrows_walk(opened, until):
    page, session, view = opened
    page.mouse.move(*place_of(page, view, 2))
    card = page.locator(".hover.shown")
    card.wait_for()
    for _, words in view.card["cells"][2]["lines"]:
        expect(card).to_contain_text(words)
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")  # to the first
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(lambda: view.chosen)
    number = view.chosen[0]
    hexagons = view.regions.effect_map.hexagons
    assert number != 0
    assert hexagons.x[number] > hexagons.x[0]
    assert session.rows.selection().count() == view.card["cells"][number]["rows"]
    expect(page.locator("[role=status]").first).to_contain_text(view.card["cells"][number]["name"])


@pytest.mark.browser
def test_what_distinguishes_a_hexagon_is_a_button_away(opened, until):
    page, session, view = opened
    page.mouse.click(*place_of(page, view, 3))
    page.get_by_role("button", name="what distinguishes H4").click()
    until(lambda: session.state.document.tab == "Compare")
    assert session.state.document.groups.a.count == view.card["cells"][3]["rows"]


@pytest.mark.browser
def test_a_blocked_map_is_opened_by_saying_when_its_columns_were_measured(opened, until):
    page, session, view = opened
    session.edit_feature("first", "assignment", None)
    page.locator(".message.shown").wait_for()
    expect(page.locator(".message")).to_contain_text("not known whether first was measured before")
    page.get_by_role("button", name="was measured before").click()
    until(lambda: view.card["status"] == "ready")
    assert session.table.features["first"].assignment == "before"
    page.locator(".message:not(.shown)").wait_for(state="attached")


@pytest.mark.browser
def test_it_fills_the_tab_and_escape_brings_it_back(opened):
    page, _, _ = opened
    page.get_by_role("button", name="Enlarge").click()
    expect(page.locator(".effect.large")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator(".effect:not(.large)").wait_for()
