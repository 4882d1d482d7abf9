"""The page without a server: what is in the document that a browser would get."""

import asyncio
import base64
import gc
import io
import logging
import re
import sys
import threading
import urllib.request
import weakref

import numpy as np
import pandas as pd
import panel as pn
import pytest
from bokeh.document.models import DocumentModelManager
from PIL import Image

from explorer.app import workbench_page as workbench
from explorer.app.page_template import LINK
from explorer.app.workbench_page import WorkbenchPage
from explorer.review.table_reviews import TableReviews
from explorer.session.start import Start, choose_start
from explorer.state import actions
from explorer.state.document import TABS, Viewport
from explorer.table.table import open_table

START = Start(
    {"features": ["height", "weight", "pulse"], "color": {"column": "city"}}, ["two words"]
)


class Obliging:
    """A queue whose jobs are done before they are asked for, as with everything in the cache."""

    def __init__(self, queue):
        self.queue = queue

    def project(self, source, specs, on_event):
        job = self.queue.project(source, specs, on_event)
        job.finish()
        return job


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    """Say that the kernels are compiled, as a server does soon after its start."""
    ready = threading.Event()
    ready.set()
    monkeypatch.setattr(workbench, "kernels_ready", ready)
    return ready


@pytest.fixture
def cached(fake_queue):
    return Obliging(fake_queue)


def frame_in(template):
    """Return the picture in the served page."""
    encoded = template._render_variables["first_frame"]
    found = re.fullmatch(r"data:image/png;base64,(.+)", encoded)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))))


def test_the_first_frame_comes_with_the_page(people, cached):
    page = WorkbenchPage(people, cached, START)
    template = page.template()
    assert template._render_variables["page_title"] == people.title
    picture = frame_in(template)
    assert picture.shape == (856, 820, 4)
    assert 0 < (picture[..., 3] > 0).mean() < 0.5
    shown = page._session.projection.map()
    assert len(np.unique(picture[picture[..., 3] > 0][:, :3], axis=0)) > 5
    assert shown.n_without == 7


def test_the_page_does_not_wait_for_kernels_to_compile(people, cached, compiled):
    compiled.clear()
    assert WorkbenchPage(people, cached, START).template()._render_variables["first_frame"] == ""


def test_without_a_map_the_page_opens_and_says_what_is_going_on(people, fake_queue, until):
    page = WorkbenchPage(people, fake_queue, START)
    assert page.template()._render_variables["first_frame"] == ""
    until(lambda: page.views["map"].overlay)
    assert page.views["map"].overlay["message"]["title"] == "Making the first map"
    assert page.views["header"].header["job"]["share"] == 0
    fake_queue.jobs[0].finish()
    assert page.views["header"].header["job"] is None
    until(
        lambda: (
            page.views["map"].overlay.get("embedding") == page._session.projection.keys()["umap"]
        )
    )
    assert page.template()._render_variables["first_frame"]


def test_the_whole_page_can_be_rendered(people, cached):
    document = WorkbenchPage(people, cached, START).template().server_doc(title="x")
    names = {type(root).__name__ for root in document.roots}
    assert (
        len([root for root in document.roots if root.name in ("header", "rows", "map", "features")])
        == 4
    ), names


def test_the_models_of_a_page_are_collected_once_and_not_for_every_part(
    people, cached, monkeypatch
):
    collected = []
    recompute = DocumentModelManager.recompute
    monkeypatch.setattr(
        DocumentModelManager, "recompute", lambda self: (collected.append(1), recompute(self))
    )
    described = []
    describe = pn.viewable.Renderable.__repr__
    monkeypatch.setattr(
        pn.viewable.Renderable,
        "__repr__",
        lambda self, depth=0: described.append(1) or describe(self, depth),
    )
    document = WorkbenchPage(people, cached, START).template().server_doc(title="x")
    assert len(document.roots) > 10
    assert len(collected) == 1
    assert described == []


def test_a_link_restores_the_view_of_the_first_frame(people, cached, monkeypatch):
    page = WorkbenchPage(people, cached, START)
    whole = frame_in(page.template())
    page._session.state.act(actions.set_viewport, x_range=[-0.5, 0.5], y_range=[-0.5, 0.5])
    monkeypatch.setattr(type(pn.state), "session_args", {LINK: [page._session.link().encode()]})
    again = WorkbenchPage(people, cached, START)
    assert again._session.state.document.viewport == Viewport(x=(-0.5, 0.5), y=(-0.5, 0.5))
    assert not np.array_equal(frame_in(again.template()), whole)
    monkeypatch.setattr(type(pn.state), "session_args", {LINK: ["ä".encode()]})
    damaged = WorkbenchPage(people, cached, START)
    assert damaged._session.state.document == damaged._session.start
    assert "damaged" in damaged._session.notes[0]


def test_a_change_reaches_every_view(people, cached, send):
    page = WorkbenchPage(people, cached, START)
    send(page.views["features"], "tick", name="age", on=True)
    assert page.views["features"].ticked == ["height", "weight", "pulse", "age"]
    assert page.views["header"].header["can_undo"]


def test_ready_coordinates_are_shown_and_nothing_is_projected(people, fake_queue):
    from explorer.app.server import _Ready

    page = WorkbenchPage(people, fake_queue, START, _Ready(people, ("height", "weight"))())
    assert fake_queue.jobs == []
    assert page._session.projection.embedding().name == "height and weight"
    assert frame_in(page.template()).any()


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame({"name": ["Ann", "Bo", "Cy"]}), "No column can be projected"),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), "1 row"),
        (pd.DataFrame({"a": np.empty(0), "b": np.empty(0)}), "0 rows"),
        (pd.DataFrame({"a": np.full(9, np.nan), "b": np.full(9, 3.0)}), "constant"),
    ],
    ids=["no number", "one row", "no row", "nothing varies"],
)
def test_a_table_that_cannot_be_projected_opens_and_says_why(frame, reason, fake_queue, until):
    table = open_table(frame)
    page = WorkbenchPage(table, fake_queue, choose_start(table))
    assert page.template()._render_variables["first_frame"] == ""
    until(lambda: page.views["rows"].rows and page.views["map"].overlay)
    message = page.views["map"].overlay["message"]
    assert message["title"] == "Nothing to map yet"
    assert reason in message["text"]
    assert message["actions"] == ["columns", "rows", "other"]
    assert fake_queue.jobs == []
    assert page.views["rows"].rows["count"] == f"{len(frame)} of {len(frame)} shown"


def test_three_thousand_columns_open(fake_queue, until):
    rng = np.random.default_rng(0)
    table = open_table(
        pd.DataFrame(rng.normal(size=(40, 3000)), columns=[f"c{i}" for i in range(3000)])
    )
    page = WorkbenchPage(table, fake_queue, choose_start(table))
    assert len(page.views["features"].features) == 3000
    in_sight = table.column_names[: workbench._SEEN_FIRST]
    until(lambda: table.profiles.finished().keys() >= {*in_sight})
    table.profiles.close()
    page._session.close()
    assert len(page.views["features"].ticked) == 1_000


def test_pages_that_were_closed_are_not_kept(people, fake_queue, until):
    from explorer.app.server import _Ready

    logging.disable(logging.INFO)  # pytest keeps what Panel says, and the values in it
    ready, reviews = _Ready(people, ("height", "weight"))(), TableReviews(people)
    alive, told = weakref.WeakSet(), {}

    def page():
        made = WorkbenchPage(people, fake_queue, START, ready, reviews)
        alive.add(made._session)
        return made.template()

    async def run():
        server = pn.serve(
            {"/": page},
            port=0,
            show=False,
            start=False,
            verbose=False,
            unused_session_lifetime_milliseconds=1000,
            check_unused_sessions_milliseconds=100,
        )
        server.start()
        told.update(loop=asyncio.get_running_loop(), end=asyncio.Event(), server=server)
        await told["end"].wait()
        server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        until(lambda: "server" in told)
        for _ in range(3):
            with urllib.request.urlopen(f"http://localhost:{told['server'].port}/") as answer:
                assert answer.status == 200
        assert len(alive) == 3
        until(lambda: not told["server"].get_sessions())
        # of many one stays, until the next page is opened
        until(lambda: gc.collect() >= 0 and len(alive) <= 1, 20)
    finally:
        told["loop"].call_soon_threadsafe(told["end"].set)
        thread.join(10)
        reviews.close()
        logging.disable(logging.NOTSET)


def test_a_view_that_waits_for_its_tab_knows_the_name_that_the_page_gives_it():
    for name, view in workbench.TABS.items():
        module = sys.modules[getattr(view, "func", view).__module__]
        assert getattr(module, "TAB", name) == name


def test_a_link_may_open_every_tab_that_there_is():
    assert ("Map", *workbench.TABS) == TABS


def test_the_tray_is_built_when_it_is_opened_and_counts_nothing_while_closed(
    people, cached, until, idle
):
    page = WorkbenchPage(people, cached, START)
    state = page._session.state
    assert not {*workbench.TRAY} & page.views.keys()
    state.act(actions.show_tray, on=True)
    until(lambda: page.views["tray_charts"].charts and page.views["tray_rows"].page)
    idle(page.views["tray_charts"])
    state.act(actions.show_tray, on=False)
    turn = page.views["tray_charts"].charts["turn"]
    state.act(actions.select, selection={"expression": "member"})
    until(lambda: page.views["rows"].rows.get("selection"))
    assert page.views["tray_charts"].charts["turn"] == turn
    state.act(actions.show_tray, on=True)
    until(lambda: page.views["tray_rows"].page["selected"])
    until(lambda: page.views["tray_charts"].charts["cards"][0]["selecting"])
