"""The map without a browser: requests in, frames, cards and selections out."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from explorer.maps.viewport import Viewport
from explorer.views.map_canvas import MapCanvas

VIEW = {
    "seq": 1, "moving": False, "keep": True, "x_range": [-4.0, 4.0], "y_range": [-2.0, 2.0],
    "x_view": [-3.0, 3.0], "y_view": [-1.5, 1.5], "width": 80, "height": 40,
}  # fmt: skip


@pytest.fixture
def view(session, at_once, until):
    made = MapCanvas(session, at_once)
    session.listen(made.refresh)
    until(lambda: made.overlay)
    return made


def send(view, kind, **message):
    view._handle_msg({"type": kind, **message})


@pytest.fixture
def look(view, until):
    """Ask for a frame and wait for it."""

    def ask(**changes):
        before = view.frame_info.get("id", 0)
        send(view, "view", **{**VIEW, **changes})
        until(lambda: view.frame_info.get("id", 0) > before and not view._frames._busy)
        return view.frame_info

    return ask


def test_a_frame_covers_what_was_asked_for_with_row_0_at_the_top(view, look, session):
    info = look(seq=7)
    assert (info["seq"], info["width"], info["height"], info["x_range"]) == (7, 80, 40, [-4.0, 4.0])
    pixels = np.frombuffer(view.frame, np.uint8).reshape(40, 80, 4)
    drawn = session.scene.draw(session.map(), Viewport((-4, 4), (-2, 2), 80, 40)).rgba
    np.testing.assert_array_equal(pixels, drawn[::-1])


def test_at_rest_the_account_is_of_what_is_in_sight_and_the_view_is_remembered(view, look, session):
    info = look()
    x, y = session.embedding().xy.T
    seen = int(((np.abs(x) <= 3) & (np.abs(y) <= 1.5)).sum())
    assert info["account"] == {"in_view": seen, "outside": 593 - seen, "hidden": 0}
    assert session.state.document["viewport"] == {"x": [-3.0, 3.0], "y": [-1.5, 1.5]}
    assert look(moving=True, x_view=[-1.0, 1.0])["account"] is None
    assert session.state.document["viewport"]["x"] == [-3.0, 3.0]
    send(view, "whole")
    assert session.state.document["viewport"] is None


def test_a_selection_draws_again(view, look, session, until):
    look()
    before = view.frame
    send(view, "lasso", polygon=[[-2, -2], [2, -2], [2, 2], [-2, 2]], mode="replace")
    until(lambda: view.frame != before)
    x, y = session.embedding().xy.T
    assert session.selection().count() == ((np.abs(x) < 2) & (np.abs(y) < 2)).sum()
    until(lambda: view.overlay["outline"] == [[-2, -2], [2, -2], [2, 2], [-2, 2]])
    send(view, "box", polygon=[[0, 9], [9, 9], [9, 0], [0, 0]], mode="remove")
    quadrant = (x >= 0) & (y >= 0)
    assert session.selection().count() == ((np.abs(x) < 2) & (np.abs(y) < 2) & ~quadrant).sum()
    send(view, "clear")
    assert session.selection() is None


def test_the_counter_adds_up_and_names_what_was_measured(view, session, until):
    until(lambda: "hidden + 7 without coordinates" in str(view.overlay["counter"]))
    account, facts = view.overlay["counter"]
    assert account[0] == "600 = "
    assert [part["count"] for part in account if isinstance(part, dict)] == ["in_view", "outside", "hidden"]
    assert facts == ["3 rows with an imputed cell · of 15 true neighbours 6.0 stay · PCA 3.0"]
    assert "no evidence" in view.overlay["caption"]


def test_the_control_stands_beside_a_umap_and_can_be_shown(view, session, until):
    pca = session.keys()["pca"]
    assert view.overlay["thumbnail"]["key"] == pca
    assert view.overlay["thumbnail"]["label"] == "PCA · 75 % of variance"
    send(view, "embedding", key=pca)
    assert session.shown_key() == pca
    until(lambda: view.overlay["thumbnail"] is None)
    assert view.overlay["caption"] == "PCA: these two directions hold 75 % of the variance."
    assert view.home["turn"] == 2


def test_the_legend_counts_and_hides_levels(view, session, people, until):
    session.color_by("city")
    until(lambda: view.overlay["legend"].get("levels"))
    levels = view.overlay["legend"]["levels"]
    coded = people.levels("city")
    assert [level["count"] for level in levels] == [*coded.counts[:16], coded.counts[16:].sum()]
    assert sum(level["count"] for level in levels) == 600
    assert levels[-1]["label"] == f"{len(coded.labels) - 16} other levels and missing"
    label = coded.labels[2]
    send(view, "level", code=2, alone=False)
    (entry,) = session.state.document["filters"]
    assert entry == {"id": "column:city", "on": True, "rows": {"not": {"column": "city", "levels": [label]}}}
    until(lambda: view.overlay["legend"]["levels"][2]["hidden"])
    assert session.population().count() == 600 - coded.counts[2]
    send(view, "level", code=2, alone=False)
    assert session.state.document["filters"] == []
    send(view, "level", code=2, alone=True)
    (entry,) = session.state.document["filters"]
    assert entry["levels"] == [label]
    send(view, "level", code=2, alone=True)
    assert session.state.document["filters"] == []
    send(view, "level", code=16, alone=True)
    assert session.population().count() == coded.counts[16:].sum()


def test_the_colour_bar_counts_the_values_and_says_what_is_missing(view, session, frame, until):
    session.color_by("pulse")
    until(lambda: view.overlay["legend"].get("note"))
    legend = view.overlay["legend"]
    missing = frame["pulse"].iloc[:593].isna().sum()
    assert f"{missing} without a value, grey" in legend["note"]
    assert 0.95 * (593 - missing) < sum(legend["counts"]) <= 593 - missing
    assert (legend["low"][0], legend["high"][0]) == ("≤", "≥")
    send(view, "color", scale="rank")
    send(view, "color", reverse=True)
    color = session.state.document["color"]
    assert (color["column"], color["scale"], color["reverse"]) == ("pulse", "rank", True)


def test_hover_says_the_row_or_nothing(view, session, until):
    x, y = session.embedding().xy[11].tolist()
    send(view, "hover", x=x, y=y, radius=0.01)
    until(lambda: view.hover.get("title") == "Row 11")
    assert [name for name, _ in view.hover["fields"]] == ["height", "weight", "pulse"]
    send(view, "hover", x=99.0, y=99.0, radius=0.01)
    until(lambda: view.hover == {"turn": 2})


def test_the_picture_is_a_png_of_what_is_in_sight(view, look):
    look()
    send(view, "picture")
    assert view.picture["name"].endswith("-map.png")
    data = base64.b64decode(view.picture["data"].removeprefix("data:image/png;base64,"))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (60, 30)


def test_before_the_first_map_the_page_says_what_is_going_on(new_session, at_once, until, fake_queue):
    session = new_session()
    session.open()
    view = MapCanvas(session, at_once)
    session.listen(view.refresh)
    until(lambda: view.overlay)
    assert view.overlay["message"]["title"] == "Making the first map"
    for kind, message in {
        "view": VIEW,
        "picture": {},
        "box": {"polygon": [[0, 0], [1, 1]], "mode": "replace"},
    }.items():
        send(view, kind, **message)
    assert (view.frame, view.home, session.state.document["selection"]) == (b"", {}, None)
    fake_queue.jobs[0].finish()
    until(lambda: view.overlay.get("embedding") == session.keys()["umap"])
    assert view.home["extent"] == [list(ends) for ends in session.map().extent]


def test_another_view_of_the_state_moves_the_map_but_its_own_does_not(view, look, session):
    look()
    turn = view.home["turn"]
    session.state.act("set_viewport", x_range=[0, 1], y_range=[0, 1])
    assert (view.home["turn"], view.home["view"], view.home["keep"]) == (
        turn + 1,
        {"x": [0, 1], "y": [0, 1]},
        True,
    )


def test_the_tool_is_chosen_by_key(view, session):
    session.tell("tool", "box")
    assert view.tool == "box"


def test_a_map_that_grows_out_of_its_preview_is_shown_whole_unless_somebody_has_zoomed(
    new_session, fake_queue, at_once
):
    session = new_session()
    session.open()
    view = MapCanvas(session, at_once)
    session.listen(view.refresh)
    fake_queue.jobs[0].finish(0, preview=True)
    small = view.home["extent"]
    fake_queue.jobs[0].finish(0)
    assert view.home["extent"] == [list(ends) for ends in session.map().extent] != small
    session.state.act("set_viewport", x_range=[-1.0, 1.0], y_range=[-1.0, 1.0])
    fake_queue.jobs[0].finish(1, preview=True)
    zoomed = view.home
    session.state.act("set_viewport", x_range=[-0.5, 1.0], y_range=[-1.0, 1.0])
    fake_queue.jobs[0].finish(1)
    assert view.home["extent"] == zoomed["extent"]
