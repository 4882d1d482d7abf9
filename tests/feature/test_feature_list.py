import base64

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.feature.feature_list import FeatureList
from explorer.profile.counting.histogram import BINS
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture
def told(monkeypatch):
    """Collect what goes to the page outside the parameters."""
    messages = []
    monkeypatch.setattr(FeatureList, "_send_msg", lambda _, message: messages.append(message))
    return messages


@pytest.fixture
def view(session, until, told, open_view, idle):
    made = open_view(FeatureList, session)
    # what is nearly one may be known from before, and comes again
    until(lambda: made._redundancy)
    idle(made)
    return made


def looks(view, told=()):
    """Return what the page knows of each feature: what came with it, then what was sent."""
    found = {}
    for place, look, heights in [
        *view.looks,
        *(one for m in told if m["type"] == "looks" for one in m["looks"]),
    ]:
        found[view.features[place]["name"]] = (
            look,
            np.frombuffer(base64.b64decode(heights), np.uint8),
        )
    return found


def test_there_is_one_entry_a_feature_in_table_order_with_forty_heights(view, people):
    assert [entry["name"] for entry in view.features] == people.column_names
    found = looks(view)
    assert set(found) == set(people.column_names)
    for name, (look, row) in found.items():
        assert row.size == BINS == 40
        assert not row[look["bins"] :].any()
        if look["bins"]:
            assert row.max() == 255
            summary = people.summaries[name]
            counts = (
                summary.histogram.counts
                if summary.histogram
                else [count for _, count in summary.levels[:BINS]]
            )
            assert ((row[: look["bins"]] > 0) == (np.array(counts) > 0)).all()


def test_what_cannot_be_projected_cannot_be_ticked_and_says_why(view, told):
    found = looks(view, told)
    chips = {name: [chip["text"] for chip in look["chips"]] for name, (look, _) in found.items()}
    assert {name for name, (look, _) in found.items() if not look["usable"]} == {
        "person_id",
        "flat",
        "flat_too",
        "nothing",
    }
    assert chips["flat"] == ["constant"]
    assert chips["nothing"] == ["all missing"]
    assert "3 infinite" in chips["boundless"]
    assert chips["person_id"] == ["identifier"]
    assert chips["height"][0] == "r 1.00 stature"


def test_keys_to_sort_by_are_those_of_the_profiles(view, people):
    for name, (look, _) in looks(view).items():
        profile = people.profiles.get(name)
        assert look["missing"] == people.summaries[name].missing_share
        assert look["grade"] == (profile.gaussian.grade if profile.gaussian else None)
        if profile.outliers is None:
            assert look["outliers"] is None
        elif profile.outliers.far_range is not None:
            assert look["outliers"] == profile.outliers.far_rate
    assert looks(view)["pulse"][0]["gaussian"] is not None


def test_features_that_come_later_are_sent_once_and_those_in_sight_are_asked_for_first(
    view, people, told, monkeypatch, until, send
):
    asked = []
    monkeypatch.setattr(people.profiles, "prefer", lambda names: asked.append(list(names)))
    send(view, "visible", names=["age", "no such feature", "weight"])
    until(lambda: asked == [["age", "weight"]])
    view.looks = view.looks[:3]
    told.clear()
    send(view, "ready")
    partners = {
        place for place, name in enumerate(people.column_names) if name in view._redundancy.partners
    }
    wanted = partners | set(range(len(people.column_names))) - {place for place, *_ in view.looks}
    until(
        lambda: (
            sum(len(message["looks"]) for message in told if message["type"] == "looks")
            == len(wanted)
        )
    )


def test_a_click_looks_at_a_feature_and_arrows_stay_on_the_tab(view, session, send):
    send(view, "look", name="age", tab=None)
    assert (session.state.document.feature, session.state.document.tab) == ("age", "Map")
    send(view, "look", name="weight")
    assert (view.current, session.state.document.tab) == ("weight", "Feature")


def test_many_are_ticked_in_one_step(view, session, send):
    send(view, "tick_many", names=["age", "sleep", "no such feature"], on=True)
    assert view.ticked == ["height", "weight", "pulse", "age", "sleep"]
    send(view, "tick_many", names=["height", "age"], on=False)
    assert view.ticked == ["weight", "pulse", "sleep"]
    send(view, "tick_many", names=["age"], on=True, only=True)
    assert view.ticked == ["age"]
    session.state.undo()
    assert view.ticked == ["weight", "pulse", "sleep"]


def test_the_selection_is_counted_in_the_strips_in_sight(view, session, people, told, until, send):
    session.state.act(actions.select, selection={"expression": "age > 40"})
    told.clear()
    send(view, "visible", names=["age", "city"])
    until(lambda: len([m for m in told if m["type"] == "part"]) >= 2)
    part = next(
        m for m in told if m["type"] == "part" and view.features[m["place"]]["name"] == "age"
    )
    heights = np.frombuffer(base64.b64decode(part["heights"]), np.uint8)
    ages, edges = people.columns.numbers("age"), people.summaries["age"].histogram.edges
    chosen = np.histogram(ages[ages > 40], edges)[0]
    assert ((heights[BINS : BINS + len(chosen)] > 0) == (chosen > 0)).all()


def test_orders_that_must_be_computed_come_with_words(view, session, told, until, send):
    def keys():
        return next((m for m in told if m["type"] == "keys"), None)

    send(view, "order", key="difference")
    until(keys)
    assert keys()["words"].startswith("select rows first")
    told.clear()
    session.state.act(actions.select, selection={"expression": "age > 40"})
    send(view, "order", key="difference")
    until(keys)
    assert max(keys()["values"], key=keys()["values"].get) == "age"
    told.clear()
    send(view, "order", key="relevance", target="height")
    until(keys)
    assert max(keys()["values"], key=keys()["values"].get) == "stature"
    assert "stature" in keys()["words"].partition("reveals it")[2]


def test_the_order_is_in_the_link_and_follows_the_selection(
    view, session, new_session, told, until, send, open_view
):
    def words():
        return [message["words"] for message in told if message["type"] == "keys"]

    send(view, "order", key="difference")
    until(words)
    told.clear()
    session.state.act(actions.select, selection={"expression": "age > 40"})
    until(words)  # nobody asked again
    assert not words()[0].startswith("select rows first")
    other = open_view(FeatureList, new_session(session.link()))
    assert other.order == view.order == {"order": "difference", "target": None}


def test_how_the_set_stood_before_a_tick_is_not_shown_after_it(session, until, told, send):
    late = []
    view = FeatureList(session, late.append)
    session.listen(view.refresh)
    late.clear()
    view.refresh(
        frozenset({"reviews"})
    )  # somebody else has judged: the line is written in a thread
    until(lambda: any(getattr(call, "func", None) == view._statuses._bring for call in late))
    send(view, "tick_many", names=["age"], on=True, only=True)
    for call in late:
        call()
    assert view.status["line"].startswith("1 of ")


def test_looks_wait_for_the_message_before_them_and_go_together(
    session, until, told, people, monkeypatch
):
    late = []
    view = FeatureList(session, late.append)

    def ready():
        return [call for call in late if getattr(call, "func", None) == view._sender._bring]

    sent = []  # by this page: others look at the same table
    monkeypatch.setattr(view, "_send_msg", sent.append)
    for name in people.column_names:
        people.profiles.relabel(people.features[name])
        until(lambda: not view._sender.busy)
    # a page that is busy has one message to work off, not one for each feature
    assert len(ready()) == 1
    for _ in range(2):
        until(ready)
        message = ready()[0]
        late.remove(message)
        message()
    until(lambda: not view._sender.busy)
    assert not ready()
    places = [place for message in sent for place, *_ in message["looks"]]
    assert sorted(places) == list(range(len(people.column_names)))


def test_ticks_reach_the_state_and_come_back(view, session, send):
    send(view, "tick", name="age", on=True)
    send(view, "tick", name="height", on=False)
    assert list(session.state.document.features) == view.ticked == ["weight", "pulse", "age"]
    assert view.status["edits"] == "2 edits"
    session.state.undo()
    assert view.ticked == ["height", "weight", "pulse", "age"]


def test_policy_and_method_reach_the_state(view, session, send):
    send(view, "policy", scale="robust")
    send(view, "policy", missing="drop")
    send(view, "method", name="pca")
    document = session.state.document
    assert (
        document.policy.scale,
        document.policy.missing,
        document.method.name,
    ) == (
        "robust",
        "drop",
        "pca",
    )
    assert (view.status["scale"], view.status["missing"], view.status["method"]) == (
        "robust",
        "drop",
        "pca",
    )
    send(view, "method", name="umap")
    assert session.state.document.method == session.start.method


def test_project_asks_the_queue(view, session, fake_queue, send):
    send(view, "tick", name="age", on=True)
    send(view, "project")
    assert fake_queue.jobs[-1].specs[0].matrix.features == ("height", "weight", "pulse", "age")
    assert view.status["edits"] == ""


def test_what_cannot_be_projected_is_said_and_unticked_by_one_click(
    view, session, fake_queue, send
):
    for name in ("boundless", "nothing"):
        send(view, "tick", name=name, on=True)
    assert view.status["no_map"]
    assert view.status["untick"] == 2
    assert "boundless: 3 infinite values; nothing: all missing" in view.status["warning"]
    send(view, "project")
    assert len(fake_queue.jobs) == 1
    send(view, "untick")
    assert view.ticked == ["height", "weight", "pulse"]
    assert not view.status["no_map"]


def test_the_ready_sets_leave_out_what_would_be_refused(view, session, send):
    send(view, "set", key="all")
    assert set(view.ticked) == {
        "height",
        "weight",
        "pulse",
        "sleep",
        "age",
        "member",
        "vector",
    }
    assert (view.status["name"], view.status["set"]) == ("All usable features", "all")
    assert not view.status["no_map"]
    send(view, "set", key="start")
    assert view.ticked == list(session.start.features)


def test_the_sets_say_how_many_columns_are_left_out_and_why(view):
    buttons = {entry["key"]: entry for entry in view.status["sets"]}
    assert (buttons["start"]["label"], buttons["all"]["label"]) == ("chosen · 3", "all usable · 7")
    assert buttons["all"]["title"] == (
        "9 left out: 2 constant, 1 category, 1 time, 1 identifier, 1 all missing, 1 over 40 % "
        "missing, 1 duplicate, 1 with infinite values."
    )


def test_filters_are_said_not_to_narrow_the_map(view, session):
    words = "all 600 rows, filters do not change the map"
    assert words not in view.status["line"]
    session.state.act(actions.add_filter, id="a", column="age", range=[20, 30])
    assert view.status["line"].endswith(f" · {words}")
    session.state.act(actions.switch_filter, id="a", on=False)
    assert words not in view.status["line"]


def test_numbers_as_text_are_shown_as_read_once_ticked(fake_queue, send, open_view):
    table = explorer.open_table(
        pd.DataFrame({"gross": [f"{n:,}" for n in range(1000, 1900, 3)], "rank": range(300)})
    )
    session = Session(table, fake_queue, {"features": ["rank"]})
    view = open_view(FeatureList, session)
    (chip,) = [chip for chip in view.looks[0][1]["chips"] if chip["text"] == "numbers as text"]
    assert chip["as_number"] == "read as number"
    assert view.as_numbers == []
    send(view, "tick", name="gross", on=True)
    assert view.as_numbers == ["gross"]
    send(view, "tick", name="gross", on=False)
    assert view.as_numbers == []


def test_a_table_of_one_row_says_once_why_there_is_no_map(fake_queue, at_once):
    session = Session(
        explorer.open_table(pd.DataFrame({"a": [1.0]})),
        fake_queue,
        {"features": []},
        reasons=["No feature was picked"],
    )
    session.projection.open()
    status = FeatureList(session, at_once).status
    assert (
        status["line"]
        == session.projection.nothing_to_project
        == "This table has 1 row: a map needs at least 2."
    )
    assert (status["warning"], status["as_opened"], status["sets"], status["no_map"]) == (
        "",
        False,
        [],
        status["line"],
    )


def test_no_feature_is_no_projection(view, send):
    for name in list(view.ticked):
        send(view, "tick", name=name, on=False)
    assert view.status["no_map"]
    send(view, "project")
    status = view.status
    assert (status["line"], status["warning"]) == ("Tick at least one feature to project.", "")


def test_colour_reaches_the_state_and_a_vector_is_refused_in_words(view, session, send):
    send(view, "color", name="city")
    assert session.state.document.color.column == view.color == "city"
    send(view, "color", name="vector")
    assert view.color == "city"
    assert "no single value for each row" in view.status["warning"]
    send(view, "color", name=None)
    assert view.color is None


def test_the_line_names_ticks_and_cost(view, send):
    assert view.status["line"].startswith("3 of 16 ticked · ")
    send(view, "tick", name="stature", on=True)
    assert view.status["warning"] == "2 of them are near-duplicates: height, stature"


def test_neighbours_in_a_block_are_no_near_duplicates_to_be_warned_of(
    fake_queue, open_view, told, until, idle
):
    base = np.random.default_rng(0).normal(size=300)
    frame = pd.DataFrame({f"wave_{k}": base + k for k in range(400, 410)})
    table = explorer.open_table(frame.assign(height=base**3, tall=base**3 + 1))
    names = [*table.column_blocks[0].columns]
    session = Session(table, fake_queue, {"features": names})
    view = open_view(FeatureList, session)
    until(lambda: view._redundancy)
    idle(view)
    assert view.status["warning"] == ""
    session.state.act(actions.set_features, names=[*names, "height", "tall"])
    assert view.status["warning"].startswith("2 of them are near-duplicates: ")


def test_a_target_ticked_by_hand_is_warned_of_and_unticked_in_one_click(fake_queue, at_once, told):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 2)), columns=["height", "width"])
    frame["event"] = (frame["height"] + rng.normal(0, 0.3, 300) > 0).astype(int)
    table = explorer.open_table(frame)
    session = Session(table, fake_queue, {"features": ["height", "width"]})
    view = FeatureList(session, at_once)
    session.listen(view.refresh)
    entry = next(entry for entry in view.features if entry["name"] == "event")
    assert (entry["role"], entry["role_label"]) == ("target", "Target")
    assert entry["role_reason"]
    assert view.status["roles"] == {}
    view.on_tick("event", on=True)
    assert view.status["roles"]["names"] == ["event"]
    assert view.status["roles"]["text"].startswith("event is marked as target.")
    view.on_tick_many(["event"], on=False)
    assert view.status["roles"] == {}


def test_of_what_a_table_opens_with_nobody_is_warned_until_its_role_is_another(
    fake_queue, at_once, told, tmp_path, monkeypatch
):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    rng = np.random.default_rng(0)
    table = explorer.open_table(
        pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"]), roles={"a": "target"}
    )
    session = Session(table, fake_queue, {"features": ["a", "b"]})
    view = FeatureList(session, at_once)
    session.listen(view.refresh)
    assert view.status["roles"] == {}
    session.edit_feature("b", "role", "identifier")
    assert view.status["roles"]["names"] == ["b"]
