import base64
import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.compare.page import TAB, ComparePage
from explorer.state import actions


@pytest.fixture
def view(session, until, monkeypatch, tmp_path, open_view):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    made = open_view(ComparePage, session)
    session.state.act(actions.set_tab, name=TAB)
    until(lambda: made.groups)
    return made


@pytest.fixture
def compared(view, session, until, send):
    session.state.act(actions.select, selection={"expression": "height > 3"})
    send(view, "compare")
    until(lambda: view.result and view.detail)
    return view


def line(view, name):
    return next(row for row in view.result["rows"] if row["name"] == name)


def test_nothing_is_read_before_somebody_looks(session, open_view):
    made = open_view(ComparePage, session)
    session.state.act(actions.select, selection={"expression": "height > 3"})
    assert (made.groups, made.asked, made.result, made.kept) == ({}, {}, {}, [])


def test_a_comparison_lists_every_feature_and_shows_the_first(compared, session):
    assert {row["name"] for row in compared.result["rows"]} == set(session.table.column_names)
    assert (compared.busy, compared.error) == ({}, "")
    first = compared.result["rows"][0]
    assert first["seen"] == "made the group"
    assert line(compared, "weight")["seen"].startswith(
        "R² ."
    )  # height and weight follow from the same group of people
    assert any(row["p_words"] for row in compared.result["rows"])
    assert line(compared, "stature")["seen"].endswith("with height, which made the group")
    assert line(compared, "height")["p"] is None
    assert line(compared, "height")["block"] == ""
    # the largest effect, though it was used to define the group
    assert compared.detail["name"] == compared.result["rows"][0]["name"]
    json.dumps([compared.result, compared.detail], allow_nan=False)


@pytest.mark.parametrize(
    "name", ["weight", "city", "member", "since", "nothing", "person_id", "vector", "boundless"]
)
def test_a_click_shows_a_feature_in_both_groups_and_colours_the_map(
    compared, session, until, name, send
):
    send(compared, "look", name=name)
    until(lambda: compared.detail["name"] == name)
    json.dumps(compared.detail, allow_nan=False)
    if name == "weight":
        assert max(compared.detail["bars"]["a"]) > 0
        assert [row[0] for row in compared.detail["figures"]][:5] == [
            "Cliff's δ",
            "AUC",
            "means, in sd",
            "Kolmogorov D",
            "W₁, in sd",
        ]
        assert session.state.document.color.column == "weight"
    if name == "city":
        assert compared.detail["levels"]


def test_the_button_beside_the_rows_starts_it(view, session, until):
    session.state.act(actions.select, selection={"expression": "height > 3"})
    session.notify("ask", 1)
    until(lambda: view.result)
    session.notify("ask", 1)
    assert view.busy == {}


def test_what_cannot_be_compared_is_said_and_what_is_shown_stays(compared, session, until, send):
    shown = compared.result
    session.rows.clear_selection()
    send(compared, "compare")
    until(lambda: compared.error)
    assert "select rows" in compared.error
    assert compared.result == shown


def test_margin_unit_and_adjust_compare_again(compared, session, until, send):
    send(compared, "set", margin=0.3)
    until(lambda: compared.result["margin"] == ".3")
    send(compared, "set", adjust="age")
    until(lambda: compared.result["adjust"] == "age")
    assert line(compared, "weight")["symbol"] == "δ within"
    send(compared, "set", margin=2)
    assert "margin must be" in compared.error
    assert session.state.document.compare.margin == 0.3


def test_undo_compares_again_by_the_unit_that_is_shown(compared, session, until, send):
    send(compared, "set", unit="member")
    until(lambda: compared.result["unit"] == "member" and not compared.busy)
    session.state.undo()
    until(lambda: compared.result["unit"] == "" and not compared.busy)
    session.state.act(actions.set_tab, name="Map")
    session.state.act(actions.set_compare, unit="member")
    session.state.act(actions.set_tab, name=TAB)
    until(lambda: compared.result["unit"] == "member")


def test_comparisons_are_kept_and_opened_again(compared, session, until, send):
    first = compared.result
    session.state.act(actions.select, selection={"expression": "age > 50"})
    send(compared, "compare")
    until(
        lambda: compared.result["name"] == "age > 50 against the rest" and len(compared.kept) == 2
    )
    assert compared.kept[0]["ago"] == "just now"
    session.rows.clear_selection()
    send(compared, "open", key=first["key"])
    assert {**compared.result, "run": 0} == {**first, "run": 0}
    until(lambda: compared.detail["name"] == first["rows"][0]["name"])
    assert "error" not in compared.detail["bars"]
    send(compared, "open", key="gone")
    assert "compare again" in compared.error


def test_a_link_shows_the_same_comparison_and_feature_also_where_it_was_not_kept(
    compared, session, new_session, open_view, until, send, monkeypatch, tmp_path
):
    send(compared, "look", name="weight")
    until(lambda: compared.detail["name"] == "weight")
    key = session.state.document.comparison.key
    here = open_view(ComparePage, new_session(session.link()))
    until(lambda: here.result and here.detail)
    assert (here.result["key"], here.detail) == (key, compared.detail)
    assert [kept["key"] for kept in here.kept] == [key]
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "elsewhere"))
    away = open_view(ComparePage, new_session(session.link()))
    until(lambda: away.result and away.detail and not away.busy)
    assert away.detail == compared.detail
    assert away.result["rows"] == compared.result["rows"]


def test_a_session_without_a_comparison_shows_none(compared, session):
    session.state.act(actions.restore, state=session.start)
    session.state.act(actions.set_tab, name=TAB)
    assert (compared.result, compared.detail) == ({}, {})


def test_a_comparison_can_be_saved_in_three_forms(compared, send):
    def saved(form):
        send(compared, "save", form=form)
        assert compared.saved["name"] == f"comparison.{form}"
        return base64.b64decode(compared.saved["data"].split(",")[1])

    names = [row["name"] for row in compared.result["rows"]]
    assert pd.read_csv(io.BytesIO(saved("csv")))["feature"].tolist() == names
    assert pq.read_table(io.BytesIO(saved("parquet")))["feature"].to_pylist() == names
    assert [row["feature"] for row in json.loads(saved("json"))["rows"]] == names


def test_a_running_comparison_can_be_cancelled(view, session, monkeypatch, until, send, idle):
    session.state.act(actions.select, selection={"expression": "height > 3"})
    asked = []

    def compare(progress, preview=None):
        from projections.errors import report

        send(view, "cancel")
        asked.append(True)
        report(progress, "compare", 1, 2)
        raise AssertionError("went on")

    monkeypatch.setattr(view._groups, "compare", compare)
    send(view, "compare")
    until(lambda: asked)
    idle(view)
    assert (view.busy, view.result, view.error) == ({}, {}, "")


def test_the_map_can_be_made_without_a_feature(compared, session, fake_queue, send):
    send(compared, "without", name="weight")
    assert session.state.document.features == ("height", "pulse")
    assert session.state.document.tab == "Map"
    assert fake_queue.jobs[-1].specs[0].matrix.features == ("height", "pulse")
    send(compared, "without", name="age")
    assert "not among the features of the map" in compared.error


@pytest.fixture
def long(view, session, monkeypatch):
    """A table that counts as a long one, in columns and in random rows."""
    from explorer.compare import compute as comparing
    from explorer.compare import group_sample
    from explorer.table import row_sample

    for module, name, value in (
        (comparing, "_SORTED_CELLS", 0),
        (comparing, "_COUNTED_CELLS", 0),
        (comparing, "ENOUGH", 30),
        (group_sample, "_OWN", 40),
        (row_sample, "_MOST_ROWS", 200),
        (row_sample, "_FEWEST_ROWS", 200),
    ):
        monkeypatch.setattr(module, name, value)
    session.table.columns.results.forget("sample", "steps")
    yield view
    session.table.columns.results.forget("sample", "steps")


def watched(view, name):
    seen = []
    view.param.watch(lambda event: seen.append(event.new), name)
    return seen


def test_a_long_table_shows_the_order_of_a_sample_then_all_rows(long, session, until, send):
    shown, busy = watched(long, "result"), watched(long, "busy")
    session.state.act(actions.select, selection={"expression": "height > 3"})
    send(long, "compare")
    until(lambda: long.result.get("key") and long.kept)
    first, *more, last = shown  # on a slow machine rows of all the table are shown as they come
    assert [bool(one["key"]) for one in (first, *more, last)] == [*[False] * (1 + len(more)), True]
    assert first["notes"][-1].startswith("order from a random sample of ")
    assert "drawn at random" in first["method"]
    assert first["sampled"] == len(first["rows"])
    assert all(
        row["sampled"] and not row["exact"] and "random sample" in row["note"]
        for row in first["rows"]
    )
    assert (last["sampled"], last["notes"]) == (0, [])
    assert all(row["exact"] for row in last["rows"])
    assert {row["name"] for row in first["rows"]} == {row["name"] for row in last["rows"]}
    assert len(long.kept) == 1
    json.dumps(shown, allow_nan=False)
    assert busy[0]["words"] == ""


def test_a_comparison_stopped_after_its_sample_keeps_the_sample(
    long, session, until, monkeypatch, send, idle
):
    preview = long._preview

    def stop(turn, name, found):
        preview(turn, name, found)
        send(long, "cancel")

    monkeypatch.setattr(long, "_preview", stop)
    session.state.act(actions.select, selection={"expression": "height > 3"})
    send(long, "compare")
    until(lambda: long.kept)
    idle(long)
    assert long.result["notes"][-1] == "stopped before all rows were compared"
    assert long.result["sampled"] == len(long.result["rows"])
    assert (long.busy, long.error) == ({}, "")
    key = long.result["key"]
    assert key == long.kept[0]["key"]
    send(long, "open", key=key)
    assert long.result["sampled"] == len(long.result["rows"])


def test_figures_of_all_rows_take_their_places_among_those_of_the_sample(
    long, session, until, monkeypatch, send, idle
):
    from explorer.compare import previews

    monkeypatch.setattr(previews, "_SECONDS", 0.0)
    shown = watched(long, "result")
    session.state.act(actions.select, selection={"expression": "height > 3"})
    send(long, "compare")
    until(lambda: shown)
    send(long, "look", name="pulse")
    until(lambda: long.result.get("key"))
    idle(long)
    sampled = [one["sampled"] for one in shown]
    assert sampled == sorted(sampled, reverse=True)
    assert len(set(sampled)) > 5
    total = len(shown[0]["rows"])
    assert f"3 of {total} features are computed from all rows so far" in shown[3]["notes"]
    assert long.detail["name"] == "pulse"  # what somebody looks at stays
    assert "random sample" not in long.detail["note"]
