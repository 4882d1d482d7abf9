"""A link and a session file open the same page on a computer that has computed nothing yet."""

from __future__ import annotations

import json
from contextlib import contextmanager

import numpy as np
import pytest

from explorer.core.json_values import plain as plain_json
from explorer.jobs.queue import JobQueue
from explorer.session.session_file import fit_to_table, session_document
from explorer.state import actions
from explorer.table.table import open_table
from tests.acceptance.page_state.random_pages import (
    CountedQueue,
    RandomPage,
    clinic_frame,
    differences,
)

ROWS = 160


@contextmanager
def computer(folder, monkeypatch):
    """Open the table where nothing was computed before."""
    monkeypatch.setenv("EXPLORER_CACHE", str(folder / "cache"))
    monkeypatch.setenv("EXPLORER_DATA", str(folder / "data"))
    table = open_table(clinic_frame(ROWS))
    table.profile()
    table.relations.redundancy()
    with JobQueue(table.columns.cache, spare=False) as jobs:
        yield table, CountedQueue(jobs)


@pytest.fixture
def here(tmp_path, monkeypatch):
    with computer(tmp_path / "here", monkeypatch) as opened:
        yield opened


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, here):
    with computer(tmp_path / "elsewhere", monkeypatch) as opened:
        yield opened


def lasso(page):
    (x0, x1), (y0, y1) = page.session.projection.map().extent
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    corners = [[x0, y0], [x, y0], [x, y], [x0, y]]
    page.send("map", "lasso", polygon=corners, mode="replace", pane=0)
    page.settle()


def project_other_features(page, name, on):
    page.send("features", "tick", name=name, on=on)
    page.send("features", "project")
    page.settle()


def rows_of(page):
    selection = page.session.rows.selection()
    return None if selection is None else selection.rows().tolist()


def test_a_link_opens_the_same_maps_and_rows_where_nothing_was_computed(here, elsewhere):
    page = RandomPage(*here)
    lasso(page)  # on the first map, which is not shown any more in the end
    page.send("rows", "store", which="a")
    project_other_features(page, "sleep", on=True)
    page.send("rows", "map_rows", which="selected")  # a map of these rows, laid onto the second
    page.settle()
    project_other_features(page, "height", on=False)
    shown = page.session.projection.embedding()
    assert shown.provenance["aligned"]["to"]
    now, rows = page.shown(), rows_of(page)
    assert 10 < len(rows) < ROWS

    receiver = RandomPage(*elsewhere, page.session.link())
    assert rows_of(receiver) == rows
    there = receiver.session.projection.embedding()
    np.testing.assert_array_equal(there.xy, shown.xy)
    assert there.provenance["key"] == shown.provenance["key"]
    assert there.provenance["aligned"] == shown.provenance["aligned"]
    assert not differences(now, receiver.shown())
    assert receiver.session.link() == page.session.link()

    # the map above, which nobody has made there
    page.session.projection.show_above(0)
    receiver.session.projection.show_above(0)
    assert not differences(page.shown(), receiver.shown())


def test_a_session_file_opens_the_same_maps_and_rows_where_nothing_was_computed(here, elsewhere):
    page = RandomPage(*here)
    lasso(page)
    page.send("rows", "keep")
    project_other_features(page, "sleep", on=True)
    now = page.shown()
    file = json.loads(json.dumps(plain_json(session_document(page.session))))
    receiver = RandomPage(*elsewhere)
    state, notes = fit_to_table(file, receiver.session.table, receiver.session.resolver)
    assert notes == []
    receiver.act(actions.restore, state=state)
    there = receiver.shown()
    for moment in ("can_undo", "link"):
        now["header"]["header"].pop(moment, None)
        there["header"]["header"].pop(moment, None)
    assert not differences(now, there)
