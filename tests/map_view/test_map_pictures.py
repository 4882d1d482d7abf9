"""Pictures of rows on the map, in the hover, in the row card and beside an explanation."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.map_view.map_pictures import MapPictures
from explorer.rows.row_card import RowCard
from explorer.session.rows.row_pictures import RowPictures
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture(scope="module")
def images():
    pixels = np.random.default_rng(0).integers(0, 17, (90, 64))
    names = [f"pixel_{i}_{j}" for i in range(8) for j in range(8)]
    return explorer.open_table(pd.DataFrame(pixels, columns=names).assign(kind=["a", "b"] * 45))


@pytest.fixture
def session(images, fake_queue):
    opened = Session(images, fake_queue, {"features": ["pixel_2_2", "pixel_3_3", "pixel_4_4"]})
    opened.projection.open()
    fake_queue.jobs[-1].finish()
    return opened


def around(session, rows=0):
    """Return the least viewport that holds so many rows, those of the least x; 0: all."""
    xy = session.projection.embedding().xy.astype(float)
    x = np.sort(xy[:, 0])
    ends = (float(xy[:, 1].min()), float(xy[:, 1].max()))
    return Viewport((float(x[0]), float(x[rows - 1])), ends, 400, 400)


def test_the_rows_in_sight_have_pictures_where_they_are_few(session):
    pictures = MapPictures(session)
    assert pictures.read(around(session, 61)) == {}
    shown = pictures.read(around(session, 60))
    assert shown["size"] == [48, 48]
    embedding = session.projection.embedding()
    order = np.argsort(embedding.xy[:, 0])[:60]
    assert {row for row, *_ in shown["items"]} == set(embedding.rows[order].tolist())
    kept = session.part(RowPictures)
    for row, x, y, address in shown["items"]:
        place = embedding.xy[np.searchsorted(embedding.rows, row)]
        np.testing.assert_allclose(place, (x, y), rtol=1e-5, atol=1e-5)
        assert address == kept.read([row])[row]


def test_rows_that_a_filter_hides_have_no_picture(session):
    session.state.act(actions.add_filter, id="expression:kind = 'a'", expression="kind = 'a'")
    items = MapPictures(session).read(around(session))["items"]
    rows = session.projection.embedding().rows
    assert sorted(row for row, *_ in items) == rows[rows % 2 == 0].tolist()


def test_pictures_come_with_a_frame_at_rest_and_go_when_many_rows_are_in_sight(
    session, open_view, send, until
):
    view = open_view(MapCanvas, session)
    assert view.has_pictures

    def look(sight, seq):
        ends = {"x_range": sight.x_range, "y_range": sight.y_range}
        inner = {"x_view": sight.x_range, "y_view": sight.y_range, "width": 90, "height": 90}
        send(view, "view", seq=seq, moving=False, keep=True, **ends, **inner)

    look(around(session, 20), 1)
    until(lambda: len(view.pictures.get("items", [])) == 20)
    look(around(session), 2)
    until(lambda: view.pictures == {})


def test_the_row_under_the_pointer_the_row_card_and_examples_have_the_picture(
    session, open_view, send, until
):
    view = open_view(MapCanvas, session)
    picture = session.part(RowPictures).read([4])[4]
    x, y = session.projection.embedding().xy[4].astype(float).tolist()
    send(view, "hover", x=x, y=y, radius=1e-6)
    until(lambda: view.hover.get("title") == "Row 4")
    assert view.hover["picture"] == picture
    assert view.hover["fields"] == [["kind", "a"]]  # and none of its pixels

    session.state.act(actions.look_at_row, row=4)
    card = open_view(RowCard, session)
    until(lambda: card.card.get("row") == 4)
    assert card.card["pixels"] == picture
    last = card.card["groups"][-1]
    assert (last["name"], last["block"], len(last["fields"])) == (
        "pixel_0_0 … pixel_7_7",
        True,
        64,
    )

    selection = {"expression": "pixel_2_2 > 8"}
    session.state.act(actions.select, selection=selection)
    until(lambda: view.explanation.get("complete"))
    rows = {str(row) for row, _ in (*view.explanation["typical"], *view.explanation["edge"])}
    assert set(view.explanation["pictures"]) == rows
    assert rows
