"""The map without a browser: requests in, frames, cards and selections out."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from explorer.embedding.lasso_trust import LassoTrust
from explorer.map.paint.palettes import LIGHT, ramp
from explorer.map.paint.picture import flatten
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.map_view.map_badge import trust_badge
from explorer.map_view.selection_trust import SelectionTrust
from explorer.state import actions
from explorer.state.document import Viewport as StateViewport
from explorer.state.filter import Filter

VIEW = {
    "seq": 1, "moving": False, "keep": True, "x_range": [-4.0, 4.0], "y_range": [-2.0, 2.0],
    "x_view": [-3.0, 3.0], "y_view": [-1.5, 1.5], "width": 80, "height": 40,
}  # fmt: skip


@pytest.fixture
def view(session, until, open_view):
    made = open_view(MapCanvas, session)
    until(lambda: made.overlay)
    return made


@pytest.fixture
def look(view, until, send, idle):
    """Ask for a frame and wait for it."""

    def ask(**changes):
        before = view.frame_info.get("id", 0)
        send(view, "view", **{**VIEW, **changes})
        until(lambda: view.frame_info.get("id", 0) > before)
        idle(view)
        return view.frame_info

    return ask


def test_a_frame_covers_what_was_asked_for_with_row_0_at_the_top(view, look, session):
    info = look(seq=7)
    assert (info["seq"], info["width"], info["height"], info["x_range"]) == (7, 80, 40, [-4.0, 4.0])
    drawn = session.scene.draw(session.projection.map(), Viewport((-4, 4), (-2, 2), 80, 40)).rgba
    np.testing.assert_array_equal(pixels_of(view.frame, info), drawn[::-1])
    session.state.act(actions.set_color, column=None)
    info = look(seq=8)
    assert info["form"] == "covered"
    drawn = session.scene.draw(session.projection.map(), Viewport((-4, 4), (-2, 2), 80, 40)).rgba
    np.testing.assert_array_equal(pixels_of(view.frame, info), drawn[::-1])


def pixels_of(data, info):
    """Read a frame as the page does, as `EncodedFrame` describes its bytes."""
    plain = np.frombuffer(zlib.decompress(data) if info["packed"] else data, np.uint8)
    shape = (info["height"], info["width"])
    if info["form"] == "rgba":
        return plain.reshape(*shape, 4)
    table, planes = plain[:1024].reshape(256, 4), plain[1024:].reshape(-1, *shape)
    pixels = table[planes[0]]
    if info["form"] == "covered":
        rim = planes[1] < 255
        pixels[rim, 3] = planes[1][rim]
    return pixels


def test_colours_that_are_chosen_again_are_there_at_once_without_being_sent_again(
    view, look, session, until, idle
):
    first = look()
    plain = view.frame
    session.state.act(actions.set_color, column="age")
    until(lambda: view.frame != plain)
    idle(view)
    coloured, number = view.frame, view.frame_info["id"]
    session.state.act(actions.set_color, column=None)  # nothing waits from here on
    assert (view.frame_info["id"], view.frame_info["again"]) == (number + 1, first["id"])
    assert view.frame_info["form"] == first["form"]
    assert view.frame_info["account"] == first["account"]
    session.state.act(actions.set_color, column="age")
    assert (view.frame_info["again"], view.frame) == (number, coloured)
    # whatever else changes the picture, is drawn
    session.state.act(actions.add_filter, id="f", expression="age > 40")
    until(lambda: view.frame_info["again"] is None and view.frame != coloured)
    assert view.frame_info["account"]["hidden"] > 0


def test_a_page_that_lost_what_it_kept_is_sent_it_anew(view, look):
    first = look()
    again = look()
    assert (first["again"], again["again"]) == (None, first["id"])
    anew = look(anew=True)
    assert (anew["again"], anew["kept"]) == (None, [anew["id"]])


def test_on_a_slow_line_the_same_frame_comes_deflated(view, look):
    info = look()
    plain, before = pixels_of(view.frame, info).copy(), len(view.frame)
    info = look(packed=True, anew=True)
    assert info["packed"]
    assert len(view.frame) < before / 2
    np.testing.assert_array_equal(pixels_of(view.frame, info), plain)


def test_at_rest_the_account_is_of_what_is_in_sight_and_the_view_is_remembered(
    view, look, session, send
):
    info = look()
    x, y = session.projection.embedding().xy.T
    seen = int(((np.abs(x) <= 3) & (np.abs(y) <= 1.5)).sum())
    assert info["account"] == {"in_view": seen, "outside": 593 - seen, "hidden": 0}
    assert session.state.document.viewport == StateViewport(x=(-3.0, 3.0), y=(-1.5, 1.5))
    assert look(moving=True, x_view=[-1.0, 1.0])["account"] is None
    assert session.state.document.viewport.x == (-3.0, 3.0)
    send(view, "whole")
    assert session.state.document.viewport is None


def test_a_selection_draws_again(view, look, session, until, send):
    look()
    before = view.frame
    send(view, "lasso", polygon=[[-2, -2], [2, -2], [2, 2], [-2, 2]], mode="replace")
    until(lambda: view.frame != before)
    x, y = session.projection.embedding().xy.T
    assert session.rows.selection().count() == ((np.abs(x) < 2) & (np.abs(y) < 2)).sum()
    until(lambda: view.overlay["outline"] == [[-2, -2], [2, -2], [2, 2], [-2, 2]])
    send(view, "box", polygon=[[0, 9], [9, 9], [9, 0], [0, 0]], mode="remove")
    quadrant = (x >= 0) & (y >= 0)
    assert session.rows.selection().count() == ((np.abs(x) < 2) & (np.abs(y) < 2) & ~quadrant).sum()
    send(view, "clear")
    assert session.rows.selection() is None


def test_the_counter_adds_up_and_names_what_was_measured(view, session, until):
    until(lambda: "hidden + 7 without coordinates" in str(view.overlay["counter"]))
    account, facts = view.overlay["counter"]
    assert account[0] == "600 = "
    assert [part["count"] for part in account if isinstance(part, dict)] == [
        "in_view",
        "outside",
        "hidden",
    ]
    assert facts == ["3 rows with an imputed cell"]
    assert view.overlay["quality"]["line"] == "Neighbours preserved: 6.0 of 15 (PCA 3.0)"
    assert "Ignore distances" in view.overlay["caption"]


def test_the_control_stands_beside_a_umap_and_can_be_shown(view, session, until, send):
    pca = session.projection.keys()["pca"]
    assert view.overlay["thumbnail"]["key"] == pca
    assert view.overlay["thumbnail"]["label"] == "PCA · 75 % of variance"
    send(view, "embedding", key=pca)
    assert session.projection.shown_key() == pca
    until(lambda: view.overlay["thumbnail"] is None)
    assert view.overlay["caption"] == "PCA: these two directions explain 75 % of the variance."
    assert view.home["turn"] == 2


def test_the_legend_counts_and_hides_levels(view, session, people, until, send):
    session.color_by("city")
    until(lambda: view.overlay["legend"].get("levels"))
    levels = view.overlay["legend"]["levels"]
    coded = people.columns.levels("city")
    assert [level["count"] for level in levels] == [*coded.counts[:16], coded.counts[16:].sum()]
    assert sum(level["count"] for level in levels) == 600
    assert levels[-1]["label"] == f"{len(coded.labels) - 16} other levels and missing"
    label = coded.labels[2]
    send(view, "level", code=2, alone=False)
    (entry,) = session.state.document.filters
    hidden = {"not": {"column": "city", "levels": [label]}}
    assert entry == Filter(id="column:city", rows=hidden)
    until(lambda: view.overlay["legend"]["levels"][2]["hidden"])
    assert session.rows.population().count() == 600 - coded.counts[2]
    send(view, "level", code=2, alone=False)
    assert session.state.document.filters == ()
    send(view, "level", code=2, alone=True)
    (entry,) = session.state.document.filters
    assert entry.levels == (label,)
    send(view, "level", code=2, alone=True)
    assert session.state.document.filters == ()
    send(view, "level", code=16, alone=True)
    assert session.rows.population().count() == coded.counts[16:].sum()


def test_the_colour_bar_counts_the_values_and_says_what_is_missing(
    view, session, frame, until, send
):
    session.color_by("pulse")
    until(lambda: view.overlay["legend"].get("note"))
    legend = view.overlay["legend"]
    missing = frame["pulse"].iloc[:593].isna().sum()
    assert f"{missing} without a value, grey" in legend["note"]
    assert 0.95 * (593 - missing) < sum(legend["counts"]) <= 593 - missing
    assert (legend["low"][0], legend["high"][0]) == ("≤", "≥")
    send(view, "color", scale="rank")
    send(view, "color", reverse=True)
    color = session.state.document.color
    assert (color.column, color.scale, color.reverse) == ("pulse", "rank", True)


def test_the_bars_of_held_ends_count_the_rows_between_them(view, session, frame, until, send):
    session.state.act(actions.set_color, column="age")
    ages = frame["age"].iloc[:593].dropna().to_numpy().astype(np.float32)
    for low, high in ((20, 30), (20.1, 70.3), (-5, 500)):
        send(view, "color", locked=[low, high])
        until(lambda ends=[low, high]: view.overlay["legend"].get("locked") == ends)
        legend = view.overlay["legend"]
        assert legend["counts"] == np.histogram(ages, 36, (low, high))[0].tolist()
        said = [
            int(part.split()[0])
            for part in legend["note"].split(" · ")
            if "grey" not in part and part
        ]
        assert said == [count for count in ((ages < low).sum(), (ages > high).sum()) if count]


def test_a_scale_may_be_around_a_value_and_its_ends_may_be_held(view, session, until, send):
    session.state.act(actions.set_color, column="age")
    until(lambda: view.overlay["legend"]["title"] == "age")
    assert view.overlay["legend"]["palette"] == "viridis"
    # the colours that are drawn, not those of the published palette
    drawn = ramp("viridis", LIGHT)[::15].tolist()
    assert view.overlay["legend"]["stops"] == [f"rgb({r},{g},{b})" for r, g, b in drawn]
    send(view, "color", center=40, palette=None)
    until(lambda: view.overlay["legend"]["center"] == 40)
    legend = view.overlay["legend"]
    assert (legend["palette"], legend["scales"], sum(legend["ends"]) / 2) == (
        "sunset",
        ["linear"],
        40,
    )
    send(view, "color", locked=[20, 30])
    until(lambda: view.overlay["legend"]["locked"] == [20, 30])
    legend = view.overlay["legend"]
    assert legend["ends"] == [20, 30]
    assert legend["low"].startswith("≤")
    assert legend["high"].startswith("≥")
    session.state.act(actions.set_color, column=None)
    until(lambda: view.overlay["legend"].get("density"))
    assert view.overlay["legend"]["ends"] is None


def test_held_colours_of_density_mean_the_same_in_every_frame(view, look, session, until, send):
    session.state.act(actions.set_color, column=None)
    free = look()["ends"]
    send(view, "color", locked=[1, 50], scale="log")
    assert (
        look()["ends"] == look(x_range=[-1.0, 1.0], y_range=[-0.5, 0.5])["ends"] == (1, 50) != free
    )
    before = view.overlay["legend"]
    send(view, "color", locked=[0, 50])  # no log scale begins at 0: it is free then
    until(lambda: view.overlay["legend"] != before)
    assert look()["ends"] != (0, 50)


def test_any_level_of_many_is_found_by_its_name_and_shown_alone(view, session, until, send):
    session.state.act(actions.set_color, column="city")
    until(lambda: view.overlay["legend"]["kind"] == "categorical")
    labels = session.table.columns.levels("city").labels
    send(view, "find_level", text=labels[1][:3].upper())
    until(lambda: view.found_levels)
    found = view.found_levels
    assert found["count"] == sum(labels[1][:3].lower() in label.lower() for label in labels) > 0
    chosen = next(level for level in found["levels"] if level["label"] == labels[1])
    send(view, "one_level", code=chosen["code"], alone=True)
    assert session.rows.column_filter("city").levels == (labels[1],)
    until(lambda: view.found_levels["turn"] > found["turn"])
    send(view, "one_level", code=chosen["code"], alone=True)
    assert session.rows.column_filter("city") is None
    send(view, "find_level", text="no such place")
    until(lambda: view.found_levels["text"] == "no such place")
    assert (view.found_levels["levels"], view.found_levels["count"]) == ([], 0)


def test_hover_says_the_row_or_nothing(view, session, until, send):
    x, y = session.projection.embedding().xy[11].tolist()
    send(view, "hover", x=x, y=y, radius=0.01)
    until(lambda: view.hover.get("title") == "p0011")
    assert [name for name, _ in view.hover["fields"]] == ["height", "weight", "pulse"]
    send(view, "hover", x=99.0, y=99.0, radius=0.01)
    until(lambda: view.hover == {"turn": 2})


ASKED = {"form": "png", "scale": 2, "plain": True, "width": 60, "height": 30}


def test_the_picture_is_a_png_of_what_is_in_sight(view, look, session, until, send):
    look()
    send(view, "picture", **ASKED)
    until(lambda: view.picture)
    assert view.picture["name"].endswith("-map.png")
    drawn = session.scene.draw(
        session.projection.map(), Viewport((-3, 3), (-1.5, 1.5), 120, 60)
    ).rgba[::-1]
    with Image.open(io.BytesIO(view.file)) as picture:
        assert picture.size == (120, 60)
        np.testing.assert_array_equal(
            np.asarray(picture.convert("RGBA")), flatten(drawn, (255, 255, 255))
        )


def test_a_picture_that_cannot_be_is_told(view, look, until, send):
    look()
    send(view, "picture", **{**ASKED, "form": "gif"})
    until(lambda: view.picture)
    assert "png, svg, pdf" in view.picture["trouble"]


def test_before_the_first_map_the_page_says_what_is_going_on(
    new_session, until, fake_queue, send, open_view
):
    session = new_session()
    session.projection.open()
    view = open_view(MapCanvas, session)
    until(lambda: view.overlay)
    assert view.overlay["message"]["title"] == "Making the first map"
    for kind, message in {
        "view": VIEW,
        "picture": ASKED,
        "box": {"polygon": [[0, 0], [1, 1]], "mode": "replace"},
    }.items():
        send(view, kind, **message)
    assert (view.frame, view.home, session.state.document.selection) == (b"", {}, None)
    until(lambda: view.picture)
    assert view.picture["trouble"] == "There is no map yet: save it when it is made."
    fake_queue.jobs[0].finish()
    until(lambda: view.overlay.get("embedding") == session.projection.keys()["umap"])
    assert view.home["extent"] == [list(ends) for ends in session.projection.map().extent]


def test_another_view_of_the_state_moves_the_map_but_its_own_does_not(view, look, session):
    look()
    turn = view.home["turn"]
    session.state.act(actions.set_viewport, x_range=[0, 1], y_range=[0, 1])
    assert (view.home["turn"], view.home["view"], view.home["keep"]) == (
        turn + 1,
        {"x": [0, 1], "y": [0, 1]},
        True,
    )


def test_a_page_that_still_waits_for_its_map_is_brought_it_again(
    view, session, new_session, at_once, fake_queue, send
):
    before = view.home["turn"]
    send(view, "ready")
    assert view.home == {
        **view.home,
        "turn": before + 1,
        "extent": [list(ends) for ends in session.projection.map().extent],
    }
    empty = MapCanvas(new_session(), at_once)
    send(empty, "ready")
    assert empty.home == {}


def test_the_tool_is_chosen_by_key(view, session):
    session.notify("tool", "box")
    assert view.tool == "box"


def test_a_map_that_grows_out_of_its_preview_is_shown_whole_unless_somebody_has_zoomed(
    new_session, fake_queue, open_view
):
    session = new_session()
    session.projection.open()
    view = open_view(MapCanvas, session)
    fake_queue.jobs[0].finish(0, preview=True)
    small = view.home["extent"]
    fake_queue.jobs[0].finish(0)
    assert view.home["extent"] == [list(ends) for ends in session.projection.map().extent] != small
    session.state.act(actions.set_viewport, x_range=[-1.0, 1.0], y_range=[-1.0, 1.0])
    fake_queue.jobs[0].finish(1, preview=True)
    session.state.act(actions.set_viewport, x_range=[-0.5, 1.0], y_range=[-1.0, 1.0])
    fake_queue.jobs[0].finish(1)
    assert view.home["extent"] == [list(ends) for ends in session.projection.map().extent]
    assert (view.home["view"], view.home["keep"]) == ({"x": [-0.5, 1.0], "y": [-1.0, 1.0]}, True)


def test_the_map_is_shown_whole_when_the_whole_is_asked_for_and_after_a_second_map_has_gone(
    view, look, session, until, fake_queue, send, monkeypatch
):
    beside = session.second_map
    monkeypatch.setattr(beside, "extent", lambda: [(-99.0, 99.0)] * 2 if beside.wanted else None)
    first, turn = session.projection.shown_key(), view.home["turn"]
    look(x_view=[0.0, 1.0], y_view=[0.0, 1.0], keep=True)
    session.projection.show(first)  # the same map, from the menu: the whole of it
    assert session.state.document.viewport is None
    assert (view.home["view"], view.home["turn"]) == (None, turn + 1)
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    fake_queue.jobs[-1].finish()
    one = view.home["extent"]
    send(view, "second_map", embedding=first)
    until(lambda: view.home["extent"] == [[-99.0, 99.0]] * 2)
    send(view, "second_map", on=False)
    assert view.home["extent"] == one


def test_a_projection_that_is_cancelled_at_once_leaves_the_view_where_it_was(view, look, session):
    look(x_view=[0.0, 1.0], y_view=[0.0, 1.0], keep=True)
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()  # the page is told to show the whole map, and not yet there
    session.projection.cancel()
    assert session.state.document.viewport is not None
    assert view.home["view"] == {"x": [0.0, 1.0], "y": [0.0, 1.0]}


def test_a_second_map_comes_with_the_frames_and_goes_again(view, look, session, until, send):
    pca = session.projection.keys()["pca"]
    send(view, "second_map", embedding=pca)
    until(lambda: view.second_map.get("embedding") == pca and not view.second_map["message"])
    info = look()
    assert (
        pixels_of(view.frame, info).shape
        == pixels_of(view.second, {**info, **info["second"]}).shape
        == (40, 80, 4)
    )
    assert (
        pixels_of(view.frame, info).tobytes()
        != pixels_of(view.second, {**info, **info["second"]}).tobytes()
    )
    send(view, "second_map", column="city")
    until(lambda: (view.second_map["legend"] or {}).get("title") == "city")
    assert view.second_map["legend"]["fixed"]
    send(view, "box", polygon=[[-9, -9], [9, 9]], mode="replace", pane=1)
    assert (
        session.state.document.selection["embedding"]
        == session.second_map.key
        != session.projection.shown_key()
    )
    until(lambda: view.second_map["outline"])
    session.state.act(actions.look_at_row, row=3)
    until(lambda: len(view.mark["places"]) == 2)
    assert view.mark["places"][0] != view.mark["places"][1]
    send(view, "layer", name="change")
    until(lambda: view.overlay["legend"]["title"] == "Changed neighbours")
    send(view, "second_map", on=False)
    until(lambda: view.second_map == {} and view.overlay["legend"]["title"] != "Changed neighbours")
    assert look()["second"] is None
    assert view.second == b""


def test_trust_takes_the_place_of_the_colours_and_has_a_legend_without_controls(
    view, session, until, send
):
    send(view, "layer", name="trust")
    until(lambda: view.overlay["legend"]["title"] == "Trust in the map")
    assert view.overlay["legend"]["fixed"]
    assert view.overlay["layers"] == [{"name": "trust", "on": True, "why_not": ""}]
    send(view, "layer", name=None)
    until(lambda: not view.overlay["layers"][0]["on"])


def test_what_was_drawn_around_is_judged_and_what_was_not_is_not(
    view, session, until, monkeypatch, send
):
    apart = LassoTrust(verdict="apart", words="as many as by chance")
    monkeypatch.setattr(SelectionTrust, "judge", lambda _, wanted: apart if wanted() else None)
    send(view, "box", polygon=[[-1, -1], [1, 1]], mode="replace")
    until(lambda: view.trusted)
    assert view.trusted == {
        "verdict": "apart",
        "short": "⚠ not neighbours in the features",
        "words": "as many as by chance",
    }
    session.state.act(actions.select, selection={"expression": "age > 30"})
    until(lambda: view.trusted == {})


def test_no_badge_is_shown_where_nothing_can_be_said():
    assert trust_badge(None) == trust_badge(LassoTrust(verdict="", words="no features")) == {}
    assert trust_badge(LassoTrust(verdict="scattered", words="no region")) == {}


def test_a_level_of_the_legend_is_selected_and_added(view, session, people, frame, send):
    send(view, "pick", code=0, mode="replace")
    assert session.state.document.selection is None  # coloured by density
    session.color_by("city")
    first, second = people.columns.levels("city").labels[:2]
    send(view, "pick", code=0, mode="replace")
    np.testing.assert_array_equal(session.rows.selection().mask, frame["city"] == first)
    send(view, "pick", code=1, mode="add")
    np.testing.assert_array_equal(
        session.rows.selection().mask, frame["city"].isin([first, second])
    )
